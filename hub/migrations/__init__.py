"""Brings a database to the newest shape; Alembic keeps count of what it has seen."""

from pathlib import Path

from alembic import command
from alembic.config import Config

HERE = Path(__file__).parent


def config_for(url: str) -> Config:
    """Alembic's configuration for one database, without a file."""
    config = Config()
    config.set_main_option("script_location", str(HERE))
    # % is Alembic's own in option values, and common in the passwords of addresses.
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def upgrade(url: str) -> None:
    """Bring the database at that SQLAlchemy address to the newest shape."""
    command.upgrade(config_for(url), "head")
