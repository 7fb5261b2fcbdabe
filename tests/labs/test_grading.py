import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labs.grading import Criterion, as_number, grade
from labs.text import Text

SAID = Text(ko="까닭", en="why")


def number(**fields) -> Criterion:
    return Criterion(id="q", kind="number", points=10, title=SAID, right=SAID, hint=SAID, **fields)


def choice() -> Criterion:
    return Criterion(id="q", kind="choice", points=10, title=SAID, right=SAID, hint=SAID)


def verdict(criterion, answer, truth):
    return grade([criterion], {"q": answer}, {"q": truth}, 5).lines[0].verdict


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (29.3, "right"),
        ("29.30", "right"),
        (29.35, "right"),
        (29.4, "near"),
        (30, "wrong"),
        (None, "missing"),
        ("  ", "missing"),
        ("스물아홉", "unreadable"),
        (float("nan"), "unreadable"),
        (float("inf"), "unreadable"),
        ([29.3], "unreadable"),
        (True, "unreadable"),
    ],
)
def test_numbers(answer, expected):
    assert verdict(number(tolerance=0.05, near=0.2), answer, 29.3) == expected


def test_one_of_several_truths_is_enough():
    assert verdict(number(), 14, [9.0, 14.0]) == "right"
    assert verdict(number(), 10, [9.0, 14.0]) == "wrong"


@pytest.mark.parametrize(
    ("answer", "expected"), [("cushion", "right"), (" Cushion ", "right"), ("melt", "wrong")]
)
def test_choices(answer, expected):
    assert verdict(choice(), answer, "cushion") == expected


def test_near_gives_half_and_the_hint_too():
    line = grade([number(near=1)], {"q": 2}, {"q": 1.0}, 5).lines[0]
    assert (line.points, line.of) == (5.0, 10.0)
    assert "절반" in line.reason.ko
    assert "까닭" in line.reason.ko


def test_the_sum_decides_and_the_truth_is_not_told():
    result = grade([number()], {"q": 1, "other": 9}, {"q": 41.0}, 5)
    assert (result.points, result.max_points, result.passed) == (0.0, 10.0, False)
    assert "41" not in result.model_dump_json()
    assert grade([number()], {"q": 41}, {"q": 41.0}, 10).passed


@given(st.one_of(st.none(), st.text(), st.floats(), st.booleans(), st.lists(st.integers())))
def test_whatever_comes_gets_a_line_between_nothing_and_all(answer):
    line = grade([number(tolerance=1)], {"q": answer}, {"q": 3.0}, 5).lines[0]
    assert 0 <= line.points <= line.of


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_read_back(value):
    assert math.isclose(as_number(repr(value)), value)
