"""Chokepoints: firms whose loss cuts others off from the lead firm. Pure.

They are the immediate dominators of the reversed network, seen from the lead firm: every way from
a firm to the lead firm runs through its dominators. One pass finds all of them (Cooper, Harvey,
Kennedy 2001, "A simple, fast dominance algorithm", as networkx has it).
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import TypeVar

import networkx as nx

from supplychain.errors import FirmNotInNetwork

Firm = TypeVar("Firm", bound=Hashable)


@dataclass(frozen=True)
class Chokepoint:
    """A firm, its tier, and the firms that reach the lead firm through it alone."""

    firm: Hashable
    tier: int
    behind: tuple[Hashable, ...]


def chokepoints(lead: Firm, links: Iterable[tuple[Firm, Firm]]) -> list[Chokepoint]:
    """Firms that others depend on for their only way to the lead firm, the worst first.

    Raises FirmNotInNetwork where no link mentions the lead firm.

    >>> links = [("n", "a"), ("n", "b"), ("m", "a"), ("a", "oem"), ("b", "oem"), ("x", "n")]
    >>> [(point.firm, point.behind) for point in chokepoints("oem", links)]
    [('a', ('m',)), ('n', ('x',))]
    """
    behind = nx.DiGraph((buyer, supplier) for supplier, buyer in links)
    if lead not in behind:
        raise FirmNotInNetwork(firm=lead)
    tiers = nx.single_source_shortest_path_length(behind, lead)
    above = nx.immediate_dominators(behind, lead)
    tree: dict[Firm, list[Firm]] = {}
    for firm, over in above.items():
        if over is not None and firm not in (lead, over):
            tree.setdefault(over, []).append(firm)
    found: list[Chokepoint] = []
    for firm in tree:
        if firm != lead:
            under = tuple(sorted(_under(tree, firm), key=str))
            found.append(Chokepoint(firm, tiers[firm], under))
    return sorted(found, key=lambda point: (-len(point.behind), point.tier, str(point.firm)))


def _under(tree: "dict[Firm, list[Firm]]", firm: Firm) -> list[Firm]:
    """Everything below a firm of the dominator tree."""
    found: list[Firm] = []
    waiting = list(tree.get(firm, ()))
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += tree.get(one, ())
    return found
