"""Inviting: one firm, or everyone in a sheet."""

from collections import Counter

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext
from sqlmodel import Session

from hub import access, inviting
from hub.accounts import record
from hub.web.asking import hub_here, say, who
from hub.web.formats import language
from hub.web.invitations import sending_of
from hub.web.pages import number_asked, page_of_list
from supplychain.errors import SupplyChainError
from supplychain.invitation_errors import AddressInvalid, NoteRefused, WritesRefused
from supplychain.inviting import NOTE_LIMIT
from supplychain.services.descriptions import described
from supplychain.services.guests import candidates, guest_named
from supplychain.services.invitations import Guest
from supplychain.tables import Firm, Sheet

bp = Blueprint("guests", __name__, url_prefix="/invitations/new")

LANGUAGES = (("ko", "한국어"), ("en", "English"))
WHYS = {
    "ready": lazy_gettext("Can be invited"),
    "no address": lazy_gettext("No e-mail address"),
    "bad address": lazy_gettext("The e-mail address is not one"),
    "refused": lazy_gettext("Takes no mails from the hub"),
    "withdrawn": lazy_gettext("Invitation was taken back"),
    "invited": lazy_gettext("Invited already"),
    "joined": lazy_gettext("Joined already"),
    "not a supplier": lazy_gettext("None of your own suppliers"),
}
_OFFERED = 500  # names that the field proposes while one types


@bp.get("")
def new() -> str:
    """The form for one firm."""
    with hub_here().db.reading() as session:
        return _form(session, request.args.to_dict(), {})


@bp.post("")
def new_now() -> ResponseReturnValue:
    """Invite it; its mail is on its way."""
    given = request.form
    with hub_here().db.work() as session:
        _firm, sending = sending_of(session, given.get("firm"))
        guest = Guest(
            given.get("email", ""),
            given.get("contact", ""),
            given.get("locale", "ko"),
            given.get("note", ""),
        )
        try:
            named = guest_named(session, sending.by, given.get("guest", ""))
            asked = inviting.invite(session, sending, named, guest)
        except SupplyChainError as error:
            session.rollback()
            return _form(session, given.to_dict(), {_field(error): say(error)}), 422
        number = asked.invitation.id
        if asked.secret:
            record(session, who().handle, "invitation.sent", f"invitation {number}")
    if asked.secret:
        flash(_("The invitation is on its way."))
    else:
        flash(_("This person was invited before, so no second mail was sent."))
    return redirect(url_for("invitations.one", invitation_id=number))


@bp.get("/sheet")
def sheet() -> str:
    """Everyone whom a sheet names: who would get a mail, and who would not and why."""
    with hub_here().db.reading() as session:
        return _sheet_page(session, request.args.to_dict(), {})


@bp.post("/sheet")
def sheet_now() -> ResponseReturnValue:
    """Invite all of them that can be."""
    given = request.form
    with hub_here().db.work() as session:
        firm, sending = sending_of(session, given.get("firm"))
        try:
            asked = inviting.invite_sheet(
                session,
                sending,
                _number(given.get("sheet", "")),
                locale=given.get("locale", "ko"),
                note=given.get("note", ""),
            )
        except SupplyChainError as error:
            session.rollback()
            return _sheet_page(session, given.to_dict(), {_field(error): say(error)}), 422
        if asked:
            record(
                session,
                who().handle,
                "invitation.several-sent",
                f"firm {firm.id}",
                sheet=_number(given.get("sheet", "")),
                invitations=len(asked),
            )
    if asked:
        flash(
            ngettext(
                "%(num)s invitation is on its way.",
                "%(num)s invitations are on their way.",
                len(asked),
            )
        )
    else:
        flash(_("Nobody was left to invite in this sheet."), "error")
    return redirect(url_for("invitations.listing", firm=given.get("firm")))


def _form(session: Session, given: dict[str, str], errors: dict[str, str]) -> str:
    firm, sending = sending_of(session, given.get("firm"))
    every = candidates(session, sending.by)
    open_ones = [each for each in every if each.why not in ("joined", "not a supplier")]
    names = described(session, firm.id or 0, [each.firm_id for each in open_ones])
    chosen = next((e for e in every if str(e.firm_id) == given.get("guest")), None)
    known = {"email": chosen.email, "contact": chosen.contact} if chosen else {}
    values = {"locale": language(), **known, **given}
    if chosen and chosen.firm_id in names:
        values["guest"] = names[chosen.firm_id].name
    return render_template(
        "invitations/new.html",
        firm=firm,
        values=values,
        errors=errors,
        offered=sorted({names[each.firm_id].name for each in open_ones})[:_OFFERED],
        anybody=bool(open_ones),
        languages=LANGUAGES,
        note_limit=NOTE_LIMIT,
        days=hub_here().settings.invitation_days,
    )


def _sheet_page(session: Session, given: dict[str, str], errors: dict[str, str]) -> str:
    firm, sending = sending_of(session, given.get("firm"))
    sheets = _taken_sheets(session, firm)
    number = _number(given.get("sheet", ""))
    chosen = next((each for each in sheets if each.id == number), None)
    found = candidates(session, sending.by, chosen.id if chosen else None)
    why = given.get("why", "")
    order = list(WHYS)
    shown = sorted(
        (each for each in found if why in ("", each.why)), key=lambda each: order.index(each.why)
    )
    page = page_of_list(shown, number_asked())
    return render_template(
        "invitations/sheet.html",
        firm=firm,
        sheets=[("", _("Every sheet, and what was declared by hand")), *_named(sheets)],
        chosen=chosen,
        counts=Counter(each.why for each in found),
        why=why,
        whys=WHYS,
        page=page,
        names=described(session, firm.id or 0, [each.firm_id for each in page.items]),
        values={"locale": language(), **given},
        errors=errors,
        languages=LANGUAGES,
        note_limit=NOTE_LIMIT,
        days=hub_here().settings.invitation_days,
    )


def _taken_sheets(session: Session, firm: Firm) -> list[Sheet]:
    return list(session.exec(access.own_sheets(firm).where(Sheet.state == "taken").limit(100)))


def _named(sheets: list[Sheet]) -> list[tuple[int | None, str]]:
    return [(s.id, f"{s.file_name} · {s.tab}" if s.tab else s.file_name) for s in sheets]


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _field(error: SupplyChainError) -> str:
    """Beside which field the sentence of an error stands."""
    if isinstance(error, (AddressInvalid, WritesRefused)):
        return "email"
    return "note" if isinstance(error, NoteRefused) else "guest"
