"""The one way in which the hub writes CSV and XLSX: streamed, and safe to open.

Nothing that is written here is a formula to a spreadsheet program (supplychain.formulas).
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import IO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from supplychain.formulas import Cell, guarded, unguarded

__all__ = ["Cell", "as_csv", "guarded", "unguarded", "write_xlsx"]


_BOM = "\ufeff"
_WIDEST = 60


def as_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """The file, line by line; UTF-8 with a mark, so that spreadsheet programs read Korean."""
    yield _BOM + _line(header)
    for row in rows:
        yield _line(row)


def _line(row: Sequence[Cell]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(["" if cell is None else guarded(cell) for cell in row])
    return out.getvalue()


def write_xlsx(
    out: IO[bytes],
    title: str,
    header: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    marked: Sequence[int] = (),
) -> None:
    """Write a workbook of one tab, row by row. `marked`: columns, from 0, that stand out."""
    book = Workbook(write_only=True)
    page = book.create_sheet(re.sub(r"[\[\]:*?/\\']", " ", title).strip()[:31] or "1")
    page.freeze_panes = "A2"
    for place, name in enumerate(header):
        width = min(_WIDEST, max(12, 2 * len(name) + 2))
        page.column_dimensions[get_column_letter(place + 1)].width = (
            _WIDEST if place in marked else width
        )
    page.append([_cell(page, name, bold=True, red=at in marked) for at, name in enumerate(header)])
    for row in rows:
        page.append([_cell(page, value, red=at in marked) for at, value in enumerate(row)])
    book.save(out)


def _cell(page: object, value: Cell, *, bold: bool = False, red: bool = False) -> object:
    safe = guarded(value)
    if not isinstance(safe, str):
        return safe if not red else WriteOnlyCell(page, value=safe)
    cell = WriteOnlyCell(page, value=safe)
    cell.data_type = "s"  # never a formula, whatever it looks like
    if bold:
        cell.font = Font(bold=True)
    if red and safe:
        cell.font = Font(bold=bold, color="BB271A")
        cell.fill = PatternFill("solid", fgColor="FDEFEC")
        cell.alignment = Alignment(wrap_text=not bold, vertical="top")
    return cell
