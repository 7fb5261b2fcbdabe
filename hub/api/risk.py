"""The API of where a chain breaks: figures of every firm, the computations behind them, facts."""

from datetime import datetime
from typing import Literal

from flask import Response
from flask_openapi import APIBlueprint, Tag
from pydantic import BaseModel, Field
from sqlmodel import Session

from hub import access
from hub.accounts import record
from hub.api.answers import LARGEST, answered
from hub.weak_kept import still_current, weak_of
from hub.web.asking import hub_here, who
from hub.wiring import Hub
from supplychain.errors import FirmNotFound
from supplychain.risk.errors import NetworkEmpty
from supplychain.risk.facts import ASSUMED, Assumed
from supplychain.risk_tables import RiskRun
from supplychain.services import risk
from supplychain.services.risk_facts import Saying, facts_of, say_fact
from supplychain.services.weak_points import Measure, WeakPoint, with_figures, worst
from supplychain.tables import Firm

_tag = Tag(name="risk", description="Where the chain breaks: on which firms most rests")
api = APIBlueprint("risk_api", __name__, url_prefix="/api/v1", abp_tags=[_tag])

Kind = Literal["esri", "tts"]


class Asked(BaseModel):
    """Whose chain: the number of a firm of yours; the first of them if not given."""

    lead: int | None = Field(None, ge=1, le=LARGEST)

    def own(self, session: Session) -> Firm:
        """The firm for which the asker speaks."""
        return access.own_firm(session, who(), str(self.lead or ""))


class OfKind(Asked):
    """Which computation: "esri", or "tts" (times to survive)."""

    kind: Kind = "esri"


class Compute(OfKind):
    """What to assume where nothing is known; for "tts" alone.

    `capacity`: the most that a firm can make, in per cent of today.
    """

    ttr_days: float = Field(ASSUMED.ttr_days, ge=0, le=3650)
    stock_days: float = Field(ASSUMED.stock_days, ge=0, le=3650)
    capacity: float = Field(ASSUMED.capacity, ge=100, le=10_000)


class Figures(OfKind):
    """Where a page begins: `after` as the page before gave it."""

    after: int = Field(0, ge=0, le=LARGEST)
    limit: int = Field(100, ge=1, le=1000)


class Listing(Asked):
    """Firms in the order of one measure, the worst first."""

    by: Measure = "cut_off"
    after: int = Field(0, ge=0, le=LARGEST)
    limit: int = Field(100, ge=1, le=1000)


class Basis(BaseModel):
    """What the figures rest on. A weight is the share of an item that its buyer buys of a supplier.

    `links_evenly`: shares of the item are lacking, so its suppliers count alike.
    `links_of_nothing`: a share of 0, left out. `firms_without_sector`: nobody can stand in for
    them. `firms_hidden`: firms of the chain that you may not see by name, left out; at least so
    many. `facts`: times to recover, stocks and capacities that somebody told, `facts_own` of them
    the firms' own words. `computed`: firms whose figures are worked out.
    """

    links: int
    links_with_share: int
    links_evenly: int
    links_of_nothing: int
    firms: int
    firms_without_sector: int
    firms_hidden: int
    deliveries: int = 0
    deliveries_confirmed: int = 0
    deliveries_without_item: int = 0
    facts: int = 0
    facts_own: int = 0
    computed: int = 0


class Figure(BaseModel):
    """What a computation says of a firm.

    `esri`: the share of all sales in the chain that is lost if it fails, 0 to 1. `survives`: days
    for which you go on without it, null for ever; `recovers`: days until it is back; `lost`: days
    of your production that are lost until then. `item_known` false: nobody told the items on any
    way from it to you, so `survives` and `lost` say nothing; it stands after the others.
    """

    id: int
    name: str
    esri: float | None = None
    survives: float | None = None
    recovers: float | None = None
    lost: float | None = None
    item_known: bool = True


class Run(BaseModel):
    """How far it is. `state`: waiting, running, done, stopped, outdated, failed (`problem`).

    `current`: whether the chain, and what is told of it, is still what was computed; a run that
    is not done yet looks itself.
    """

    lead: int
    kind: str
    state: str
    done: int
    total: int
    current: bool
    problem: str
    asked_at: datetime
    ended_at: datetime | None
    assumed: dict[str, float]
    rests_on: Basis
    firms: list[Figure]
    after: int | None


