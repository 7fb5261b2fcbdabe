"""Where each firm stands on the tier map. Pure, and the same for the same chain.

Columns by tier from left to right. Inside a column, firms stand near those that they supply
(the barycentre rule of Sugiyama, Tagawa, Toda 1981, two sweeps), so that lines cross less.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

Firm = TypeVar("Firm", bound=Hashable)

_SWEEPS = 3
_LANE = 40  # more firms than this in a column are staggered into lanes
_LANE_STEP = 0.09


def places(
    tiers: dict[Firm, int], links: Iterable[tuple[Firm, Firm]], names: dict[Firm, str]
) -> dict[Firm, tuple[float, float]]:
    """Across: the tier (staggered a little in full columns); down: from 0 to 1.

    >>> places({"o": 0, "a": 1, "b": 1}, [("a", "o"), ("b", "o")], {"o": "O", "a": "A", "b": "B"})
    {'o': (0.0, 0.5), 'a': (1.0, 0.25), 'b': (1.0, 0.75)}
    """
    near: dict[Firm, list[Firm]] = {firm: [] for firm in tiers}
    for supplier, buyer in links:
        if supplier in tiers and buyer in tiers and tiers[supplier] != tiers[buyer]:
            near[supplier].append(buyer)
            near[buyer].append(supplier)
    columns: dict[int, list[Firm]] = {}
    for firm in sorted(tiers, key=lambda firm: (names.get(firm, ""), str(firm))):
        columns.setdefault(tiers[firm], []).append(firm)
    height = {firm: y for column in columns.values() for firm, y in _spread(column)}
    for sweep in range(_SWEEPS):
        for tier in sorted(columns, reverse=bool(sweep % 2)):
            columns[tier] = sorted(columns[tier], key=lambda firm: _centre(firm, near, height))
            height.update(_spread(columns[tier]))
    return {
        firm: (round(tier + _lane(index, len(column)), 4), round(height[firm], 5))
        for tier, column in sorted(columns.items())
        for index, firm in enumerate(column)
    }


def with_crowds(
    where: dict[Firm, tuple[float, float]], tiers: dict[Firm, int], crowds: Sequence[int]
) -> tuple[dict[Firm, tuple[float, float]], list[tuple[float, float]]]:
    """Room below the firms of a column for groups of firms without a name, given by their tiers.

    >>> with_crowds({"a": (1.0, 0.5)}, {"a": 1}, [1, 2])
    ({'a': (1.0, 0.25)}, [(1.0, 0.75), (2.0, 0.5)])
    """
    firms, groups = Counter(tiers.values()), Counter(crowds)
    moved = {
        firm: (x, round(y * firms[tiers[firm]] / (firms[tiers[firm]] + groups[tiers[firm]]), 5))
        for firm, (x, y) in where.items()
    }
    placed: list[tuple[float, float]] = []
    before: Counter[int] = Counter()
    for tier in crowds:
        row = firms[tier] + before[tier] + 0.5
        placed.append((float(tier), round(row / (firms[tier] + groups[tier]), 5)))
        before[tier] += 1
    return moved, placed


def _spread(column: list[Firm]) -> list[tuple[Firm, float]]:
    return [(firm, (index + 0.5) / len(column)) for index, firm in enumerate(column)]


def _centre(firm: Firm, near: dict[Firm, list[Firm]], height: dict[Firm, float]) -> float:
    neighbours = near[firm]
    if not neighbours:
        return height[firm]
    return sum(height[neighbour] for neighbour in neighbours) / len(neighbours)


def _lane(index: int, firms: int) -> float:
    lanes = min(5, -(-firms // _LANE))
    return (index % lanes - (lanes - 1) / 2) * _LANE_STEP
