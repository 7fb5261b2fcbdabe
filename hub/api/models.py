"""The API of shared models and rollouts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, TypeVar

from flask import Response, request
from flask_openapi import APIBlueprint, Tag
from pydantic import BaseModel, Field
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col
from sqlmodel.sql.expression import SelectOfScalar

from hub import access
from hub.api.answers import LARGEST, Cursor, answered
from hub.publishing import publish_bundle
from hub.steering import make_rollout, steer
from hub.web.asking import hub_here, who
from sharing.archive import files_from_zip
from sharing.audience import Audience
from sharing.rollout import Plan
from sharing.services import board as boards
from sharing.services import models as service
from sharing.services.rollouts import key_of
from sharing.tables import Rollout, SharedModel, Version

Row = TypeVar("Row", SharedModel, Rollout)

_tag = Tag(name="models", description="Shared models, their versions and rollouts")
api = APIBlueprint("models_api", __name__, url_prefix="/api/v1", abp_tags=[_tag])


class Listing(Cursor):
    """Where a page begins, as everywhere; a page is shorter."""

    limit: int = Field(50, ge=1, le=200)


class ModelPath(BaseModel):
    """Which model."""

    slug: str = Field(max_length=60)


class RolloutPath(BaseModel):
    """Which rollout."""

    number: int = Field(ge=1, le=LARGEST)


class ActPath(RolloutPath):
    """Which rollout, and what to do with it."""

    action: Literal["start", "pause", "resume", "stop", "rollback"]


class PublishAsked(BaseModel):
    """For whom, and who may see it."""

    firm: int = Field(ge=1, le=LARGEST)
    visibility: Literal["private", "chain", "public"] = "chain"


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


class VersionSaid(BaseModel):
    """A version."""

    number: str
    state: str
    published_at: datetime
    digest: str
    length: int
    files: dict[str, str]
    card: dict[str, Any]


class ModelSaid(BaseModel):
    """A model."""

    slug: str
    title: dict[str, str]
    process: str
    firm: int
    visibility: str
    versions: list[VersionSaid]


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


class Models(BaseModel):
    """A page of models; `after` asks for the next one, None at the end."""

    models: list[ModelSaid]
    after: int | None


class Rollouts(BaseModel):
    """A page of rollouts; `after` asks for the next one, None at the end."""

    rollouts: list[RolloutSaid]
    after: int | None


@api.get("/models", responses={200: Models})
def models(query: Listing) -> Response:
    """Models that you may know of."""
    with hub_here().db.reading() as session:
        page, after = _page(session, access.models_seen(who()), col(SharedModel.id), query)
        said = [model_said(session, model) for model in page]
    return answered(Models(models=said, after=after))


@api.get("/models/<slug>", responses={200: ModelSaid})
def model(path: ModelPath) -> Response:
    """One model with all its versions and their cards."""
    with hub_here().db.reading() as session:
        return answered(model_said(session, access.model_seen(session, who(), path.slug)))


@api.post("/models", responses={201: ModelSaid})
def publish(query: PublishAsked) -> Response:
    """Publish a bundle: the body is a ZIP archive. 422 lists every fault."""
    access.may_publish_for(who(), query.firm)
    files, found = files_from_zip(request.get_data())
    version = publish_bundle(
        hub_here(), files, query.firm, who().handle, visibility=query.visibility, found=found
    )
    with hub_here().db.reading() as session:
        return answered(model_said(session, session.get_one(SharedModel, version.model_id)), 201)


@api.get("/rollouts", responses={200: Rollouts})
def rollouts(query: Listing) -> Response:
    """Rollouts of your firms, in the order in which they were made."""
    with hub_here().db.reading() as session:
        page, after = _page(session, access.rollouts_seen(who()), col(Rollout.id), query)
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


def _page(
    session: Session, rows: SelectOfScalar[Row], number: Mapped[int | None], query: Listing
) -> tuple[Sequence[Row], int | None]:
    """The rows of one page in the order in which they were made, and where the next begins."""
    steady = rows.where(number > query.after).order_by(None).order_by(number)
    page = session.exec(steady.limit(query.limit)).all()
    return page, page[-1].id if len(page) == query.limit else None


def model_said(session: Session, model: SharedModel) -> ModelSaid:
    """A model as programs read it."""
    return ModelSaid(
        slug=model.slug,
        title=model.title,
        process=model.process,
        firm=model.firm_id,
        visibility=model.visibility,
        versions=[_version_said(session, v) for v in service.versions_of(session, model)],
    )


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


def _version_said(session: Session, version: Version) -> VersionSaid:
    return VersionSaid(
        number=version.number,
        state=version.state,
        published_at=version.published_at,
        digest=version.digest,
        length=version.length,
        files={file.path: file.sha256 for file in service.files_of(session, version)},
        card=version.card,
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
