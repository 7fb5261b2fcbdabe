"""The rules of the house: walls between packages, sizes, nothing left over, README in step."""

import ast
import re
import subprocess
import sys

import click
import pytest

from tests.conftest import ROOT

PACKAGES = ("hub", "supplychain", "sharing", "courses", "labs")
# What an error of a package is besides; hub.errors says what each means to HTTP and to a shell.
STANDARD = (PermissionError, TimeoutError, ConnectionError, LookupError, ValueError, RuntimeError)
SOURCES = sorted(
    path
    for name in (*PACKAGES, "tests", "infra")
    for path in (ROOT / name).rglob("*.py")
    if not {"node_modules", "versions"} & set(path.parts)
)


def functions(tree: ast.AST):
    return [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_walls_between_packages_stand() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_function_is_longer_than_sixty_lines() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{f.lineno} {f.name} {f.end_lineno - f.lineno + 1}"
        for path in SOURCES
        for f in functions(ast.parse(path.read_text(encoding="utf-8")))
        if f.end_lineno - f.lineno + 1 > 60
    ]
    assert long == []


def test_no_file_is_longer_than_five_hundred_lines() -> None:
    long = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if len(path.read_text(encoding="utf-8").splitlines()) > 500
    ]
    assert long == []


def test_nothing_is_left_for_later_in_the_sources() -> None:
    marks = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in SOURCES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if marks.search(line)
    ]
    assert found == []


def test_readme_names_every_setting() -> None:
    from hub.settings import Settings

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    missing = [n for n in Settings.model_fields if f"`HUB_{n.upper()}`" not in readme]
    assert missing == []


def commands(group: click.Command, path: str, context: click.Context) -> list[str]:
    if not isinstance(group, click.Group):
        return [path]
    names = group.list_commands(context)
    return [
        each
        for name in names
        for each in commands(group.get_command(context, name), f"{path} {name}", context)
    ]


def test_readme_names_every_command() -> None:
    from hub.cli import hub
    from sharing.agent.__main__ import _parser

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    ours = commands(hub, "hub", click.Context(hub))
    choices = next(a.choices for a in _parser("en")._actions if a.dest == "command")
    agents = [f"hub-agent {name}" for name in choices]
    assert len(ours) > 15
    assert len(agents) > 5
    assert [c for c in [*ours, *agents] if c not in readme] == []


def test_every_route_has_a_rule_and_every_rule_a_route(app) -> None:
    from hub.access import RULES

    routes = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert routes - set(RULES) == set()
    assert set(RULES) - routes == set()


@pytest.mark.parametrize("name", PACKAGES)
def test_every_error_has_a_sentence_and_a_standard_kind(name: str) -> None:
    from importlib import import_module

    from supplychain.errors import DomainError

    module = import_module(f"{name}.errors")
    for each in vars(module).values():
        if (
            isinstance(each, type)
            and issubclass(each, DomainError)
            and each.__module__ == module.__name__
        ):
            if each.__subclasses__() or each is DomainError:
                continue  # a branch of the tree, never raised itself
            assert "text" in vars(each), each
            assert issubclass(each, STANDARD), each
