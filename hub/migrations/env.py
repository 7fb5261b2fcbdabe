"""Run by Alembic: migrates inside one transaction."""

from typing import Any, Literal

from alembic import context
from sqlmodel import SQLModel

import hub.every_table  # noqa: F401 - fills the metadata
from hub.db import engine_for
from supplychain.tables import UtcTime


def _render(kind: str, thing: Any, _autogen: object) -> str | Literal[False]:
    """Write our time type as what it is in the database: migrations need no code of ours."""
    if kind == "type" and isinstance(thing, UtcTime):
        return "sa.DateTime(timezone=True)"
    return False


def _run() -> None:
    engine = engine_for(str(context.config.get_main_option("sqlalchemy.url")))
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=SQLModel.metadata,
            render_as_batch=True,
            render_item=_render,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    engine.dispose()


_run()
