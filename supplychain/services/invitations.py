"""Invitations: asked, reminded of, taken back, opened, answered.

Who writes the mail is none of this package's business: what is asked here gives a secret once,
for the link in it, and keeps its hash alone.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, tzinfo

from sqlmodel import Session, col, func, select

from supplychain.addresses import address, address_hash
from supplychain.invitation_errors import (
    FirmSpeaksAlready,
    InvitationAnswered,
    InvitationExpired,
    InvitationLinkUnknown,
    InvitationNotFound,
    InvitationUsed,
    InvitationWithdrawn,
    NotInvitable,
    WritesRefused,
    WrittenEnough,
)
from supplychain.inviting import (
    MOST_A_DAY,
    MOST_A_DAY_WHOLE_CHAIN,
    REST,
    last_moment,
    note_of,
    rested,
)
from supplychain.services.descriptions import described
from supplychain.services.firms import firm_by_id
from supplychain.services.merging import root_of
from supplychain.services.vouching import asked_by_another, came_in
from supplychain.tables import (
    Declaration,
    Description,
    Firm,
    Invitation,
    Link,
    MailRefusal,
    now,
)

LANGUAGES = ("ko", "en")


@dataclass(frozen=True)
class Guest:
    """Whom one asks at a firm, in which language, with which words of one's own."""

    email: str
    contact: str = ""
    locale: str = "ko"
    note: str = ""


@dataclass(frozen=True)
class Inviter:
    """The firm that invites, the person who does it, how long their invitations are good for.

    `whole_chain`: any firm that its own sheets name, not its own suppliers alone. `zone`: where
    the last day ends.
    """

    firm_id: int
    actor: str
    days: int = 14
    whole_chain: bool = False
    zone: tzinfo = UTC


@dataclass(frozen=True)
class Asked:
    """An invitation, and the secret for its mail; None where one is on its way already."""

    invitation: Invitation
    secret: str | None


def invite(session: Session, by: Inviter, firm_id: int, guest: Guest) -> Asked:
    """Ask a person to speak for a firm. Asking again before it is over changes nothing.

    Raises AddressInvalid, NoteRefused, FirmNotFound, NotInvitable, FirmSpeaksAlready,
    WritesRefused; where the same person was asked before also InvitationAnswered (they said no,
    and the day by which they could has not come), WrittenLately, WrittenEnough.
    """
    email, note = address(guest.email), note_of(guest.note)
    firm = firm_by_id(session, firm_id)
    root = firm_by_id(session, root_of(session, firm_id))
    if not may_invite(session, by, root.id or 0):
        raise NotInvitable
    row = _earlier(session, by, root.id or 0, email)
    if row is not None and (row.state == "accepted" or _runs(row)):
        return Asked(row, None)
    if root.joined_at is not None:
        raise _speaks_already(session, by.firm_id, root)
    if refused(session, email):
        raise WritesRefused
    if row is None:
        lead_id, parent_id = origin(session, by.firm_id)
        row = Invitation(
            by_id=by.firm_id,
            firm_id=root.id or 0,
            told_firm_id=firm.id or 0,
            lead_id=lead_id,
            parent_id=parent_id,
            email=email,
            expires_at=now(),
        )
    elif row.state == "declined" and row.expires_at > now():
        raise InvitationAnswered
    else:
        rested(row.sent_at, now())
        row.times_sent += 1
    row.contact, row.note = guest.contact.strip()[:100], note
    row.locale = guest.locale if guest.locale in LANGUAGES else LANGUAGES[0]
    return _kept(session, row, by)


def remind(session: Session, by: Inviter, invitation_id: int) -> Asked:
    """Ask the same person anew, by a new link; the old one is good for nothing from now on.

    Raises InvitationNotFound, InvitationAnswered, InvitationWithdrawn, WrittenLately,
    WrittenEnough, WritesRefused, FirmSpeaksAlready.
    """
    row = own_invitation(session, by.firm_id, invitation_id)
    if row.state in ("accepted", "declined"):
        raise InvitationAnswered
    if row.state == "withdrawn":
        raise InvitationWithdrawn
    firm = firm_by_id(session, row.firm_id)
    if firm.joined_at is not None:
        raise _speaks_already(session, by.firm_id, firm)
    if refused(session, row.email):
        raise WritesRefused
    rested(row.sent_at, now())
    row.times_sent += 1
    return _kept(session, row, by)


