"""Rows about releases: what the gate measured, and which version was live where and when."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from sharing import tables as sharing_tables
from supplychain.tables import UtcTime, now

# the foreign keys below need version, model and delivery to be known
_ = sharing_tables


class Measured(SQLModel, table=True):
    """What the gate measured of a version: milliseconds for one row, megabytes."""

    version_id: int = Field(foreign_key="version.id", primary_key=True)
    figures: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    at: datetime = Field(default_factory=now, sa_type=UtcTime)


class Stay(SQLModel, table=True):
    """A version was live at a site from `since` until `until` (None: still is).

    As the site reported it; one site runs one version of a model at a time.
    """

    __table_args__ = (
        UniqueConstraint("site_id", "model_id", "position", name="uq_stay"),
        Index("ix_stay_model_since", "model_id", "since"),
    )

    id: int | None = Field(default=None, primary_key=True)
    site_id: int = Field(foreign_key="site.id", index=True)
    model_id: int = Field(foreign_key="sharedmodel.id")
    version_id: int = Field(foreign_key="version.id", index=True)
    delivery_id: int | None = Field(default=None, foreign_key="delivery.id")
    position: int
    since: datetime = Field(default_factory=now, sa_type=UtcTime)
    until: datetime | None = Field(default=None, sa_type=UtcTime)
