"""Networks as analysts keep them: one link a line. Pure: lines in, a network or its faults out."""

import csv
import itertools
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from supplychain.faults import AtLine, Faults
from supplychain.risk.errors import (
    CellsTooMany,
    ColumnMissing,
    ColumnTwice,
    EndMissing,
    EssentialityInvalid,
    EssentialityTwice,
    LineUnreadable,
    LinkTwice,
    LinkWithItself,
    NetworkEmpty,
    NetworkInvalid,
    RiskError,
    SectorDiffers,
    WeightInvalid,
    WeightMissing,
)
from supplychain.risk.esri import ESSENTIAL, NO_EFFECT
from supplychain.risk.network import Network, network


class Line(NamedTuple):
    """A link as a line tells it."""

    number: int
    supplier: str
    buyer: str
    weight: str
    supplier_sector: str
    buyer_sector: str


class _Faults:
    """What is wrong, by line; raises all of it at once."""

    def __init__(self) -> None:
        self.found: list[RiskError | AtLine] = []

    def add(self, number: int, error: RiskError) -> None:
        """Note a fault."""
        self.found.append(AtLine(line=number, fault=error))

    def end(self) -> None:
        """Raise NetworkInvalid where there is any."""
        if self.found:
            raise NetworkInvalid(faults=Faults.of(self.found))


def read_links(lines: Iterable[str]) -> list[tuple[str, str]]:
    """(supplier, buyer) of each line. A weight may be missing here, but not be wrong.

    Raises NetworkInvalid, naming every line that cannot be used, and NetworkEmpty.

    >>> read_links(["supplier,buyer", "b,a", "c,b"])
    [('b', 'a'), ('c', 'b')]
    """
    weights, _ = _read(lines, ("supplier", "buyer"))
    return list(weights)


def read_items(lines: Iterable[str]) -> list[tuple[str, str, str]]:
    """(supplier, buyer, item) of each line; the column item may be missing.

    The same two firms may stand there with several items. Raises NetworkInvalid, NetworkEmpty.

    >>> read_items(["supplier,buyer,item", "b,a,bolts", "b,a,nuts"])
    [('b', 'a', 'bolts'), ('b', 'a', 'nuts')]
    """
    faults, found = _Faults(), dict[tuple[str, str, str], None]()
    wanted = ("supplier", "buyer", "item")
    for number, (supplier, buyer, item) in _cells(lines, wanted, wanted[:2], faults):
        if not (supplier and buyer):
            faults.add(number, EndMissing())
        elif supplier == buyer:
            faults.add(number, LinkWithItself(firm=supplier))
        elif (supplier, buyer, item) in found:
            faults.add(number, LinkTwice(supplier=supplier, buyer=buyer))
        else:
            found[supplier, buyer, item] = None
    faults.end()
    if not found:
        raise NetworkEmpty
    return list(found)


def read_network(lines: Iterable[str]) -> Network:
    """A network from columns supplier, buyer, weight and, where known, the two sectors.

    Raises NetworkInvalid, naming every line that cannot be used, and NetworkEmpty.

    >>> net = read_network(["supplier,buyer,weight,supplier_sector", "b,a,2.5,steel", "c,b,1,"])
    >>> net.firms, net.bought.tolist()
    (('a', 'b', 'c'), [2.5, 1.0, 0.0])
    """
    weights, sectors = _read(lines, ("supplier", "buyer", "weight"))
    return network(((*pair, weight) for pair, weight in weights.items()), sectors)


def _read(
    lines: Iterable[str], needed: tuple[str, ...]
) -> tuple[dict[tuple[str, str], float], dict[str, str]]:
    """(weight of each link, sector of each firm)."""
    faults = _Faults()
    weights: dict[tuple[str, str], float] = {}
    sectors: dict[str, str] = {}
    for line in _lines(lines, needed, faults):
        pair = line.supplier, line.buyer
        if not _is_link(line, weights, faults):
            continue
        weights[pair] = 0.0
        if line.weight or "weight" in needed:
            weights[pair] = _weight(line, faults)
        for firm, sector in zip(pair, (line.supplier_sector, line.buyer_sector), strict=True):
            if sector and sectors.setdefault(firm, sector) != sector:
                error = SectorDiffers(firm=firm, one=sectors[firm], other=sector)
                faults.add(line.number, error)
    faults.end()
    if not weights:
        raise NetworkEmpty
    return weights, sectors


