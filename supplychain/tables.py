"""Firms, their sites, who supplies whom, who says so, and the sheets that said it.

What is told stays as it was told. Where two firms were found to be one, the `told_…` columns keep
the firm that was named, and the columns without `told_` name the firm that it was found to be:
they follow from Firm.merged_into_id alone, so that a merge can be split without loss. Readers use
the columns without `told_`.
"""

from datetime import UTC, datetime

from sqlalchemy import JSON, Connection, DateTime, Dialect, Index, UniqueConstraint, event, text
from sqlalchemy.orm import Mapper
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

    Before `joined_at` the columns hold what was first told of it, from then on what it says of
    itself; what each other firm told of it is in Description, and is that firm's to see.
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
    joined_at: datetime | None = Field(default=None, sa_type=UtcTime)
    merged_into_id: int | None = Field(default=None, foreign_key="firm.id", index=True)


class Description(SQLModel, table=True):
    """What one firm says of another, or of itself, in a sheet or by hand. The newest living wins.

    Empty fields were not told. `ended`: the sheet was withdrawn or replaced, or it was said anew.
    `lei` (ISO 17442), `duns`, `corporate` (법인등록번호): further numbers, checked by
    supplychain.identify. `email` and `contact`: whom the telling firm would ask there; nobody
    else's to see.
    """

    __table_args__ = (
        Index(
            "uq_description_sheet",
            "told_firm_id",
            "by_id",
            "sheet_id",
            unique=True,
            sqlite_where=text("sheet_id IS NOT NULL"),
            postgresql_where=text("sheet_id IS NOT NULL"),
        ),
        Index(
            "uq_description_hand",
            "told_firm_id",
            "by_id",
            unique=True,
            sqlite_where=text("sheet_id IS NULL AND ended IS NULL"),
            postgresql_where=text("sheet_id IS NULL AND ended IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int = Field(foreign_key="firm.id", index=True)
    told_firm_id: int = Field(default=0, foreign_key="firm.id", index=True)
    by_id: int = Field(foreign_key="firm.id", index=True)
    sheet_id: int | None = Field(default=None, foreign_key="sheet.id", index=True)
    row: int | None = None
    name: str = Field(default="", max_length=200)
    name_key: str = Field(default="", max_length=200, index=True)
    brn: str | None = Field(default=None, max_length=10, index=True)
    country: str = Field(default="", max_length=2)
    region: str = Field(default="", max_length=60)
    sector: str = Field(default="", max_length=10)
    sector_revision: int | None = None
    process: str = Field(default="", max_length=40)
    employees: int | None = None
    level: int | None = None
    lei: str | None = Field(default=None, max_length=20, index=True)
    duns: str | None = Field(default=None, max_length=9, index=True)
    corporate: str | None = Field(default=None, max_length=13, index=True)
    email: str = Field(default="", max_length=254)
    contact: str = Field(default="", max_length=100)
    actor: str = Field(default="", max_length=60)
    at: datetime = Field(default_factory=now, sa_type=UtcTime)
    ended: datetime | None = Field(default=None, sa_type=UtcTime)


class Site(SQLModel, table=True):
    """A plant of a firm: where a model runs. `process` is a code of taxonomy.PROCESSES."""

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int = Field(foreign_key="firm.id", index=True)
    told_firm_id: int = Field(default=0, foreign_key="firm.id", index=True)
    name: str = Field(max_length=200)
    region: str = Field(default="", max_length=60)
    process: str = Field(default="", max_length=40)
    level: int = Field(default=0, ge=0, le=5)


class Link(SQLModel, table=True):
    """A supplier delivers an item to a buyer. One row for each, whoever says so.

    `share` is the part of the buyer's purchases of the item, in per cent. `share`, `standing`
    ("open", "confirmed", "contradicted") and `ended` follow from the living declarations
    (supplychain.services.links). A link that has `ended` stays, for its history.
    """

    __table_args__ = (
        UniqueConstraint("told_supplier_id", "told_buyer_id", "item", name="uq_link"),
    )

    id: int | None = Field(default=None, primary_key=True)
    supplier_id: int = Field(foreign_key="firm.id", index=True)
    buyer_id: int = Field(foreign_key="firm.id", index=True)
    told_supplier_id: int = Field(default=0, foreign_key="firm.id", index=True)
    told_buyer_id: int = Field(default=0, foreign_key="firm.id", index=True)
    item: str = Field(default="", max_length=200)
    share: float | None = None
    standing: str = Field(default="open", max_length=12)
    since: datetime = Field(default_factory=now, sa_type=UtcTime)
    ended: datetime | None = Field(default=None, sa_type=UtcTime)


class SheetLayout(SQLModel, table=True):
    """Which column means what, as a firm once chose for sheets with these headings.

    `key` is a digest of the header row, so that the next sheet of this layout is understood.
    """

    __table_args__ = (UniqueConstraint("firm_id", "key", name="uq_sheet_layout"),)

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int = Field(foreign_key="firm.id", index=True)
    key: str = Field(max_length=64)
    columns: list[str] = Field(default_factory=list, sa_type=JSON)
    layout: dict[str, object] = Field(default_factory=dict, sa_type=JSON)
    actor: str = Field(default="", max_length=60)
    used_at: datetime = Field(default_factory=now, sa_type=UtcTime)


class Sheet(SQLModel, table=True):
    """A tab of a spreadsheet that a firm gave, and what came of its rows.

    The file itself lies in the store under its `sha256`; the same tab of the same file of the same
    firm is the same sheet. `lead_id` is the firm that gave it, whatever its tier. `state`:
    "waiting" until somebody has looked at the preview, "queued" and "taking" while a long one is
    taken in by the worker, then "taken"; "withdrawn" when its firm took it back, "failed" where
    it could not be taken in (`problem`). `replaces_id`: the earlier sheet that this one renews;
    `ends_agreed`: how many links somebody agreed to end with it.
    """

    __table_args__ = (UniqueConstraint("lead_id", "sha256", "tab", name="uq_sheet"),)

    id: int | None = Field(default=None, primary_key=True)
    lead_id: int = Field(foreign_key="firm.id", index=True)
    sha256: str = Field(max_length=64)
    file_name: str = Field(max_length=200)
    size: int
    kind: str = Field(default="", max_length=10)
    encoding: str = Field(default="", max_length=20)
    tab: str = Field(default="", max_length=100)
    layout: dict[str, object] | None = Field(default=None, sa_type=JSON)
    layout_key: str = Field(default="", max_length=64, index=True)
    replaces_id: int | None = Field(default=None, foreign_key="sheet.id")
    ends_agreed: int | None = None
    state: str = Field(default="waiting", max_length=10, index=True)
    step: str = Field(default="", max_length=20)
    rows_done: int = 0
    problem: dict[str, object] | None = Field(default=None, sa_type=JSON)
    rows: int = 0
    rows_new: int = 0
    rows_changed: int = 0
    rows_unchanged: int = 0
    rows_faulty: int = 0
    firms_new: int = 0
    links_new: int = 0
    links_gone: int = 0
    actor: str = Field(default="", max_length=60)
    uploaded_at: datetime = Field(default_factory=now, sa_type=UtcTime)
    taken_at: datetime | None = Field(default=None, sa_type=UtcTime)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcTime)
    withdrawn_by: str = Field(default="", max_length=60)


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
    """One firm says that a link exists ("holds"), or that it does not ("denied").

    In a sheet (`sheet_id`) or by hand. Nothing that was said is written over: who says something
    else ends the old statement and makes a new one. `ended_by_id`: the newer sheet that ended it,
    so that it lives again when that sheet is withdrawn. Who may see a link follows from who
    declared it.
    """

    __table_args__ = (
        Index(
            "uq_declaration_sheet",
            "link_id",
            "firm_id",
            "sheet_id",
            unique=True,
            sqlite_where=text("sheet_id IS NOT NULL"),
            postgresql_where=text("sheet_id IS NOT NULL"),
        ),
        Index(
            "uq_declaration_hand",
            "link_id",
            "firm_id",
            unique=True,
            sqlite_where=text("sheet_id IS NULL AND ended IS NULL"),
            postgresql_where=text("sheet_id IS NULL AND ended IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    link_id: int = Field(foreign_key="link.id", index=True)
    firm_id: int = Field(foreign_key="firm.id", index=True)
    sheet_id: int | None = Field(default=None, foreign_key="sheet.id", index=True)
    row: int | None = None
    stance: str = Field(default="holds", max_length=10)
    share: float | None = None
    note: str = Field(default="", max_length=400)
    actor: str = Field(default="", max_length=60)
    at: datetime = Field(default_factory=now, sa_type=UtcTime)
    ended: datetime | None = Field(default=None, sa_type=UtcTime)
    ended_by_id: int | None = Field(default=None, foreign_key="sheet.id")


class Likeness(SQLModel, table=True):
    """Two firms that may be one, as one firm (`for_id`) that names both is asked about them.

    `low_id`, `high_id`: the firms as they were named. `score` is the probability that they are
    one, `evidence` what speaks for and against it, from what `for_id` may see alone. `state`:
    "waiting", "later", "same", "different". `merge_id`: what the answer led to, if anything yet.
    """

    __table_args__ = (
        UniqueConstraint("for_id", "low_id", "high_id", name="uq_likeness"),
        Index("ix_likeness_queue", "for_id", "state", "score"),
    )

    id: int | None = Field(default=None, primary_key=True)
    for_id: int = Field(foreign_key="firm.id")
    low_id: int = Field(foreign_key="firm.id", index=True)
    high_id: int = Field(foreign_key="firm.id", index=True)
    score: float
    evidence: dict[str, object] = Field(default_factory=dict, sa_type=JSON)
    state: str = Field(default="waiting", max_length=10)
    decided_by: str = Field(default="", max_length=60)
    decided_at: datetime | None = Field(default=None, sa_type=UtcTime)
    merge_id: int | None = Field(default=None, foreign_key="merge.id", index=True)


class LikenessLook(SQLModel, table=True):
    """How far the search for firms that may be one has got, for each firm that is asked.

    `description_id`: the last description that was looked at; `weights_id` with which weights.
    """

    firm_id: int = Field(primary_key=True, foreign_key="firm.id")
    description_id: int = 0
    weights_id: int | None = Field(default=None, foreign_key="matchingweights.id")
    at: datetime = Field(default_factory=now, sa_type=UtcTime)


class MatchingWeights(SQLModel, table=True):
    """What decisions have taught this hub about names: the newest row counts.

    `coefficients` are supplychain.likeness.Coefficients, `least` the probability from which a pair
    is asked about, `decisions` how many answers they rest on.
    """

    id: int | None = Field(default=None, primary_key=True)
    coefficients: dict[str, object] = Field(default_factory=dict, sa_type=JSON)
    least: float
    decisions: int = 0
    at: datetime = Field(default_factory=now, sa_type=UtcTime)


class Merge(SQLModel, table=True):
    """Firms that were found to be one: `firm_ids` became `into_id`, until the merge is split."""

    id: int | None = Field(default=None, primary_key=True)
    into_id: int = Field(foreign_key="firm.id", index=True)
    firm_ids: list[int] = Field(default_factory=list, sa_type=JSON)
    by_id: int | None = Field(default=None, foreign_key="firm.id", index=True)
    actor: str = Field(default="", max_length=60)
    at: datetime = Field(default_factory=now, sa_type=UtcTime)
    split_at: datetime | None = Field(default=None, sa_type=UtcTime)
    split_by: str = Field(default="", max_length=60)


class Invitation(SQLModel, table=True):
    """One firm asks a person of another to join and to speak for it.

    `state`: "sent", "opened", "accepted", "declined", "withdrawn"; it is over at `expires_at`
    unless it was accepted. Only the hash of the link's secret is kept, and a new link ends the
    old one. `lead_id` is the firm with which the cascade began, `parent_id` the invitation by
    which the inviter came. `accepted_by`: the account that was made or used to answer it, even
    before it is accepted; `asks_id`: a firm that has joined already under the number that this
    person gave, and whose people are asked to let them in. `reason`: why the answer was no.
    """

    __table_args__ = (UniqueConstraint("by_id", "told_firm_id", "email", name="uq_invitation"),)

    id: int | None = Field(default=None, primary_key=True)
    by_id: int = Field(foreign_key="firm.id", index=True)
    firm_id: int = Field(foreign_key="firm.id", index=True)
    told_firm_id: int = Field(default=0, foreign_key="firm.id", index=True)
    lead_id: int = Field(foreign_key="firm.id", index=True)
    parent_id: int | None = Field(default=None, foreign_key="invitation.id", index=True)
    email: str = Field(max_length=254)
    contact: str = Field(default="", max_length=100)
    locale: str = Field(default="ko", max_length=2)
    note: str = Field(default="", max_length=1000)
    token_hash: str | None = Field(default=None, unique=True, max_length=64)
    state: str = Field(default="sent", max_length=10, index=True)
    times_sent: int = 1
    actor: str = Field(default="", max_length=60)
    accepted_by: str = Field(default="", max_length=60, index=True)
    asks_id: int | None = Field(default=None, foreign_key="firm.id", index=True)
    reason: str = Field(default="", max_length=400)
    created_at: datetime = Field(default_factory=now, sa_type=UtcTime)
    sent_at: datetime = Field(default_factory=now, sa_type=UtcTime)
    expires_at: datetime = Field(sa_type=UtcTime)
    opened_at: datetime | None = Field(default=None, sa_type=UtcTime)
    answered_at: datetime | None = Field(default=None, sa_type=UtcTime)


class MailRefusal(SQLModel, table=True):
    """Somebody does not want to be written to again, by whichever firm.

    Only the hash of the address is kept (supplychain.addresses.address_hash).
    """

    email_hash: str = Field(primary_key=True, max_length=64)
    at: datetime = Field(default_factory=now, sa_type=UtcTime)


class Consent(SQLModel, table=True):
    """A firm agrees that another, further down the chain, sees its name and its links.

    Names show where each firm on the way agreed (supplychain.visibility). Withdrawn at once.
    """

    __table_args__ = (
        Index(
            "uq_consent",
            "firm_id",
            "to_id",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int = Field(foreign_key="firm.id", index=True)
    to_id: int = Field(foreign_key="firm.id", index=True)
    given_by: str = Field(default="", max_length=60)
    given_at: datetime = Field(default_factory=now, sa_type=UtcTime)
    withdrawn_by: str = Field(default="", max_length=60)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcTime)


def _as_told(_mapper: Mapper[SQLModel], _connection: Connection, row: SQLModel) -> None:
    """A firm that nobody found to be another is the one that was named."""
    for name in type(row).model_fields:
        if name.startswith("told_") and not getattr(row, name):
            setattr(row, name, getattr(row, name.removeprefix("told_")))


for _table in (Description, Site, Link, Invitation):
    event.listen(_table, "before_insert", _as_told)
