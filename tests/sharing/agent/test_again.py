"""A hub that came back from a backup is told again what it has forgotten, and once."""

import pytest

from sharing.agent.again import tell_again
from sharing.agent.state import Progress, State


@pytest.fixture
def state(tmp_path):
    with State(tmp_path / "state.sqlite") as state:
        yield state


def seen(state: str, number: int = 7, version: str = "1.0.0") -> dict[str, object]:
    return {"id": number, "model": "m", "version": version, "state": state}


def test_what_the_hub_forgot_is_told_once(state):
    state.move(Progress(7, "m", "1.0.0", "committed"), None)
    assert tell_again(state, [seen("prepared")]) == 1
    told = state.unsent(10)
    assert [(one["delivery"], one["state"], one["figures"]["again"]) for one in told] == [
        (7, "committed", True)
    ]
    assert tell_again(state, [seen("prepared")]) == 0  # it waits to be sent
    state.sent(told[-1]["seq"])
    assert tell_again(state, [seen("prepared")]) == 0  # the hub stays at its word
    assert tell_again(state, [seen("committed")]) == 0
    assert tell_again(state, [seen("prepared")]) == 1  # another backup


@pytest.mark.parametrize(
    "deliveries",
    [[], [seen("committed")], [seen("prepared", number=8)], [seen("prepared", version="2.0.0")]],
)
def test_what_the_hub_knows_or_means_otherwise_is_not_told(state, deliveries):
    state.move(Progress(7, "m", "1.0.0", "committed"), None)
    assert tell_again(state, deliveries) == 0
