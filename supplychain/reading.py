"""A file → everything that it says: table, layout, rows and faults. Touches no database."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import IO

from supplychain.cells import bare_fraction
from supplychain.columns import Layout, layout_of
from supplychain.errors import ColumnsMissing, SheetEmpty
from supplychain.guessing import Guess, guess
from supplychain.headings import Heading, heading_with, headings, listed, tidy
from supplychain.lines import left_out
from supplychain.rows import FaultAt, ReadFirm, Row, read_rows
from supplychain.sheet import Limits, Table, read_table
from supplychain.workbook import Tab

_KEPT = 12_000  # rows that are kept once they were read; more are read anew each time
_NOTED = 200
_READ = 3


@dataclass(frozen=True)
class Scanned:
    """What a first look at all rows tells.

    `left_out`: numbers of lines that are totals, notes or the header again, the first of them;
    `unclear`: columns of shares whose bare numbers all lie between 0 and 1.
    """

    rows: int
    left_out: tuple[int, ...] = ()
    unclear: tuple[str, ...] = ()


class Rows:
    """Rows as they are read: walk through them as often as you like, their number is known."""

    def __init__(self, table: Table, heading: Heading, layout: Layout, scanned: Scanned) -> None:
        self._what = (table, heading, layout, scanned.unclear)
        self._length = scanned.rows
        self._kept: list[Row] | None = None

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Row]:
        if self._kept is not None:
            return iter(self._kept)
        if self._length <= _KEPT:
            self._kept = list(read_rows(*self._what))
            return iter(self._kept)
        return read_rows(*self._what)


@dataclass(frozen=True)
class Reading:
    """One sheet, read. Long ones are read as they are walked through, not held in memory."""

    table: Table
    heading: Heading
    layout: Layout
    scanned: Scanned
    rows: Rows = field(repr=False)

    @property
    def columns(self) -> list[str]:
        """The names of the columns, without blanks."""
        return self.heading.columns

    @cached_property
    def faults(self) -> list[FaultAt]:
        """Every fault, in the order of rows."""
        return [fault for row in self.rows for fault in row.faults]

    def firms(self) -> Iterator[ReadFirm]:
        """Every firm that a good row names, as often as it is named."""
        for row in self.rows:
            for link in row.links if row.good else ():
                yield link.supplier
                if link.buyer:
                    yield link.buyer

    def samples(self, column: str, most: int = 3) -> list[str]:
        """Some different values of a column, as they stand in the sheet."""
        place = self.heading.names.index(column)
        body = self.table.head[self.heading.body :]
        values = (row[place] for row in body if place < len(row) and row[place])
        return list(islice(dict.fromkeys(values), most))


@dataclass(frozen=True)
class Draft:
    """A sheet that was opened, and what its columns seem to hold."""

    table: Table
    found: Guess
    file: str
    _read: dict[tuple[int, int, str], Reading] = field(default_factory=dict, repr=False)

    def headings(self) -> dict[str, Heading]:
        """Every heading that the table may have, by the key of its layout."""
        return {
            each.key: each for each in reversed(headings(self.table.head, merged=self.table.merged))
        }

    def layout(self) -> Layout:
        """The layout that was guessed; raises ColumnsMissing where nothing tells the supplier."""
        if "supplier.name" not in self.found.fields:
            first = next((row for row in self.table.head if any(row)), [])
            named = self.found.heading.columns if self.found.heading.lines else first
            raise ColumnsMissing(found=listed(named))
        return layout_of(self.found.fields)

    def read(self, layout: Layout | None = None) -> Reading:
        """Read it by the layout that was guessed, or by one that somebody chose.

        Raises ColumnsMissing, ColumnUnknown or SheetEmpty.
        """
        if layout is None:
            return self.read_at(self.found.heading, self.layout())
        heading = heading_with(self.table.head, layout.columns(), merged=self.table.merged)
        return self.read_at(heading, layout)

    def read_at(self, heading: Heading, layout: Layout) -> Reading:
        """Read it by a heading and a layout; raises SheetEmpty where nothing stands below.

        The same question is answered once: a page asks for columns, then for a preview.
        """
        asked = (heading.first, heading.lines, layout.model_dump_json())
        found = self._read.get(asked)
        if found is None:
            found = read_by(self.table, self.file, heading, layout)
            if len(self._read) >= _READ:
                self._read.clear()
            self._read[asked] = found
        return found


def read_sheet(
    source: IO[bytes],
    file: str,
    layout: Layout | None = None,
    tab: str = "",
    limits: Limits | None = None,
) -> Reading:
    """Read a sheet by what its headings and values tell, or by a layout that somebody chose.

    Raises SheetRefused of every kind; faults of single rows are in the answer.
    """
    return open_sheet(source, file, tab, limits).read(layout)


def open_sheet(source: IO[bytes], file: str, tab: str = "", limits: Limits | None = None) -> Draft:
    """Open a sheet: the tab that is asked for, else the first that looks like a list of suppliers.

    Raises SheetRefused, but none that asks what the columns mean.
    """
    start = source.tell()
    table = read_table(source, file, tab, limits)
    best = likely_tab(table.tabs) if not tab else table.tab
    if best not in {"", table.tab}:
        source.seek(start)
        table = replace(read_table(source, file, best, limits), tabs=table.tabs)
    return Draft(table, guess(table.head, merged=table.merged), file)


def likely_tab(tabs: Iterable[Tab]) -> str:
    """The first tab that looks like a list of suppliers; nothing where none does."""
    return next((tab.name for tab in tabs if looks_right(tab)), "")


def looks_right(tab: Tab) -> bool:
    """Whether what stands at the top of a tab looks like a list of suppliers."""
    return not tab.hidden and bool(tab.head) and guess(list(tab.head)).supplier_list


def read_by(table: Table, file: str, heading: Heading, layout: Layout) -> Reading:
    """Read a table by a heading and a layout; raises SheetEmpty where nothing stands below."""
    scanned = scan(table, heading, layout)
    if not scanned.rows:
        raise SheetEmpty(file=file)
    return Reading(table, heading, layout, scanned, Rows(table, heading, layout, scanned))


def scan(table: Table, heading: Heading, layout: Layout) -> Scanned:
    """Count the rows below the heading, and look whether shares may be fractions."""
    rows, out, fractions = 0, [], _fractions(heading, layout)
    for number, values in enumerate(table.rows, start=1):
        if number <= heading.body or not any(values):
            continue
        if left_out(values, heading):
            out.append(number)
            continue
        rows += 1
        for column in fractions:
            column.look(values)
    unclear = tuple(column.name for column in fractions if column.seen and column.all_below)
    return Scanned(rows, tuple(out[:_NOTED]), unclear)


@dataclass
class _Shares:
    """A column of shares, and whether all of its bare numbers lie between 0 and 1."""

    name: str
    place: int
    seen: bool = False
    all_below: bool = True

    def look(self, values: list[str]) -> None:
        """Look at the column's cell of one row."""
        text = values[self.place] if self.all_below and self.place < len(values) else ""
        below = bare_fraction(text) if text else None
        if below is not None and text.strip("0., "):
            self.seen = True
            self.all_below = below


def _fractions(heading: Heading, layout: Layout) -> list[_Shares]:
    wanted = {tidy(link.share) for link in layout.links if link.share}
    return [_Shares(name, at) for at, name in enumerate(heading.names) if name in wanted]
