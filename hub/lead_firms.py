"""A lead firm begins: the firm, and its first supply manager, who is asked in by a link."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from hub import colleagues
from hub.access import speak_for
from hub.accounts import record
from hub.colleagues import Asking
from hub.errors import LeadFirmHasPeople
from hub.settings import Settings
from hub.tables import ColleagueInvitation, Membership, User
from supplychain.cells import name as read_name
from supplychain.identify import registration_number
from supplychain.matching import name_key
from supplychain.rows import ReadFirm
from supplychain.services.firms import add_firm
from supplychain.services.merging import root_of
from supplychain.tables import Firm

ROLE = "supply_manager"


@dataclass(frozen=True)
class Beginning:
    """A lead firm to be, and whom to ask in."""

    name: str
    brn: str
    email: str
    person: str
    locale: str


def make(
    session: Session, settings: Settings, told: Beginning, person: User | None, actor: str
) -> tuple[Firm, ColleagueInvitation]:
    """The firm with that number, else a new one, and its first person's invitation.

    Raises CellFault for a name or number that is none, LeadFirmHasPeople, and what
    colleagues.ask_in does.
    """
    firm = _firm(session, told)
    people = speak_for(session, firm.id or 0)
    if people:
        names = ", ".join(each.name for each in people[:5])
        raise LeadFirmHasPeople(firm=firm.name, people=names)
    asking = Asking(firm=firm, role=ROLE, person=person, actor=actor, settings=settings)
    row = colleagues.ask_in(session, asking, told.email, name=told.person, locale=told.locale)
    record(session, actor, "firm.lead-made", firm.name, firm=firm.id)
    return firm, row


def lead_firms(session: Session) -> Sequence[tuple[Firm, list[User], ColleagueInvitation | None]]:
    """Firms with a supply manager, or with one asked in: people, newest open invitation."""
    managed = select(Membership.firm_id).where(Membership.role == ROLE)
    asked = select(ColleagueInvitation.firm_id).where(
        ColleagueInvitation.role == ROLE, ColleagueInvitation.state == "sent"
    )
    either = col(Firm.id).in_(managed) | col(Firm.id).in_(asked)
    firms = session.exec(select(Firm).where(either).order_by(Firm.name, col(Firm.id))).all()
    return [
        (
            firm,
            list(speak_for(session, firm.id or 0)),
            next(iter(colleagues.asked_in(session, firm.id or 0)), None),
        )
        for firm in firms
    ]


def _firm(session: Session, told: Beginning) -> Firm:
    name, brn = read_name(told.name), registration_number(told.brn) if told.brn.strip() else None
    if brn:
        known = session.exec(select(Firm).where(Firm.brn == brn)).first()
        if known is not None:
            return session.get_one(Firm, root_of(session, known.id or 0))
    begun = _begun(session, name)
    return begun or add_firm(session, ReadFirm(name=name, key=name_key(name), brn=brn))


def _begun(session: Session, name: str) -> Firm | None:
    """The firm that an administrator has made by that name already: sent twice, it is one."""
    asked = select(ColleagueInvitation.firm_id).where(ColleagueInvitation.role == ROLE)
    same = select(Firm).where(Firm.name == name, col(Firm.id).in_(asked))
    return session.exec(same).first()
