"""Workbook → rows, through a process of its own.

A crafted workbook of five kilobytes can ask the reader for half a terabyte, and the reader then
aborts its whole process. So calamine runs in a child (supplychain.workbook_rows) with a ceiling
on memory and time, and only the child dies.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from supplychain.errors import (
    CellTooLong,
    NotASpreadsheet,
    SheetEmpty,
    SheetLocked,
    SheetRefused,
    SheetTooDeep,
    SheetTooWide,
    TabNotFound,
)
from supplychain.workbook_rows import (
    FINE,
    LOCKED,
    NO_TAB,
    TOO_LONG,
    TOO_WIDE,
    UNREADABLE,
    Most,
)

_SECONDS = 90
_RAISED = 1  # Python's own exit code: the reader stumbled over what it was given


@dataclass(frozen=True)
class Tab:
    """One of a workbook's tabs. `rows` and `head`, its top, are known where there are several."""

    name: str
    hidden: bool = False
    rows: int = 0
    head: tuple[list[str], ...] = ()


@dataclass(frozen=True)
class JsonRows:
    """Rows as the child printed them; read anew each time that they are walked through."""

    lines: list[bytes]

    def __iter__(self) -> Iterator[list[str]]:
        for line in self.lines:
            yield from json.loads(line)


@dataclass(frozen=True)
class Opened:
    """The rows of one tab; `merged`: what stands in merged cells stands in each of them."""

    tab: str
    tabs: tuple[Tab, ...]
    rows: JsonRows
    length: int
    merged: bool


def read_workbook(content: bytes, file: str, tab: str, most: Most) -> Opened:
    """The tab that is asked for, else the first; its first rows as text, from row 1.

    Raises NotASpreadsheet, SheetLocked, SheetTooDeep, SheetTooWide, CellTooLong, TabNotFound or
    SheetEmpty.
    """
    limits = [str(most.rows), str(most.columns), str(most.cell)]
    command = [sys.executable, "-m", "supplychain.workbook_rows", tab, *limits]
    try:
        done = subprocess.run(
            command, input=content, capture_output=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise SheetTooDeep(file=file) from error
    lines = done.stdout.splitlines()
    if done.returncode != FINE:
        raise _refused(done.returncode, lines, file, tab, most)
    if len(lines) < 2:
        raise SheetEmpty(file=file)
    about = json.loads(lines[1])
    return Opened(about["tab"], _tabs(lines), JsonRows(lines[2:]), about["rows"], about["merged"])


def _refused(code: int, lines: list[bytes], file: str, tab: str, most: Most) -> SheetRefused:
    """What the exit code of the child says; one that we do not know: it was stopped."""
    if code == LOCKED:
        return SheetLocked(file=file)
    if code in {UNREADABLE, _RAISED}:
        return NotASpreadsheet(file=file)
    if code == TOO_WIDE:
        return SheetTooWide(file=file, limit=most.columns)
    if code == TOO_LONG:
        return CellTooLong(file=file, limit=most.cell, row=json.loads(lines[1])["row"])
    if code == NO_TAB:
        tabs = ", ".join(each.name for each in _tabs(lines))
        return TabNotFound(file=file, tab=tab, tabs=tabs)
    return SheetTooDeep(file=file)


def _tabs(lines: list[bytes]) -> tuple[Tab, ...]:
    told: list[dict[str, Any]] = json.loads(lines[0])["tabs"]
    return tuple(Tab(**{**each, "head": tuple(each["head"])}) for each in told)
