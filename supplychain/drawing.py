"""Where each firm stands on the tier map. Pure, and the same for the same chain.

Columns by tier from left to right. Inside a column, firms stand near those that they supply
(the barycentre rule of Sugiyama, Tagawa, Toda 1981, three sweeps), so that lines cross less. A
full column is a block of lanes, about as dense across as down, with a gap to the next block.
"""

from math import ceil, gcd, sqrt

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_SWEEPS = 3
_LANE = 40  # more firms than this in a column are staggered into lanes
_LANE_STEP = 0.09
_BLOCK = 0.64  # a block of lanes is so wide at most, where the next column stands at 1
_SHAPE = 0.3  # about how wide a block is for its height on a screen
# Groups of firms without a name: bigger dots, below the firms of their column.
_GROUP_ROW = 0.045
_GROUP_ROOM = 0.4  # of a column's height, at most
_GROUP_LANES = 5
_GROUP_STEP = 0.16


def places(tier: Ints, supplier: Ints, buyer: Ints) -> tuple[Floats, Floats]:
    """Across: the tier, staggered in full columns; down: from 0 to 1.

    `tier` of each firm, shape (n,), in the order that decides where nothing else does; `supplier`
    and `buyer` of each link, shape (m,), as places in it.

    >>> x, y = places(np.array([0, 1, 1]), np.array([1, 2]), np.array([0, 0]))
    >>> x.tolist(), y.tolist()
    ([0.0, 1.0, 1.0], [0.5, 0.25, 0.75])
    """
    across = tier[supplier] != tier[buyer]
    links = np.unique(supplier[across].astype(np.int64) * len(tier) + buyer[across])
    ends = np.stack(np.divmod(links, len(tier)))
    one, other = np.concatenate([ends, ends[::-1]], axis=1)
    partners = np.maximum(1, np.bincount(one, minlength=len(tier)))
    columns = {int(number): np.flatnonzero(tier == number) for number in np.unique(tier)}
    height = np.zeros(len(tier))
    for column in columns.values():
        height[column] = _spread(len(column))
    alone = np.bincount(one, minlength=len(tier)) == 0
    for sweep in range(_SWEEPS):
        for number in sorted(columns, reverse=bool(sweep % 2)):
            column = columns[number]
            centre = np.bincount(one, height[other], len(tier)) / partners
            centre = np.where(alone, height, centre)[column]
            column = column[np.argsort(np.round(centre, 9), kind="stable")]
            height[column] = _spread(len(column))
            columns[number] = column
    x = tier.astype(np.float64)
    for column in columns.values():
        x[column] += _lanes(len(column))
    return np.round(x, 4), np.round(height, 5)


def with_groups(tier: Ints, y: Floats, groups: Ints) -> tuple[Floats, Floats, Floats]:
    """Room below the firms of a column for groups of firms without a name, given by their tiers.

    How far down each firm then stands, and where each group does, across and down.

    >>> y, x, down = with_groups(np.array([1]), np.array([0.5]), np.array([1, 2]))
    >>> y.tolist(), x.tolist(), down.tolist()
    ([0.25], [1.0, 2.0], [0.75, 0.5])
    """
    y, across, down = y.copy(), groups.astype(np.float64), np.zeros(len(groups))
    for number in np.unique(groups):
        column, below = tier == number, np.flatnonzero(groups == number)
        firms, count = int(column.sum()), len(below)
        lanes = min(_GROUP_LANES, ceil(count * _GROUP_ROW / _GROUP_ROOM))
        rows = ceil(count / lanes)
        room = max(count / (firms + count), min(_GROUP_ROOM, rows * _GROUP_ROW)) if firms else 1.0
        y[column] *= 1 - room
        down[below] = 1 - room + room * (np.arange(count) + 0.5) / count
        across[below] += (np.arange(count) % lanes - (lanes - 1) / 2) * _GROUP_STEP
    return np.round(y, 5), np.round(across, 4), np.round(down, 5)


def _spread(firms: int) -> Floats:
    return (np.arange(firms) + 0.5) / firms


def _lanes(firms: int) -> Floats:
    """How far each firm of a column, from top to bottom, stands beside its middle.

    Who stands next below stands some lanes away, so that names and lines have room.
    """
    lanes = min(ceil(firms / _LANE), ceil(sqrt(firms * _SHAPE)))
    if lanes < 2:
        return np.zeros(firms)
    jump = next(
        step for step in range(max(1, round(lanes * 0.382)), lanes) if gcd(step, lanes) == 1
    )
    step = min(_LANE_STEP, _BLOCK / (lanes - 1))
    lane = np.arange(firms) * jump % lanes
    return np.asarray((lane - (lanes - 1) / 2) * step)
