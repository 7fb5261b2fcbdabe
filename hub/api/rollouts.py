"""The API of rollouts: what is on its way to which plants, and what came of it."""

from typing import Literal

from flask import Response, request
from flask_openapi import APIBlueprint, Tag
from pydantic import BaseModel, Field
from sqlmodel import col

from hub import access, access_hooks
from hub.api.answers import LARGEST, Cursor, answered
from hub.api.listed import Shorter, rows_of
from hub.api.rollout_said import (
    EventSaid,
    FailureSaid,
    FieldedSaid,
    FiguresSaid,
    RolloutSaid,
    SiteSaid,
    StepSaid,
    board_said,
    event_said,
    failure_said,
    fielded_said,
    figures_said,
    rollout_said,
    site_said,
    step_said,
)
from hub.steering import make_rollout, steer
from hub.web.asking import hub_here, who
from hub.web.board_words import advice
from sharing.audience import Audience
from sharing.rollout import Plan
from sharing.services import board as boards
from sharing.services import insight
from sharing.services import models as service
from sharing.services.rollouts import key_of
from sharing.tables import Rollout
from supplychain.tables import now

_tag = Tag(name="rollouts", description="Versions on their way to plants, and what came of them")
api = APIBlueprint("rollouts_api", __name__, url_prefix="/api/v1", abp_tags=[_tag])

Group = Literal["", "waiting", "under_way", "active", "failed", "declined"]


class RolloutPath(BaseModel):
    """Which rollout."""

    number: int = Field(ge=1, le=LARGEST)


class SitePath(RolloutPath):
    """Which plant of it."""

    delivery: int = Field(ge=1, le=LARGEST)


class ActPath(RolloutPath):
    """Which rollout, and what to do with it."""

    action: Literal["submit", "approve", "refuse", "start", "pause", "resume", "stop", "rollback"]


class FieldPath(BaseModel):
    """Which model."""

    slug: str = Field(max_length=60)


class SiteListing(Cursor):
    """Where a page of plants begins; `state`: only one group of them."""

    state: Group = ""


class RolloutAsked(BaseModel):
    """A rollout to make; the Idempotency-Key header makes asking twice safe."""

    model: str = Field(max_length=60)
    version: str = Field("", max_length=20)
    name: str = Field("", max_length=120)
    audience: Audience | None = None
    plan: Plan | None = None
    start: bool = False


class Reason(BaseModel):
    """Why, for those whom it concerns."""

    reason: str = Field("", max_length=300)


class Rollouts(BaseModel):
    """A page of rollouts; `after` asks for the next one, None at the end."""

    rollouts: list[RolloutSaid]
    after: int | None


class Sites(BaseModel):
    """A page of plants; `after` asks for the next one, None at the end."""

    sites: list[SiteSaid]
    after: int | None


class Events(BaseModel):
    """A page of events in their order; `after` asks for what came later, now or another day."""

    events: list[EventSaid]
    after: int


class Steps(BaseModel):
    """What happened at one plant."""

    site: SiteSaid
    steps: list[StepSaid]


class Failures(BaseModel):
    """Why plants failed or declined, most frequent first."""

    failures: list[FailureSaid]


class Fielded(BaseModel):
    """Which version of a model runs where, newest first."""

    versions: list[FieldedSaid]


@api.get("/rollouts", responses={200: Rollouts})
def rollouts(query: Shorter) -> Response:
    """Rollouts of your firms, in the order in which they were made."""
    with hub_here().db.reading() as session:
        page, after = rows_of(session, access.rollouts_seen(who()), col(Rollout.id), query)
        found = boards.boards_of(session, page)
        said = [board_said(session, each, sites=False) for each in found]
    return answered(Rollouts(rollouts=said, after=after))


@api.get("/rollouts/<int:number>", responses={200: RolloutSaid})
def rollout(path: RolloutPath) -> Response:
    """One rollout with its waves and first plants; 304 where the ETag that you have still fits."""
    with hub_here().db.reading() as session:
        board = boards.board_of(session, access.rollout_seen(session, who(), path.number))
        mark = boards.mark_of(session, board)
        if request.if_none_match.contains_weak(mark):
            answer = Response(status=304)
        else:
            answer = answered(board_said(session, board))
        answer.set_etag(mark, weak=True)
        answer.headers["Cache-Control"] = "private, no-cache"
        return answer


