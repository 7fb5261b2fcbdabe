"""How an owner answers: standing answers, time slots, what a plant measures, who is certified."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlmodel import Session

from hub import access, accounts, answering
from hub import operators as certified_people
from hub.errors import NotAllowed
from hub.web.asking import hub_here, say, who
from hub.web.certified import competence_in_words
from hub.web.owner_words import DAYS, ZONE, slot_asked, slot_in_words
from hub.web.pages import number_asked, page_of
from sharing.consent_errors import NothingAgreed, SlotRefused
from sharing.services import owners, standing
from sharing.services.audience import required
from sharing.tables import Version
from supplychain.tables import Site, now

bp = Blueprint("owner", __name__, url_prefix="/plant")


@bp.get("/standing", endpoint="standing")
def standing_page() -> str:
    """What is taken without asking, when versions may begin to run; all of it can be undone."""
    with hub_here().db.reading() as rows:
        return _page(rows)


def _page(rows: Session, fault: str = "") -> str:
    firms = who().firms("vendor")
    page = page_of(rows, standing.consents_of(firms, living=False), number_asked(), size=20)
    return render_template(
        "vendor/standing.html",
        fault=fault,
        page=page,
        consents=[standing.told(rows, row) for row in page.items],
        sites=[_site(rows, site) for site in access.own_sites(rows, who())],
        firms=[_firm(rows, firm_id) for firm_id in sorted(firms)],
        days=list(enumerate(DAYS)),
    )


def _site(rows: Session, site: Site) -> dict[str, Any]:
    slot = owners.slot_of(rows, site.id or 0)
    return {
        "site": site,
        "slot": slot,
        "words": slot_in_words(slot),
        "measures": owners.measures(rows, site.id or 0),
    }


def _firm(rows: Session, firm_id: int) -> dict[str, Any]:
    held = certified_people.competences_of(rows, [firm_id], now()).get(firm_id, set())
    told = owners.operators(rows, firm_id)
    return {
        "id": firm_id,
        "held": [competence_in_words(code) for code in sorted(held)],
        "tells": told is not None and told.tells,
    }


@bp.post("/standing/<int:consent>/withdraw")
def withdraw(consent: int) -> ResponseReturnValue:
    """From now on they are asked again."""
    with hub_here().db.work() as rows:
        row = standing.consent_by_id(rows, consent, who().firms("vendor"))
        answering.withdraw(rows, row, who().handle)
    flash(_("Withdrawn. From now on you are asked each time."))
    return redirect(url_for(".standing"))


@bp.post("/offers/<int:delivery>/standing")
def let_in(delivery: int) -> ResponseReturnValue:
    """Fixes of this model, or of its publisher, are taken from now on."""
    try:
        with hub_here().db.work() as rows:
            row = access.own_delivery(rows, who(), delivery)
            firm = access.own_site(rows, who(), row.site_id).firm_id
            scope, upto = request.form.get("scope", "model"), request.form.get("upto", "patch")
            answering.let_in(rows, firm, row, scope, upto, who().handle)
    except NothingAgreed as error:
        flash(say(error), "error")
        return redirect(url_for("vendor.offer", delivery=delivery))
    flash(_("From now on such fixes are accepted for you. You get a mail each time."))
    return redirect(url_for(".standing"))


@bp.post("/sites/<int:site>/slot")
def slot(site: int) -> ResponseReturnValue:
    """When versions may begin to run at a plant."""
    zone = request.form.get("zone", "") or ZONE
    try:
        with hub_here().db.work() as rows:
            row = access.own_site(rows, who(), site)
            answering.set_slot(rows, row, slot_asked(request.form, zone), who().handle)
    except SlotRefused as error:
        with hub_here().db.reading() as rows:
            return _page(rows, say(error)), 422
    flash(_("Saved. Versions are fetched and tried at any time; they begin to run in this slot."))
    return redirect(url_for(".standing"))


@bp.post("/offers/<int:delivery>/measures")
def measures(delivery: int) -> ResponseReturnValue:
    """Which of the values that the model needs the plant has."""
    with hub_here().db.work() as rows:
        row = access.own_delivery(rows, who(), delivery)
        needed = required(rows.get_one(Version, row.version_id).card)
        has = needed.intersection(request.form.getlist("has"))
        owners.tell_measures(rows, row.site_id, has, needed - has, who().handle, now())
        accounts.record(rows, who().handle, "measures.told", f"site {row.site_id}")
    flash(_("Saved. Models that need values which you lack are not offered to this plant."))
    return redirect(url_for("vendor.offer", delivery=delivery))


@bp.post("/operators")
def operators() -> ResponseReturnValue:
    """Let those whom the firm supplies know that it has certified people, or keep it."""
    firm = request.form.get("firm", 0, type=int)
    if firm not in who().firms("vendor"):
        raise NotAllowed
    tells = request.form.get("tells") == "yes"
    with hub_here().db.work() as rows:
        if tells:
            certified_people.tell(rows, firm, who().handle)
        else:
            owners.tell_operators_no_more(rows, firm, who().handle, now())
        what = "operators.told" if tells else "operators.kept"
        accounts.record(rows, who().handle, what, f"firm {firm}")
    flash(_("Saved."))
    return redirect(url_for(".standing"))
