"""Alerts: raise one, see how far it got and what was answered; answer one and pass it on."""

from collections.abc import Callable, Mapping
from uuid import uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlmodel import Session

from hub import access, alerting
from hub.accounts import record
from hub.alerting import Post
from hub.web.alert_forms import answer_of, draft_of
from hub.web.alert_news import alert_news, alert_tasks
from hub.web.alert_words import (
    ASKS,
    DELIVERS,
    DIRECTIONS,
    KINDS,
    URGENCIES,
    WAYS,
    deliver_options,
    happened,
    kind,
)
from hub.web.asked import CHANGES, TASKS
from hub.web.asking import hub_here, say, who
from hub.web.formats import pick
from hub.web.pages import number_asked, page_of_list
from supplychain.errors import SupplyChainError
from supplychain.services import alert_ways, alerts
from supplychain.services.alert_lists import recipients, summaries
from supplychain.services.alert_views import alert_seen
from supplychain.services.alerts import Speaker
from supplychain.tables import Firm
from supplychain.taxonomy import PROCESSES, REGIONS, Words

bp = Blueprint("alerts", __name__, url_prefix="/alerts")
TASKS.append(alert_tasks)
CHANGES.append(alert_news)

_STATES = ("", "open", "to-do", "raised", "over")
_TIERS = (1, 2, 3, 4)


def post_here() -> Post:
    """What mails of alerts need to know."""
    return Post(hub_here().settings)


@bp.get("")
def listing() -> str:
    """Every alert that our firm raised or got, what waits for us first."""
    with hub_here().db.reading() as session:
        firm = access.own_firm(session, who(), request.args.get("firm"))
        found = summaries(session, firm.id or 0)
        state = request.args.get("state", "")
        return render_template(
            "alerts/listing.html",
            firm=firm,
            firms=[(each.id, each.name) for each in access.own_firms(session, who())],
            any=bool(found),
            page=page_of_list([one for one in found if one.fits(state)], number_asked()),
            states=list(zip(_STATES, _state_words(), strict=True)),
            state=state,
            by_itself=alert_ways.goes_on_by_itself(session, firm.id or 0),
            kind=kind,
        )


@bp.post("/setting")
def setting() -> ResponseReturnValue:
    """Choose whether alerts go on from our firm by themselves."""
    with hub_here().db.work() as session:
        firm = access.own_firm(session, who(), request.form.get("firm"))
        chosen = request.form.get("by_itself") == "yes"
        alert_ways.let_go_on(session, firm.id or 0, who().handle, by_itself=chosen)
        record(session, who().handle, "alert.setting", f"firm {firm.id}", by_itself=chosen)
        number = firm.id
    flash(_("Your choice is saved."))
    return redirect(url_for(".listing", firm=number))


@bp.get("/new")
def new() -> str:
    """A form for an alert."""
    return _form(request.args.get("firm"), "")


@bp.post("/new")
def new_now() -> ResponseReturnValue:
    """Send it."""
    try:
        with hub_here().db.work() as session:
            firm = access.own_firm(session, who(), request.form.get("firm"))
            chosen = [int(each) for each in request.form.getlist("to") if each.isdecimal()]
            draft = draft_of(request.form, hub_here().settings)
            row = alerting.raise_alert(
                session,
                post_here(),
                Speaker(firm.id or 0, who().handle),
                draft,
                chosen if request.form.get("whom") == "some" else None,
            )
            record(session, who().handle, "alert.raised", f"alert {row.id}")
            number = row.id
    except SupplyChainError as error:
        return _form(request.form.get("firm"), say(error)), 422
    flash(_("The alert is on its way."))
    return redirect(url_for(".one", alert_id=number))


@bp.get("/<int:alert_id>")
def one(alert_id: int) -> str:
    """What happened, what we answer, whom we pass it to, how far it got from here."""
    return _page(alert_id)


@bp.post("/<int:alert_id>/acknowledge")
def acknowledge(alert_id: int) -> ResponseReturnValue:
    """Say that we have read it."""

    def act(session: Session, by: Speaker) -> object:
        alerts.acknowledge(session, by, alert_id)
        return _("Those who sent it to you see that you have read it.")

    return _change(alert_id, "alert.acknowledged", act)


@bp.post("/<int:alert_id>/answer")
def answer(alert_id: int) -> ResponseReturnValue:
    """Answer, or answer anew."""

    def act(session: Session, by: Speaker) -> object:
        alerts.answer(session, by, alert_id, answer_of(request.form))
        return _("Your answer is there.")

    return _change(alert_id, "alert.answered", act)


@bp.post("/<int:alert_id>/pass")
def pass_on(alert_id: int) -> ResponseReturnValue:
    """Pass it on to those of our own next tier that are ticked."""
    to = [int(each) for each in request.form.getlist("to") if each.isdecimal()]

    def act(session: Session, by: Speaker) -> object:
        alerting.pass_on(session, post_here(), by, alert_id, to)
        return ngettext("Passed on to %(num)s firm.", "Passed on to %(num)s firms.", len(to))

    return _change(alert_id, "alert.passed", act)


