"""The database: engine, and the two ways to a session. Entry points own the transaction.

`work` is for whatever may write: it commits at the end, or not at all. `reading` never commits.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Session, create_engine

from hub.errors import DatabaseUnreachable

_BUSY_SECONDS = 30
_CONNECT_SECONDS = 10
# PostgreSQL's unique_violation, and what SQLite calls it.
_SAME_KEY = ("23505", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY")

# PostgreSQL's deadlock_detected and serialization_failure: done again, it goes through.
_GIVEN_UP = ("40P01", "40001")


def engine_for(url: str) -> Engine:
    """An engine for SQLite (write-ahead log, foreign keys on) or PostgreSQL."""
    if not url.startswith("sqlite"):
        # As many connections as there are threads; a server that does not answer is no reason to
        # wait for minutes.
        patience = {"connect_timeout": _CONNECT_SECONDS, **make_url(url).query}
        return create_engine(url, pool_pre_ping=True, max_overflow=-1, connect_args=dict(patience))
    engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False})
    Path(engine.url.database or ".").parent.mkdir(parents=True, exist_ok=True)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        # The driver's own transactions begin too late for us: see _begin.
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        # A transaction that reads first and writes later fails at once in WAL mode when another
        # has written in between; one that will write therefore takes its place in the queue first.
        writes = connection.get_execution_options().get("writes", True)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def already_there(error: IntegrityError) -> bool:
    """Whether a row with the same key was there first; False for any other broken rule."""
    name = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None)
    return name in _SAME_KEY


def clashed(error: DBAPIError) -> bool:
    """Whether two transactions stood in each other's way, so that one of them was given up."""
    return getattr(error.orig, "sqlstate", None) in _GIVEN_UP


class Database:
    """An engine with its two kinds of session."""

    def __init__(self, url: str) -> None:
        self.engine = engine_for(url)

    @contextmanager
    def work(self) -> Iterator[Session]:
        """A session that commits when the block ends, and rolls back when it fails."""
        with Session(self.engine) as session:
            yield session
            session.commit()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that is never committed; readers do not wait for a writer."""
        with Session(self.engine.execution_options(writes=False)) as session:
            yield session

    def ping(self) -> None:
        """Raise SQLAlchemyError where the database does not answer."""
        with self.reading() as session:
            session.connection().execute(text("SELECT 1"))

    def reach(self) -> None:
        """Raise DatabaseUnreachable where the database does not answer, or is none."""
        try:
            self.ping()
        except DBAPIError as error:
            said = str(error.orig).strip().splitlines() or [type(error.orig).__name__]
            address = self.engine.url.render_as_string(hide_password=True)
            raise DatabaseUnreachable(database=address, reason=said[0]) from error

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()
