"""Bytes → a table of text cells, whatever firms really send.

CSV in UTF-8 (with or without a mark), UTF-16, CP949 or with leftovers of Latin-1, separated by
comma, semicolon or tab; XLSX, XLS and ODS through calamine (supplychain.workbook). Touches no
database. Says what a file is by its bytes, never by its name.
"""

import codecs
import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from charset_normalizer import from_bytes

from supplychain.errors import (
    NotASpreadsheet,
    SheetEmpty,
    SheetTooDeep,
    SheetTooLarge,
    SheetTooLong,
)
from supplychain.workbook import read_workbook

MEGABYTE = 1 << 20
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_DELIMITERS = ",;\t|"
_LEFTOVER = "supplychain.leftover"
# A table of text never has these; a picture, a PDF or a program does.
_BINARY = bytes([*range(9), *range(14, 27), *range(28, 32)])
_ASCII = bytes(range(128))


@dataclass(frozen=True)
class Limits:
    """How large a sheet may be: bytes as sent, bytes unpacked, rows."""

    megabytes: int = 100
    unpacked_megabytes: int = 400
    rows: int = 500_000


@dataclass(frozen=True)
class Table:
    """Rows of text cells; the first is row 1, as a spreadsheet program counts."""

    rows: list[list[str]]
    kind: str
    encoding: str = ""
    tab: str = ""


def read_table(source: IO[bytes], file: str, tab: str = "", limits: Limits | None = None) -> Table:
    """All rows of a sheet; `file` is its name for messages, `tab` one of a workbook's sheets.

    Raises SheetRefused: NotASpreadsheet, SheetEmpty, SheetTooLarge, SheetTooLong, SheetTooDeep,
    SheetLocked or TabNotFound. At most one byte over the limit is read.
    """
    limits = limits or Limits()
    content = _within(source, file, limits.megabytes)
    if not content.strip(b"\0 \t\r\n"):
        raise SheetEmpty(file=file)
    if content.startswith((_ZIP, _OLE)):
        table = _from_workbook(content, file, tab, limits)
    else:
        table = _from_text(content, file, limits)
    if not any(any(row) for row in table.rows):
        raise SheetEmpty(file=file)
    if len(table.rows) > limits.rows:
        raise SheetTooLong(file=file, limit=limits.rows)
    return table


def _within(source: IO[bytes], file: str, megabytes: int) -> bytes:
    """The bytes, once it is known that they are not too many."""
    limit = megabytes * MEGABYTE
    if source.seekable():
        here = source.tell()
        too_large = source.seek(0, io.SEEK_END) - here > limit
        source.seek(here)
        if too_large:
            raise SheetTooLarge(file=file, limit=megabytes)
    content = source.read(limit + 1)
    if len(content) > limit:
        raise SheetTooLarge(file=file, limit=megabytes)
    return content


def _from_workbook(content: bytes, file: str, tab: str, limits: Limits) -> Table:
    kind = "xls"
    if content.startswith(_ZIP):
        kind = _zip_kind(content, file, limits.unpacked_megabytes * MEGABYTE)
    tab, rows = read_workbook(content, file, tab, limits.rows + 1)
    return Table(rows, kind, tab=tab)


def _zip_kind(content: bytes, file: str, limit: int) -> str:
    """Either xlsx or ods; raises NotASpreadsheet for another archive, SheetTooDeep for a bomb."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:
        raise NotASpreadsheet(file=file) from error
    if unpacked > limit:
        raise SheetTooDeep(file=file)
    if any(name.startswith("xl/") for name in names):
        return "xlsx"
    if "content.xml" in names:
        return "ods"
    raise NotASpreadsheet(file=file)


def _from_text(content: bytes, file: str, limits: Limits) -> Table:
    text, encoding = decode(content, file)
    if text.lstrip()[:1] in ("<", "{", "[", "%"):  # a web page saved as .xls, JSON, PDF
        raise NotASpreadsheet(file=file)
    if "\0" in text:
        raise NotASpreadsheet(file=file)
    delimiter = _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        rows = [[cell.strip() for cell in row] for row in _first(reader, limits.rows + 1)]
    except csv.Error as error:
        raise NotASpreadsheet(file=file) from error
    return Table(rows, "csv", encoding)


def _first(rows: Iterator[list[str]], limit: int) -> Iterator[list[str]]:
    for row, _ in zip(rows, range(limit), strict=False):
        yield row


def _delimiter(text: str) -> str:
    """The separator that cuts most of the first lines into the same number of cells."""
    head = text[:20_000].splitlines()[:20]

    def fit(delimiter: str) -> tuple[int, int]:
        widths = [len(row) for row in csv.reader(head, delimiter=delimiter) if row]
        common = max(set(widths), key=lambda width: (widths.count(width), width), default=1)
        return (common > 1, widths.count(common) * common)

    return max(_DELIMITERS, key=fit)


def decode(content: bytes, file: str) -> tuple[str, str]:
    r"""The text and the encoding that it was in. Single bytes that do not fit are read as Latin-1.

    Raises NotASpreadsheet where the bytes are no text.

    >>> decode("협력사,지역".encode("cp949"), "a.csv")
    ('협력사,지역', 'CP949')
    >>> decode(b"\xef\xbb\xbfC\xc3\xb4te, Gr\xf8nland", "a.csv")
    ('Côte, Grønland', 'UTF-8')
    """
    for mark, name in ((codecs.BOM_UTF16_LE, "UTF-16"), (codecs.BOM_UTF16_BE, "UTF-16")):
        if content.startswith(mark):
            return _strict(content, name, file), name
    if len(content.translate(None, _BINARY)) < len(content):
        raise NotASpreadsheet(file=file)
    if content.startswith(codecs.BOM_UTF8):
        return content.decode("utf-8-sig", _LEFTOVER), "UTF-8"
    for codec, name in (("utf-8", "UTF-8"), ("cp949", "CP949")):
        try:
            text = content.decode(codec)
        except UnicodeDecodeError:
            continue
        if codec == "utf-8" or _is_korean(text):
            return text, name
    return _guessed(content)


def _strict(content: bytes, codec: str, file: str) -> str:
    try:
        return content.decode(codec)
    except UnicodeDecodeError as error:
        raise NotASpreadsheet(file=file) from error


def _is_korean(text: str) -> bool:
    """Whether most of what is not ASCII is Hangul that people write (KS X 1001)."""
    foreign = [letter for letter in text if not letter.isascii()]
    written = sum("가" <= letter <= "힣" and _in_ksx1001(letter) for letter in foreign)
    return 2 * written >= len(foreign)


def _in_ksx1001(letter: str) -> bool:
    try:
        return len(letter.encode("euc_kr")) == 2
    except UnicodeEncodeError:
        return False


def _guessed(content: bytes) -> tuple[str, str]:
    """Text that is strictly in no encoding: the one with the fewest leftovers."""
    high = len(content.translate(None, _ASCII))
    for codec, name in (("utf-8", "UTF-8"), ("cp949", "CP949")):
        text = content.decode(codec, _LEFTOVER)
        leftovers = sum("\x80" <= letter <= "\xff" for letter in text)
        if leftovers * 10 < high and (codec == "utf-8" or _is_korean(text)):
            return text, name
    best = from_bytes(content[:50_000], cp_isolation=["cp1252", "shift_jis", "gb18030"]).best()
    codec = best.encoding if best else "cp1252"
    return content.decode(codec, _LEFTOVER), codec.upper().replace("_", "-")


def _as_latin(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.start + 1].decode("latin-1"), error.start + 1


codecs.register_error(_LEFTOVER, _as_latin)
