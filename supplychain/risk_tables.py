"""Long computations on a chain and what came of them: kept until the network changes."""

from datetime import datetime

from sqlalchemy import JSON, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from supplychain.tables import UtcTime, now


class RiskRun(SQLModel, table=True):
    """One kind of figures of a chain, as its lead firm may see it: asked for, under way or done.

    `kind`: "esri" of every firm, or "tts", times to survive by what `assumed` says of whatever is
    not known (supplychain.risk.facts.Assumed). `key` is a digest of all that they depend on:
    asking again for the same finds the same run. `state`: "waiting", "running", "done", "stopped"
    (what is done stays, and asking again goes on from there), "outdated" (the network changed on
    the way), "failed" (`problem`). `rests_on` counts what the figures rest on, and what is not
    known (supplychain.services.risk.Basis).
    """

    __table_args__ = (UniqueConstraint("lead_id", "key", name="uq_riskrun"),)

    id: int | None = Field(default=None, primary_key=True)
    lead_id: int = Field(foreign_key="firm.id", index=True)
    kind: str = Field(default="esri", max_length=4)
    assumed: dict[str, float] = Field(default_factory=dict, sa_type=JSON)
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


class RiskFact(SQLModel, table=True):
    """What somebody says that times to survive rest on. Who says something else ends the old one.

    `kind`, of the firm `firm_id`:
    "ttr_days"    days until it delivers again after it has stopped altogether
    "stock_days"  days for which its goods last: finished ones at the firm itself, or, with
                  `buyer_id`, those of `item` that lie at this buyer
    "capacity"    the most that it can make, in per cent of what it makes today
    "margin"      won that are lost with each day on which it makes nothing (`item`: a product)

    `by_id` says so: the firm itself (the buyer, for its stock), or who asks, as a guess.
    """

    __table_args__ = (
        Index(
            "uq_riskfact_firm",
            "told_firm_id",
            "item",
            "kind",
            "by_id",
            unique=True,
            sqlite_where=text("told_buyer_id IS NULL AND ended IS NULL"),
            postgresql_where=text("told_buyer_id IS NULL AND ended IS NULL"),
        ),
        Index(
            "uq_riskfact_link",
            "told_firm_id",
            "told_buyer_id",
            "item",
            "kind",
            "by_id",
            unique=True,
            sqlite_where=text("told_buyer_id IS NOT NULL AND ended IS NULL"),
            postgresql_where=text("told_buyer_id IS NOT NULL AND ended IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int = Field(foreign_key="firm.id", index=True)
    told_firm_id: int = Field(foreign_key="firm.id", index=True)
    buyer_id: int | None = Field(default=None, foreign_key="firm.id", index=True)
    told_buyer_id: int | None = Field(default=None, foreign_key="firm.id", index=True)
    item: str = Field(default="", max_length=200)
    kind: str = Field(max_length=10)
    value: float
    by_id: int = Field(foreign_key="firm.id", index=True)
    actor: str = Field(default="", max_length=60)
    at: datetime = Field(default_factory=now, sa_type=UtcTime)
    ended: datetime | None = Field(default=None, sa_type=UtcTime)


class SurvivalFigure(SQLModel, table=True):
    """How long the lead firm goes on delivering without this firm, and what it then loses.

    `survives`: days, None for ever; `recovers`: days; `lost`: days of the lead firm's production
    that are lost until the firm delivers again.
    """

    __table_args__ = (Index("ix_survivalfigure_worst", "run_id", "lost"),)

    run_id: int = Field(primary_key=True, foreign_key="riskrun.id")
    firm_id: int = Field(primary_key=True, foreign_key="firm.id", index=True)
    survives: float | None = None
    recovers: float
    lost: float
