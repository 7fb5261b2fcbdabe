"""A workbook's cells as text, printed for the hub: the half that runs in a process of its own.

`python -m supplychain.workbook_rows TAB ROWS COLUMNS CELL < file` prints one JSON line about the
workbook, then lines of rows, many rows a line. What cannot be read is told by the exit code.
"""

import datetime as dt
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from typing import Any

from supplychain.cell_marks import cell_marks

# Exit codes; anything else means that the process was stopped or ran out of memory.
FINE, UNREADABLE, LOCKED, NO_TAB, TOO_WIDE, TOO_LONG, TOO_DEEP = 0, 21, 22, 23, 24, 25, 26
_MEMORY = 2 << 30
_HEAD = 60
_TABS = 60
_AT_ONCE = 200
_TEXT = 256 << 20  # characters that the hub is ready to be told
# Merged cells beyond this many are left as the file has them: the value stands in the first.
_MERGED = 200_000

Merged = list[tuple[tuple[int, int], tuple[int, int]]]


def as_text(cell: Any) -> str:
    """A cell as a person reads it: whole numbers without a fraction, dates without midnight.

    >>> as_text(1248100998.0), as_text(12.5), as_text(0.1 + 0.2), as_text(0.00001), as_text(None)
    ('1248100998', '12.5', '0.3', '0.00001', '')
    """
    if cell is None or cell == "":
        return ""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else _as_shown(cell)
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    # No database takes the character zero.
    return str(cell).replace("\0", "").strip()


def _as_shown(number: float) -> str:
    """A fraction with the fifteen digits that spreadsheet programs keep."""
    text = f"{number:.15g}"
    return f"{number:.20f}".rstrip("0").rstrip(".") if "e-" in text else text


def as_percent(cell: Any) -> str:
    """The same for a cell that is shown in per cent.

    >>> as_percent(0.3), as_percent(0.125), as_percent(1.0), as_percent("about 30 %")
    ('30%', '12.5%', '100%', 'about 30 %')
    """
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return as_text(cell)
    return f"{as_text(round(cell * 100.0, 8))}%"


def filled(rows: list[list[str]], merged: Merged) -> None:
    """Write what stands in the first of merged cells into all of them.

    >>> rows = [["a", "", "b"], ["", "", "c"]]
    >>> filled(rows, [((0, 0), (1, 1))])
    >>> rows
    [['a', 'a', 'b'], ['a', 'a', 'c']]
    """
    left = _MERGED
    for (top, first), (bottom, last) in merged:
        left -= (bottom - top + 1) * (last - first + 1)
        if top >= len(rows) or first >= len(rows[top]) or left < 0:
            continue
        value = rows[top][first]
        for row in rows[top : bottom + 1] if value else ():
            row[first : last + 1] = [value] * len(row[first : last + 1])


def _about(workbook: Any, tab: str) -> dict[str, Any]:
    """The tabs; where several can be meant, what stands at their top."""
    hidden = {
        each.name for each in workbook.sheets_metadata if not str(each.visible).endswith(".Visible")
    }
    names = workbook.sheet_names
    tabs = []
    for name in names[:_TABS]:
        looked = {"name": name, "hidden": name in hidden, "rows": 0, "head": []}
        if not tab and len(names) > 1:
            sheet = workbook.get_sheet_by_name(name)
            looked["rows"] = sheet.end[0] + 1 if sheet.end else 0
            top = sheet.to_python(skip_empty_area=False, nrows=_HEAD)
            looked["head"] = [[as_text(cell)[:200] for cell in row[:100]] for row in top]
        tabs.append(looked)
    return {"tabs": tabs}


@dataclass(frozen=True)
class Most:
    """How much is read: rows, columns, characters of a cell."""

    rows: int
    columns: int
    cell: int


def _first(workbook: Any) -> str:
    """The first tab that holds anything."""
    names: list[str] = workbook.sheet_names
    filled = (name for name in names if workbook.get_sheet_by_name(name).end)
    return next(filled, names[0]) if len(names) > 1 else names[0]


def _rows(content: bytes, workbook: Any, tab: str, most: Most) -> Iterator[Any]:
    sheet = workbook.get_sheet_by_name(tab)
    if sheet.end and sheet.end[1] >= most.columns:
        sys.exit(TOO_WIDE)
    cells = sheet.to_python(skip_empty_area=False, nrows=most.rows)
    rows = [[as_text(cell) for cell in row] for row in cells]
    for line, place, shown in cell_marks(content, workbook.sheet_names.index(tab)):
        if line < len(cells) and place < len(cells[line]):
            rows[line][place] = as_percent(cells[line][place]) if shown == "%" else shown
    merged = sheet.merged_cell_ranges
    filled(rows, merged or [])
    for number, row in enumerate(rows, start=1):
        if any(len(cell) > most.cell for cell in row):
            yield {"row": number}
            sys.exit(TOO_LONG)
    yield {"tab": tab, "merged": bool(merged), "rows": len(rows)}
    every = iter(rows)
    while batch := list(islice(every, _AT_ONCE)):
        yield batch


def _said(content: bytes, tab: str, most: Most) -> Iterator[Any]:
    from python_calamine import (  # noqa: PLC0415 - tests import this module for its doctests
        CalamineError,
        CalamineWorkbook,
        PasswordError,
    )

    try:
        workbook = CalamineWorkbook.from_filelike(BytesIO(content))
        yield _about(workbook, tab)
        names = workbook.sheet_names
        if tab and tab not in names:
            sys.exit(NO_TAB)
        if names:
            yield from _rows(content, workbook, tab or _first(workbook), most)
    except PasswordError:
        sys.exit(LOCKED)
    except CalamineError:
        sys.exit(UNREADABLE)
    except MemoryError:
        sys.exit(TOO_DEEP)


def _limit_memory() -> None:
    try:
        import resource  # noqa: PLC0415 - Unix only
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(tab: str, rows: str, columns: str, cell: str) -> None:
    """Read a workbook from standard input, write what it says to standard output."""
    _limit_memory()
    most = Most(int(rows), int(columns), int(cell))
    out, left = sys.stdout.buffer, _TEXT
    for line in _said(sys.stdin.buffer.read(), tab, most):
        text = json.dumps(line, ensure_ascii=False, separators=(",", ":"))
        left -= len(text)
        if left < 0:
            sys.exit(TOO_DEEP)
        out.write(text.encode() + b"\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
