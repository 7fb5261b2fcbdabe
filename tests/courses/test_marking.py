"""Answers as people write them."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.catalogue.content import (
    MultipleQuestion,
    NumberQuestion,
    Option,
    SingleQuestion,
    Text,
)
from courses.errors import AnswerMissing, AnswerNotANumber
from courses.marking import mark, number_in

T = Text(ko="가", en="a")
OPTIONS = tuple(
    Option(id=name, text=T, right=name in "ac", why=Text(ko=name, en=name)) for name in "abc"
)
MULTIPLE = MultipleQuestion(kind="multiple", id="m", text=T, explanation=T, options=OPTIONS)
SINGLE = SingleQuestion(kind="single", id="s", text=T, explanation=T, options=OPTIONS[:2])


def number(answer: float, tolerance: float) -> NumberQuestion:
    return NumberQuestion(
        kind="number", id="n", text=T, explanation=T, answer=answer, tolerance=tolerance
    )


@given(st.sets(st.sampled_from("abc"), min_size=1))
def test_multiple_is_right_with_all_right_ones_and_no_other(chosen: set[str]) -> None:
    marked = mark(MULTIPLE, sorted(chosen))
    assert marked.right == (chosen == {"a", "c"})
    assert [note.en for note in marked.notes] == sorted(chosen & {"b"})


def test_single_wants_one() -> None:
    assert mark(SINGLE, ["a"]).right
    assert not mark(SINGLE, ["b"]).right
    for given_ in ([], ["z"], ["a", "b"]):
        with pytest.raises(AnswerMissing):
            mark(SINGLE, given_)


@given(st.floats(-1e6, 1e6), st.floats(0, 100), st.floats(-1, 1))
def test_within_the_tolerance_is_right(answer: float, tolerance: float, share: float) -> None:
    assert mark(number(answer, tolerance), [repr(answer + tolerance * share)]).right


def test_outside_it_is_not() -> None:
    assert not mark(number(70, 0.5), ["70.6"]).right
    assert mark(number(0.3, 0), ["0.3"]).right


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1,250", 1250),
        ("75%", 75),
        ("75 %", 75),
        ("-3.5", -3.5),
        ("−3.5", -3.5),
        ("20개", 20),
        ("+2", 2),
        (".5", 0.5),
    ],
)
def test_numbers_as_people_write_them(written: str, meant: float) -> None:
    assert number_in(written) == meant


@pytest.mark.parametrize("written", ["", "   "])
def test_nothing_is_missing(written: str) -> None:
    with pytest.raises(AnswerMissing):
        number_in(written)


@given(st.text(max_size=60))
def test_whatever_is_written_is_a_number_or_told(written: str) -> None:
    with contextlib.suppress(AnswerMissing, AnswerNotANumber):
        assert isinstance(number_in(written), float)


def test_words_are_told_by_what_was_written() -> None:
    with pytest.raises(AnswerNotANumber, match="스무 개"):
        number_in("스무 개")
