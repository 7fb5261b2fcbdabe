"""The chain behind a firm as that firm may see it: tiers, what is thin, who is only counted.

Whatever is told of a firm by name (its tier, partners, circles, diamonds) is counted from the
links that the asker sees, and from no others: nothing on the map moves with a link that is not
the asker's to know. The whole chain is looked at for one purpose: to count, by tier, region and
sector, the firms that are not named.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlmodel import Session, col, select

from supplychain.services.descriptions import Facts, described
from supplychain.services.firms import batches, firm_by_id
from supplychain.services.sight import SeenLink, Sight, sight_of, standing_of
from supplychain.tables import Firm, Link, Site
from supplychain.taxonomy import REGIONS
from supplychain.tiers import circles, diamonds, tiers_from, tiers_seen
from supplychain.visibility import Group, Outline, counted

CUSTOMER = -1  # the "tier" of a firm that the asker delivers to, where it is none of its suppliers
_KSIC = re.compile(r"[A-U]?[0-9]{2,5}")


@dataclass(frozen=True)
class Place:
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

    @property
    def number(self) -> int:
        """The firm's number."""
        return self.facts.firm_id

    @property
    def name(self) -> str:
        """The firm's name, as the asker may know it; a dash where nobody has told it one."""
        return self.facts.name or "–"


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
    lines: list[SeenLink]
    hidden: list[Group]
    circles: list[set[int]]
    sight: Sight = field(repr=False)

    @property
    def links(self) -> list[tuple[int, int]]:
        """Pairs of supplier and buyer behind the lead firm, each once, in a steady order."""
        return sorted(self.standings)

    @property
    def standings(self) -> dict[tuple[int, int], str]:
        """Each pair's standing: that of the delivery that asks for most."""
        found: dict[tuple[int, int], list[str]] = {}
        for line in self.lines:
            found.setdefault((line.supplier, line.buyer), []).append(line.standing)
        return {pair: standing_of(each) for pair, each in found.items()}

    @property
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


def tiers_behind(session: Session, lead_id: int) -> dict[int, int]:
    """Firm → tier in the whole chain behind a firm, whoever declared it; the firm itself is 0.

    For counting alone: it holds firms that nobody but their partners may know.
    """
    tiers, frontier = {lead_id: 0}, [lead_id]
    while frontier:
        suppliers: set[int] = set()
        for buyers in batches(frontier):
            living = select(Link.supplier_id).where(
                col(Link.buyer_id).in_(buyers), col(Link.ended).is_(None)
            )
            suppliers.update(session.exec(living.distinct()))
        tier = tiers[frontier[0]] + 1
        frontier = sorted(suppliers - tiers.keys())
        tiers |= dict.fromkeys(frontier, tier)
    return tiers


def named_tiers(sight: Sight) -> dict[int, int]:
    """Firm → tier behind the asker, along the links that it sees; the asker itself is 0."""
    pairs = {(link.supplier, link.buyer) for link in sight.links.values()}
    # It may know of links further down, from its own sheets, and of none of its own.
    known = any(sight.asker in pair for pair in pairs)
    return tiers_from(sight.asker, pairs) if known else {sight.asker: 0}


def tier_map(session: Session, lead_id: int) -> TierMap:
    """The chain behind a firm, as that firm may see it.

    A firm without links gives a map of itself alone. Raises FirmNotFound.
    """
    lead = firm_by_id(session, lead_id)
    sight = sight_of(session, lead_id)
    pairs = sorted({(link.supplier, link.buyer) for link in sight.links.values()})
    tiers = named_tiers(sight)
    buyers = {b for s, b in pairs if s == lead_id and b not in tiers}
    facts = described(session, lead_id, sorted({*tiers, *buyers}))
    levels = _levels(session, [number for number, each in facts.items() if each.own_word])
    behind = [(s, b) for s, b in pairs if s in tiers and b in tiers]
    on_map = set(behind)
    hidden = {n: t for n, t in tiers_behind(session, lead_id).items() if n not in tiers}
    return TierMap(
        lead=lead,
        places=_places(tiers, behind, facts, levels),
        customers=_places(dict.fromkeys(buyers, CUSTOMER), [], facts, levels),
        lines=[line for line in sight.links.values() if (line.supplier, line.buyer) in on_map],
        hidden=_counted(session, hidden),
        circles=circles(behind),
        sight=sight,
    )


def _places(
    tiers: dict[int, int],
    pairs: list[tuple[int, int]],
    facts: dict[int, Facts],
    levels: dict[int, int],
) -> dict[int, Place]:
    also, serves = tiers_seen(tiers, pairs), diamonds(tiers, pairs)
    round_about = set().union(*circles(pairs))
    suppliers, buyers = Counter(b for _, b in pairs), Counter(s for s, _ in pairs)
    return {
        number: Place(
            facts=facts[number],
            tier=tiers[number],
            also=also.get(number, []),
            in_circle=number in round_about,
            serves=serves.get(number, 0),
            suppliers=suppliers[number],
            buyers=buyers[number],
            level=levels.get(number) if facts[number].own_word else facts[number].level,
        )
        for number in sorted(tiers, key=lambda n: (tiers[n], facts[n].name, n))
    }


def _counted(session: Session, tiers: dict[int, int]) -> list[Group]:
    """Hidden firms by what may be told of them: codes of our own lists, never a free text."""
    return counted(
        Outline(
            tiers[number],
            region if region in REGIONS else "",
            division(sector),
        )
        for some in batches(sorted(tiers))
        for number, region, sector in session.exec(
            select(Firm.id, Firm.region, Firm.sector).where(col(Firm.id).in_(some))
        )
        if number
    )


def division(sector: str) -> str:
    """Section and division of a KSIC code: C29110 and C29 are one industry here."""
    return sector[: 3 if sector[0].isalpha() else 2] if _KSIC.fullmatch(sector) else ""


def _levels(session: Session, ids: list[int]) -> dict[int, int]:
    """The highest smart-factory level among each firm's plants."""
    found: dict[int, int] = {}
    for some in batches(ids):
        for firm_id, level in session.exec(
            select(Site.firm_id, Site.level).where(
                col(Site.firm_id).in_(some), col(Site.told_firm_id) == Site.firm_id
            )
        ):
            found[firm_id] = max(level, found.get(firm_id, 0))
    return found
