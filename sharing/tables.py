"""Rows of sharing: models and versions, rollouts on their way to sites, what sites run.

Signed files live in the store and in the metadata folders; the rows here say what they are for.
People stand as handles, never as foreign keys.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from supplychain import tables as supplychain_tables
from supplychain.tables import UtcTime, now

# the foreign keys below need firm and site to be known
_ = supplychain_tables


class SharedModel(SQLModel, table=True):
    """A model that a firm shares. `visibility`: private, chain (its own supply chain), public."""

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(unique=True, max_length=60)
    firm_id: int = Field(foreign_key="firm.id", index=True)
    visibility: str = Field(default="chain", max_length=10)
    title: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    process: str = Field(default="", max_length=40, index=True)
    origin: str = Field(default="", max_length=2)
    created_by: str = Field(default="", max_length=60)
    created_at: datetime = Field(default_factory=now, sa_type=UtcTime)


class Version(SQLModel, table=True):
    """One immutable release. `state`: awaiting (signatures), published, withdrawn.

    `digest` covers all files.
    """

    __table_args__ = (UniqueConstraint("model_id", "number", name="uq_version"),)

    id: int | None = Field(default=None, primary_key=True)
    model_id: int = Field(foreign_key="sharedmodel.id", index=True)
    number: str = Field(max_length=20)
    state: str = Field(default="published", max_length=12)
    card: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    digest: str = Field(default="", max_length=64)
    length: int = 0
    opset: int = 0
    published_by: str = Field(default="", max_length=60)
    published_at: datetime = Field(default_factory=now, sa_type=UtcTime)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcTime)
    withdrawn_reason: str = Field(default="", max_length=300)


class VersionFile(SQLModel, table=True):
    """A file of a version, found in the store by its digest."""

    __table_args__ = (UniqueConstraint("version_id", "path", name="uq_versionfile"),)

    id: int | None = Field(default=None, primary_key=True)
    version_id: int = Field(foreign_key="version.id", index=True)
    path: str = Field(max_length=100)
    sha256: str = Field(max_length=64, index=True)
    length: int


class Agreement(SQLModel, table=True):
    """The technology-data agreement behind an offer: what is given to whom, on which terms.

    The provider agrees by offering, the receiver by accepting; `refused_at` when the receiver wants
    no more offers of it, `ended_at` when either side leaves (`ended_side`: provider, receiver), and
    `removed_at` when the model was taken from the receiver's plants for that.
    """

    __table_args__ = (
        UniqueConstraint("model_id", "receiver_firm_id", "terms", name="uq_agreement"),
    )

    id: int | None = Field(default=None, primary_key=True)
    model_id: int = Field(foreign_key="sharedmodel.id", index=True)
    provider_firm_id: int = Field(foreign_key="firm.id", index=True)
    receiver_firm_id: int = Field(foreign_key="firm.id", index=True)
    terms: str = Field(max_length=40)
    provided_by: str = Field(default="", max_length=60)
    provided_at: datetime = Field(default_factory=now, sa_type=UtcTime)
    accepted_by: str = Field(default="", max_length=60)
    accepted_at: datetime | None = Field(default=None, sa_type=UtcTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcTime)
    refused_at: datetime | None = Field(default=None, sa_type=UtcTime)
    ended_by: str = Field(default="", max_length=60)
    ended_side: str = Field(default="", max_length=10)
    ended_reason: str = Field(default="", max_length=300)
    removed_at: datetime | None = Field(default=None, sa_type=UtcTime)


class Rollout(SQLModel, table=True):
    """A version on its way to an audience. States as in sharing.rollout.

    `audience` is what sharing.audience reads; `plan` holds the gates of its waves. Who submitted it
    and who approved it, where a second person's yes was wanted.
    """

    id: int | None = Field(default=None, primary_key=True)
    version_id: int = Field(foreign_key="version.id", index=True)
    lead_firm_id: int = Field(foreign_key="firm.id", index=True)
    name: str = Field(max_length=120)
    key: str = Field(unique=True, max_length=64)
    state: str = Field(default="draft", max_length=20, index=True)
    reason: str = Field(default="", max_length=300)
    audience: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    plan: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    created_by: str = Field(default="", max_length=60)
    created_at: datetime = Field(default_factory=now, sa_type=UtcTime)
    submitted_by: str = Field(default="", max_length=60)
    approved_by: str = Field(default="", max_length=60)
    approved_at: datetime | None = Field(default=None, sa_type=UtcTime)
    started_at: datetime | None = Field(default=None, sa_type=UtcTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcTime)


class Wave(SQLModel, table=True):
    """A group of a rollout. `state`: scheduled, running, finished, error.

    `enough_since`: since when its share has succeeded, for the soak. `forgiven`: gate → errors that
    were there when a person resumed ("" for failures).
    """

    __table_args__ = (UniqueConstraint("rollout_id", "position", name="uq_wave"),)

    id: int | None = Field(default=None, primary_key=True)
    rollout_id: int = Field(foreign_key="rollout.id", index=True)
    position: int
    state: str = Field(default="scheduled", max_length=12)
    forgiven: dict[str, int] = Field(default_factory=dict, sa_type=JSON)
    started_at: datetime | None = Field(default=None, sa_type=UtcTime)
    enough_since: datetime | None = Field(default=None, sa_type=UtcTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcTime)


class Delivery(SQLModel, table=True):
    """One site's share of a rollout.

    `metadata_version` is the number of the signed director statement that assigned it (0 before);
    `action` what that statement asks for: install, rollback or withdraw. `ordered_at`: when that
    statement was first asked for, whatever became of it; `arrive_by`: until when the site may take
    in all; `tries`: how often an order to go back could not be carried out.
    A number is never given twice: sites know deliveries by it for good.
    """

    __table_args__ = (
        UniqueConstraint("rollout_id", "site_id", name="uq_delivery"),
        Index("ix_delivery_counted", "rollout_id", "state", "wave_id"),
        Index("ix_delivery_due", "rollout_id", "deadline"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    rollout_id: int = Field(foreign_key="rollout.id", index=True)
    wave_id: int = Field(foreign_key="wave.id", index=True)
    site_id: int = Field(foreign_key="site.id", index=True)
    version_id: int = Field(foreign_key="version.id")
    previous_version_id: int | None = Field(default=None, foreign_key="version.id")
    agreement_id: int | None = Field(default=None, foreign_key="agreement.id")
    tier: int = 0
    state: str = Field(default="scheduled", max_length=12, index=True)
    action: str = Field(default="install", max_length=10)
    reason: str = Field(default="", max_length=500)
    deadline: datetime | None = Field(default=None, sa_type=UtcTime)
    ordered_at: datetime | None = Field(default=None, sa_type=UtcTime)
    arrive_by: datetime | None = Field(default=None, sa_type=UtcTime)
    tries: int = 0
    metadata_version: int = 0
    answered_by: str = Field(default="", max_length=60)
    changed_at: datetime = Field(default_factory=now, sa_type=UtcTime)


class DeliveryEvent(SQLModel, table=True):
    """What happened to a delivery, in order; `by` a person's handle, an agent's id or the hub."""

    id: int | None = Field(default=None, primary_key=True)
    delivery_id: int = Field(foreign_key="delivery.id", index=True)
    at: datetime = Field(default_factory=now, sa_type=UtcTime)
    state: str = Field(max_length=12)
    reason: str = Field(default="", max_length=500)
    figures: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    by: str = Field(default="", max_length=60)


class EnrolmentCode(SQLModel, table=True):
    """A short code with which an agent joins a site, once; only its hash is kept."""

    id: int | None = Field(default=None, primary_key=True)
    code_hash: str = Field(unique=True, max_length=64)
    site_id: int = Field(foreign_key="site.id", index=True)
    created_by: str = Field(default="", max_length=60)
    created_at: datetime = Field(default_factory=now, sa_type=UtcTime)
    expires_at: datetime = Field(sa_type=UtcTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcTime)


class Agent(SQLModel, table=True):
    """A vendor's program on site, known by its public key (PEM, Ed25519)."""

    id: str = Field(primary_key=True, max_length=40)
    site_id: int = Field(foreign_key="site.id", index=True)
    public_key: str = Field(max_length=1000)
    name: str = Field(max_length=100)
    runtime: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    enrolled_at: datetime = Field(default_factory=now, sa_type=UtcTime)
    last_seen: datetime | None = Field(default=None, sa_type=UtcTime)
    revoked: bool = False


