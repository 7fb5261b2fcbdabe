"""What pages call the words of alerts."""

from typing import Any

from flask_babel import lazy_gettext as _

KINDS: dict[str, Any] = {
    "stop": _("Delivery stopped"),
    "late": _("Delivery late"),
    "quality": _("Quality problem"),
    "disaster": _("Accident or disaster"),
    "material": _("Material short"),
    "other": _("Other disruption"),
}
URGENCIES: dict[str, Any] = {
    "now": _("Today"),
    "days": _("Within days"),
    "watch": _("Only if it concerns them"),
}
ASKS: dict[str, Any] = {
    "deliver": _("Can you deliver?"),
    "until": _("Until when can you deliver?"),
    "affected": _("What part of what you deliver is affected?"),
}
DIRECTIONS: dict[str, Any] = {"down": _("To our suppliers"), "up": _("To our customers")}
DELIVERS: dict[str, Any] = {
    "yes": _("Yes"),
    "partly": _("In part"),
    "no": _("No"),
    "unknown": _("We do not know yet"),
}
HAPPENED: dict[str, Any] = {
    "raised": _("raised the alert"),
    "acknowledged": _("has read it"),
    "answered": _("answered"),
    "passed": _("passed it on"),
    "reminded": _("reminded those who have not answered"),
    "addressed": _("gave another address"),
    "resolved": _("says that it is over"),
    "withdrawn": _("took it back"),
}
WAYS: dict[str, Any] = {
    "here": _("reads it here"),
    "mail": _("gets a mail with a link"),
    "none": _("no e-mail address is known"),
}


def happened(word: str) -> str:
    """What a firm did with an alert."""
    return str(HAPPENED.get(word, word))


def kind(word: str) -> str:
    """What happened, in one word."""
    return str(KINDS.get(word, word))


def deliver_options() -> list[tuple[str, Any, str]]:
    """Answers to whether a firm can deliver, as a form offers them."""
    return [(code, words, "") for code, words in DELIVERS.items()]