def withdraw(session: Session, by: Inviter, invitation_id: int) -> Invitation:
    """Take an invitation back; its link is good for nothing from now on.

    Doing it again changes nothing. Raises InvitationNotFound, InvitationAnswered.
    """
    row = own_invitation(session, by.firm_id, invitation_id)
    if row.state in ("accepted", "declined"):
        raise InvitationAnswered
    row.state, row.token_hash = "withdrawn", None
    session.add(row)
    session.flush()
    return row


def not_too_many(session: Session, by: Inviter, more: int = 1) -> None:
    """Raise WrittenEnough where so many more mails are more than a firm writes in a day."""
    most = MOST_A_DAY_WHOLE_CHAIN if by.whole_chain else MOST_A_DAY
    lately = (
        select(func.count())
        .select_from(Invitation)
        .where(Invitation.by_id == by.firm_id, Invitation.sent_at > now() - REST)
    )
    if session.exec(lately).one() + more > most:
        raise WrittenEnough(most=most)


def own_invitation(session: Session, by_id: int, invitation_id: int) -> Invitation:
    """An invitation of that firm's, until the transaction ends nobody else's to change.

    Raises InvitationNotFound.
    """
    wanted = select(Invitation).where(Invitation.id == invitation_id, Invitation.by_id == by_id)
    row = session.exec(wanted.with_for_update()).first()
    if row is None:
        raise InvitationNotFound(invitation=invitation_id)
    return row


# --- for the invited person


def invitation_by_secret(session: Session, secret: str) -> Invitation:
    """The invitation whose newest link holds that secret, whatever its state.

    Raises InvitationLinkUnknown.
    """
    wanted = select(Invitation).where(Invitation.token_hash == secret_hash(secret))
    row = session.exec(wanted.with_for_update()).first()
    if row is None:
        raise InvitationLinkUnknown(invitation="")
    return row


def open_for_answer(invitation: Invitation) -> None:
    """Raise InvitationExpired or InvitationWithdrawn where no answer counts any more.

    One that was answered already is left to `accept` and `decline` to judge.
    """
    if invitation.state == "withdrawn":
        raise InvitationWithdrawn
    if invitation.state != "accepted" and invitation.expires_at <= now():
        raise InvitationExpired


def opened(session: Session, invitation: Invitation) -> None:
    """Note that the person has looked at it; only the first time is kept.

    Mail filters follow links too: it is a hint, and nothing is decided by it.
    """
    if invitation.state == "sent":
        invitation.state, invitation.opened_at = "opened", now()
        session.add(invitation)
        session.flush()


def accept(
    session: Session,
    invitation: Invitation,
    actor: str,
    *,
    speaks: bool = False,
    elsewhere: bool = False,
) -> Firm:
    """The person speaks for the firm from now on. Accepting again changes nothing.

    `speaks`: the person speaks for the firm already, by another invitation. `elsewhere`: the
    person speaks for another firm than the one that was invited, which stays as silent as it was.
    Who asked a silent firm in vouches for it from now on (supplychain.services.vouching).
    A yes after a no counts, and mails are welcome again. Raises InvitationExpired,
    InvitationWithdrawn, InvitationUsed where another person accepted it, FirmSpeaksAlready where
    another speaks for the firm.
    """
    open_for_answer(invitation)
    firm = session.exec(select(Firm).where(Firm.id == invitation.firm_id).with_for_update()).one()
    if invitation.state == "accepted":
        if invitation.accepted_by != actor:
            raise InvitationUsed
        return firm
    if firm.joined_at is not None and not speaks:
        raise _speaks_already(session, invitation.by_id, firm)
    invitation.state, invitation.accepted_by, invitation.answered_at = "accepted", actor, now()
    if not elsewhere and speaks:
        asked_by_another(session, invitation)
    elif not elsewhere:
        came_in(session, invitation)
    if not elsewhere:
        firm.joined_at = firm.joined_at or invitation.answered_at
    refusal = session.get(MailRefusal, address_hash(invitation.email))
    if refusal is not None:
        session.delete(refusal)
    session.add(firm)
    session.add(invitation)
    session.flush()
    return firm


