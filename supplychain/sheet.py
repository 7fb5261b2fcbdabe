"""Bytes → a table of text cells, whatever firms really send.

CSV in every encoding of supplychain.decoding, separated by comma, semicolon, tab or upright line;
XLSX, XLS and ODS through calamine (supplychain.workbook). Touches no database. Says what a file
is by its bytes, never by its name.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import IO

from supplychain.decoding import decode
from supplychain.errors import (
    CellTooLong,
    NotASpreadsheet,
    SheetEmpty,
    SheetTooDeep,
    SheetTooLarge,
    SheetTooLong,
    SheetTooWide,
    WebPageNotSheet,
)
from supplychain.workbook import Opened, Tab, read_workbook
from supplychain.workbook_rows import Most

MEGABYTE = 1 << 20
HEAD = 60
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_DELIMITERS = ",;\t|"
# XML, JSON or PDF; "<Suppliers>" and "[2026]" are titles that people write.
_OTHER = re.compile(r'<\?xml|<!doctype|<[a-z]+[:>][^>]*\n?\s*<|[\[{]\s*["{\[\]}]|%pdf')
_SEPARATOR_LINE = "sep="  # the first line of a CSV that was written for Excel


@dataclass(frozen=True)
class Limits:
    """How large a sheet may be: bytes as sent, bytes unpacked, rows, columns, a cell's text."""

    megabytes: int = 100
    unpacked_megabytes: int = 400
    rows: int = 500_000
    columns: int = 500
    cell: int = 10_000


@dataclass(frozen=True)
class Table:
    """Rows of text cells; the first is row 1, as a spreadsheet program counts.

    `rows` is walked through as often as needed, without being held in memory as a whole. `head`
    are the first of them. `merged`: what merged cells hold stands in each of them. `tabs` are
    those of the workbook.
    """

    rows: Iterable[list[str]]
    length: int
    kind: str
    encoding: str = ""
    tab: str = ""
    tabs: tuple[Tab, ...] = ()
    merged: bool = False
    head: list[list[str]] = field(default_factory=list)


def read_table(source: IO[bytes], file: str, tab: str = "", limits: Limits | None = None) -> Table:
    """All rows of a sheet; `file` is its name for messages, `tab` one of a workbook's sheets.

    Raises SheetRefused of every kind but those that ask what the columns mean. At most one byte
    over the limit is read.
    """
    limits = limits or Limits()
    content = _within(source, file, limits.megabytes)
    if not content.strip(b"\0 \t\r\n"):
        raise SheetEmpty(file=file)
    if content.startswith((_ZIP, _OLE)):
        table = _from_workbook(content, file, tab, limits)
    else:
        table = _from_text(content, file, limits)
    if table.length > limits.rows:
        raise SheetTooLong(file=file, limit=limits.rows)
    if not any(any(row) for row in table.rows):
        raise SheetEmpty(file=file)
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
    most = Most(limits.rows + 1, limits.columns, limits.cell)
    opened: Opened = read_workbook(content, file, tab, most)
    return Table(
        opened.rows,
        opened.length,
        kind,
        tab=opened.tab,
        tabs=opened.tabs,
        merged=opened.merged,
        head=list(islice(opened.rows, HEAD)),
    )


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


@dataclass(frozen=True)
class _TextRows:
    """The cells of a text, cut anew each time that they are walked through."""

    text: str
    delimiter: str
    most: int

    def __iter__(self) -> Iterator[list[str]]:
        lines = csv.reader(io.StringIO(self.text, newline=""), delimiter=self.delimiter)
        for line in islice(lines, self.most):
            yield [cell.strip() for cell in line]


def _from_text(content: bytes, file: str, limits: Limits) -> Table:
    text, encoding = decode(content, file)
    begins = text.lstrip()[:300].casefold()
    if begins.startswith("<") and ("<html" in begins or "<table" in begins):
        raise WebPageNotSheet(file=file)
    if _OTHER.match(begins) or "\0" in text:
        raise NotASpreadsheet(file=file)
    delimiter = _delimiter(text)
    if text[: len(_SEPARATOR_LINE)].casefold() == _SEPARATOR_LINE:
        delimiter = text[len(_SEPARATOR_LINE) : len(_SEPARATOR_LINE) + 1]
        if delimiter not in _DELIMITERS:
            raise NotASpreadsheet(file=file)
        text = text[len(_SEPARATOR_LINE) + 1 :]  # its line stays, as a blank one
    rows = _TextRows(text, delimiter, limits.rows + 1)
    return Table(rows, _counted(rows, file, limits), "csv", encoding, head=list(islice(rows, HEAD)))


def _counted(rows: _TextRows, file: str, limits: Limits) -> int:
    """How many rows there are; raises SheetTooWide or CellTooLong."""
    number = 0
    try:
        for number, row in enumerate(rows, start=1):
            if len(row) > limits.columns:
                raise SheetTooWide(file=file, limit=limits.columns)
            if any(len(cell) > limits.cell for cell in row):
                raise CellTooLong(file=file, limit=limits.cell, row=number)
    except csv.Error as error:
        # A cell longer than the csv module's own limit, which is far above ours.
        raise CellTooLong(file=file, limit=limits.cell, row=number + 1) from error
    return number


def _delimiter(text: str) -> str:
    """The separator that cuts most of the first lines into the same number of cells."""
    head = text[:20_000].splitlines()[:20]

    def fit(delimiter: str) -> tuple[int, int]:
        widths = [len(row) for row in csv.reader(head, delimiter=delimiter) if row]
        common = max(set(widths), key=lambda width: (widths.count(width), width), default=1)
        return (common > 1, widths.count(common) * common)

    return max(_DELIMITERS, key=fit)
