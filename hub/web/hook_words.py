"""Events of webhooks in words, and why one was given up."""

from typing import Any

from flask_babel import lazy_gettext as _l

_WORDS: dict[str, Any] = {
    "rollout.created": _l("A rollout was created"),
    "rollout.submitted": _l("A rollout was handed in for approval"),
    "rollout.approved": _l("A rollout was approved"),
    "rollout.refused": _l("A rollout was sent back"),
    "rollout.started": _l("A rollout was started"),
    "rollout.paused": _l("A rollout was paused"),
    "rollout.resumed": _l("A rollout was resumed"),
    "rollout.stopping": _l("A rollout is to stop"),
    "rollout.stopped": _l("A rollout was stopped"),
    "rollout.going_back": _l("A rollout is to go back"),
    "rollout.rolled_back": _l("A rollout was rolled back"),
    "rollout.finished": _l("A rollout is finished"),
    "wave.started": _l("A wave started"),
    "wave.finished": _l("A wave is finished"),
    "delivery.offered": _l("A plant was offered a version"),
    "delivery.accepted": _l("A plant accepted"),
    "delivery.declined": _l("A plant declined"),
    "delivery.active": _l("A plant runs the version"),
    "delivery.committed": _l("A plant keeps the version"),
    "delivery.failed": _l("A plant failed"),
    "delivery.rolled_back": _l("A plant went back"),
    "version.published": _l("A version was published"),
    "version.withdrawn": _l("A version was withdrawn"),
    "hook.test": _l("Test message"),
}

NOTES: dict[str, Any] = {
    "gone": _l("Switched off: the receiver answered that it wants no more (410)."),
    "silent": _l("Switched off: it did not take a single message for five days."),
}


def event_in_words(kind: str) -> str:
    """An event in words; its code where nobody has named it yet."""
    return str(_WORDS.get(kind) or NOTES.get(kind) or kind)
