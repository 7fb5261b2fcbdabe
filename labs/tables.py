"""Rows of labs: who has opened which lab, and what they handed in."""

from datetime import datetime

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel

from supplychain.tables import UtcTime, now


class Workbench(SQLModel, table=True):
    """A person's own place in a lab: made at the first opening, the same ever after.

    `model_version` is the version of the shared model that stood there on that day; later ones
    do not change the questions under the person's hands.
    """

    __table_args__ = (UniqueConstraint("learner", "lab", name="uq_workbench"),)

    id: int | None = Field(default=None, primary_key=True)
    learner: str = Field(max_length=40, index=True)
    lab: str = Field(max_length=60, index=True)
    model_version: str = Field(default="", max_length=60)
    opened_at: datetime = Field(default_factory=now, sa_type=UtcTime)


class Attempt(SQLModel, table=True):
    """One hand-in, and its grade line by line.

    `receipt` is chosen by the notebook: the same hand-in, sent again after a dead network, is
    found by it. `lines` are labs.grading.Line as JSON. The review is an instructor's second look.
    """

    __table_args__ = (
        UniqueConstraint("learner", "lab", "number", name="uq_attempt_number"),
        UniqueConstraint("learner", "lab", "receipt", name="uq_attempt_receipt"),
    )

    id: int | None = Field(default=None, primary_key=True)
    learner: str = Field(max_length=40, index=True)
    lab: str = Field(max_length=60, index=True)
    number: int
    receipt: str = Field(max_length=64)
    answers: dict[str, object] = Field(default_factory=dict, sa_type=JSON)
    model_version: str = Field(default="", max_length=60)
    points: float = 0.0
    max_points: float = 0.0
    passed: bool = False
    lines: list[dict[str, object]] = Field(default_factory=list, sa_type=JSON)
    handed_in_at: datetime = Field(default_factory=now, sa_type=UtcTime)
    graded_at: datetime = Field(default_factory=now, sa_type=UtcTime)
    reviewed_by: str = Field(default="", max_length=40)
    review_note: str = Field(default="", max_length=1000)
    reviewed_at: datetime | None = Field(default=None, sa_type=UtcTime)
