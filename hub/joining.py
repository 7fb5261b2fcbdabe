"""An invited person becomes one who speaks for a firm: account, answer, role."""

from collections.abc import Collection

from sqlmodel import Session, col, select

from hub import colleagues, inviting
from hub.accounts import create_user, grant, record
from hub.errors import PersonNotFound
from hub.rules import SPEAKERS, Who
from hub.tables import Membership, User
from supplychain.by_hand import ToldFirm
from supplychain.services import joining
from supplychain.services.firms import id_of
from supplychain.services.merging import root_of
from supplychain.services.vouching import suspended
from supplychain.tables import Firm, Invitation


def account_at(session: Session, email: str) -> User | None:
    """The account with that address, if there is one; disabled ones too."""
    return session.exec(select(User).where(User.email == email)).first()


def make_account(
    session: Session, invitation: Invitation, name: str, password: str, locale: str
) -> User:
    """An account at the address to which the invitation went: whoever has the link reads its mail.

    Raises AddressTaken, PasswordWeak, InvitationExpired, InvitationWithdrawn, InvitationUsed.
    """
    user = create_user(session, invitation.email, name, password, locale)
    record(session, user.handle, "person.invited", user.handle, invitation=invitation.id)
    answer_as(session, invitation, user.handle, frozenset())
    return user


def answer_as(
    session: Session, invitation: Invitation, handle: str, speaks_for: Collection[int]
) -> None:
    """Answer with that account; where the firm has people already, they are asked at once.

    Raises InvitationExpired, InvitationWithdrawn, InvitationUsed.
    """
    joining.answer_as(session, invitation, handle)
    firm = session.get_one(Firm, invitation.firm_id)
    taken = firm.joined_at is not None or has_people(session, id_of(firm))
    if taken and firm.id not in speaks_for and invitation.asks_id is None:
        invitation.asks_id = firm.id
        record(session, handle, "firm.asked-in", str(firm.id), invitation=invitation.id)


def join(session: Session, invitation: Invitation, told: ToldFirm, who: Who) -> joining.Joined:
    """The firm joins by that person, who speaks for it from now on; or its people are asked."""
    person = joining.Person(
        who.handle,
        frozenset(who.firms(*SPEAKERS)),
        lambda firm_id: has_people(session, firm_id),
    )
    silenced = suspended(session, [root_of(session, invitation.firm_id)])
    joined = joining.join(session, invitation, told, person)
    if joined.asked:
        record(session, who.handle, "firm.asked-in", str(joined.firm.id), invitation=invitation.id)
        return joined
    inviting.answered(session, invitation)
    if joined.firm.id in silenced:
        _forget_speakers(session, joined.firm, who)
    _speak(session, who.handle, joined.firm)
    record(session, who.handle, "invitation.accepted", str(invitation.id), firm=joined.firm.id)
    return joined


def let_in(
    session: Session, firm: Firm, invitation_id: int, who: Who, *, person: str
) -> Invitation:
    """Somebody of the firm lets the person in at whom they looked.

    Raises InvitationNotFound, AsksAnother.
    """
    row = joining.let_in(session, firm, invitation_id, who.handle, person=person)
    inviting.answered(session, row)
    _speak(session, row.accepted_by, firm)
    record(session, who.handle, "firm.let-in", row.accepted_by, firm=firm.id)
    return row


def turn_away(
    session: Session, firm: Firm, invitation_id: int, who: Who, *, person: str
) -> Invitation:
    """Somebody of the firm does not know the person. Raises InvitationNotFound, AsksAnother."""
    row = joining.turn_away(session, firm, invitation_id, person=person)
    record(session, who.handle, "firm.turned-away", row.accepted_by, firm=firm.id)
    return row


def has_people(session: Session, firm_id: int) -> bool:
    """Whether anybody speaks for the firm here."""
    query = select(Membership.id).where(
        Membership.firm_id == firm_id, col(Membership.role).in_(SPEAKERS)
    )
    some = session.exec(query.limit(1)).first() is not None
    return some and not suspended(session, [firm_id])


def _forget_speakers(session: Session, firm: Firm, who: Who) -> None:
    """Whoever spoke for a firm until an administrator stopped them does so no more.

    Nor does anybody whom they asked in meanwhile.
    """
    earlier = select(Membership).where(
        Membership.firm_id == firm.id, col(Membership.role).in_(SPEAKERS)
    )
    for row in session.exec(earlier):
        record(session, who.handle, "role.taken", str(row.user_id), role=row.role, firm=firm.id)
        session.delete(row)
    colleagues.take_back_all(session, id_of(firm), who.handle)
    session.flush()


def _speak(session: Session, handle: str, firm: Firm) -> None:
    user = session.exec(select(User).where(User.handle == handle)).first()
    if user is None:
        raise PersonNotFound(email=handle)
    grant(session, user, "vendor", id_of(firm))