def decline(session: Session, invitation: Invitation, *, never_again: bool = False) -> None:
    """The person says no; with `never_again` no firm's mail reaches that address any more.

    Saying it again changes nothing, and a no can be followed by a yes until the invitation is
    over. Raises InvitationExpired, InvitationWithdrawn, InvitationUsed after a yes.
    """
    open_for_answer(invitation)
    if invitation.state == "accepted":
        raise InvitationUsed
    if never_again:
        key = address_hash(invitation.email)
        if session.get(MailRefusal, key) is None:
            session.add(MailRefusal(email_hash=key))
    if invitation.state != "declined":
        invitation.state, invitation.answered_at = "declined", now()
        session.add(invitation)
    session.flush()


# --- what these rest on


def secret_hash(secret: str) -> str:
    """What is kept of a link's secret: 32 random bytes need no slower hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def refused(session: Session, email: str) -> bool:
    """Whether the owner of that address wants no mails."""
    return session.get(MailRefusal, address_hash(email)) is not None


def may_invite(session: Session, by: Inviter, firm_id: int) -> bool:
    """Whether the firm is one that the inviter named itself (see Inviter)."""
    declared = (
        select(Declaration.id)
        .join(Link, col(Link.id) == Declaration.link_id)
        .where(
            Declaration.firm_id == by.firm_id,
            Declaration.stance == "holds",
            col(Declaration.ended).is_(None),
        )
    )
    if not by.whole_chain:
        ours = declared.where(Link.supplier_id == firm_id, Link.buyer_id == by.firm_id)
        return firm_id != by.firm_id and session.exec(ours.limit(1)).first() is not None
    ours = declared.where((Link.supplier_id == firm_id) | (Link.buyer_id == firm_id))
    told = select(Description.id).where(
        Description.by_id == by.firm_id,
        Description.firm_id == firm_id,
        col(Description.ended).is_(None),
    )
    named = (session.exec(query.limit(1)).first() for query in (ours, told))
    return firm_id != by.firm_id and any(named)


def _speaks_already(session: Session, by_id: int, firm: Firm) -> FirmSpeaksAlready:
    """With the name by which the inviter knows the firm: a guessed number tells no other."""
    number = firm.id or 0
    return FirmSpeaksAlready(firm=described(session, by_id, [number])[number].name)


def _kept(session: Session, row: Invitation, by: Inviter) -> Asked:
    not_too_many(session, by)
    asked = Asked(row, new_secret(row, by))
    session.add(row)
    session.flush()
    return asked


def _runs(row: Invitation) -> bool:
    return row.state in ("sent", "opened") and row.expires_at > now()


def _earlier(session: Session, by: Inviter, root_id: int, email: str) -> Invitation | None:
    """The same person asked before, by whichever name the firm had then."""
    wanted = select(Invitation).where(
        Invitation.by_id == by.firm_id, Invitation.firm_id == root_id, Invitation.email == email
    )
    return session.exec(wanted.order_by(col(Invitation.id)).with_for_update()).first()


def origin(session: Session, by_id: int) -> tuple[int, int | None]:
    """(the firm with which the cascade began, the invitation by which the inviter came)."""
    came = select(Invitation).where(Invitation.firm_id == by_id, Invitation.state == "accepted")
    parent = session.exec(came.order_by(col(Invitation.answered_at), col(Invitation.id))).first()
    return (parent.lead_id, parent.id) if parent else (by_id, None)


def new_secret(row: Invitation, by: Inviter) -> str:
    """A secret for the link of a mail that goes out now; whatever link there was is dead."""
    secret, at = secrets.token_urlsafe(32), now()
    row.token_hash, row.actor = secret_hash(secret), by.actor
    row.sent_at, row.expires_at = at, last_moment(at, by.days, by.zone)
    row.answered_at, row.reason = None, ""
    row.state = "opened" if row.state == "opened" else "sent"
    return secret
