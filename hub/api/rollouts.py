"""The API of rollouts: what is on its way to which plants."""

from datetime import datetime
from typing import Any, Literal

from flask import Response, request
from flask_openapi import APIBlueprint, Tag
from pydantic import BaseModel, Field
from sqlmodel import Session, col

from hub import access
from hub.api.answers import LARGEST, answered
from hub.api.listed import Shorter, rows_of
from hub.steering import make_rollout, steer
from hub.web.asking import hub_here, who
from sharing.audience import Audience
from sharing.rollout import Plan
from sharing.services import board as boards
from sharing.services import models as service
from sharing.services.rollouts import key_of
from sharing.tables import Rollout

_tag = Tag(name="rollouts", description="Versions on their way to plants")
api = APIBlueprint("rollouts_api", __name__, url_prefix="/api/v1", abp_tags=[_tag])


class RolloutPath(BaseModel):
    """Which rollout."""

    number: int = Field(ge=1, le=LARGEST)


class ActPath(RolloutPath):
    """Which rollout, and what to do with it."""

    action: Literal["start", "pause", "resume", "stop", "rollback"]


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


class SiteSaid(BaseModel):
    """A plant's share of a rollout; without a name where it is not open to the lead firm."""

    delivery: int
    site: int
    firm: str | None
    tier: int
    state: str
    reason: str
    predictions: int | None
    changed_at: datetime


class RolloutSaid(BaseModel):
    """A rollout with its counts, and, asked for alone, its plants."""

    id: int
    name: str
    model: str
    version: str
    state: str
    reason: str
    audience: dict[str, Any]
    plan: dict[str, Any]
    counts: dict[str, int]
    sites: list[SiteSaid] | None = None


class Rollouts(BaseModel):
    """A page of rollouts; `after` asks for the next one, None at the end."""

    rollouts: list[RolloutSaid]
    after: int | None


@api.get("/rollouts", responses={200: Rollouts})
def rollouts(query: Shorter) -> Response:
    """Rollouts of your firms, in the order in which they were made."""
    with hub_here().db.reading() as session:
        page, after = rows_of(session, access.rollouts_seen(who()), col(Rollout.id), query)
        said = [rollout_said(session, row, sites=False) for row in page]
    return answered(Rollouts(rollouts=said, after=after))


@api.get("/rollouts/<int:number>", responses={200: RolloutSaid})
def rollout(path: RolloutPath) -> Response:
    """One rollout with its plants."""
    with hub_here().db.reading() as session:
        return answered(rollout_said(session, access.rollout_seen(session, who(), path.number)))


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
    """Start, pause, resume, stop a rollout, or take it back."""
    with hub_here().db.work() as session:
        row = access.steered_rollout(session, who(), path.number)
        steer(session, row, path.action, who().handle, body.reason)
        return answered(rollout_said(session, row))


def rollout_said(session: Session, row: Rollout, *, sites: bool = True) -> RolloutSaid:
    """A rollout as programs read it."""
    board = boards.board_of(session, row)
    return RolloutSaid(
        id=row.id or 0,
        name=row.name,
        model=board.model.slug,
        version=board.version.number,
        state=row.state,
        reason=row.reason,
        audience=row.audience,
        plan=row.plan,
        counts=board.counts,
        sites=[_site_said(square) for square in board.squares] if sites else None,
    )


def _site_said(square: boards.Square) -> SiteSaid:
    delivery = square.delivery
    return SiteSaid(
        delivery=delivery.id or 0,
        site=delivery.site_id,
        firm=square.firm.name if square.firm else None,
        tier=delivery.tier,
        state=delivery.state,
        reason=delivery.reason,
        predictions=square.predictions,
        changed_at=delivery.changed_at,
    )