class SpentToken(SQLModel, table=True):
    """The number of an agent's token that was used; kept until the token has run out."""

    jti: str = Field(primary_key=True, max_length=64)
    expires_at: datetime = Field(sa_type=UtcTime, index=True)


class AgentReport(SQLModel, table=True):
    """What an agent said, in its own order (`seq`); said twice, it counts once."""

    __table_args__ = (UniqueConstraint("agent_id", "seq", name="uq_agentreport"),)

    id: int | None = Field(default=None, primary_key=True)
    agent_id: str = Field(foreign_key="agent.id", max_length=40, index=True)
    seq: int
    delivery_id: int | None = Field(default=None, foreign_key="delivery.id", index=True)
    kind: str = Field(max_length=20)
    state: str = Field(default="", max_length=12)
    reason: str = Field(default="", max_length=500)
    figures: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    at: datetime = Field(sa_type=UtcTime)
    received_at: datetime = Field(default_factory=now, sa_type=UtcTime)


class Deployment(SQLModel, table=True):
    """What a site actually runs, as the site reports it; `figures` are the last that it told."""

    __table_args__ = (UniqueConstraint("site_id", "model_id", name="uq_deployment"),)

    id: int | None = Field(default=None, primary_key=True)
    site_id: int = Field(foreign_key="site.id", index=True)
    model_id: int = Field(foreign_key="sharedmodel.id", index=True)
    version_id: int = Field(foreign_key="version.id")
    delivery_id: int | None = Field(default=None, foreign_key="delivery.id")
    agent_id: str | None = Field(default=None, foreign_key="agent.id", max_length=40)
    since: datetime = Field(default_factory=now, sa_type=UtcTime)
    health: str = Field(default="unknown", max_length=20)
    predictions: int = 0
    figures: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    reported_at: datetime = Field(default_factory=now, sa_type=UtcTime)
