"""Who may see what of my firm, and since when; open and close it, effective at once."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlmodel import Session

from hub import access
from hub.accounts import record
from hub.web.asking import hub_here, who
from hub.web.pages import number_asked, page_of_list
from supplychain.services import consents
from supplychain.services.descriptions import described
from supplychain.services.merging import root_of
from supplychain.services.sight_requests import wanted_of
from supplychain.tables import Consent, Firm

bp = Blueprint("consents", __name__, url_prefix="/who-sees-us")

REASONS = {
    "customer": _l("you deliver to it"),
    "supplier": _l("it delivers to you"),
    "named": _l("it named you in its own list"),
    "inviter": _l("you were invited in its name"),
    "asks": _l("it asked to see you"),
    "opened": _l("you opened yourselves to it"),
}


@bp.get("")
def viewers() -> str:
    """Who sees us, to whom we can open ourselves, what they see, and what we opened before."""
    with hub_here().db.reading() as session:
        firm = access.own_firm(session, who(), request.args.get("firm"))
        found = consents.viewers(session, firm.id or 0)
        asked = request.args.get("as", "")
        return render_template(
            "firms/consents.html",
            firm=firm,
            firms=[(each.id, each.name) for each in access.own_firms(session, who())],
            page=page_of_list([v for v in found.known if v.sees], number_asked(), size=20),
            targets=[v for v in found.known if v.may_open or v.opened],
            strangers=found.strangers,
            reasons=REASONS,
            history=_history(session, firm),
            preview=consents.preview(session, firm.id or 0, _number(asked)) if asked else None,
            wanted=wanted_of(session, firm.id or 0),
        )


@bp.post("/<int:to_id>/open")
def give(to_id: int) -> ResponseReturnValue:
    """Open ourselves to a firm."""
    return _changed(to_id, consents.give, "opened", str(_("Opened. It counts from now.")))


@bp.post("/<int:to_id>/close")
def withdraw(to_id: int) -> ResponseReturnValue:
    """Close again what was opened to a firm."""
    return _changed(to_id, consents.withdraw, "closed", str(_("Closed. It counts from now.")))


def _changed(
    to_id: int, change: Callable[..., Consent | None], word: str, done: str
) -> ResponseReturnValue:
    with hub_here().db.work() as session:
        firm = access.own_firm(session, who(), request.form.get("firm"))
        if change(session, firm.id or 0, to_id, who().handle) is not None:
            record(session, who().handle, f"firm.{word}", str(firm.id), to=to_id)
    flash(done, "success")
    return redirect(url_for(".viewers", firm=request.form.get("firm") or None))


def _number(asked: str) -> int:
    return int(asked) if asked.isdecimal() and len(asked) < 10 else 0


def _history(session: Session, firm: Firm) -> list[tuple[Consent, str | None, dict[str, Any]]]:
    """What was opened and closed, with the other's name where it may still be known."""
    rows = consents.history(session, firm.id or 0)
    others = {row.id: root_of(session, row.to_id) for row in rows}
    nameable = consents.nameable_by(session, firm.id or 0) & set(others.values())
    names = described(session, firm.id or 0, nameable)
    by = access.colleagues(session, firm, {h for r in rows for h in (r.given_by, r.withdrawn_by)})
    return [
        (row, names[others[row.id]].name if others[row.id] in names else None, by) for row in rows
    ]
