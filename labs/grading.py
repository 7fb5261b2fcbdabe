"""From answers and truth to points with reasons, line by line, in both languages.

Pure: takes what a person handed in and what is true of their plant, and returns a grade. It never
runs anything of theirs. A wrong answer gets a hint and not the truth, since one may try again.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from labs.text import Text


class Criterion(BaseModel):
    """One question and what it is worth.

    A `number` is right within `tolerance` and half right within `near` (both in its own unit); a
    `choice` is right where it equals the truth, or one of several truths.
    """

    model_config = ConfigDict(extra="forbid")

    id: str
    kind: Literal["number", "choice"]
    points: float = Field(gt=0)
    title: Text
    unit: Text = Text(ko="", en="")
    tolerance: float = Field(0.0, ge=0)
    near: float = Field(0.0, ge=0)
    right: Text
    hint: Text


class Line(BaseModel):
    """What one answer earned, and why."""

    criterion: str
    points: float
    of: float
    verdict: Literal["right", "near", "wrong", "missing", "unreadable"]
    answer: str
    reason: Text


class Grade(BaseModel):
    """All lines, their sum, and whether it is enough."""

    points: float
    max_points: float
    passed: bool
    lines: list[Line]


Truth = float | str | Sequence[float] | Sequence[str]

_MISSING = Text(ko="아직 답을 적지 않았습니다.", en="There is no answer yet.")
_NO_NUMBER = Text(
    ko="숫자로 적어 주세요. 단위와 쉼표는 빼고 적습니다.",
    en="Please write a number, without unit and comma.",
)
_NEAR = Text(ko="가깝습니다. 점수의 절반을 드립니다.", en="Close: half of the points.")


def grade(
    criteria: Sequence[Criterion],
    answers: Mapping[str, object],
    truth: Mapping[str, Truth],
    pass_points: float,
) -> Grade:
    """Compare each answer with the truth. Answers that nobody asked for are ignored."""
    lines = [_line(each, answers.get(each.id), truth[each.id]) for each in criteria]
    points = round(sum(line.points for line in lines), 1)
    total = sum(line.of for line in lines)
    return Grade(points=points, max_points=total, passed=points >= pass_points, lines=lines)


def _line(criterion: Criterion, answer: object, truth: Truth) -> Line:
    if answer is None or (isinstance(answer, str) and not answer.strip()):
        return _made(criterion, "missing", "", _MISSING)
    shown = f"{answer}".strip()[:80]
    if criterion.kind == "choice":
        truths = [truth] if isinstance(truth, str | float | int) else truth
        fits = any(_same(shown, str(each)) for each in truths)
        return _made(criterion, *_verdict(criterion, "right" if fits else "wrong", shown))
    value = as_number(answer)
    if value is None:
        return _made(criterion, "unreadable", shown, _NO_NUMBER)
    goals = [truth] if isinstance(truth, str | float | int) else truth
    miss = min(abs(value - float(goal)) for goal in goals)
    # A hair's breadth of slack: 29.35 is within .05 of 29.30 in decimal, not in binary.
    if miss <= criterion.tolerance + 1e-9:
        return _made(criterion, *_verdict(criterion, "right", shown))
    kind: Literal["near", "wrong"] = "near" if miss <= criterion.near + 1e-9 else "wrong"
    return _made(criterion, *_verdict(criterion, kind, shown))


def _verdict(
    criterion: Criterion, verdict: Literal["right", "near", "wrong"], shown: str
) -> tuple[Literal["right", "near", "wrong"], str, Text]:
    if verdict == "right":
        return verdict, shown, criterion.right
    if verdict == "wrong":
        return verdict, shown, criterion.hint
    both = Text(
        ko=f"{_NEAR.ko} {criterion.hint.ko}",
        en=f"{_NEAR.en} {criterion.hint.en}",
    )
    return verdict, shown, both


def _made(
    criterion: Criterion,
    verdict: Literal["right", "near", "wrong", "missing", "unreadable"],
    answer: str,
    reason: Text,
) -> Line:
    share = {"right": 1.0, "near": 0.5}.get(verdict, 0.0)
    return Line(
        criterion=criterion.id,
        points=round(criterion.points * share, 1),
        of=criterion.points,
        verdict=verdict,
        answer=answer,
        reason=reason,
    )


def as_number(answer: object) -> float | None:
    """The number that somebody meant, or None. Thousands' commas and a percent sign are forgiven.

    >>> as_number("1,234.5"), as_number("12 %"), as_number("열둘"), as_number(True)
    (1234.5, 12.0, None, None)
    """
    if isinstance(answer, bool):
        return None
    text = str(answer).strip().removesuffix("%").replace(",", "").strip()
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _same(one: str, other: str) -> bool:
    first, second = as_number(one), as_number(other)
    if first is not None and second is not None:
        return first == second
    return one.strip().casefold() == other.strip().casefold()
