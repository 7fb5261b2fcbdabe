"""What if each firm stopped alone: the same as supplychain.risk.scenario, for thousands of stops.

Each stop is followed only where it is felt: the firms that are hit so far, and the items that come
from them. Pure; compiled by numba.
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
    size, kinds = len(finished), len(items[1])
    there, marked = np.zeros(size, np.bool_), np.zeros(kinds, np.bool_)
    hit, lacked = np.empty(size, np.int64), np.empty(kinds, np.int64)
    before, now, pooled = np.zeros(size), np.zeros(size), np.zeros(size)
    for case in range(len(places)):
        hit[0], there[places[case]] = places[case], True
        firms = 1
        wanted = _enter(places[case], outward, links[2], marked, lacked, 0)
        for day in range(1, len(taken)):
            now[places[case]] += taken[day]
            _a_day(wanted, lacked, finished, links, items, before, now, pooled)
            if first[case] < 0 and now[at] - before[at] > SLIGHT:
                first[case] = day
            for one in range(wanted):
                buyer = items[1][lacked[one]]
                if now[buyer] > 0.0 and not there[buyer]:
                    hit[firms], there[buyer] = buyer, True
                    firms += 1
                    wanted = _enter(buyer, outward, links[2], marked, lacked, wanted)
            for one in range(firms):
                before[hit[one]] = now[hit[one]]
        lost[case] = now[at]
        for one in range(firms):
            before[hit[one]] = now[hit[one]] = 0.0
            there[hit[one]] = False
        for one in range(wanted):
            marked[lacked[one]] = False


@compiled
def _enter(firm, outward, item_of, marked, lacked, wanted):
    """Add the items that come from a firm that is hit; how many there are then."""
    out, by_supplier = outward
    for place in range(out[firm], out[firm + 1]):
        item = item_of[by_supplier[place]]
        if not marked[item]:
            marked[item] = True
            lacked[wanted] = item
            wanted += 1
    return wanted


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
