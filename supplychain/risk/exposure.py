"""How long a firm's line goes on without each firm of its chain: the cases that links tell. Pure.

Times to survive (supplychain.risk.survival) ask for pieces, demand and capacities, which nobody
tells of a whole chain. So amounts count in days here: each firm makes one day's worth a day, and
divides it among its buyers as they need it. The lead firm has one product, all that it makes: what
goes into which of its products is not known. Of an item whose suppliers' shares are not all told
they deliver equal parts; what is lacking to 100 % somebody else delivers, and no more of it. Where
no item is told, nobody stands in. Stocks, capacities and times to recover are RiskFacts.

A programme over ten thousand firms takes minutes, and one for each of them days. So each firm's
case holds those alone that its stop can touch, its buyers and theirs in turn, and who delivers the
same items to them (stand-ins). What lies behind these is in how much they can make: as much as all
firms could at once, by their capacities and their suppliers' (`lasting`). What a stand-in can make
more goes to its customers by their parts; only the lead firm needs no more elsewhere.

So the small case promises no more than the programme over the whole chain: it survives as long or
shorter, and loses as much or more. A plan of the small case is one of the whole chain: everybody
else makes as much more as the plan asks for, which `lasting` leaves room for. The two agree where
each stand-in delivers to nobody else, nobody is held back by suppliers that the stop does not
touch, and the lead firm delivers to none of the others: then the small case has the whole one's
limits, and none of its own. (tests/supplychain/risk/test_exposure.py)
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from supplychain.risk.facts import RiskFacts
from supplychain.risk.network import Floats
from supplychain.risk.survival import Case, each_alone

_SAME = 1e-9
_TURNS = 100  # a chain is not that deep


class Delivery(NamedTuple):
    """`share` of all that the buyer buys of the item, in per cent; None where it is not told."""

    supplier: int
    buyer: int
    item: str
    share: float | None


@dataclass(frozen=True)
class Need:
    """A part that a buyer needs: each supplier's part of it, 0 to 1, and days in stock."""

    buyer: int
    part: str
    parts: Mapping[int, float]
    stock: Mapping[int, float]


def needs_of(deliveries: Iterable[Delivery], facts: RiskFacts) -> list[Need]:
    """Deliveries by buyer and item. A delivery that stands twice counts once.

    >>> told = [Delivery(2, 1, "bolts", 30.0), Delivery(3, 1, "bolts", 30.0), Delivery(4, 1, "", 9)]
    >>> [(need.part, need.parts) for need in needs_of(told, RiskFacts())]
    [('bolts', {2: 0.3, 3: 0.3}), ('4', {4: 0.09})]
    """
    grouped: dict[tuple[int, str], dict[int, Delivery]] = {}
    for each in deliveries:
        grouped.setdefault((each.buyer, each.item or f"{each.supplier}"), {})[each.supplier] = each
    found = []
    for (buyer, part), told in grouped.items():
        parts = _parts({number: each.share for number, each in told.items()})
        stock = {n: facts.stock(n, buyer, told[n].item).value for n in parts}
        if parts:
            found.append(Need(buyer, part, parts, stock))
    return found


def item_known(deliveries: Iterable[Delivery], lead: int) -> frozenset[int]:
    """The firms from which a way leads to the lead firm whose every delivery tells its item.

    Of the others nothing is known of what their stop would cost: where no item is told nobody
    stands in, so each looks as if it stopped all of its buyer.

    >>> told = [Delivery(2, 1, "bolts", None), Delivery(3, 2, "wire", None)]
    >>> told += [Delivery(4, 1, "", None), Delivery(5, 4, "sheet", None)]
    >>> sorted(item_known(told, 1))
    [2, 3]
    """
    selling: dict[int, list[int]] = {}
    for each in deliveries:
        if each.item:
            selling.setdefault(each.buyer, []).append(each.supplier)
    found, due = {lead}, [lead]
    while due:
        new = set(selling.get(due.pop(), ())) - found
        found |= new
        due += new
    return frozenset(found - {lead})


