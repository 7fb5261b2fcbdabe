"""Tiers and chokepoints of a huge network: a million links in well under a second. Pure.

Firms are numbers here, as the database has them, and links are two arrays. supplychain.tiers says
the same of any names, for a network that a person can look at.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from supplychain.errors import FirmNotInNetwork
from supplychain.risk.walks import by_buyer, distances, dominators

Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]

_ROOMY = 4  # numbers up to so many times the links are places themselves: no sorting


@dataclass(frozen=True)
class Behind:
    """Who supplies whom, by buyer: firm `numbers[j]` buys of supplier[start[j]:start[j + 1]]."""

    numbers: Int64s
    start: Int64s
    supplier: Int32s

    def place(self, number: int) -> int:
        """Where a firm stands. Raises FirmNotInNetwork."""
        at = int(np.searchsorted(self.numbers, number))
        if at == len(self.numbers) or self.numbers[at] != number:
            raise FirmNotInNetwork(firm=number)
        return at


def behind(suppliers: Int64s, buyers: Int64s) -> Behind:
    """Sort links, given as the numbers of suppliers and of buyers, shape (m,) each.

    Double links and links with oneself may be among them: they move no tier.

    >>> net = behind(np.array([7, 9, 9]), np.array([1, 7, 1]))
    >>> net.numbers.tolist(), net.start.tolist(), net.supplier.tolist()
    ([1, 7, 9], [0, 2, 3, 3], [1, 2, 2])
    """
    highest = int(max(suppliers.max(initial=0), buyers.max(initial=0)))
    lowest = int(min(suppliers.min(initial=0), buyers.min(initial=0)))
    place: Int32s
    if lowest < 0 or highest > _ROOMY * len(suppliers) + 1000:
        numbers, both = np.unique(np.concatenate([suppliers, buyers]), return_inverse=True)
        place = both.astype(np.int32)
        from_, to = place[: len(suppliers)], place[len(suppliers) :]
    else:
        there = np.zeros(highest + 1, np.bool_)
        there[suppliers] = there[buyers] = True
        numbers = np.flatnonzero(there)
        place = (np.cumsum(there) - 1).astype(np.int32)
        from_, to = place[suppliers], place[buyers]
    start, supplier = by_buyer(from_, to, len(numbers))
    return Behind(numbers, start, supplier)


def tiers(net: Behind, lead: int) -> Int32s:
    """The tier of each of `net.numbers`; the lead firm's is 0, and -1 where none is behind it.

    Raises FirmNotInNetwork.

    >>> net = behind(np.array([7, 9, 9, 3]), np.array([1, 7, 1, 2]))
    >>> dict(zip(net.numbers.tolist(), tiers(net, 1).tolist()))
    {1: 0, 2: -1, 3: -1, 7: 1, 9: 1}
    """
    found: Int32s = distances(net.start, net.supplier, net.place(lead), -1)
    return found


def circles(net: Behind) -> list[Int64s]:
    """Groups of firms that supply each other in a circle (their numbers), largest first.

    >>> [circle.tolist() for circle in circles(behind(np.array([7, 9, 3]), np.array([9, 7, 7])))]
    [[7, 9]]
    """
    size = len(net.numbers)
    flow = csr_array((np.ones(len(net.supplier), np.int8), net.supplier, net.start), (size, size))
    _, group = connected_components(flow, connection="strong")
    sizes = np.bincount(group)
    order = np.argsort(group, kind="stable")
    ends = np.cumsum(sizes)
    found = [
        net.numbers[order[ends[at] - sizes[at] : ends[at]]] for at in np.flatnonzero(sizes > 1)
    ]
    return sorted(found, key=lambda circle: (-len(circle), circle[0]))


@dataclass(frozen=True)
class Cuts:
    """Who stands alone between others and the lead firm: a tree, in the order of a walk down it.

    Firms behind the one at `order[p]` are `order[p + 1 : p + 1 + count[p]]` (places in the
    network). `over[p]`: place in `order` of the nearest firm without which it is cut off.
    """

    net: Behind
    order: Int32s
    over: Int32s
    count: Int32s

    @cached_property
    def worst(self) -> Int64s:
        """Places in `order` of the firms that others depend on, most first; not the lead firm."""
        some = np.flatnonzero(self.count[1:] > 0) + 1
        return some[np.lexsort((self.net.numbers[self.order[some]], -self.count[some]))]

    def behind(self, at: int) -> Int64s:
        """The numbers of the firms that lose their only way with the one at this place."""
        found: Int64s = self.net.numbers[self.order[at + 1 : at + 1 + self.count[at]]]
        return found


def cuts(net: Behind, lead: int) -> Cuts:
    """All chokepoints in one pass: the dominators of the reversed network from the lead firm.

    By Semi-NCA (Georgiadis 2005, "Linear-time algorithms for dominators and related problems",
    section 2.3): m log n steps to the semidominators, then a walk up. Raises FirmNotInNetwork.

    >>> net = behind(np.array([7, 8, 9, 9, 3]), np.array([1, 1, 7, 8, 9]))
    >>> found = cuts(net, 1)
    >>> [(int(net.numbers[found.order[at]]), found.behind(at).tolist()) for at in found.worst]
    [(9, [3])]
    """
    order, over, count = dominators(net.start, net.supplier, net.place(lead))
    return Cuts(net, order, over, count)


@dataclass(frozen=True)
class HiddenDiamond:
    """A firm that stands behind every one of a buyer's choices for a part: no choice at all.

    `steps`: how far away it is from the farthest of them; 0 to itself.
    """

    firm: int
    buyer: int
    part: str
    alternates: tuple[int, ...]
    steps: int


def hidden_diamonds(
    net: Behind, buyer: int, parts: Mapping[str, tuple[int, ...]], within: int = 3
) -> list[HiddenDiamond]:
    """For each part with two or more suppliers: firms behind all of them, the nearest first.

    The intersection of ({i} and everybody behind i) over the alternates i, as far as `within`
    steps, or without end where that is 0. The buyer itself is left out: in a circle it stands
    behind everybody. Raises FirmNotInNetwork.

    >>> net = behind(np.array([7, 8, 9, 9, 5]), np.array([1, 1, 7, 8, 7]))
    >>> [(each.firm, each.steps) for each in hidden_diamonds(net, 1, {"bolts": (7, 8)})]
    [(9, 1)]
    """
    found: list[HiddenDiamond] = []
    itself = net.place(buyer)
    for part, firms in parts.items():
        alternates = tuple(sorted(set(firms) - {buyer}))
        if len(alternates) < 2:
            continue
        farthest = np.zeros(len(net.numbers), np.int32)
        for firm in alternates:
            far = distances(net.start, net.supplier, net.place(firm), within or -1, itself)
            farthest = np.where((farthest < 0) | (far < 0), -1, np.maximum(farthest, far))
        farthest[itself] = -1
        places = np.flatnonzero(farthest >= 0)
        for at in places[np.lexsort((net.numbers[places], farthest[places]))]:
            number = int(net.numbers[at])
            found.append(HiddenDiamond(number, buyer, part, alternates, int(farthest[at])))
    return found


def diamond_ratio(net: Behind, lead: int) -> float | None:
    """Tier-2 firms that serve two or more tier-1 firms, by all of tier 2; None without any.

    >>> net = behind(np.array([7, 8, 9, 9, 5]), np.array([1, 1, 7, 8, 7]))
    >>> diamond_ratio(net, 1)
    0.5
    """
    tier = tiers(net, lead)
    first = np.flatnonzero(tier == 1)
    pairs = [net.supplier[net.start[at] : net.start[at + 1]] for at in first]
    served = np.zeros(len(tier), np.int32)
    for some in pairs:
        served[np.unique(some)] += 1
    second = tier == 2
    return float((served[second] > 1).sum() / second.sum()) if second.any() else None
