"""What if firms stop: how the shortage travels through the chain, day by day. Pure.

After the inventories of Hallegatte (2014, "Modeling the role of inventories and heterogeneity in
the assessment of the economic costs of natural disasters", Risk Analysis 34(1)), firm by firm as
in Henriet, Hallegatte & Tabourier (2012, "Firm-network characteristics and economic robustness to
natural disasters", JEDC 36(1)) and Inoue & Todo (2019, Nature Sustainability 2), and reduced to
what spreads from supplier to buyer. Each firm carries one number, its *shortage*: how many days
of normal output it has missed so far,

    L_j(t) = max( L_j(t-1) + what j's own stop takes on day t,
                  max over essential items k:  [ sum_i a_ik min(r_ik, [L_i(t-1) - f_i]+) - s_k ]+,
                  sum over other items k:  w_k [ the same ]+ )

a_ik: the share of supplier i in what j needs of item k; s_k: days for which j's stock of k lasts;
f_i: days for which i's finished goods last; r_ik: days after which somebody else delivers instead
of i; w_k: the weight of an item that does not stop the line. The output on day t is
1 - (L_j(t) - L_j(t-1)). All of it grows with every stop, so a longer stop or one more of them never
means less shortage, and a shortage is never larger than the days that have passed.

Assumptions: what is made today is used by the buyer tomorrow. A firm that lacks an item makes so
much less; a supplier that makes less gives each buyer the same part of what is normal. Suppliers
of the same item cover their own shares, and what no known supplier delivers goes on coming.
Whoever waits for one item keeps the others that arrive. Limits: nobody catches up afterwards, no
prices, no orders that fall away backwards up the chain, no firms and links that are not known.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from supplychain.risk.network import Floats, Ints

Bools = NDArray[np.bool_]

SLIGHT = 1e-6  # a firm that misses less of a day's output is not hit
NEVER = -1


@dataclass(frozen=True)
class Needs:
    """Who needs what of whom: n firms, m links in g items, each item needed by one buyer.

    Links stand in the order of their items, items in the order of their buyers. `share` (m,) of an
    item sums up to 1 at most; `stock` (g,) and `finished` (n,) in days; `weight` (g,): 1 for an
    item without which the line stands, else its part in the buyer's output, as `stops` (g,) says.
    """

    size: int
    supplier: Ints
    share: Floats
    item: Ints
    start: Ints
    buyer: Ints
    stock: Floats
    stops: Bools
    weight: Floats
    finished: Floats


def needs(
    size: int,
    links: tuple[Ints, Ints, Ints],
    share: Floats,
    stock: Floats,
    *,
    finished: Floats | None = None,
    stops: Bools | None = None,
) -> Needs:
    """Sort links given as (suppliers, buyers, items), shape (m,) each; items as any numbers.

    `share` (m,): parts of the item that the buyer needs; where they add up to more than 1 they are
    brought down to it. `stock` (m,): days for which what lies at the buyer of this link lasts.
    `stops` (m,): whether the line stands without the item; it does where one of its links says so.

    >>> net = needs(3, (np.array([1, 2]), np.array([0, 0]), np.array([5, 5])),
    ...             np.array([3.0, 1.0]), np.array([2.0, 6.0]))
    >>> net.share.tolist(), net.stock.tolist(), net.buyer.tolist()
    ([0.75, 0.25], [3.0], [0])
    """
    supplier, buyer, items = (np.asarray(each, np.int64) for each in links)
    order = np.lexsort((supplier, items, buyer))
    supplier, buyer, items = supplier[order], buyer[order], items[order]
    share, stock = share[order].astype(np.float64), stock[order].astype(np.float64)
    ends = np.ones(len(order), np.bool_)
    ends[1:] = (buyer[1:] != buyer[:-1]) | (items[1:] != items[:-1])
    start, item = np.flatnonzero(ends), np.cumsum(ends) - 1
    told = np.bincount(item, share, len(start))
    share = share / np.maximum(told, 1.0)[item]
    needed = np.bincount(item, share, len(start))
    kept = np.bincount(item, share * stock, len(start)) / np.maximum(needed, 1e-300)
    essential = np.ones(len(order), np.bool_) if stops is None else stops[order]
    stop = np.bincount(item, essential, len(start)) > 0
    count = np.bincount(buyer[start], minlength=size)
    return Needs(
        size=size,
        supplier=supplier,
        share=share,
        item=item,
        start=start,
        buyer=buyer[start],
        stock=kept,
        stops=stop,
        weight=np.where(stop, 1.0, 1.0 / count[buyer[start]]) if len(start) else np.empty(0),
        finished=np.zeros(size) if finished is None else finished,
    )


@dataclass(frozen=True)
class Stop:
    """Firms (positions) that make nothing from a day on, for so many days; days count from 1.

    Over the `ramp` days that follow, their output rises evenly to the normal one.
    """

    firms: tuple[int, ...]
    first: int = 1
    days: int = 1
    ramp: int = 0

    def taken(self, horizon: int) -> Floats:
        """What the stop takes of each day's output, shape (horizon + 1,); day 0 is before all.

        >>> Stop((0,), first=2, days=1, ramp=1).taken(4).tolist()
        [0.0, 0.0, 1.0, 0.5, 0.0]
        """
        day = np.arange(horizon + 1)
        since = day - self.first
        rising = 1.0 - (since - self.days + 1) / (self.ramp + 1)
        gone = np.where(since < self.days, 1.0, np.clip(rising, 0.0, 1.0))
        return np.where((since >= 0) & (self.days > 0), gone, 0.0)


@dataclass(frozen=True)
class Course:
    """What came of it: `shortage` in days of normal output, shape (horizon + 1, n), from day 0."""

    needs: Needs
    shortage: Floats
    limit: Floats

    @property
    def horizon(self) -> int:
        """The last day that was looked at."""
        return len(self.shortage) - 1

    @cached_property
    def level(self) -> Floats:
        """Output of each day 1…horizon, 0 to 1, shape (horizon, n)."""
        return np.clip(1.0 - np.diff(self.shortage, axis=0), 0.0, 1.0)

    @cached_property
    def _short(self) -> Bools:
        found: Bools = self.level < 1.0 - SLIGHT
        return found

    @cached_property
    def first(self) -> Ints:
        """The day on which each firm is first hit; NEVER."""
        return np.where(self._short.any(0), self._short.argmax(0) + 1, NEVER)

    @cached_property
    def last(self) -> Ints:
        """The last day, up to the horizon, on which it makes less than usual; NEVER."""
        found = self.horizon - self._short[::-1].argmax(0)
        return np.where(self._short.any(0), found, NEVER)

    @cached_property
    def recovered(self) -> Ints:
        """The first day of normal output afterwards; NEVER where not hit, or not by the horizon."""
        return np.where((self.first > 0) & (self.last < self.horizon), self.last + 1, NEVER)

    @cached_property
    def days_hit(self) -> Ints:
        """On how many days each firm makes less than usual."""
        return np.asarray(self._short.sum(0), np.int64)

    @cached_property
    def deepest(self) -> Floats:
        """The lowest output of a day."""
        return np.asarray(self.level.min(0), np.float64)

    @property
    def lost(self) -> Floats:
        """Days of normal output that are missed by the horizon."""
        return np.asarray(self.shortage[-1], np.float64)

    def lacking(self, firm: int) -> list[tuple[int, int, float]]:
        """What a firm lacks: (item, first day, days missed for it), the first to lack first."""
        net = self.needs
        found = []
        for item in np.flatnonzero(net.buyer == firm):
            ends = np.append(net.start, len(net.supplier))
            links = np.arange(ends[item], ends[item + 1])
            told = _lack(self.shortage[:-1], net, self.limit, links) @ net.share[links]
            missed = np.maximum(told - net.stock[item], 0.0)
            days = np.flatnonzero(missed > SLIGHT)
            if len(days):
                found.append((int(item), int(days[0]) + 1, float(missed[-1])))
        return sorted(found, key=lambda each: (each[1], -each[2], each[0]))

    def through(self) -> Ints:
        """For each firm that is hit: the supplier that it lacks most on its first day, or NEVER."""
        net = self.needs
        found = np.full(net.size, NEVER)
        buyer = net.buyer[net.item]
        hit = np.flatnonzero(self.first[buyer] > 0)
        before = self.first[buyer[hit]] - 1
        told = _delivered(self.shortage[before, net.supplier[hit]], net, self.limit, hit)
        told = told * net.share[hit]
        some = told > SLIGHT / 10
        hit, told = hit[some], told[some]
        order = np.lexsort((net.supplier[hit], told))
        found[buyer[hit][order]] = net.supplier[hit][order]
        return found


def _delivered(shortage: Floats, net: Needs, limit: Floats, links: Ints) -> Floats:
    found = np.maximum(shortage - net.finished[net.supplier[links]], 0.0)
    return np.minimum(found, limit[links])


def _lack(shortage: Floats, net: Needs, limit: Floats, links: Ints) -> Floats:
    """The same for whole courses, shape (days, links)."""
    found = np.maximum(shortage[:, net.supplier[links]] - net.finished[net.supplier[links]], 0.0)
    return np.minimum(found, limit[links])


def replaced_after(net: Needs, stops: Iterable[Stop], who: str, days: float) -> Floats:
    """r_ik: days after which somebody else delivers, for each link; infinite where nobody does.

    `who`: "nobody"; "several", where another supplier of the same item does not stop itself;
    "everybody".
    """
    if who == "nobody":
        return np.full(len(net.supplier), np.inf)
    if who == "everybody":
        return np.full(len(net.supplier), float(days))
    stopped = np.zeros(net.size, np.bool_)
    for stop in stops:
        stopped[list(stop.firms)] = True
    going = ~stopped[net.supplier]
    others = np.bincount(net.item, going, len(net.start))[net.item] - going
    return np.where(others > 0, float(days), np.inf)


def run(
    net: Needs, stops: Iterable[Stop], horizon: int = 60, limit: Floats | None = None
) -> Course:
    """Follow the shortage for so many days. `limit` (m,): see replaced_after; nobody if left out.

    >>> line = needs(3, (np.array([2, 1]), np.array([1, 0]), np.array([0, 0])),
    ...              np.ones(2), np.full(2, 3.0))
    >>> course = run(line, [Stop((2,), days=10)], horizon=20)
    >>> course.first.tolist(), course.lost.tolist()
    ([9, 5, 1], [4.0, 7.0, 10.0])
    """
    stops = list(stops)
    limit = np.full(len(net.supplier), np.inf) if limit is None else limit
    gone = np.zeros((horizon + 1, net.size))
    for stop in stops:
        places = list(set(stop.firms))
        gone[:, places] = np.maximum(gone[:, places], stop.taken(horizon)[:, None])
    shortage = np.zeros((horizon + 1, net.size))
    every, part = np.arange(len(net.supplier)), np.flatnonzero(~net.stops)
    line = np.flatnonzero(net.stops)
    starts = np.flatnonzero(np.diff(net.buyer[line], prepend=-1))
    own = net.buyer[line][starts]
    for day in range(1, horizon + 1):
        before, now = shortage[day - 1], shortage[day]
        np.add(before, gone[day], out=now)
        if not len(every) or not before.any():
            continue
        told = _delivered(before[net.supplier], net, limit, every) * net.share
        lack = np.maximum(np.add.reduceat(told, net.start) - net.stock, 0.0)
        if len(line):
            now[own] = np.maximum(now[own], np.maximum.reduceat(lack[line], starts))
        if len(part):
            weighed = np.bincount(net.buyer[part], net.weight[part] * lack[part], net.size)
            np.maximum(now, weighed, out=now)
    return Course(net, shortage, limit)
