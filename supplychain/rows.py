"""Table + layout → links and faults, row by row, all faults of a row at once. Pure."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from supplychain import cells, identify
from supplychain.addresses import address
from supplychain.columns import Layout, LinkColumns, PartyColumns
from supplychain.errors import CellFault, EmailForm, FormulaFailed, ShareUnclear
from supplychain.formulas import unguarded
from supplychain.headings import Heading, tidy
from supplychain.invitation_errors import AddressInvalid
from supplychain.lines import left_out
from supplychain.matching import name_key
from supplychain.sheet import Table

_VALUE_LIMIT = 200
_CONTACT_LIMIT = 100
_REMEMBERED = 2_000
_FAILED = {"#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!"}


@dataclass(frozen=True)
class ReadFirm:
    """A firm as one row tells it; the fields are those of supplychain.tables.Description."""

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
    sector_revision: int | None = None
    lei: str | None = None
    duns: str | None = None
    corporate: str | None = None
    contact: str = ""
    email: str = ""


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


def read_rows(
    table: Table, heading: Heading, layout: Layout, unclear: Collection[str] = ()
) -> Iterator[Row]:
    """Every row below the heading that is not blank, a total or a note (supplychain.lines).

    `unclear`: columns of shares that may be fractions, where the layout does not say it.
    """
    reader = _Reader(heading, layout, unclear)
    for number, values in enumerate(table.rows, start=1):
        if number > heading.body and any(values) and not left_out(values, heading):
            yield reader.read(number, values)


class _Column:
    """One column, and how its cells are read. Values that repeat are read once."""

    def __init__(
        self, name: str, place: int | None, reader: Callable[[str], Any], empty: Collection[str]
    ) -> None:
        self.name = name
        self.place = -1 if place is None else place
        self.reader = reader
        self.empty = empty
        self.known: dict[str, tuple[Any, CellFault | None]] = {}

    def text(self, values: list[str]) -> str:
        """What stands in this column of a row."""
        if not 0 <= self.place < len(values):
            return ""
        text = values[self.place]
        if text[:1] == "'":
            text = unguarded(text)
        return "" if self.empty and text.casefold() in self.empty else text

    def value(self, values: list[str], row: Row) -> Any:
        """The value of a cell, or a fault noted and nothing."""
        text = self.text(values)
        found = self.known.get(text)
        if found is None:
            found = self._read(text)
            if len(self.known) < _REMEMBERED:
                self.known[text] = found
        if found[1]:
            self.note(row, text, found[1])
        return found[0]

    def note(self, row: Row, text: str, fault: CellFault) -> None:
        """Keep a fault, once for each cell."""
        for old in row.faults:
            if old.column == self.name and type(old.fault) is type(fault):
                return
        row.faults.append(FaultAt(row.number, self.name, text[:_VALUE_LIMIT], fault))

    def _read(self, text: str) -> tuple[Any, CellFault | None]:
        if text[:1] == "#" and text.upper() in _FAILED:
            return None, FormulaFailed()
        try:
            return self.reader(text), None
        except CellFault as fault:
            return None, fault


class _Reader:
    """A sheet's rows on their way to Row; the columns are found once."""

    def __init__(self, heading: Heading, layout: Layout, unclear: Collection[str]) -> None:
        self.places: dict[str, int] = {}
        for place, name in enumerate(heading.names):
            self.places.setdefault(name, place)
        self.empty = {word.casefold() for word in layout.empty}
        self.unclear = {tidy(name) for name in unclear}
        self.links = [
            (
                _Party(link.supplier, self.column),
                None if link.buyer == "lead" else _Party(link.buyer, self.column),
                self.column(link.item, _item),
                self.column(link.share, self._share(link)),
            )
            for link in layout.links
        ]

    def column(self, name: str | None, reader: Callable[[str], Any]) -> "_Column | None":
        """The column of that name, if the layout has one."""
        if not name:
            return None
        return _Column(name, self.places.get(tidy(name)), reader, self.empty)

    def read(self, number: int, values: list[str]) -> Row:
        """Read the links; one without a supplier is passed over where the row has another."""
        row = Row(number)
        present = [link for link in self.links if link[0].name.text(values)]
        for supplier, buyer, item, share in present or self.links[:1]:
            sells = supplier.read(values, row)
            buys = buyer.read(values, row) if buyer else None
            part = share.value(values, row) if share else None
            if sells and (buys or buyer is None):
                what = item.value(values, row) if item else ""
                row.links.append(ReadLink(sells, buys, what, part))
        return row

    def _share(self, link: LinkColumns) -> Callable[[str], Any]:
        if link.share_as == "fraction":
            return cells.fraction
        if link.share_as is None and tidy(link.share or "") in self.unclear:
            return _unclear_share
        return cells.share


