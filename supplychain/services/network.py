"""The chain behind a firm as that firm may see it: tiers, what is thin, who is only counted.

Whatever is told of a firm by name (its tier, partners, circles, diamonds) is counted from the
links that the asker sees, and from no others: nothing on the map moves with a link that is not
the asker's to know. The whole chain is looked at for one purpose: to count, by tier, region and
sector, the firms that are not named.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np
from sqlmodel import Session, col, select

from supplychain.errors import FirmNotInNetwork
from supplychain.risk.reach import Behind, Int64s, behind, circles, cuts, tiers
from supplychain.services.bulk import among, plain_rows
from supplychain.services.descriptions import Facts, described
from supplychain.services.firms import batches, firm_by_id
from supplychain.services.link_arrays import living_links
from supplychain.services.sight import STANDINGS, Lines, SeenLink, Sight, sight_of
from supplychain.tables import Firm, Site
from supplychain.taxonomy import REGIONS
from supplychain.tiers import delivering, serving
from supplychain.visibility import Group, Outline, counted

CUSTOMER = -1  # the "tier" of a firm that the asker delivers to, where it is none of its suppliers
_KSIC = re.compile(r"[A-U]?[0-9]{2,5}")
_AT_ONCE = 20_000
# Of several deliveries between two firms, the standing that asks for most.
_ASKING = tuple(STANDINGS.index(word) for word in ("confirmed", "open", "contradicted"))

_RANK = np.argsort(_ASKING)


class Place(NamedTuple):
    """A firm on the map: its tier, every tier at which it delivers, and what marks it.

    All of it as far as the asker sees links: `suppliers` and `buyers` count those that it may
    name. `facts` are the firm's own word, or what the asker told of it.
    """

    facts: Facts
    tier: int
    also: list[int]
    in_circle: bool
    serves: int  # tier-1 firms that a tier-2 firm stands behind, where two or more; else 0
    suppliers: int
    buyers: int
    level: int | None
    behind: int = 0  # firms whose only way to the asker leads through it: a chokepoint

    @property
    def number(self) -> int:
        """The firm's number."""
        return self.facts.firm_id

    @property
    def name(self) -> str:
        """The firm's name, as the asker may know it; a dash where nobody has told it one."""
        return self.facts.name or "–"


class Pairs(NamedTuple):
    """Who supplies whom, each pair once, by supplier and buyer; `standing` is a place in a list."""

    supplier: Int64s
    buyer: Int64s
    standing: Int64s


class Count(NamedTuple):
    """Firms of a tier: those with a name, and all of them; None where one or two are hidden."""

    named: int
    firms: int | None


