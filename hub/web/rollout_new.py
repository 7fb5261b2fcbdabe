"""A new rollout: for whom, who fits and who does not and why, in which waves."""

import secrets
from itertools import chain
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlmodel import Session, col, select

from hub import access
from hub.errors import NotAllowed
from hub.steering import make_rollout
from hub.web.asking import hub_here, say, who
from hub.web.formats import pick
from hub.web.map_asked import fitting
from hub.web.pages import number_asked, page_of_list
from hub.web.rollout_asked import MOST_FIRMS, PACES, audience_asked, from_map, plan_asked
from sharing import audience as audiences
from sharing.audience import Audience, Candidate, Sifted
from sharing.errors import ModelPrivate, NobodyFits, VersionWithdrawn
from sharing.key_errors import VersionAwaits
from sharing.rollout_plan import shared_out
from sharing.services import models
from sharing.services.audience import preview as previewed
from sharing.services.rollouts import key_of
from sharing.tables import SharedModel, Version
from supplychain.services.descriptions import described
from supplychain.services.network import division, tier_map
from supplychain.taxonomy import LEVELS, PROCESSES, REGIONS

# hub.web.rollouts adds the pages of rollouts that are there already
bp = Blueprint("rollouts", __name__, url_prefix="/rollouts")

_FEW = 6  # plants of a wave that the preview names


@bp.get("/offer")
def offer() -> ResponseReturnValue:
    """From the map: choose the model that shall be offered to the firms chosen there."""
    with hub_here().db.reading() as session:
        own = access.own_firms(session, who()), access.publishing_firms(session, who())
        asked_for = request.args.get("lead", "")
        lead = next((f for f in chain(*own) if asked_for in ("", str(f.id))), None)
        if lead is None:
            raise NotAllowed
        seen = tier_map(session, lead.id or 0)
        asked = from_map(request.args, fitting(seen, request.args))
        if len(asked.get("firm", [])) > MOST_FIRMS:
            flash(_("These are too many firms to name one by one. Please narrow the choice."))
            return redirect(url_for("supply.map_page", lead=lead.id))
        rows = session.exec(
            select(SharedModel, Version)
            .join(Version, col(Version.model_id) == SharedModel.id)
            .where(SharedModel.firm_id == lead.id, Version.state == "published")
            .order_by(SharedModel.slug, col(Version.id).desc())
        ).all()
        newest = {model.id: (model, version) for model, version in reversed(rows)}
        return render_template(
            "rollouts/offer.html",
            models=list(newest.values()),
            asked=asked,
            lead=lead,
            may=who().has("publisher", lead.id),
        )


@bp.get("/new/<slug>/<number>")
def new(slug: str, number: str) -> str:
    """Choose an audience, and see at once who fits and who does not."""
    with hub_here().db.reading() as session:
        return _form(session, *_version(session, slug, number))


@bp.get("/new/<slug>/<number>/preview")
def preview(slug: str, number: str) -> ResponseReturnValue:
    """The live part of it."""
    with hub_here().db.reading() as session:
        model, version = _version(session, slug, number)
        part = render_template(
            "rollouts/preview.html",
            **_preview(session, model, version, audience_asked(model.process)),
        )
    answer = make_response(part)
    # reload and the way back show what was asked for
    answer.headers["HX-Replace-Url"] = _here(slug, number)
    return answer


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
                audience=audience_asked(model.process),
                plan=plan_asked(),
                key=key_of(who().handle, request.form.get("key", "")),
                start=True,
            )
            return redirect(url_for(".board", number=rollout.id))
    except (NobodyFits, ModelPrivate, VersionAwaits, VersionWithdrawn) as error:
        fault = say(error)
    except ValueError:  # pydantic's is one
        fault = _waves_wrong()
    with hub_here().db.reading() as session:
        return _form(session, *_version(session, slug, number), fault=fault), 422


def _waves_wrong() -> str:
    return str(_("These steps cannot be used. Write them as in the example, within the limits."))


def _version(session: Session, slug: str, number: str) -> tuple[SharedModel, Version]:
    model = access.model_seen(session, who(), slug)
    access.may_publish_for(who(), model.firm_id)
    return model, models.version_of(session, slug, number)


def _here(slug: str, number: str, **changed: Any) -> str:
    asked: dict[str, Any] = {
        name: [value for value in values if value]
        for name, values in request.values.to_dict(flat=False).items()
        if name not in ("csrf_token", "key", "name")
    }
    return url_for(".new", slug=slug, number=number, **{**asked, **changed})


def _form(session: Session, model: SharedModel, version: Version, fault: str = "") -> str:
    audience = audience_asked(model.process)
    shown = _preview(session, model, version, audience)
    sites = (*shown["found"].fits, *(site for site, _why in shown["found"].misfits))
    sectors = sorted({division(site.sector) for site in sites} - {""} | {*audience.sectors})
    chosen = {*audience.firms, *audience.without}
    return render_template(
        "rollouts/new.html",
        fault=fault,
        processes=PROCESSES,
        regions=[(code, pick(words)) for code, words in REGIONS.items()],
        levels=LEVELS,
        sectors=[(code, code) for code in sectors],
        paces=PACES,
        memories=[(n, f"{n} GB" if n else _("Any")) for n in audiences.MEMORY_GB],
        cores=[(n, str(n) if n else _("Any")) for n in audiences.CORES],
        chosen=described(session, model.firm_id, chosen),
        asks=version.card.get("competences") or [],
        asked=request.values,
        name=request.form.get("name", ""),
        key=secrets.token_hex(16),
        **shown,
    )


def _preview(
    session: Session, model: SharedModel, version: Version, audience: Audience
) -> dict[str, Any]:
    found = previewed(session, version, model.firm_id, audience)
    why = request.values.get("why", "")
    misfits = [each for each in found.misfits if not why or why in each[1]]
    return {
        "model": model,
        "version": version,
        "audience": audience,
        "found": found,
        "misfits": audiences.MISFIT_TEXTS,
        "why": audiences.counted(found),
        "chosen_why": why if why in audiences.MISFIT_TEXTS else "",
        "waves": _waves(found),
        "waves_wrong": "" if _steps_fit() else _waves_wrong(),
        "fits_page": page_of_list(found.fits, number_asked("fit"), size=10),
        "misfits_page": page_of_list(misfits, number_asked("page"), size=25),
        "turned": lambda **changed: _turned(model.slug, version.number, **changed),
        "tiers": sorted({c.tier for c in (*found.fits, *(c for c, _w in found.misfits)) if c.tier}),
    }


def _turned(slug: str, number: str, **changed: Any) -> dict[str, str]:
    """Another page of the lists: as a whole page, and as the live part of it."""
    whole = _here(slug, number, **changed)
    query = whole.partition("?")[2]
    part = url_for(".preview", slug=slug, number=number)
    return {"href": whole, "part": f"{part}?{query}"}


def _waves(found: Sifted) -> list[tuple[int, list[str], int]]:
    """Of each wave: how many plants, the first of them by name, how many more."""
    if not found.fits or not _steps_fit():
        return []
    return [
        (len(sites), [_named(site) for site in sites[:_FEW]], max(len(sites) - _FEW, 0))
        for sites in shared_out(found.fits, plan_asked().waves)
    ]


def _steps_fit() -> bool:
    """Whether the steps that were asked for can be used."""
    try:
        plan_asked()
    except ValueError:  # pydantic's is one
        return False
    return True


def _named(site: Candidate) -> str:
    return site.firm if site.site == site.firm else f"{site.firm} · {site.site}"
