"""Brings a database to the newest shape; Alembic keeps count of what it has seen."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from hub.db import Database
from hub.errors import DatabaseNotPrepared

HERE = Path(__file__).parent


def config_for(url: str) -> Config:
    """Alembic's configuration for one database, without a file."""
    config = Config()
    config.set_main_option("script_location", str(HERE))
    # % is Alembic's own in option values, and common in the passwords of addresses.
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def upgrade(url: str) -> None:
    """Bring the database at that SQLAlchemy address to the newest shape.

    Raises DatabaseUnreachable.
    """
    db = Database(url)
    try:
        db.reach()
    finally:
        db.close()
    command.upgrade(config_for(url), "head")


def refuse_old(engine: Engine) -> None:
    """Raise DatabaseNotPrepared unless the database has the newest shape."""
    with engine.connect() as connection:
        there = MigrationContext.configure(connection).get_current_revision()
    if there != ScriptDirectory(str(HERE)).get_current_head():
        raise DatabaseNotPrepared(database=engine.url.render_as_string(hide_password=True))
