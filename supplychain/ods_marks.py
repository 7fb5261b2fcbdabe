"""Which cells of an ODS file are in per cent. Standard library only.

A cell in per cent holds 0.3 and says office:value-type="percentage" (ODF 1.2 part 1, 19.385);
readers of values hand out the 0.3. So content.xml is searched, as supplychain.cell_marks does in
XLSX: nothing here is an XML parser, so there are no entities to expand.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator

_PART_LIMIT = 64 << 20
_MOST_REPEATED = 1_000  # a value that is repeated more often is no list of suppliers
_TAB = re.compile(r"<table:table[\s>].*?</table:table>", re.DOTALL)
_ROW = re.compile(r"<table:table-row\b([^>]*?)(?:/>|>(.*?)</table:table-row>)", re.DOTALL)
_CELL = re.compile(r"<table:(?:covered-)?table-cell\b([^>]*)")
_REPEATED = re.compile(r'table:number-(?:rows|columns)-repeated="(\d{1,9})"')


def percent_cells(content: bytes, index: int) -> Iterator[tuple[int, int]]:
    """Row and column, counted from 0, of the cells in per cent on the tab at `index`."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open("content.xml") as part:
            text = part.read(_PART_LIMIT).decode("utf-8", "replace")
    except (KeyError, ValueError, OSError, EOFError, zipfile.BadZipFile, zlib.error, RuntimeError):
        return
    if 'value-type="percentage"' in text:
        yield from cells_of(text, index)


def cells_of(text: str, index: int) -> Iterator[tuple[int, int]]:
    """The same of the text of content.xml.

    >>> row = (
    ...     '<table:table-row><table:table-cell table:number-columns-repeated="2"/>'
    ...     '<table:table-cell office:value-type="percentage"/></table:table-row>'
    ... )
    >>> list(cells_of(f'<table:table table:name="a">{row}{row}</table:table>', 0))
    [(0, 2), (1, 2)]
    """
    row = 0
    tab = next(
        (found[0] for number, found in enumerate(_TAB.finditer(text)) if number == index), ""
    )
    for found in _ROW.finditer(tab):
        times = _times(found[1])
        places = list(_in_percent(found[2] or ""))
        for line in range(row, row + min(times, _MOST_REPEATED)):
            yield from ((line, place) for place in places)
        row += times


def _in_percent(cells: str) -> Iterator[int]:
    column = 0
    for attributes in _CELL.findall(cells):
        times = _times(attributes)
        if 'value-type="percentage"' in attributes:
            yield from range(column, column + min(times, _MOST_REPEATED))
        column += times


def _times(attributes: str) -> int:
    found = _REPEATED.search(attributes)
    return max(1, int(found[1])) if found else 1
