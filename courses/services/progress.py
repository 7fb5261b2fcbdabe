"""How far a person is in a course, and what comes next: read together from the rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlmodel import Session, col, func, select

from courses.catalogue.content import Course, Lesson
from courses.services.awards import certificate_for
from courses.services.end_test import best_try
from courses.tables import Answer, Certificate, Enrolment, LessonProgress, TestAttempt
from labs.services import best_attempt

Next = Literal["begin", "lesson", "test", "lab", "certificate", "nothing"]


@dataclass(frozen=True)
class LessonState:
    """A lesson, and what a person has done in it."""

    lesson: Lesson
    opened: bool
    done: bool
    answered: int


@dataclass(frozen=True)
class LabState:
    """What a person has handed in for the course's lab; the best of it counts."""

    slug: str
    points: float | None
    max_points: float | None
    passed: bool


@dataclass(frozen=True)
class CourseState:
    """A course, and how far a person is."""

    course: Course
    enrolment: Enrolment | None
    lessons: tuple[LessonState, ...]
    test: TestAttempt | None
    lab: LabState | None
    certificate: Certificate | None

    @property
    def done(self) -> int:
        """Parts that are done: lessons, test, lab."""
        lessons = sum(lesson.done for lesson in self.lessons)
        return lessons + self.test_passed + (self.lab is not None and self.lab.passed)

    @property
    def parts(self) -> int:
        """Parts that there are."""
        return len(self.lessons) + 1 + (self.lab is not None)

    @property
    def percent(self) -> int:
        """Share of the parts that are done, in percent."""
        return self.done * 100 // self.parts

    @property
    def lessons_done(self) -> bool:
        """Whether the end test is open."""
        return all(lesson.done for lesson in self.lessons)

    @property
    def test_passed(self) -> bool:
        """Whether one try at the test was good enough."""
        return self.test is not None and self.test.passed

    @property
    def lab_passed(self) -> bool:
        """Whether the lab was passed, or the course has none."""
        return self.lab is None or self.lab.passed

    @property
    def earned(self) -> bool:
        """Whether a certificate may be awarded."""
        return self.lessons_done and self.test_passed and self.lab_passed

    @property
    def next_lesson(self) -> Lesson | None:
        """Where to go on reading: a lesson that was begun, else the next in the group's order."""
        open_ones = [state for state in self.lessons if not state.done]
        begun = [state for state in open_ones if state.opened]
        if begun:
            return begun[-1].lesson
        track = self.enrolment.track if self.enrolment else ""
        start = next((e.start for name, e in self.course.tracks.items() if name == track), "")
        first = [state.lesson for state in open_ones if state.lesson.slug == start]
        return next(iter([*first, *(state.lesson for state in open_ones)]), None)

    @property
    def next(self) -> Next:
        """What comes next."""
        if self.enrolment is None:
            return "begin"
        if self.certificate is not None:
            return "nothing"
        if not self.lessons_done:
            return "lesson"
        if not self.test_passed:
            return "test"
        return "certificate" if self.lab_passed else "lab"


def state_of(session: Session, learner: str, course: Course, at: datetime) -> CourseState:
    """How far a person is in a course at a moment (a certificate may have expired)."""
    enrolment = session.exec(
        select(Enrolment).where(Enrolment.learner == learner, Enrolment.course == course.slug)
    ).first()
    progress = {
        row.lesson: row
        for row in session.exec(
            select(LessonProgress).where(
                LessonProgress.learner == learner, LessonProgress.course == course.slug
            )
        )
    }
    answered = dict(
        session.exec(
            select(Answer.lesson, func.count())
            .where(Answer.learner == learner, Answer.course == course.slug)
            .group_by(col(Answer.lesson))
        ).all()
    )
    lessons = (_lesson_state(one, progress.get(one.slug), answered) for one in course.lessons)
    return CourseState(
        course=course,
        enrolment=enrolment,
        lessons=tuple(lessons),
        test=best_try(session, learner, course),
        lab=lab_state(session, learner, course),
        certificate=certificate_for(session, learner, course, at),
    )


def states_of(
    session: Session, learner: str, courses: Iterable[Course], at: datetime
) -> list[CourseState]:
    """The same for several courses: those begun first, the one last seen at the top."""
    states = [state_of(session, learner, course, at) for course in courses]
    begun = [state for state in states if state.enrolment is not None]
    begun.sort(key=lambda s: s.enrolment.seen_at if s.enrolment else at, reverse=True)
    return begun + [state for state in states if state.enrolment is None]


def lab_state(session: Session, learner: str, course: Course) -> LabState | None:
    """What the person's best hand-in says; None where the course has no lab."""
    if course.lab is None:
        return None
    best = best_attempt(session, learner, course.lab)
    if best is None:
        return LabState(course.lab, points=None, max_points=None, passed=False)
    return LabState(course.lab, best.points, best.max_points, best.passed)


def _lesson_state(
    lesson: Lesson, row: LessonProgress | None, answered: dict[str, int]
) -> LessonState:
    return LessonState(
        lesson=lesson,
        opened=row is not None,
        done=row is not None and row.done_at is not None,
        answered=min(answered.get(lesson.slug, 0), len(lesson.questions)),
    )
