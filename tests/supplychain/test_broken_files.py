"""Whatever is sent: rows with named faults, or a refusal that says why. Never anything else.

Thousands of files take minutes: pytest tests/supplychain/test_broken_files.py
--hypothesis-profile=long --hypothesis-show-statistics
"""

import csv
import io

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from supplychain.bad_rows import bad_rows
from supplychain.errors import FAULTS, SheetRefused
from supplychain.export import write_xlsx
from supplychain.formulas import _ILLEGAL, guarded, unguarded
from supplychain.guessing import guess
from supplychain.headings import headings
from supplychain.reading import open_sheet, read_sheet
from supplychain.sheet import Limits
from tests.supplychain.broken_files import ROWS, damaged, rebuilt, texts, workbooks

# Another process reads workbooks, so a quick run tries fewer of them.
_many = settings.default.max_examples if settings.default else 100
FEW = settings(
    max_examples=20 if _many <= 100 else _many,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
LIMITS = Limits(megabytes=4, unpacked_megabytes=16, rows=2_000)


def look(content: bytes) -> None:
    """Read a file to its end, and check what a page would show of it."""
    try:
        reading = read_sheet(io.BytesIO(content), "명단.x", limits=LIMITS)
    except SheetRefused as error:
        event(f"refused: {type(error).__name__}")
        return
    rows = list(reading.rows)
    assert len(rows) == len(reading.rows)
    assert len(set(reading.columns)) == len(reading.columns)
    for row in rows:
        assert row.links or row.faults, "a row without a word about it"
        for at in row.faults:
            assert type(at.fault).__name__ in FAULTS
            assert str(at.fault)
            assert at.column in reading.columns
            assert "\0" not in at.value
        for link in row.links:
            for firm in filter(None, (link.supplier, link.buyer)):
                assert firm.name
                assert "\0" not in firm.name
                assert len(firm.name) <= 200
                assert firm.country == "" or len(firm.country) == 2
            assert link.share is None or 0 <= link.share <= 100
    event("read" if rows else "read: empty")


@settings(deadline=None)
@given(texts())
def test_text_tables(content: bytes) -> None:
    look(content)


@settings(deadline=None)
@given(damaged(texts()))
def test_damaged_text_tables(content: bytes) -> None:
    look(content)


@FEW
@given(workbooks())
def test_workbooks(content: bytes) -> None:
    look(content)


@FEW
@given(damaged(workbooks()))
def test_damaged_workbooks(content: bytes) -> None:
    look(content)


@FEW
@given(rebuilt())
def test_workbooks_with_broken_parts(content: bytes) -> None:
    look(content)


@settings(deadline=None)
@given(ROWS)
def test_columns_are_guessed_and_named_whatever_stands_above(rows) -> None:
    head = [[str(cell).strip() for cell in row] for row in rows]
    found = guess(head)
    assert set(found.fields.values()) <= set(found.heading.columns)
    for heading in headings(head, merged=False):
        assert len(set(heading.columns)) == len(heading.columns)
        assert heading.key


@settings(deadline=None)
@given(st.text(max_size=40))
def test_no_text_becomes_a_formula_and_every_text_comes_back(text: str) -> None:
    safe = guarded(text)
    assert isinstance(safe, str)
    bare = safe.lstrip()
    number = safe.lstrip("+-").removesuffix("%").replace(".", "", 1)
    assert not bare or bare[0] not in "=+-@＝＋－＠" or number.isdecimal()
    assert guarded(safe) == safe, "guarded once"
    if safe.startswith("'"):
        legal = _ILLEGAL.sub("", text)
        assert unguarded(safe) in legal or unguarded(safe) == safe


@FEW
@given(st.lists(st.lists(st.text(max_size=20), min_size=3, max_size=3), min_size=1, max_size=5))
def test_what_is_written_as_a_workbook_is_read_again(rows) -> None:
    out = io.BytesIO()
    write_xlsx(out, "[이름]*?", ["협력사명", "품목", "비고"], [["가온", *row] for row in rows])
    table = open_sheet(io.BytesIO(out.getvalue()), "a.xlsx").table
    back = list(table.rows)
    assert back[0] == ["협력사명", "품목", "비고"] or back[0][:1] == ["협력사명"]
    assert len(back) == len(rows) + 1


@FEW
@given(ROWS, st.integers(0, 7))
def test_bad_rows_come_back_with_the_same_columns_and_values(rows, place: int) -> None:
    try:
        reading = read_sheet(io.BytesIO(sent := as_csv_cells(rows)), "a.csv", limits=LIMITS)
    except SheetRefused:
        return
    column = reading.columns[place % len(reading.columns)]
    reasons = {row.number: {column: ["이유"]} for row in reading.rows}
    bad = bad_rows(reading.table, reading.heading, reasons, ("행", "이유"))
    out = io.BytesIO()
    write_xlsx(out, "고칠 행", bad.header, bad.rows(), marked=bad.marked)
    try:
        back = read_sheet(io.BytesIO(out.getvalue()), "b.xlsx", reading.layout, limits=LIMITS)
    except SheetRefused as error:
        raise AssertionError(sent) from error
    assert back.columns == reading.columns
    assert back.heading.key == reading.heading.key
    event("read")


def as_csv_cells(rows) -> bytes:
    """As a program writes it: with quotes where they are needed."""
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("utf-8", "replace")


@pytest.mark.parametrize("name", ["[]:*?/\\'", "", "가" * 60])
def test_any_title_names_a_tab(name: str) -> None:
    out = io.BytesIO()
    write_xlsx(out, name, ["a"], [["b"]])
    assert open_sheet(io.BytesIO(out.getvalue()), "a.xlsx").table.tab
