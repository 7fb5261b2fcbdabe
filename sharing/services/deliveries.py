"""One site's share of a rollout: its offer, the owner's answer, what the site reports."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from sharing import rollout as rules
from sharing.errors import DeliveryNotFound, OfferClosed
from sharing.services import live
from sharing.tables import (
    Agreement,
    Delivery,
    DeliveryEvent,
    Deployment,
    Rollout,
    SharedModel,
    Version,
)  # fmt: skip
from supplychain.tables import Site

# The terms that both sides agree to; a new text gets a new name.
TERMS = "technology-data-2026-1"
_MOST = 2**31 - 1


def delivery_by_id(session: Session, delivery_id: int) -> Delivery:
    """Raises DeliveryNotFound."""
    row = session.get(Delivery, delivery_id)
    if row is None:
        raise DeliveryNotFound(delivery=delivery_id)
    return row


def alone_with(session: Session, rollout: Rollout) -> Rollout:
    """Keep a rollout and its deliveries from others until this transaction ends.

    Owners answer, agents report, a publisher steers and the worker takes steps at the same moment;
    whoever comes second waits, and sees what the first one left. (SQLite has one writer anyhow.)
    """
    session.flush()  # a refresh forgets what is not written yet
    session.refresh(rollout, with_for_update=True)
    return rollout


def _as_left(session: Session, delivery: Delivery) -> Rollout:
    rollout = alone_with(session, session.get_one(Rollout, delivery.rollout_id))
    session.refresh(delivery)
    return rollout


def move(
    session: Session,
    delivery: Delivery,
    state: str,
    at: datetime,
    *,
    by: str,
    reason: str = "",
    figures: Mapping[str, Any] | None = None,
) -> None:
    """Put a delivery into a state, and remember when, by whom and why.

    Raises OfferClosed where there is no such way (see sharing.rollout.DELIVERY_MOVES).
    """
    if not rules.may_move(delivery.state, state):
        raise OfferClosed(state=delivery.state)
    delivery.state, delivery.reason, delivery.changed_at = state, reason[:500], at
    session.add(
        DeliveryEvent(
            delivery_id=delivery.id or 0,
            at=at,
            state=state,
            reason=reason[:500],
            figures=dict(figures or {}),
            by=by,
        )
    )


def offer(session: Session, delivery: Delivery, rollout: Rollout, at: datetime) -> None:
    """Offer a version to a site's owner, backed by the provider's side of the agreement."""
    delivery.agreement_id = _agreement(session, delivery, rollout, at).id
    delivery.deadline = rules.plan_from(rollout.plan).answer_by(at)
    move(session, delivery, "offered", at, by=rollout.created_by)


def accept(session: Session, delivery: Delivery, by: str, at: datetime) -> None:
    """The owner takes the offer, also one that was declined before, while the rollout lives.

    Taking it twice is as good as once. Raises OfferClosed.
    """
    _still_open(session, delivery)
    if delivery.state == "accepted":
        return
    move(session, delivery, "accepted", at, by=by)
    delivery.answered_by, delivery.deadline = by, None
    agreement = session.get(Agreement, delivery.agreement_id)
    if agreement is not None and agreement.accepted_at is None:
        agreement.accepted_by, agreement.accepted_at = by, at


def decline(session: Session, delivery: Delivery, by: str, at: datetime, reason: str = "") -> None:
    """The owner does not want it (now). Declining twice is as good as once. Raises OfferClosed."""
    _still_open(session, delivery)
    if delivery.state == "declined":
        return
    move(session, delivery, "declined", at, by=by, reason=reason)
    delivery.answered_by, delivery.deadline = by, None


def apply_report(
    session: Session,
    delivery: Delivery,
    state: str,
    reason: str,
    figures: Mapping[str, Any],
    at: datetime,
    *,
    by: str = "agent",
) -> bool:
    """Take in what a site says of a delivery; whether that changed its state.

    Reports that come late or twice change nothing. `figures` may carry `predictions` (so far) and
    `health`, which go to what the site runs.
    """
    rollout = _as_left(session, delivery)
    if not delivery.metadata_version:  # never assigned: a site cannot have it from us
        return False
    changed = rules.after_report(delivery.state, state) is not None
    if changed:
        move(session, delivery, state, at, by=by, reason=reason, figures=figures)
        hears = state in rules.ON_THE_WAY
        delivery.deadline = rules.plan_from(rollout.plan).heard_by(at) if hears else None
    if delivery.state in rules.SUCCEEDED:
        _runs(session, delivery, delivery.version_id, figures, at)
    elif changed and state == "rolled_back":
        _went_back(session, delivery, figures, at)
    return changed


def runs_at(session: Session, site_id: int, model_id: int) -> Deployment | None:
    """What a site runs of a model, as it last said."""
    return session.exec(
        select(Deployment).where(Deployment.site_id == site_id, Deployment.model_id == model_id)
    ).first()


def events_of(session: Session, delivery: Delivery) -> list[DeliveryEvent]:
    """What happened to a delivery, in order."""
    rows = select(DeliveryEvent).where(DeliveryEvent.delivery_id == delivery.id)
    return list(session.exec(rows.order_by(col(DeliveryEvent.id))))


def _runs(
    session: Session, delivery: Delivery, version_id: int, figures: Mapping[str, Any], at: datetime
) -> None:
    model_id = session.get_one(Version, version_id).model_id
    row = runs_at(session, delivery.site_id, model_id)
    if row is None or row.version_id != version_id:
        live.runs(session, delivery.site_id, model_id, version_id, delivery.id, at)
    if row is None:
        row = Deployment(
            site_id=delivery.site_id, model_id=model_id, version_id=version_id, since=at
        )
        session.add(row)
    if row.version_id != version_id:
        row.version_id, row.since, row.predictions = version_id, at, 0
    row.delivery_id, row.reported_at = delivery.id, at
    row.health = str(figures.get("health", "ok"))[:20]
    row.predictions = max(row.predictions, counted(figures.get("predictions")))


def _went_back(
    session: Session, delivery: Delivery, figures: Mapping[str, Any], at: datetime
) -> None:
    if delivery.previous_version_id is not None:
        _runs(session, delivery, delivery.previous_version_id, figures, at)
        return
    row = runs_at(session, delivery.site_id, session.get_one(Version, delivery.version_id).model_id)
    if row is not None:
        live.ended(session, row.site_id, row.model_id, at)
        session.delete(row)


def counted(value: object) -> int:
    """A count as an agent told it; 0 where it told none. At most what the column holds.

    >>> counted(12), counted(-1), counted("many"), counted(10**12)
    (12, 0, 0, 2147483647)
    """
    return min(value, _MOST) if isinstance(value, int) and value >= 0 else 0


def _still_open(session: Session, delivery: Delivery) -> None:
    rollout = _as_left(session, delivery)
    if rollout.state not in ("running", "paused"):
        raise OfferClosed(state=rollout.state)


def _agreement(session: Session, delivery: Delivery, rollout: Rollout, at: datetime) -> Agreement:
    model_id = session.get_one(Version, delivery.version_id).model_id
    receiver = session.get_one(Site, delivery.site_id).firm_id
    row = session.exec(
        select(Agreement).where(
            Agreement.model_id == model_id,
            Agreement.receiver_firm_id == receiver,
            Agreement.terms == TERMS,
        )
    ).first()
    if row is None:
        provider = session.get_one(SharedModel, model_id).firm_id
        row = Agreement(
            model_id=model_id,
            provider_firm_id=provider,
            receiver_firm_id=receiver,
            terms=TERMS,
            provided_by=rollout.created_by,
            provided_at=at,
        )
        session.add(row)
        session.flush()
    return row
