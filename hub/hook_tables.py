"""Rows of webhooks: where firms want to be told, and what is on its way there."""

from datetime import datetime

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from supplychain.tables import UtcTime, now


class Hook(SQLModel, table=True):
    """An address at which a firm wants to be told of events.

    `events`: the kinds that it wants; none named means all. `state`: "on", "off" (somebody switched
    it off) or "dead" (the hub did, after days without an answer; `note` says why). Its secret is
    not kept: it is worked out of the hub's own and `salt`. `after_*`: up to which rows everything
    was told; `since`: nothing older is.
    """

    __table_args__ = (UniqueConstraint("firm_id", "url", name="uq_hook"),)

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int = Field(foreign_key="firm.id", index=True)
    url: str = Field(max_length=500)
    events: list[str] = Field(default_factory=list, sa_type=JSON)
    salt: str = Field(max_length=32)
    key: str = Field(default="", max_length=64)
    state: str = Field(default="on", max_length=10)
    note: str = Field(default="", max_length=300)
    created_by: str = Field(default="", max_length=60)
    created_at: datetime = Field(default_factory=now, sa_type=UtcTime)
    since: datetime = Field(default_factory=now, sa_type=UtcTime)
    after_event: int = 0
    after_entry: int = 0
    failing_since: datetime | None = Field(default=None, sa_type=UtcTime)


class HookMessage(SQLModel, table=True):
    """One event on its way to one address. `state`: "waiting", "sent", "failed" (given up).

    `event_id` is made of what happened, so that a receiver knows what came twice.
    """

    __table_args__ = (
        UniqueConstraint("hook_id", "event_id", name="uq_hookmessage"),
        Index("ix_hookmessage_next", "hook_id", "state", "id"),
        Index("ix_hookmessage_source", "hook_id", "source", "source_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    hook_id: int = Field(foreign_key="hook.id")
    event_id: str = Field(max_length=64)
    source: str = Field(max_length=12)
    source_id: int
    type: str = Field(max_length=40)
    body: str
    state: str = Field(default="waiting", max_length=10)
    tries: int = 0
    status: int | None = None
    problem: str = Field(default="", max_length=300)
    happened_at: datetime = Field(sa_type=UtcTime)
    created_at: datetime = Field(default_factory=now, sa_type=UtcTime)
    due_at: datetime = Field(default_factory=now, sa_type=UtcTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcTime)
