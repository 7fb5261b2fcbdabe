"""Whom our firm invited: who answered, who is silent, how far down the chain it got."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlmodel import Session

from hub import access, inviting
from hub.accounts import record
from hub.invitation_lines import Line, line_of, lines, named
from hub.inviting import Sending
from hub.web.asked import CHANGES, TASKS
from hub.web.asking import hub_here, say, who
from hub.web.formats import tier
from hub.web.invitation_lists import Overview, as_file, filtered, overview_of, to_remind
from hub.web.invitation_news import invitation_news, invitation_tasks
from hub.web.pages import Page, number_asked, page_of_list
from hub.web.states import state_of
from supplychain.errors import SupplyChainError
from supplychain.inviting import CAME_TO
from supplychain.tables import Firm

bp = Blueprint("invitations", __name__, url_prefix="/invitations")
TASKS.append(invitation_tasks)
CHANGES.append(invitation_news)

# Shown one after the other in the figure, the best first; each has its own shade and pattern.
PARTS = ("joined", "opened", "silent", "declined", "undelivered", "expired")


def sending_of(session: Session, asked: str | None) -> tuple[Firm, Sending]:
    """The firm for which the asker invites, and what its mails need to know."""
    firm = access.own_firm(session, who(), asked)
    sending = inviting.sending_for(
        hub_here().settings,
        firm,
        access.own_account(session, who()),
        actor=who().handle,
        whole_chain=who().has("supply_manager", firm.id),
    )
    return firm, sending


@bp.get("")
def listing() -> str:
    """Counts, the way down the tiers, and every invitation."""
    with hub_here().db.reading() as session:
        firm = access.own_firm(session, who(), request.args.get("firm"))
        seen = overview_of(session, firm)
        found = filtered(session, firm.id or 0, seen.lines, request.args)
        return render_template(
            "invitations/listing.html",
            firm=firm,
            firms=[(each.id, each.name) for each in access.own_firms(session, who())],
            seen=seen,
            parts=PARTS,
            figures=_figures(seen),
            states=[("", _("All")), *((word, state_of(word).label) for word in CAME_TO)],
            tiers=[("", _("All tiers")), *((n, tier(n)) for n in _own_tiers(seen.lines))],
            remindable=len(to_remind(found)),
            page=_named_page(session, firm, page_of_list(found, number_asked())),
            asked=request.args,
            days=hub_here().settings.invitation_days,
        )


@bp.get("/<int:invitation_id>")
def one(invitation_id: int) -> str:
    """One invitation: what happened, what the mail said, what can be done."""
    with hub_here().db.reading() as session:
        row = access.own_invitation(session, who(), invitation_id)
        firm, sending = sending_of(session, str(row.by_id))
        [line] = named(session, row.by_id, [line_of(session, row)])
        said = inviting.letter_for(sending, row, line.name, "…", again=row.times_sent > 1)
        return render_template(
            "invitations/one.html",
            firm=firm,
            line=line,
            row=row,
            letter=said,
            people=access.colleagues(session, firm, [row.actor]),
        )


@bp.post("/<int:invitation_id>/remind")
def remind(invitation_id: int) -> ResponseReturnValue:
    """Send a new link to the same person."""
    return _change(invitation_id, "remind")


@bp.post("/<int:invitation_id>/withdraw")
def withdraw(invitation_id: int) -> ResponseReturnValue:
    """Take an invitation back."""
    return _change(invitation_id, "withdraw")


@bp.post("/<int:invitation_id>/correct")
def correct(invitation_id: int) -> ResponseReturnValue:
    """Send it to another address instead."""
    try:
        with hub_here().db.work() as session:
            row = access.own_invitation(session, who(), invitation_id)
            _firm, sending = sending_of(session, str(row.by_id))
            email = request.form.get("email", "")
            made = inviting.correct(session, sending, invitation_id, email).invitation
            record(session, who().handle, "invitation.sent", f"invitation {made.id}")
            number = made.id
    except SupplyChainError as error:
        flash(say(error), "error")
        number = invitation_id
    else:
        flash(_("The invitation is on its way to the new address."))
    return redirect(url_for(".one", invitation_id=number))


@bp.post("/several")
def several() -> ResponseReturnValue:
    """Remind of, or take back, those that are ticked, or all that the filter shows."""
    action = "withdraw" if request.form.get("action") == "withdraw" else "remind"
    with hub_here().db.work() as session:
        firm, sending = sending_of(session, request.form.get("firm"))
        ticked = request.form.getlist("invitation")
        numbers = [int(each) for each in ticked if each.isdecimal() and len(each) < 10]
        if request.form.get("all") == "yes":
            found = filtered(session, firm.id or 0, lines(session, firm.id or 0), request.form)
            numbers = [line.invitation.id or 0 for line in to_remind(found)]
        done, reasons = inviting.several(session, sending, numbers, action)
        words = {"remind": "invitation.reminded", "withdraw": "invitation.withdrawn"}
        if done:
            record(session, who().handle, words[action], f"firm {firm.id}", invitations=done)
    _tell(action, done, sum(reasons.values()))
    kept: dict[str, Any] = {
        name: request.form[name] for name in ("firm", "state", "tier", "q") if name in request.form
    }
    return redirect(url_for(".listing", **kept))


@bp.get("/export.<any(csv, xlsx):kind>")
def export(kind: str) -> Response:
    """The same list as a file for spreadsheet programs."""
    with hub_here().db.reading() as session:
        firm = access.own_firm(session, who(), request.args.get("firm"))
        by_id = firm.id or 0
        found = named(session, by_id, filtered(session, by_id, lines(session, by_id), request.args))
    return as_file(found, kind)


def _figures(seen: Overview) -> list[tuple[str, str, str]]:
    def to(state: str) -> str:
        return url_for(".listing", firm=seen.firm.id, state=state)

    words = ("joined", "opened", "silent", "declined", "undelivered", "expired")
    figures = [(_("Firms invited"), f"{seen.invited:,}", to(""))]
    return figures + [
        (str(state_of(word).label), f"{seen.counts[word]:,}", to(word)) for word in words
    ]


def _named_page(session: Session, firm: Firm, page: Page[Line]) -> Page[Line]:
    return replace(page, items=named(session, firm.id or 0, page.items))


def _own_tiers(found: Iterable[Line]) -> list[int]:
    return sorted({line.tier for line in found if line.tier})


def _change(invitation_id: int, action: str) -> ResponseReturnValue:
    try:
        with hub_here().db.work() as session:
            row = access.own_invitation(session, who(), invitation_id)
            _firm, sending = sending_of(session, str(row.by_id))
            if action == "remind":
                inviting.remind(session, sending, invitation_id)
                record(session, who().handle, "invitation.reminded", f"invitation {row.id}")
            else:
                inviting.take_back(session, sending.by, invitation_id)
                record(session, who().handle, "invitation.withdrawn", f"invitation {row.id}")
    except SupplyChainError as error:
        flash(say(error), "error")
    else:
        _tell(action, 1, 0)
    return redirect(url_for(".one", invitation_id=invitation_id))


def _tell(action: str, done: int, left: int) -> None:
    if done and action == "remind":
        flash(
            ngettext("%(num)s reminder is on its way.", "%(num)s reminders are on their way.", done)
        )
    elif done:
        flash(
            ngettext(
                "%(num)s invitation is taken back.", "%(num)s invitations are taken back.", done
            )
        )
    if left:
        flash(
            ngettext(
                "%(num)s was left out: answered, or written to less than a day ago.",
                "%(num)s were left out: answered, or written to less than a day ago.",
                left,
            ),
            "error",
        )
    if not done and not left:
        flash(_("Nobody was chosen. Tick the firms first."), "error")
