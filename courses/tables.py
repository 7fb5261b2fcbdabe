"""Rows of courses: who learns what, how far they are, and the certificates they hold.

A learner is a person's handle, so that nothing here depends on accounts.
"""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel

from supplychain.tables import UtcTime, now


class Enrolment(SQLModel, table=True):
    """A person has begun a course, in one of the four groups (tracks)."""

    __table_args__ = (UniqueConstraint("learner", "course", name="uq_enrolment"),)

    id: int | None = Field(default=None, primary_key=True)
    learner: str = Field(max_length=40, index=True)
    course: str = Field(max_length=60, index=True)
    track: str = Field(max_length=20)
    enrolled_at: datetime = Field(default_factory=now, sa_type=UtcTime)
    seen_at: datetime = Field(default_factory=now, sa_type=UtcTime)


class LessonProgress(SQLModel, table=True):
    """A person has opened a lesson, and perhaps finished it."""

    __table_args__ = (UniqueConstraint("learner", "course", "lesson", name="uq_lesson_progress"),)

    id: int | None = Field(default=None, primary_key=True)
    learner: str = Field(max_length=40, index=True)
    course: str = Field(max_length=60)
    lesson: str = Field(max_length=60)
    opened_at: datetime = Field(default_factory=now, sa_type=UtcTime)
    done_at: datetime | None = Field(default=None, sa_type=UtcTime)


class Answer(SQLModel, table=True):
    """A person's latest answer to a question of a lesson; `given` as on the page."""

    __table_args__ = (
        UniqueConstraint("learner", "course", "lesson", "question", name="uq_answer"),
    )

    id: int | None = Field(default=None, primary_key=True)
    learner: str = Field(max_length=40, index=True)
    course: str = Field(max_length=60)
    lesson: str = Field(max_length=60)
    question: str = Field(max_length=60)
    given: list[str] = Field(default_factory=list, sa_type=JSON)
    right: bool = False
    tries: int = 1
    answered_at: datetime = Field(default_factory=now, sa_type=UtcTime)


class TestAttempt(SQLModel, table=True):
    """One try at an end test: what was given, by question id, and which of it was right.

    `number` counts a person's tries; the page that asks carries it, so that a form sent twice is
    one try.
    """

    __test__ = False  # pytest takes names that begin with Test for its own
    __table_args__ = (UniqueConstraint("learner", "course", "number", name="uq_test_attempt"),)

    id: int | None = Field(default=None, primary_key=True)
    learner: str = Field(max_length=40, index=True)
    course: str = Field(max_length=60)
    number: int
    given: dict[str, list[str]] = Field(default_factory=dict, sa_type=JSON)
    right: list[str] = Field(default_factory=list, sa_type=JSON)
    asked: int
    passed: bool
    taken_at: datetime = Field(default_factory=now, sa_type=UtcTime)


class Certificate(SQLModel, table=True):
    """A certificate as it was signed. Its `id` is its public number.

    `edition` counts a person's certificates of one course: a new one can be earned when the last
    has expired or was revoked. `status_index` is its place in the issuer's list of revocations,
    drawn at random so that the place tells nothing.
    """

    __table_args__ = (UniqueConstraint("learner", "course", "edition", name="uq_certificate"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    learner: str = Field(max_length=40, index=True)
    course: str = Field(max_length=60)
    edition: int
    status_index: int = Field(unique=True)
    competences: list[str] = Field(default_factory=list, sa_type=JSON)
    issued_at: datetime = Field(sa_type=UtcTime)
    expires_at: datetime = Field(sa_type=UtcTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcTime)
    revoked_for: str = Field(default="", max_length=200)
    credential: str
