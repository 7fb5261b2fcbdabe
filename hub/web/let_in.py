"""A colleague opens the link of their mail: who asks, for which firm, what they may do there."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlmodel import Session, select

from hub import colleagues
from hub.accounts import (
    SHORTEST_PASSWORD,
    create_user,
    record,
)
from hub.errors import AddressTaken, PasswordWeak, SignInRefused, TooManyTries
from hub.joining import account_at
from hub.tables import ColleagueInvitation, User
from hub.web import by_link
from hub.web.asking import hub_here, locale_asked, say, who
from hub.web.signin import begin_session, checked
from supplychain.errors import DomainError
from supplychain.invitation_errors import InvitationNotFound, InvitationOver, InvitationUsed
from supplychain.tables import Firm

bp = Blueprint("let_in", __name__, url_prefix="/colleague")


def _over_page(error: DomainError) -> str:
    return render_template("colleagues/over.html", sentence=say(error))


by_link.keep_secret(bp, InvitationNotFound, _over_page)


@bp.errorhandler(InvitationOver)
@bp.errorhandler(InvitationUsed)
def _over(error: DomainError) -> ResponseReturnValue:
    return _over_page(error), 404


@bp.get("/<token>")
def letter(token: str) -> ResponseReturnValue:
    """Who asks me, for which firm, what I may do, what is kept of me."""
    with hub_here().db.reading() as rows:
        row = _invitation(rows, token)
        if row.state == "accepted" and row.accepted_by == who().handle:
            return redirect(url_for("home.home"))
        colleagues.still_open(row)
        by_link.speak(row.locale)
        return _page(rows, token, row)


@bp.post("/<token>")
def answered(token: str) -> ResponseReturnValue:
    """Come in as whoever is signed in, with an account that stands, or with a new one."""
    how, password = request.form.get("how", "new"), request.form.get("password", "")
    if how == "present" and who().known:
        return _come_in(token, who().handle)
    if how == "known":
        return _sign_in(token, request.form.get("email", "").strip(), password)
    name = request.form.get("name", "").strip()[:100]
    if not name:
        return _again(token, {"name": _("Please enter a name.")})
    try:
        with hub_here().db.work() as rows:
            row = _invitation(rows, token)
            colleagues.still_open(row)
            person = create_user(rows, row.email, name, password, locale_asked())
            record(rows, person.handle, "person.invited", person.handle, colleague=row.id)
            firm = colleagues.come_in(rows, row, person)
            onward = _onward(firm)
            rows.flush()
            rows.expunge(person)
    except PasswordWeak as error:
        return _again(token, {"password": say(error)})
    except AddressTaken:  # a second tap on the same button, or an account that stands
        with hub_here().db.reading() as rows:
            email = _invitation(rows, token).email
        return _sign_in(token, email, password)
    begin_session(person, password)
    return redirect(onward)


def _sign_in(token: str, email: str, password: str) -> ResponseReturnValue:
    try:
        person = checked(email, password)
    except (SignInRefused, TooManyTries) as error:
        status = 429 if isinstance(error, TooManyTries) else 403
        return _again(token, {"known": say(error)}, status)
    came = _come_in(token, person.handle)
    begin_session(person, password)
    return came


def _come_in(token: str, handle: str) -> ResponseReturnValue:
    with hub_here().db.work() as rows:
        row = _invitation(rows, token)
        user = rows.exec(select(User).where(User.handle == handle)).one()
        return redirect(_onward(colleagues.come_in(rows, row, user)))


def _onward(firm: Firm) -> str:
    """To the firm's data where nobody has confirmed them yet, else home."""
    if firm.joined_at is None:
        return url_for("my_firm.firm", firm=firm.id)
    return url_for("home.home")


def _again(token: str, errors: dict[str, str], status: int = 422) -> ResponseReturnValue:
    with hub_here().db.reading() as rows:
        row = _invitation(rows, token)
        colleagues.still_open(row)
        return _page(rows, token, row, errors), status


def _page(
    rows: Session, token: str, row: ColleagueInvitation, errors: dict[str, str] | None = None
) -> str:
    asker = rows.exec(select(User.name).where(User.handle == row.actor)).first()
    return render_template(
        "colleagues/letter.html",
        token=token,
        row=row,
        firm=rows.get_one(Firm, row.firm_id),
        asker=asker or "",
        known=account_at(rows, row.email) is not None,
        errors=errors or {},
        given=request.form,
        least=SHORTEST_PASSWORD,
    )


def _invitation(rows: Session, token: str) -> ColleagueInvitation:
    return by_link.found_by(rows, colleagues.by_secret, token, InvitationNotFound)
