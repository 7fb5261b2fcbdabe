"""A person closes their own account: what is theirs goes, what their firms said stays.

Certificates stay verifiable by their number, entries of the audit trail keep the handle alone.
"""

import secrets
from collections.abc import Sequence

from sqlmodel import Session, col, func, or_, select

from hub.access import speak_for
from hub.accounts import record
from hub.errors import LastAdministrator, LastSpeaker
from hub.rules import SPEAKERS
from hub.tables import ApiToken, ColleagueInvitation, Mail, Membership, SignInFailure, User
from supplychain.tables import Firm, Invitation


def alone_for(session: Session, user: User) -> Sequence[Firm]:
    """Firms for which nobody else speaks: a colleague is needed before the account is closed."""
    own = (
        select(Firm)
        .join(Membership, col(Membership.firm_id) == Firm.id)
        .where(Membership.user_id == user.id, col(Membership.role).in_(SPEAKERS))
        .distinct()
    )
    firms = session.exec(own.order_by(Firm.name, col(Firm.id))).all()
    return [firm for firm in firms if len(speak_for(session, firm.id or 0)) == 1]


def close(session: Session, user: User) -> None:
    """Close the account for good: name and address are forgotten, roles and keys end.

    Raises LastAdministrator. Where the person alone speaks for a firm, LastSpeaker.
    """
    _one_at_a_time(session, user)
    if alone_for(session, user):
        raise LastSpeaker
    _not_the_last(session, user)
    for table in (Membership, ApiToken):
        for row in session.exec(select(table).where(table.user_id == user.id)):
            session.delete(row)
    for failure in session.exec(select(SignInFailure).where(SignInFailure.email == user.email)):
        session.delete(failure)
    asked = select(ColleagueInvitation).where(ColleagueInvitation.email == user.email)
    for row in session.exec(asked):
        session.delete(row)
    gone = f"{user.handle}@closed.invalid"
    _forget_address(session, user, gone)
    user.email, user.name = gone, ""
    user.password_hash, user.active = secrets.token_hex(), False
    session.add(user)
    session.flush()
    record(session, user.handle, "account.closed", user.handle)


def _forget_address(session: Session, user: User, gone: str) -> None:
    """Where others wrote to the person: mails, invitations that were answered with the account."""
    accepted = select(ColleagueInvitation).where(ColleagueInvitation.accepted_by == user.handle)
    for row in session.exec(accepted):
        session.delete(row)
    for mail in session.exec(select(Mail).where(Mail.to == user.email)):
        if mail.state == "waiting":
            session.delete(mail)
        else:
            mail.to = gone
    for mail in session.exec(select(Mail).where(Mail.reply_to == user.email)):
        mail.reply_to = ""
    mine = or_(Invitation.email == user.email, Invitation.accepted_by == user.handle)
    for invitation in session.exec(select(Invitation).where(mine)):
        invitation.email, invitation.contact = f"{invitation.id}-{gone}", ""


def _one_at_a_time(session: Session, user: User) -> None:
    """Of two who leave at once, the second looks when the first is gone."""
    own = select(Membership.firm_id).where(Membership.user_id == user.id)
    firms = select(Firm.id).where(col(Firm.id).in_(own)).order_by(col(Firm.id))
    session.exec(firms.with_for_update()).all()
    administrators = select(Membership.id).where(Membership.role == "administrator")
    session.exec(administrators.order_by(col(Membership.id)).with_for_update()).all()


def _not_the_last(session: Session, user: User) -> None:
    administrators = (
        select(func.count(col(User.id).distinct()))
        .join(Membership, col(Membership.user_id) == User.id)
        .where(Membership.role == "administrator", col(User.active))
    )
    own = select(Membership.id).where(
        Membership.user_id == user.id, Membership.role == "administrator"
    )
    if session.exec(own).first() and session.exec(administrators).one() == 1:
        raise LastAdministrator
