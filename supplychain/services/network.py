"""The chain behind a lead firm: tiers, who may be named, what is thin."""

from collections import Counter
from dataclasses import dataclass

from sqlmodel import Session, col, select

from supplychain.services.firms import batches, firm_by_id
from supplychain.tables import Declaration, Firm, Link, Site
from supplychain.tiers import circles, diamonds, tiers_from, tiers_seen
from supplychain.visibility import Known, Outline, counted, seen_by


@dataclass(frozen=True)
class Place:
    """A firm on the map: its tier, every tier at which it delivers, and what marks it."""

    firm: Firm
    tier: int
    also: list[int]
    in_circle: bool
    serves: int  # tier-1 firms that a tier-2 firm stands behind, where two or more; else 0
    suppliers: int
    buyers: int
    level: int | None


@dataclass(frozen=True)
class TierMap:
    """What a firm sees of the chain behind a lead firm. `hidden` firms are only counted."""

    lead: Firm
    places: dict[int, Place]
    links: list[tuple[int, int]]
    hidden: list[tuple[Outline, int]]
    circles: list[set[int]]

    @property
    def counts(self) -> dict[int, int]:
        """Firms in each tier, hidden ones with them."""
        found = Counter(place.tier for place in self.places.values() if place.tier)
        for outline, number in self.hidden:
            found[outline.tier] += number
        return dict(sorted(found.items()))

    @property
    def diamond_ratio(self) -> float | None:
        """Tier-2 firms behind two or more tier-1 firms, by all of tier 2; None without tier 2."""
        second = [place for place in self.places.values() if place.tier == 2]
        return sum(place.serves > 1 for place in second) / len(second) if second else None


def links_behind(session: Session, lead_id: int) -> list[Known]:
    """Every living link of the chain behind a firm, tier by tier, with who declared it."""
    found: dict[int, tuple[int, int]] = {}
    known, frontier = {lead_id}, [lead_id]
    while frontier:
        suppliers: set[int] = set()
        for buyers in batches(frontier):
            living = select(Link.id, Link.supplier_id, Link.buyer_id).where(
                col(Link.buyer_id).in_(buyers), col(Link.ended).is_(None)
            )
            for link_id, supplier, buyer in session.exec(living):
                found[link_id or 0] = (supplier, buyer)
                suppliers.add(supplier)
        frontier = sorted(suppliers - known)
        known |= suppliers
    return _with_declarers(session, found)


def tier_map(session: Session, lead_id: int, asker_id: int | None = None) -> TierMap:
    """The chain behind a lead firm, as the asker (the lead firm itself if not given) may see it.

    A lead firm without links gives a map of itself alone. Raises FirmNotFound.
    """
    lead = firm_by_id(session, lead_id)
    known = links_behind(session, lead_id)
    pairs = sorted({(link.supplier, link.buyer) for link in known})
    tiers = tiers_from(lead_id, pairs) if pairs else {lead_id: 0}
    seen = seen_by(asker_id or lead_id, known)
    shown = sorted({firm for firm in seen.firms if firm in tiers} | {lead_id})
    hidden = _firms(session, sorted(set(tiers) - set(shown)))
    return TierMap(
        lead=lead,
        places=_places(session, shown, tiers, pairs),
        links=[pair for pair in pairs if pair in seen.links],
        hidden=counted(Outline(tiers[i], firm.region, firm.sector) for i, firm in hidden.items()),
        circles=[circle for circle in circles(pairs) if circle <= set(shown)],
    )


def _places(
    session: Session, shown: list[int], tiers: dict[int, int], pairs: list[tuple[int, int]]
) -> dict[int, Place]:
    also, serves = tiers_seen(tiers, pairs), diamonds(tiers, pairs)
    round_about = set().union(*circles(pairs))
    suppliers, buyers = (
        Counter(buyer for _, buyer in pairs),
        Counter(supplier for supplier, _ in pairs),
    )
    levels = _levels(session, shown)
    firms = _firms(session, shown)
    return {
        number: Place(
            firm=firm,
            tier=tiers[number],
            also=also.get(number, []),
            in_circle=number in round_about,
            serves=serves.get(number, 0),
            suppliers=suppliers[number],
            buyers=buyers[number],
            level=levels.get(number),
        )
        for number, firm in sorted(firms.items(), key=lambda item: (tiers[item[0]], item[1].name))
    }


def _firms(session: Session, ids: list[int]) -> dict[int, Firm]:
    return {
        firm.id or 0: firm
        for some in batches(ids)
        for firm in session.exec(select(Firm).where(col(Firm.id).in_(some)))
    }


def _levels(session: Session, ids: list[int]) -> dict[int, int]:
    """The highest smart-factory level among each firm's plants."""
    found: dict[int, int] = {}
    for some in batches(ids):
        for firm_id, level in session.exec(
            select(Site.firm_id, Site.level).where(col(Site.firm_id).in_(some))
        ):
            found[firm_id] = max(level, found.get(firm_id, 0))
    return found


def _with_declarers(session: Session, links: dict[int, tuple[int, int]]) -> list[Known]:
    said: dict[int, set[int]] = {}
    for some in batches(sorted(links)):
        declared = select(Declaration.link_id, Declaration.firm_id).where(
            col(Declaration.link_id).in_(some)
        )
        for link_id, firm_id in session.exec(declared):
            said.setdefault(link_id, set()).add(firm_id)
    return [
        Known(supplier, buyer, frozenset(said.get(link_id, ())))
        for link_id, (supplier, buyer) in links.items()
    ]
