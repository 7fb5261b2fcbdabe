"""Run by Alembic: migrates inside one transaction."""

from typing import Any, Literal

from alembic import context
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

import hub.every_table  # noqa: F401 - fills the metadata
from hub.db import engine_for
from supplychain.tables import UtcTime


def _render(kind: str, thing: Any, _autogen: object) -> str | Literal[False]:
    """Write types as what they are in the database: migrations need no code of ours."""
    if kind == "type" and isinstance(thing, UtcTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(thing, AutoString):
        return f"sa.String(length={thing.length})" if thing.length else "sa.String()"
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
