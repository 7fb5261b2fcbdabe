"""From the version that runs to the version that was assigned, one stored step at a time.

`decide` is pure: it takes what was assigned and how far each delivery got, and says what to do.
`Update` does it. The step is stored before it is begun, so that an agent that was switched off in
the middle begins that step again; each step can be begun again.

    downloading → verifying → probing → (waiting →) active → committed, or failed, or rolled_back

All but the switch is done at once; the switch waits for the time slot that the owner has set.
"""

import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from sharing.agent import verify
from sharing.agent.bundle import Bundle, golden_of
from sharing.agent.errors import (
    AgentError,
    FileDamaged,
    TooManyTries,
    UpdateRefused,
)
from sharing.agent.fetch import Fetcher
from sharing.agent.home import Home, Running, file_name
from sharing.agent.probe import probe
from sharing.agent.state import Progress, State, moment
from sharing.agent.structure import structure_of
from sharing.agent.verify import Assignment, Trust

STEPS = ("downloading", "verifying", "probing", "waiting", "active", "committed")
FINAL = ("committed", "failed", "rolled_back")
MOST_TRIES = 5


class Turn(NamedTuple):
    """One delivery's next step; `tries` as they stand before it."""

    assignment: Assignment
    step: str
    tries: int


class Plan(NamedTuple):
    """What to do now: versions to bring on, models that are no longer assigned."""

    turns: list[Turn]
    withdrawn: list[Running]


def decide(
    assignments: Mapping[int, Assignment],
    progress: Mapping[int, Progress],
    active: Mapping[str, Running],
) -> Plan:
    """What is to be done. Touches neither disk nor network.

    Of several deliveries of one model the newest counts: a deliberate return to an older version
    is a newer delivery. What has ended, well or badly, is not begun again. A model that runs and
    is assigned no more is stopped.
    """
    newest: dict[str, Assignment] = {}
    for assignment in sorted(assignments.values(), key=lambda one: one.delivery):
        newest[assignment.model] = assignment
    turns = []
    for assignment in newest.values():
        known = progress.get(assignment.delivery)
        if known is None or known.version != assignment.version:
            turns.append(Turn(assignment, STEPS[0], 0))
        elif known.step not in FINAL:
            turns.append(Turn(assignment, known.step, known.tries))
    withdrawn = [running for model, running in active.items() if model not in newest]
    return Plan(turns, withdrawn)


def utc_now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


