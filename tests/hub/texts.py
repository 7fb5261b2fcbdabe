"""Every sentence that a person may read, found in the sources: calls of gettext and its kin,
templates, and the texts of errors and faults."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from jinja2.ext import babel_extract

from tests.conftest import ROOT

PACKAGES = ("hub", "supplychain", "sharing", "courses", "labs")
KEYWORDS = {**DEFAULT_KEYWORDS, "lazy_gettext": None, "_l": None, "lazy_ngettext": (1, 2)}
METHODS = [
    ("static/**", "ignore"),
    ("translations/**", "ignore"),
    ("exercises/**", "ignore"),
    ("agent/**", "ignore"),  # carries its own words: it is installed without the hub
    ("**.py", "python"),
    ("**.html", babel_extract),
]
OPTIONS = {"**.html": {"encoding": "utf-8", "silent": "false"}}

Id = str | tuple[str, ...]


def used() -> dict[Id, set[str]]:
    """Where each msgid is used."""
    found: dict[Id, set[str]] = defaultdict(set)
    for package in PACKAGES:
        for path, _line, text, _comments, _context in extract_from_dir(
            ROOT / package, METHODS, OPTIONS, KEYWORDS
        ):
            found[text].add(f"{package}/{path}")
        for source in (ROOT / package).rglob("*.py"):
            for text in sentences(ast.parse(source.read_text(encoding="utf-8"))):
                found[text].add(str(source.relative_to(ROOT)))
    return found


def sentences(tree: ast.Module) -> Iterator[str]:
    """Class attributes called text; dictionaries called TEXTS, FAULTS or …_TEXTS."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield from (value for name, value in assigned(node.body) if name == "text")
            named = assigned(node.body)
            yield from (value for name, value in named if name.endswith(("TEXTS", "FAULTS")))
    for name, value in assigned(tree.body):
        if name.endswith(("TEXTS", "FAULTS")):
            yield value


def assigned(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    """(name, string) of assignments of a string, or of a dictionary's strings."""
    for node in body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            name = node.target.id
        else:
            continue
        given = node.value
        if isinstance(given, ast.Call) and given.args:  # MappingProxyType({…})
            given = given.args[0]
        values = given.values if isinstance(given, ast.Dict) else [given]
        for value in values:
            if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value:
                yield name, value.value


def po_files() -> list[Path]:
    return sorted((ROOT / "hub" / "translations" / "ko").glob("*.po"))
