"""What is put round a trainee's server, looked at as a list of words."""

import sys
from itertools import pairwise
from pathlib import Path

from labs import isolation


def hidden(command: list[str]) -> set[str]:
    return {b for a, b in pairwise(command) if a == "--tmpfs"}


def test_solutions_and_answers_are_not_inside_wherever_the_packages_lie(tmp_path, monkeypatch):
    packages = tmp_path / "lib" / "site-packages"
    for name in ("labs/exercises", "courses", "hub"):
        (packages / name).mkdir(parents=True)
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(isolation, "__file__", str(packages / "labs" / "isolation.py"))
    found = hidden(isolation.walls(tmp_path / "home"))
    assert {str(packages / name) for name in ("labs/exercises", "courses", "hub")} <= found


def test_the_labs_own_exercises_are_hidden_here():
    here = Path(isolation.__file__).resolve().parent
    assert str(here / "exercises") in hidden(isolation.walls(Path("/home/x")))
