"""What a rollout's page shows: counts, waves with their gates, and each site's square.

Counts are counted by the database and squares are read one page at a time: a rollout of ten
thousand sites is looked at as often as one of ten.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import Select

from sharing import rollout as rules
from sharing.errors import DeliveryNotFound
from sharing.services.many import who_left
from sharing.services.rollouts import waves_of
from sharing.tables import Delivery, DeliveryEvent, Deployment, Rollout, SharedModel, Version, Wave
from supplychain.services.descriptions import Facts, described
from supplychain.services.sight import sight_of
from supplychain.tables import Site

# Groups in which a page counts: name → states of deliveries.
GROUPS = {
    "waiting": ("scheduled", "offered"),
    "under_way": ("accepted", *rules.ON_THE_WAY),
    "active": rules.SUCCEEDED,
    "failed": rules.FAILED,
    "declined": ("declined",),
}
# State → the letter that stands for it where thousands of squares are told at once.
LETTERS = dict(zip(rules.DELIVERY_STATES, "soxaqdvphACFB", strict=True))


class Square(NamedTuple):
    """One site's share. `named` is False where the lead firm may not know whose site it is.

    `firm` is what it may know of the firm; without a name, nothing.
    """

    delivery: Delivery
    site: Site
    firm: Facts | None
    named: bool
    predictions: int | None
    health: str


@dataclass(frozen=True)
class WaveSeen:
    """A wave with the number of its sites in each state; `left`: those whom gates leave out."""

    wave: Wave
    states: Counter[str]
    left: Counter[str] = field(default_factory=Counter)

    @property
    def sites(self) -> int:
        """How many take part."""
        return self.states.total()


@dataclass(frozen=True)
class Board:
    """A rollout as its page shows it."""

    rollout: Rollout
    model: SharedModel
    version: Version
    waves: list[WaveSeen]
    predictions: int

    @property
    def states(self) -> Counter[str]:
        """Sites in each state."""
        return sum((seen.states for seen in self.waves), Counter[str]())

    @property
    def sites(self) -> int:
        """How many take part."""
        return self.states.total()

    @property
    def counts(self) -> dict[str, int]:
        """Sites in each group."""
        states = self.states
        return {name: sum(states[s] for s in members) for name, members in GROUPS.items()}


class Gate(NamedTuple):
    """How a running wave stands to its gates.

    `left`: how many more may fail before it is stopped, None where the sample is too small yet;
    `soak_until`: when it has been well for long enough; `more`: how many sites have to succeed
    before the soak begins.
    """

    good: int
    bad: int
    forgiven: int
    still_open: int
    share: float
    limit: float
    sample: int
    left: int | None
    more: int
    soak_until: datetime | None


def gate_of(seen: WaveSeen, plan: rules.Plan) -> Gate:
    """A wave beside the numbers of its plan."""
    states = seen.states - seen.left
    good, bad, open_ = (
        sum(states[s] for s in group) for group in (rules.SUCCEEDED, rules.FAILED, rules.OPEN)
    )
    pardoned = max(plan.forgiven, seen.wave.forgiven.get("", 0))
    forgiven = min(bad, pardoned)
    counted = bad - forgiven
    sampled = good + bad >= plan.min_sample or not open_
    since = seen.wave.enough_since
    return Gate(
        good=good,
        bad=bad,
        forgiven=forgiven,
        still_open=open_,
        share=counted / (good + bad) if good + bad else 0.0,
        limit=plan.error_share,
        sample=plan.min_sample,
        left=_more_failures(plan, states, pardoned) if sampled else None,
        more=_more_successes(plan, good, bad, open_),
        soak_until=since + timedelta(minutes=plan.soak_minutes) if since else None,
    )


def _more_failures(plan: rules.Plan, states: Counter[str], forgiven: int) -> int:
    """How many of the open ones may fail before the gate closes."""
    open_ = sum(states[s] for s in rules.OPEN)
    low, high = 0, open_
    while low < high:
        middle = (low + high + 1) // 2
        then = {"failed": sum(states[s] for s in rules.FAILED) + middle} | {
            "active": sum(states[s] for s in rules.SUCCEEDED)
        }
        then |= {"prepared": open_ - middle}
        if rules.too_many_failed(plan, then, forgiven):
            high = middle - 1
        else:
            low = middle
    return low


def _more_successes(plan: rules.Plan, good: int, bad: int, open_: int) -> int:
    """How many of the open ones have to succeed until the wave has come far enough."""
    whole = good + bad + open_
    for more in range(open_ + 1):
        if more == open_ or (good + more and (good + more) / whole >= plan.success_share):
            return more
    return open_


def board_of(session: Session, rollout: Rollout) -> Board:
    """The board of a rollout."""
    return boards_of(session, [rollout])[0]


def boards_of(session: Session, rollouts: Sequence[Rollout]) -> list[Board]:
    """The boards of several, counted at once."""
    numbers = [rollout.id or 0 for rollout in rollouts]
    going_on = {rollout.id for rollout in rollouts if rollout.state in ("running", "paused")}
    states: dict[int, Counter[str]] = {}
    left: dict[int, Counter[str]] = {}
    each = (
        select(
            col(Delivery.rollout_id),
            col(Delivery.wave_id),
            col(Delivery.state),
            who_left().label("gone"),
        )
        .where(col(Delivery.rollout_id).in_(numbers))
        .subquery()
    )
    kinds = (each.c.rollout_id, each.c.wave_id, each.c.state, each.c.gone)
    rows = session.execute(select(*kinds).add_columns(func.count()).group_by(*kinds))
    for rollout_id, wave, state, out, count in rows:
        states.setdefault(wave, Counter())[state] += count
        if out and rollout_id in going_on:
            left.setdefault(wave, Counter())[state] += count
    predictions = _predictions(session, numbers)
    found = []
    for rollout in rollouts:
        version = session.get_one(Version, rollout.version_id)
        waves = [
            WaveSeen(wave, states.get(wave.id or 0, Counter()), left.get(wave.id or 0, Counter()))
            for wave in waves_of(session, rollout)
        ]
        model = session.get_one(SharedModel, version.model_id)
        found.append(Board(rollout, model, version, waves, predictions.get(rollout.id or 0, 0)))
    return found


def _predictions(session: Session, rollouts: Sequence[int]) -> dict[int, int]:
    rows = session.exec(
        select(Delivery.rollout_id, func.sum(Deployment.predictions))
        .join(Delivery, col(Delivery.id) == Deployment.delivery_id)
        .where(col(Delivery.rollout_id).in_(rollouts))
        .group_by(col(Delivery.rollout_id))
    )
    return {rollout: int(count or 0) for rollout, count in rows}


def mark_of(session: Session, board: Board) -> str:
    """Something that is another as soon as anything of the board is."""
    newest = select(func.max(Delivery.changed_at)).where(Delivery.rollout_id == board.rollout.id)
    waves = [
        (seen.wave.state, str(seen.wave.enough_since), sorted(seen.states.items()))
        for seen in board.waves
    ]
    told = (
        board.rollout.id,
        board.rollout.state,
        board.rollout.reason,
        board.rollout.plan,
        waves,
        board.predictions,
        str(session.exec(newest).one()),
        board.version.state,
    )
    return hashlib.sha256(repr(told).encode()).hexdigest()[:24]


def packed(session: Session, rollout: Rollout) -> list[tuple[int, str, list[list[int]]]]:
    """Each wave as (its number, a letter a site, runs of the deliveries' numbers: [first, count]).

    Ten thousand sites take about as many bytes.
    """
    rows = session.execute(
        select(Wave.position, Delivery.id, Delivery.state)
        .join(Wave, col(Wave.id) == Delivery.wave_id)
        .where(Delivery.rollout_id == rollout.id)
        .order_by(col(Wave.position), col(Delivery.id))
    )
    found: list[tuple[int, str, list[list[int]]]] = []
    letters: list[str] = []
    for position, number, state in rows:
        if not found or found[-1][0] != position:
            if found:
                found[-1] = (found[-1][0], "".join(letters), found[-1][2])
            found.append((position, "", []))
            letters = []
        letters.append(LETTERS[state])
        runs = found[-1][2]
        if runs and runs[-1][0] + runs[-1][1] == number:
            runs[-1][1] += 1
        else:
            runs.append([number, 1])
    if found:
        found[-1] = (found[-1][0], "".join(letters), found[-1][2])
    return found


def squares(
    session: Session,
    rollout: Rollout,
    states: Iterable[str] = (),
    *,
    after: int = 0,
    offset: int = 0,
    limit: int = 25,
) -> list[Square]:
    """Some sites in order of waves, or those after a delivery in the order of numbers."""
    wanted = tuple(states)
    query = _with_sites(rollout)
    query = query.where(col(Delivery.state).in_(wanted)) if wanted else query
    if after:
        query = query.where(col(Delivery.id) > after)
    query = query.order_by(col(Delivery.id)).offset(offset).limit(limit)
    return _seen(session, rollout, query)


def square_of(session: Session, rollout: Rollout, delivery: int) -> Square:
    """One site's share. Raises DeliveryNotFound."""
    found = _seen(session, rollout, _with_sites(rollout).where(Delivery.id == delivery))
    if not found:
        raise DeliveryNotFound(delivery=delivery)
    return found[0]


def squares_of(session: Session, rollout: Rollout, deliveries: Sequence[int]) -> list[Square]:
    """The squares of these deliveries, by number."""
    query = _with_sites(rollout).where(col(Delivery.id).in_(deliveries))
    return _seen(session, rollout, query.order_by(col(Delivery.id)))


def _with_sites(rollout: Rollout) -> Select[Delivery, Site, Deployment]:
    return (
        select(Delivery, Site, Deployment)
        .join(Site, col(Site.id) == Delivery.site_id)
        .join(Deployment, col(Deployment.delivery_id) == Delivery.id, isouter=True)
        .where(Delivery.rollout_id == rollout.id)
    )


def _seen(
    session: Session, rollout: Rollout, query: Select[Delivery, Site, Deployment]
) -> list[Square]:
    found = session.exec(query).all()
    if not found:
        return []
    seen = named_to(session, rollout.lead_firm_id)
    named = {
        site.firm_id
        for delivery, site, _ in found
        # Who accepts a version has agreed to be known to the firm that shares it.
        if site.firm_id in seen or delivery.metadata_version
    }
    firms = described(session, rollout.lead_firm_id, named)
    return [
        Square(
            delivery,
            site,
            firms.get(site.firm_id),
            site.firm_id in firms and bool(firms[site.firm_id].name),
            runs.predictions if runs is not None else None,
            runs.health if runs is not None else "",
        )
        for delivery, site, runs in found
    ]


def named_to(session: Session, lead_firm_id: int) -> frozenset[int]:
    """The firms whose names the lead firm may know (see supplychain.visibility)."""
    return sight_of(session, lead_firm_id).firms


def running_at(session: Session, model: SharedModel) -> int:
    """At how many sites a model runs."""
    found = select(func.count()).select_from(Deployment).where(Deployment.model_id == model.id)
    return session.exec(found).one()


def failures_lately(
    session: Session, rollout: Rollout, deliveries: Sequence[int]
) -> dict[int, DeliveryEvent]:
    """Delivery → the event with which it failed, newest; its figures tell the reason's facts."""
    rows = session.exec(
        select(DeliveryEvent)
        .join(Delivery, col(Delivery.id) == DeliveryEvent.delivery_id)
        .where(
            Delivery.rollout_id == rollout.id,
            col(Delivery.id).in_(deliveries),
            col(DeliveryEvent.state).in_(rules.FAILED),
        )
        .order_by(col(DeliveryEvent.id))
    )
    return {event.delivery_id: event for event in rows}