@bp.post("/<int:alert_id>/remind")
def remind(alert_id: int) -> ResponseReturnValue:
    """Remind those who have not answered."""

    def act(session: Session, by: Speaker) -> object:
        alerting.remind(session, post_here(), by, alert_id)
        return _("Those who have not answered are reminded.")

    return _change(alert_id, "alert.reminded", act)


@bp.post("/<int:alert_id>/address")
def correct(alert_id: int) -> ResponseReturnValue:
    """Write to a firm that has not joined at this address."""
    asked = request.form.get("to", "")
    number = int(asked) if asked.isdecimal() else 0

    def act(session: Session, by: Speaker) -> object:
        email = request.form.get("email", "")
        alerting.correct_address(session, post_here(), by, alert_id, number, email)
        return _("The alert is on its way to that address.")

    return _change(alert_id, "alert.addressed", act)


@bp.post("/<int:alert_id>/resolve")
def resolve(alert_id: int) -> ResponseReturnValue:
    """Say that it is over."""

    def act(session: Session, by: Speaker) -> object:
        outcome = request.form.get("outcome", "")
        row = alerting.resolve(session, post_here(), by, alert_id, outcome)
        if row.state == "open":
            return _("Noted. Other firms still say that it comes from them, too.")
        return _("Everybody who got the alert hears that it is over.")

    return _change(alert_id, "alert.resolved", act)


@bp.post("/<int:alert_id>/withdraw")
def withdraw(alert_id: int) -> ResponseReturnValue:
    """Take it back."""

    def act(session: Session, by: Speaker) -> object:
        alerting.withdraw(session, post_here(), by, alert_id, request.form.get("outcome", ""))
        return _("Everybody who got the alert hears that you took it back.")

    return _change(alert_id, "alert.withdrawn", act)


def _change(
    alert_id: int, action: str, act: Callable[[Session, Speaker], object]
) -> ResponseReturnValue:
    try:
        with hub_here().db.work() as session:
            firm = _firm(session, alert_id)
            told = act(session, Speaker(firm.id or 0, who().handle))
            record(session, who().handle, action, f"alert {alert_id}")
            number = firm.id
    except SupplyChainError as error:
        if isinstance(error, LookupError):
            raise
        return _page(alert_id, say(error)), 422
    flash(str(told))
    return redirect(url_for(".one", alert_id=alert_id, firm=number))


def _firm(session: Session, alert_id: int) -> Firm:
    """The firm that is asked for, else the first of ours that has the alert."""
    asked = request.values.get("firm")
    if asked:
        return access.own_firm(session, who(), asked)
    return access.firm_of_alert(session, who(), alert_id)


def _page(alert_id: int, problem: str = "") -> str:
    with hub_here().db.reading() as session:
        firm = _firm(session, alert_id)
        seen = alert_seen(session, firm.id or 0, alert_id)
        return render_template(
            "alerts/one.html",
            firm=firm,
            seen=seen,
            alert=seen.alert,
            problem=problem,
            page=page_of_list(seen.lines, number_asked(), size=15),
            given=request.form,
            people=access.colleagues(session, firm, [seen.alert.actor]) if seen.raised else {},
            words={
                "asks": ASKS,
                "delivers": DELIVERS,
                "deliver_options": deliver_options(),
                "ways": WAYS,
                "directions": DIRECTIONS,
                "urgencies": URGENCIES,
            },
            happened=happened,
            kind=kind,
        )


def _form(asked: str | None, problem: str) -> str:
    with hub_here().db.reading() as session:
        firm = access.own_firm(session, who(), asked)
        return render_template(
            "alerts/new.html",
            firm=firm,
            firms=[(each.id, each.name) for each in access.own_firms(session, who())],
            given=request.form or request.args,
            chosen={
                name: (request.form or request.args).getlist(name)
                for name in ("asks", "tiers", "to")
            },
            first=not request.form,
            key=request.form.get("key") or uuid4().hex,
            problem=problem,
            lists=[
                (way, DIRECTIONS[way], recipients(session, firm.id or 0, way))
                for way in ("down", "up")
            ],
            kinds=list(KINDS.items()),
            urgencies=[(code, words, "") for code, words in URGENCIES.items()],
            directions=[(code, words, "") for code, words in DIRECTIONS.items()],
            asks=list(ASKS.items()),
            ways=WAYS,
            tiers=_TIERS,
            regions=_choices(REGIONS),
            processes=_choices(PROCESSES),
        )


def _choices(words: Mapping[str, Words]) -> list[tuple[str, str]]:
    return [("", _("None in particular")), *((code, pick(each)) for code, each in words.items())]


def _state_words() -> list[str]:
    return [_("All"), _("Under way"), _("Waiting for us"), _("Raised by us"), _("Over")]
