"""Firms, their sites, who supplies whom, who says so, and the sheets that said it."""

from datetime import UTC, datetime

from sqlalchemy import JSON, DateTime, Dialect, UniqueConstraint
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

from supplychain.errors import FAULTS, CellFault


class UtcTime(TypeDecorator[datetime]):
    """A moment, always with its zone: SQLite forgets zones, PostgreSQL turns them."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy names it
    ) -> datetime | None:
        """Refuse a moment without a zone; store in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(value)
        return value.astimezone(UTC)

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy names it
    ) -> datetime | None:
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
    """A plant of a firm: where a model runs. `process` is a code of taxonomy.PROCESSES."""

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int = Field(foreign_key="firm.id", index=True)
    name: str = Field(max_length=200)
    region: str = Field(default="", max_length=60)
    process: str = Field(default="", max_length=40)
    level: int = Field(default=0, ge=0, le=5)


class Link(SQLModel, table=True):
    """A supplier delivers an item to a buyer. One row for each, whoever says so.

    `share` is the part of the buyer's purchases of the item, in per cent, as last declared.
    A link that has `ended` stays, for its history.
    """

    __table_args__ = (UniqueConstraint("supplier_id", "buyer_id", "item", name="uq_link"),)

    id: int | None = Field(default=None, primary_key=True)
    supplier_id: int = Field(foreign_key="firm.id", index=True)
    buyer_id: int = Field(foreign_key="firm.id", index=True)
    item: str = Field(default="", max_length=200)
    share: float | None = None
    since: datetime = Field(default_factory=now, sa_type=UtcTime)
    ended: datetime | None = Field(default=None, sa_type=UtcTime)


class Sheet(SQLModel, table=True):
    """A spreadsheet that a lead firm gave, and what came of its rows.

    The file itself lies in the store under its `sha256`; the same file of the same firm is the
    same sheet. `state`: "waiting" until somebody has looked at the preview, then "taken".
    """

    __table_args__ = (UniqueConstraint("lead_id", "sha256", name="uq_sheet"),)

    id: int | None = Field(default=None, primary_key=True)
    lead_id: int = Field(foreign_key="firm.id", index=True)
    sha256: str = Field(max_length=64)
    file_name: str = Field(max_length=200)
    size: int
    kind: str = Field(default="", max_length=10)
    encoding: str = Field(default="", max_length=20)
    tab: str = Field(default="", max_length=100)
    layout: dict[str, object] | None = Field(default=None, sa_type=JSON)
    state: str = Field(default="waiting", max_length=10)
    rows: int = 0
    rows_new: int = 0
    rows_changed: int = 0
    rows_unchanged: int = 0
    rows_faulty: int = 0
    firms_new: int = 0
    links_new: int = 0
    actor: str = Field(default="", max_length=60)
    uploaded_at: datetime = Field(default_factory=now, sa_type=UtcTime)
    taken_at: datetime | None = Field(default=None, sa_type=UtcTime)


class SheetFault(SQLModel, table=True):
    """What was wrong with one cell: kept, so that it can be mended and asked about.

    `kind` is a key of supplychain.errors.FAULTS, `facts` fill the gaps of its sentence. A remark
    that repeats (`rows` > 1) stands once, at the first row that has it.
    """

    __table_args__ = (UniqueConstraint("sheet_id", "row", "column", "kind", name="uq_sheet_fault"),)

    id: int | None = Field(default=None, primary_key=True)
    sheet_id: int = Field(foreign_key="sheet.id", index=True)
    row: int
    column: str = Field(max_length=100)
    value: str = Field(max_length=200)
    kind: str = Field(max_length=40)
    facts: dict[str, object] = Field(default_factory=dict, sa_type=JSON)
    refuses: bool = True
    rows: int = 1

    @property
    def error(self) -> CellFault:
        """The fault itself, for its sentence."""
        return FAULTS[self.kind](**self.facts)


class Declaration(SQLModel, table=True):
    """One firm says that a link exists. Who may see a link follows from who declared it."""

    __table_args__ = (UniqueConstraint("link_id", "firm_id", name="uq_declaration"),)

    id: int | None = Field(default=None, primary_key=True)
    link_id: int = Field(foreign_key="link.id", index=True)
    firm_id: int = Field(foreign_key="firm.id", index=True)
    sheet_id: int | None = Field(default=None, foreign_key="sheet.id", index=True)
    row: int | None = None
    share: float | None = None
    at: datetime = Field(default_factory=now, sa_type=UtcTime)
