"""Rows of what an owner decided: standing answers, time slots, what a plant measures, agreements.

People stand as handles, never as foreign keys.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from sharing import tables as sharing_tables
from supplychain.tables import UtcTime, now

# the foreign keys below need its tables to be known
_ = sharing_tables


class StandingConsent(SQLModel, table=True):
    """A firm accepts fixes of a publisher by itself (see sharing.standing). `upto`: patch, minor.

    `scope` is its natural key among a firm's living ones: "<publisher>/<model or *>", made unlike
    any other once it is withdrawn.
    """

    __table_args__ = (UniqueConstraint("firm_id", "scope", name="uq_standingconsent"),)

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int = Field(foreign_key="firm.id", index=True)
    publisher_firm_id: int = Field(foreign_key="firm.id", index=True)
    model_id: int | None = Field(default=None, foreign_key="sharedmodel.id")
    scope: str = Field(max_length=60)
    upto: str = Field(default="patch", max_length=10)
    terms: str = Field(max_length=40)
    given_by: str = Field(default="", max_length=60)
    given_at: datetime = Field(default_factory=now, sa_type=UtcTime)
    withdrawn_by: str = Field(default="", max_length=60)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcTime)


class StandingUse(SQLModel, table=True):
    """An offer that a standing answer took."""

    id: int | None = Field(default=None, primary_key=True)
    consent_id: int = Field(foreign_key="standingconsent.id", index=True)
    delivery_id: int = Field(foreign_key="delivery.id", unique=True)
    at: datetime = Field(default_factory=now, sa_type=UtcTime)


class TimeSlot(SQLModel, table=True):
    """When versions may begin to run at a site; `slot` as sharing.agent.slot reads it.

    No slot at all (None) is any time. `signed_at`: when assignments under way last got it.
    """

    id: int | None = Field(default=None, primary_key=True)
    site_id: int = Field(foreign_key="site.id", unique=True)
    slot: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    set_by: str = Field(default="", max_length=60)
    set_at: datetime = Field(default_factory=now, sa_type=UtcTime)
    signed_at: datetime | None = Field(default=None, sa_type=UtcTime)


class SiteMeasures(SQLModel, table=True):
    """Which values of models a site has and which it lacks, by column name, as its owner said."""

    id: int | None = Field(default=None, primary_key=True)
    site_id: int = Field(foreign_key="site.id", unique=True)
    has: list[str] = Field(default_factory=list, sa_type=JSON)
    lacks: list[str] = Field(default_factory=list, sa_type=JSON)
    told_by: str = Field(default="", max_length=60)
    told_at: datetime = Field(default_factory=now, sa_type=UtcTime)


class OperatorsTold(SQLModel, table=True):
    """A firm lets those whom it supplies know which competences its people hold certificates of.

    `competences` are of the firm as a whole and name nobody; the hub keeps them up to date.
    """

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int = Field(foreign_key="firm.id", unique=True)
    tells: bool = False
    competences: list[str] = Field(default_factory=list, sa_type=JSON)
    set_by: str = Field(default="", max_length=60)
    at: datetime = Field(default_factory=now, sa_type=UtcTime)


class AgreementEvent(SQLModel, table=True):
    """What happened to an agreement: offered, accepted, refused, ended, by whom, under which text.

    `text` is the whole of it as it was agreed to, in both languages.
    """

    id: int | None = Field(default=None, primary_key=True)
    agreement_id: int = Field(foreign_key="agreement.id", index=True)
    firm_id: int = Field(foreign_key="firm.id", index=True)
    what: str = Field(max_length=10)
    by: str = Field(default="", max_length=60)
    at: datetime = Field(default_factory=now, sa_type=UtcTime)
    terms: str = Field(default="", max_length=40)
    note: str = Field(default="", max_length=300)
    text: str = Field(default="", sa_type=Text)
