"""The API of shared models and their versions."""

from datetime import datetime
from typing import Any, Literal

from flask import Response, request
from flask_openapi import APIBlueprint, Tag
from pydantic import BaseModel, Field
from sqlmodel import Session, col

from hub import access
from hub.api.answers import LARGEST, answered
from hub.api.listed import Shorter, rows_of
from hub.publishing import publish_bundle
from hub.web.asking import hub_here, who
from sharing.archive import files_from_zip
from sharing.services import models as service
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


class Models(BaseModel):
    """A page of models; `after` asks for the next one, None at the end."""

    models: list[ModelSaid]
    after: int | None


@api.get("/models", responses={200: Models})
def models(query: Shorter) -> Response:
    """Models that you may know of."""
    with hub_here().db.reading() as session:
        page, after = rows_of(session, access.models_seen(who()), col(SharedModel.id), query)
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
