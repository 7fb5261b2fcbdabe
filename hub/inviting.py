"""Invitations together with their mails: both are written in one transaction, or neither is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from hub.mails import Letter, letter, one_line
from hub.outbox import post_new
from hub.outbox import withdraw as withdraw_mails
from hub.settings import Settings
from hub.tables import User
from supplychain.addresses import address
from supplychain.errors import SupplyChainError
from supplychain.invitation_errors import AddressInvalid
from supplychain.services import guests, invitations
from supplychain.services.descriptions import described
from supplychain.services.invitations import Asked, Guest, Inviter
from supplychain.tables import Firm, Invitation

_TITLES = ("부장", "과장", "대리", "사장", "대표", "이사", "차장", "팀장", "실장", "상무", "전무",
           "주임", "반장", "소장", "회장")  # fmt: skip
_MAIL_WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "ko": {
            "hello": "안녕하세요.",
            "dear": "{contact}, 안녕하세요.",
            "who": "{inviter} {person} 님이",
            "firm": "{inviter}에서",
            "note": "{inviter}에서 덧붙인 말입니다.",
            "reply": "이 메일에 회신하면 {person} 님({email})에게 갑니다.",
            "ask": "{inviter}에 물어보세요.",
        },
        "en": {
            "hello": "Hello,",
            "dear": "Dear {contact},",
            "who": "{person} of {inviter}",
            "firm": "{inviter}",
            "note": "{inviter} adds:",
            "reply": "An answer to this mail goes to {person} ({email}).",
            "ask": "Please ask {inviter}.",
        },
    }
)


@dataclass(frozen=True)
class Sending:
    """Who invites, for the mail: the firm's name, the person, the hub's settings."""

    by: Inviter
    firm: str
    person: str
    email: str
    settings: Settings


def sending_for(
    settings: Settings, firm: Firm, person: User | None, *, actor: str, whole_chain: bool
) -> Sending:
    """What invitations of that firm by that person (none: the command line) need to know."""
    by = Inviter(
        firm_id=firm.id or 0,
        actor=actor,
        days=settings.invitation_days,
        whole_chain=whole_chain,
        zone=ZoneInfo(settings.time_zone),
    )
    try:
        email = address(person.email) if person else ""
    except AddressInvalid:  # an account may have one that no mail server takes
        email = ""
    return Sending(by, firm.name, person.name if person else "", email, settings)


def invite(session: Session, sending: Sending, firm_id: int, guest: Guest) -> Asked:
    """Invite one firm; its mail is on its way when the caller commits.

    Raises what supplychain.services.invitations.invite does.
    """
    asked = invitations.invite(session, sending.by, firm_id, guest)
    _post(session, sending, [asked])
    return asked


def invite_sheet(
    session: Session, sending: Sending, sheet_id: int | None, *, locale: str, note: str
) -> list[Asked]:
    """Invite every firm of a sheet that can be invited (supplychain.services.guests)."""
    asked = guests.invite_ready(session, sending.by, sheet_id, locale=locale, note=note)
    _post(session, sending, asked)
    return asked


def remind(session: Session, sending: Sending, invitation_id: int) -> Asked:
    """Ask again by a new link; a mail that has not gone yet is not sent any more.

    Raises what supplychain.services.invitations.remind does.
    """
    asked = invitations.remind(session, sending.by, invitation_id)
    _post(session, sending, [asked], again=True)
    return asked


def correct(session: Session, sending: Sending, invitation_id: int, email: str) -> Asked:
    """Take an invitation back and send it to another address of the same firm.

    Raises what withdrawing and inviting do.
    """
    old = take_back(session, sending.by, invitation_id)
    guest = Guest(email, old.contact, old.locale, old.note)
    return invite(session, sending, old.told_firm_id, guest)


def take_back(session: Session, by: Inviter, invitation_id: int) -> Invitation:
    """Withdraw an invitation, and its mail where that has not gone yet."""
    row = invitations.withdraw(session, by, invitation_id)
    withdraw_mails(session, _keys(row))
    return row


def answered(session: Session, invitation: Invitation) -> None:
    """Keep mails from going that an answer has made pointless.

    After a yes all that still wait for the firm; after a no what waits for this person. Call it in
    the transaction of the answer.
    """
    same = select(Invitation).where(Invitation.email == invitation.email)
    if invitation.state == "accepted":
        same = select(Invitation).where(Invitation.firm_id == invitation.firm_id)
    elif not invitations.refused(session, invitation.email):
        same = same.where(Invitation.id == invitation.id)
    withdraw_mails(session, [key for row in session.exec(same) for key in _keys(row)])


def several(
    session: Session, sending: Sending, numbers: Iterable[int], action: str
) -> tuple[int, dict[str, int]]:
    """Remind of ("remind") or take back several; (how many, reasons why not → how often).

    What cannot be done for one keeps nothing from being done for the others.
    """
    done, reasons = 0, dict[str, int]()
    for number in numbers:
        try:
            if action == "remind":
                remind(session, sending, number)
            else:
                take_back(session, sending.by, number)
        except SupplyChainError as error:
            reasons[type(error).__name__] = reasons.get(type(error).__name__, 0) + 1
        else:
            done += 1
    return done, reasons


def letter_for(
    sending: Sending, row: Invitation, name: str, secret: str, *, again: bool = False
) -> Letter:
    """What the mail of an invitation says; `name`: what the inviter calls the firm."""
    words = _MAIL_WORDS[row.locale]
    facts = {
        "inviter": one_line(sending.firm),
        "person": one_line(sending.person),
        "email": sending.email,
        "contact": addressed(one_line(row.contact), row.locale),
    }
    note = [words["note"].format(**facts), *(f"> {line}" for line in row.note.splitlines() if line)]
    gaps = {
        "greeting": words["dear" if row.contact else "hello"].format(**facts),
        "inviter": facts["inviter"],
        "who": words["who" if sending.person else "firm"].format(**facts),
        "firm": one_line(name),
        "note": "\n".join(note) if row.note else "",
        "link": f"{sending.settings.url}/invited/{secret}",
        "until": until(row.expires_at.astimezone(sending.by.zone), row.locale),
        "questions": words["reply" if sending.email else "ask"].format(**facts),
    }
    return letter("reminder" if again else "invitation", row.locale, gaps)


def addressed(contact: str, locale: str) -> str:
    """How a person is spoken to.

    >>> [addressed(name, "ko") for name in ("박정수", "박정수 부장", "김영희 님")]
    ['박정수 님', '박정수 부장님', '김영희 님']
    """
    if locale != "ko" or contact.endswith("님"):
        return contact
    return f"{contact}님" if contact.endswith(_TITLES) else f"{contact} 님"


def until(last: datetime, locale: str) -> str:
    """The last day, as a letter writes it.

    >>> until(datetime(2026, 12, 8), "ko"), until(datetime(2026, 12, 8), "en")
    ('2026년 12월 8일(화)', 'Tuesday, 8 December 2026')
    """
    if locale == "ko":
        return f"{last.year}년 {last.month}월 {last.day}일({'월화수목금토일'[last.weekday()]})"
    return f"{last:%A}, {last.day} {last:%B} {last.year}"


def _post(
    session: Session, sending: Sending, asked: Sequence[Asked], *, again: bool = False
) -> None:
    rows = [(each.invitation, each.secret) for each in asked if each.secret]
    names = described(session, sending.by.firm_id, [row.firm_id for row, _ in rows])
    earlier = [key for row, _ in rows for key in _keys(row)[:-1]]
    withdraw_mails(session, earlier)
    mails = []
    for row, secret in rows:
        said = letter_for(sending, row, names[row.firm_id].name, secret or "", again=again)
        mails.append(
            {
                "key": _keys(row)[-1],
                "to": row.email,
                "reply_to": sending.email,
                "locale": row.locale,
                "subject": said.subject,
                "text": said.text,
            }
        )
    post_new(session, mails)


def _keys(row: Invitation) -> list[str]:
    """Keys of all mails of an invitation, the newest last."""
    return [f"invitation/{row.id}/{number}" for number in range(1, row.times_sent + 1)]
