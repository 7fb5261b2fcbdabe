"""One firm among its partners: who supplies it, whom it supplies, who says so, since when."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from supplychain.errors import FirmNotFound
from supplychain.services.network import Place, TierMap
from supplychain.tables import Declaration, Link, Sheet, Site


@dataclass(frozen=True)
class Said:
    """A link as one of the asker's sheets declares it; no sheet where somebody else did."""

    link: Link
    partner: Place
    sheet: Sheet | None
    row: int | None


@dataclass(frozen=True)
class Neighbourhood:
    """What is known of one firm. `way` leads from it to the lead firm, link by link."""

    place: Place
    sites: list[Site]
    suppliers: list[Said]
    buyers: list[Said]
    way: list[Place]


def neighbourhood(session: Session, seen: TierMap, firm_id: int) -> Neighbourhood:
    """A firm of the map with its direct partners; raises FirmNotFound for one that is not seen."""
    place = seen.places.get(firm_id)
    if place is None:
        raise FirmNotFound(firm=firm_id)
    said = _said(session, seen, firm_id)
    sites = select(Site).where(Site.firm_id == firm_id).order_by(col(Site.id))
    return Neighbourhood(
        place=place,
        sites=list(session.exec(sites)),
        suppliers=[each for each in said if each.link.buyer_id == firm_id],
        buyers=[each for each in said if each.link.supplier_id == firm_id],
        way=_way(seen, place),
    )


def _said(session: Session, seen: TierMap, firm_id: int) -> list[Said]:
    living = (
        select(Link, Declaration, Sheet)
        .outerjoin(
            Declaration,
            (col(Declaration.link_id) == Link.id) & (col(Declaration.firm_id) == seen.lead.id),
        )
        .outerjoin(Sheet, col(Sheet.id) == Declaration.sheet_id)
        .where((col(Link.supplier_id) == firm_id) | (col(Link.buyer_id) == firm_id))
        .where(col(Link.ended).is_(None))
        .order_by(col(Link.id))
    )
    shown = set(seen.links)
    return [
        Said(
            link,
            seen.places[link.buyer_id if link.supplier_id == firm_id else link.supplier_id],
            sheet,
            declared.row if declared else None,
        )
        for link, declared, sheet in session.exec(living)
        if (link.supplier_id, link.buyer_id) in shown
    ]


def _way(seen: TierMap, place: Place) -> list[Place]:
    """A shortest way to the lead firm; always the same one where there are several."""
    buyers: dict[int, list[int]] = {}
    for supplier, buyer in seen.links:
        buyers.setdefault(supplier, []).append(buyer)
    way = [place]
    while way[-1].tier:
        nearer = [
            seen.places[buyer]
            for buyer in buyers.get(way[-1].firm.id or 0, [])
            if seen.places[buyer].tier < way[-1].tier
        ]
        if not nearer:
            break
        way.append(min(nearer, key=lambda each: each.firm.id or 0))
    return way
