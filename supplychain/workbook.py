"""Workbook → rows, in a process of its own.

A crafted workbook of five kilobytes can ask the reader for half a terabyte, and the reader then
aborts its whole process. So calamine runs in a child with a ceiling on memory and time, and
only the child dies. Run as `python -m supplychain.workbook TAB ROWS < file`; prints a JSON line
with the tabs, then one JSON list of strings a row.
"""

import datetime as dt
import json
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from typing import Any, BinaryIO

from supplychain.errors import (
    NotASpreadsheet,
    SheetEmpty,
    SheetLocked,
    SheetTooDeep,
    TabNotFound,
)

_MEMORY = 2 << 30
_SECONDS = 90
# Exit codes of the child; anything else means that it was stopped or ran out of memory.
_FINE, _UNREADABLE, _LOCKED, _NO_TAB = 0, 21, 22, 23


def read_workbook(content: bytes, file: str, tab: str, rows: int) -> tuple[str, list[list[str]]]:
    """The name of the tab that was read, and its first `rows` rows as text, from row 1.

    The first tab where `tab` is empty. Raises NotASpreadsheet, SheetLocked, SheetTooDeep,
    TabNotFound or SheetEmpty.
    """
    command = [sys.executable, "-m", "supplychain.workbook", tab, str(rows)]
    try:
        done = subprocess.run(
            command, input=content, capture_output=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise SheetTooDeep(file=file) from error
    lines = done.stdout.splitlines()
    if done.returncode == _LOCKED:
        raise SheetLocked(file=file)
    if done.returncode == _UNREADABLE:
        raise NotASpreadsheet(file=file)
    if done.returncode == _NO_TAB:
        raise TabNotFound(file=file, tab=tab, tabs=", ".join(json.loads(lines[0])))
    if done.returncode != _FINE:
        raise SheetTooDeep(file=file)
    if not lines:
        raise SheetEmpty(file=file)
    return json.loads(lines[0]), [json.loads(line) for line in lines[1:]]


def as_text(cell: Any) -> str:
    """A cell as a person reads it: whole numbers without a fraction, dates without midnight.

    >>> as_text(1248100998.0), as_text(12.5), as_text(None)
    ('1248100998', '12.5', '')
    """
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    # No database takes the character zero.
    return str(cell).replace("\0", "").strip()


def _limit_memory() -> None:
    try:
        import resource  # noqa: PLC0415 - Unix only
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _rows(source: BinaryIO, tab: str, rows: int) -> Iterator[str]:
    """JSON lines for the parent; leaves with an exit code that says why it cannot."""
    from python_calamine import (  # noqa: PLC0415 - the parent does not need it
        CalamineError,
        CalamineWorkbook,
        PasswordError,
    )

    try:
        workbook = CalamineWorkbook.from_filelike(source)
        names = workbook.sheet_names
        if tab and tab not in names:
            yield json.dumps(names, ensure_ascii=False)
            sys.exit(_NO_TAB)
        if not names:
            return
        chosen = tab or names[0]
        sheet = workbook.get_sheet_by_name(chosen)
        yield json.dumps(chosen, ensure_ascii=False)
        for row in sheet.to_python(skip_empty_area=False, nrows=rows):
            yield json.dumps([as_text(cell) for cell in row], ensure_ascii=False)
    except PasswordError:
        sys.exit(_LOCKED)
    except CalamineError:
        sys.exit(_UNREADABLE)


def main(tab: str, rows: str) -> None:
    """Read a workbook from standard input, write its rows to standard output."""
    _limit_memory()
    out = sys.stdout.buffer
    for line in _rows(BytesIO(sys.stdin.buffer.read()), tab, int(rows)):
        out.write(line.encode() + b"\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
