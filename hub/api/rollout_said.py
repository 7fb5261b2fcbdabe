"""Rollouts as programs read them: in the API, and in the answers of commands."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlmodel import Session

from sharing import rollout as rules
from sharing.services import board as boards
from sharing.services import insight
from sharing.tables import DeliveryEvent, Rollout

SITES = 200  # of a rollout that is asked for alone; the rest by `sites`


class SiteSaid(BaseModel):
    """A plant's share of a rollout; without a name where it is not open to the lead firm."""

    delivery: int
    site: int
    firm: str | None
    tier: int
    state: str
    reason: str
    predictions: int | None
    health: str
    changed_at: datetime


class GateSaid(BaseModel):
    """How a wave stands to its gates.

    `left`: how many more may fail, None while the sample is too small; `more`: how many have to
    succeed; `soak_until`: when it has been well for long enough.
    """

    good: int
    bad: int
    forgiven: int
    open: int
    error_share: float
    error_limit: float
    min_sample: int
    left: int | None
    more: int
    soak_until: datetime | None


class WaveSaid(BaseModel):
    """A wave with the number of its plants in each state."""

    wave: int
    state: str
    sites: int
    states: dict[str, int]
    gate: GateSaid
    started_at: datetime | None
    finished_at: datetime | None


class RolloutSaid(BaseModel):
    """A rollout with its counts, and, asked for alone, its waves and its first plants.

    `actions`: what may be done with it in this state, by whoever may.
    """

    id: int
    name: str
    model: str
    version: str
    state: str
    reason: str
    audience: dict[str, Any]
    plan: dict[str, Any]
    counts: dict[str, int]
    actions: list[str]
    waves: list[WaveSaid] | None = None
    sites: list[SiteSaid] | None = None
    sites_after: int | None = None


class EventSaid(BaseModel):
    """Something that happened at a plant."""

    id: int
    delivery: int
    at: datetime
    state: str
    reason: str
    figures: dict[str, Any]


class StepSaid(BaseModel):
    """A step of one plant; `by`: hub, pc, owner or publisher. `seconds`: how long it lasted."""

    at: datetime
    state: str
    reason: str
    figures: dict[str, Any]
    by: str
    seconds: float | None


class FailureSaid(BaseModel):
    """Plants that failed or declined for one reason; up to 200 of them by number."""

    reason: str
    code: str
    states: dict[str, int]
    sites: int
    deliveries: list[int]
    advice: str


class TierSaid(BaseModel):
    """How many plants of a tier ran the version, at moments."""

    tier: int
    sites: int
    running: int
    points: list[tuple[datetime, int]]


class FiguresSaid(BaseModel):
    """Adoption by tier, and how plants say that they are."""

    tiers: list[TierSaid]
    health: dict[str, int]
    drift: dict[str, int]
    predictions: int
    flagged: int
    refused: int
    silent: int


class FieldedSaid(BaseModel):
    """A version in the field."""

    version: str
    state: str
    sites: int
    tiers: dict[int, int]
    health: dict[str, int]
    oldest: datetime | None
    silent_since: datetime | None


def rollout_said(session: Session, row: Rollout, *, sites: bool = True) -> RolloutSaid:
    """A rollout as programs read it."""
    return board_said(session, boards.board_of(session, row), sites=sites)


def board_said(session: Session, board: boards.Board, *, sites: bool = True) -> RolloutSaid:
    """The same of a board that is at hand."""
    row = board.rollout
    plan = rules.plan_from(row.plan)
    first = boards.squares(session, row, limit=SITES) if sites else []
    return RolloutSaid(
        id=row.id or 0,
        name=row.name,
        model=board.model.slug,
        version=board.version.number,
        state=row.state,
        reason=row.reason,
        audience=row.audience,
        plan=row.plan,
        counts=board.counts,
        actions=list(rules.actions_in(row.state, approval=plan.approval)),
        waves=[_wave_said(seen, plan) for seen in board.waves] if sites else None,
        sites=[site_said(square) for square in first] if sites else None,
        sites_after=first[-1].delivery.id if len(first) == SITES else None,
    )


def _wave_said(seen: boards.WaveSeen, plan: rules.Plan) -> WaveSaid:
    gate = boards.gate_of(seen, plan)
    return WaveSaid(
        wave=seen.wave.position,
        state=seen.wave.state,
        sites=seen.sites,
        states=dict(seen.states),
        gate=GateSaid(
            good=gate.good,
            bad=gate.bad,
            forgiven=gate.forgiven,
            open=gate.still_open,
            error_share=gate.share,
            error_limit=gate.limit,
            min_sample=gate.sample,
            left=gate.left,
            more=gate.more,
            soak_until=gate.soak_until,
        ),
        started_at=seen.wave.started_at,
        finished_at=seen.wave.finished_at,
    )


def site_said(square: boards.Square) -> SiteSaid:
    """A plant's share as programs read it."""
    delivery = square.delivery
    return SiteSaid(
        delivery=delivery.id or 0,
        site=delivery.site_id,
        firm=square.firm.name if square.named and square.firm else None,
        tier=delivery.tier,
        state=delivery.state,
        reason=delivery.reason,
        predictions=square.predictions,
        health=square.health,
        changed_at=delivery.changed_at,
    )


def event_said(event: DeliveryEvent) -> EventSaid:
    """An event as programs read it; who did it is not told."""
    return EventSaid(
        id=event.id or 0,
        delivery=event.delivery_id,
        at=event.at,
        state=event.state,
        reason=event.reason,
        figures=event.figures,
    )


def step_said(step: insight.Step) -> StepSaid:
    """A step as programs read it."""
    lasted = step.lasted.total_seconds() if step.lasted is not None else None
    return StepSaid(
        at=step.at,
        state=step.state,
        reason=step.reason,
        figures=step.figures,
        by=step.by,
        seconds=lasted,
    )


def failure_said(group: insight.Failures, advice: str) -> FailureSaid:
    """Failures of one reason as programs read them."""
    return FailureSaid(
        reason=group.reason,
        code=group.code,
        states=dict(group.states),
        sites=group.sites,
        deliveries=group.deliveries,
        advice=advice,
    )


def figures_said(adopted: list[insight.Adopted], health: insight.Health) -> FiguresSaid:
    """Adoption and health as programs read them."""
    tiers = [
        TierSaid(
            tier=each.tier,
            sites=each.sites,
            running=each.points[-1][1] if each.points else 0,
            points=each.points,
        )
        for each in adopted
    ]
    return FiguresSaid(
        tiers=tiers,
        health=health.states,
        drift=health.drift,
        predictions=health.predictions,
        flagged=health.flagged,
        refused=health.refused,
        silent=health.silent,
    )


def fielded_said(version: insight.Fielded) -> FieldedSaid:
    """A version in the field as programs read it."""
    return FieldedSaid(
        version=version.number,
        state=version.state,
        sites=version.sites,
        tiers=version.tiers,
        health=version.health,
        oldest=version.oldest,
        silent_since=version.silent_since,
    )
