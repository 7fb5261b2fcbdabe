"""The next step of a rollout, as the worker takes it: what is ordered, and what came of it."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from sharing import rollout as rules
from sharing.manifest import Target
from sharing.package import Action, Order
from sharing.services import many
from sharing.services.approvals import act
from sharing.services.deliveries import alone_with, runs_at
from sharing.services.models import files_of
from sharing.services.owners import slots_of
from sharing.services.recording import HUB, record
from sharing.services.rollouts import open_next_wave, waves_of
from sharing.services.running import told_of
from sharing.tables import Delivery, Rollout, SharedModel, Version, Wave
from supplychain.services.firms import batches

__all__ = ["record", "tick"]

# How often an order to go back is given before the site counts as lost for it.
MOST_TRIES = 5


def tick(session: Session, rollout: Rollout, at: datetime) -> list[Order]:
    """Take the next step, and give the orders that have to be carried out for it.

    The answers come back to `record`; an order whose answer is lost is simply given again.
    """
    alone_with(session, rollout)
    if rollout.state == "running":
        return _run_on(session, rollout, at)
    if rollout.state == "stopping":
        return _take_back(session, rollout, at)
    if rollout.state == "rolling_back":
        return _go_back(session, rollout, at)
    return []


def _run_on(session: Session, rollout: Rollout, at: datetime) -> list[Order]:
    if session.get_one(Version, rollout.version_id).state == "withdrawn":
        act(rollout, "stop", rules.WITHDRAWN)
        return []
    _end_overdue(session, rollout, at)
    _judge(session, rollout, at)
    if rollout.state != "running":
        return []
    many.note_orders(session, rollout, at)  # before anything is signed
    accepted = many.in_states(session, rollout, ["accepted"])
    return _Orders(session, rollout).to("install", accepted)


def _end_overdue(session: Session, rollout: Rollout, at: datetime) -> None:
    ends: dict[tuple[str, str], list[Delivery]] = {}
    for delivery in many.out_of_time(session, rollout, at):
        late = rules.overdue(delivery.state, delivery.deadline, at, delivery.arrive_by)
        if late is None:
            delivery.deadline = None
        else:
            ends.setdefault(late, []).append(delivery)
    for (state, reason), rows in ends.items():
        many.move_many(session, rows, state, at, by=HUB, reason=reason, deadline=None)


def _judge(session: Session, rollout: Rollout, at: datetime) -> None:
    plan = rules.plan_from(rollout.plan)
    waves = waves_of(session, rollout)
    counts = many.counts_of(session, rollout)
    for wave in waves:  # errors first, also of waves that were through with it
        of = counts.get(wave.id or 0, Counter())
        if wave.state not in ("running", "finished"):
            continue
        failed = rules.too_many_failed(plan, of, wave.forgiven.get("", 0))
        if failed or _bad_figures(session, plan, wave, of):
            wave.state, wave.enough_since = "error", None
            act(rollout, *rules.error_reason(plan, by_figures=not failed))
            return
    for wave in waves:
        if wave.state == "running":
            _let_pass(plan, wave, counts.get(wave.id or 0, Counter()), at)
    if all(wave.state == "finished" for wave in waves):
        if not any(of[state] for of in counts.values() for state in rules.OPEN):
            act(rollout, "finish")
            rollout.finished_at = at
    elif not any(wave.state == "running" for wave in waves):
        open_next_wave(session, rollout, at)


def _let_pass(plan: rules.Plan, wave: Wave, of: Counter[str], at: datetime) -> None:
    if not rules.enough(plan, of):
        wave.enough_since = None
        return
    wave.enough_since = wave.enough_since or at
    if at - wave.enough_since >= timedelta(minutes=plan.soak_minutes):
        wave.state, wave.finished_at = "finished", at


def _bad_figures(session: Session, plan: rules.Plan, wave: Wave, of: Counter[str]) -> bool:
    if not plan.figures:
        return False
    told = told_of(session, wave.id or 0)
    complete = not any(of[state] for state in rules.OPEN)
    return any(
        rules.figure_crossed(gate, told, wave.forgiven.get(f"figure:{n}", 0), complete=complete)
        for n, gate in enumerate(plan.figures)
    )


def _take_back(session: Session, rollout: Rollout, at: datetime) -> list[Order]:
    """What has not arrived; also what a silent site could still find assigned to it one day."""
    waiting = _end_waiting(session, rollout, rules.STOPPED, at)
    there = many.in_states(session, rollout, (*rules.ON_THE_WAY, *rules.FAILED))
    followed = many.followed(session, rollout)
    orders = _undo(session, rollout, [*waiting, *there], followed, at)
    if not orders:
        act(rollout, "stopped", rollout.reason)
        rollout.finished_at = at
    return orders


def _go_back(session: Session, rollout: Rollout, at: datetime) -> list[Order]:
    """Everybody; a site that runs what another rollout brought since is left alone."""
    waiting = _end_waiting(session, rollout, rules.WITHDRAWN, at)
    states = (*rules.ON_THE_WAY, *rules.SUCCEEDED, *rules.FAILED)
    there = many.in_states(session, rollout, states)
    followed = many.followed(session, rollout)
    asked = [d for d in there if _is_asked(d) and d.id not in followed]
    late = [d for d in asked if d.deadline is None or d.deadline <= at]
    many.move_many(session, late, "failed", at, by=HUB, reason=rules.SILENT, deadline=None)
    orders = _undo(session, rollout, [*waiting, *there], followed, at)
    if not (orders or any(_is_asked(d) for d in asked)):
        act(rollout, "rolled_back", rollout.reason)
        rollout.finished_at = at
    return orders


def _is_asked(delivery: Delivery) -> bool:
    return delivery.action != "install" and delivery.state in rules.SUCCEEDED


def _end_waiting(session: Session, rollout: Rollout, reason: str, at: datetime) -> list[Delivery]:
    """Who waits is not served any more; whose package may be signed by now is given back."""
    waiting = many.in_states(session, rollout, rules.WAITING)
    ended = [d for d in waiting if d.ordered_at is None]
    many.move_many(session, ended, "failed", at, by=HUB, reason=reason, deadline=None)
    return [d for d in waiting if d.ordered_at is not None]


def _undo(
    session: Session,
    rollout: Rollout,
    rows: Sequence[Delivery],
    followed: Collection[int],
    at: datetime,
) -> list[Order]:
    """Orders to go back, for every site that still is, or may be, told to install.

    Where that cannot be done, again and again, or is not ours to do any more, it ends here.
    """
    asked = [d for d in rows if d.action == "install" and (d.ordered_at or d.metadata_version)]
    ours = [d for d in asked if d.tries < MOST_TRIES and d.id not in followed]
    waits = ("accepted", *rules.ON_THE_WAY)
    reason = rules.STOPPED if rollout.state == "stopping" else rules.WITHDRAWN
    gone = [d for d in asked if d.id in followed and d.state in waits]
    many.move_many(session, gone, "failed", at, by=HUB, reason=reason, deadline=None)
    lost = [d for d in asked if d.tries >= MOST_TRIES and d.id not in followed]
    lost = [d for d in lost if d.state not in rules.FAILED]
    many.move_many(session, lost, "failed", at, by=HUB, reason=rules.NOT_MADE, deadline=None)
    return _Orders(session, rollout).back(ours)


class _Orders:
    """Orders for many sites of one rollout; what they share is looked up once."""

    def __init__(self, session: Session, rollout: Rollout) -> None:
        self._session = session
        version = session.get_one(Version, rollout.version_id)
        self._version_id = rollout.version_id
        self._model = session.get_one(SharedModel, version.model_id)
        self._known: dict[int, tuple[Version, tuple[Target, ...]]] = {}

    def to(self, action: Action, rows: Sequence[Delivery]) -> list[Order]:
        """To let each site run its version."""
        slots: dict[int, dict[str, Any]] = {}
        for some in batches(row.site_id for row in rows):
            slots |= slots_of(self._session, some)
        return [
            replace(self._order(row, action, self._version_id), slot=slots.get(row.site_id))
            for row in rows
        ]

    def back(self, rows: Sequence[Delivery]) -> list[Order]:
        """Newer signed metadata that names the older version, or none where there was none."""
        return [self._back(row) for row in rows]

    def _back(self, row: Delivery) -> Order:
        before = row.previous_version_id
        if before is None and row.state == "accepted":
            runs = runs_at(self._session, row.site_id, self._model.id or 0)
            if runs is not None and runs.version_id != row.version_id:
                before = row.previous_version_id = runs.version_id
        # One that was withdrawn is on no list any more: no site could take it.
        if before is None or self._version(before)[0].state != "published":
            return self._order(row, "withdraw", None)
        return self._order(row, "rollback", before)

    def _order(self, row: Delivery, action: Action, version_id: int | None) -> Order:
        version, files = self._version(version_id or self._version_id)
        return Order(
            delivery_id=row.id or 0,
            site_id=row.site_id,
            model=self._model.slug,
            version=version.number,
            action=action,
            files=files if version_id else (),
        )

    def _version(self, version_id: int) -> tuple[Version, tuple[Target, ...]]:
        if version_id not in self._known:
            version = self._session.get_one(Version, version_id)
            name = f"{self._model.slug}/{version.number}"
            files = tuple(
                Target(f"{name}/{f.path}", f.sha256, f.length)
                for f in files_of(self._session, version)
            )
            self._known[version_id] = version, files
        return self._known[version_id]
