"""Who speaks for our firm: see them, ask a colleague in, take the right away."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlmodel import Session

from hub import access, colleagues
from hub.errors import HubError
from hub.labs_process import end_labs_of
from hub.oidc import groups_of
from hub.web.asking import hub_here, say, who
from hub.web.formats import language
from hub.web.guests import LANGUAGES
from supplychain.errors import SupplyChainError
from supplychain.tables import Firm, now

bp = Blueprint("colleagues", __name__, url_prefix="/colleagues")


@bp.get("")
def listing() -> str:
    """Who speaks for the firm, who was asked to, and a form to ask one more."""
    with hub_here().db.reading() as rows:
        return _page(rows, _firm(rows))


@bp.post("")
def ask_in() -> ResponseReturnValue:
    """Ask a colleague in by a mail with a link of their own."""
    given = request.form
    with hub_here().db.work() as rows:
        firm = _firm(rows)
        asking = asking_of(rows, firm)
        try:
            row = colleagues.ask_in(
                rows,
                asking,
                given.get("email", ""),
                name=given.get("name", ""),
                locale=given.get("locale", ""),
            )
        except (SupplyChainError, HubError) as error:
            rows.rollback()
            return _page(rows, _firm(rows), say(error)), 422
        flash(_("A mail is on its way to %(email)s.", email=row.email))
        return redirect(url_for(".listing", firm=firm.id))


@bp.post("/take-back")
def take_back() -> ResponseReturnValue:
    """Take an invitation back: its link opens no more."""
    with hub_here().db.work() as rows:
        firm = _firm(rows)
        number = request.form.get("invitation", "")
        colleagues.take_back(
            rows, firm, int(number) if number.isdecimal() and len(number) < 10 else 0, who().handle
        )
        flash(_("The invitation is taken back."))
        return redirect(url_for(".listing", firm=firm.id))


@bp.post("/remove")
def remove() -> ResponseReturnValue:
    """A colleague speaks for the firm no more; the last one cannot be removed."""
    handle = request.form.get("person", "")[:60]
    with hub_here().db.work() as rows:
        firm = _firm(rows)
        lost = removed(rows, firm, handle)
        number = firm.id
    if lost:
        end_labs_of(hub_here(), handle)
    if handle == who().handle:
        flash(_("You speak for this firm no more."))
        return redirect(url_for("home.home"))
    flash(_("They speak for this firm no more."))
    return redirect(url_for(".listing", firm=number))


def removed(rows: Session, firm: Firm, handle: str) -> bool:
    """Remove a colleague; whether JupyterHub has to ask again who they are."""
    before = set(groups_of(access.person(rows, handle) or access.nobody))
    colleagues.remove(rows, firm, handle, who().handle)
    return bool(before - set(groups_of(access.person(rows, handle) or access.nobody)))


def asking_of(rows: Session, firm: Firm) -> colleagues.Asking:
    """The asker as one who asks a colleague in."""
    return colleagues.Asking(
        firm=firm,
        role=colleagues.role_to_give(who(), firm.id or 0),
        person=access.own_account(rows, who()),
        actor=who().handle,
        settings=hub_here().settings,
    )


def _firm(rows: Session) -> Firm:
    return access.own_firm(rows, who(), request.values.get("firm"))


def _page(rows: Session, firm: Firm, error: str = "") -> str:
    return render_template(
        "colleagues/listing.html",
        firm=firm,
        firms=access.own_firms(rows, who()),
        people=access.speak_for(rows, firm.id or 0),
        asked=colleagues.asked_in(rows, firm.id or 0),
        at=now(),
        values={"locale": language(), **request.form.to_dict()},
        error=error,
        languages=LANGUAGES,
        days=hub_here().settings.invitation_days,
    )
