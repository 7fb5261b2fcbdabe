"""What commands say of errors, in the language of HUB_LOCALE."""

from collections.abc import Callable, Sequence
from gettext import translation
from itertools import zip_longest
from typing import Any

from hub.errors import SettingInvalid
from sharing.faults import Fault
from supplychain.errors import DomainError
from supplychain.faults import sentence


def told(error: DomainError) -> str:
    """An error with all that it names, each of its faults on a line of its own."""
    said = sentence(error, _translate(), between="\n  - ", before="\n  - ")
    return said.replace(": \n", ":\n")


def faults_told(faults: Sequence[Any]) -> list[str]:
    """What an error brings along, each with what to do about it, once for all of a kind."""
    words = translated()
    lines: list[str] = []
    for fault, after in zip_longest(faults, faults[1:]):
        if not isinstance(fault, Fault):
            lines.append(f"  - {told(fault) if isinstance(fault, DomainError) else fault}")
            continue
        text, advice = fault_told(fault, words)
        lines.append(f"  - {text}")
        if advice and (after is None or after.code != fault.code):
            lines.append(f"      → {advice}")
    return lines


def fault_told(fault: Fault, words: Callable[[str], str]) -> tuple[str, str]:
    """A fault of a bundle, with its file, and what to do about it."""
    text = words(fault.text) % fault.facts
    before = f"{fault.file}: " if fault.file and fault.file not in text else ""
    return before + text, words(fault.advice) if fault.advice else ""


def translated() -> Callable[[str], str]:
    """English sentence → the one of HUB_LOCALE."""
    return _translate()


def _translate() -> Callable[[str], str]:
    """English texts need no catalogue; nor is a word lost where the catalogue cannot be had."""
    from hub.settings import Settings
    from hub.translations import DOMAIN, LOCALE, compiled

    try:
        if Settings.from_environment().locale != LOCALE:
            return str
    except SettingInvalid:
        pass  # an error like any other; it may be the very one that is told
    try:
        folder = compiled()
    except DomainError:
        return str
    return translation(DOMAIN, folder, [LOCALE], fallback=True).gettext
