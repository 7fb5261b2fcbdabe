"""An invited person comes to speak for a firm: account first, then the firm's own word.

A number alone opens no door. Where the firm that bears it has joined, its own people are asked;
where it has not, the invited firm is found to be it only if the names agree. Else both rows stay,
and whoever names both is asked whether they are one (supplychain.services.likenesses).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session, col, select

from supplychain.by_hand import ToldFirm
from supplychain.invitation_errors import InvitationNotFound, InvitationUsed
from supplychain.likeness import likeness
from supplychain.merge_errors import BothSpeak, SpeaksForItself
from supplychain.names import Named
from supplychain.services.concerned import kept_apart
from supplychain.services.firms import firm_by_id, id_of
from supplychain.services.invitations import accept, open_for_answer
from supplychain.services.merging import members, merge, root_of
from supplychain.services.own_word import bearer_of, say_of_itself
from supplychain.services.turns import take_turns
from supplychain.services.vouching import suspended
from supplychain.tables import Firm, Invitation, now
from supplychain.vouching_errors import AsksAnother

SURE = 0.9  # names so alike that the number alone need not be doubted


@dataclass(frozen=True)
class Person:
    """Who answers: their account, the firms for which they speak, and which firms have people."""

    handle: str
    speaks_for: frozenset[int]
    has_people: Callable[[int], bool]


@dataclass(frozen=True)
class Joined:
    """The firm that has joined; or, with `asked`, whose people were asked to let the person in."""

    firm: Firm
    asked: bool


def answer_as(session: Session, invitation: Invitation, handle: str) -> None:
    """Note with which account an invitation is being answered; whoever holds its link may say.

    Raises InvitationExpired, InvitationWithdrawn, InvitationUsed.
    """
    open_for_answer(invitation)
    if invitation.accepted_by == handle:
        return
    if invitation.state == "accepted":
        raise InvitationUsed
    invitation.accepted_by, invitation.asks_id = handle, None
    session.add(invitation)
    session.flush()


def being_answered(session: Session, handle: str) -> Sequence[Invitation]:
    """Invitations that a person has begun to answer, newest first."""
    begun = select(Invitation).where(
        Invitation.accepted_by == handle, col(Invitation.state).in_(("sent", "opened"))
    )
    return session.exec(begun.order_by(col(Invitation.id).desc())).all()


def answer_of(session: Session, handle: str, invitation_id: int) -> Invitation:
    """One that the person is answering or has answered. Raises InvitationNotFound."""
    row = session.get(Invitation, invitation_id, with_for_update=True, populate_existing=True)
    if row is None or row.accepted_by != handle:
        raise InvitationNotFound(invitation=invitation_id)
    return row


def join(session: Session, invitation: Invitation, told: ToldFirm, person: Person) -> Joined:
    """The firm says who it is, and speaks for itself from now on. Said again, nothing changes.

    Raises InvitationExpired, InvitationWithdrawn, InvitationUsed.
    """
    open_for_answer(invitation)
    take_turns(session)
    firm = firm_by_id(session, root_of(session, invitation.firm_id))
    if invitation.state == "accepted":
        accept(session, invitation, person.handle)
        return Joined(firm, asked=False)
    bearer = bearer_of(session, told.brn) if told.brn else None
    if bearer is None or bearer.id == firm.id:
        bearer = None
    for one in filter(None, (bearer, firm)):
        if _speaks(session, one, person) and one.id not in person.speaks_for:
            invitation.asks_id = one.id
            session.add(invitation)
            session.flush()
            return Joined(one, asked=True)
    if bearer is not None and (id_of(bearer) in person.speaks_for or _alike(firm, bearer)):
        firm = _found_to_be(session, firm, bearer, person.handle)
    accept(session, invitation, person.handle, speaks=id_of(firm) in person.speaks_for)
    invitation.asks_id = None
    say_of_itself(session, firm, told, person.handle)
    return Joined(firm, asked=False)


def asking_in(session: Session, firm_id: int) -> Sequence[Invitation]:
    """Invitations whose person asks to be let into the firm, in the order in which they asked."""
    waiting = select(Invitation).where(Invitation.asks_id == firm_id)
    return session.exec(waiting.order_by(col(Invitation.id))).all()


def let_in(
    session: Session, firm: Firm, invitation_id: int, actor: str, *, person: str | None = None
) -> Invitation:
    """The firm's people say: this person is one of us.

    `person`: whom they looked at; None where they look at this moment. Raises InvitationNotFound,
    AsksAnother.
    """
    take_turns(session)  # before the row, which a merge takes, too
    row = _asked(session, firm, invitation_id, person)
    named = firm_by_id(session, root_of(session, row.firm_id))
    if named.id != firm.id:
        named = _found_to_be(session, named, firm, actor)
    row.expires_at = max(row.expires_at, now() + timedelta(days=1))  # they asked in time
    accept(session, row, row.accepted_by, speaks=True, elsewhere=named.id != firm.id)
    row.asks_id = None
    session.add(row)
    session.flush()
    return row


def turn_away(
    session: Session, firm: Firm, invitation_id: int, *, person: str | None = None
) -> Invitation:
    """The firm's people do not know the person. Raises InvitationNotFound, AsksAnother."""
    row = _asked(session, firm, invitation_id, person)
    row.asks_id = None
    session.add(row)
    session.flush()
    return row


def _asked(session: Session, firm: Firm, invitation_id: int, person: str | None) -> Invitation:
    row = session.get(Invitation, invitation_id, with_for_update=True, populate_existing=True)
    if row is None or row.asks_id != firm.id:
        raise InvitationNotFound(invitation=invitation_id)
    if person is not None and row.accepted_by != person:
        raise AsksAnother
    return row


def _speaks(session: Session, firm: Firm, person: Person) -> bool:
    number = id_of(firm)
    if suspended(session, [number]):
        return False
    return firm.joined_at is not None or person.has_people(number)


def _alike(one: Firm, other: Firm) -> bool:
    def named(firm: Firm) -> Named:
        return Named(id_of(firm), firm.name, firm.country, firm.region)

    return one.name_key == other.name_key or (
        likeness(named(one), named(other)).probability >= SURE
    )


def _found_to_be(session: Session, firm: Firm, other: Firm, actor: str) -> Firm:
    """The other, if the rows may be joined; else the firm itself.

    Whoever said that they are two keeps them two.
    """
    if kept_apart(session, members(session, [id_of(firm), id_of(other)])):
        return firm
    try:
        merge(session, id_of(other), [id_of(firm)], by=id_of(other), actor=actor)
    except (BothSpeak, SpeaksForItself):
        return firm
    return other
