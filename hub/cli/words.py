"""What commands say of errors, in the language of HUB_LOCALE."""

from collections.abc import Callable
from gettext import translation

from hub.errors import SettingInvalid
from supplychain.errors import DomainError
from supplychain.faults import sentence


def told(error: DomainError) -> str:
    """An error with all that it names, each of its faults on a line of its own."""
    said = sentence(error, _translate(), between="\n  - ", before="\n  - ")
    return said.replace(": \n", ":\n")


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