def _parts(shares: Mapping[int, float | None]) -> dict[int, float]:
    known = {number: share for number, share in shares.items() if share is not None}
    if len(known) < len(shares):
        return dict.fromkeys(shares, 1.0 / len(shares))
    whole = max(100.0, sum(known.values()))
    return {number: share / whole for number, share in known.items() if share}


@dataclass(frozen=True)
class Exposure:
    """A lead firm's needs and those behind it; whom to let fail, for how many days each.

    `makes`: what a firm makes a day, in parts of what its buyers need; `able`: what it could make
    by its own machines; `most`: while all others make what they can; `stock`: its finished goods.
    All by the firms' numbers.
    """

    lead: int
    needs: Sequence[Need]
    makes: Mapping[int, float]
    able: Mapping[int, float]
    most: Mapping[int, float]
    stock: Mapping[int, float]
    firms: tuple[int, ...] = ()
    days: tuple[float, ...] = ()

    @cached_property
    def served(self) -> dict[int, list[int]]:
        """Supplier → the places of the needs that it serves."""
        found: dict[int, list[int]] = {}
        for at, need in enumerate(self.needs):
            for supplier in need.parts:
                found.setdefault(supplier, []).append(at)
        return found

    @cached_property
    def bought(self) -> dict[int, list[int]]:
        """Buyer → the places of its needs."""
        found: dict[int, list[int]] = {}
        for at, need in enumerate(self.needs):
            found.setdefault(need.buyer, []).append(at)
        return found

    def touched(self, firm: int) -> tuple[set[int], list[int]]:
        """Whom a stop can reach, the firm and its buyers in turn, and which needs."""
        reached, line, needs = {firm}, [firm], dict[int, None]()
        while line:
            for at in self.served.get(line.pop(), ()):
                needs[at] = None
                buyer = self.needs[at].buyer
                if buyer not in reached:
                    reached.add(buyer)
                    line.append(buyer)
        return reached, list(needs)

    def case_without(self, firm: int) -> Case:
        """The case of a stop of one firm; firms are called by their numbers.

        >>> needs = needs_of([Delivery(2, 1, "bolts", None)], RiskFacts())
        >>> told = exposure_of(1, needs, RiskFacts())
        >>> case = told.case_without(2)
        >>> case.parts, case.stock["stock 1 bolts"], case.capacity["2"]
        ({'1': {'bolts': ('2', 'stock 1 bolts')}}, 5.0, 1.2)
        """
        reached, needs = self.touched(firm)
        there = set(needs)
        capacity = {str(number): self._reach(number, there) for number in {*reached, self.lead}}
        stock = {str(number): self.stock[number] for number in {*reached, self.lead}}
        parts: dict[str, dict[str, tuple[str, ...]]] = {}
        given: dict[tuple[str, str], float] = {}
        for at in needs:
            need = self.needs[at]
            for number in need.parts.keys() - reached:
                capacity[str(number)] = self._spare(number, there)
                stock[str(number)] = self.stock[number]
            suppliers = [str(number) for number in need.parts]
            suppliers += _beside(need, capacity, stock)
            parts.setdefault(str(need.buyer), {})[need.part] = tuple(suppliers)
            given[str(need.buyer), need.part] = 1.0 / self.makes[need.buyer]
        return Case(
            products=(str(self.lead),),
            firms=tuple(capacity),
            parts=parts,
            demand={str(self.lead): 1.0},
            capacity=capacity,
            stock=stock,
            needs=given,
        )

    def _reach(self, firm: int, there: set[int]) -> float:
        """What a firm can make by its machines, and by its needs that the stop does not touch."""
        untouched = (self.needs[at] for at in self.bought.get(firm, ()) if at not in there)
        more = (
            sum(part * (self.most[n] / self.makes[n] - 1.0) for n, part in need.parts.items())
            for need in untouched
        )
        return min(self.able[firm], self.makes[firm] * (1.0 + min(more, default=np.inf)))

    def _spare(self, firm: int, there: set[int]) -> float:
        """What a stand-in can make for these needs: its other customers get theirs, too."""
        more = self.most[firm] / self.makes[firm]
        away = sum(
            self.needs[at].parts[firm] * (1.0 if self.needs[at].buyer == self.lead else more)
            for at in self.served[firm]
            if at not in there
        )
        return max(0.0, self.most[firm] - away)


