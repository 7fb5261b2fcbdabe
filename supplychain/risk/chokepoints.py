"""Chokepoints: firms whose loss cuts others off from the lead firm. Pure.

They are the immediate dominators of the reversed network, seen from the lead firm: every way from
a firm to the lead firm runs through its dominators. supplychain.risk.reach finds all of them in
one pass, here they have names. A chokepoint says what the known links say: a firm whose other
ways to the lead firm nobody has declared looks like one.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

import numpy as np

from supplychain.errors import FirmNotInNetwork
from supplychain.risk import reach

Firm = TypeVar("Firm", bound=Hashable)


@dataclass(frozen=True)
class Chokepoint:
    """A firm, its tier, and how many firms reach the lead firm through it alone."""

    firm: Hashable
    tier: int
    count: int
    _cuts: reach.Cuts = field(repr=False, compare=False)
    _at: int = field(repr=False, compare=False)
    _names: tuple[Hashable, ...] = field(repr=False, compare=False)

    @cached_property
    def behind(self) -> tuple[Hashable, ...]:
        """Those firms, by name: in a chain of n firms all of these lists hold n²/2 names."""
        return tuple(sorted((self._names[n] for n in self._cuts.behind(self._at)), key=str))

    @property
    def reason(self) -> str:
        """Why it is one, in a sentence."""
        firms = "1 firm reaches" if self.count == 1 else f"{self.count} firms reach"
        return f"{firms} the lead firm only through {self.firm}, as far as links are known."


def chokepoints(lead: Firm, links: Iterable[tuple[Firm, Firm]]) -> list[Chokepoint]:
    """Firms that others depend on for their only way to the lead firm, the worst first.

    Raises FirmNotInNetwork where no link mentions the lead firm.

    >>> links = [("n", "a"), ("n", "b"), ("m", "a"), ("a", "oem"), ("b", "oem"), ("x", "n")]
    >>> [(point.firm, point.tier, point.behind) for point in chokepoints("oem", links)]
    [('a', 1, ('m',)), ('n', 2, ('x',))]
    """
    names, net = named(links)
    if lead not in names:
        raise FirmNotInNetwork(firm=lead)
    tier = reach.tiers(net, names[lead])
    cuts = reach.cuts(net, names[lead])
    firms = tuple(names)
    found = [
        Chokepoint(firms[place], int(tier[place]), int(cuts.count[at]), cuts, int(at), firms)
        for at, place in zip(cuts.worst, cuts.order[cuts.worst], strict=True)
    ]
    return sorted(found, key=lambda point: (-point.count, point.tier, str(point.firm)))


def named(links: Iterable[tuple[Firm, Firm]]) -> tuple[dict[Firm, int], reach.Behind]:
    """Number firms from 0, as they come; (their numbers, the network behind each)."""
    names: dict[Firm, int] = {}
    flat = (names.setdefault(firm, len(names)) for link in links for firm in link)
    pairs = np.fromiter(flat, np.int64).reshape(-1, 2)
    return names, reach.behind(pairs[:, 0], pairs[:, 1])


@dataclass(frozen=True)
class HiddenDiamond:
    """A firm that stands behind every choice that a buyer has for a part.

    `steps`: how far it is from the farthest of the `alternates`; 0 to itself.
    """

    firm: Hashable
    part: str
    alternates: tuple[Hashable, ...]
    steps: int

    @property
    def reason(self) -> str:
        """Why it is one, in a sentence."""
        others = ", ".join(map(str, self.alternates[:5]))
        more = f" and {len(self.alternates) - 5} more" if len(self.alternates) > 5 else ""
        return (
            f"{self.firm} stands behind every known supplier of {self.part or 'the same part'} "
            f"({others}{more}), {self.steps} step{'' if self.steps == 1 else 's'} away at most: "
            f"another supplier is no way out."
        )


def hidden_diamonds(
    buyer: Firm,
    links: Iterable[tuple[Firm, Firm]],
    parts: Mapping[str, Iterable[Firm]],
    within: int = 3,
) -> Iterator[HiddenDiamond]:
    """For each part of a buyer with two or more suppliers: firms behind all of them.

    As far as `within` steps; without end where that is 0. Raises FirmNotInNetwork.

    >>> links = [("n", "a"), ("n", "b"), ("a", "oem"), ("b", "oem"), ("c", "oem")]
    >>> parts = {"bolts": ["a", "b"], "nuts": ["c"]}
    >>> [(each.firm, each.part, each.steps) for each in hidden_diamonds("oem", links, parts)]
    [('n', 'bolts', 1)]
    """
    names, net = named(links)
    for firm in (buyer, *(firm for told in parts.values() for firm in told)):
        if firm not in names:
            raise FirmNotInNetwork(firm=firm)
    numbers = {part: tuple(names[firm] for firm in told) for part, told in parts.items()}
    firms = tuple(names)
    for each in reach.hidden_diamonds(net, names[buyer], numbers, within):
        alternates = tuple(firms[number] for number in each.alternates)
        yield HiddenDiamond(firms[each.firm], str(each.part), alternates, each.steps)
