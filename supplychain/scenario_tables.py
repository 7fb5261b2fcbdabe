"""Scenarios that a firm has saved, and the partners with which it shares them."""

from datetime import datetime

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel

from supplychain.tables import UtcTime, now


class Scenario(SQLModel, table=True):
    """A question under a name: what stops, for how long, under which assumptions.

    The answer is not kept: it is computed anew from what its reader sees at that moment. `asked`
    is supplychain.scenario_question.Question. The people who speak for `firm_id` read and change
    it.
    """

    __table_args__ = (UniqueConstraint("firm_id", "name", name="uq_scenario"),)

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int = Field(foreign_key="firm.id", index=True)
    name: str = Field(max_length=100)
    asked: dict[str, object] = Field(default_factory=dict, sa_type=JSON)
    actor: str = Field(default="", max_length=60)
    made_at: datetime = Field(default_factory=now, sa_type=UtcTime)
    changed_at: datetime = Field(default_factory=now, sa_type=UtcTime)


class ScenarioShare(SQLModel, table=True):
    """A partner firm may open a scenario; it sees what of it lies in its own sight."""

    __table_args__ = (UniqueConstraint("scenario_id", "to_id", name="uq_scenario_share"),)

    id: int | None = Field(default=None, primary_key=True)
    scenario_id: int = Field(foreign_key="scenario.id", index=True)
    to_id: int = Field(foreign_key="firm.id", index=True)
    actor: str = Field(default="", max_length=60)
    at: datetime = Field(default_factory=now, sa_type=UtcTime)
    ended: datetime | None = Field(default=None, sa_type=UtcTime)
