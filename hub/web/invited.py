"""An invitation as its reader meets it: who invites, what for, what happens with the data."""

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlmodel import Session, select

from hub import access, inviting, joining
from hub.accounts import SHORTEST_PASSWORD, record
from hub.errors import AddressTaken, PasswordWeak, SignInRefused, TooManyTries
from hub.tables import User
from hub.web import by_link
from hub.web.asking import hub_here, locale_asked, say, who
from hub.web.signin import begin_session, checked
from supplychain.errors import DomainError
from supplychain.invitation_errors import InvitationNotFound, InvitationOver, InvitationUsed
from supplychain.services import invitations
from supplychain.services.descriptions import Facts, described
from supplychain.tables import Firm, Invitation

bp = Blueprint("invited", __name__, url_prefix="/invited")


@dataclass(frozen=True)
class Letter:
    """An invitation with what its reader may know of both firms."""

    invitation: Invitation
    inviter: Firm
    inviter_person: str
    firm: Facts


def _over_page(error: DomainError) -> str:
    """What happened to the link, and what to do. One that never was looks like a replaced one."""
    used = isinstance(error, InvitationUsed)
    return render_template("invited/over.html", sentence=say(error), used=used)


by_link.keep_secret(bp, InvitationNotFound, _over_page)


@bp.errorhandler(InvitationOver)
@bp.errorhandler(InvitationUsed)
def _over(error: DomainError) -> ResponseReturnValue:
    return _over_page(error), 404


@bp.get("/<token>")
def letter(token: str) -> ResponseReturnValue:
    """Who invites me, what for, what happens with my data, until when."""
    with hub_here().db.reading() as rows:
        found = _letter(rows, token)
        if found.invitation.state == "accepted":
            return _answered(found.invitation)
        by_link.speak(found.invitation.locale)
        return render_template("invited/letter.html", token=token, letter=found)


@bp.post("/<token>/seen")
def seen(token: str) -> ResponseReturnValue:
    """The letter was looked at by a browser that runs scripts, as mail filters hardly do."""
    with hub_here().db.work() as rows:
        invitations.opened(rows, _invitation(rows, token))
    return "", 204


@bp.get("/<token>/account")
def account(token: str) -> ResponseReturnValue:
    """Step 1: a new account, or the one that the reader has."""
    with hub_here().db.reading() as rows:
        found = _letter(rows, token)
        if found.invitation.state == "accepted":
            return _answered(found.invitation)
        by_link.speak(found.invitation.locale)
        return _account_page(rows, token, found)


@bp.post("/<token>/account")
def account_chosen(token: str) -> ResponseReturnValue:
    """Answer as whoever is signed in, as an account that stands, or as a new one."""
    how = request.form.get("how", "new")
    if how == "present" and who().known:
        return _goes_on(token, who().handle)
    if how == "known":
        return _sign_in(token)
    return _new_account(token)


@bp.get("/<token>/decline")
def decline(token: str) -> ResponseReturnValue:
    """Say no: with or without a reason, with or without further mails."""
    with hub_here().db.reading() as rows:
        found = _letter(rows, token)
        if found.invitation.state == "accepted":
            return _answered(found.invitation)
        return render_template("invited/decline.html", token=token, letter=found)


@bp.post("/<token>/decline")
def declined(token: str) -> ResponseReturnValue:
    """Note the no. A yes may follow until the invitation is over."""
    never = request.form.get("never") == "yes"
    reason = request.form.get("reason", "").strip()[:400]
    with hub_here().db.work() as rows:
        row = _invitation(rows, token)
        invitations.decline(rows, row, never_again=never)
        row.reason = reason
        inviting.answered(rows, row)
        record(rows, "invited", "invitation.declined", str(row.id), never_again=never)
        inviter = rows.get_one(Firm, row.by_id).name
    return render_template("invited/declined.html", token=token, never=never, inviter=inviter)


def _letter(rows: Session, token: str) -> Letter:
    row = _invitation(rows, token)
    if row.state != "accepted":
        invitations.open_for_answer(row)
    person = rows.exec(select(User.name).where(User.handle == row.actor)).first()
    facts = described(rows, row.by_id, [row.firm_id])[row.firm_id]
    return Letter(row, rows.get_one(Firm, row.by_id), person or "", facts)


def _invitation(rows: Session, token: str) -> Invitation:
    found = invitations.invitation_by_secret
    return by_link.found_by(rows, found, token, InvitationNotFound)


def _answered(row: Invitation) -> ResponseReturnValue:
    """The way on for whoever accepted it; for others a word that it was used."""
    if who().known and row.accepted_by == who().handle:
        return redirect(url_for("joining.firm", invitation_id=row.id))
    raise InvitationUsed


def _account_page(
    rows: Session, token: str, found: Letter, errors: dict[str, str] | None = None
) -> str:
    return render_template(
        "invited/account.html",
        token=token,
        letter=found,
        known=joining.account_at(rows, found.invitation.email) is not None,
        least=SHORTEST_PASSWORD,
        errors=errors or {},
        given=request.form,
    )


def _again(token: str, errors: dict[str, str], status: int = 422) -> ResponseReturnValue:
    with hub_here().db.reading() as rows:
        return _account_page(rows, token, _letter(rows, token), errors), status


def _goes_on(token: str, handle: str) -> ResponseReturnValue:
    with hub_here().db.work() as rows:
        row = _invitation(rows, token)
        person = access.person(rows, handle)
        own = person.firms(*access.SPEAKERS) if person else ()
        joining.answer_as(rows, row, handle, own)
        invitations.opened(rows, row)
        number = row.id
    return redirect(url_for("joining.firm", invitation_id=number))


def _sign_in(token: str) -> ResponseReturnValue:
    email, password = request.form.get("email", "").strip(), request.form.get("password", "")
    try:
        person = checked(email, password)
    except (SignInRefused, TooManyTries) as error:
        status = 429 if isinstance(error, TooManyTries) else 403
        return _again(token, {"known": say(error)}, status)
    answered = _goes_on(token, person.handle)
    begin_session(person, password)
    return answered


def _new_account(token: str) -> ResponseReturnValue:
    name, password = request.form.get("name", "").strip()[:100], request.form.get("password", "")
    if not name:
        return _again(token, {"name": _("Please enter a name.")})
    try:
        with hub_here().db.work() as rows:
            row = _invitation(rows, token)
            person = joining.make_account(rows, row, name, password, locale_asked())
            invitations.opened(rows, row)
            number = row.id
            rows.flush()
            rows.expunge(person)
    except PasswordWeak as error:
        return _again(token, {"password": say(error)})
    except AddressTaken:
        return _made_already(token, password)
    begin_session(person, password)
    return redirect(url_for("joining.firm", invitation_id=number))


def _made_already(token: str, password: str) -> ResponseReturnValue:
    """A second tap on the same button: the account stands, and its password is the one given."""
    with hub_here().db.reading() as rows:
        email = _invitation(rows, token).email
    try:
        person = checked(email, password)
    except (SignInRefused, TooManyTries):
        return _again(token, {"known": _("There is an account with this address. Sign in.")}, 409)
    answered = _goes_on(token, person.handle)
    begin_session(person, password)
    return answered
