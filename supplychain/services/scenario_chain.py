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

from supplychain.cells import plain
from supplychain.risk import reach
from supplychain.risk.facts import Assumed, RiskFacts
from supplychain.risk.network import Floats, Ints
from supplychain.risk.scenario import Needs, needs
from supplychain.services.network import Place, TierMap, tier_map
from supplychain.services.risk_facts import facts_of
from supplychain.services.shares import Delivered, delivered

_DIVISION = re.compile(r"[A-U]?([0-9]{2})")
_LAST_OF_GOODS = 39  # KSIC divisions: farming, mining, manufacturing, energy, water; then services


@dataclass(frozen=True)
class Basis:
    """What an answer rests on, and what is not known."""

    links: int
    links_with_share: int  # the others of an item count alike
    stocks_told: int
    stocks_assumed: int
    without_item: int  # a buyer's suppliers of no named item count as delivering the same


@dataclass(frozen=True)
class SeenChain:
    """A firm's chain with places: `numbers` are the firms in the order of the arrays."""

    seen: TierMap
    numbers: list[int]
    stock: float

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
    def lines(self) -> list[Delivered]:
        """Deliveries between firms of the chain, those to customers too."""
        lines, firms = self.seen.sight.lines, np.array(self.numbers, np.int64)
        inside = np.isin(lines.supplier, firms) & np.isin(lines.buyer, firms)
        return delivered(self.seen.sight, lines.where(inside))

    @cached_property
    def facts(self) -> RiskFacts:
        """Stocks and days to recover, as far as the asker may know them."""
        sight = self.seen.sight
        return facts_of(sight.session, sight.asker, self.numbers, Assumed(stock_days=self.stock))

    @cached_property
    def items(self) -> dict[str, tuple[int, str]]:
        """Item as it is compared → its number, and how it is called first."""
        found: dict[str, tuple[int, str]] = {}
        for item in sorted({line.item for line in self.lines}):
            found.setdefault(plain(item), (len(found), item))
        return found

    @cached_property
    def links(self) -> Ints:
        """Supplier, buyer (places) and item (number) of each of `lines`, shape (m, 3)."""
        called = {item: self.items[plain(item)][0] for item in {line.item for line in self.lines}}
        at = self.at
        ends = [(at[x.supplier], at[x.buyer], called[x.item]) for x in self.lines]
        return np.array(ends, np.int64).reshape(-1, 3)

    def needs(self, line: str) -> tuple[Needs, Basis]:
        """Who needs what of whom; `line`: "all" items stop a line, or "goods" alone."""
        links = self.links
        share, told = self._shares()
        stock, known = self._stocks()
        places = [self.place(at) for at in range(len(self.numbers))]
        goods = np.array([line == "all" or _is_goods(each) for each in places], np.bool_)
        net = needs(
            len(self.numbers),
            (links[:, 0], links[:, 1], links[:, 2]),
            share,
            stock,
            finished=self._finished(),
            stops=goods[links[:, 0]],
        )
        return net, Basis(len(links), told, known, len(links) - known, self.without_item)

    @property
    def without_item(self) -> int:
        """Deliveries whose item nobody told: those of one buyer count as the same item."""
        return sum(not each.item for each in self.lines)

    def _shares(self) -> tuple[Floats, int]:
        """Parts of what each buyer needs of an item; alike where one of an item is not told."""
        links = self.links
        share = np.array([x.share if x.share is not None else np.nan for x in self.lines]) / 100.0
        _, group = np.unique(links[:, 1] << 32 | links[:, 2], return_inverse=True)
        lacking = np.bincount(group, np.isnan(share))[group] > 0 if len(links) else share > 0
        alike = 1.0 / np.bincount(group)[group] if len(links) else share
        return np.where(lacking, alike, share), int((~lacking).sum())

    def _stocks(self) -> tuple[Floats, int]:
        """Days in stock of each link, and how many of them somebody told."""
        found = np.full(len(self.lines), self.stock)
        if not self.facts.stocks:
            return found, 0
        told = [self.facts.stock(x.supplier, x.buyer, x.item) for x in self.lines]
        found[:] = [each.value for each in told]
        return found, sum(each.known for each in told)

    def _finished(self) -> Floats:
        found = np.zeros(len(self.numbers))
        for number in self.facts.firms:
            if number in self.at:
                found[self.at[number]] = self.facts.firm(number).stock.value
        return found

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
    """The chain behind a firm and its customers, as it may see them. Raises FirmNotFound.

    What is delivered and what is known of stocks is looked up when somebody asks for it: within
    the session.
    """
    seen = tier_map(session, asker_id)
    return SeenChain(seen, sorted({*seen.places, *seen.customers}), stock)


def _is_goods(place: Place) -> bool:
    code = _DIVISION.match(place.facts.sector)
    return code is None or int(code[1]) <= _LAST_OF_GOODS
