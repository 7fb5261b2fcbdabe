"""Rows of keys: who may sign what a firm publishes, and statements that wait for signatures.

Only public keys are here. A statement's bytes never change once it stands in its row; signatures
are gathered beside it until enough keys have signed.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from sharing import tables as sharing_tables
from supplychain.tables import UtcTime, now

# the foreign keys below need firm to be known
_ = sharing_tables

WAITING, ACTIVE, REPLACED = "waiting", "active", "replaced"
PUBLISHED, DROPPED = "published", "dropped"


class KeySet(SQLModel, table=True):
    """The public keys of a firm (or, without a firm, of the hub's operators).

    `state`: waiting (until `threshold` of them have signed what the firm publishes), active,
    replaced. `keys` by their id, in the form of The Update Framework.
    """

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int | None = Field(default=None, foreign_key="firm.id", index=True)
    threshold: int
    keys: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    state: str = Field(default=WAITING, max_length=10)
    reason: str = Field(default="", max_length=300)
    created_by: str = Field(default="", max_length=60)
    created_at: datetime = Field(default_factory=now, sa_type=UtcTime)
    active_at: datetime | None = Field(default=None, sa_type=UtcTime)


class KeyStatement(SQLModel, table=True):
    """Something to sign: root, targets, or what one firm publishes (`publisher-<firm id>`).

    `state`: waiting, published, dropped (something newer stands in its place). `body` is what is
    signed, without signatures. `why`: release, withdrawal, renewal, keys.
    """

    __table_args__ = (UniqueConstraint("role", "number", name="uq_keystatement"),)

    id: int | None = Field(default=None, primary_key=True)
    role: str = Field(max_length=40, index=True)
    number: int
    firm_id: int | None = Field(default=None, foreign_key="firm.id", index=True)
    key_set_id: int | None = Field(default=None, foreign_key="keyset.id", index=True)
    state: str = Field(default=WAITING, max_length=10, index=True)
    why: str = Field(default="release", max_length=12)
    body: str = Field(sa_type=Text)
    expires_at: datetime = Field(sa_type=UtcTime)
    made_by: str = Field(default="", max_length=60)
    made_at: datetime = Field(default_factory=now, sa_type=UtcTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcTime)


class KeySignature(SQLModel, table=True):
    """One key's signature of a statement; the same key counts once."""

    __table_args__ = (UniqueConstraint("statement_id", "keyid", name="uq_keysignature"),)

    id: int | None = Field(default=None, primary_key=True)
    statement_id: int = Field(foreign_key="keystatement.id", index=True)
    keyid: str = Field(max_length=64)
    signature: str = Field(sa_type=Text)
    given_by: str = Field(default="", max_length=60)
    given_at: datetime = Field(default_factory=now, sa_type=UtcTime)
