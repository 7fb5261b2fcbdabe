"""The next step of a rollout, as the worker takes it: what is ordered, and what came of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from sharing import rollout as rules
from sharing.manifest import Target
from sharing.package import Action, Order, Packed
from sharing.services.deliveries import alone_with, move, runs_at
from sharing.services.models import files_of
from sharing.services.rollouts import act, deliveries_of, open_next_wave, waves_of
from sharing.tables import Delivery, Rollout, SharedModel, Version

HUB = "hub"


def tick(session: Session, rollout: Rollout, at: datetime) -> list[Order]:
    """Take the next step, and give the orders that have to be carried out for it.

    The answers come back to `record`; an order whose answer is lost is simply given again.
    """
    alone_with(session, rollout)
    deliveries = deliveries_of(session, rollout)
    if rollout.state == "running":
        return _run_on(session, rollout, deliveries, at)
    if rollout.state == "stopping":
        return _take_back(session, rollout, deliveries, at)
    if rollout.state == "rolling_back":
        return _go_back(session, rollout, deliveries, at)
    return []


def record(session: Session, answers: Sequence[Packed], at: datetime) -> None:
    """Write down what came of orders. An answer that is overtaken by events changes nothing."""
    for answer in answers:
        delivery = session.get_one(Delivery, answer.delivery_id)
        alone_with(session, session.get_one(Rollout, delivery.rollout_id))
        session.refresh(delivery)
        if answer.reason:
            if rules.may_move(delivery.state, "failed"):
                move(session, delivery, "failed", at, by=HUB, reason=answer.reason)
            continue
        delivery.metadata_version = answer.statement
        if answer.action == "install":
            _prepared(session, delivery, answer, at)
        else:
            _reassigned(session, delivery, answer.action, at)


def _run_on(
    session: Session, rollout: Rollout, deliveries: list[Delivery], at: datetime
) -> list[Order]:
    for delivery in deliveries:
        late = rules.overdue(delivery.state, delivery.deadline, at)
        if late:
            move(session, delivery, late[0], at, by=HUB, reason=late[1])
            delivery.deadline = None
    _judge(session, rollout, deliveries, at)
    if rollout.state != "running":
        return []
    return [
        _order(session, d, "install", d.version_id) for d in deliveries if d.state == "accepted"
    ]


def _judge(session: Session, rollout: Rollout, deliveries: list[Delivery], at: datetime) -> None:
    plan = rules.plan_from(rollout.plan)
    waves = waves_of(session, rollout)
    for wave in waves:
        if wave.state != "running":
            continue
        mine = [d for d in deliveries if d.wave_id == wave.id]
        quiet = at - max((d.changed_at for d in mine), default=at - timedelta.resolution)
        found = rules.verdict(plan, (d.state for d in mine), quiet)
        if found == "error":
            wave.state = "error"
            act(rollout, "pause", rules.TOO_MANY_FAILED)
            return
        if found == "finished":
            wave.state, wave.finished_at = "finished", at
    if all(wave.state == "finished" for wave in waves):
        if not any(d.state in (*rules.WAITING, *rules.ON_THE_WAY) for d in deliveries):
            act(rollout, "finish")
            rollout.finished_at = at
    elif not any(wave.state == "running" for wave in waves):
        open_next_wave(session, rollout, at)


def _take_back(
    session: Session, rollout: Rollout, deliveries: list[Delivery], at: datetime
) -> list[Order]:
    _end_waiting(session, deliveries, rules.STOPPED, at)
    orders = [_undo(session, d) for d in deliveries if d.state in rules.ON_THE_WAY]
    if not orders:
        act(rollout, "stopped", rollout.reason)
        rollout.finished_at = at
    return orders


def _go_back(
    session: Session, rollout: Rollout, deliveries: list[Delivery], at: datetime
) -> list[Order]:
    _end_waiting(session, deliveries, rules.WITHDRAWN, at)
    there = [d for d in deliveries if d.state in (*rules.ON_THE_WAY, *rules.SUCCEEDED)]
    for delivery in there:
        late = delivery.action != "install" and delivery.deadline and delivery.deadline <= at
        if late:
            move(session, delivery, "failed", at, by=HUB, reason=rules.SILENT)
            delivery.deadline = None
    there = [d for d in there if d.state not in rules.FAILED]
    if not there:
        act(rollout, "rolled_back", rollout.reason)
        rollout.finished_at = at
    return [_undo(session, d) for d in there if d.action == "install"]


def _end_waiting(session: Session, deliveries: list[Delivery], reason: str, at: datetime) -> None:
    for delivery in deliveries:
        if delivery.state in rules.WAITING:
            move(session, delivery, "failed", at, by=HUB, reason=reason)
            delivery.deadline = None


def _undo(session: Session, delivery: Delivery) -> Order:
    # Newer signed metadata that names the older version, or none where there was none.
    if delivery.previous_version_id is None:
        return _order(session, delivery, "withdraw", None)
    return _order(session, delivery, "rollback", delivery.previous_version_id)


def _order(session: Session, delivery: Delivery, action: Action, version_id: int | None) -> Order:
    version = session.get_one(Version, version_id or delivery.version_id)
    model = session.get_one(SharedModel, version.model_id)
    files = files_of(session, version) if version_id else []
    return Order(
        delivery_id=delivery.id or 0,
        site_id=delivery.site_id,
        model=model.slug,
        version=version.number,
        action=action,
        files=tuple(
            Target(f"{model.slug}/{version.number}/{f.path}", f.sha256, f.length) for f in files
        ),
    )


def _prepared(session: Session, delivery: Delivery, answer: Packed, at: datetime) -> None:
    if delivery.state != "accepted":
        return
    version = session.get_one(Version, delivery.version_id)
    before = runs_at(session, delivery.site_id, version.model_id)
    if before is not None and before.version_id != delivery.version_id:
        delivery.previous_version_id = before.version_id
    plan = rules.plan_from(session.get_one(Rollout, delivery.rollout_id).plan)
    delivery.deadline = plan.heard_by(at)
    move(session, delivery, "prepared", at, by=HUB, figures=answer.figures)


def _reassigned(session: Session, delivery: Delivery, action: Action, at: datetime) -> None:
    rollout = session.get_one(Rollout, delivery.rollout_id)
    delivery.action = action
    if rollout.state == "stopping" and delivery.state in rules.ON_THE_WAY:
        move(session, delivery, "failed", at, by=HUB, reason=rules.STOPPED)
        delivery.deadline = None
    elif delivery.state in rules.ON_THE_WAY:
        move(session, delivery, "rolled_back", at, by=HUB, reason=rules.WITHDRAWN)
        delivery.deadline = None
    elif delivery.state in rules.SUCCEEDED:
        # the site has to go back itself, and says so; until then it runs what it ran
        delivery.deadline = rules.plan_from(rollout.plan).heard_by(at)
