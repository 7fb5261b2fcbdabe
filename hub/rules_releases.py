"""Who may call what is told of a model's releases. Part of hub.rules, one line for each."""

from collections.abc import Callable
from typing import Any


def release_rules(
    signed_in: Callable[[Any], bool], role: Callable[..., Callable[[Any], bool]]
) -> dict[str, Callable[[Any], bool]]:
    """Route → rule. Which rows a person then sees is decided in hub.access_releases."""
    return {
        "models.newest": signed_in,
        "models.show_to": role("publisher"),
        "live.where": signed_in,
        "live.as_file": signed_in,
        "models_api.check": role("publisher"),
        "models_api.live": signed_in,
        "models_api.withdraw": role("publisher"),
        "models_api.show_to": role("publisher"),
    }
