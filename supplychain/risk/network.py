"""A network of firms as arrays: what every computation here works on. Pure.

A link goes supplier → buyer and weighs what flows (money or pieces per year).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from supplychain.risk.errors import (
    FirmUnknown,
    LinkTwice,
    LinkWithItself,
    NetworkEmpty,
    SectorDiffers,
    WeightInvalid,
)

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Network:
    """n firms and m links. `supplier`, `buyer`: positions in `firms`; `sector`: in `sectors`.

    `weight` > 0. No link leads from a firm to itself, none stands twice.
    """

    firms: tuple[str, ...]
    supplier: Ints
    buyer: Ints
    weight: Floats
    sectors: tuple[str, ...]
    sector: Ints

    @cached_property
    def place(self) -> dict[str, int]:
        """Where each firm stands."""
        return {firm: number for number, firm in enumerate(self.firms)}

    def at(self, firm: str) -> int:
        """The position of a firm. Raises FirmUnknown."""
        number = self.place.get(firm)
        if number is None:
            raise FirmUnknown(firm=firm)
        return number

    @cached_property
    def sold(self) -> Floats:
        """What each firm sells within the network: the sum of its outgoing links."""
        return _sums(self.supplier, self.weight, len(self.firms))

    @cached_property
    def bought(self) -> Floats:
        """What each firm buys within the network."""
        return _sums(self.buyer, self.weight, len(self.firms))


def _sums(places: Ints, values: Floats, size: int) -> Floats:
    return np.bincount(places, values, size).astype(np.float64)


def network(
    links: Iterable[tuple[str, str, float]],
    sectors: Mapping[str, str] | None = None,
    *,
    add_up: bool = False,
) -> Network:
    """A network of (supplier, buyer, weight); `sectors` names each firm's industry.

    A firm without a sector is an industry of its own. With `add_up` a link that stands twice is
    the sum of both.
    Raises NetworkEmpty, LinkWithItself, LinkTwice, WeightInvalid: nothing is guessed.

    >>> net = network([("b", "a", 2.0), ("c", "a", 1.0)])
    >>> net.firms, net.bought.tolist()
    (('a', 'b', 'c'), [3.0, 0.0, 0.0])
    """
    found: dict[tuple[str, str], float] = {}
    for supplier, buyer, weight in links:
        if supplier == buyer:
            raise LinkWithItself(firm=supplier)
        if not 0 < weight < float("inf"):
            raise WeightInvalid(supplier=supplier, buyer=buyer, weight=weight)
        if (supplier, buyer) in found and not add_up:
            raise LinkTwice(supplier=supplier, buyer=buyer)
        found[supplier, buyer] = found.get((supplier, buyer), 0.0) + weight
    if not found:
        raise NetworkEmpty
    firms = tuple(sorted({firm for pair in found for firm in pair}))
    place = {firm: number for number, firm in enumerate(firms)}
    told = sectors or {}
    named = [told.get(firm) or f"\0{firm}" for firm in firms]
    kinds = tuple(sorted(set(named)))
    kind = {name: number for number, name in enumerate(kinds)}
    return Network(
        firms=firms,
        supplier=np.array([place[supplier] for supplier, _ in found], np.int64),
        buyer=np.array([place[buyer] for _, buyer in found], np.int64),
        weight=np.array(list(found.values()), np.float64),
        sectors=kinds,
        sector=np.array([kind[name] for name in named], np.int64),
    )


def sectors_of(told: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Each firm's sector, from (firm, sector) pairs; empty ones say nothing.

    Raises SectorDiffers where a firm is given two.
    """
    found: dict[str, str] = {}
    for firm, sector in told:
        if not sector:
            continue
        if found.setdefault(firm, sector) != sector:
            raise SectorDiffers(firm=firm, one=found[firm], other=sector)
    return found
