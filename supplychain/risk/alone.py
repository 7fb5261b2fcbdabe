"""What if each firm stopped alone: the same as supplychain.risk.scenario, for thousands of stops.

Each stop is followed only where it reaches: the firms downstream of it, and the items that they
lack. Pure; compiled by numba.
"""

from dataclasses import dataclass

import numpy as np

from supplychain.risk.lanes import compiled
from supplychain.risk.network import Floats, Ints
from supplychain.risk.scenario import NEVER, SLIGHT, Needs, Stop

# The compiler infers the types of these functions from the arrays that it is given.
# ruff: noqa: ANN001, ANN202


@dataclass(frozen=True)
class Alone:
    """What each stop does to one firm: `lost` days of output by the horizon, `first` day hit."""

    firms: Ints
    lost: Floats
    first: Ints


def each_alone(
    net: Needs,
    firms: Ints,
    at: int,
    stop: Stop,
    horizon: int = 60,
    limit: tuple[str, float] = ("nobody", 0.0),
) -> Alone:
    """Let each of `firms` (positions) stop alone as `stop` says; what it does to the firm `at`.

    `limit`: as supplychain.risk.scenario.replaced_after takes it.

    >>> from supplychain.risk.scenario import needs
    >>> line = needs(3, (np.array([2, 1]), np.array([1, 0]), np.array([0, 0])),
    ...              np.ones(2), np.full(2, 3.0))
    >>> found = each_alone(line, np.array([1, 2]), 0, Stop((), days=10), horizon=20)
    >>> found.lost.tolist(), found.first.tolist()
    ([7.0, 4.0], [5, 9])
    """
    who, days = limit
    others = np.bincount(net.item, minlength=len(net.start))[net.item] > 1
    may = others if who == "several" else np.full(len(net.item), who == "everybody")
    replaced = np.where(may, float(days), np.inf)
    by_supplier = np.argsort(net.supplier, kind="stable")
    out = np.searchsorted(net.supplier[by_supplier], np.arange(net.size + 1))
    lost, first = np.zeros(len(firms)), np.full(len(firms), NEVER)
    places = np.asarray(firms, np.int64)
    links = net.supplier, net.share, net.item, replaced
    items = np.append(net.start, len(net.supplier)), net.buyer, net.stock, net.stops, net.weight
    _follow(
        places, at, stop.taken(horizon), net.finished, (out, by_supplier), links, items, lost, first
    )
    return Alone(places, lost, first)


@compiled
def _follow(places, at, taken, finished, outward, links, items, lost, first):
    size = len(finished)
    rank = np.full(size, -1)
    marked = np.zeros(len(items[1]), np.bool_)
    reached, lacked = np.empty(size, np.int64), np.empty(len(items[1]), np.int64)
    before, now, pooled = np.zeros(size), np.zeros(size), np.zeros(size)
    for case in range(len(places)):
        firms, wanted = _reach(places[case], outward, links, items, rank, marked, reached, lacked)
        if rank[at] >= 0:
            for day in range(1, len(taken)):
                for one in range(firms):
                    now[reached[one]] = before[reached[one]]
                now[places[case]] += taken[day]
                _a_day(wanted, lacked, finished, links, items, before, now, pooled)
                if first[case] < 0 and now[at] - before[at] > SLIGHT:
                    first[case] = day
                for one in range(firms):
                    before[reached[one]] = now[reached[one]]
            lost[case] = now[at]
        for one in range(firms):
            before[reached[one]] = now[reached[one]] = 0.0
            rank[reached[one]] = -1
        for one in range(wanted):
            marked[lacked[one]] = False


@compiled
def _reach(begin, outward, links, items, rank, marked, reached, lacked):
    """Firms downstream of one in `reached`, items that come from them in `lacked`; how many."""
    out, by_supplier = outward
    rank[begin], reached[0], firms, wanted, looked = 0, begin, 1, 0, 0
    while looked < firms:
        firm = reached[looked]
        looked += 1
        for place in range(out[firm], out[firm + 1]):
            item = links[2][by_supplier[place]]
            if not marked[item]:
                marked[item] = True
                lacked[wanted] = item
                wanted += 1
            buyer = items[1][item]
            if rank[buyer] < 0:
                rank[buyer] = firms
                reached[firms] = buyer
                firms += 1
    return firms, wanted


@compiled
def _a_day(wanted, lacked, finished, links, items, before, now, pooled):
    supplier, share, _, replaced = links
    start, buyer, stock, stops, weight = items
    for one in range(wanted):
        item = lacked[one]
        lack = -stock[item]
        for link in range(start[item], start[item + 1]):
            told = max(0.0, before[supplier[link]] - finished[supplier[link]])
            lack += share[link] * min(told, replaced[link])
        if lack > 0.0 and stops[item]:
            now[buyer[item]] = max(now[buyer[item]], lack)
        elif lack > 0.0:
            pooled[buyer[item]] += weight[item] * lack
    for one in range(wanted):
        firm = buyer[lacked[one]]
        now[firm] = max(now[firm], pooled[firm])
        pooled[firm] = 0.0
