"""My firm: what it says of itself, who speaks for it, who asks to be let in."""

from collections.abc import Iterable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlmodel import Session, select

from hub import access, joining
from hub.access import Who
from hub.accounts import record
from hub.tables import User
from hub.web.asked import TASKS, Task
from hub.web.asking import hub_here, say, who
from hub.web.joining import choices, in_words, values_of
from hub.web.pages import number_asked, page_of
from supplychain.by_hand import read_firm
from supplychain.errors import NumberTaken
from supplychain.services.descriptions import described
from supplychain.services.joining import asking_in
from supplychain.services.own_word import said_of_itself, say_of_itself
from supplychain.tables import Firm, Invitation
from supplychain.vouching_errors import AsksAnother, NumbersEnough

bp = Blueprint("my_firm", __name__, url_prefix="/my-firm")


def firm_asked(rows: Session) -> Firm:
    """The firm for which the person speaks, as the address or form asks."""
    return access.own_firm(rows, who(), request.values.get("firm"))


@bp.get("")
def firm() -> str:
    """What my firm says of itself, and since when."""
    with hub_here().db.reading() as rows:
        own = firm_asked(rows)
        return _page(rows, own)


@bp.post("")
def firm_told() -> ResponseReturnValue:
    """Correct it; what was said before stays as history."""
    told, faults = read_firm(request.form)
    errors = in_words(faults)
    with hub_here().db.work() as rows:
        own = firm_asked(rows)
        number = own.id
        if not errors:
            try:
                say_of_itself(rows, own, told, who().handle)
                record(rows, who().handle, "firm.described", str(own.id))
            except (NumberTaken, NumbersEnough) as error:
                errors = {"brn": say(error)}
        if errors:
            rows.rollback()
            return _page(rows, firm_asked(rows), request.form.to_dict(), errors), 422
    flash(_("Saved. What you said before stays in the list below."))
    return redirect(url_for(".firm", firm=number))


@bp.post("/people/<int:invitation_id>")
def let_in(invitation_id: int) -> ResponseReturnValue:
    """Let a person in who asks to speak for the firm, or say that nobody knows them.

    The form names the person, so that nobody else is let in than was looked at.
    """
    yes = request.form.get("answer") == "yes"
    with hub_here().db.work() as rows:
        own = firm_asked(rows)
        number = own.id
        answer = joining.let_in if yes else joining.turn_away
        try:
            answer(rows, own, invitation_id, who(), person=request.form.get("person", ""))
        except AsksAnother as error:
            rows.rollback()
            flash(say(error), "error")
            return redirect(url_for(".firm", firm=number))
    flash(_("They may speak for your firm now.") if yes else _("They were not let in."))
    return redirect(url_for(".firm", firm=number))


def _page(
    rows: Session,
    own: Firm,
    values: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> str:
    facts = described(rows, own.id or 0, [own.id or 0])[own.id or 0]
    history = page_of(rows, said_of_itself(own), number_asked(), 10)
    return render_template(
        "my_firm/firm.html",
        firm=own,
        firms=access.own_firms(rows, who()),
        facts=facts,
        values=values or values_of(facts),
        errors=errors or {},
        history=history,
        people=access.speak_for(rows, own.id or 0),
        asking=_asking(rows, own),
        **choices(),
    )


def _asking(rows: Session, own: Firm) -> list[tuple[Invitation, User]]:
    found = []
    for row in asking_in(rows, own.id or 0):
        user = rows.exec(select(User).where(User.handle == row.accepted_by)).first()
        if user is not None:
            found.append((row, user))
    return found


def firm_tasks(session: Session, person: Who) -> Iterable[Task]:
    """Somebody asks to be let in; the own word is not given yet."""
    for own in access.own_firms(session, person):
        here = url_for("my_firm.firm", firm=own.id)
        asking = len(_asking(session, own))
        if asking:
            yield Task(
                ngettext(
                    "%(num)s person asks to speak for your firm",
                    "%(num)s people ask to speak for your firm",
                    asking,
                ),
                own.name,
                here + "#people",
                _("See who"),
                "attention",
                10,
            )
        if own.joined_at is None and person.has("vendor", own.id):
            yield Task(
                _("Confirm your firm's data"),
                _("Others have told us about %(firm)s. Say yourself who you are.", firm=own.name),
                here,
                _("Confirm"),
                "attention",
                20,
            )


TASKS.append(firm_tasks)
