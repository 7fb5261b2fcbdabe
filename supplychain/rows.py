"""Table + layout → links and faults, row by row, all faults of a row at once. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from supplychain import cells
from supplychain.columns import Layout, LinkColumns, PartyColumns
from supplychain.errors import CellFault
from supplychain.identify import registration_number
from supplychain.matching import name_key
from supplychain.sheet import Table

_VALUE_LIMIT = 200
T = TypeVar("T")


@dataclass(frozen=True)
class ReadFirm:
    """A firm as one row tells it."""

    name: str
    key: str
    brn: str | None = None
    country: str = "KR"
    region: str = ""
    process: str = ""
    employees: int | None = None
    level: int | None = None
    sector: str = ""
    column: str = ""


@dataclass(frozen=True)
class ReadLink:
    """A link as one row tells it; no buyer means the lead firm."""

    supplier: ReadFirm
    buyer: ReadFirm | None
    item: str = ""
    share: float | None = None


@dataclass(frozen=True)
class FaultAt:
    """A fault, and where it is: row as a spreadsheet program counts, column by its header."""

    row: int
    column: str
    value: str
    fault: CellFault


@dataclass
class Row:
    """What one row says. It is taken in when none of its faults refuses it."""

    number: int
    links: list[ReadLink] = field(default_factory=list)
    faults: list[FaultAt] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether the row can be taken in."""
        return not any(at.fault.refuses for at in self.faults)


def read_rows(table: Table, header: int, layout: Layout) -> Iterator[Row]:
    """Every row below the header that is not blank."""
    places: dict[str, int] = {}
    for place, name in enumerate(table.rows[header]):
        places.setdefault(name, place)
    empty = {word.casefold() for word in layout.empty}
    for index, values in enumerate(table.rows[header + 1 :], start=header + 2):
        if any(values):
            yield _Reader(index, values, places, empty).read(layout)


class _Reader:
    """One row on its way to a Row."""

    def __init__(
        self, number: int, values: list[str], places: dict[str, int], empty: set[str]
    ) -> None:
        self.row = Row(number)
        self.values = values
        self.places = places
        self.empty = empty

    def read(self, layout: Layout) -> Row:
        """Read the links; one without a supplier is passed over where the row has another."""
        present = [link for link in layout.links if self.text(link.supplier.name)]
        for link in present or layout.links[:1]:
            self.row.links += self._link(link)
        return self.row

    def text(self, column: str | None) -> str:
        """What stands in a column of this row."""
        place = self.places.get(column) if column else None
        if place is None or place >= len(self.values):
            return ""
        value = self.values[place]
        return "" if value.casefold() in self.empty else value

    def _link(self, columns: LinkColumns) -> list[ReadLink]:
        supplier = self._firm(columns.supplier)
        buyer = None if columns.buyer == "lead" else self._firm(columns.buyer)
        share = self._value(columns.share, cells.share)
        item = " ".join(self.text(columns.item).split())[: cells.NAME_LIMIT]
        if supplier is None or (buyer is None and columns.buyer != "lead"):
            return []
        return [ReadLink(supplier, buyer, item, share)]

    def _firm(self, columns: PartyColumns) -> ReadFirm | None:
        given = columns.given
        name = self._value(columns.name, cells.name)
        country = self.text(columns.country)[:2].upper() if columns.country else None
        if country is None:
            country = given.country if given else "KR"
        korean = country in ("KR", "")
        region = (
            self._value(columns.region, cells.region) if korean else self.text(columns.region)[:60]
        )
        firm = ReadFirm(
            name=name or "",
            key=name_key(name) if name else "",
            brn=self._value(columns.brn, registration_number)
            if korean and self.text(columns.brn)
            else None,
            country=country,
            region=region or (given.region if given else ""),
            process=self._value(columns.process, cells.process) or (given.process if given else ""),
            employees=self._value(columns.employees, cells.count),
            level=self._value(columns.level, cells.level),
            sector=self.text(columns.sector)[:10],
            column=columns.name,
        )
        return firm if name else None

    def _value(self, column: str | None, reader: Callable[[str], T]) -> T | None:
        """The value of a cell, or a fault noted and nothing."""
        if column is None:
            return None
        text = self.text(column)
        try:
            return reader(text)
        except CellFault as fault:
            self.note(column, text, fault)
            return None

    def note(self, column: str, value: str, fault: CellFault) -> None:
        """Keep a fault, once for each cell."""
        at = FaultAt(self.row.number, column, value[:_VALUE_LIMIT], fault)
        if all(
            (at.column, type(at.fault)) != (old.column, type(old.fault)) for old in self.row.faults
        ):
            self.row.faults.append(at)
