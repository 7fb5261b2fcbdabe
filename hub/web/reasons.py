"""Why a delivery did not arrive, in the reader's language.

An agent reports its reason as an English sentence, with the name of its error and the facts that
fill the gaps. The hub knows the same errors and says them again in whatever language is asked.
"""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext

from hub.web.asking import say
from sharing.agent import errors as agent_errors
from sharing.agent.errors import AgentError
from supplychain.errors import DomainError


def in_words(reason: str, figures: Mapping[str, Any] | None = None) -> str:
    """A reason as a person reads it; `figures` as they came with the report."""
    error = _error(figures or {})
    if error is not None:
        return say(error)
    return str(gettext(reason)) if reason else ""


def _error(figures: Mapping[str, Any]) -> DomainError | None:
    kind = getattr(agent_errors, str(figures.get("code", "")), None)
    facts = figures.get("facts")
    if (
        not isinstance(kind, type)
        or not issubclass(kind, AgentError)
        or not isinstance(facts, dict)
    ):
        return None
    try:
        return kind(**facts)
    except (KeyError, TypeError, ValueError):
        return None  # an agent of another age, or one that makes things up
