"""The audit trail in one style, and every code of it in words."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from hub.steering import _DONE
from hub.web.states import ACTIONS
from sharing.rollout import ROLLOUT_MOVES

HUB = Path(__file__).parents[2] / "hub"
STYLE = re.compile(r"[a-z]+\.[a-z-]+")


def recorded() -> Iterator[tuple[str, str]]:
    """(file, code) of every line for the trail that is written out in the source."""
    for file in HUB.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            name = getattr(called, "attr", getattr(called, "id", ""))
            if name == "record" and len(node.args) > 2 and isinstance(node.args[2], ast.Constant):
                yield file.name, node.args[2].value


def test_every_code_is_in_the_style_and_in_words() -> None:
    found = list(recorded())
    assert len(found) > 25
    assert [(file, code) for file, code in found if code not in ACTIONS] == []
    assert [code for code in ACTIONS if not STYLE.fullmatch(code)] == []


def test_what_rollouts_come_to_is_in_words() -> None:
    assert set(_DONE) <= set(ROLLOUT_MOVES)
    ends = {"paused", "finished", "stopped", "rolled_back"}
    by_itself = {f"rollout.{state.replace('_', '-')}" for state in ends}
    assert by_itself | set(_DONE.values()) <= set(ACTIONS)
