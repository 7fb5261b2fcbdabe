"""What a view needs to know of a request: the hub's parts, who asks, in which language."""

from typing import cast

from flask import current_app, request, session
from flask_babel import gettext
from flask_login import current_user

from hub.access import Who
from hub.wiring import Hub
from supplychain.errors import DomainError
from supplychain.faults import sentence

LOCALES = ("ko", "en")


def hub_here() -> Hub:
    """The hub of this process."""
    return cast("Hub", current_app.extensions["hub"])


def who() -> Who:
    """The person who asks; `hub.access.nobody` for a stranger."""
    return cast("Who", current_user._get_current_object())  # noqa: SLF001 - a proxy is no value


def locale_asked() -> str:
    """Language of the answer: chosen on a page (or by the account, at sign-in), else the hub's.

    Programs choose by Accept-Language. Pages do not follow the browser: many a plant's PC has an
    English one, and its reader is Korean.
    """
    default = hub_here().settings.locale
    if request.path.startswith("/api/"):
        return request.accept_languages.best_match(LOCALES, default) or default
    chosen = session.get("locale")
    return str(chosen) if chosen in LOCALES else default


def say(error: DomainError) -> str:
    """The sentence of an error in the reader's language."""
    return sentence(error, lambda text: str(gettext(text)))
