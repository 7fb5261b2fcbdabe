"""What has happened that a webhook is to be told, and in which words.

A message holds numbers, states and reasons, and no name of a firm: who may see a name asks the API
for it. What has been told of is known by where it was found, so looking twice tells nothing twice.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, String, cast, literal
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, func, select

from hub.hook_tables import Hook, HookMessage
from hub.tables import AuditEntry
from sharing.tables import Delivery, DeliveryEvent, Rollout, SharedModel, Version, Wave
from supplychain.tables import now

# Kinds of events, in the order in which a page offers them.
ROLLOUT_EVENTS = (
    "rollout.created", "rollout.submitted", "rollout.approved", "rollout.refused",
    "rollout.started", "rollout.paused", "rollout.resumed", "rollout.stopping", "rollout.stopped",
    "rollout.going_back", "rollout.rolled_back", "rollout.finished",
)  # fmt: skip
WAVE_EVENTS = ("wave.started", "wave.finished")
DELIVERY_STATES = (
    "offered", "accepted", "declined", "active", "committed", "failed", "rolled_back",
)  # fmt: skip
DELIVERY_EVENTS = tuple(f"delivery.{state}" for state in DELIVERY_STATES)
VERSION_EVENTS = ("version.published", "version.withdrawn")
EVENTS = (*ROLLOUT_EVENTS, *WAVE_EVENTS, *DELIVERY_EVENTS, *VERSION_EVENTS)
TEST = "hook.test"

AT_ONCE = 500  # events of one source
# Rows get their numbers before they are written: one with a lower number may come later. None
# comes later than this.
_SETTLED = timedelta(minutes=5)


class Happened(NamedTuple):
    """Something that happened, and where that is written."""

    source: str
    source_id: int
    type: str
    at: datetime
    data: dict[str, Any]


def event_id(found: Happened) -> str:
    """The same for the same event, for ever, also where numbers begin anew after a restore.

    >>> one = Happened("entry", 1, "rollout.started", datetime(2026, 1, 1), {})
    >>> event_id(one) == event_id(one._replace(data={"x": 1})), event_id(one)[:4]
    (True, 'evt_')
    """
    told = f"{found.source}\n{found.source_id}\n{found.type}\n{found.at.isoformat()}"
    return "evt_" + hashlib.sha256(told.encode()).hexdigest()[:40]


def message(hook: Hook, found: Happened) -> HookMessage:
    """An event as a message to an address."""
    told = {"type": found.type, "timestamp": found.at.isoformat(), "data": found.data}
    return HookMessage(
        hook_id=hook.id or 0,
        event_id=event_id(found),
        source=found.source,
        source_id=found.source_id,
        type=found.type,
        body=json.dumps(told, ensure_ascii=False, separators=(",", ":")),
        happened_at=found.at,
    )


def wants(hook: Hook, kind: str) -> bool:
    """Whether a webhook wants to be told of events of that kind."""
    return not hook.events or kind in hook.events


def untold(session: Session, hook: Hook, url: str) -> list[Happened]:
    """What happened since a webhook was told last, in order; at most so many of each kind.

    `url`: the hub's own address, for links.
    """
    found = [
        *_entries(session, hook),
        *_waves(session, hook),
        *_deliveries(session, hook),
        *_versions(session, hook),
    ]
    for each in found:
        each.data["url"] = url + str(each.data["url"])
    return sorted(found, key=lambda each: each.at)


def settled(session: Session, hook: Hook) -> tuple[int, int]:
    """Up to which rows nothing more can come. Means something only after all of it was told."""
    before = now() - _SETTLED
    return (
        _last(session, DeliveryEvent, hook.after_event, before),
        _last(session, AuditEntry, hook.after_entry, before),
    )


def settle(session: Session, hook: Hook) -> None:
    """Note that."""
    hook.after_event, hook.after_entry = settled(session, hook)
    session.add(hook)


def newest(session: Session) -> tuple[int, int]:
    """The newest rows as they stand: a new webhook is told of nothing before them."""
    event = session.exec(select(func.max(DeliveryEvent.id))).one()
    entry = session.exec(select(func.max(AuditEntry.id))).one()
    return event or 0, entry or 0


def _last(
    session: Session, table: type[DeliveryEvent | AuditEntry], after: int, before: datetime
) -> int:
    found = select(func.max(table.id)).where(col(table.id) > after, col(table.at) < before)
    return session.exec(found).one() or after


def _new(hook: Hook, source: str, number: Mapped[int | None]) -> ColumnElement[bool]:
    told = select(HookMessage.id).where(
        HookMessage.hook_id == hook.id,
        HookMessage.source == source,
        HookMessage.source_id == number,
    )
    return ~told.exists()


def _about(session: Session, rollout: Rollout) -> dict[str, Any]:
    version = session.get_one(Version, rollout.version_id)
    model = session.get_one(SharedModel, version.model_id)
    return {
        "rollout": rollout.id,
        "model": model.slug,
        "version": version.number,
        "url": f"/rollouts/{rollout.id}",
    }


def _entries(session: Session, hook: Hook) -> Iterator[Happened]:
    """Lines of the audit trail about rollouts of the firm."""
    wanted = [kind.replace("_", "-") for kind in ROLLOUT_EVENTS if wants(hook, kind)]
    subject = literal("rollout:") + cast(col(Rollout.id), String)
    rows = session.exec(
        select(AuditEntry, Rollout)
        .join(Rollout, col(AuditEntry.subject) == subject)
        .where(
            col(AuditEntry.id) > hook.after_entry,
            col(AuditEntry.at) >= hook.since,
            col(AuditEntry.action).in_(wanted),
            Rollout.lead_firm_id == hook.firm_id,
            _new(hook, "entry", col(AuditEntry.id)),
        )
        .order_by(col(AuditEntry.id))
        .limit(AT_ONCE)
    )
    for entry, rollout in rows:
        data = _about(session, rollout) | {"reason": str(entry.detail.get("reason", ""))}
        yield Happened("entry", entry.id or 0, entry.action.replace("-", "_"), entry.at, data)


def _waves(session: Session, hook: Hook) -> Iterator[Happened]:
    for source, kind, at in (
        ("wave-begun", "wave.started", col(Wave.started_at)),
        ("wave-done", "wave.finished", col(Wave.finished_at)),
    ):
        if not wants(hook, kind):
            continue
        rows = session.exec(
            select(Wave, Rollout)
            .join(Rollout, col(Rollout.id) == Wave.rollout_id)
            .where(
                at >= hook.since,
                Rollout.lead_firm_id == hook.firm_id,
                _new(hook, source, col(Wave.id)),
            )
            .order_by(col(Wave.id))
            .limit(AT_ONCE)
        )
        for wave, rollout in rows:
            data = _about(session, rollout) | {"wave": wave.position}
            when = wave.started_at if kind == "wave.started" else wave.finished_at
            yield Happened(source, wave.id or 0, kind, when or now(), data)


def _deliveries(session: Session, hook: Hook) -> Iterator[Happened]:
    states = [state for state in DELIVERY_STATES if wants(hook, f"delivery.{state}")]
    rows = session.exec(
        select(DeliveryEvent, Delivery, Rollout)
        .join(Delivery, col(Delivery.id) == DeliveryEvent.delivery_id)
        .join(Rollout, col(Rollout.id) == Delivery.rollout_id)
        .where(
            col(DeliveryEvent.id) > hook.after_event,
            col(DeliveryEvent.at) >= hook.since,
            col(DeliveryEvent.state).in_(states),
            Rollout.lead_firm_id == hook.firm_id,
            _new(hook, "delivery", col(DeliveryEvent.id)),
        )
        .order_by(col(DeliveryEvent.id))
        .limit(AT_ONCE)
    )
    for event, delivery, rollout in rows:
        data = _about(session, rollout) | {
            "delivery": delivery.id,
            "site": delivery.site_id,
            "tier": delivery.tier,
            "state": event.state,
            "reason": event.reason,
            "code": str(event.figures.get("code", ""))[:60],
            "url": f"/rollouts/{rollout.id}/deliveries/{delivery.id}",
        }
        yield Happened("delivery", event.id or 0, f"delivery.{event.state}", event.at, data)


def _versions(session: Session, hook: Hook) -> Iterator[Happened]:
    for source, kind, at in (
        ("published", "version.published", col(Version.published_at)),
        ("withdrawn", "version.withdrawn", col(Version.withdrawn_at)),
    ):
        if not wants(hook, kind):
            continue
        rows = session.exec(
            select(Version, SharedModel)
            .join(SharedModel, col(SharedModel.id) == Version.model_id)
            .where(
                at >= hook.since,
                Version.state != "awaiting",
                SharedModel.firm_id == hook.firm_id,
                _new(hook, source, col(Version.id)),
            )
            .order_by(col(Version.id))
            .limit(AT_ONCE)
        )
        for version, model in rows:
            withdrawn = kind == "version.withdrawn"
            data = {
                "model": model.slug,
                "version": version.number,
                "digest": version.digest,
                "reason": version.withdrawn_reason if withdrawn else "",
                "url": f"/models/{model.slug}/{version.number}",
            }
            when = version.withdrawn_at if withdrawn else version.published_at
            yield Happened(source, version.id or 0, kind, when or now(), data)
