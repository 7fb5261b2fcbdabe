"""The API of who a rollout would reach: before it is made, and without making anything."""

from typing import Literal

from flask import Response
from flask_openapi import APIBlueprint, Tag
from pydantic import BaseModel, Field
from sqlmodel import Session

from hub import access
from hub.api.answers import answered
from hub.web.asking import hub_here, who
from sharing.audience import MISFIT_TEXTS, Audience, Candidate, Sifted, counted
from sharing.rollout_plan import Plan, shared_out
from sharing.services import models
from sharing.services.audience import preview as previewed
from sharing.tables import SharedModel

_tag = Tag(name="models", description="Shared models, their versions and rollouts")
api = APIBlueprint("rollout_preview_api", __name__, url_prefix="/api/v1", abp_tags=[_tag])


class PreviewAsked(BaseModel):
    """A rollout that might be made; `after` and `limit` page through the plants."""

    model: str = Field(max_length=60)
    version: str = Field("", max_length=20)
    audience: Audience | None = None
    plan: Plan | None = None
    show: Literal["fits", "misfits"] = "fits"
    why: str = Field("", max_length=30)
    after: int = Field(0, ge=0, le=1_000_000)
    limit: int = Field(100, ge=1, le=1000)


class ReasonSaid(BaseModel):
    """Why plants do not fit: how many, by tier, and how many for this reason alone."""

    code: str
    text: str
    plants: int
    tiers: dict[int, int]
    alone: int


class PlantSaid(BaseModel):
    """A plant of a firm that you see by name; the reasons are codes."""

    site: int
    firm: int
    name: str
    tier: int | None
    why: list[str]


class PreviewSaid(BaseModel):
    """Who would get it; `after` asks for the next page of plants, None at the end."""

    model: str
    version: str
    fits: int
    connected: int
    misfits: int
    waves: list[int]
    reasons: list[ReasonSaid]
    plants: list[PlantSaid]
    after: int | None


@api.post("/rollouts/preview", responses={200: PreviewSaid})
def preview(body: PreviewAsked) -> Response:
    """Who fits, who does not and why, in which waves. Nothing is made or sent."""
    with hub_here().db.reading() as session:
        model = access.model_seen(session, who(), body.model)
        access.may_publish_for(who(), model.firm_id)
        return answered(preview_said(session, model, body))


def preview_said(session: Session, model: SharedModel, asked: PreviewAsked) -> PreviewSaid:
    """A preview as programs read it."""
    version = models.version_of(session, model.slug, asked.version)
    audience = asked.audience or Audience(process=model.process)
    found = previewed(session, version, model.firm_id, audience)
    plants = _plants(found, asked)
    page = plants[asked.after : asked.after + asked.limit]
    end = asked.after + len(page)
    waves = shared_out(found.fits, (asked.plan or Plan()).waves) if found.fits else []
    return PreviewSaid(
        model=model.slug,
        version=version.number,
        fits=len(found.fits),
        connected=sum(site.has_agent for site in found.fits),
        misfits=len(found.misfits),
        waves=[len(wave) for wave in waves],
        reasons=[
            ReasonSaid(
                code=reason.code,
                text=MISFIT_TEXTS[reason.code],
                plants=reason.sites,
                tiers=dict(reason.tiers),
                alone=reason.alone,
            )
            for reason in counted(found)
        ],
        plants=[
            PlantSaid(
                site=site.site_id,
                firm=site.firm_id,
                name=site.firm if site.site == site.firm else f"{site.firm} · {site.site}",
                tier=site.tier,
                why=list(why),
            )
            for site, why in page
        ],
        after=end if end < len(plants) else None,
    )


def _plants(found: Sifted, asked: PreviewAsked) -> list[tuple[Candidate, tuple[str, ...]]]:
    if asked.show == "fits":
        return [(site, ()) for site in found.fits]
    return [each for each in found.misfits if not asked.why or asked.why in each[1]]