def read_essentiality(lines: Iterable[str]) -> dict[tuple[str, str], int]:
    """(supplier_sector, buyer_sector) → 0, 1 or 2. Raises NetworkInvalid.

    >>> read_essentiality(["supplier_sector,buyer_sector,value", "steel,press,2", "paper,press,1"])
    {('steel', 'press'): 2, ('paper', 'press'): 1}
    """
    faults, found = _Faults(), dict[tuple[str, str], int]()
    columns = ("supplier_sector", "buyer_sector", "value")
    for number, (supplier, buyer, value) in _cells(lines, columns, columns, faults):
        if value not in {str(one) for one in range(NO_EFFECT, ESSENTIAL + 1)}:
            error = EssentialityInvalid(supplier_sector=supplier, buyer_sector=buyer, value=value)
            faults.add(number, error)
        elif found.setdefault((supplier, buyer), int(value)) != int(value):
            before = found[supplier, buyer]
            twice = EssentialityTwice(supplier_sector=supplier, buyer_sector=buyer, before=before)
            faults.add(number, twice)
    faults.end()
    return found


def _lines(lines: Iterable[str], needed: tuple[str, ...], faults: _Faults) -> Iterator[Line]:
    for number, cells in _cells(lines, Line._fields[1:], needed, faults):
        line = Line(number, *cells)
        if line.supplier and line.buyer:
            yield line
        else:
            faults.add(number, EndMissing())


def _cells(
    lines: Iterable[str], wanted: tuple[str, ...], needed: tuple[str, ...], faults: _Faults
) -> Iterator[tuple[int, list[str]]]:
    """(line, the wanted cells) of each row that says anything; "" where there is no such column.

    Between cells stands what the headings have most: a comma, a semicolon or a tab. Names are
    composed (NFC), as macOS does not write them, and otherwise left as they are.
    """
    told_lines = (unicodedata.normalize("NFC", line) for line in lines)
    first = next(told_lines, "")
    between = max(",;\t", key=first.count)
    reader = csv.reader(itertools.chain([first], told_lines), delimiter=between)
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        _need(header, needed)
        places = [header.index(name) if name in header else len(header) for name in wanted]
        for row in reader:
            told = [cell.strip() for cell in row]
            if not any(told):
                continue
            if len(told) > len(header):
                # A name with a comma that is not in quotes would move into the next column.
                error = CellsTooMany(cells=len(told), headings=len(header))
                faults.add(reader.line_num, error)
                continue
            told += [""] * (len(header) + 1 - len(told))
            yield reader.line_num, [told[place] for place in places]
    except csv.Error:
        faults.add(reader.line_num, LineUnreadable())


def _need(header: list[str], needed: tuple[str, ...]) -> None:
    if lacking := [name for name in needed if name not in header]:
        there = ", ".join(filter(None, header)) or "–"
        raise NetworkInvalid(
            faults=Faults((ColumnMissing(columns=", ".join(lacking), there=there),))
        )
    if twice := sorted({name for name in header if name and header.count(name) > 1}):
        raise NetworkInvalid(faults=Faults((ColumnTwice(columns=", ".join(twice)),)))


def _is_link(line: Line, seen: Collection[tuple[str, str]], faults: _Faults) -> bool:
    if line.supplier == line.buyer:
        faults.add(line.number, LinkWithItself(firm=line.supplier))
        return False
    if (line.supplier, line.buyer) in seen:
        faults.add(line.number, LinkTwice(supplier=line.supplier, buyer=line.buyer))
        return False
    return True


def _weight(line: Line, faults: _Faults) -> float:
    try:
        weight = float(line.weight)
    except ValueError:
        weight = 0.0
    if 0 < weight < float("inf"):
        return weight
    if line.weight:
        error = WeightInvalid(supplier=line.supplier, buyer=line.buyer, weight=line.weight)
        faults.add(line.number, error)
    else:
        faults.add(line.number, WeightMissing(supplier=line.supplier, buyer=line.buyer))
    return 0.0
