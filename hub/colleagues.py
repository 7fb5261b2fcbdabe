"""Who speaks for a firm: its people ask colleagues in by name, and take the right away again.

A link in a mail lets one person in, once and for some days. The first of a lead firm is asked in
by an administrator, in the same way. Services here never commit.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, select

from hub.access import speak_for
from hub.accounts import grant, record
from hub.errors import ColleagueSpeaksAlready, LastSpeaker, RoleNotHeld
from hub.inviting import addressed, until
from hub.mails import letter, one_line
from hub.outbox import post_new
from hub.outbox import withdraw as withdraw_mails
from hub.rules import Who
from hub.settings import Settings
from hub.tables import ColleagueInvitation, Membership, User
from supplychain.addresses import address
from supplychain.invitation_errors import (
    InvitationExpired,
    InvitationLinkUnknown,
    InvitationNotFound,
    InvitationUsed,
    InvitationWithdrawn,
    WritesRefused,
    WrittenEnough,
)
from supplychain.inviting import last_moment, rested
from supplychain.services.invitations import LANGUAGES, refused
from supplychain.services.merging import root_of
from supplychain.tables import Firm, now

MOST_A_DAY = 20  # people of one firm: nobody writes to the world by way of it


@dataclass(frozen=True)
class Asking:
    """Who asks a colleague in: the firm, the person (none: the command line), what they may."""

    firm: Firm
    role: str
    person: User | None
    actor: str
    settings: Settings


def role_to_give(who: Who, firm_id: int) -> str:
    """What somebody gives on: their own role for the firm."""
    return "supply_manager" if who.has("supply_manager", firm_id) else "vendor"


def asked_in(session: Session, firm_id: int) -> Sequence[ColleagueInvitation]:
    """Invitations of colleagues that nobody has answered, the newest first."""
    waiting = select(ColleagueInvitation).where(
        ColleagueInvitation.firm_id == firm_id, ColleagueInvitation.state == "sent"
    )
    return session.exec(waiting.order_by(col(ColleagueInvitation.id).desc())).all()


def ask_in(
    session: Session, asking: Asking, email: str, *, name: str = "", locale: str = "ko"
) -> ColleagueInvitation:
    """Ask a person to speak for the firm, too; asked again, by a new link that ends the old one.

    The mail is on its way when the caller commits. Raises AddressInvalid, WritesRefused,
    ColleagueSpeaksAlready, WrittenLately, WrittenEnough.
    """
    email, firm_id = address(email), asking.firm.id or 0
    if refused(session, email):
        raise WritesRefused
    for person in speak_for(session, firm_id):
        if person.email == email:
            raise ColleagueSpeaksAlready(name=person.name)
    same = select(ColleagueInvitation).where(
        ColleagueInvitation.firm_id == firm_id, ColleagueInvitation.email == email
    )
    row = session.exec(same).first()
    at = now()
    if row is None:
        _not_too_many(session, firm_id)
        row = ColleagueInvitation(
            firm_id=firm_id, email=email, role=asking.role, expires_at=at, times_sent=0
        )
    elif row.state != "accepted":
        rested(row.sent_at, at)
        withdraw_mails(session, _keys(row))
    secret = secrets.token_urlsafe(32)
    row.name, row.role, row.actor = name.strip()[:100], asking.role, asking.actor[:60]
    row.locale = locale if locale in LANGUAGES else LANGUAGES[0]
    row.state, row.accepted_by, row.answered_at = "sent", "", None
    row.times_sent, row.sent_at, row.token_hash = row.times_sent + 1, at, _hash(secret)
    zone = ZoneInfo(asking.settings.time_zone)
    row.expires_at = last_moment(at, asking.settings.invitation_days, zone)
    session.add(row)
    session.flush()
    _post(session, asking, row, secret)
    record(session, asking.actor, "colleague.asked", str(firm_id), role=row.role)
    return row


def take_back(session: Session, firm: Firm, number: int, actor: str) -> ColleagueInvitation:
    """Nobody is let in by that invitation any more. Raises InvitationNotFound."""
    row = session.get(ColleagueInvitation, number)
    if row is None or row.firm_id != firm.id:
        raise InvitationNotFound(invitation=number)
    if row.state == "sent":
        _end(session, row, actor)
    return row


def take_back_all(session: Session, firm_id: int, actor: str, *, asked_by: str = "") -> None:
    """Nobody is let in by what one person, or by what anybody, has sent for a firm so far."""
    for row in asked_in(session, firm_id):
        if asked_by in ("", row.actor):
            _end(session, row, actor)


def _end(session: Session, row: ColleagueInvitation, actor: str) -> None:
    row.state = "withdrawn"
    session.add(row)
    withdraw_mails(session, _keys(row))
    record(session, actor, "colleague.taken-back", str(row.firm_id))


def by_secret(session: Session, secret: str) -> ColleagueInvitation:
    """The invitation with that secret. Raises InvitationLinkUnknown."""
    same = select(ColleagueInvitation).where(ColleagueInvitation.token_hash == _hash(secret))
    row = session.exec(same).first()
    if row is None:
        raise InvitationLinkUnknown(invitation="")
    return row


def still_open(row: ColleagueInvitation) -> None:
    """Raise InvitationUsed, InvitationWithdrawn or InvitationExpired where it is over."""
    if row.state == "accepted":
        raise InvitationUsed
    if row.state == "withdrawn":
        raise InvitationWithdrawn
    if row.expires_at < now():
        raise InvitationExpired


def come_in(session: Session, row: ColleagueInvitation, user: User) -> Firm:
    """The person speaks for the firm from now on; a second tap changes nothing.

    Raises InvitationUsed, InvitationWithdrawn, InvitationExpired.
    """
    session.refresh(row, with_for_update=True)
    firm = session.get_one(Firm, root_of(session, row.firm_id))
    if row.state == "accepted" and row.accepted_by == user.handle:
        return firm
    still_open(row)
    grant(session, user, row.role, firm.id)
    row.state, row.accepted_by, row.answered_at = "accepted", user.handle, now()
    session.add(row)
    withdraw_mails(session, _keys(row))
    record(session, user.handle, "colleague.came-in", str(firm.id), role=row.role)
    return firm


def remove(session: Session, firm: Firm, handle: str, actor: str) -> User:
    """Take every role for the firm from a person; somebody always goes on speaking for it.

    Raises RoleNotHeld, LastSpeaker.
    """
    # One at a time: of two who remove each other at once the second is refused.
    session.exec(select(Firm.id).where(Firm.id == firm.id).with_for_update()).one()
    people = speak_for(session, firm.id or 0)
    user = next((person for person in people if person.handle == handle), None)
    if user is None:
        raise RoleNotHeld
    if len(people) == 1:
        raise LastSpeaker
    theirs = select(Membership).where(Membership.user_id == user.id, Membership.firm_id == firm.id)
    for membership in session.exec(theirs):
        session.delete(membership)
    take_back_all(session, firm.id or 0, actor, asked_by=handle)  # no way back by one's own link
    session.flush()
    record(session, actor, "colleague.removed", handle, firm=firm.id)
    return user


def _not_too_many(session: Session, firm_id: int) -> None:
    lately = select(func.count()).where(
        ColleagueInvitation.firm_id == firm_id,
        col(ColleagueInvitation.sent_at) > now() - timedelta(days=1),
    )
    if session.exec(lately).one() >= MOST_A_DAY:
        raise WrittenEnough(most=MOST_A_DAY)


def _post(session: Session, asking: Asking, row: ColleagueInvitation, secret: str) -> None:
    """The mail: from a colleague, or to the first person of a firm from the hub's administrator."""
    first = not speak_for(session, row.firm_id)
    words = _WORDS[row.locale]
    person = one_line(asking.person.name) if asking.person else ""
    reply = asking.person.email if asking.person else ""
    facts = {"person": person, "email": reply, "name": addressed(one_line(row.name), row.locale)}
    said = letter(
        "first-speaker" if first else "colleague",
        row.locale,
        {
            "greeting": words["dear" if row.name else "hello"].format(**facts),
            "who": words["who"].format(**facts) if person else words["hub"],
            "firm": one_line(asking.firm.name),
            "link": f"{asking.settings.url}/colleague/{secret}",
            "until": until(
                row.expires_at.astimezone(ZoneInfo(asking.settings.time_zone)), row.locale
            ),
            "questions": words["reply" if reply else "ask"].format(**facts),
        },
    )
    mail = {"key": _keys(row)[-1], "to": row.email, "reply_to": reply, "locale": row.locale}
    post_new(session, [mail | {"subject": said.subject, "text": said.text}])


_WORDS = {
    "ko": {
        "hello": "안녕하세요.",
        "dear": "{name}, 안녕하세요.",
        "who": "{person} 님이",
        "hub": "상생허브 운영자가",
        "reply": "이 메일에 회신하면 {person} 님({email})에게 갑니다.",
        "ask": "상생허브 운영자에게 물어보세요.",
    },
    "en": {
        "hello": "Hello,",
        "dear": "Dear {name},",
        "who": "{person}",
        "hub": "The administrator of Sangsaeng Hub",
        "reply": "An answer to this mail goes to {person} ({email}).",
        "ask": "Please ask the administrator of Sangsaeng Hub.",
    },
}


def _keys(row: ColleagueInvitation) -> list[str]:
    """Keys of all mails of an invitation, the newest last."""
    return [f"colleague/{row.id}/{number}" for number in range(1, row.times_sent + 1)]


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
