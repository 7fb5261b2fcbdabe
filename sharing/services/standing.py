"""An owner's standing answers to offers: given, shown, withdrawn, used (see sharing.standing)."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from sharing.consent_errors import ConsentNotFound, NothingAgreed
from sharing.consent_tables import StandingConsent, StandingUse
from sharing.errors import OfferClosed
from sharing.services.deliveries import accept
from sharing.standing import UPTO, Consent, Offered, covers
from sharing.tables import Agreement, Delivery, Deployment, Rollout, SharedModel, Version
from sharing.terms import TERMS
from supplychain.tables import Firm, Site


class Standing(NamedTuple):
    """A standing answer with what its page tells of it, and the offers that it took."""

    consent: StandingConsent
    publisher: Firm
    model: SharedModel | None
    uses: list[tuple[StandingUse, Version, SharedModel, Site]]


def give(
    session: Session,
    firm_id: int,
    publisher_firm_id: int,
    model_id: int | None,
    upto: str,
    by: str,
    at: datetime,
) -> StandingConsent:
    """Say once that fixes are taken. The same again is the same, with the reach said last.

    Raises NothingAgreed where the firm has no agreement in force, of the newest text, about that
    model, or about any model of that publisher.
    """
    if upto not in UPTO or not _agreed(session, firm_id, publisher_firm_id, model_id):
        raise NothingAgreed
    scope = f"{publisher_firm_id}/{model_id or '*'}"
    row = session.exec(
        select(StandingConsent).where(
            StandingConsent.firm_id == firm_id, StandingConsent.scope == scope
        )
    ).first()
    if row is None:
        row = StandingConsent(
            firm_id=firm_id,
            publisher_firm_id=publisher_firm_id,
            model_id=model_id,
            scope=scope,
            terms=TERMS,
            given_by=by,
            given_at=at,
        )
        session.add(row)
    if (row.upto, row.terms) != (upto, TERMS):
        row.upto, row.terms, row.given_by, row.given_at = upto, TERMS, by, at
    session.flush()
    return row


def _agreed(session: Session, firm_id: int, publisher_firm_id: int, model_id: int | None) -> bool:
    found = select(Agreement.id).where(
        Agreement.receiver_firm_id == firm_id,
        Agreement.provider_firm_id == publisher_firm_id,
        Agreement.terms == TERMS,
        col(Agreement.accepted_at).is_not(None),
        col(Agreement.ended_at).is_(None),
    )
    if model_id is not None:
        found = found.where(Agreement.model_id == model_id)
    return session.exec(found).first() is not None


def withdraw(session: Session, consent: StandingConsent, by: str, at: datetime) -> None:
    """From now on offers are asked of a person again. What was taken stays as it is."""
    if consent.withdrawn_at is None:
        consent.withdrawn_by, consent.withdrawn_at = by, at
        consent.scope = f"{consent.scope} until {consent.id}"
        session.flush()


def consents_of(firms: Collection[int], *, living: bool = True) -> SelectOfScalar[StandingConsent]:
    """The standing answers of these firms, the newest first."""
    rows = select(StandingConsent).where(col(StandingConsent.firm_id).in_(firms))
    if living:
        rows = rows.where(col(StandingConsent.withdrawn_at).is_(None))
    return rows.order_by(col(StandingConsent.id).desc())


def consent_by_id(session: Session, consent_id: int, firms: Collection[int]) -> StandingConsent:
    """One of them. Raises ConsentNotFound."""
    row = session.get(StandingConsent, consent_id)
    if row is None or row.firm_id not in firms:
        raise ConsentNotFound(consent=consent_id)
    return row


def told(session: Session, consent: StandingConsent) -> Standing:
    """A standing answer as its page shows it, with its latest uses."""
    uses = session.exec(
        select(StandingUse, Version, SharedModel, Site)
        .join(Delivery, col(Delivery.id) == StandingUse.delivery_id)
        .join(Version, col(Version.id) == Delivery.version_id)
        .join(SharedModel, col(SharedModel.id) == Version.model_id)
        .join(Site, col(Site.id) == Delivery.site_id)
        .where(StandingUse.consent_id == consent.id)
        .order_by(col(StandingUse.id).desc())
        .limit(20)
    ).all()
    return Standing(
        consent,
        session.get_one(Firm, consent.publisher_firm_id),
        session.get(SharedModel, consent.model_id) if consent.model_id else None,
        [(use, version, model, site) for use, version, model, site in uses],
    )


def take(session: Session, at: datetime, judged: set[tuple[int, int, str]]) -> list[StandingUse]:
    """Accept the open offers that a standing answer covers; each use is recorded.

    What is covered is asked anew for each: the agreement in force, its text, the version that the
    plant runs. Those in `judged` are left for their owner; those that are not covered are added.
    """
    used = []
    for delivery_id, consent in _candidates(session):
        key = (delivery_id, consent.id or 0, consent.upto)
        if key in judged:
            continue
        judged.add(key)
        delivery = session.get_one(Delivery, delivery_id)
        offered = _offered(session, delivery)
        meant = Consent(consent.publisher_firm_id, consent.model_id, consent.upto, consent.terms)
        if offered is None or not covers(meant, offered):
            continue
        try:
            accept(session, delivery, f"standing:{consent.id}", at)
        except OfferClosed:
            continue
        use = StandingUse(consent_id=consent.id or 0, delivery_id=delivery_id, at=at)
        session.add(use)
        used.append(use)
    session.flush()
    return used


def _candidates(session: Session) -> list[tuple[int, StandingConsent]]:
    rows = session.exec(
        select(Delivery.id, StandingConsent)
        .join(Rollout, col(Rollout.id) == Delivery.rollout_id)
        .join(Site, col(Site.id) == Delivery.site_id)
        .join(Version, col(Version.id) == Delivery.version_id)
        .join(SharedModel, col(SharedModel.id) == Version.model_id)
        .join(
            StandingConsent,
            (col(StandingConsent.firm_id) == col(Site.firm_id))
            & (col(StandingConsent.publisher_firm_id) == col(SharedModel.firm_id)),
        )
        .where(
            Delivery.state == "offered",
            Rollout.state == "running",
            col(StandingConsent.withdrawn_at).is_(None),
            col(StandingConsent.model_id).is_(None)
            | (col(StandingConsent.model_id) == col(SharedModel.id)),
        )
        .order_by(col(Delivery.id), col(StandingConsent.model_id).desc())
    ).all()
    return [(number or 0, consent) for number, consent in rows]


def _offered(session: Session, delivery: Delivery) -> Offered | None:
    session.refresh(delivery)
    if delivery.state != "offered":
        return None
    version = session.get_one(Version, delivery.version_id)
    model = session.get_one(SharedModel, version.model_id)
    agreement = session.get(Agreement, delivery.agreement_id) if delivery.agreement_id else None
    runs = session.exec(
        select(Version.number)
        .join(Deployment, col(Deployment.version_id) == Version.id)
        .where(Deployment.site_id == delivery.site_id, Deployment.model_id == model.id)
    ).first()
    in_force = agreement is not None and agreement.accepted_at and not agreement.ended_at
    return Offered(
        publisher_firm_id=model.firm_id,
        model_id=model.id or 0,
        number=version.number,
        terms=agreement.terms if agreement is not None else "",
        runs=runs,
        agreed=agreement.terms if agreement is not None and in_force else None,
    )
