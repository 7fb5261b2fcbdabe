"""Whom a firm could invite: the firms that its sheets name, and what stands in the way of each."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlmodel import Session, col, select

from supplychain.addresses import address, address_hash
from supplychain.errors import AddressInvalid
from supplychain.inviting import note_of
from supplychain.services.firms import batches
from supplychain.services.invitations import LANGUAGES, Asked, Inviter, new_secret, origin
from supplychain.tables import (
    Declaration,
    Description,
    Firm,
    Invitation,
    Link,
    MailRefusal,
    now,
)

# What stands in the way of a mail to a firm; "ready" where nothing does.
WHY = (
    "ready", "no address", "bad address", "refused", "withdrawn", "invited", "joined",
    "not a supplier",
)  # fmt: skip


@dataclass(frozen=True)
class Candidate:
    """A firm that could be asked, whom one would ask, and one of WHY."""

    firm_id: int
    told_firm_id: int
    email: str
    contact: str
    why: str


def candidates(session: Session, by: Inviter, sheet_id: int | None = None) -> list[Candidate]:
    """The firms of one of the inviter's sheets, or of all that it told, in a steady order.

    A firm that was asked under another address counts as invited: nobody there is asked twice.
    """
    told = _told(session, by.firm_id, sheet_id)
    firms = sorted(told)
    joined = _joined(session, firms)
    asked = _asked(session, by.firm_id)
    own = set(firms) if by.whole_chain else _own_suppliers(session, by.firm_id)
    own -= {by.firm_id}
    known = {firm: _address(row) for firm, row in told.items()}
    refusing = _refusing(session, {email for email in known.values() if email})
    found = []
    for firm, row in told.items():
        email = known[firm]
        why = "ready"
        if firm not in own:
            why = "not a supplier"
        elif firm in joined:
            why = "joined"
        elif firm in asked:
            why = asked[firm]
        elif not row.email.strip():
            why = "no address"
        elif not email:
            why = "bad address"
        elif email in refusing:
            why = "refused"
        found.append(Candidate(firm, row.told_firm_id, email or row.email, row.contact, why))
    return found


def invite_ready(
    session: Session, by: Inviter, sheet_id: int | None, *, locale: str, note: str
) -> list[Asked]:
    """Invite every candidate that nothing stands in the way of. Raises NoteRefused.

    Two who do it at once: the second finds nobody left to invite, or the database refuses it.
    """
    words = note_of(note)
    ready = [each for each in candidates(session, by, sheet_id) if each.why == "ready"]
    lead_id, parent_id = origin(session, by.firm_id)
    rows = [
        Invitation(
            by_id=by.firm_id,
            firm_id=each.firm_id,
            told_firm_id=each.told_firm_id,
            lead_id=lead_id,
            parent_id=parent_id,
            email=each.email,
            contact=each.contact.strip()[:100],
            locale=locale if locale in LANGUAGES else LANGUAGES[0],
            note=words,
            expires_at=now(),
        )
        for each in ready
    ]
    asked = [Asked(row, new_secret(row, by)) for row in rows]
    session.add_all(rows)
    session.flush()
    return asked


def _told(session: Session, by_id: int, sheet_id: int | None) -> dict[int, Description]:
    """What the firm told of each firm: the newest word with an address, else the newest."""
    living = select(Description).where(Description.by_id == by_id, col(Description.ended).is_(None))
    if sheet_id is not None:
        living = living.where(Description.sheet_id == sheet_id)
    found: dict[int, Description] = {}
    for row in session.exec(living.order_by(col(Description.at), col(Description.id))):
        known = found.get(row.firm_id)
        if known is None or row.email or not known.email:
            found[row.firm_id] = row
    return dict(sorted(found.items()))


def _address(row: Description) -> str:
    try:
        return address(row.email)
    except AddressInvalid:
        return ""


def _joined(session: Session, firms: Collection[int]) -> set[int]:
    found: set[int] = set()
    for some in batches(sorted(firms)):
        query = select(Firm.id).where(col(Firm.id).in_(some), col(Firm.joined_at).is_not(None))
        found |= {firm or 0 for firm in session.exec(query)}
    return found


def _asked(session: Session, by_id: int) -> dict[int, str]:
    query = select(Invitation.firm_id, Invitation.state).where(Invitation.by_id == by_id)
    rows = session.exec(query).all()
    back = {firm: "withdrawn" for firm, state in rows if state == "withdrawn"}
    return back | {firm: "invited" for firm, state in rows if state != "withdrawn"}


def _own_suppliers(session: Session, by_id: int) -> set[int]:
    query = (
        select(Link.supplier_id)
        .join(Declaration, col(Declaration.link_id) == Link.id)
        .where(
            Link.buyer_id == by_id,
            Declaration.firm_id == by_id,
            Declaration.stance == "holds",
            col(Declaration.ended).is_(None),
        )
    )
    return set(session.exec(query))


def _refusing(session: Session, emails: Collection[str]) -> set[str]:
    hashes = {address_hash(email): email for email in emails}
    found: set[str] = set()
    for some in batches(sorted(hashes)):
        query = select(MailRefusal.email_hash).where(col(MailRefusal.email_hash).in_(some))
        found |= {hashes[key] for key in session.exec(query)}
    return found
