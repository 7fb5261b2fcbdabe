"""Handing in, the grade, and the second look at it."""

import json
from collections.abc import Mapping

from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from labs.catalogue import Lab, Predict
from labs.errors import AnswersUnreadable, AttemptNotFound
from labs.grading import grade
from labs.seeds import seed_for
from labs.tables import Attempt, Workbench
from supplychain.tables import now

_LARGEST = 64 * 1024


def hand_in(
    session: Session,
    lab: Lab,
    bench: Workbench,
    answers: Mapping[str, object],
    receipt: str,
    *,
    secret: bytes,
    predict: Predict | None,
) -> Attempt:
    """Take in answers and grade them at once; handed in twice with one receipt, they count once.

    Raises AnswersUnreadable.
    """
    before = session.exec(
        select(Attempt).where(
            Attempt.learner == bench.learner, Attempt.lab == lab.slug, Attempt.receipt == receipt
        )
    ).first()
    if before is not None:
        return before
    kept = _sensible(answers)
    truth = lab.truth(seed_for(secret, lab.slug, bench.learner), predict)
    result = grade(lab.criteria, kept, truth, lab.pass_points)
    attempt = Attempt(
        learner=bench.learner,
        lab=lab.slug,
        number=_next_number(session, lab.slug, bench.learner),
        receipt=receipt,
        answers=kept,
        model_version=bench.model_version,
        points=result.points,
        max_points=result.max_points,
        passed=result.passed,
        lines=[line.model_dump() for line in result.lines],
    )
    session.add(attempt)
    session.flush()
    return attempt


def attempts_of(learner: str, slug: str) -> SelectOfScalar[Attempt]:
    """A person's hand-ins for a lab, the newest first."""
    return (
        select(Attempt)
        .where(Attempt.learner == learner, Attempt.lab == slug)
        .order_by(col(Attempt.number).desc())
    )


def one_attempt(session: Session, learner: str, slug: str, number: int) -> Attempt:
    """One hand-in. Raises AttemptNotFound."""
    found = session.exec(attempts_of(learner, slug).where(Attempt.number == number)).first()
    if found is None:
        raise AttemptNotFound(number=number)
    return found


def best_attempt(session: Session, learner: str, slug: str) -> Attempt | None:
    """The hand-in with the most points, the earlier of two equal ones; None without any."""
    return session.exec(
        select(Attempt)
        .where(Attempt.learner == learner, Attempt.lab == slug)
        .order_by(col(Attempt.points).desc(), col(Attempt.number))
    ).first()


def review(session: Session, attempt: Attempt, by: str, points: float, note: str, lab: Lab) -> None:
    """An instructor's second look: other points, and why. The lines stay as they were."""
    attempt.points = round(min(max(points, 0.0), attempt.max_points), 1)
    attempt.passed = attempt.points >= lab.pass_points
    attempt.reviewed_by, attempt.review_note, attempt.reviewed_at = by, note[:1000], now()
    session.add(attempt)


def _next_number(session: Session, slug: str, learner: str) -> int:
    highest = session.exec(
        select(func.max(Attempt.number)).where(Attempt.learner == learner, Attempt.lab == slug)
    ).one()
    return (highest or 0) + 1


def _sensible(answers: Mapping[str, object]) -> dict[str, object]:
    """The answers, where they are named values of a sensible size."""
    try:
        text = json.dumps(answers, allow_nan=True)
    except (TypeError, ValueError) as error:
        raise AnswersUnreadable(reason=str(error)) from error
    if len(text) > _LARGEST:
        raise AnswersUnreadable(reason=f"more than {_LARGEST // 1024} KB")
    return {
        str(name): value if isinstance(value, str | int | bool | None) else f"{value}"
        for name, value in answers.items()
    }
