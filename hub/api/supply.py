"""The API of sheets, firms, links and tiers: each for one firm for which the asker speaks."""

from datetime import datetime
from typing import Literal

from flask import Response
from flask_openapi import APIBlueprint, Tag
from pydantic import BaseModel, Field

from hub import access
from hub.web.asking import hub_here, who
from hub.web.supply_files import as_file
from supplychain.services.network import Place, TierMap, tier_map

_tag = Tag(name="supply", description="Supplier sheets, firms, links and tiers")
api = APIBlueprint("supply_api", __name__, url_prefix="/api/v1", abp_tags=[_tag])


class Chain(BaseModel):
    """Whose chain: the number of a firm of yours; the first of them if not given."""

    lead: int | None = Field(None, ge=1, le=2**31 - 1)


class Listing(Chain):
    """Where a page begins: `after` as the page before gave it."""

    after: int = Field(0, ge=0, le=2**31 - 1)
    limit: int = Field(100, ge=1, le=1000)


class ExportPath(BaseModel):
    """Which of the lists, and as which kind of file."""

    what: Literal["firms", "links"]
    kind: Literal["csv", "xlsx"]


class FirmSaid(BaseModel):
    """A firm of the chain; `also` lists every tier at which it delivers.

    `own_word`: the firm says so itself; else it is what you told of it.
    """

    id: int
    name: str
    brn: str | None
    tier: int
    also: list[int]
    region: str
    process: str
    employees: int | None
    level: int | None
    in_circle: bool
    own_word: bool


class LinkSaid(BaseModel):
    """What a supplier delivers to a buyer, by the numbers of the firms.

    `standing`: "confirmed" by both, "contradicted" by one of them, else "open".
    """

    id: int
    supplier: int
    buyer: int
    item: str
    share: float | None
    standing: str
    since: datetime


class Firms(BaseModel):
    """A page of firms; `after` asks for the next one, None at the end."""

    firms: list[FirmSaid]
    after: int | None


class Links(BaseModel):
    """A page of links; `after` asks for the next one, None at the end."""

    links: list[LinkSaid]
    after: int | None


class Hidden(BaseModel):
    """Firms that have not shown their names to you: only how many.

    `region` or `sector` null: groups of fewer than three put together. `firms` null: one or two.
    """

    tier: int
    region: str | None
    sector: str | None
    firms: int | None


class Tiers(BaseModel):
    """How many firms stand in each tier, circles of supply, and who is only counted.

    A tier's number is null where it would tell of one or two firms; `named` are those with a name.
    """

    lead: int
    tiers: dict[str, int | None]
    named: dict[str, int]
    links: int
    circles: list[list[int]]
    diamond_ratio: float | None
    hidden: list[Hidden]


@api.get("/firms", responses={200: Firms})
def firms(query: Listing) -> Response:
    """Firms of the chain that you may see by name, in the order of their numbers."""
    places = sorted(_seen(query).places.items())
    page = [place for number, place in places if number > query.after][: query.limit]
    said = [_firm_said(place) for place in page]
    return _json(Firms(firms=said, after=said[-1].id if len(said) == query.limit else None))


@api.get("/links", responses={200: Links})
def links(query: Listing) -> Response:
    """Links of the chain that you may see, in the order of their numbers."""
    lines = [line for line in _seen(query).lines if line.link_id > query.after][: query.limit]
    said = [
        LinkSaid(
            id=line.link_id,
            supplier=line.supplier,
            buyer=line.buyer,
            item=line.item,
            share=line.share,
            standing=line.standing,
            since=line.since,
        )
        for line in lines
    ]
    return _json(Links(links=said, after=said[-1].id if len(said) == query.limit else None))


@api.get("/tiers", responses={200: Tiers})
def tiers(query: Chain) -> Response:
    """Firms in each tier of the chain."""
    seen = _seen(query)
    return _json(
        Tiers(
            lead=seen.lead.id or 0,
            tiers={str(tier): count.firms for tier, count in seen.tiers.items()},
            named={str(tier): count.named for tier, count in seen.tiers.items()},
            links=len(seen.links),
            circles=[sorted(circle) for circle in seen.circles],
            diamond_ratio=seen.diamond_ratio,
            hidden=[Hidden(**group.outline._asdict(), firms=group.firms) for group in seen.hidden],
        )
    )


@api.get("/exports/<what>/<kind>", responses={200: None})
def export(path: ExportPath, query: Chain) -> Response:
    """All firms or links of the chain that you may see, as a file for a spreadsheet program."""
    return as_file(_seen(query), path.what, path.kind)


def _seen(query: Chain) -> TierMap:
    with hub_here().db.reading() as session:
        lead = access.own_firm(session, who(), str(query.lead or ""))
        seen = tier_map(session, lead.id or 0)
        session.expunge_all()
        return seen


def _firm_said(place: Place) -> FirmSaid:
    facts = place.facts
    return FirmSaid(
        id=facts.firm_id,
        name=facts.name,
        brn=facts.brn,
        tier=place.tier,
        also=place.also,
        region=facts.region,
        process=facts.process,
        employees=facts.employees,
        level=place.level,
        in_circle=place.in_circle,
        own_word=facts.own_word,
    )


def _json(answer: BaseModel, status: int = 200) -> Response:
    return Response(answer.model_dump_json(), status, mimetype="application/json")
