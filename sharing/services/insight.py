"""What came of a rollout: adoption over time, health as sites report it, failures by reason."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select as columns
from sqlmodel import Session, col, func, select

from sharing import rollout as rules
from sharing.tables import (
    AgentReport,
    Delivery,
    DeliveryEvent,
    Deployment,
    Rollout,
    SharedModel,
    Version,
)  # fmt: skip

_MOST_POINTS = 200
_MOST_NAMED = 200


class Adopted(NamedTuple):
    """Sites of a tier that run the version, at moments: (moment, how many)."""

    tier: int
    sites: int
    points: list[tuple[datetime, int]]


def adoption(session: Session, rollout: Rollout) -> list[Adopted]:
    """How many sites of each tier ran the version, over time; at most 200 points each."""
    rows = session.execute(
        select(DeliveryEvent.delivery_id, Delivery.tier, DeliveryEvent.state, DeliveryEvent.at)
        .join(Delivery, col(Delivery.id) == DeliveryEvent.delivery_id)
        .where(
            Delivery.rollout_id == rollout.id,
            col(DeliveryEvent.state).in_((*rules.SUCCEEDED, *rules.FAILED)),
        )
        .order_by(col(DeliveryEvent.at), col(DeliveryEvent.id))
    )
    running: set[int] = set()
    counts: Counter[int] = Counter()
    points: dict[int, list[tuple[datetime, int]]] = {}
    for delivery, tier, state, at in rows:
        if (state in rules.SUCCEEDED) == (delivery in running):
            continue
        step = 1 if state in rules.SUCCEEDED else -1
        running.symmetric_difference_update({delivery})
        counts[tier] += step
        points.setdefault(tier, []).append((at, counts[tier]))
    sites = session.exec(
        select(Delivery.tier, func.count())
        .where(Delivery.rollout_id == rollout.id)
        .group_by(col(Delivery.tier))
        .order_by(col(Delivery.tier))
    )
    return [Adopted(tier, count, _thinned(points.get(tier, []))) for tier, count in sites]


def _thinned(points: list[tuple[datetime, int]]) -> list[tuple[datetime, int]]:
    step = -(-len(points) // _MOST_POINTS) or 1
    return [*points[step - 1 :: step], *(points[-1:] if len(points) % step else [])]


@dataclass
class Failures:
    """Sites that failed for one reason."""

    reason: str
    code: str
    figures: dict[str, Any]
    states: Counter[str] = field(default_factory=Counter)
    deliveries: list[int] = field(default_factory=list)

    @property
    def sites(self) -> int:
        """How many."""
        return self.states.total()


def failures(session: Session, rollout: Rollout) -> list[Failures]:
    """Why sites failed or declined, most frequent first. Sites are listed up to 200 a reason.

    An agent's reason is grouped by the name of its error: the facts in it differ from site to site.
    """
    newest = (
        select(func.max(DeliveryEvent.id))
        .join(Delivery, col(Delivery.id) == DeliveryEvent.delivery_id)
        .where(
            Delivery.rollout_id == rollout.id,
            col(Delivery.state).in_((*rules.FAILED, "declined")),
            DeliveryEvent.state == Delivery.state,
        )
        .group_by(col(DeliveryEvent.delivery_id))
    )
    rows = session.exec(
        select(DeliveryEvent)
        .where(col(DeliveryEvent.id).in_(newest))
        .order_by(col(DeliveryEvent.delivery_id))
    )
    found: dict[tuple[str, str], Failures] = {}
    for event in rows:
        code = str(event.figures.get("code", ""))[:60]
        group = found.setdefault(
            ("declined", event.reason) if event.state == "declined" else ("", code or event.reason),
            Failures(event.reason, code, event.figures),
        )
        group.states[event.state] += 1
        if len(group.deliveries) < _MOST_NAMED:
            group.deliveries.append(event.delivery_id)
    return sorted(found.values(), key=lambda each: (-each.sites, each.reason))


class Health(NamedTuple):
    """What sites that run the version last said of themselves."""

    states: dict[str, int]
    drift: dict[str, int]
    predictions: int
    flagged: int
    refused: int
    silent: int


def health(session: Session, rollout: Rollout, at: datetime) -> Health:
    """Health and drift of the sites that run what this rollout brought; silent for three days."""
    plan = rules.plan_from(rollout.plan)
    rows = session.exec(
        select(
            Deployment.health, Deployment.predictions, Deployment.reported_at, Deployment.figures
        )
        .join(Delivery, col(Delivery.id) == Deployment.delivery_id)
        .where(Delivery.rollout_id == rollout.id)
    )
    states: Counter[str] = Counter()
    drift: Counter[str] = Counter()
    sums: Counter[str] = Counter()
    for word, predictions, reported, figures in rows:
        states[word or "unknown"] += 1
        if "drift" in figures:
            drift[_word(figures["drift"])] += 1
        sums["predictions"] += predictions
        for name in ("flagged", "refused"):
            told = figures.get(name)
            sums[name] += told if isinstance(told, int) and 0 <= told < 2**31 else 0
        sums["silent"] += plan.heard_by(reported) < at
    return Health(
        dict(states.most_common()),
        dict(drift.most_common()),
        sums["predictions"],
        sums["flagged"],
        sums["refused"],
        sums["silent"],
    )


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "drifting" if value else "none"
    if isinstance(value, int | float):
        return "drifting" if value else "none"
    return str(value)[:20]


class Step(NamedTuple):
    """Something that happened to a delivery. `by`: hub, pc, owner or publisher.

    `lasted`: until the next step; None for the last one where the story has ended.
    """

    at: datetime
    state: str
    reason: str
    figures: dict[str, Any]
    by: str
    lasted: timedelta | None


def timeline(session: Session, delivery: Delivery, at: datetime) -> list[Step]:
    """What happened to a delivery, in order, and how long each state lasted."""
    query = select(DeliveryEvent).where(DeliveryEvent.delivery_id == delivery.id)
    events = session.exec(query.order_by(col(DeliveryEvent.id))).all()
    ended = delivery.state in ("declined", *rules.SUCCEEDED, *rules.FAILED)
    ends = [*(event.at for event in events[1:]), None if ended else at]
    return [
        Step(
            event.at,
            event.state,
            event.reason,
            event.figures,
            _by(event),
            end - event.at if end else None,
        )
        for event, end in zip(events, ends, strict=False)  # who was not asked yet has none
    ]


def events(session: Session, rollout: Rollout, after: int, limit: int) -> list[DeliveryEvent]:
    """What happened at the sites of a rollout after an event, in order."""
    query = (
        select(DeliveryEvent)
        .join(Delivery, col(Delivery.id) == DeliveryEvent.delivery_id)
        .where(Delivery.rollout_id == rollout.id, col(DeliveryEvent.id) > after)
        .order_by(col(DeliveryEvent.id))
    )
    return list(session.exec(query.limit(limit)))


def _by(event: DeliveryEvent) -> str:
    if event.by == "hub":
        return "hub"
    if event.state in rules.REPORTED:
        return "pc"
    return "publisher" if event.state == "offered" else "owner"


def reports(session: Session, delivery: Delivery, most: int = 20) -> list[AgentReport]:
    """What the site said of its health since, newest first."""
    query = select(AgentReport).where(
        AgentReport.delivery_id == delivery.id, AgentReport.kind == "health"
    )
    return list(session.exec(query.order_by(col(AgentReport.id).desc()).limit(most)))


class Fielded(NamedTuple):
    """A version of a model as it is in the field."""

    number: str
    state: str
    sites: int
    tiers: dict[int, int]
    oldest: datetime | None
    silent_since: datetime | None
    health: dict[str, int]


def fielded(session: Session, model: SharedModel) -> list[Fielded]:
    """Which version runs at how many sites, by tier, newest version first.

    `oldest`: since when it has run at one of them; `silent_since`: who was heard longest ago.
    """
    versions = session.exec(
        select(Version).where(Version.model_id == model.id).order_by(col(Version.id).desc())
    ).all()
    grouped = columns(
        col(Deployment.version_id),
        func.coalesce(Delivery.tier, 0),
        col(Deployment.health),
        func.count(),
        func.min(Deployment.since),
        func.min(Deployment.reported_at),
    )
    rows = session.execute(
        grouped.select_from(Deployment)
        .join(Delivery, col(Delivery.id) == Deployment.delivery_id, isouter=True)
        .where(col(Deployment.model_id) == model.id)
        .group_by(col(Deployment.version_id), col(Delivery.tier), col(Deployment.health))
    ).all()
    return [_fielded(each, [row[1:] for row in rows if row[0] == each.id]) for each in versions]


def _fielded(version: Version, rows: Sequence[Any]) -> Fielded:
    tiers: Counter[int] = Counter()
    words: Counter[str] = Counter()
    for tier, word, count, _, _ in rows:
        tiers[tier] += count
        words[word or "unknown"] += count
    return Fielded(
        version.number,
        version.state,
        tiers.total(),
        dict(sorted(tiers.items())),
        min((row[3] for row in rows), default=None),
        min((row[4] for row in rows), default=None),
        dict(words),
    )
