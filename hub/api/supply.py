"""The API of sheets, firms, links and tiers: each for one firm for which the asker speaks."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Literal, Self

from flask import Response
from flask_openapi import APIBlueprint, Tag
from pydantic import BaseModel, Field, model_validator

from hub import access
from hub.web.asking import hub_here, who
from hub.web.supply_files import as_file
from hub.web.supply_ways import STEPS, AroundSaid, PathSaid, around_said, circles_of, path_said
from supplychain.finding import MEASURES, found, is_word
from supplychain.services.neighbours import path_from
from supplychain.services.network import Place, TierMap, tier_map
from supplychain.services.sight import Lines

_tag = Tag(name="supply", description="Supplier sheets, firms, links and tiers")
api = APIBlueprint("supply_api", __name__, url_prefix="/api/v1", abp_tags=[_tag])


class Chain(BaseModel):
    """Whose chain: the number of a firm of yours; the first of them if not given."""

    lead: int | None = Field(None, ge=1, le=2**31 - 1)


class Listing(Chain):
    """Where a page begins: `after` as the page before gave it."""

    after: int = Field(0, ge=0, le=2**31 - 1)
    limit: int = Field(100, ge=1, le=1000)


class Wanted(Chain):
    """Which firms: each name may be given more than once, any of its words fits; all names must.

    `q`: a part of a name, written or sounded, or of a registration number. `tier`: at which a firm
    delivers. `standing`: of any of its deliveries. `chokepoints`: the least number of a band
    (0, 1, 2, 10) of firms that reach you through it alone. "-" asks for what is not known.
    """

    q: str = Field("", max_length=200)
    tier: list[str] = []
    standing: list[str] = []
    region: list[str] = []
    sector: list[str] = []
    process: list[str] = []
    level: list[str] = []
    employees: list[str] = []
    marks: list[str] = []
    chokepoints: list[str] = []

    @model_validator(mode="after")
    def _words(self) -> Self:
        for name, codes in self.chosen.items():
            for code in codes:
                if not is_word(name, code):
                    raise ValueError(f"{name}: {code[:20]!r} is none of its words")
        return self

    @property
    def chosen(self) -> dict[str, list[str]]:
        """The words that were chosen, by name."""
        return {name: getattr(self, name) for name in ("tier", "standing", *MEASURES)}


class Found(Listing, Wanted):
    """A page of the firms that fit."""


class FirmPath(BaseModel):
    """The number of a firm."""

    firm_id: int = Field(ge=1, le=2**31 - 1)


class Near(Chain):
    """How many steps away."""

    steps: int = Field(1, ge=1, le=STEPS)


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


class Circle(BaseModel):
    """Firms that supply each other in a circle, the nearest to the lead firm first."""

    firms: list[int]
    names: list[str]
    tiers: list[int]


class Circles(BaseModel):
    """A page of circles, the largest first; `after` asks for the next one, None at the end."""

    circles: list[Circle]
    after: int | None


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
def firms(query: Found) -> Response:
    """Firms of the chain that you may see by name and that fit, in the order of their numbers."""
    with _seen(query) as seen:
        places = sorted(found(seen, query.q, query.chosen), key=lambda place: place.number)
    page = [place for place in places if place.number > query.after][: query.limit + 1]
    said = [_firm_said(place) for place in page[: query.limit]]
    return _json(Firms(firms=said, after=said[-1].id if len(page) > query.limit else None))


@api.get("/firms/<int:firm_id>/ways", responses={200: PathSaid})
def ways(path: FirmPath, query: Chain) -> Response:
    """The shortest ways from a firm to the lead firm, and what flows on them."""
    with _seen(query) as seen:
        return _json(path_said(path_from(seen, path.firm_id)))


@api.get("/firms/<int:firm_id>/around", responses={200: AroundSaid})
def around(path: FirmPath, query: Near) -> Response:
    """Firms within some steps of one, suppliers and customers alike."""
    with _seen(query) as seen:
        return _json(around_said(seen, path.firm_id, query.steps))


@api.get("/links", responses={200: Links})
def links(query: Listing) -> Response:
    """Links of the chain that you may see, in the order of their numbers."""
    with _seen(query) as seen:
        drawn = seen.drawn
        after = drawn.where(drawn.link > query.after)
        more = len(after.link) > query.limit
        lines = seen.sight.told(Lines(*(column[: query.limit] for column in after)))
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
        for line in lines.values()
    ]
    return _json(Links(links=said, after=said[-1].id if more else None))


@api.get("/circles", responses={200: Circles})
def circles(query: Listing) -> Response:
    """Circles of supply, the largest first; `after` counts them."""
    with _seen(query) as seen:
        every = circles_of(seen)
    page = every[query.after : query.after + query.limit]
    said = [
        Circle(
            firms=[place.number for place in circle],
            names=[place.name for place in circle],
            tiers=[place.tier for place in circle],
        )
        for circle in page
    ]
    until = query.after + len(page)
    return _json(Circles(circles=said, after=until if until < len(every) else None))


@api.get("/tiers", responses={200: Tiers})
def tiers(query: Chain) -> Response:
    """Firms in each tier of the chain."""
    with _seen(query) as seen:
        return _json(
            Tiers(
                lead=seen.lead.id or 0,
                tiers={str(tier): count.firms for tier, count in seen.tiers.items()},
                named={str(tier): count.named for tier, count in seen.tiers.items()},
                links=len(seen.links),
                circles=[sorted(circle) for circle in seen.circles],
                diamond_ratio=seen.diamond_ratio,
                hidden=[
                    Hidden(**group.outline._asdict(), firms=group.firms) for group in seen.hidden
                ],
            )
        )


@api.get("/exports/<what>/<kind>", responses={200: None})
def export(path: ExportPath, query: Wanted) -> Response:
    """Firms of the chain that you may see and that fit, or their deliveries, as a file."""
    with _seen(query) as seen:
        return as_file(seen, path.what, path.kind, found(seen, query.q, query.chosen))


@contextmanager
def _seen(query: Chain) -> Iterator[TierMap]:
    """The map, while the database is open."""
    with hub_here().db.reading() as session:
        lead = access.own_firm(session, who(), str(query.lead or ""))
        yield tier_map(session, lead.id or 0)


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
