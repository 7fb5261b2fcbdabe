"""What people do in courses: begin one, read, answer, take the test, earn a certificate."""

from courses.services.awards import (
    award,
    certificate_of,
    certificates_of,
    check,
    held_competences,
    revoke,
    revoked_places,
)
from courses.services.end_test import Paper, attempts_at, best_try, take_test
from courses.services.learning import answer, answers_of, enrol, enrolment_of, finish, open_lesson
from courses.services.progress import CourseState, LessonState, state_of, states_of

__all__ = [
    "CourseState",
    "LessonState",
    "Paper",
    "answer",
    "answers_of",
    "attempts_at",
    "award",
    "best_try",
    "certificate_of",
    "certificates_of",
    "check",
    "enrol",
    "enrolment_of",
    "finish",
    "held_competences",
    "open_lesson",
    "revoke",
    "revoked_places",
    "state_of",
    "states_of",
    "take_test",
]
