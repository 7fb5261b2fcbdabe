"""Alerts: what was raised, whom it reached by whom, what each answered, and what happened when."""

from datetime import date, datetime

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel

from supplychain.tables import UtcTime, now


class Alert(SQLModel, table=True):
    """A firm tells its chain that something happened, and asks what follows from it.

    The words of its fields are those of supplychain.alerting. `key`: the form or request by which
    it was raised, so that sending it twice raises one. `tiers`: those that are asked; none, all.
    `by_itself`: it goes on by itself from firms whose setting allows it. `state`: "open",
    "resolved", "withdrawn"; `over_by_id`: the firm that ended it, `outcome` what it said then.
    """

    __table_args__ = (UniqueConstraint("by_id", "key", name="uq_alert"),)

    id: int | None = Field(default=None, primary_key=True)
    by_id: int = Field(foreign_key="firm.id", index=True)
    key: str = Field(max_length=64)
    direction: str = Field(max_length=4)
    kind: str = Field(max_length=10)
    text: str = Field(max_length=1000)
    item: str = Field(default="", max_length=200)
    region: str = Field(default="", max_length=60)
    process: str = Field(default="", max_length=40)
    urgency: str = Field(max_length=6)
    asks: list[str] = Field(default_factory=list, sa_type=JSON)
    tiers: list[int] = Field(default_factory=list, sa_type=JSON)
    by_itself: bool = False
    answer_by: datetime | None = Field(default=None, sa_type=UtcTime)
    actor: str = Field(default="", max_length=60)
    raised_at: datetime = Field(default_factory=now, sa_type=UtcTime)
    state: str = Field(default="open", max_length=10, index=True)
    over_at: datetime | None = Field(default=None, sa_type=UtcTime)
    over_by_id: int | None = Field(default=None, foreign_key="firm.id")
    outcome: str = Field(default="", max_length=1000)


class AlertReceipt(SQLModel, table=True):
    """An alert at one firm (the one that raised it has one, too): read, answered, its cause.

    A firm that has not joined is written to at `email`; only the hash of its link's secret is
    kept, a newer mail ends the older link, and an answer uses it up (`link_used_at`).
    """

    __table_args__ = (UniqueConstraint("alert_id", "firm_id", name="uq_alert_receipt"),)

    id: int | None = Field(default=None, primary_key=True)
    alert_id: int = Field(foreign_key="alert.id", index=True)
    firm_id: int = Field(foreign_key="firm.id", index=True)
    at: datetime = Field(default_factory=now, sa_type=UtcTime)
    email: str = Field(default="", max_length=254)
    contact: str = Field(default="", max_length=100)
    locale: str = Field(default="ko", max_length=2)
    asked_by_id: int | None = Field(default=None, foreign_key="firm.id")
    token_hash: str | None = Field(default=None, unique=True, max_length=64)
    link_used_at: datetime | None = Field(default=None, sa_type=UtcTime)
    times_sent: int = 0
    sent_at: datetime | None = Field(default=None, sa_type=UtcTime)
    acknowledged_at: datetime | None = Field(default=None, sa_type=UtcTime)
    answered_at: datetime | None = Field(default=None, sa_type=UtcTime)
    delivers: str = Field(default="", max_length=10)
    until: date | None = None
    affected: int | None = None
    note: str = Field(default="", max_length=1000)
    cause: bool = False
    resolved_at: datetime | None = Field(default=None, sa_type=UtcTime)


class AlertPassing(SQLModel, table=True):
    """One firm passed an alert to another that it trades with; `by_itself`: the hub did."""

    __table_args__ = (UniqueConstraint("alert_id", "from_id", "to_id", name="uq_alert_passing"),)

    id: int | None = Field(default=None, primary_key=True)
    alert_id: int = Field(foreign_key="alert.id", index=True)
    from_id: int = Field(foreign_key="firm.id", index=True)
    to_id: int = Field(foreign_key="firm.id", index=True)
    by_itself: bool = False
    at: datetime = Field(default_factory=now, sa_type=UtcTime)


class AlertEvent(SQLModel, table=True):
    """What a firm did with an alert, one row each time; nothing that was said is written over."""

    id: int | None = Field(default=None, primary_key=True)
    alert_id: int = Field(foreign_key="alert.id", index=True)
    firm_id: int = Field(foreign_key="firm.id", index=True)
    what: str = Field(max_length=20)
    detail: dict[str, object] = Field(default_factory=dict, sa_type=JSON)
    actor: str = Field(default="", max_length=60)
    at: datetime = Field(default_factory=now, sa_type=UtcTime)


class AlertSetting(SQLModel, table=True):
    """Whether alerts go on by themselves from a firm, where their sender asks for it."""

    firm_id: int = Field(primary_key=True, foreign_key="firm.id")
    by_itself: bool = False
    actor: str = Field(default="", max_length=60)
    at: datetime = Field(default_factory=now, sa_type=UtcTime)
