"""Run by Alembic: migrates inside one transaction."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

import hub.every_table  # noqa: F401 - fills the metadata
from hub.db import engine_for
from hub.errors import ForeignKeysBroken
from supplychain.tables import UtcTime


def _render(kind: str, thing: Any, _autogen: object) -> str | Literal[False]:
    """Write types as what they are in the database: migrations need no code of ours."""
    if kind == "type" and isinstance(thing, UtcTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(thing, AutoString):
        return f"sa.String(length={thing.length})" if thing.length else "sa.String()"
    return False


def _let_tables_move(connection: Connection) -> None:
    """SQLite changes a table by copying it: others may not hold on to it meanwhile."""
    if connection.dialect.name == "sqlite":
        # Of the driver itself, as this setting has no effect inside a transaction.
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA foreign_keys=OFF")


def _refuse_loose_ends(connection: Connection) -> None:
    """Raise ForeignKeysBroken where a migration left a row that points nowhere."""
    if connection.dialect.name == "sqlite":
        loose = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if loose:
            raise ForeignKeysBroken(table=loose[0], row=loose[1], target=loose[2])


def _run() -> None:
    engine = engine_for(str(context.config.get_main_option("sqlalchemy.url")))
    with engine.connect() as connection:
        _let_tables_move(connection)
        context.configure(
            connection=connection,
            target_metadata=SQLModel.metadata,
            render_as_batch=True,
            render_item=_render,
            # SQLite takes changes of tables back, too, as hub.db begins its transactions itself.
            transactional_ddl=True,
        )
        with context.begin_transaction():
            context.run_migrations()
            _refuse_loose_ends(connection)
        connection.commit()
    engine.dispose()


_run()
