"""How a failure spreads, step by step: the inner loops of ESRI, compiled with numba.

A failure begins small: here the links of the firms that are hit are followed, so that a case costs
what it reaches. Once it reaches more than `_MANY` of all links it goes on in one of eight lanes
(supplychain.risk.lanes), and the next case begins. Each case stops by its own rule, so its
figure does not depend on its neighbours. Nothing is left out, however small.

Losses (1 - h of the paper) only grow: hd and hu start at their largest, and both rules give less
output where there was less before. So a firm that has failed needs no rule of its own.
"""

import numpy as np

from supplychain.risk.lanes import LANES, compiled, hurt_of, step_down, step_up

_MANY = 0.02

# The compiler infers the types of these functions from the arrays that it is given.
# ruff: noqa: ANN001, ANN201, ANN202


@compiled
def _buyers_of(loss, hit, hits, outputs, sales, room):
    """What each hit firm takes from its buyers: the buyers in `room`, how many there are."""
    starts, buyer, group, share, _ = outputs
    sector, sold, sector_sold = sales
    lost, sums, worst, reached = room
    for at in range(hits):
        lost[sector[hit[at]]] = 0.0
    for at in range(hits):
        firm = hit[at]
        lost[sector[firm]] += sold[firm] * loss[firm]
    count = 0
    for at in range(hits):
        firm = hit[at]
        # What is left of the sector can stand in: sigma, 1 where nothing is left.
        left = sector_sold[sector[firm]] - lost[sector[firm]]
        hurt = (sold[firm] / left if left > sold[firm] else 1.0) * loss[firm]
        for link in range(starts[firm], starts[firm + 1]):
            one = buyer[link]
            sums[group[link]] += hurt * share[link]
            if sums[group[link]] > worst[one]:
                if worst[one] == 0.0:
                    reached[count] = one
                    count += 1
                worst[one] = sums[group[link]]
    for at in range(hits):
        for link in range(starts[hit[at]], starts[hit[at] + 1]):
            sums[group[link]] = 0.0
    return count


@compiled
def _suppliers_of(loss, hit, hits, inputs, worst, reached):
    """What each hit firm no longer buys: the suppliers in `reached`, how many there are."""
    starts, marked, _, share = inputs
    count = 0
    for at in range(hits):
        hurt = loss[hit[at]]
        for link in range(starts[hit[at]], starts[hit[at] + 1]):
            one = marked[link] >> np.uint32(1)
            more = hurt * share[link]
            if more > 0.0:
                if worst[one] == 0.0:
                    reached[count] = one
                    count += 1
                worst[one] += more
    return count


@compiled
def _grown(loss, hit, hits, worst, reached, count):
    """Let losses grow; how many firms are hit now, and the largest growth. Clears `worst`."""
    largest = 0.0
    for at in range(count):
        firm = reached[at]
        more = min(1.0, worst[firm])
        worst[firm] = 0.0
        if more > loss[firm]:
            if loss[firm] == 0.0:
                hit[hits] = firm
                hits += 1
            largest = max(largest, more - loss[firm])
            loss[firm] = more
    return hits, largest


@compiled
def _links_at(hit, hits, starts):
    count = 0
    for at in range(hits):
        count += starts[hit[at] + 1] - starts[hit[at]]
    return count


@compiled
def _spread(failed, outputs, inputs, sales, limits, losses, lists, room):
    """Follow one failure until it rests or reaches too much: (whether it rests, downs, ups)."""
    (tolerance, many), (down, up), (down_hit, up_hit) = limits, losses, lists
    _, _, worst, reached = room
    down[failed] = up[failed] = 1.0
    down_hit[0] = up_hit[0] = failed
    downs, ups = 1, 1
    while True:
        reach = _links_at(down_hit, downs, outputs[0]) + _links_at(up_hit, ups, inputs[0])
        if reach > many:
            return False, downs, ups
        count = _buyers_of(down, down_hit, downs, outputs, sales, room)
        downs, moved = _grown(down, down_hit, downs, worst, reached, count)
        count = _suppliers_of(up, up_hit, ups, inputs, worst, reached)
        ups, up_moved = _grown(up, up_hit, ups, worst, reached, count)
        if max(moved, up_moved) <= tolerance:
            return True, downs, ups


@compiled
def _gone(losses, lists, downs, ups, sold):
    """Sales that are lost; sets all losses back to 0."""
    (down, up), (down_hit, up_hit) = losses, lists
    gone = 0.0
    for at in range(downs):
        firm = down_hit[at]
        gone += sold[firm] * max(down[firm], up[firm])
        up[firm] = down[firm] = 0.0
    for at in range(ups):
        firm = up_hit[at]
        gone += sold[firm] * up[firm]
        up[firm] = 0.0
    return gone


@compiled
def _enter(lane, wide, losses, lists, downs, ups):
    """Move one case into a lane; sets its losses back to 0."""
    for side in range(2):
        loss, hit = losses[side], lists[side]
        for at in range(ups if side else downs):
            wide[side][hit[at], lane] = loss[hit[at]]
            loss[hit[at]] = 0.0


@compiled
def _leave(lane, wide, spare, sold):
    """Sales that are lost in a lane; empties it."""
    gone = 0.0
    for firm in range(len(sold)):
        gone += sold[firm] * max(wide[0][firm, lane], wide[1][firm, lane])
        wide[0][firm, lane] = wide[1][firm, lane] = spare[firm, lane] = 0.0
    return gone


@compiled
def sweep(failing, outputs, inputs, sales, tolerance, found):
    """Let each firm of `failing` fail alone; the share of all sales that is lost, in `found`.

    outputs, inputs, sales: as supplychain.risk.esri.Shares holds them.
    """
    sold, firms, kinds = sales[1], len(sales[1]), len(sales[2])
    limits = tolerance, int(_MANY * (len(outputs[1]) + len(inputs[1])))
    losses = np.zeros(firms), np.zeros(firms)
    lists = np.empty(firms, np.int32), np.empty(firms, np.int32)
    groups = outputs[2].max() + 1
    room = np.zeros(kinds), np.zeros(groups), np.zeros(firms), np.empty(firms, np.int32)
    down, up = np.zeros((firms, LANES)), np.zeros((firms, LANES))
    spare, hurt, lost = np.zeros_like(up), np.zeros_like(up), np.zeros((kinds, LANES))
    case_of, coming, busy = np.full(LANES, -1), 0, 0
    while coming < len(failing) or busy:
        for lane in range(LANES):
            while case_of[lane] < 0 and coming < len(failing):
                failed = failing[coming]
                rests, downs, ups = _spread(
                    failed, outputs, inputs, sales, limits, losses, lists, room
                )
                if rests:
                    found[coming] = _gone(losses, lists, downs, ups, sold)
                else:
                    _enter(lane, (down, up), losses, lists, downs, ups)
                    case_of[lane], busy = coming, busy + 1
                coming += 1
        if busy:
            moved = np.zeros(LANES)
            hurt_of(down, sales, lost, hurt)
            step_down(inputs, hurt, down, moved)
            step_up(outputs, up, spare, moved)
            up, spare = spare, up
            for lane in range(LANES):
                if case_of[lane] >= 0 and moved[lane] <= tolerance:
                    found[case_of[lane]] = _leave(lane, (down, up), spare, sold)
                    case_of[lane], busy = -1, busy - 1
    found /= sold.sum()
