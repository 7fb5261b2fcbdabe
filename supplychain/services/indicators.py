"""Counts for those who look after a programme: never a name, never a single firm."""

from collections import Counter
from dataclasses import dataclass

from sqlmodel import Session, col, select

from supplychain.indicators import Row, told
from supplychain.indicators import rows as rows_of
from supplychain.services.firms import batches
from supplychain.services.network import tiers_behind, whole_network
from supplychain.tables import Firm, Sheet, Site
from supplychain.taxonomy import LEVELS, REGIONS


@dataclass(frozen=True)
class Overview:
    """How far the chains of all lead firms reach. `deepest` is the last tier that is a column."""

    lead_firms: int
    firms: int | None
    sites: int | None
    deepest: int
    by_region: list[Row]
    by_level: list[Row]


_DEEPEST = 4  # further tiers are counted with this one


def overview(session: Session) -> Overview:
    """Firms by region and tier, plants by tier and level. A firm counts in its nearest tier."""
    leads = session.exec(select(Sheet.lead_id).distinct().order_by(col(Sheet.lead_id))).all()
    tiers = nearest_tiers(session, list(leads))
    deepest = max(tiers.values(), default=0)
    columns = range(1, deepest + 1)
    regions = _regions(session, list(tiers))
    levels = _levels(session, list(tiers))
    where = Counter((regions.get(firm, ""), tier) for firm, tier in tiers.items())
    grades = Counter((tiers[firm], level) for firm, level in levels)
    named = [code for code in (*REGIONS, "") if any(where[code, tier] for tier in columns)]
    return Overview(
        lead_firms=len(leads),
        firms=told(len(tiers)),
        sites=told(len(levels)),
        deepest=deepest,
        by_region=rows_of({code: [where[code, tier] for tier in columns] for code in named}),
        by_level=rows_of({str(t): [grades[t, level] for level in LEVELS] for t in columns}),
    )


def nearest_tiers(session: Session, leads: list[int]) -> dict[int, int]:
    """Firm → its nearest tier behind any of the lead firms; lead firms themselves left out."""
    found: dict[int, int] = {}
    net = whole_network(session)
    for lead in leads:
        for firm, tier in tiers_behind(net, lead).items():
            found[firm] = min(found.get(firm, _DEEPEST), tier)
    return {firm: tier for firm, tier in found.items() if tier and firm not in leads}


def _regions(session: Session, firms: list[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for some in batches(firms):
        rows = session.exec(select(Firm.id, Firm.region).where(col(Firm.id).in_(some)))
        found |= {firm or 0: region if region in REGIONS else "" for firm, region in rows}
    return found


def _levels(session: Session, firms: list[int]) -> list[tuple[int, int]]:
    return [
        (firm, level)
        for some in batches(firms)
        for firm, level in session.exec(
            select(Site.firm_id, Site.level).where(col(Site.firm_id).in_(some))
        )
    ]
