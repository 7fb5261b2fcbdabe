"""The end test of a course: as many tries as one likes, each kept. Nothing here commits."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from courses.catalogue.content import Course, Question
from courses.errors import AnswerMissing, AnswerNotANumber, TestNotOpen
from courses.marking import Marked, mark
from courses.services.learning import enrolment_of
from courses.tables import LessonProgress, TestAttempt


class Paper(NamedTuple):
    """What a handed-in paper comes to before it counts: marks, and sentences for what is open."""

    marks: dict[str, Marked]
    faults: dict[str, AnswerMissing | AnswerNotANumber]


def read_paper(questions: Sequence[Question], given: Mapping[str, Sequence[str]]) -> Paper:
    """Mark every answer; those that cannot be read are told, all at once."""
    paper = Paper({}, {})
    for question in questions:
        try:
            paper.marks[question.id] = mark(question, given.get(question.id, ()))
        except (AnswerMissing, AnswerNotANumber) as error:
            paper.faults[question.id] = error
    return paper


def open_test(session: Session, learner: str, course: Course) -> int:
    """The number that the person's next try will have. Raises NotEnrolled, TestNotOpen."""
    enrolment_of(session, learner, course)
    done = session.exec(
        select(func.count())
        .select_from(LessonProgress)
        .where(
            LessonProgress.learner == learner,
            LessonProgress.course == course.slug,
            col(LessonProgress.lesson).in_([lesson.slug for lesson in course.lessons]),
            col(LessonProgress.done_at).is_not(None),
        )
    ).one()
    if done < len(course.lessons):
        raise TestNotOpen(open=len(course.lessons) - done)
    return _last_number(session, learner, course) + 1


def take_test(
    session: Session, learner: str, course: Course, marks: Mapping[str, Marked], number: int
) -> TestAttempt:
    """Count a whole paper as try `number`; the same number handed in again gives the first.

    Raises NotEnrolled, TestNotOpen, AnswerMissing where a question has no mark.
    """
    next_number = open_test(session, learner, course)
    if 1 <= number < next_number:
        return attempt_at(session, learner, course, number)
    if any(question.id not in marks for question in course.test.questions):
        raise AnswerMissing
    right = [question.id for question in course.test.questions if marks[question.id].right]
    attempt = TestAttempt(
        learner=learner,
        course=course.slug,
        number=next_number,
        given={name: list(one.given) for name, one in marks.items()},
        right=right,
        asked=len(course.test.questions),
        passed=len(right) >= course.test.needed,
    )
    session.add(attempt)
    session.flush()
    return attempt


def attempt_at(session: Session, learner: str, course: Course, number: int) -> TestAttempt:
    """One try. Raises TestNotOpen where there was none with that number."""
    found = session.exec(attempts_at(learner, course).where(TestAttempt.number == number)).first()
    if found is None:
        raise TestNotOpen(open=0)
    return found


def attempts_at(learner: str, course: Course) -> SelectOfScalar[TestAttempt]:
    """A person's tries at a course's test, the newest first."""
    return (
        select(TestAttempt)
        .where(TestAttempt.learner == learner, TestAttempt.course == course.slug)
        .order_by(col(TestAttempt.number).desc())
    )


def best_try(session: Session, learner: str, course: Course) -> TestAttempt | None:
    """The try that counts: one that passed before one that did not, then the most right answers."""
    tries = session.exec(attempts_at(learner, course)).all()
    return max(tries, key=lambda one: (one.passed, len(one.right), -one.number), default=None)


def _last_number(session: Session, learner: str, course: Course) -> int:
    query = select(func.max(TestAttempt.number)).where(
        TestAttempt.learner == learner, TestAttempt.course == course.slug
    )
    return session.exec(query).one() or 0
