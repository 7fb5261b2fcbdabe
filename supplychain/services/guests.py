"""Whom a firm could invite: the firms that its sheets name, and what stands in the way of each."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from sqlmodel import Session, col, select

from supplychain.addresses import address, address_hash
from supplychain.errors import FirmNotFound, NameAmbiguous
from supplychain.invitation_errors import AddressInvalid
from supplychain.inviting import note_of
from supplychain.matching import name_key
from supplychain.services.descriptions import described
from supplychain.services.firms import batches
from supplychain.services.invitations import (
    LANGUAGES,
    Asked,
    Inviter,
    new_secret,
    not_too_many,
    origin,
)
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


class Told(NamedTuple):
    """Whom the inviter would ask at a firm, as it told."""

    told_firm_id: int
    email: str
    contact: str

    @property
    def address(self) -> str:
        """The e-mail address where it is one, else nothing."""
        try:
            return address(self.email)
        except AddressInvalid:
            return ""


def candidates(session: Session, by: Inviter, sheet_id: int | None = None) -> list[Candidate]:
    """The firms of one of the inviter's sheets, or of all that it told, in a steady order.

    A firm that was asked under another address counts as invited: nobody there is asked twice.
    """
    told = _told(session, by.firm_id, sheet_id)
    told.pop(by.firm_id, None)
    suppliers = _own_suppliers(session, by.firm_id) - {by.firm_id}
    if sheet_id is None:
        told |= {f: Told(f, "", "") for f in suppliers - set(told)}
    allowed = set(told) if by.whole_chain else suppliers
    joined = _joined(session, told)
    asked = _asked(session, by.firm_id)
    addresses = {firm: row.address for firm, row in told.items()}
    refusing = _refusing(session, {each for each in addresses.values() if each})

    def why(firm: int, row: Told) -> str:
        if firm not in allowed:
            return "not a supplier"
        if firm in joined:
            return "joined"
        if firm in asked:
            return asked[firm]
        if not addresses[firm]:
            return "bad address" if row.email else "no address"
        return "refused" if addresses[firm] in refusing else "ready"

    return [
        Candidate(firm, row.told_firm_id, addresses[firm] or row.email, row.contact, why(firm, row))
        for firm, row in sorted(told.items())
    ]


def invite_ready(
    session: Session, by: Inviter, sheet_id: int | None, *, locale: str, note: str
) -> list[Asked]:
    """Invite every candidate that nothing stands in the way of.

    Raises NoteRefused, WrittenEnough.

    Two who do it at once: the second finds nobody left to invite, or the database refuses it.
    """
    words = note_of(note)
    ready = [each for each in candidates(session, by, sheet_id) if each.why == "ready"]
    not_too_many(session, by, len(ready))
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


def _told(session: Session, by_id: int, sheet_id: int | None) -> dict[int, Told]:
    """What the firm told of each firm: the newest word with an address, else the newest."""
    living = select(
        Description.firm_id, Description.told_firm_id, Description.email, Description.contact
    ).where(Description.by_id == by_id, col(Description.ended).is_(None))
    if sheet_id is not None:
        living = living.where(Description.sheet_id == sheet_id)
    found: dict[int, Told] = {}
    rows = session.exec(living.order_by(col(Description.at), col(Description.id)))
    for firm, told_firm, email, contact in rows:
        known = found.get(firm)
        if known is None or email.strip() or not known.email:
            found[firm] = Told(told_firm, email.strip(), contact)
    return found


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


def guest_named(session: Session, by: Inviter, text: str) -> int:
    """The firm that the inviter means by our number, a registration number or a name.

    Looked for among the firms that it named itself, and nowhere else: whether there is another of
    that name is nobody's to find out here. Raises FirmNotFound, NameAmbiguous.
    """
    told = _told(session, by.firm_id, None)
    told |= {f: Told(f, "", "") for f in _own_suppliers(session, by.firm_id) - set(told)}
    facts = described(session, by.firm_id, told)
    number, key = text.replace("-", "").strip(), name_key(text)
    found = {
        firm
        for firm, known in facts.items()
        if (number and number in (str(firm), known.brn)) or (key and name_key(known.name) == key)
    }
    if not found:
        raise FirmNotFound(firm=text[:100])
    if len(found) > 1:
        raise NameAmbiguous(name=text[:100], count=len(found))
    return told[found.pop()].told_firm_id
