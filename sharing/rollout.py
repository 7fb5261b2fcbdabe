"""The life of a rollout, its waves and deliveries: which moves there are, and what comes next.

    rollout   draft → ready → running ⇄ paused → finished
                                  → stopping → stopped, → rolling_back → rolled_back
    wave      scheduled → running → finished | error
    delivery  scheduled → offered → accepted | declined → prepared → downloading → verifying
              → probing → shadow → active → committed, later ones → rolled_back | failed

Decisions only, over states, counts and times: no database, no clock, no message. What hawkBit and
IoT Jobs taught: errors are looked at before success, a share counts only after a minimum sample,
a site that says nothing never stalls a wave and stays welcome.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

WAITING = ("scheduled", "offered", "accepted")
ON_THE_WAY = ("prepared", "downloading", "verifying", "probing", "shadow")
SUCCEEDED = ("active", "committed")
FAILED = ("failed", "rolled_back")
DELIVERY_STATES = ("scheduled", "offered", "declined", "accepted", *ON_THE_WAY, *SUCCEEDED, *FAILED)
# What an agent may say of itself; everything before is between the hub and the owner.
REPORTED = ("downloading", "verifying", "probing", "shadow", *SUCCEEDED, *FAILED)

# Reasons that the hub itself gives; each is the key of its translation.
REASON_TEXTS = {
    "silent": "The plant said nothing until the deadline.",
    "no_answer": "There was no answer until the deadline.",
    "stopped": "The rollout was stopped before the version arrived.",
    "withdrawn": "The version was taken back.",
    "too_many_failed": "It was paused because too many plants failed.",
    "not_made": "The package for this plant could not be made.",
}
SILENT, NO_ANSWER = REASON_TEXTS["silent"], REASON_TEXTS["no_answer"]
STOPPED, WITHDRAWN = REASON_TEXTS["stopped"], REASON_TEXTS["withdrawn"]
TOO_MANY_FAILED, NOT_MADE = REASON_TEXTS["too_many_failed"], REASON_TEXTS["not_made"]

ROLLOUT_MOVES: Mapping[str, Mapping[str, str]] = {
    "start": {"draft": "running", "ready": "running"},
    "pause": {"running": "paused"},
    "resume": {"paused": "running"},
    "finish": {"running": "finished"},
    "stop": dict.fromkeys(("draft", "ready", "running", "paused"), "stopping"),
    "stopped": {"stopping": "stopped"},
    "rollback": dict.fromkeys(("running", "paused", "finished", "stopped"), "rolling_back"),
    "rolled_back": {"rolling_back": "rolled_back"},
}
ROLLOUT_STATES = (
    "draft", "ready", "running", "paused", "finished", "stopping", "stopped",
    "rolling_back", "rolled_back",
)  # fmt: skip
AT_WORK = ("running", "stopping", "rolling_back")

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


class Plan(BaseModel):
    """The gates of a rollout's waves. Shares are parts of one.

    `forgiven` errors were there when a person resumed: they do not pause it a second time.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    error_share: float = Field(0.2, ge=0, le=1)
    min_sample: int = Field(5, ge=1)
    success_share: float = Field(1.0, gt=0, le=1)
    soak_minutes: float = Field(0, ge=0)
    answer_days: float = Field(14, gt=0)
    silent_hours: float = Field(72, gt=0)
    waves: tuple[float, ...] = (1.0,)
    forgiven: int = Field(0, ge=0)

    def answer_by(self, offered: datetime) -> datetime:
        """Until when an owner may take to answer."""
        return offered + timedelta(days=self.answer_days)

    def heard_by(self, at: datetime) -> datetime:
        """Until when a site has to say something after the last thing that happened."""
        return at + timedelta(hours=self.silent_hours)


def moved(state: str, action: str) -> str | None:
    """State of a rollout after an action, None where it does not fit.

    >>> moved("running", "pause"), moved("draft", "pause")
    ('paused', None)
    """
    return ROLLOUT_MOVES[action].get(state)


def may_move(state: str, to: str) -> bool:
    """Whether a delivery may go from one state to the other."""
    return to in DELIVERY_MOVES[state]


def after_report(state: str, reported: str) -> str | None:
    """What a report makes of a delivery's state; None where it changes nothing.

    A report may come late, twice, or after others were lost: a site that is ahead is believed, an
    answered offer or a finished story is not reopened. One that failed may come back.

    >>> after_report("prepared", "verifying"), after_report("active", "probing")
    ('verifying', None)
    >>> after_report("offered", "active") is None
    True
    """
    if reported not in REPORTED or state in (*WAITING, "declined"):
        return None
    return reported if may_move(state, reported) else None


def overdue(state: str, deadline: datetime | None, at: datetime) -> tuple[str, str] | None:
    """State and reason of a delivery whose time ran out; None where it did not.

    An offer without an answer is declined, and no error; a site that took it and went silent
    counts as failed. Both stay welcome.
    """
    if deadline is None or at < deadline:
        return None
    if state == "offered":
        return "declined", NO_ANSWER
    if state in ON_THE_WAY:
        return "failed", SILENT
    return None


Verdict = Literal["wait", "error", "finished"]


def verdict(plan: Plan, states: Iterable[str], quiet: timedelta = timedelta.max) -> Verdict:
    """What a running wave's states mean; `quiet` is how long ago the last of them changed.

    The error check comes before the success check.

    >>> verdict(Plan(min_sample=2), ["active", "failed", "prepared"])
    'error'
    >>> verdict(Plan(), ["active", "declined"])
    'finished'
    """
    listed = list(states)
    good = sum(state in SUCCEEDED for state in listed)
    bad = sum(state in FAILED for state in listed)
    open_ = sum(state in (*WAITING, *ON_THE_WAY) for state in listed)
    counted = max(bad - plan.forgiven, 0)
    sampled = good + bad >= plan.min_sample or not open_
    if counted and sampled and counted / (good + bad) > plan.error_share:
        return "error"
    enough = not open_ or (good and good / (good + bad + open_) >= plan.success_share)
    if not enough or quiet < timedelta(minutes=plan.soak_minutes):
        return "wait"
    return "finished"


T = TypeVar("T")


def shared_out(items: Sequence[T], shares: Sequence[float]) -> list[list[T]]:
    """The items in waves, in their order; every item in exactly one, no wave empty.

    >>> shared_out("abcdefghij", (0.1, 0.3, 0.6))
    [['a'], ['b', 'c', 'd'], ['e', 'f', 'g', 'h', 'i', 'j']]
    """
    waves, begin, upto = [], 0, 0.0
    for share in shares:
        upto += share / sum(shares)
        end = max(round(upto * len(items)), begin)
        if end > begin:
            waves.append(list(items[begin:end]))
        begin = end
    if begin < len(items):
        waves.append(list(items[begin:]))
    return waves


def plan_from(data: Mapping[str, Any]) -> Plan:
    """A stored plan. Raises pydantic.ValidationError for what is none."""
    return Plan.model_validate(data)