class Point(BaseModel):
    """A firm and what rests on it alone, as far as you see links.

    `direct`: it delivers to you. `cut_off`: firms that reach you only through it. `suppliers`:
    direct suppliers of yours that it stands behind, or is. `items`: what you buy that rests on it
    alone, `diamonds`: those of them with several suppliers. `position`: steps before you.
    `item_known` false: nobody told the items on any way from it to you, so `survives` and `lost`
    say nothing, and it stands after the others in the order of `lost`.
    """

    id: int
    name: str
    tier: int
    direct: bool
    joined: bool
    cut_off: int
    suppliers: int
    items: list[str]
    diamonds: list[str]
    position: float | None
    esri: float | None
    survives: float | None
    recovers: float | None
    lost: float | None
    item_known: bool


class Points(BaseModel):
    """A page of firms; `after` asks for the next one, null at the end.

    `items_not_known`: firms of the whole chain whose `item_known` is false.
    """

    rests_on: Basis
    items_not_known: int
    firms: list[Point]
    after: int | None


class Diamond(BaseModel):
    """An item with several suppliers, all of which rest on the same firms (by their numbers)."""

    item: str
    suppliers: list[int]
    firms: list[int]


class Diamonds(BaseModel):
    """All of them, in the order of the items."""

    diamonds: list[Diamond]


class FactPath(BaseModel):
    """The number of a firm of the chain."""

    firm_id: int = Field(ge=1, le=LARGEST)


class Fact(BaseModel):
    """A number and whose it is: the firm's "own" word, the "asker"'s guess, or "assumed"."""

    value: float
    source: Literal["own", "asker", "assumed"]
    at: datetime | None


class Facts(BaseModel):
    """What counts for a firm. `stock_days`: of its finished goods, at the firm itself."""

    firm: int
    ttr_days: Fact
    stock_days: Fact
    capacity: Fact
    margin: Fact | None


class Telling(BaseModel):
    """What you know of a firm, or of its goods at a buyer (`stock_days` alone)."""

    lead: int | None = Field(None, ge=1, le=LARGEST)
    kind: Literal["ttr_days", "stock_days", "capacity", "margin"]
    value: float
    buyer: int | None = Field(None, ge=1, le=LARGEST)
    item: str = Field("", max_length=200)


@api.get("/risk", responses={200: Run})
def figures(query: Figures) -> Response:
    """What was last asked for: how far it is, and a page of the figures so far, the worst first."""
    hub = hub_here()
    with hub.db.reading() as session:
        lead = query.own(session)
        said = _said(hub, session, risk.run_of(session, lead.id or 0, query.kind), query)
    return answered(said)


@api.post("/risk", responses={202: Run})
def ask(query: Compute) -> Response:
    """Ask for the figures of the chain as it is now. Asking again finds what there is.

    A run that was stopped goes on where it was. 422 where the chain has no links.
    """
    hub = hub_here()
    with hub.db.work() as session:
        lead = query.own(session)
        assumed = Assumed(query.ttr_days, query.stock_days, query.capacity)
        run = risk.ask(session, lead.id or 0, who().handle, query.kind, assumed)
        record(session, who().handle, "risk.asked", lead.name, run=run.id, kind=query.kind)
        said = _said(hub, session, run, Figures(kind=query.kind))
    return answered(said, 202)


@api.post("/risk/stop", responses={200: Run})
def stop(query: OfKind) -> Response:
    """Let it end after what is under way; figures that are there stay."""
    hub = hub_here()
    with hub.db.work() as session:
        lead = query.own(session)
        run = risk.run_of(session, lead.id or 0, query.kind)
        risk.stop(session, run)
        record(session, who().handle, "risk.stopped", lead.name, run=run.id)
        said = _said(hub, session, run, Figures(kind=query.kind))
    return answered(said)


@api.get("/risk/firms", responses={200: Points})
def firms(query: Listing) -> Response:
    """Every firm of the chain with all its figures, by one measure, the worst first."""
    with hub_here().db.reading() as session:
        weak = with_figures(session, weak_of(hub_here().db, session, query.own(session).id or 0))
    found = worst(weak.points, query.by)[query.after : query.after + query.limit]
    after = query.after + query.limit if len(found) == query.limit else None
    basis = Basis.model_validate(weak.chain.basis, from_attributes=True)
    return answered(
        Points(
            rests_on=basis,
            items_not_known=weak.items_not_known,
            firms=[_point(each) for each in found],
            after=after,
        )
    )


