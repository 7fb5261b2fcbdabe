"""What a workbook says of its cells beside their values. Standard library only.

A cell in per cent holds 0.3 and shows 30 %: the value alone does not tell, its number format does.
A formula that failed shows #REF!, and readers of values hand out an empty cell. So the file's own
parts are searched: xl/styles.xml for the formats, the tab's part for the cells. Nothing here is
an XML parser: there are no entities to expand. ODS and XLS say it in ways of their own
(supplychain.ods_marks, supplychain.xls_marks).
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from html import unescape

from supplychain import ods_marks, xls_marks

_BUILT_IN = {9, 10}  # 0% and 0.00%, ECMA-376 part 1, 18.8.30
_PART_LIMIT = 32 << 20
_CHUNK = 1 << 20
_TAG = 2_000  # no cell with its formula is longer, where it matters


def cell_marks(content: bytes, index: int) -> Iterator[tuple[int, int, str]]:
    """Row and column, counted from 0, and "%" or the error that is shown, on the tab at `index`.

    Errors are those of XLSX alone. Nothing where the file does not say.
    """
    if not content.startswith(b"PK"):
        yield from ((row, column, "%") for row, column in xls_marks.percent_cells(content, index))
        return
    if b"opendocument.spreadsheet" in content[:200]:
        yield from ((row, column, "%") for row, column in ods_marks.percent_cells(content, index))
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            styles = percent_styles(_part(archive, "xl/styles.xml"))
            part = _part_of(archive, index)
            if part:
                yield from _cells(archive, part, styles)
    except (KeyError, ValueError, OSError, EOFError, zipfile.BadZipFile, zlib.error, RuntimeError):
        return


def percent_styles(styles: str) -> set[int]:
    """The numbers of the cell styles that show per cent.

    >>> sorted(percent_styles('<numFmt numFmtId="164" formatCode="0.0%"/>'
    ...     '<cellXfs><xf numFmtId="0"/><xf numFmtId="9"/><xf numFmtId="164"/></cellXfs>'))
    [1, 2]
    """
    formats = set(_BUILT_IN)
    for tag in re.findall(r"<numFmt\b[^>]*>", styles):
        code, number = _attribute(tag, "formatCode"), _attribute(tag, "numFmtId")
        # A per cent sign in quotes or behind a backslash is mere text.
        if "%" in re.sub(r'"[^"]*"|\\.', "", unescape(code)) and number.isdecimal():
            formats.add(int(number))
    used = re.search(r"<cellXfs\b.*?</cellXfs>", styles, re.DOTALL)
    each = re.findall(r"<xf\b[^>]*>", used[0]) if used else []
    return {
        place for place, tag in enumerate(each) if _attribute(tag, "numFmtId") in map(str, formats)
    }


def _part(archive: zipfile.ZipFile, name: str) -> str:
    with archive.open(name) as part:
        return part.read(_PART_LIMIT).decode("utf-8", "replace")


def _part_of(archive: zipfile.ZipFile, index: int) -> str:
    """The name of a tab's part, by way of its relation."""
    tags = re.findall(r"<sheet\b[^>]*>", _part(archive, "xl/workbook.xml"))
    wanted = _attribute(tags[index], r"\w+:id") if index < len(tags) else ""
    for tag in re.findall(r"<Relationship\b[^>]*>", _part(archive, "xl/_rels/workbook.xml.rels")):
        if wanted and _attribute(tag, "Id") == wanted:
            target = _attribute(tag, "Target")
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return ""


def _cells(archive: zipfile.ZipFile, part: str, styles: set[int]) -> Iterator[tuple[int, int, str]]:
    these = "|".join(str(style) for style in sorted(styles)) or "none"
    tag = re.compile(
        rf'<c\s[^>]*?\b(?:s="(?:{these})"|t="e")[^>]*>(?:<f[^>]*>[^<]*</f>|<f[^>]*/>)?'
        r"(?:<v>(#[^<]{1,20})</v>)?".encode()
    )
    place = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
    rest = b""
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            text, end = rest + chunk, 0
            for found in tag.finditer(text):
                if len(text) - found.end() < _TAG and len(chunk) == _CHUNK:
                    break  # its end may stand in the next piece
                end = found.end()
                at = place.search(found[0])
                if at:
                    shown = found[1].decode("ascii", "replace") if found[1] else "%"
                    yield int(at[2]) - 1, _column(at[1].decode()), shown
            rest = text[max(end, len(text) - 2 * _TAG) :]


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\s{name}="([^"]*)"', tag)
    return found[1] if found else ""
