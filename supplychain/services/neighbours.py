"""One firm among its partners: who supplies it, whom it supplies, who says so, since when."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from sqlmodel import Session, col, select

from supplychain.errors import FirmNotFound
from supplychain.services.firms import batches
from supplychain.services.network import Place, TierMap
from supplychain.services.sight import SeenLink, standing_of
from supplychain.tables import Declaration, Sheet, Site
from supplychain.ways import Ways, shortest_ways


@dataclass(frozen=True)
class Said:
    """A link, and the asker's own sheet that declares it; no sheet where somebody else did."""

    link: SeenLink
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

    @property
    def since(self) -> datetime | None:
        """Since when the asker knows the firm, by the links that it sees."""
        return min((each.link.since for each in (*self.suppliers, *self.buyers)), default=None)


def neighbourhood(session: Session, seen: TierMap, firm_id: int) -> Neighbourhood:
    """A firm of the map with the partners that the asker may name.

    Raises FirmNotFound for one that is not seen, whether there is such a firm or not.
    """
    place = seen.at(firm_id)
    if place is None:
        raise FirmNotFound(firm=firm_id)
    said = _said(session, seen, firm_id)
    # A plant is told by whoever first named the firm, until the firm speaks for itself; those of
    # firms that were found to be this one are others' tales.
    sites = select(Site).where(Site.firm_id == firm_id, Site.told_firm_id == firm_id)
    return Neighbourhood(
        place=place,
        sites=list(session.exec(sites.order_by(col(Site.id)))) if place.facts.own_word else [],
        suppliers=[each for each in said if each.link.buyer == firm_id],
        buyers=[each for each in said if each.link.supplier == firm_id],
        way=_way(seen, place),
    )


def _said(session: Session, seen: TierMap, firm_id: int) -> list[Said]:
    near = seen.sight.of(firm_id)
    sheets = _own_sheets(session, seen.sight.asker, sorted(near))
    found = []
    for number, line in sorted(near.items()):
        partner = seen.at(line.buyer if line.supplier == firm_id else line.supplier)
        sheet, row = sheets.get(number, (None, None))
        if partner is not None:
            found.append(Said(line, partner, sheet, row))
    return found


def _own_sheets(
    session: Session, asker_id: int, link_ids: list[int]
) -> dict[int, tuple[Sheet, int | None]]:
    """Link → the asker's sheet (and row) that declares it, the newest."""
    found: dict[int, tuple[Sheet, int | None]] = {}
    for some in batches(link_ids):
        declared = (
            select(Declaration.link_id, Sheet, Declaration.row)
            .join(Sheet, col(Sheet.id) == Declaration.sheet_id)
            .where(col(Declaration.link_id).in_(some), Declaration.firm_id == asker_id)
            .where(col(Declaration.ended).is_(None))
            .order_by(col(Declaration.id))
        )
        found |= {link: (sheet, row) for link, sheet, row in session.exec(declared)}
    return found


def _way(seen: TierMap, place: Place) -> list[Place]:
    """A shortest way to the lead firm; always the same one where there are several."""
    ways = ways_of(seen, place.number, most=1).some
    return [seen.places[number] for number in ways[0]] if ways else [place]


class Flow(NamedTuple):
    """What a supplier delivers to a buyer, as far as the asker may know it."""

    supplier: int
    buyer: int
    items: list[str]
    standing: str


@dataclass(frozen=True)
class Path:
    """The shortest ways from a firm to the lead firm along links that the asker sees."""

    firm: Place
    ways: Ways
    flows: list[Flow]
    places: dict[int, Place]


def path_from(seen: TierMap, firm_id: int, most: int = 10) -> Path:
    """The shortest ways from a firm of the map, with what flows on those that are told.

    None from a customer. Raises FirmNotFound for a firm that is not seen, whether there is such a
    firm or not.
    """
    place = seen.at(firm_id)
    if place is None:
        raise FirmNotFound(firm=firm_id)
    ways = ways_of(seen, firm_id, most)
    steps = {pair for way in ways.some for pair in pairwise(way)}
    on_way = sorted({number for pair in steps for number in pair} | {firm_id})
    return Path(place, ways, _flows(seen, steps), {n: seen.at(n) or place for n in on_way})


def ways_of(seen: TierMap, firm_id: int, most: int) -> Ways:
    """The shortest ways from a firm, by numbers."""
    buyers: dict[int, list[int]] = defaultdict(list)
    for supplier, buyer in seen.links:
        buyers[supplier].append(buyer)
    tier = {number: place.tier for number, place in seen.places.items()}
    return shortest_ways(tier, buyers, firm_id, most)


def _flows(seen: TierMap, steps: set[tuple[int, int]]) -> list[Flow]:
    lines = seen.sight.lines
    wanted = np.fromiter((s << 32 | b for s, b in steps), np.int64, len(steps))
    on_way = seen.sight.told(lines.where(np.isin(lines.supplier << 32 | lines.buyer, wanted)))
    found: dict[tuple[int, int], list[SeenLink]] = defaultdict(list)
    for line in on_way.values():
        found[line.supplier, line.buyer].append(line)
    return [
        Flow(
            *pair,
            sorted({line.item for line in some if line.item}),
            standing_of(line.standing for line in some),
        )
        for pair, some in sorted(found.items())
    ]
