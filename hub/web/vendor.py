"""A plant owner's pages: what runs at my plant, what am I offered, which PCs are connected."""

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlmodel import Session

from courses.catalogue.content import Course
from courses.catalogue.reading import shipped
from courses.errors import CatalogueBroken
from hub import access, accounts, agent_program, answering
from hub.access import Who
from hub.web import agreement as leaving
from hub.web import certified, reasons
from hub.web.asked import TASKS, Task
from hub.web.asking import hub_here, say, who
from hub.web.formats import pick
from hub.web.owner_words import slot_in_words
from hub.web.pages import number_asked, page_of
from sharing.agent.slot import Slot
from sharing.consent_errors import AgreementOver
from sharing.errors import OfferClosed
from sharing.services import agents as agent_service
from sharing.services import agreements, deliveries, owners, plant, standing
from sharing.tables import Agreement, Delivery
from supplychain.tables import Firm, Site, now

bp = Blueprint("vendor", __name__, url_prefix="/plant")
bp.record_once(lambda state: state.app.jinja_env.filters.update(reason=reasons.in_words))


@bp.get("/models")
def models() -> str:
    """What runs at my plant, is it healthy; offers on top."""
    return render_template("vendor/models.html", **_models())


@bp.get("/models/now")
def models_now() -> str:
    """The live part of it."""
    return render_template("vendor/models_now.html", **_models())


def _models() -> dict[str, Any]:
    with hub_here().db.reading() as rows:
        sites = access.own_sites(rows, who())
        ids = [site.id or 0 for site in sites]
        found = plant.plant_of(rows, ids)
        return {
            "plant": found,
            "events": {
                one.delivery.id: plant.last_event(rows, one.delivery) for one in found.ended
            },
            "waits_for_pc": any(
                not plant.is_connected(rows, one.site.id or 0) for one in found.under_way
            ),
            "quiet": plant.QUIET,
            "at": now(),
        }


@bp.get("/offers/<int:delivery>")
def offer(delivery: int) -> str:
    """What is it, what does it need from me, what leaves my plant."""
    with hub_here().db.reading() as rows:
        row = access.own_delivery(rows, who(), delivery)
        return _offer_page(rows, row)


@bp.get("/offers/<int:delivery>/now")
def offer_now(delivery: int) -> str:
    """Where it stands, live."""
    with hub_here().db.reading() as rows:
        row = access.own_delivery(rows, who(), delivery)
        return render_template("vendor/offer_now.html", **_offer(rows, row))


def _offer_page(rows: Session, row: Delivery, fault: str = "") -> str:
    return render_template("vendor/offer.html", fault=fault, **_offer(rows, row))


def _offer(rows: Session, row: Delivery) -> dict[str, Any]:
    coming = plant.coming_of(rows, row)
    receiver = rows.get_one(Firm, coming.site.firm_id)
    agreement = rows.get_one(Agreement, row.agreement_id) if row.agreement_id else None
    slot = owners.slot_of(rows, row.site_id)
    return {
        "one": coming,
        "card": coming.version.card,
        "receiver": receiver,
        "courses": _courses(coming.model.slug),
        "event": plant.last_event(rows, row),
        "runs": deliveries.runs_at(rows, row.site_id, coming.version.model_id),
        "connected": plant.is_connected(rows, row.site_id),
        "agreement": agreement,
        "agreement_state": agreements.state_of(agreement) if agreement else "",
        "parts": agreements.parts_of(rows, agreement, receiver.id or 0) if agreement else [],
        "leaves": leaving.LEAVES,
        "stays": leaving.STAYS,
        "declined_for": [(code, _(text)) for code, text in answering.DECLINED_TEXTS.items()],
        "slot": slot_in_words(slot),
        "opens": Slot.read(slot).opens(now()) if slot else None,
        "measured": owners.measures(rows, row.site_id),
        "asks": certified.asked_of(rows, coming.site.firm_id, coming.version.card),
        "standing": rows.exec(standing.consents_of([coming.site.firm_id])).all(),
        "at": now(),
    }


def _courses(slug: str) -> list[Course]:
    """The courses on a model; none while the catalogue is broken: a consent hangs on no course."""
    try:
        return [one for one in shipped().values() if slug in one.models]
    except CatalogueBroken:
        return []


@bp.post("/offers/<int:delivery>/accept")
def accept(delivery: int) -> ResponseReturnValue:
    """Take the offer and its agreement; and the model's fixes from now on, where ticked."""
    with hub_here().db.work() as rows:
        row = access.own_delivery(rows, who(), delivery)
        if request.form.get("agree") != "yes":
            return _offer_page(rows, row, _("Please agree to the agreement first.")), 422
        try:
            answering.accept(rows, row, who().handle)
        except (OfferClosed, AgreementOver) as error:
            return _offer_page(rows, row, say(error)), 422
        if request.form.get("always") == "yes":
            firm = access.own_site(rows, who(), row.site_id).firm_id
            answering.let_in(rows, firm, row, "model", "patch", who().handle)
        there = plant.is_connected(rows, row.site_id)
    if there:
        flash(_("Accepted. Your PC fetches the model by itself within a minute."))
        return redirect(url_for(".offer", delivery=delivery))
    flash(_("Accepted. One step is left: connect the PC that is to run the model."))
    return redirect(url_for(".agents"))