@api.get("/rollouts/<int:number>/sites", responses={200: Sites})
def sites(path: RolloutPath, query: SiteListing) -> Response:
    """The plants of a rollout, a page at a time."""
    with hub_here().db.reading() as session:
        row = access.rollout_seen(session, who(), path.number)
        states = boards.GROUPS.get(query.state, ())
        page = boards.squares(session, row, states, after=query.after, limit=query.limit)
        after = page[-1].delivery.id if len(page) == query.limit else None
        return answered(Sites(sites=[site_said(square) for square in page], after=after))


@api.get("/rollouts/<int:number>/sites/<int:delivery>", responses={200: Steps})
def site(path: SitePath) -> Response:
    """What happened at one plant, step by step."""
    with hub_here().db.reading() as session:
        row = access.rollout_seen(session, who(), path.number)
        square = boards.square_of(session, row, path.delivery)
        steps = insight.timeline(session, square.delivery, now())
        return answered(Steps(site=site_said(square), steps=[step_said(step) for step in steps]))


@api.get("/rollouts/<int:number>/events", responses={200: Events})
def events(path: RolloutPath, query: Cursor) -> Response:
    """What happened at its plants, in order: ask again with `after` for what came since."""
    with hub_here().db.reading() as session:
        row = access.rollout_seen(session, who(), path.number)
        page = insight.events(session, row, query.after, query.limit)
        after = page[-1].id if page else query.after
        return answered(Events(events=[event_said(each) for each in page], after=after or 0))


@api.get("/rollouts/<int:number>/failures", responses={200: Failures})
def failures(path: RolloutPath) -> Response:
    """Why plants failed or declined, with what to do."""
    with hub_here().db.reading() as session:
        row = access.rollout_seen(session, who(), path.number)
        groups = insight.failures(session, row)
        said = [failure_said(each, _advice(each)) for each in groups]
    return answered(Failures(failures=said))


def _advice(group: insight.Failures) -> str:
    return advice(group.reason, group.code, declined="declined" in group.states)


@api.get("/rollouts/<int:number>/figures", responses={200: FiguresSaid})
def figures(path: RolloutPath) -> Response:
    """Adoption by tier over time, and health as plants report it."""
    with hub_here().db.reading() as session:
        row = access.rollout_seen(session, who(), path.number)
        adopted = insight.adoption(session, row)
        return answered(figures_said(adopted, insight.health(session, row, now())))


@api.get("/models/<slug>/field", responses={200: Fielded})
def field(path: FieldPath) -> Response:
    """Which version of your firm's model runs at how many plants."""
    with hub_here().db.reading() as session:
        model = access_hooks.own_model(session, who(), path.slug)
        found = insight.fielded(session, model)
    return answered(Fielded(versions=[fielded_said(each) for each in found]))


@api.post("/rollouts", responses={201: RolloutSaid})
def create(body: RolloutAsked) -> Response:
    """Make a rollout of your firm's model, and start it where you say so."""
    key = request.headers.get("Idempotency-Key", "")
    with hub_here().db.work() as session:
        model = access.model_seen(session, who(), body.model)
        access.may_publish_for(who(), model.firm_id)
        made = make_rollout(
            session,
            service.version_of(session, body.model, body.version),
            model.firm_id,
            who().handle,
            name=body.name,
            audience=body.audience,
            plan=body.plan,
            key=key_of(who().handle, key),
            start=body.start,
        )
        return answered(rollout_said(session, made), 201)


@api.post("/rollouts/<int:number>/<action>", responses={200: RolloutSaid})
def act(path: ActPath, body: Reason) -> Response:
    """Submit, approve, refuse, start, pause, resume, stop a rollout, or take it back.

    Asked twice, it is done once.
    """
    with hub_here().db.work() as session:
        row = access.steered_rollout(session, who(), path.number)
        steer(session, row, path.action, who().handle, body.reason)
        return answered(rollout_said(session, row))
