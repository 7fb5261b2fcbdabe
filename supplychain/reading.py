"""A file → everything that it says: table, layout, rows and faults. Touches no database."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import IO

from supplychain.cells import bare_fraction
from supplychain.columns import Layout, layout_of
from supplychain.errors import ColumnsMissing, SheetEmpty
from supplychain.guessing import Guess, guess
from supplychain.headings import Heading, heading_with, listed, tidy
from supplychain.lines import left_out
from supplychain.rows import FaultAt, ReadFirm, Row, read_rows
from supplychain.sheet import Limits, Table, read_table

_KEPT = 12_000  # rows that are kept once they were read; more are read anew each time
_NOTED = 200


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
    table = read_table(source, file, tab, limits)
    if layout is None:
        found = guess(table.head, merged=table.merged)
        return read_by(table, file, found.heading, layout_from(found, table))
    heading = heading_with(table.head, layout.columns(), merged=table.merged)
    return read_by(table, file, heading, layout)


def layout_from(found: Guess, table: Table) -> Layout:
    """The layout that was guessed; raises ColumnsMissing where nothing tells the supplier."""
    if "supplier.name" not in found.fields:
        first = next((row for row in table.head if any(row)), [])
        raise ColumnsMissing(found=listed(found.heading.columns or first))
    return layout_of(found.fields)


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
