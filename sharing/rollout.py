"""The life of a rollout, its waves and deliveries: which moves there are, and what comes next.

    rollout   draft (→ awaiting_approval → ready) → running ⇄ paused → finished
                                  → stopping → stopped, → rolling_back → rolled_back
    wave      scheduled → running → finished | error
    delivery  scheduled → offered → accepted | declined → prepared → downloading → verifying
              → probing → shadow → active → committed, later ones → rolled_back | failed

Decisions only, over states, counts and times: no database, no clock, no message. What hawkBit and
IoT Jobs taught: errors are looked at before success, a share counts only after a minimum sample,
a site that says nothing never stalls a wave and stays welcome.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from sharing.rollout_plan import FigureGate, Part, Plan, plan_from, shared_out, waves_from

__all__ = ["FigureGate", "Part", "Plan", "plan_from", "shared_out", "waves_from"]

WAITING = ("scheduled", "offered", "accepted")
ON_THE_WAY = ("prepared", "downloading", "verifying", "probing", "shadow")
SUCCEEDED = ("active", "committed")
FAILED = ("failed", "rolled_back")
OPEN = (*WAITING, *ON_THE_WAY)
DELIVERY_STATES = ("scheduled", "offered", "declined", "accepted", *ON_THE_WAY, *SUCCEEDED, *FAILED)
# What an agent may say of itself; everything before is between the hub and the owner.
REPORTED = ("downloading", "verifying", "probing", "shadow", *SUCCEEDED, *FAILED)

# Reasons that the hub itself gives; each is the key of its translation.
REASON_TEXTS = {
    "silent": "The plant said nothing until the deadline.",
    "late": "The plant did not come to an end until the deadline.",
    "no_answer": "There was no answer until the deadline.",
    "stopped": "The rollout was stopped before the version arrived.",
    "withdrawn": "The version was taken back.",
    "too_many_failed": "It was paused because too many plants failed.",
    "bad_figures": "It was paused because too many plants reported bad figures.",
    "failed_back": "It was taken back because too many plants failed.",
    "bad_figures_back": "It was taken back because too many plants reported bad figures.",
    "not_made": "The package for this plant could not be made.",
    "put_back": "The database was put back; this was read from the signed list of the plant.",
}
SILENT, LATE = REASON_TEXTS["silent"], REASON_TEXTS["late"]
NO_ANSWER = REASON_TEXTS["no_answer"]
STOPPED, WITHDRAWN = REASON_TEXTS["stopped"], REASON_TEXTS["withdrawn"]
TOO_MANY_FAILED, NOT_MADE = REASON_TEXTS["too_many_failed"], REASON_TEXTS["not_made"]
BAD_FIGURES, PUT_BACK = REASON_TEXTS["bad_figures"], REASON_TEXTS["put_back"]

ROLLOUT_MOVES: Mapping[str, Mapping[str, str]] = {
    "submit": {"draft": "awaiting_approval"},
    "approve": {"awaiting_approval": "ready"},
    "refuse": {"awaiting_approval": "draft"},
    "start": {"draft": "running", "ready": "running"},
    "pause": {"running": "paused"},
    "resume": {"paused": "running"},
    "finish": {"running": "finished"},
    "stop": dict.fromkeys(
        ("draft", "awaiting_approval", "ready", "running", "paused"), "stopping"
    ),
    "stopped": {"stopping": "stopped"},
    "rollback": dict.fromkeys(("running", "paused", "finished", "stopped"), "rolling_back"),
    "rolled_back": {"rolling_back": "rolled_back"},
}  # fmt: skip
ROLLOUT_STATES = (
    "draft", "awaiting_approval", "ready", "running", "paused", "finished", "stopping", "stopped",
    "rolling_back", "rolled_back",
)  # fmt: skip
AT_WORK = ("running", "stopping", "rolling_back")
# What people do; the other moves are the hub's own.
ACTIONS = ("submit", "approve", "refuse", "start", "resume", "pause", "stop", "rollback")
# action → states in which it has been done already: asked again, it changes nothing.
DONE: Mapping[str, tuple[str, ...]] = {
    "submit": ("awaiting_approval",),
    "approve": ("ready",),
    "refuse": (),
    "start": ("running",),
    "resume": ("running",),
    "pause": ("paused",),
    "stop": ("stopping", "stopped"),
    "rollback": ("rolling_back", "rolled_back"),
}
ENDED = ("finished", "stopped", "rolled_back")

DELIVERY_MOVES: Mapping[str, frozenset[str]] = {
    "scheduled": frozenset({"offered", "failed"}),
    "offered": frozenset({"accepted", "declined", "failed"}),
    "declined": frozenset({"accepted"}),
    "accepted": frozenset({"prepared", "declined", "failed"}),
    **{state: frozenset({*REPORTED}) - {state} for state in ON_THE_WAY},
    "active": frozenset({"committed", *FAILED}),
    "committed": frozenset(FAILED),
    "rolled_back": frozenset(),
    "failed": frozenset(REPORTED) - {"failed"},
}


def moved(state: str, action: str, *, approval: bool = False) -> str | None:
    """State of a rollout after an action, None where it does not fit.

    Where a second person's approval is wanted, a draft is submitted first; where not, never.

    >>> moved("running", "pause"), moved("draft", "pause")
    ('paused', None)
    >>> moved("draft", "start", approval=True) is None, moved("ready", "start", approval=True)
    (True, 'running')
    """
    if state == "draft" and action == ("start" if approval else "submit"):
        return None
    return ROLLOUT_MOVES[action].get(state)


def actions_in(state: str, *, approval: bool = False) -> tuple[str, ...]:
    """What people may do in a state.

    >>> actions_in("draft", approval=True), actions_in("paused")
    (('submit', 'stop'), ('resume', 'stop', 'rollback'))
    """
    return tuple(a for a in ACTIONS if moved(state, a, approval=approval) is not None)


def may_move(state: str, to: str) -> bool:
    """Whether a delivery may go from one state to the other."""
    return to in DELIVERY_MOVES[state]


def after_report(state: str, reported: str, action: str = "install") -> str | None:
    """What a report makes of a delivery's state; None where it changes nothing.

    A report may come late, twice, or after others were lost: a site that is ahead is believed, an
    answered offer or a finished story is not reopened. One that failed may come back. Once the
    site is asked to go back (`action`), only what it arrived at counts, no step on the way.

    >>> after_report("prepared", "verifying"), after_report("active", "probing")
    ('verifying', None)
    >>> after_report("offered", "active") is None, after_report("failed", "probing", "rollback")
    (True, None)
    """
    if reported not in REPORTED or state in (*WAITING, "declined"):
        return None
    if action != "install" and reported in ON_THE_WAY:
        return None
    return reported if may_move(state, reported) else None


def after_health(state: str, action: str, *, new: bool, old: bool) -> str | None:
    """What it says of a delivery that its site runs the new version, or the one before it.

    >>> after_health("probing", "install", new=True, old=False)
    'active'
    >>> after_health("active", "rollback", new=False, old=True)
    'rolled_back'
    """
    if new and action == "install" and state in (*ON_THE_WAY, "failed"):
        return "active"
    if old and action == "rollback" and state in SUCCEEDED:
        return "rolled_back"
    return None


def starts_over(state: str, reported: str) -> bool:
    """Whether a site that was further, or had failed, is on the way again.

    >>> starts_over("probing", "downloading"), starts_over("downloading", "probing")
    (True, False)
    """
    if reported not in ON_THE_WAY:
        return False
    return state in FAILED or DELIVERY_STATES.index(state) > DELIVERY_STATES.index(reported)


def overdue(
    state: str, deadline: datetime | None, at: datetime, arrive: datetime | None = None
) -> tuple[str, str] | None:
    """State and reason of a delivery whose time ran out; None where it did not.

    An offer without an answer is declined, and no error; a site that took it and went silent
    counts as failed, and so does one that talks on and on and does not arrive. All stay welcome.
    """
    if state in ON_THE_WAY and arrive is not None and arrive <= at:
        return "failed", LATE
    if deadline is None or at < deadline:
        return None
    if state == "offered":
        return "declined", NO_ANSWER
    if state in ON_THE_WAY:
        return "failed", SILENT
    return None


States = Iterable[str] | Mapping[str, int]
Verdict = Literal["wait", "error", "finished"]


def too_many_failed(plan: Plan, states: States, forgiven: int = 0) -> bool:
    """Whether a wave's failures are more than its share, after the minimum sample.

    The sample is what came to an end at a site, well or badly; a wave in which nobody is under way
    any more is judged by what it has. The share has to be passed, not reached.

    >>> too_many_failed(Plan(min_sample=2, error_share=0.5), ["active", "failed"])
    False
    """
    good, bad, open_ = _counted(states)
    counted = max(bad - max(plan.forgiven, forgiven), 0)
    sampled = good + bad >= plan.min_sample or not open_
    return bool(counted) and sampled and counted / (good + bad) > plan.error_share


def enough(plan: Plan, states: States) -> bool:
    """Whether a wave has come far enough for the next one; a part that declined does not count."""
    good, bad, open_ = _counted(states)
    return not open_ or bool(good and good / (good + bad + open_) >= plan.success_share)


def verdict(
    plan: Plan, states: States, quiet: timedelta = timedelta.max, forgiven: int = 0
) -> Verdict:
    """What a running wave's states (or their counts) mean; `quiet` is how long it is `enough`.

    The error check comes before the success check.

    >>> verdict(Plan(min_sample=2), ["active", "failed", "prepared"])
    'error'
    >>> verdict(Plan(), {"active": 1, "declined": 1})
    'finished'
    """
    counts = Counter(states)
    if too_many_failed(plan, counts, forgiven):
        return "error"
    if not enough(plan, counts) or quiet < timedelta(minutes=plan.soak_minutes):
        return "wait"
    return "finished"


def bad_sites(gate: FigureGate, told: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """How many sites told a figure of a gate, and how many a bad one."""
    found = [bad for bad in map(gate.is_bad, told) if bad is not None]
    return len(found), sum(found)


def figure_crossed(
    gate: FigureGate,
    told: Sequence[Mapping[str, Any]],
    forgiven: int = 0,
    *,
    complete: bool = False,
) -> bool:
    """Whether too many of the sites that run the version tell a bad figure. `told`: one a site.

    Where nobody is under way any more (`complete`) and all have told, a smaller sample will do.

    >>> gate = FigureGate(figure="health", min_sample=2)
    >>> figure_crossed(gate, [{"health": "ok"}, {"health": "broken"}])
    True
    """
    of, bad = bad_sites(gate, told)
    counted = max(bad - forgiven, 0)
    sampled = of >= gate.min_sample or (complete and of == len(told))
    return bool(counted) and sampled and counted / of > gate.share


def error_reason(plan: Plan, *, by_figures: bool) -> tuple[str, str]:
    """What a wave's error leads to: the action, and the reason that people read."""
    kind = "bad_figures" if by_figures else "too_many_failed"
    if plan.on_error == "pause":
        return "pause", REASON_TEXTS[kind]
    return "rollback", REASON_TEXTS["bad_figures_back" if by_figures else "failed_back"]


def _counted(states: States) -> tuple[int, int, int]:
    counts = Counter(states)
    good, bad = (sum(counts[s] for s in group) for group in (SUCCEEDED, FAILED))
    return good, bad, sum(counts[s] for s in OPEN)
