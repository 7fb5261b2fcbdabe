"""Tiers: how far each firm stands behind a lead firm. Pure.

A link goes supplier → buyer. Real chains have circles, so nothing here sorts topologically
without taking the circles together first. Tiers are the usual ones of the literature:
breadth-first search from the lead firm on the reversed graph.
"""

from collections.abc import Hashable, Iterable
from typing import TypeVar

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from supplychain.errors import FirmNotInNetwork

Firm = TypeVar("Firm", bound=Hashable)
Int64s = NDArray[np.int64]
Links = Iterable[tuple[Firm, Firm]]


def tiers_from(lead: Firm, links: Links[Firm]) -> dict[Firm, int]:
    """Shortest distance of every firm that stands behind the lead firm; the lead firm is 0.

    Raises FirmNotInNetwork where no link mentions the lead firm.

    >>> tiers_from("oem", [("n", "a"), ("n", "b"), ("a", "oem"), ("b", "oem"), ("a", "n")])
    {'oem': 0, 'a': 1, 'b': 1, 'n': 2}
    """
    behind = _behind(lead, links)
    return dict(nx.single_source_shortest_path_length(behind, lead))


def longest_tiers_from(lead: Firm, links: Links[Firm]) -> dict[Firm, int]:
    """Longest distance, where firms that supply each other in a circle count as one.

    >>> longest_tiers_from("oem", [("c", "b"), ("b", "oem"), ("c", "oem")])
    {'oem': 0, 'b': 1, 'c': 2}
    """
    behind = _behind(lead, links)
    whole = nx.condensation(behind.subgraph(nx.descendants(behind, lead) | {lead}))
    longest: dict[int, int] = {}
    for group in nx.topological_sort(whole):
        longest[group] = max(
            (longest[before] + 1 for before in whole.predecessors(group)), default=0
        )
    found = {firm: longest[group] for group in whole for firm in whole.nodes[group]["members"]}
    return dict(sorted(found.items(), key=lambda item: (item[1], str(item[0]))))


def tiers_seen(tiers: dict[Firm, int], links: Links[Firm]) -> dict[Firm, list[int]]:
    """Every tier at which a firm delivers directly: one more than each of its buyers'.

    A firm that sells both to the lead firm and to one of its suppliers is in tiers 1 and 2.

    >>> links = [("a", "oem"), ("b", "a"), ("b", "oem")]
    >>> tiers_seen(tiers_from("oem", links), links)
    {'a': [1], 'b': [1, 2]}
    """
    seen: dict[Firm, set[int]] = {}
    for supplier, buyer in links:
        if buyer in tiers and tiers.get(supplier):
            seen.setdefault(supplier, set()).add(tiers[buyer] + 1)
    return {
        firm: sorted(numbers) for firm, numbers in sorted(seen.items(), key=lambda i: str(i[0]))
    }


def circles(links: Links[Firm]) -> list[set[Firm]]:
    """Groups of firms that supply each other in a circle, largest first.

    >>> [sorted(circle) for circle in circles([("a", "b"), ("b", "a"), ("c", "a")])]
    [['a', 'b']]
    """
    graph = nx.DiGraph(list(links))
    found = [set(group) for group in nx.strongly_connected_components(graph) if len(group) > 1]
    return sorted(found, key=lambda group: (-len(group), sorted(map(str, group))))


def diamonds(tiers: dict[Firm, int], links: Links[Firm]) -> dict[Firm, int]:
    """Tier-2 firms that stand behind two or more tier-1 firms, and behind how many.

    Their share of tier 2 is the diamond ratio.

    >>> links = [("n", "a"), ("n", "b"), ("a", "oem"), ("b", "oem")]
    >>> diamonds(tiers_from("oem", links), links)
    {'n': 2}
    """
    served: dict[Firm, set[Firm]] = {}
    for supplier, buyer in links:
        if tiers.get(supplier) == 2 and tiers.get(buyer) == 1:
            served.setdefault(supplier, set()).add(buyer)
    return {firm: len(buyers) for firm, buyers in served.items() if len(buyers) > 1}


def delivering(supplier: Int64s, own: Int64s, theirs: Int64s) -> dict[int, list[int]]:
    """What `tiers_seen` tells, for a hundred thousand links held in arrays, shape (m,) each.

    Suppliers as numbers, the tier of each, and that of its buyer.

    >>> delivering(np.array([1, 2, 2]), np.array([1, 1, 1]), np.array([0, 1, 0]))
    {1: [1], 2: [1, 2]}
    """
    there = own > 0
    firm, tier = np.divmod(np.unique(supplier[there] << 32 | theirs[there] + 1), 1 << 32)
    numbers, starts, counts = np.unique(firm, return_index=True, return_counts=True)
    told, ends = tier.tolist(), (starts + counts).tolist()
    return {
        number: told[start:end]
        for number, start, end in zip(numbers.tolist(), starts.tolist(), ends, strict=True)
    }


def serving(supplier: Int64s, own: Int64s, theirs: Int64s) -> dict[int, int]:
    """What `diamonds` tells, for links held in arrays; each pair of firms stands once.

    >>> serving(np.array([1, 2, 5, 5]), np.array([1, 1, 2, 2]), np.array([0, 0, 1, 1]))
    {5: 2}
    """
    numbers, counts = np.unique(supplier[(own == 2) & (theirs == 1)], return_counts=True)
    many = counts > 1
    return dict(zip(numbers[many].tolist(), counts[many].tolist(), strict=True))


def _behind(lead: Firm, links: Links[Firm]) -> "nx.DiGraph[Firm]":
    graph = nx.DiGraph((buyer, supplier) for supplier, buyer in links)
    if lead not in graph:
        raise FirmNotInNetwork(firm=lead)
    return graph
