"""The chain that a firm sees, as the arrays on which scenarios run, with what is known of stocks.

Links and shares are those that the firm may read (supplychain.services.sight), stocks and days to
recover those of which it may know (supplychain.services.risk_facts). Nothing else enters.
"""

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from sqlmodel import Session

from supplychain.risk import reach
from supplychain.risk.facts import Assumed, RiskFacts
from supplychain.risk.scenario import Needs, needs
from supplychain.services.network import Place, TierMap, tier_map
from supplychain.services.risk_facts import facts_of
from supplychain.services.sight import SeenLink

_DIVISION = re.compile(r"[A-U]?([0-9]{2})")
_LAST_OF_GOODS = 39  # KSIC divisions: farming, mining, manufacturing, energy, water; then services


@dataclass(frozen=True)
class Basis:
    """What an answer rests on, and what is not known."""

    links: int
    links_with_share: int  # the others of an item count alike
    stocks_told: int
    stocks_assumed: int


@dataclass(frozen=True)
class SeenChain:
    """A firm's chain with places: `numbers` are the firms in the order of the arrays."""

    seen: TierMap
    numbers: list[int]
    lines: list[SeenLink]
    facts: RiskFacts

    @cached_property
    def at(self) -> dict[int, int]:
        """Where each firm stands."""
        return {number: place for place, number in enumerate(self.numbers)}

    def place(self, position: int) -> Place:
        """The firm at a position."""
        found = self.seen.at(self.numbers[position])
        if found is None:  # positions come from this very map
            raise LookupError(position)
        return found

    @cached_property
    def items(self) -> dict[str, int]:
        """A number for each item, as it is called."""
        return {item: at for at, item in enumerate(sorted({line.item for line in self.lines}))}

    def needs(self, line: str) -> tuple[Needs, Basis]:
        """Who needs what of whom; `line`: "all" items stop a line, or "goods" alone."""
        ends = [(self.at[x.supplier], self.at[x.buyer], self.items[x.item]) for x in self.lines]
        links = np.array(ends, np.int64).reshape(-1, 3)
        share, told = self._shares()
        stock = [self.facts.stock(x.supplier, x.buyer, x.item) for x in self.lines]
        known = sum(each.known for each in stock)
        goods = [line == "all" or self._is_goods(x.supplier) for x in self.lines]
        net = needs(
            len(self.numbers),
            (links[:, 0], links[:, 1], links[:, 2]),
            share,
            np.array([each.value for each in stock], np.float64),
            finished=np.array([self.facts.firm(n).stock.value for n in self.numbers], np.float64),
            stops=np.array(goods, np.bool_),
        )
        return net, Basis(len(self.lines), told, known, len(stock) - known)

    def _shares(self) -> tuple["np.ndarray[tuple[int], np.dtype[np.float64]]", int]:
        """Parts of what each buyer needs of an item; alike where one of an item is not told."""
        groups: dict[tuple[int, str], list[int]] = defaultdict(list)
        for at, line in enumerate(self.lines):
            groups[line.buyer, line.item].append(at)
        found, told = np.zeros(len(self.lines)), 0
        for places in groups.values():
            shares = [self.lines[at].share for at in places]
            if all(share is not None for share in shares):
                told += len(places)
                found[places] = [(share or 0.0) / 100.0 for share in shares]
            else:
                found[places] = 1.0 / len(places)
        return found, told

    def _is_goods(self, number: int) -> bool:
        place = self.seen.at(number)
        code = _DIVISION.match(place.facts.sector) if place else None
        return code is None or int(code[1]) <= _LAST_OF_GOODS

    @cached_property
    def partners(self) -> tuple[dict[int, set[int]], dict[int, set[int]]]:
        """Firm → its buyers, firm → its suppliers."""
        buyers: dict[int, set[int]] = defaultdict(set)
        suppliers: dict[int, set[int]] = defaultdict(set)
        for line in self.lines:
            buyers[line.supplier].add(line.buyer)
            suppliers[line.buyer].add(line.supplier)
        return buyers, suppliers

    @cached_property
    def _cuts(self) -> reach.Cuts | None:
        pairs = self.seen.links
        if not any(buyer == self.seen.lead.id for _, buyer in pairs):
            return None
        both = np.array(pairs, np.int64)
        return reach.cuts(reach.behind(both[:, 0], both[:, 1]), self.seen.lead.id or 0)

    @cached_property
    def chokepoints(self) -> dict[int, int]:
        """Firm → how many reach the asker only through it, as far as it sees; the most first."""
        cuts = self._cuts
        if cuts is None:
            return {}
        return {int(cuts.net.numbers[cuts.order[at]]): int(cuts.count[at]) for at in cuts.worst}

    def behind(self, number: int) -> frozenset[int]:
        """The firms that reach the asker only through this one; none for no chokepoint."""
        cuts = self._cuts
        if cuts is None or number not in self.chokepoints:
            return frozenset()
        at = np.flatnonzero(cuts.net.numbers[cuts.order] == number)[0]
        return frozenset(int(each) for each in cuts.behind(int(at)))


def division_of(sector: str) -> str:
    """The division of a KSIC code, without its section: 29 of C29110; empty for anything else.

    >>> division_of("C29110"), division_of("29"), division_of("x")
    ('29', '29', '')
    """
    found = _DIVISION.match(sector)
    return found[1] if found else ""


def chain_seen(session: Session, asker_id: int, stock: float = 5.0) -> SeenChain:
    """The chain behind a firm and its customers, as it may see them. Raises FirmNotFound."""
    seen = tier_map(session, asker_id)
    numbers = sorted({*seen.places, *seen.customers})
    there = set(numbers)
    lines = [x for x in seen.sight.links.values() if x.supplier in there and x.buyer in there]
    facts = facts_of(session, asker_id, numbers, Assumed(stock_days=stock))
    return SeenChain(seen, numbers, lines, facts)