@dataclass(frozen=True)
class TierMap:
    """What a firm sees of the chain behind it, and of its customers. `hidden` are only counted."""

    lead: Firm
    places: dict[int, Place]
    customers: dict[int, Place]
    pairs: Pairs
    hidden: list[Group]
    circles: list[set[int]]
    sight: Sight = field(repr=False)

    @cached_property
    def lines(self) -> list[SeenLink]:
        """Every delivery behind the lead firm, with what may be told of it, by number."""
        return list(self.sight.told(self.drawn).values())

    @property
    def drawn(self) -> Lines:
        """The deliveries behind the lead firm, as arrays."""
        lines, firms = self.sight.lines, np.fromiter(self.places, np.int64)
        return lines.where(np.isin(lines.supplier, firms) & np.isin(lines.buyer, firms))

    @cached_property
    def links(self) -> list[tuple[int, int]]:
        """Pairs of supplier and buyer behind the lead firm, each once, in a steady order."""
        return list(zip(self.pairs.supplier.tolist(), self.pairs.buyer.tolist(), strict=True))

    @cached_property
    def standings(self) -> dict[tuple[int, int], str]:
        """Each pair's standing: that of the delivery that asks for most."""
        words = (STANDINGS[code] for code in self.pairs.standing.tolist())
        return dict(zip(self.links, words, strict=True))

    @cached_property
    def delivers(self) -> dict[int, list[str]]:
        """Supplier → what its deliveries have come to, each word once, what asks most first.

        Of several deliveries to one buyer the one that asks for most counts.
        """
        last = len(_ASKING) - 1
        both = np.unique(self.pairs.supplier << 2 | last - _RANK[self.pairs.standing])
        words = [STANDINGS[_ASKING[last - rank]] for rank in range(last + 1)]
        found: dict[int, list[str]] = {}
        for each in both.tolist():
            found.setdefault(each >> 2, []).append(words[each & 3])
        return found

    @cached_property
    def tiers(self) -> dict[int, Count]:
        """Firms in each tier, named ones and all."""
        named = Counter(place.tier for place in self.places.values() if place.tier)
        hidden: dict[int, int | None] = {}
        for (tier, _, _), firms in self.hidden:
            before = hidden.get(tier, 0)
            hidden[tier] = None if firms is None or before is None else before + firms
        return {
            tier: Count(named[tier], None if more is None else named[tier] + more)
            for tier in sorted({*named, *hidden})
            for more in (hidden.get(tier, 0),)
        }

    @property
    def counts(self) -> dict[int, int | None]:
        """Firms in each tier, hidden ones with them; None where the number would tell too much."""
        return {tier: count.firms for tier, count in self.tiers.items()}

    @property
    def diamond_ratio(self) -> float | None:
        """Named tier-2 firms behind two or more tier-1 firms, by all named ones of tier 2."""
        second = [place for place in self.places.values() if place.tier == 2]
        return sum(place.serves > 1 for place in second) / len(second) if second else None

    def at(self, firm_id: int) -> Place | None:
        """A firm of the map, or a customer."""
        return self.places.get(firm_id) or self.customers.get(firm_id)


def whole_network(session: Session) -> Behind:
    """Every living link, whoever declared it: for counting alone."""
    return behind(*living_links(session))


def named_tiers(sight: Sight) -> dict[int, int]:
    """Firm → tier behind the asker, along the links that it sees; the asker itself is 0."""
    return tiers_behind(behind(sight.lines.supplier, sight.lines.buyer), sight.asker)


def tiers_behind(net: Behind, lead: int) -> dict[int, int]:
    """Firm → tier behind a firm; itself is 0, and alone where no link names it.

    In the whole network for counting alone: it holds firms that only their partners may know.
    """
    try:
        found = tiers(net, lead)
    except FirmNotInNetwork:
        return {lead: 0}
    there = found >= 0
    return dict(zip(net.numbers[there].tolist(), found[there].tolist(), strict=True))


def tier_map(session: Session, lead_id: int) -> TierMap:
    """The chain behind a firm, as that firm may see it.

    A firm without links gives a map of itself alone. Raises FirmNotFound.
    """
    lead = firm_by_id(session, lead_id)
    sight = sight_of(session, lead_id)
    lines, tier = sight.lines, named_tiers(sight)
    buyers = set(lines.buyer[lines.supplier == lead_id].tolist()) - tier.keys()
    facts = described(session, lead_id, [*tier, *buyers])
    levels = _levels(session, [number for number, each in facts.items() if each.own_word])
    firms = np.fromiter(tier, np.int64)
    pairs = _pairs(lines.where(np.isin(lines.supplier, firms) & np.isin(lines.buyer, firms)))
    net = behind(pairs.supplier, pairs.buyer)
    found = [set(circle.tolist()) for circle in circles(net)]
    return TierMap(
        lead=lead,
        places=_places(tier, pairs, found, facts, levels),
        customers=_places(dict.fromkeys(buyers, CUSTOMER), _NO_PAIRS, [], facts, levels),
        pairs=pairs,
        hidden=hidden_behind(session, sight, firms),
        circles=found,
        sight=sight,
    )


_NO_PAIRS = Pairs(*(np.empty(0, np.int64) for _ in Pairs._fields))