@bp.post("/offers/<int:delivery>/decline")
def decline(delivery: int) -> ResponseReturnValue:
    """Not now; it may be taken later, while the offer stands."""
    with hub_here().db.work() as rows:
        row = access.own_delivery(rows, who(), delivery)
        code, note = request.form.get("why", ""), request.form.get("reason", "")
        try:
            answering.decline(rows, row, who().handle, code, note)
        except OfferClosed as error:
            return _offer_page(rows, row, say(error)), 422
    flash(_("Declined. You can still accept it while the offer stands."))
    return redirect(url_for(".models"))


@bp.get("/pcs")
def agents() -> str:
    """Which PCs are connected, when were they last heard."""
    with hub_here().db.reading() as rows:
        return render_template("vendor/agents.html", **_agents(rows), **_code(rows))


@bp.get("/pcs/now")
def agents_now() -> str:
    """The live part of it."""
    with hub_here().db.reading() as rows:
        return render_template("vendor/agents_now.html", **_agents(rows))


def _agents(rows: Session) -> dict[str, Any]:
    sites = access.own_sites(rows, who())
    page = page_of(rows, plant.connected([site.id or 0 for site in sites]), number_asked())
    return {
        "sites": sites,
        "site_choices": [(site.id, site.name) for site in sites],
        "page": page,
        "pcs": [plant.pc_of(rows, agent, now()) for agent in page.items],
        "at": now(),
    }


@bp.post("/pcs/connect")
def connect() -> ResponseReturnValue:
    """A short code for one PC. Only its hash is kept here; the asker's cookie remembers it."""
    with hub_here().db.work() as rows:
        site = access.own_site(rows, who(), request.form.get("site", 0, type=int))
        code, _until = agent_service.make_code(rows, site.id or 0, who().handle, now())
        accounts.record(rows, who().handle, "pc.invited", f"site {site.id}")
    session["pc_code"] = code
    return redirect(url_for(".agents"))


def _code(rows: Session) -> dict[str, Any]:
    """The code that the asker made last, while it works and waits for its PC."""
    code = session.get("pc_code")
    row = agent_service.open_code(rows, code, now()) if code else None
    if row is None:
        session.pop("pc_code", None)
        return {"code": None}
    return {
        "code": code,
        "until": row.expires_at,
        "code_site": access.own_site(rows, who(), row.site_id),
        "hub_url": hub_here().settings.url,
        "program": agent_program.file_name(),
    }


@bp.post("/pcs/<agent>/disconnect")
def disconnect(agent: str) -> ResponseReturnValue:
    """Take a PC's access away."""
    with hub_here().db.work() as rows:
        row = access.own_agent(rows, who(), agent)
        agent_service.revoke(rows, row)
        accounts.record(rows, who().handle, "pc.disconnected", row.id, name=row.name)
        name = row.name
    flash(_("%(name)s is disconnected. The model that runs on it keeps running.", name=name))
    return redirect(url_for(".agents"))


def _tasks(rows: Session, person: Who) -> Iterable[Task]:
    """Offers to answer; a PC to connect once something was accepted."""
    sites = access.own_sites(rows, person)
    if not sites:
        return
    found = plant.plant_of(rows, [site.id or 0 for site in sites])
    if found.offers:
        first = found.offers[0]
        title = pick(first.version.card.get("title"))
        count = len(found.offers)
        yield Task(
            ngettext("A model is offered to you", "%(num)s models are offered to you", count),
            _("%(model)s, from %(firm)s", model=title, firm=first.provider.name),
            url_for("vendor.offer", delivery=first.delivery.id)
            if count == 1
            else url_for("vendor.models"),
            _("Look at it"),
            "attention",
            10,
        )
    yield from _unconnected(rows, found.under_way, sites)


def _unconnected(rows: Session, under_way: list[plant.Coming], sites: list[Site]) -> Iterable[Task]:
    lonely = {site.id for site in sites if not plant.is_connected(rows, site.id or 0)}
    for one in under_way:
        if one.site.id in lonely:
            yield Task(
                _("Connect the PC that is to run the model"),
                _(
                    "%(model)s was accepted and waits for a PC.",
                    model=pick(one.version.card["title"]),
                ),
                url_for("vendor.agents"),
                _("Connect a PC"),
                "waiting",
                30,
            )
            return


TASKS.append(_tasks)