class _Party:
    """The columns of one firm."""

    def __init__(
        self, columns: PartyColumns, column: Callable[[str | None, Callable[[str], Any]], Any]
    ) -> None:
        self.given = columns.given
        self.name: _Column = column(columns.name, cells.name)
        self.country: _Column | None = column(columns.country, cells.country)
        self.brn: _Column | None = column(columns.brn, _number)
        self.region: _Column | None = column(columns.region, cells.region)
        self.known: dict[tuple[str, ...], ReadFirm] = {}
        self.repeats = True  # until so many different ones were met that it is not worth while
        self.rest: list[tuple[str, _Column]] = [
            (field, found)
            for field, reader in _REST.items()
            if (found := column(getattr(columns, field), reader))
        ]
        main = (self.name, self.country, self.brn, self.region)
        self.columns = [*filter(None, main), *(found for _, found in self.rest)]

    def read(self, values: list[str], row: Row) -> ReadFirm | None:
        """The firm, or nothing where it has no name. One without faults is read once."""
        if not self.repeats:
            return self._read(values, row)
        told = tuple([column.text(values) for column in self.columns])
        if told in self.known:
            return self.known[told]
        self.repeats = len(self.known) < _REMEMBERED
        faults = len(row.faults)
        firm = self._read(values, row)
        if firm and len(row.faults) == faults:
            self.known[told] = firm
        return firm

    def _read(self, values: list[str], row: Row) -> ReadFirm | None:
        given = self.given
        name = self.name.value(values, row)
        country = given.country if given else "KR"
        written = self.country.text(values) if self.country else ""
        if self.country:
            country = self.country.value(values, row) or ""
        korean = country == "KR" or not (country or written)
        region = ""
        if self.region:
            region = self.region.value(values, row) if korean else self.region.text(values)[:60]
        brn = self.brn.value(values, row) if self.brn and korean else None
        told: dict[str, Any] = {
            field: found
            for field, column in self.rest
            if (found := column.value(values, row)) is not None
        }
        told["sector"], told["sector_revision"] = told.get("sector") or ("", None)
        if not name:
            return None
        told["process"] = told.get("process") or (given.process if given else "")
        return ReadFirm(
            name=name,
            key=name_key(name),
            brn=brn,
            country=country,
            region=region or (given.region if given else ""),
            column=self.name.name,
            **told,
        )


def _number(text: str) -> str | None:
    return identify.registration_number(text) if text else None


def _told(reader: Callable[[str], str]) -> Callable[[str], str | None]:
    return lambda text: reader(text) if text else None


def _item(text: str) -> str:
    return " ".join(text.split())[: cells.NAME_LIMIT]


def _contact(text: str) -> str:
    return " ".join(text.split())[:_CONTACT_LIMIT]


def _email(text: str) -> str:
    if not text:
        return ""
    try:
        return address(text)
    except AddressInvalid:
        raise EmailForm from None


def _unclear_share(text: str) -> float | None:
    if cells.bare_fraction(text) and text.strip("0., "):
        raise ShareUnclear
    return cells.share(text)


_REST: dict[str, Callable[[str], Any]] = {
    "process": cells.process,
    "employees": cells.count,
    "level": cells.level,
    "sector": identify.industry_code,
    "lei": _told(identify.lei),
    "duns": _told(identify.duns),
    "corporate": _told(identify.corporate_number),
    "contact": _contact,
    "email": _email,
}
