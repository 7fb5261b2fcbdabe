"""For the administrator: who has joined, who vouches for them, and whose voice counts."""

from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hub import access
from hub.accounts import record
from hub.web.asking import hub_here, say, who
from hub.web.pages import number_asked, page_of_list
from supplychain.services.vouching import STATES, decide, joined_firms, objections
from supplychain.vouching_errors import SpeakersChanged

bp = Blueprint("voices", __name__, url_prefix="/admin/voices")


@bp.get("")
def listing() -> str:
    """Firms that have joined: those to which somebody said no stand first."""
    state = request.args.get("state", "new")
    state = state if state in (*STATES, "") else "new"
    with hub_here().db.reading() as session:
        found = joined_firms(session, state, limit=10_000)
        found.sort(key=lambda each: (-each.no, each.firm.name, each.firm.id))
        page = page_of_list(found, number_asked(), 20)
        ids = [each.firm.id or 0 for each in page.items]
        return render_template(
            "admin/voices.html",
            page=page,
            state=state,
            people={number: access.speak_for(session, number) for number in ids},
            against={
                each.firm.id: objections(session, each.firm.id or 0)
                for each in page.items
                if each.no
            },
        )


@bp.post("/<int:firm_id>")
def decide_now(firm_id: int) -> ResponseReturnValue:
    """Confirm a firm's voice, silence it, or have those that know it asked."""
    state, seen = request.form.get("to", ""), request.form.get("since", "")
    with hub_here().db.work() as session:
        try:
            at = datetime.fromisoformat(seen) if seen else None
            decide(session, firm_id, state, request.form.get("note", "").strip(), seen=at)
            record(session, who().handle, f"voice.{state}", str(firm_id))
        except SpeakersChanged as error:
            flash(say(error), "error")
            return redirect(url_for(".listing"))
    words = {
        "confirmed": _("Confirmed. Everybody hears this firm from now on."),
        "suspended": _("Suspended. Nobody speaks for this firm from now on."),
        "new": _("Those that know this firm are asked."),
    }
    flash(words[state])
    return redirect(url_for(".listing", state=request.form.get("state") or None))