def _pairs(lines: Lines) -> Pairs:
    both, first = np.unique(lines.supplier << 32 | lines.buyer, return_inverse=True)
    asks = np.zeros(len(both), np.int64)
    np.maximum.at(asks, first, _RANK[lines.standing])
    return Pairs(both >> 32, both & 0xFFFFFFFF, np.array(_ASKING)[asks])


def _places(
    tier: dict[int, int],
    pairs: Pairs,
    round_about: list[set[int]],
    facts: dict[int, Facts],
    levels: dict[int, int],
) -> dict[int, Place]:
    order = sorted(tier, key=lambda n: (tier[n], facts[n].name, n))
    own, theirs = _tiers_of(tier, pairs.supplier), _tiers_of(tier, pairs.buyer)
    also = delivering(pairs.supplier, own, theirs)
    serves = serving(pairs.supplier, own, theirs)
    suppliers, buyers = Counter(pairs.buyer.tolist()), Counter(pairs.supplier.tolist())
    turning = set().union(*round_about)
    nowhere: list[int] = []
    cut = _cut_off(pairs, order[0] if order else 0)
    return {
        # In the order of the columns: names cost time where there are ten thousand places.
        number: Place(
            each,
            tier[number],
            also.get(number, nowhere),
            number in turning,
            serves.get(number, 0),
            suppliers[number],
            buyers[number],
            levels.get(number) if each.own_word else each.level,
            cut.get(number, 0),
        )
        for number in order
        for each in (facts[number],)
    }


def _cut_off(pairs: Pairs, own: int) -> dict[int, int]:
    """How many firms each one alone ties to the firm at tier 0."""
    net = behind(pairs.supplier, pairs.buyer)
    try:
        found = cuts(net, own)
    except FirmNotInNetwork:
        return {}
    numbers = net.numbers[found.order[found.worst]]
    return dict(zip(numbers.tolist(), found.count[found.worst].tolist(), strict=True))


def _tiers_of(tier: dict[int, int], firms: Int64s) -> Int64s:
    return np.fromiter((tier[number] for number in firms.tolist()), np.int64, len(firms))


def hidden_behind(session: Session, sight: Sight, named: Int64s) -> list[Group]:
    """Firms of the whole chain that are not named to its lead firm, as far as they are counted."""
    lead_id, suppliers, buyers = sight.asker, *living_links(session)
    if sight.ear.new or sight.ear.suspended:  # behind the suppliers of which it hears
        heard = sight.lines.supplier[sight.lines.buyer == lead_id]
        kept = (buyers != lead_id) | np.isin(suppliers, heard)
        suppliers, buyers = suppliers[kept], buyers[kept]
    net = behind(suppliers, buyers)
    try:
        tier = tiers(net, lead_id)
    except FirmNotInNetwork:
        return []
    there = (tier >= 0) & ~np.isin(net.numbers, named) & (net.numbers != lead_id)
    hidden = dict(zip(net.numbers[there].tolist(), tier[there].tolist(), strict=True))
    return counted(
        Outline(hidden[number], region if region in REGIONS else "", division(sector))
        for some in batches(hidden, _AT_ONCE)
        for number, region, sector in plain_rows(
            session,
            select(Firm.id, Firm.region, Firm.sector).where(among(session, Firm.id, some)),
        )
    )


@lru_cache(maxsize=4096)
def division(sector: str) -> str:
    """Section and division of a KSIC code: C29110 and C29 are one industry here."""
    return sector[: 3 if sector[0].isalpha() else 2] if _KSIC.fullmatch(sector) else ""


def _levels(session: Session, ids: list[int]) -> dict[int, int]:
    """The highest smart-factory level among each firm's plants."""
    found: dict[int, int] = {}
    for some in batches(ids, _AT_ONCE):
        own = select(Site.firm_id, Site.level).where(
            among(session, Site.firm_id, some), col(Site.told_firm_id) == Site.firm_id
        )
        for firm_id, level in plain_rows(session, own):
            found[firm_id] = max(level, found.get(firm_id, 0))
    return found