def _beside(need: Need, capacity: dict[str, float], stock: dict[str, float]) -> list[str]:
    """What is there beside the suppliers: goods on the shelf, and what nobody tells of."""
    found = []
    if kept := sum(part * need.stock[number] for number, part in need.parts.items()):
        shelf = f"stock {need.buyer} {need.part}"
        stock[shelf], capacity[shelf] = kept, 0.0
        found.append(shelf)
    if (lacking := 1.0 - sum(need.parts.values())) > 1e-9:
        others = f"others {need.buyer} {need.part}"
        capacity[others] = lacking
        found.append(others)
    return found


def exposure_of(
    lead: int, needs: Sequence[Need], facts: RiskFacts, firms: Sequence[int] = ()
) -> Exposure:
    """What the needs of a chain tell; `firms` are let fail until they recover."""
    makes: dict[int, float] = {lead: 1.0}
    for need in needs:
        makes.setdefault(need.buyer, 0.0)
        for supplier, part in need.parts.items():
            makes[supplier] = makes.get(supplier, 0.0) + part
    makes = {number: made or 1.0 for number, made in makes.items()}
    able = {number: facts.firm(number).capacity.value / 100 for number in makes} | {lead: 1.0}
    most = lasting(needs, able)
    return Exposure(
        lead=lead,
        needs=needs,
        makes=makes,
        able={number: made * able[number] for number, made in makes.items()},
        most={number: made * most[number] for number, made in makes.items()},
        stock={n: made * facts.firm(n).stock.value for n, made in makes.items()},
        firms=tuple(firms),
        days=tuple(facts.firm(number).ttr.value for number in firms),
    )


def lasting(needs: Sequence[Need], able: Mapping[int, float]) -> dict[int, float]:
    """How much each firm can make for as long as one likes, where all do; 1 is what it makes today.

    `able`: by its own machines, 1 or more. No firm makes more than the parts allow that it is
    given, and what nobody tells of a part comes as today: the greatest solution of
    s_j = min(able_j, Σ parts_i s_i + the rest) over the parts of j.

    >>> needs = needs_of([Delivery(2, 1, "a", 50), Delivery(3, 2, "b", None)], RiskFacts())
    >>> lasting(needs, {1: 1.5, 2: 1.4, 3: 1.2})
    {1: 1.1, 2: 1.2, 3: 1.2}
    """
    found = dict(able)
    for turn in itertools.count():
        lowered = set()
        for need in needs:
            more = sum(part * (found[number] - 1.0) for number, part in need.parts.items())
            if 1.0 + more < found[need.buyer] - _SAME:
                found[need.buyer] = 1.0 + more
                lowered.add(need.buyer)
        if not lowered:
            return found
        if turn >= _TURNS:
            # Round and round a circle, less each time. What they make today they can make.
            found.update(dict.fromkeys(lowered, 1.0))
    raise AssertionError


def exposed_at(told: Exposure, places: Iterable[int]) -> Floats:
    """Time to survive and days of production lost, for these places of `firms`: shape (n, 2)."""
    chosen = [int(place) for place in places]
    found = np.empty((len(chosen), 2))
    for row, at in enumerate(chosen):
        firm = told.firms[at]
        found[row] = each_alone(told.case_without(firm), [str(firm)], [told.days[at]])[0]
    return found
