"""Rows of the hub itself: people, what they may do, who did what, leases of workers."""

from datetime import datetime

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from supplychain.tables import UtcTime, now


class User(SQLModel, table=True):
    """A person with an account. `handle` is what other systems (JupyterHub, Moodle) know."""

    id: int | None = Field(default=None, primary_key=True)
    handle: str = Field(unique=True, max_length=40)
    email: str = Field(unique=True, max_length=254)
    name: str = Field(max_length=100)
    password_hash: str = Field(max_length=200)
    locale: str = Field(default="ko", max_length=2)
    active: bool = True
    created_at: datetime = Field(default_factory=now, sa_type=UtcTime)


class Membership(SQLModel, table=True):
    """A role of a person, for one firm where the role is a firm's (see hub.accounts.ROLES)."""

    __table_args__ = (UniqueConstraint("user_id", "firm_id", "role", name="uq_membership"),)

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user.id", index=True)
    firm_id: int | None = Field(default=None, foreign_key="firm.id", index=True)
    role: str = Field(max_length=20)


class ApiToken(SQLModel, table=True):
    """A person's key for programs; only its hash is kept."""

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user.id", index=True)
    name: str = Field(max_length=60)
    token_hash: str = Field(unique=True, max_length=64)
    created_at: datetime = Field(default_factory=now, sa_type=UtcTime)
    expires_at: datetime = Field(sa_type=UtcTime)


class ColleagueInvitation(SQLModel, table=True):
    """A person is asked by name to speak for a firm: by who does, or the first by an administrator.

    `state`: "sent", "accepted", "withdrawn"; over at `expires_at`. Only the hash of the link's
    secret is kept, and a new link ends the old one. `role` is what whoever accepts it gets.
    """

    __table_args__ = (UniqueConstraint("firm_id", "email", name="uq_colleague"),)

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int = Field(foreign_key="firm.id", index=True)
    email: str = Field(max_length=254)
    name: str = Field(default="", max_length=100)
    role: str = Field(max_length=20)
    locale: str = Field(default="ko", max_length=2)
    token_hash: str | None = Field(default=None, unique=True, max_length=64)
    state: str = Field(default="sent", max_length=10)
    times_sent: int = 1
    actor: str = Field(default="", max_length=60)
    accepted_by: str = Field(default="", max_length=60)
    created_at: datetime = Field(default_factory=now, sa_type=UtcTime)
    sent_at: datetime = Field(default_factory=now, sa_type=UtcTime)
    expires_at: datetime = Field(sa_type=UtcTime)
    answered_at: datetime | None = Field(default=None, sa_type=UtcTime)


class SignInFailure(SQLModel, table=True):
    """A failed sign-in; they are counted to slow guessing down."""

    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(index=True, max_length=254)
    address: str = Field(index=True, max_length=45)
    at: datetime = Field(default_factory=now, sa_type=UtcTime, index=True)


class AuditEntry(SQLModel, table=True):
    """Who did what to what. Rows are only ever added: the database refuses the rest."""

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(default_factory=now, sa_type=UtcTime, index=True)
    actor: str = Field(max_length=60, index=True)
    action: str = Field(max_length=60, index=True)
    subject: str = Field(max_length=200)
    detail: dict[str, object] = Field(default_factory=dict, sa_type=JSON)


class Lease(SQLModel, table=True):
    """The right of one worker to one piece of work until it expires.

    `fence` grows with every change of hands: a writer that holds an older one is late.
    """

    name: str = Field(primary_key=True, max_length=100)
    holder: str = Field(max_length=100)
    fence: int = 0
    expires_at: datetime = Field(sa_type=UtcTime)


class Mail(SQLModel, table=True):
    """A mail on its way. `key` names what it is about, so that nothing is sent twice.

    `state`: "waiting", "sent", "failed" (given up; `problem` says why), "withdrawn". Once it is
    no longer on its way, its text, which may hold a secret link, is not kept.
    """

    __table_args__ = (Index("ix_mail_due", "state", "due_at", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True, max_length=120)
    to: str = Field(max_length=254)
    reply_to: str = Field(default="", max_length=254)
    locale: str = Field(default="ko", max_length=2)
    subject: str = Field(max_length=200)
    text: str
    state: str = Field(default="waiting", max_length=10)
    tries: int = 0
    problem: str = Field(default="", max_length=400)
    created_at: datetime = Field(default_factory=now, sa_type=UtcTime)
    due_at: datetime = Field(default_factory=now, sa_type=UtcTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcTime)
