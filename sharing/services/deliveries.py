"""One site's share of a rollout: its offer, the owner's answer, what the site reports."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from sharing import rollout as rules
from sharing.errors import DeliveryNotFound, OfferClosed
from sharing.services import running
from sharing.services.owners import wait_for_slot
from sharing.services.running import counted, runs_at
from sharing.tables import Agreement, Delivery, DeliveryEvent, Rollout, Version
from sharing.terms import TERMS

__all__ = ["TERMS", "counted", "runs_at"]

# A site that begins again and again is heard, but not written down for ever.
MOST_EVENTS = 300


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
    """The owner does not want it (now). Declining twice is as good as once.

    Raises OfferClosed, also where an accepted version is being made ready at this moment.
    """
    _still_open(session, delivery)
    if delivery.state == "declined":
        return
    if delivery.ordered_at is not None:
        raise OfferClosed(state=delivery.state)
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
    session.flush()
    session.refresh(delivery, with_for_update=True)
    if not delivery.metadata_version:  # never assigned: a site cannot have it from us
        return False
    before = delivery.state
    after = rules.after_report(before, state, delivery.action)
    changed = after is not None and not _told_enough(session, delivery, state)
    if changed:
        move(session, delivery, state, at, by=by, reason=reason, figures=figures)
        delivery.deadline = _next_deadline(session, delivery, at)
        if state == "shadow":
            wait_for_slot(session, delivery, _plan(session, delivery), at)
    if delivery.state in rules.SUCCEEDED:
        running.runs(session, delivery, delivery.version_id, figures, at)
    elif changed and state == "rolled_back":
        running.went_back(session, delivery, figures, at)
    elif changed and state == "failed" and before in rules.SUCCEEDED:
        running.runs_no_more(session, delivery, at)
    return changed


def apply_health(
    session: Session, delivery: Delivery, figures: Mapping[str, Any], at: datetime, *, by: str
) -> None:
    """Take in what a site says that it runs, also where that is not what we thought.

    It makes up for word of an arrival, or of a way back, that was lost.
    """
    model_id = session.get_one(Version, delivery.version_id).model_id
    version_id = session.exec(
        select(Version.id).where(
            Version.model_id == model_id, Version.number == str(figures.get("version", ""))
        )
    ).first()
    if version_id is None or not delivery.metadata_version:
        return
    found = rules.after_health(
        delivery.state,
        delivery.action,
        new=version_id == delivery.version_id,
        old=version_id == delivery.previous_version_id,
    )
    if found is not None:
        apply_report(session, delivery, found, "", figures, at, by=by)
    running.runs(session, delivery, version_id, figures, at)


def _next_deadline(session: Session, delivery: Delivery, at: datetime) -> datetime | None:
    if delivery.action != "install":
        # Asked to go back, it still has to say that it did, by the time it was given for that.
        asked = delivery.state in rules.SUCCEEDED
        plan = _plan(session, delivery)
        return (delivery.deadline or plan.heard_by(at)) if asked else None
    if delivery.state not in rules.ON_THE_WAY:
        return None
    heard = _plan(session, delivery).heard_by(at)
    return min(heard, delivery.arrive_by or heard)


def _plan(session: Session, delivery: Delivery) -> rules.Plan:
    return rules.plan_from(session.get_one(Rollout, delivery.rollout_id).plan)


def _told_enough(session: Session, delivery: Delivery, state: str) -> bool:
    if not rules.starts_over(delivery.state, state):
        return False
    told = select(func.count()).where(DeliveryEvent.delivery_id == delivery.id)
    return session.exec(told).one() >= MOST_EVENTS


def events_of(session: Session, delivery: Delivery) -> list[DeliveryEvent]:
    """What happened to a delivery, in order."""
    rows = select(DeliveryEvent).where(DeliveryEvent.delivery_id == delivery.id)
    return list(session.exec(rows.order_by(col(DeliveryEvent.id))))


def _still_open(session: Session, delivery: Delivery) -> None:
    rollout = _as_left(session, delivery)
    if rollout.state not in ("running", "paused"):
        raise OfferClosed(state=rollout.state)
