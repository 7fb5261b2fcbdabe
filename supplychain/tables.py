"""Firms, their sites, and who supplies whom."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel


class UtcTime(TypeDecorator[datetime]):
    """A moment, always with its zone: SQLite forgets zones, PostgreSQL turns them."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a moment without a zone; store in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(value)
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Give back the zone that SQLite dropped."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


class Firm(SQLModel, table=True):
    """A company, known by its business registration number where it has told one.

    `brn` holds ten digits without dashes; a firm without one is provisional and known by name
    and country until it speaks for itself. `sector` is a KSIC code with its revision.
    """

    id: int | None = Field(default=None, primary_key=True)
    brn: str | None = Field(default=None, unique=True, max_length=10)
    name: str = Field(max_length=200, index=True)
    name_key: str = Field(default="", max_length=200, index=True)
    country: str = Field(default="KR", max_length=2)
    region: str = Field(default="", max_length=60)
    sector: str = Field(default="", max_length=10)
    sector_revision: int | None = None
    process: str = Field(default="", max_length=40)
    employees: int | None = None
    created_at: datetime = Field(default_factory=now, sa_type=UtcTime)


class Site(SQLModel, table=True):
    """A plant of a firm: where a model runs. `process` as in hub.words.PROCESSES."""

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int = Field(foreign_key="firm.id", index=True)
    name: str = Field(max_length=200)
    region: str = Field(default="", max_length=60)
    process: str = Field(default="", max_length=40)
    level: int = Field(default=0, ge=0, le=5)
