"""Long computations on a chain and what came of them: kept until the network changes."""

from datetime import datetime

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from supplychain.tables import UtcTime, now


class RiskRun(SQLModel, table=True):
    """ESRI of every firm of a chain, as the lead firm may see it: asked for, under way or done.

    `key` is a digest of the network: asking again for the same one finds the same run. `state`:
    "waiting", "running", "done", "stopped" (what is done stays, and asking again goes on from
    there), "outdated" (the network changed on the way), "failed" (`problem`). `rests_on` counts
    what the figures rest on, and what is not known (supplychain.services.risk.Basis).
    """

    __table_args__ = (UniqueConstraint("lead_id", "key", name="uq_riskrun"),)

    id: int | None = Field(default=None, primary_key=True)
    lead_id: int = Field(foreign_key="firm.id", index=True)
    key: str = Field(max_length=64)
    state: str = Field(default="waiting", max_length=10, index=True)
    done: int = 0
    total: int = 0
    rests_on: dict[str, object] = Field(default_factory=dict, sa_type=JSON)
    problem: str = Field(default="", max_length=400)
    actor: str = Field(default="", max_length=60)
    asked_at: datetime = Field(default_factory=now, sa_type=UtcTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcTime)


class RiskFigure(SQLModel, table=True):
    """The share of all sales in the chain that is lost if this firm fails."""

    __table_args__ = (Index("ix_riskfigure_worst", "run_id", "esri"),)

    run_id: int = Field(primary_key=True, foreign_key="riskrun.id")
    firm_id: int = Field(primary_key=True, foreign_key="firm.id", index=True)
    esri: float
