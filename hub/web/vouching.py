"""Who has come to speak for firms that we named, and whether we know them."""

from collections.abc import Iterable
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlmodel import Session

from hub import access
from hub.access import Who
from hub.accounts import record
from hub.web.asked import TASKS, Task
from hub.web.asking import hub_here, say, who
from hub.web.pages import number_asked, page_of_list
from supplychain.errors import FirmNotFound
from supplychain.services.vouching import STANCES, Stance, answer, asked_of
from supplychain.tables import Firm
from supplychain.vouching_errors import SpeakersChanged

bp = Blueprint("vouching", __name__, url_prefix="/who-joined")

_MOST = 200  # answered at once


@bp.get("")
def listing() -> str:
    """Firms of which we are asked, unanswered ones first."""
    with hub_here().db.reading() as session:
        firm = access.own_firm(session, who(), request.args.get("firm"))
        found = asked_of(session, firm.id or 0)
        return render_template(
            "firms/vouching.html",
            firm=firm,
            firms=access.own_firms(session, who()),
            page=page_of_list(found, number_asked(), 20),
            waiting=sum(each.open for each in found),
        )


@bp.post("")
def answer_several() -> ResponseReturnValue:
    """The same answer for several firms, each as it was seen ("number@since")."""
    with hub_here().db.work() as session:
        firm = access.own_firm(session, who(), request.form.get("firm"))
        done = 0
        for each in request.form.getlist("each")[:_MOST]:
            number, _at, seen = each.partition("@")
            try:
                _say(session, firm, int(number) if number.isdecimal() else 0, _moment(seen))
                done += 1
            except (FirmNotFound, SpeakersChanged):
                continue  # it is asked again, if it is to be asked at all
        number_of = firm.id
    flash(ngettext("%(num)s answer is noted.", "%(num)s answers are noted.", done))
    return redirect(url_for(".listing", firm=number_of))


@bp.post("/<int:firm_id>")
def answer_now(firm_id: int) -> ResponseReturnValue:
    """Whether we know who speaks for a firm: yes, no, or later."""
    with hub_here().db.work() as session:
        firm = access.own_firm(session, who(), request.form.get("firm"))
        number = firm.id
        try:
            stance = _say(session, firm, firm_id, _moment(request.form.get("since", "")))
        except SpeakersChanged as error:
            flash(say(error), "error")
            return redirect(url_for(".listing", firm=number))
    words = {
        "yes": _("Noted. From now on each of you reads what the other says of your deliveries."),
        "no": _("Noted. They read nothing of what you say, and the administrator is told."),
        "later": _("Noted. They read nothing of what you say until you have answered."),
    }
    flash(words[stance])
    return redirect(url_for(".listing", firm=number))


def _say(session: Session, firm: Firm, about: int, seen: datetime | None) -> Stance:
    asked = request.form.get("stance", "")
    stance: Stance = next((each for each in STANCES if each == asked), "later")
    note = request.form.get("note", "").strip()
    answer(session, firm.id or 0, about, stance, who().handle, note=note, seen=seen)
    record(session, who().handle, f"voice.{stance}", str(about), firm=firm.id)
    return stance


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def vouching_tasks(session: Session, person: Who) -> Iterable[Task]:
    """Whether we know who has come to speak for firms that we named."""
    for firm in access.own_firms(session, person):
        waiting = [each for each in asked_of(session, firm.id or 0) if not each.stance]
        if waiting:
            first = waiting[0].facts.name
            yield Task(
                _("%(name)s has joined, asked in by another firm. Do you know them?", name=first)
                if len(waiting) == 1
                else ngettext(
                    "%(num)s firm that you deal with has joined. Do you know it?",
                    "%(num)s firms that you deal with have joined. Do you know them?",
                    len(waiting),
                ),
                _("Until you say yes, they read nothing of what you say of them."),
                url_for("vouching.listing", firm=firm.id),
                _("Answer"),
                "attention",
                15,
            )


TASKS.append(vouching_tasks)
