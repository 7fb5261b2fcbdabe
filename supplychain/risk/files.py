"""Networks as analysts keep them: one link a line. Pure: lines in, a network or its faults out."""

import csv
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from supplychain.risk.errors import (
    LinkTwice,
    LinkWithItself,
    NetworkInvalid,
    RiskError,
    SectorDiffers,
    WeightInvalid,
)
from supplychain.risk.esri import ESSENTIAL, NO_EFFECT
from supplychain.risk.network import Network, network

_SHOWN = 20  # faults that are told one by one


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
        self.found: list[str] = []

    def add(self, number: int, error: RiskError | str) -> None:
        """Note a fault."""
        self.found.append(f"line {number}: {error}")

    def end(self) -> None:
        """Raise NetworkInvalid where there is any."""
        if self.found:
            more = len(self.found) - _SHOWN
            told = self.found[:_SHOWN] + ([f"and {more} more"] if more > 0 else [])
            raise NetworkInvalid(faults="; ".join(told))


def read_links(lines: Iterable[str]) -> list[tuple[str, str]]:
    """(supplier, buyer) of each line; weights and sectors are not looked at.

    Raises NetworkInvalid, naming every line with a self-link, a double link or an empty name.

    >>> read_links(["supplier,buyer", "b,a", "c,b"])
    [('b', 'a'), ('c', 'b')]
    """
    faults, found = _Faults(), dict[tuple[str, str], int]()
    for line in _lines(lines, ("supplier", "buyer"), faults):
        if _is_link(line, found, faults):
            found[line.supplier, line.buyer] = line.number
    faults.end()
    return list(found)


def read_network(lines: Iterable[str]) -> Network:
    """A network from columns supplier, buyer, weight and, where known, the two sectors.

    Raises NetworkInvalid, naming every line that cannot be used, and NetworkEmpty.

    >>> net = read_network(["supplier,buyer,weight,supplier_sector", "b,a,2.5,steel", "c,b,1,"])
    >>> net.firms, net.bought.tolist()
    (('a', 'b', 'c'), [2.5, 1.0, 0.0])
    """
    faults, seen = _Faults(), dict[tuple[str, str], int]()
    weights: dict[tuple[str, str], float] = {}
    sectors: dict[str, str] = {}
    for line in _lines(lines, ("supplier", "buyer", "weight"), faults):
        if not _is_link(line, seen, faults):
            continue
        pair = line.supplier, line.buyer
        seen[pair] = line.number
        weight = _weight(line)
        if weight is None:
            told = repr(line.weight) if line.weight else "nothing"
            faults.add(line.number, WeightInvalid(supplier=pair[0], buyer=pair[1], weight=told))
            continue
        weights[pair] = weight
        for firm, sector in zip(pair, (line.supplier_sector, line.buyer_sector), strict=True):
            if sector and sectors.setdefault(firm, sector) != sector:
                error = SectorDiffers(firm=firm, one=sectors[firm], other=sector)
                faults.add(line.number, error)
    faults.end()
    return network(((*pair, weight) for pair, weight in weights.items()), sectors)


def read_essentiality(lines: Iterable[str]) -> dict[tuple[str, str], int]:
    """(supplier_sector, buyer_sector) → 0, 1 or 2. Raises NetworkInvalid.

    >>> read_essentiality(["supplier_sector,buyer_sector,value", "steel,press,2", "paper,press,1"])
    {('steel', 'press'): 2, ('paper', 'press'): 1}
    """
    faults, found = _Faults(), dict[tuple[str, str], int]()
    reader = csv.DictReader(lines)
    _need(reader.fieldnames, ("supplier_sector", "buyer_sector", "value"))
    for row in reader:
        pair = (row["supplier_sector"] or "").strip(), (row["buyer_sector"] or "").strip()
        value = (row["value"] or "").strip()
        if value not in {str(number) for number in range(NO_EFFECT, ESSENTIAL + 1)}:
            faults.add(reader.line_num, f"{value!r} is not 0, 1 or 2")
        elif found.setdefault(pair, int(value)) != int(value):
            faults.add(reader.line_num, f"{pair[0]} → {pair[1]} was {found[pair]} before")
    faults.end()
    return found


def _lines(lines: Iterable[str], needed: tuple[str, ...], faults: _Faults) -> Iterator[Line]:
    reader = csv.DictReader(lines)
    _need(reader.fieldnames, needed)
    for row in reader:
        told = {name: (row.get(name) or "").strip() for name in Line._fields[1:]}
        if not any(told.values()):
            continue
        if not told["supplier"] or not told["buyer"]:
            faults.add(reader.line_num, "a link needs a supplier and a buyer")
            continue
        yield Line(reader.line_num, **told)


def _need(columns: Iterable[str] | None, needed: tuple[str, ...]) -> None:
    have = list(columns or ())
    if lacking := [name for name in needed if name not in have]:
        told = f"no column {', '.join(lacking)}; there are: {', '.join(have) or 'none'}"
        raise NetworkInvalid(faults=told)


def _is_link(line: Line, seen: dict[tuple[str, str], int], faults: _Faults) -> bool:
    if line.supplier == line.buyer:
        faults.add(line.number, LinkWithItself(firm=line.supplier))
        return False
    if (line.supplier, line.buyer) in seen:
        faults.add(line.number, LinkTwice(supplier=line.supplier, buyer=line.buyer))
        return False
    return True


def _weight(line: Line) -> float | None:
    try:
        weight = float(line.weight)
    except ValueError:
        return None
    return weight if 0 < weight < float("inf") else None
