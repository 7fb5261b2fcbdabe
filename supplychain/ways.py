"""Ways from a firm along its deliveries to a lead firm. Pure; firms are numbers."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Int64s = NDArray[np.int64]


class Ways(NamedTuple):
    """The shortest ways: how many there are, how many steps each has, and some of them."""

    total: int
    steps: int
    some: list[list[int]]  # each from the firm to the lead firm


def shortest_ways(
    tier: Mapping[int, int], buyers: Mapping[int, Sequence[int]], firm: int, most: int = 10
) -> Ways:
    """All shortest ways from a firm to the lead firm, of which at most so many are told.

    `tier`: steps from each firm to the lead firm, `buyers`: whom each delivers to. The ways are
    told in the order of the numbers on them. None where the firm does not stand behind the lead.

    >>> shortest_ways({0: 0, 1: 1, 2: 1, 3: 2}, {1: [0], 2: [0], 3: [2, 1]}, 3)
    Ways(total=2, steps=2, some=[[3, 1, 0], [3, 2, 0]])
    """
    if tier.get(firm, -1) < 0:
        return Ways(0, 0, [])
    nearer = _nearer(tier, buyers, firm)
    counts = {at: 1 for at in nearer if tier[at] == 0}
    for at in sorted(nearer, key=lambda each: tier[each]):
        if tier[at]:
            counts[at] = sum(counts[buyer] for buyer in nearer[at])
    some = [way for way, _ in zip(_walk(nearer, firm), range(most), strict=False)]
    return Ways(counts[firm], tier[firm], some)


def _nearer(
    tier: Mapping[int, int], buyers: Mapping[int, Sequence[int]], firm: int
) -> dict[int, list[int]]:
    """Firms on the ways → their buyers that are one step nearer."""
    found: dict[int, list[int]] = {}
    waiting = [firm]
    while waiting:
        at = waiting.pop()
        if at in found:
            continue
        nearer = {each for each in buyers.get(at, ()) if tier.get(each, -2) == tier[at] - 1}
        found[at] = sorted(nearer)
        waiting += found[at]
    return found


def _walk(nearer: Mapping[int, list[int]], firm: int) -> Iterator[list[int]]:
    way, turns = [firm], [iter(nearer[firm])]
    if not nearer[firm]:
        yield [firm]
    while turns:
        step = next(turns[-1], None)
        if step is None:
            turns.pop()
            way.pop()
            continue
        if not nearer[step]:
            yield [*way, step]
            continue
        way.append(step)
        turns.append(iter(nearer[step]))


class Around(NamedTuple):
    """Firms within some steps of one, the nearest first; `more`: there are others as near."""

    firms: list[int]
    steps: list[int]
    more: bool


def around(supplier: Int64s, buyer: Int64s, firm: int, steps: int, most: int) -> Around:
    """Firms within so many steps of one, whichever way goods go, given links as two arrays.

    >>> around(np.array([1, 2, 3]), np.array([0, 1, 2]), 1, 1, most=10)
    Around(firms=[1, 0, 2], steps=[0, 1, 1], more=False)
    """
    found, at = [np.array([firm], np.int64)], [0]
    seen = found[0]
    more = False
    for step in range(1, steps + 1):
        last = found[-1]
        near = np.concatenate([buyer[np.isin(supplier, last)], supplier[np.isin(buyer, last)]])
        new = np.setdiff1d(near, seen)
        room = most - len(seen)
        more = more or len(new) > room
        new = new[:room]
        if not len(new):
            break
        found.append(new)
        at += [step] * len(new)
        seen = np.union1d(seen, new)
    return Around(np.concatenate(found).tolist(), [0, *at[1:]], more)
