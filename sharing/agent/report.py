"""Telling the hub: health when it is asked, everything else from the outbox, in order, once."""

from typing import Any

from sharing.agent.enrol import Caller
from sharing.agent.errors import AgentError
from sharing.agent.home import Home
from sharing.agent.state import State

_AT_ONCE = 100


def send(caller: Caller, state: State) -> int:
    """Send what waits, oldest first; how many the hub confirmed.

    What was sent and not confirmed is sent again under the same number. Raises what the call does.
    """
    confirmed = 0
    while batch := state.unsent(_AT_ONCE):
        answer = caller.ask("POST", "/api/v1/agents/me/reports", {"reports": batch})
        up_to = int(answer.get("accepted_up_to", 0))
        state.sent(up_to)
        confirmed += sum(report["seq"] <= up_to for report in batch)
        if up_to < batch[0]["seq"]:
            break  # the hub takes none of these now
    return confirmed


def health(home: Home, state: State) -> None:
    """Put the health of each model that runs into the outbox, if it changed since the last time."""
    for model in home.active():
        report = health_report(home, state, model)
        if report != state.noted(f"health:{model}"):
            state.put(report)
            state.note(f"health:{model}", report)


def health_report(home: Home, state: State, model: str) -> dict[str, Any]:
    """All that leaves the plant about a running model: counts, no values."""
    running = home.active()[model]
    tally = state.tally(model, running.version)
    return {
        "delivery": running.delivery,
        "kind": "health",
        "state": "",
        "reason": "",
        "figures": {
            "model": model,
            "version": running.version,
            "since": running.since,
            "health": "ok" if home.bundle(model, running.version).is_dir() else "broken",
            "predictions": tally.predicted,
            "flagged": tally.flagged,
            "refused": tally.refused,
        },
    }


def alert(state: State, error: AgentError) -> None:
    """Say once that signed lists were not trustworthy; say it again only after it was well."""
    told = {"code": type(error).__name__, "facts": {k: str(v) for k, v in error.facts.items()}}
    if state.noted("alert") == told:
        return
    state.note("alert", told)
    state.put(
        {"delivery": None, "kind": "alert", "state": "", "reason": str(error), "figures": told}
    )


def what_leaves(home: Home, state: State) -> dict[str, Any]:
    """Exactly what the hub has or would get from this PC, for `what-is-sent`."""
    return {
        "enrolment": state.noted("about_us"),
        "health": [health_report(home, state, model) for model in home.active()],
        "waiting": state.unsent(_AT_ONCE),
        "last": state.last_reports(10),
    }