class Update:
    """Carries a plan out. `told` is called after each stored report, to pass it on at once."""

    def __init__(
        self,
        home: Home,
        state: State,
        fetcher: Fetcher,
        told: Callable[[], None] = lambda: None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._home = home
        self._state = state
        self._fetcher = fetcher
        self._told = told
        self._clock = clock
        self._sound: set[int] = set()  # deliveries whose files this look has verified

    def run(self) -> bool:
        """One look at what is assigned, and all that follows from it; whether anything changed.

        A refusal of one version is reported, not raised. Raises UpdateRefused where the signed
        lists themselves are not trustworthy, and the transport's errors.
        """
        with self._home.lock():
            enrolment = self._home.enrolment()
            trust = Trust(self._home, enrolment.url, enrolment.site, self._fetcher)
            plan = decide(trust.assignments, self._state.progress(), self._home.active())
            for running in plan.withdrawn:
                self._withdraw(running)
            moved = [self._bring_on(trust, turn) for turn in plan.turns]
            if not plan.turns:
                self._fetcher.discard()
            return any(moved) or bool(plan.withdrawn)

    def _bring_on(self, trust: Trust, turn: Turn) -> bool:
        one, figures = turn.assignment, dict[str, Any]()
        tries = turn.tries
        for step in STEPS[STEPS.index(turn.step) :]:
            at = Progress(one.delivery, one.model, one.version, step, tries)
            if step == "waiting":
                if not self._may_switch(one):
                    return self._wait(at, one, figures)
                continue
            try:
                at = self._begin(at, one.action)
                figures |= self._do(step, trust, one)
            except FileDamaged as error:
                self._damaged(at, error)
                return True
            except UpdateRefused as error:
                self._end(at, error)
                return True
            if step in ("active", "committed"):
                self._arrived(at, one.action, figures)
            tries = 0
        return True

    def _may_switch(self, one: Assignment) -> bool:
        # A way back is never kept waiting; nor is the rest of a switch that was begun.
        running = self._home.active().get(one.model)
        begun = running is not None and running.delivery == one.delivery
        return (
            one.action != "install" or one.slot is None or begun or one.slot.is_open(self._clock())
        )

    def _wait(self, at: Progress, one: Assignment, figures: Mapping[str, Any]) -> bool:
        """Everything is ready and tried; that is told once, with the moment that it waits for."""
        if one.slot is None or self._is_at(at):
            return False
        opens = one.slot.opens(self._clock()).isoformat()
        self._move(at, state="shadow", figures={**figures, "opens": opens})
        return True

    def _begin(self, at: Progress, action: str) -> Progress:
        if at.tries >= MOST_TRIES:
            raise TooManyTries(step=at.step, tries=at.tries)
        # A download that breaks off is nobody's fault and goes on for ever; a step that runs the
        # model may be what takes the PC down.
        risky = at.step in ("probing", "active", "committed")
        begun = at._replace(tries=at.tries + 1 if risky else at.tries)
        if at.step == "committed":
            return begun  # active, and stored as such, until its last check is done
        # Of a return to an older version only the end is told: the delivery it ends was through.
        quiet = at.step == "active" or action == "rollback" or self._is_at(begun)
        self._move(begun, state=None if quiet else at.step)
        return begun

    def _arrived(self, at: Progress, action: str, figures: Mapping[str, Any]) -> None:
        if action != "rollback":
            self._move(at, state=at.step, figures={"health": "ok", **figures})
        elif at.step == "committed":
            self._move(at._replace(step="rolled_back"), state="rolled_back", figures=figures)

    def _is_at(self, at: Progress) -> bool:
        known = self._state.progress().get(at.delivery)
        return known is not None and known[1:4] == at[1:4]

    def _do(self, step: str, trust: Trust, one: Assignment) -> dict[str, Any]:
        match step:
            case "downloading":
                return self._download(trust, one)
            case "verifying":
                return self._verify(trust, one)
            case "probing":
                return dict(probe(self._home.bundle(one.model, one.version)))
            case "active":
                return self._activate(trust, one)
            case _:
                return self._commit(one)

    def _download(self, trust: Trust, one: Assignment) -> dict[str, Any]:
        agreed = trust.agreed(one)
        if self._installed(one, agreed):
            return {}
        before = self._fetcher.fetched
        for file, target in agreed.items():
            trust.download(target, self._staged(one) / file)
        return {
            "bytes": sum(target.length for target in agreed.values()),
            "fetched": self._fetcher.fetched - before,
        }

    def _installed(self, one: Assignment, agreed: Mapping[str, Any]) -> bool:
        folder = self._home.bundle(one.model, one.version)
        with suppress(FileDamaged):
            for file, target in agreed.items():
                verify.check(target, folder / file)
            return True
        return False

    def _verify(self, trust: Trust, one: Assignment) -> dict[str, Any]:
        agreed = trust.agreed(one)
        if not self._installed(one, agreed):
            staged, final = self._staged(one), self._home.bundle(one.model, one.version)
            for file, target in agreed.items():
                verify.check(target, staged / file)
            shutil.rmtree(final, ignore_errors=True)
            final.parent.mkdir(parents=True, exist_ok=True)
            staged.replace(final)
        structure_of(self._home.bundle(one.model, one.version) / "model.onnx")
        self._sound.add(one.delivery)
        return {}

    def _staged(self, one: Assignment) -> Path:
        return self._home.folder / "staged" / file_name(one.model) / file_name(one.version)

    def _activate(self, trust: Trust, one: Assignment) -> dict[str, Any]:
        before = self._home.active().get(one.model)
        if before is None or (before.delivery, before.version) != (one.delivery, one.version):
            if one.delivery not in self._sound:
                # It was verified another day, and may have waited for weeks.
                for file, target in trust.agreed(one).items():
                    verify.check(target, self._home.bundle(one.model, one.version) / file)
            previous = before.version if before else None
            self._home.activate(Running(one.model, one.version, one.delivery, moment(), previous))
        return {}

    def _commit(self, one: Assignment) -> dict[str, Any]:
        # The last look, through the pointer, in the process that will answer.
        folder = self._home.bundle(one.model, self._home.active()[one.model].version)
        Bundle.open(folder).compare(golden_of(folder))
        return {}

    def _damaged(self, at: Progress, error: FileDamaged) -> None:
        """Once may be the line; again and again is somebody."""
        if at.tries + 1 >= MOST_TRIES:
            self._end(at, error)
        else:
            self._move(at._replace(step="downloading", tries=at.tries + 1), state=None)

    def _end(self, at: Progress, error: UpdateRefused) -> None:
        shutil.rmtree(self._home.folder / "staged" / file_name(at.model), ignore_errors=True)
        running = self._home.active().get(at.model)
        state = "failed"
        if running is not None and running.delivery == at.delivery:
            state = self._back(running)
        if running is None or running.version != at.version:
            shutil.rmtree(self._home.bundle(at.model, at.version), ignore_errors=True)
        self._move(at._replace(step=state, reason=str(error)), state=state, error=error)

    def _back(self, running: Running) -> str:
        """To the previous version if there is one; what became of the delivery."""
        if running.previous and self._home.bundle(running.model, running.previous).is_dir():
            self._home.activate(
                running._replace(version=running.previous, previous=None, since=moment())
            )
            return "rolled_back"
        self._home.deactivate(running.model)
        return "failed"

    def _withdraw(self, running: Running) -> None:
        self._home.deactivate(running.model)
        # Taken back for good: what was given for use is not kept.
        for kept in ("bundles", "staged"):
            shutil.rmtree(self._home.folder / kept / file_name(running.model), ignore_errors=True)
        at = Progress(running.delivery, running.model, running.version, "rolled_back")
        self._move(at, state="rolled_back")

    def _move(
        self,
        at: Progress,
        *,
        state: str | None,
        figures: Mapping[str, Any] | None = None,
        error: AgentError | None = None,
    ) -> None:
        report = state and delivery_report(at, state, figures or {}, error)
        self._state.move(at, report or None)
        if report:
            self._told()


def delivery_report(
    at: Progress, state: str, figures: Mapping[str, Any], error: AgentError | None
) -> dict[str, Any]:
    """What the hub is told of a step: the sentence for people, its code and facts for the hub.

    >>> at = Progress(7, "m", "1.0.0", "failed")
    >>> told = delivery_report(at, "failed", {}, TooManyTries(step="probing", tries=5))
    >>> told["delivery"], told["reason"], told["figures"]["code"]
    (7, 'The step “probing” did not succeed in 5 tries.', 'TooManyTries')
    """
    told = {"model": at.model, "version": at.version, **figures}
    if error is not None:
        told |= {
            "code": type(error).__name__,
            "facts": {name: str(value) for name, value in error.facts.items()},
        }
    return {
        "delivery": at.delivery,
        "kind": "delivery",
        "state": state,
        "reason": str(error) if error else "",
        "figures": told,
    }
