"""The API of long computations on a chain: ask, watch, stop, and read the figures as they come."""

from datetime import datetime

from flask import Response
from flask_openapi import APIBlueprint, Tag
from pydantic import BaseModel, Field
from sqlmodel import Session

from hub import access
from hub.accounts import record
from hub.web.asking import hub_here, who
from supplychain.risk_tables import RiskRun
from supplychain.services import risk

_tag = Tag(name="risk", description="Which share of all sales is lost if a firm fails (ESRI)")
api = APIBlueprint("risk_api", __name__, url_prefix="/api/v1", abp_tags=[_tag])

_MOST = 2**31 - 1


class Asked(BaseModel):
    """Whose chain: the number of a lead firm; the first of yours if not given."""

    lead: int | None = Field(None, ge=1, le=_MOST)


class Listing(Asked):
    """Where a page begins: `after` as the page before gave it."""

    after: int = Field(0, ge=0, le=_MOST)
    limit: int = Field(100, ge=1, le=1000)


class Basis(BaseModel):
    """What the figures rest on. A weight is the share of an item that its buyer buys of a supplier.

    `links_evenly`: shares of the item are lacking, so its suppliers count alike.
    `links_of_nothing`: a share of 0, left out. `firms_without_sector`: nobody can stand in for
    them. `firms_hidden`: firms of the chain that you may not see by name, left out.
    """

    links: int
    links_with_share: int
    links_evenly: int
    links_of_nothing: int
    firms: int
    firms_without_sector: int
    firms_hidden: int


class Figure(BaseModel):
    """The share of all sales in the chain that is lost if this firm fails, 0 to 1."""

    id: int
    name: str
    esri: float


class Run(BaseModel):
    """How far it is. `state`: waiting, running, done, stopped, outdated, failed (`problem`).

    `current`: whether the chain is still the one that was computed.
    """

    lead: int
    state: str
    done: int
    total: int
    current: bool
    problem: str
    asked_at: datetime
    ended_at: datetime | None
    rests_on: Basis
    firms: list[Figure]
    after: int | None


@api.get("/risk", responses={200: Run})
def figures(query: Listing) -> Response:
    """What was last asked for: how far it is, and a page of the figures so far, the worst first."""
    with hub_here().db.reading() as session:
        lead = access.lead_firm(session, who(), str(query.lead or ""))
        said = _said(session, risk.run_of(session, lead.id or 0), query)
    return _json(said)


@api.post("/risk", responses={202: Run})
def ask(query: Asked) -> Response:
    """Ask for the figures of the chain as it is now. Asking again finds what there is.

    A run that was stopped goes on where it was. 422 where the chain has no links.
    """
    with hub_here().db.work() as session:
        lead = access.lead_firm(session, who(), str(query.lead or ""))
        run = risk.ask(session, lead.id or 0, who().handle)
        record(session, who().handle, "risk.asked", lead.name, run=run.id)
        said = _said(session, run, Listing(lead=query.lead))
    return _json(said, 202)


@api.post("/risk/stop", responses={200: Run})
def stop(query: Asked) -> Response:
    """Let it end after what is under way; figures that are there stay."""
    with hub_here().db.work() as session:
        lead = access.lead_firm(session, who(), str(query.lead or ""))
        run = risk.run_of(session, lead.id or 0)
        risk.stop(session, run)
        record(session, who().handle, "risk.stopped", lead.name, run=run.id)
        said = _said(session, run, Listing(lead=query.lead))
    return _json(said)


def _said(session: Session, run: RiskRun, query: Listing) -> Run:
    found = risk.figures_of(session, run, query.after, query.limit)
    return Run(
        lead=run.lead_id,
        state=run.state,
        done=run.done,
        total=run.total,
        current=risk.is_current(session, run),
        problem=run.problem,
        asked_at=run.asked_at,
        ended_at=run.ended_at,
        rests_on=Basis.model_validate(run.rests_on),
        firms=[Figure(id=firm.id or 0, name=firm.name, esri=esri) for firm, esri in found],
        after=query.after + query.limit if len(found) == query.limit else None,
    )


def _json(answer: BaseModel, status: int = 200) -> Response:
    return Response(answer.model_dump_json(), status, mimetype="application/json")
