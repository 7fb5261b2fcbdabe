"""How a failure spreads, step by step: the inner loops of ESRI, compiled with numba.

No array operation can follow a growing list of hit firms, and in most cases few are hit: so the
loops go over these alone. All firms move at once (from the state before the step), and a list
holds who is hit. Effects below `_NOTHING` are not passed on: in ESRI they come to less than 1e-10.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np

_NOTHING = 1e-11

# The compiler infers the types of these functions from the arrays that it is given.
# ruff: noqa: ANN001, ANN201, ANN202
# mypy: disable-error-code="no-untyped-def, no-untyped-call"

_F = TypeVar("_F", bound=Callable[..., Any])


def _compiled(function: _F) -> _F:
    """Compiled at the first call, and kept beside the source where that can be written."""
    compiled: Any = numba.njit(cache=True)(function)
    return cast("_F", compiled)


@_compiled
def _groups_hit(level, hit, hits, downstream, sales, lost, sums, groups):
    """Add what each hit firm takes from its buyers' input groups; how many groups it reaches."""
    starts, group, share, _ = downstream
    sector, sold, sector_sold = sales
    for at in range(hits):
        lost[sector[hit[at]]] = 0.0
    for at in range(hits):
        firm = hit[at]
        lost[sector[firm]] += sold[firm] * (1.0 - level[firm])
    count = 0
    for at in range(hits):
        firm = hit[at]
        # What is left of the sector can stand in: sigma, 1 where nothing is left.
        left = sector_sold[sector[firm]] - lost[sector[firm]]
        sigma = sold[firm] / left if left > sold[firm] else 1.0
        hurt = sigma * (1.0 - level[firm])
        if hurt < _NOTHING:
            continue
        for link in range(starts[firm], starts[firm + 1]):
            one = group[link]
            if sums[one] == 0.0:
                groups[count] = one
                count += 1
            sums[one] += hurt * share[link]
    return count


@_compiled
def _suppliers_hit(level, hit, hits, upstream, worst, reached):
    """Add what each hit firm no longer buys of its suppliers; how many suppliers it reaches."""
    starts, supplier, share = upstream
    count = 0
    for at in range(hits):
        firm = hit[at]
        hurt = 1.0 - level[firm]
        if hurt < _NOTHING:
            continue
        for link in range(starts[firm], starts[firm + 1]):
            one = supplier[link]
            if worst[one] == 0.0:
                reached[count] = one
                count += 1
            worst[one] += hurt * share[link]
    return count


@_compiled
def _buyers_hit(groups, count, buyer, sums, worst, reached):
    """A buyer loses as much as its scarcest group; how many buyers there are. Clears `sums`."""
    buyers = 0
    for at in range(count):
        group = groups[at]
        one = buyer[group]
        if worst[one] == 0.0:
            reached[buyers] = one
            buyers += 1
        worst[one] = max(worst[one], sums[group])
        sums[group] = 0.0
    return buyers


@_compiled
def _move(level, hit, hits, failed, worst, reached, count):
    """Give firms their new levels; who is hit now, and the largest move. Clears `worst`."""
    largest = 0.0
    for at in range(hits):
        firm = hit[at]
        if worst[firm] == 0.0 and firm != failed:
            largest = max(largest, 1.0 - level[firm])
            level[firm] = 1.0
    hit[0] = failed
    hits = 1
    for at in range(count):
        firm = reached[at]
        if firm != failed:
            new = max(0.0, 1.0 - worst[firm])
            largest = max(largest, abs(new - level[firm]))
            level[firm] = new
            if new < 1.0:
                hit[hits] = firm
                hits += 1
        worst[firm] = 0.0
    return hits, largest


@_compiled
def _gone(down, down_hit, downs, up, up_hit, ups, sold):
    """Sales that are lost; sets all levels back to 1."""
    gone = 0.0
    for at in range(downs):
        firm = down_hit[at]
        gone += sold[firm] * (1.0 - min(down[firm], up[firm]))
    for at in range(ups):
        firm = up_hit[at]
        if down[firm] == 1.0:
            gone += sold[firm] * (1.0 - up[firm])
        up[firm] = 1.0
    for at in range(downs):
        down[down_hit[at]] = 1.0
    return gone


@_compiled
def sweep(failing, downstream, upstream, sales, tolerance, found):
    """Let each firm of `failing` fail alone; the share of all sales that is lost, in `found`.

    downstream, upstream, sales: as supplychain.risk.esri.Shares holds them.
    """
    sold = sales[1]
    firms, groups = len(sold), len(downstream[3])
    total = sold.sum()
    down, up = np.ones(firms), np.ones(firms)
    down_hit, up_hit = np.empty(firms + 1, np.int32), np.empty(firms + 1, np.int32)
    lost, sums, worst = np.zeros(len(sales[2])), np.zeros(groups), np.zeros(firms)
    touched, reached = np.empty(groups, np.int32), np.empty(firms, np.int32)
    for case in range(len(failing)):
        failed = failing[case]
        down[failed] = up[failed] = 0.0
        down_hit[0] = up_hit[0] = failed
        downs, ups = 1, 1
        moved = 1.0
        while moved > tolerance:
            count = _groups_hit(down, down_hit, downs, downstream, sales, lost, sums, touched)
            count = _buyers_hit(touched, count, downstream[3], sums, worst, reached)
            downs, down_moved = _move(down, down_hit, downs, failed, worst, reached, count)
            count = _suppliers_hit(up, up_hit, ups, upstream, worst, reached)
            ups, up_moved = _move(up, up_hit, ups, failed, worst, reached, count)
            moved = max(down_moved, up_moved)
        found[case] = _gone(down, down_hit, downs, up, up_hit, ups, sold) / total
