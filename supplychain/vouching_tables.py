"""Whose word counts: how firms came to speak, who vouches for whom, who asks to be let see."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from supplychain.tables import UtcTime, now


class Voice(SQLModel, table=True):
    """What the hub itself knows about who speaks for a firm.

    `state`: "new" since somebody whom another firm had asked in speaks for it; "confirmed" or
    "suspended" once an administrator has looked at it. A firm without a row was given its people
    by an administrator, or had joined before such rows were kept: it counts as confirmed.
    """

    firm_id: int = Field(primary_key=True, foreign_key="firm.id")
    state: str = Field(default="new", max_length=10, index=True)
    actor: str = Field(default="", max_length=60)
    note: str = Field(default="", max_length=400)
    at: datetime = Field(default_factory=now, sa_type=UtcTime)


class Vouching(SQLModel, table=True):
    """What one firm (`by_id`) says of who speaks for another: "yes", "no", or "later".

    Who asked a firm in vouches for it by that, without a row, until it says no.
    """

    __table_args__ = (UniqueConstraint("firm_id", "by_id", name="uq_vouching"),)

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int = Field(foreign_key="firm.id", index=True)
    by_id: int = Field(foreign_key="firm.id", index=True)
    stance: str = Field(max_length=10)
    note: str = Field(default="", max_length=400)
    actor: str = Field(default="", max_length=60)
    at: datetime = Field(default_factory=now, sa_type=UtcTime)


class SightRequest(SQLModel, table=True):
    """One firm (`by_id`) asks another to open itself to it.

    `state`: "waiting", "agreed", "declined", "withdrawn". Asked again, the row waits anew, and
    `times` counts. `via_id`: the customer that passed the request on to this firm, for another.
    """

    __table_args__ = (UniqueConstraint("firm_id", "by_id", name="uq_sightrequest"),)

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int = Field(foreign_key="firm.id", index=True)
    by_id: int = Field(foreign_key="firm.id", index=True)
    via_id: int | None = Field(default=None, foreign_key="firm.id", index=True)
    state: str = Field(default="waiting", max_length=10, index=True)
    times: int = 1
    note: str = Field(default="", max_length=400)
    asked_by: str = Field(default="", max_length=60)
    asked_at: datetime = Field(default_factory=now, sa_type=UtcTime)
    answered_by: str = Field(default="", max_length=60)
    answered_at: datetime | None = Field(default=None, sa_type=UtcTime)
