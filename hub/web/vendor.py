"""A plant owner's pages: what runs at my plant, what am I offered, which PCs are connected."""

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlmodel import Session

from hub import access, accounts
from hub.access import Who
from hub.web import agreement, home, reasons
from hub.web.asking import hub_here, say, who
from hub.web.formats import pick
from hub.web.pages import number_asked, page_of
from sharing.errors import OfferClosed
from sharing.services import agents as agent_service
from sharing.services import deliveries, plant
from sharing.tables import Delivery
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
    with hub_here().db.reading() as session:
        sites = access.own_sites(session, who())
        ids = [site.id or 0 for site in sites]
        found = plant.plant_of(session, ids)
        return {
            "plant": found,
            "events": {
                one.delivery.id: plant.last_event(session, one.delivery) for one in found.ended
            },
            "waits_for_pc": any(
                not plant.is_connected(session, one.site.id or 0) for one in found.under_way
            ),
            "quiet": plant.QUIET,
            "at": now(),
        }


@bp.get("/offers/<int:delivery>")
def offer(delivery: int) -> str:
    """What is it, what does it need from me, what leaves my plant."""
    with hub_here().db.reading() as session:
        row = access.own_delivery(session, who(), delivery)
        return _offer_page(session, row)


@bp.get("/offers/<int:delivery>/now")
def offer_now(delivery: int) -> str:
    """Where it stands, live."""
    with hub_here().db.reading() as session:
        row = access.own_delivery(session, who(), delivery)
        return render_template("vendor/offer_now.html", **_offer(session, row))


def _offer_page(session: Session, row: Delivery, fault: str = "") -> str:
    return render_template("vendor/offer.html", fault=fault, **_offer(session, row))


def _offer(session: Session, row: Delivery) -> dict[str, Any]:
    coming = plant.coming_of(session, row)
    receiver = session.get_one(Firm, coming.site.firm_id)
    title = pick(coming.version.card.get("title"))
    return {
        "one": coming,
        "card": coming.version.card,
        "receiver": receiver,
        "event": plant.last_event(session, row),
        "runs": deliveries.runs_at(session, row.site_id, coming.version.model_id),
        "connected": plant.is_connected(session, row.site_id),
        "terms": deliveries.TERMS,
        "parts": agreement.parts(coming.provider.name, receiver.name, title),
        "leaves": agreement.LEAVES,
        "stays": agreement.STAYS,
        "at": now(),
    }


@bp.post("/offers/<int:delivery>/accept")
def accept(delivery: int) -> ResponseReturnValue:
    """Take the offer and its agreement."""
    with hub_here().db.work() as session:
        row = access.own_delivery(session, who(), delivery)
        if request.form.get("agree") != "yes":
            return _offer_page(session, row, _("Please agree to the agreement first.")), 422
        try:
            deliveries.accept(session, row, who().handle, now())
        except OfferClosed as error:
            return _offer_page(session, row, say(error)), 422
        accounts.record(
            session, who().handle, "accepted", f"delivery {row.id}", terms=deliveries.TERMS
        )
        there = plant.is_connected(session, row.site_id)
    if there:
        flash(_("Accepted. Your PC fetches the model by itself within a minute."))
        return redirect(url_for(".offer", delivery=delivery))
    flash(_("Accepted. One step is left: connect the PC that is to run the model."))
    return redirect(url_for(".agents"))


@bp.post("/offers/<int:delivery>/decline")
def decline(delivery: int) -> ResponseReturnValue:
    """Not now; it may be taken later, while the offer stands."""
    with hub_here().db.work() as session:
        row = access.own_delivery(session, who(), delivery)
        try:
            deliveries.decline(session, row, who().handle, now(), request.form.get("reason", ""))
        except OfferClosed as error:
            return _offer_page(session, row, say(error)), 422
        accounts.record(session, who().handle, "declined", f"delivery {row.id}")
    flash(_("Declined. You can still accept it while the offer stands."))
    return redirect(url_for(".models"))


@bp.get("/pcs")
def agents() -> str:
    """Which PCs are connected, when were they last heard."""
    with hub_here().db.reading() as session:
        return render_template("vendor/agents.html", **_agents(session))


@bp.get("/pcs/now")
def agents_now() -> str:
    """The live part of it."""
    with hub_here().db.reading() as session:
        return render_template("vendor/agents_now.html", **_agents(session))


def _agents(session: Session) -> dict[str, Any]:
    sites = access.own_sites(session, who())
    page = page_of(session, plant.connected([site.id or 0 for site in sites]), number_asked())
    return {
        "sites": sites,
        "site_choices": [(site.id, site.name) for site in sites],
        "page": page,
        "pcs": [plant.pc_of(session, agent, now()) for agent in page.items],
        "at": now(),
    }


@bp.post("/pcs/connect")
def connect() -> ResponseReturnValue:
    """A short code for one PC. It is shown on this answer, and nowhere again."""
    with hub_here().db.work() as session:
        site = access.own_site(session, who(), request.form.get("site", 0, type=int))
        code, until = agent_service.make_code(session, site.id or 0, who().handle, now())
        accounts.record(session, who().handle, "made a code", f"site {site.id}")
        return render_template(
            "vendor/agents.html",
            code=code,
            until=until,
            code_site=site,
            hub_url=hub_here().settings.url,
            **_agents(session),
        )


@bp.post("/pcs/<agent>/disconnect")
def disconnect(agent: str) -> ResponseReturnValue:
    """Take a PC's access away."""
    with hub_here().db.work() as session:
        row = access.own_agent(session, who(), agent)
        agent_service.revoke(session, row)
        accounts.record(session, who().handle, "disconnected", row.id, name=row.name)
        name = row.name
    flash(_("%(name)s is disconnected. The model that runs on it keeps running.", name=name))
    return redirect(url_for(".agents"))


def _tasks(session: Session, person: Who) -> Iterable[home.Task]:
    """Offers to answer; a PC to connect once something was accepted."""
    sites = access.own_sites(session, person)
    if not sites:
        return
    found = plant.plant_of(session, [site.id or 0 for site in sites])
    if found.offers:
        first = found.offers[0]
        title = pick(first.version.card.get("title"))
        count = len(found.offers)
        yield home.Task(
            ngettext("A model is offered to you", "%(num)s models are offered to you", count),
            _("%(model)s, from %(firm)s", model=title, firm=first.provider.name),
            url_for("vendor.offer", delivery=first.delivery.id)
            if count == 1
            else url_for("vendor.models"),
            _("Look at it"),
            "attention",
            10,
        )
    yield from _unconnected(session, found.under_way, sites)


def _unconnected(
    session: Session, under_way: list[plant.Coming], sites: list[Site]
) -> Iterable[home.Task]:
    lonely = {site.id for site in sites if not plant.is_connected(session, site.id or 0)}
    for one in under_way:
        if one.site.id in lonely:
            yield home.Task(
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


home.TASKS.append(_tasks)
