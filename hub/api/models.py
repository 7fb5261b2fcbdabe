"""The API of shared models and their versions."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Literal

from flask import Response, request
from flask_openapi import APIBlueprint, Tag
from pydantic import BaseModel, Field
from sqlmodel import Session, col

from hub import access, releasing
from hub.access_releases import versions_seen
from hub.api.answers import LARGEST, answered
from hub.api.listed import Shorter, rows_of
from hub.publishing import publish_bundle, sign_image
from hub.web.asking import hub_here, who
from hub.web.model_live import end_of_day
from hub.web.model_words import said
from sharing.archive import files_from_zip
from sharing.faults import Fault
from sharing.gate import Examined
from sharing.release_tables import Stay
from sharing.services import models as service
from sharing.services.live import Row
from sharing.tables import SharedModel, Version

_tag = Tag(name="models", description="Shared models and their versions")
api = APIBlueprint("models_api", __name__, url_prefix="/api/v1", abp_tags=[_tag])


class ModelPath(BaseModel):
    """Which model."""

    slug: str = Field(max_length=60)


class PublishAsked(BaseModel):
    """For whom, and who may see it."""

    firm: int = Field(ge=1, le=LARGEST)
    visibility: Literal["private", "chain", "public"] = "chain"


class VersionPath(ModelPath):
    """Which version."""

    number: str = Field(max_length=20)


class Reason(BaseModel):
    """Why, for those who run it."""

    reason: str = Field(min_length=1, max_length=300)


class ShownTo(BaseModel):
    """Who may see a model."""

    visibility: Literal["private", "chain", "public"]


class CheckAsked(BaseModel):
    """With whom it is to be shared: a licence for non-commercial use is enough for private."""

    visibility: Literal["private", "chain", "public"] = "chain"


class FaultSaid(BaseModel):
    """One thing that is wrong, what to do about it, and which check of the gate found it."""

    code: str
    check: str
    facts: dict[str, Any]
    file: str
    reason: str
    advice: str


class CheckSaid(BaseModel):
    """What the gate found: check → passed, failed, waiting; milliseconds, megabytes."""

    passed: bool
    checks: dict[str, str]
    faults: list[FaultSaid]
    figures: dict[str, float]


class LiveAsked(Shorter):
    """At which moment (a day alone: at its end); none asks for the whole history."""

    at: str = Field("", max_length=40)


class StaySaid(BaseModel):
    """A version was live at a plant from `since` until `until` (null: still is)."""

    id: int
    firm: str
    site: int
    plant: str
    version: str
    since: datetime
    until: datetime | None
    delivery: int | None


class Live(BaseModel):
    """A page of stretches of time; `after` asks for the next one, None at the end."""

    live: list[StaySaid]
    after: int | None


class VersionSaid(BaseModel):
    """A version."""

    number: str
    state: str
    published_at: datetime
    withdrawn_at: datetime | None
    withdrawn_reason: str
    digest: str
    length: int
    files: dict[str, str]
    figures: dict[str, Any]
    card: dict[str, Any]


class ModelSaid(BaseModel):
    """A model."""

    slug: str
    title: dict[str, str]
    process: str
    firm: int
    visibility: str
    origin: str
    versions: list[VersionSaid]


class Models(BaseModel):
    """A page of models; `after` asks for the next one, None at the end."""

    models: list[ModelSaid]
    after: int | None


@api.get("/models", responses={200: Models})
def models(query: Shorter) -> Response:
    """Models that you may know of."""
    with hub_here().db.reading() as session:
        page, after = rows_of(session, access.models_seen(who()), col(SharedModel.id), query)
        said = [model_said(session, one, versions_seen(session, who(), one)) for one in page]
    return answered(Models(models=said, after=after))


@api.get("/models/<slug>", responses={200: ModelSaid})
def model(path: ModelPath) -> Response:
    """One model with all its versions and their cards."""
    with hub_here().db.reading() as session:
        found = access.model_seen(session, who(), path.slug)
        return answered(model_said(session, found, versions_seen(session, who(), found)))


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


@api.post("/models/check", responses={200: CheckSaid})
def check(query: CheckAsked) -> Response:
    """Put a bundle (a ZIP archive) through the gate without publishing it: every fault at once."""
    files, found = files_from_zip(request.get_data())
    seen, _ = service.looked_into(files, found, shared=query.visibility != "private")
    return answered(check_said(seen, lambda fault: tuple(said(fault))))


@api.get("/models/<slug>/live", responses={200: Live})
def live(path: ModelPath, query: LiveAsked) -> Response:
    """Which version was live where and when, as far as you may know."""
    at = end_of_day(query.at, hub_here().settings.time_zone)
    with hub_here().db.reading() as session:
        model = access.model_seen(session, who(), path.slug)
        seen = access.stays_seen(who(), model, at).where(col(Stay.id) > query.after)
        rows = session.exec(seen.order_by(None).order_by(col(Stay.id)).limit(query.limit)).all()
        told = [stay_said(row) for row in rows]
    after = told[-1].id if len(told) == query.limit else None
    return answered(Live(live=told, after=after))


@api.post("/models/<slug>/<number>/withdraw", responses={200: ModelSaid})
def withdraw(path: VersionPath, body: Reason) -> Response:
    """Offer a version to nobody any more; those who run it read the reason."""
    with hub_here().db.work() as session:
        model = access.model_seen(session, who(), path.slug)
        access.may_publish_for(who(), model.firm_id)
        version = service.version_of(session, path.slug, path.number)
        releasing.withdraw(session, model, version, who().handle, body.reason)
        said_of = model_said(session, model)
    sign_image(hub_here())
    return answered(said_of)


@api.post("/models/<slug>/show", responses={200: ModelSaid})
def show_to(path: ModelPath, body: ShownTo) -> Response:
    """Decide who may see a model from now on."""
    with hub_here().db.work() as session:
        model = access.model_seen(session, who(), path.slug)
        access.may_publish_for(who(), model.firm_id)
        releasing.show_to(session, model, who().handle, body.visibility)
        said_of = model_said(session, model)
    sign_image(hub_here())
    return answered(said_of)


def check_said(seen: Examined, words: Callable[[Fault], tuple[str, ...]]) -> CheckSaid:
    """What the gate found, as programs read it; `words`: a fault's sentence and advice."""
    return CheckSaid(
        passed=seen.passed,
        checks=seen.checks,
        figures=dict(seen.figures),
        faults=[
            FaultSaid(
                code=fault.code,
                check=fault.check,
                facts=dict(fault.facts),
                file=fault.file,
                reason=words(fault)[0],
                advice=words(fault)[1],
            )
            for fault in seen.faults
        ],
    )


def stay_said(row: Row) -> StaySaid:
    """A stretch of time as programs read it."""
    stay, version, site, firm = row
    return StaySaid(
        id=stay.id or 0,
        firm=firm.name,
        site=stay.site_id,
        plant=site.name,
        version=version.number,
        since=stay.since,
        until=stay.until,
        delivery=stay.delivery_id,
    )


def model_said(
    session: Session, model: SharedModel, versions: Sequence[Version] | None = None
) -> ModelSaid:
    """A model as programs read it, with these versions or all."""
    told = service.versions_of(session, model) if versions is None else versions
    return ModelSaid(
        slug=model.slug,
        title=model.title,
        process=model.process,
        firm=model.firm_id,
        visibility=model.visibility,
        origin=model.origin,
        versions=[_version_said(session, v) for v in told],
    )


def _version_said(session: Session, version: Version) -> VersionSaid:
    return VersionSaid(
        number=version.number,
        state=version.state,
        published_at=version.published_at,
        withdrawn_at=version.withdrawn_at,
        withdrawn_reason=version.withdrawn_reason,
        digest=version.digest,
        length=version.length,
        files={file.path: file.sha256 for file in service.files_of(session, version)},
        figures=service.figures_of(session, version),
        card=version.card,
    )
