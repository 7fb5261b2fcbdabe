"""A file → everything that it says: table, layout, rows and faults. Touches no database."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import IO

from supplychain.columns import Layout, find_header, find_layout
from supplychain.errors import SheetEmpty
from supplychain.rows import FaultAt, ReadFirm, Row, read_rows
from supplychain.sheet import Limits, Table, read_table


@dataclass(frozen=True)
class Reading:
    """One sheet, read. `header` is the index of the header row in the table."""

    table: Table
    header: int
    layout: Layout
    rows: list[Row]

    @property
    def columns(self) -> list[str]:
        """The header row, without its blanks."""
        return [name for name in self.table.rows[self.header] if name]

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


def read_sheet(
    source: IO[bytes],
    file: str,
    layout: Layout | None = None,
    tab: str = "",
    limits: Limits | None = None,
) -> Reading:
    """Read a sheet by its own header words, or by the layout that somebody wrote.

    Raises SheetRefused of every kind; faults of single rows are in the answer.
    """
    table = read_table(source, file, tab, limits)
    if layout is None:
        header, layout = find_layout(table.rows)
    else:
        header = find_header(table.rows, layout)
    rows = list(read_rows(table, header, layout))
    if not rows:
        raise SheetEmpty(file=file)
    return Reading(table, header, layout, rows)