@api.get("/risk/diamonds", responses={200: Diamonds})
def diamonds(query: Asked) -> Response:
    """Items whose suppliers all rest on one firm: to change the supplier is no way out."""
    with hub_here().db.reading() as session:
        weak = weak_of(hub_here().db, session, query.own(session).id or 0)
    suppliers = weak.chain.items()
    found = [
        Diamond(item=item, suppliers=list(suppliers[item]), firms=[p.place.number for p in points])
        for item, points in weak.diamonds.items()
    ]
    return answered(Diamonds(diamonds=found))


@api.get("/risk/firms/<int:firm_id>/facts", responses={200: Facts})
def facts(path: FactPath, query: Asked) -> Response:
    """What counts for a firm where times to survive are worked out, and whose word it is."""
    with hub_here().db.reading() as session:
        said = _facts(session, query.own(session), path.firm_id)
    return answered(said)


@api.post("/risk/firms/<int:firm_id>/facts", responses={200: Facts})
def tell(path: FactPath, body: Telling) -> Response:
    """Say what you know of a firm: your guess, or your own word where the firm is yours."""
    with hub_here().db.work() as session:
        lead = Asked(lead=body.lead).own(session)
        _seen(session, lead, path.firm_id)
        if body.buyer is not None:
            _seen(session, lead, body.buyer)
        saying = Saying(path.firm_id, body.kind, body.value, body.buyer, body.item)
        say_fact(session, lead.id or 0, saying, who().handle)
        record(session, who().handle, "risk.told", str(path.firm_id), by=lead.id)
        said = _facts(session, lead, path.firm_id)
    return answered(said)


def _seen(session: Session, lead: Firm, firm_id: int) -> None:
    weak = weak_of(hub_here().db, session, lead.id or 0)
    if firm_id not in weak.chain.places:
        raise FirmNotFound(firm=firm_id)


def _facts(session: Session, lead: Firm, firm_id: int) -> Facts:
    _seen(session, lead, firm_id)
    assumed = risk.assumed_in(risk.runs_of(session, lead.id or 0).get("tts"))
    told = facts_of(session, lead.id or 0, [firm_id], assumed).firm(firm_id)
    said = {
        name: Fact.model_validate(each, from_attributes=True)
        for name, each in (
            ("ttr_days", told.ttr), ("stock_days", told.stock), ("capacity", told.capacity),
        )
    }  # fmt: skip
    margin = told.margin and Fact.model_validate(told.margin, from_attributes=True)
    return Facts(firm=firm_id, margin=margin, **said)


def _point(point: WeakPoint) -> Point:
    told = point.survival
    return Point(
        id=point.place.number,
        name=point.place.name,
        tier=point.place.tier,
        direct=point.direct,
        joined=point.place.facts.joined,
        cut_off=point.cut_off,
        suppliers=point.suppliers,
        items=list(point.items),
        diamonds=list(point.diamonds),
        position=point.position,
        esri=point.esri,
        survives=told.survives if told else None,
        recovers=told.recovers if told else None,
        lost=told.lost if told else None,
        item_known=point.item_known,
    )


def _said(hub: Hub, session: Session, run: RiskRun, query: Figures) -> Run:
    until = query.after + query.limit
    found = (
        [Figure(id=n, name="", esri=share) for n, share in risk.esri_of(session, run).items()]
        if run.kind == "esri"
        else [
            Figure(id=n, name="", survives=t.survives, recovers=t.recovers, lost=t.lost)
            for n, t in risk.survival_of(session, run).items()
        ]
    )
    try:
        weak = weak_of(hub.db, session, run.lead_id)
        places, points = weak.chain.places, weak.points
    except NetworkEmpty:
        places, points = {}, {}
    for each in found:
        each.item_known = run.kind != "tts" or each.id not in points or points[each.id].item_known
    found.sort(key=lambda each: not each.item_known)
    # A firm that has left the chain since then is no longer the asker's to know.
    page = [each for each in found[query.after : until] if each.id in places]
    for each in page:
        each.name = places[each.id].name
    return Run(
        lead=run.lead_id,
        kind=run.kind,
        state=run.state,
        done=run.done,
        total=run.total,
        current=run.state in risk.DUE or still_current(hub.db, session, run),
        problem=run.problem,
        asked_at=run.asked_at,
        ended_at=run.ended_at,
        assumed=run.assumed,
        rests_on=Basis.model_validate(run.rests_on),
        firms=page,
        after=until if len(found) > until else None,
    )
