"""An owner's answer as one act: the delivery, the agreement, its lines in the audit trail.

Used by pages, API and commands alike. Like services, it never commits.
"""

from sqlmodel import Session, col, select

from hub.accounts import record
from sharing.consent_errors import AgreementOver, OtherTerms
from sharing.consent_tables import StandingConsent, TimeSlot
from sharing.services import agreements, deliveries, owners, standing
from sharing.tables import Agreement, Delivery, SharedModel, Version
from supplychain.tables import Site, now

# Why an owner does not want an offer: code → what the delivery keeps (the key of its translation).
DECLINED_TEXTS = {
    "later": "Not now.",
    "no_need": "The plant has no use for it.",
    "no_values": "The plant does not have the values that the model needs.",
    "no_people": "There is nobody who could look after it.",
    "terms": "The firm does not agree to the agreement, and wants no more offers of this model.",
    "other": "Another reason.",
}


def accept(session: Session, delivery: Delivery, by: str) -> None:
    """Take the offer and its agreement. Raises OfferClosed, AgreementOver."""
    agreement = session.get(Agreement, delivery.agreement_id) if delivery.agreement_id else None
    if agreement is not None and agreement.ended_side == "provider":
        raise AgreementOver
    known = delivery.state == "accepted"
    deliveries.accept(session, delivery, by, now())
    if agreement is not None:
        agreements.accepted(session, agreement, by, now())
    if not known:
        terms = agreement.terms if agreement is not None else ""
        record(session, by, "offer.accepted", f"delivery {delivery.id}", terms=terms)


def accept_terms(session: Session, delivery: Delivery, by: str, terms: str) -> None:
    """The same, where the text of the agreement is the one that is named. Raises OtherTerms."""
    agreement = session.get(Agreement, delivery.agreement_id) if delivery.agreement_id else None
    if agreement is None or agreement.terms != terms:
        raise OtherTerms(terms=agreement.terms if agreement is not None else "–")
    accept(session, delivery, by)


def decline(session: Session, delivery: Delivery, by: str, code: str = "", note: str = "") -> None:
    """Not now, or not at all; with the reason that is chosen or told. Raises OfferClosed.

    Whoever does not agree to the agreement gets no more offers of this model.
    """
    known = delivery.state == "declined"
    reason = DECLINED_TEXTS.get(code, "")
    deliveries.decline(session, delivery, by, now(), note.strip()[:300] or reason)
    if code == "terms" and delivery.agreement_id:
        agreements.refused(session, session.get_one(Agreement, delivery.agreement_id), by, now())
    if not known:
        record(session, by, "offer.declined", f"delivery {delivery.id}", code=code)


def set_slot(session: Session, site: Site, slot: dict[str, object] | None, by: str) -> TimeSlot:
    """When versions may begin to run at a site. Raises SlotRefused."""
    before = owners.slot_of(session, site.id or 0)
    row = owners.set_slot(session, site.id or 0, slot, by, now())
    if row.slot != before:
        record(session, by, "slot.set", f"site {site.id}", slot=row.slot)
    return row


def let_in(
    session: Session, firm_id: int, delivery: Delivery, scope: str, upto: str, by: str
) -> StandingConsent:
    """Fixes of this model, or of its publisher, are taken without asking. Raises NothingAgreed."""
    model = session.exec(
        select(SharedModel)
        .join(Version, col(Version.model_id) == SharedModel.id)
        .where(Version.id == delivery.version_id)
    ).one()
    chosen = None if scope == "publisher" else model.id
    row = standing.give(session, firm_id, model.firm_id, chosen, upto, by, now())
    record(session, by, "standing.given", f"firm {firm_id}", scope=row.scope, upto=upto)
    return row


def withdraw(session: Session, row: StandingConsent, by: str) -> None:
    """From now on they are asked again."""
    if row.withdrawn_at is None:
        scope = row.scope
        standing.withdraw(session, row, by, now())
        record(session, by, "standing.withdrawn", f"firm {row.firm_id}", scope=scope)


def end(session: Session, row: Agreement, side: str, by: str, note: str = "") -> None:
    """One side leaves the agreement. Raises AgreementOver."""
    agreements.end(session, row, side, by, now(), note)
    record(session, by, "agreement.ended", f"agreement {row.id}", side=side)


def reopen(session: Session, row: Agreement, side: str, by: str) -> None:
    """The side that ended it takes that back. Raises AgreementOver."""
    agreements.reopened(session, row, side, by, now())
    record(session, by, "agreement.reopened", f"agreement {row.id}", side=side)
