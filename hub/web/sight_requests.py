"""Asking others to open themselves to us; and answering who asks us."""

from collections.abc import Iterable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlmodel import Session

from hub import access, seeing
from hub.access import Who
from hub.accounts import record
from hub.web.asked import TASKS, Task
from hub.web.asking import hub_here, say, who
from hub.web.pages import number_asked, page_of_list
from supplychain.invitation_errors import NoteRefused
from supplychain.services.sight_requests import wanted_of, wishes, withdraw
from supplychain.vouching_errors import RequestsEnough, RequestTooSoon

bp = Blueprint("sight_requests", __name__, url_prefix="/who-sees-us/requests")


@bp.get("")
def listing() -> str:
    """Whom we could ask, whom we asked, and what they said."""
    with hub_here().db.reading() as session:
        firm = access.own_firm(session, who(), request.args.get("firm"))
        found = wishes(session, firm.id or 0)
        return render_template(
            "firms/sight_requests.html",
            firm=firm,
            firms=access.own_firms(session, who()),
            page=page_of_list(found, number_asked(), 20),
            open_ones=sum(each.state == "" for each in found),
        )


@bp.post("/firms/<int:firm_id>")
def ask_now(firm_id: int) -> ResponseReturnValue:
    """Ask one firm."""
    with hub_here().db.work() as session:
        firm = access.own_firm(session, who(), request.form.get("firm"))
        number = firm.id or 0
        note = request.form.get("note", "").strip()
        try:
            seeing.ask(session, hub_here().settings, number, firm_id, who().handle, note)
        except (NoteRefused, RequestTooSoon, RequestsEnough) as error:
            session.rollback()
            flash(say(error), "error")
            return redirect(url_for(".listing", firm=number))
    flash(_("Asked. You see here what they answer."))
    return redirect(url_for(".listing", firm=number))


@bp.post("")
def ask_all() -> ResponseReturnValue:
    """Ask everybody who has not been asked yet."""
    with hub_here().db.work() as session:
        firm = access.own_firm(session, who(), request.form.get("firm"))
        number = firm.id or 0
        note = request.form.get("note", "").strip()
        try:
            asked = seeing.ask_all(session, hub_here().settings, number, who().handle, note)
        except (NoteRefused, RequestsEnough) as error:
            session.rollback()
            flash(say(error), "error")
            return redirect(url_for(".listing", firm=number))
    flash(ngettext("%(num)s firm was asked.", "%(num)s firms were asked.", asked))
    return redirect(url_for(".listing", firm=number))


@bp.post("/<int:request_id>/back")
def take_back(request_id: int) -> ResponseReturnValue:
    """Take a request back."""
    with hub_here().db.work() as session:
        firm = access.own_firm(session, who(), request.form.get("firm"))
        number = firm.id or 0
        withdraw(session, number, request_id)
        record(session, who().handle, "sight.withdrawn", str(request_id), firm=number)
    flash(_("Taken back."))
    return redirect(url_for(".listing", firm=number))


@bp.post("/<int:request_id>")
def answer_now(request_id: int) -> ResponseReturnValue:
    """Agree to be seen, or decline."""
    agrees = request.form.get("answer") == "yes"
    with hub_here().db.work() as session:
        firm = access.own_firm(session, who(), request.form.get("firm"))
        number = firm.id or 0
        seeing.answer(
            session,
            hub_here().settings,
            number,
            request_id,
            who().handle,
            agrees=agrees,
            onward=request.form.get("onward") == "yes",
        )
    flash(_("Opened. It counts from now.") if agrees else _("Declined. They see nothing of you."))
    return redirect(url_for("consents.viewers", firm=number))


def request_tasks(session: Session, person: Who) -> Iterable[Task]:
    """Somebody asks to see us."""
    for firm in access.own_firms(session, person):
        waiting = wanted_of(session, firm.id or 0)
        if waiting:
            yield Task(
                _("%(name)s asks to see %(firm)s by name", name=waiting[0].by.name, firm=firm.name)
                if len(waiting) == 1
                else ngettext(
                    "%(num)s firm asks to see you by name",
                    "%(num)s firms ask to see you by name",
                    len(waiting),
                ),
                _("Agree or decline by one click; you can close it again at any time."),
                url_for("consents.viewers", firm=firm.id) + "#asked",
                _("Answer"),
                "attention",
                18,
            )


TASKS.append(request_tasks)
