"""A new rollout: for whom, who fits and who does not and why."""

import secrets
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import ValidationError
from sqlmodel import Session

from hub import access
from hub.steering import make_rollout
from hub.web.asking import hub_here, say, who
from sharing import audience as audiences
from sharing.audience import Audience
from sharing.errors import NobodyFits
from sharing.services import board as boards
from sharing.services import models
from sharing.services.audience import preview as previewed
from sharing.services.rollouts import key_of
from sharing.tables import SharedModel, Version
from supplychain.taxonomy import PROCESSES, REGIONS

# hub.web.rollouts adds the pages of rollouts that are there already
bp = Blueprint("rollouts", __name__, url_prefix="/rollouts")


@bp.get("/new/<slug>/<number>")
def new(slug: str, number: str) -> str:
    """Choose an audience, and see at once who fits and who does not."""
    with hub_here().db.reading() as session:
        return _form(session, *_version(session, slug, number))


@bp.get("/new/<slug>/<number>/preview")
def preview(slug: str, number: str) -> str:
    """The live part of it."""
    with hub_here().db.reading() as session:
        model, version = _version(session, slug, number)
        return render_template(
            "rollouts/preview.html", **_preview(session, model, version, _audience(model))
        )


@bp.post("/new/<slug>/<number>")
def create(slug: str, number: str) -> ResponseReturnValue:
    """Make the rollout and its offers."""
    try:
        with hub_here().db.work() as session:
            model, version = _version(session, slug, number)
            rollout = make_rollout(
                session,
                version,
                model.firm_id,
                who().handle,
                name=request.form.get("name", ""),
                audience=_audience(model),
                key=key_of(who().handle, request.form.get("key", "")),
                start=True,
            )
            return redirect(url_for(".board", number=rollout.id))
    except NobodyFits as error:
        with hub_here().db.reading() as session:
            return _form(session, *_version(session, slug, number), fault=say(error)), 422


def _version(session: Session, slug: str, number: str) -> tuple[SharedModel, Version]:
    model = access.model_seen(session, who(), slug)
    access.may_publish_for(who(), model.firm_id)
    return model, models.version_of(session, slug, number)


def _audience(model: SharedModel) -> Audience:
    """The audience that the address or the form asks for; what cannot be used is left out."""
    asked = request.values
    if "asked" not in asked:
        return Audience(process=model.process)
    tiers = tuple(int(t) for t in asked.getlist("tier") if t.isdecimal() and len(t) < 3)
    regions = tuple(r for r in asked.getlist("region") if r in REGIONS)
    process = asked.get("process", "")
    try:
        return Audience(
            tiers=tiers, regions=regions, process=process if process in PROCESSES else ""
        )
    except ValidationError:
        return Audience(process=model.process)


def _form(session: Session, model: SharedModel, version: Version, fault: str = "") -> str:
    audience = _audience(model)
    return render_template(
        "rollouts/new.html",
        fault=fault,
        processes=PROCESSES,
        regions=REGIONS,
        name=request.form.get("name", ""),
        key=secrets.token_hex(16),
        **_preview(session, model, version, audience),
    )


def _preview(
    session: Session, model: SharedModel, version: Version, audience: Audience
) -> dict[str, Any]:
    found = previewed(session, version, model.firm_id, audience)
    reasons_counted: dict[str, int] = {}
    for _site, why in found.misfits:
        for code in why:
            reasons_counted[code] = reasons_counted.get(code, 0) + 1
    return {
        "model": model,
        "version": version,
        "audience": audience,
        "found": found,
        "named": boards.named_to(session, model.firm_id),
        "misfits": audiences.MISFIT_TEXTS,
        "why": sorted(reasons_counted.items(), key=lambda item: -item[1]),
        "tiers": sorted({c.tier for c in (*found.fits, *(c for c, _w in found.misfits)) if c.tier}),
    }
