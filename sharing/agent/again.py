"""Telling again what the hub has forgotten: its database may have come back from a backup.

The hub says with each look how far it thinks that each delivery is. Where that is not what this
plant knows, and nothing of it waits to be sent, the plant says it once more, under a new number.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sharing.agent.state import Progress, State

_TOLD = ("downloading", "verifying", "probing", "active", "committed", "failed", "rolled_back")
_NOTE = "told again"


def tell_again(state: State, deliveries: Sequence[Mapping[str, Any]]) -> int:
    """Put into the outbox what the hub does not know of deliveries; how many those were.

    `deliveries` as the hub sees them. Each is told once for each state that the hub is found at: it
    may know better, and stay at its word.
    """
    progress, before = state.progress(), state.noted(_NOTE, {})
    waiting = {report["delivery"] for report in state.unsent(1_000)}
    found: dict[str, str] = {}
    told = 0
    for one in deliveries:
        known = progress.get(int(one["id"]))
        if known is None:
            continue
        # One that went back is at another version than the one that the hub sent.
        if known.version != one["version"] and known.step != "rolled_back":
            continue
        if known.step == one["state"] or known.step not in _TOLD:
            continue
        key = str(known.delivery)
        found[key] = before.get(key, "") if known.delivery in waiting else str(one["state"])
        if before.get(key, "") != found[key]:
            state.put(_report(known))
            told += 1
    if found != before:
        state.note(_NOTE, found)
    return told


def _report(known: Progress) -> dict[str, Any]:
    return {
        "delivery": known.delivery,
        "kind": "delivery",
        "state": known.step,
        "reason": known.reason,
        "figures": {"model": known.model, "version": known.version, "again": True},
    }
