"""Beginning a course, reading its lessons, answering their questions. Nothing here commits."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlmodel import Session, case, col, func, select

from courses.catalogue.content import Course, Lesson, Question
from courses.errors import (
    LessonNotFound,
    NotEnrolled,
    QuestionNotFound,
    QuestionsOpen,
    TrackNotServed,
)
from courses.marking import Marked, mark
from courses.tables import Answer, Enrolment, LessonProgress
from supplychain.tables import now


def enrol(session: Session, learner: str, course: Course, track: str) -> Enrolment:
    """Begin the course in one of the groups; a second time changes the group and nothing else.

    Raises TrackNotServed.
    """
    if track not in course.tracks:
        raise TrackNotServed
    row = _enrolment(session, learner, course)
    if row is None:
        row = Enrolment(learner=learner, course=course.slug, track=track)
    row.track = track
    session.add(row)
    session.flush()
    return row


def enrolment_of(session: Session, learner: str, course: Course) -> Enrolment:
    """A person's enrolment. Raises NotEnrolled."""
    row = _enrolment(session, learner, course)
    if row is None:
        raise NotEnrolled
    return row


def open_lesson(session: Session, learner: str, course: Course, slug: str) -> Lesson:
    """A lesson to read; notes that it was opened, which is where the person resumes.

    Raises NotEnrolled, LessonNotFound.
    """
    enrolment = enrolment_of(session, learner, course)
    lesson = _lesson(course, slug)
    enrolment.seen_at = now()
    session.add(enrolment)
    if _progress(session, learner, course, slug) is None:
        session.add(LessonProgress(learner=learner, course=course.slug, lesson=slug))
        session.flush()
    return lesson


def answer(
    session: Session,
    learner: str,
    course: Course,
    slug: str,
    question_id: str,
    given: Sequence[str],
) -> Marked:
    """Mark an answer and keep it in place of an earlier one.

    Raises NotEnrolled, LessonNotFound, QuestionNotFound, AnswerMissing, AnswerNotANumber.
    """
    lesson = open_lesson(session, learner, course, slug)
    marked = mark(_question(lesson, question_id), given)
    row = session.exec(
        select(Answer).where(
            Answer.learner == learner,
            Answer.course == course.slug,
            Answer.lesson == slug,
            Answer.question == question_id,
        )
    ).first()
    if row is None:
        row = Answer(
            learner=learner, course=course.slug, lesson=slug, question=question_id, tries=0
        )
    row.tries += 0 if row.given == list(marked.given) else 1
    row.given, row.right, row.answered_at = list(marked.given), marked.right, now()
    session.add(row)
    session.flush()
    return marked


def answers_of(session: Session, learner: str, course: Course, slug: str) -> dict[str, Answer]:
    """A person's answers in a lesson, by question."""
    rows = session.exec(
        select(Answer).where(
            Answer.learner == learner, Answer.course == course.slug, Answer.lesson == slug
        )
    )
    return {row.question: row for row in rows}


def finish(session: Session, learner: str, course: Course, slug: str) -> Lesson | None:
    """Close a lesson; gives the next one that is open, in order, or None after the last.

    Every question must have had an answer, right or wrong. Raises NotEnrolled, LessonNotFound,
    QuestionsOpen.
    """
    lesson = open_lesson(session, learner, course, slug)
    answered = answers_of(session, learner, course, slug)
    left = [question for question in lesson.questions if question.id not in answered]
    if left:
        raise QuestionsOpen(open=len(left))
    row = _progress(session, learner, course, slug)
    if row is not None and row.done_at is None:
        row.done_at = now()
        session.add(row)
        session.flush()
    done = set(
        session.exec(
            select(LessonProgress.lesson).where(
                LessonProgress.learner == learner,
                LessonProgress.course == course.slug,
                col(LessonProgress.done_at).is_not(None),
            )
        )
    )
    order = [each.slug for each in course.lessons]
    here = order.index(slug)
    # First those that follow, then those that were left out before.
    following = [name for name in order[here + 1 :] + order[:here] if name not in done]
    return course.lesson(following[0]) if following else None


def how_many_enrolled(session: Session, course: Course) -> int:
    """How many people have begun the course."""
    query = select(func.count()).select_from(Enrolment).where(Enrolment.course == course.slug)
    return session.exec(query).one()


class Trouble(NamedTuple):
    """A question of a lesson, how many have answered it, and how many of them wrongly so far."""

    lesson: Lesson
    question: Question
    answered: int
    wrong: int


def hardest_questions(session: Session, course: Course, least: int = 5) -> list[Trouble]:
    """Questions with the largest share of wrong answers, where at least so many have answered.

    Fewer would tell of persons, not of the question.
    """
    query = (
        select(
            Answer.lesson,
            Answer.question,
            func.count(),
            func.sum(case((col(Answer.right), 0), else_=1)),
        )
        .where(Answer.course == course.slug)
        .group_by(col(Answer.lesson), col(Answer.question))
        .having(func.count() >= least)
    )
    counted = {(lesson, question): (n, wrong) for lesson, question, n, wrong in session.exec(query)}
    found = [
        Trouble(lesson, question, *counted[lesson.slug, question.id])
        for lesson in course.lessons
        for question in lesson.questions
        if (lesson.slug, question.id) in counted
    ]
    return sorted(found, key=lambda one: one.wrong / one.answered, reverse=True)


def _enrolment(session: Session, learner: str, course: Course) -> Enrolment | None:
    return session.exec(
        select(Enrolment).where(Enrolment.learner == learner, Enrolment.course == course.slug)
    ).first()


def _progress(session: Session, learner: str, course: Course, slug: str) -> LessonProgress | None:
    return session.exec(
        select(LessonProgress).where(
            LessonProgress.learner == learner,
            LessonProgress.course == course.slug,
            LessonProgress.lesson == slug,
        )
    ).first()


def _lesson(course: Course, slug: str) -> Lesson:
    lesson = course.lesson(slug)
    if lesson is None:
        raise LessonNotFound(lesson=slug)
    return lesson


def _question(lesson: Lesson, question_id: str) -> Question:
    for question in lesson.questions:
        if question.id == question_id:
            return question
    raise QuestionNotFound(question=question_id)
