"""Many rows in one go, past the parts of SQLAlchemy that look at each row.

A hundred thousand new rows go to SQLite by its driver's executemany and to PostgreSQL by COPY; a
value that is the same in every row is made ready for the database once.
"""

import gc
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from operator import itemgetter
from threading import Lock
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Connection, Table, any_, cast, func
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col, select

_AT_ONCE = 5_000
_SELDOM = 50_000
Values = tuple[Any, ...]


class Unhurried:
    """While many small objects are made that all stay, Python looks for garbage less often.

    It would look through all of them again and again: a third of the time of a long sheet. The
    setting is the process's own, so that threads share it: the last one out puts it back.
    """

    _lock = Lock()
    _inside = 0
    _before = gc.get_threshold()

    def __enter__(self) -> None:
        with Unhurried._lock:
            if not Unhurried._inside:
                Unhurried._before = gc.get_threshold()
                gc.set_threshold(_SELDOM, *Unhurried._before[1:])
            Unhurried._inside += 1

    def __exit__(self, *_: object) -> None:
        with Unhurried._lock:
            Unhurried._inside -= 1
            if not Unhurried._inside:
                gc.set_threshold(*Unhurried._before)


def next_ids(connection: Connection, table: type[SQLModel], count: int) -> list[int]:
    """Numbers for new rows, that nobody else gets."""
    if not count:
        return []
    if connection.dialect.name == "postgresql":
        name = f'"{table.__tablename__}"'
        block = select(func.nextval(func.pg_get_serial_sequence(name, "id")))
        numbers = block.select_from(func.generate_series(1, count))
        return sorted(connection.execute(numbers).scalars())
    # One writer at a time, and rows of these tables are never deleted.
    last = connection.execute(select(func.max(_table(table).c.id))).scalar() or 0
    return list(range(last + 1, last + count + 1))


def put(
    connection: Connection,
    model: type[SQLModel],
    columns: Sequence[str],
    rows: Iterable[Values],
    same: Mapping[str, Any],
    key: tuple[str, ...] = (),
) -> None:
    """Insert rows of these columns; `same` holds the columns that are alike in all of them.

    `key`: rows that are there already by these columns of a sheet are told anew.
    """
    table = _table(model)
    alike = {column.name: model.model_fields[column.name].default for column in table.columns}
    alike = {name: alike[name] for name in alike if name not in (*columns, *same, "id")} | dict(
        same
    )
    names = [*columns, *alike]
    tail = tuple(_ready(connection, table, name, value) for name, value in alike.items())
    if connection.dialect.name == "postgresql" and not key:
        _copy(connection, table, names, (row + tail for row in rows))
        return
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    add: Any = dialect.insert(table).inline()
    if key:
        add = add.on_conflict_do_update(
            index_elements=list(key),
            index_where=table.c.sheet_id.is_not(None),
            set_={name: add.excluded[name] for name in names if name not in key},
        )
    compiled = add.compile(dialect=connection.dialect, column_keys=names)
    order = compiled.positiontup
    placed = itemgetter(*(names.index(name) for name in order)) if order else None
    for some in _handfuls(rows):
        filled: Any = [row + tail for row in some]
        if placed:
            filled = list(map(placed, filled))
        else:
            filled = [dict(zip(names, row, strict=True)) for row in filled]
        connection.exec_driver_sql(str(compiled), filled)


def among(session: Session, column: Any, values: Collection[Any]) -> ColumnElement[bool]:
    """Whether a column is one of many values, which travel as one: SQLAlchemy names each of an IN.

    The order of the values is theirs; the same values give the same question.
    """
    if session.get_bind().dialect.name == "postgresql":
        listed = cast(list(values), ARRAY(column.type))
        return col(column) == any_(listed)
    each = func.json_each(json.dumps(list(values))).table_valued("value")
    return col(column).in_(select(each.c.value))


def plain_rows(session: Session, query: Any) -> list[tuple[Any, ...]]:
    """What a query finds as the driver gives it: no objects about it, no types of our own."""
    result = session.connection().execute(query)
    found = list(result.cursor.fetchall()) if result.cursor is not None else []
    result.close()
    return found


def _table(model: type[SQLModel]) -> Table:
    return model.__table__  # type: ignore[attr-defined,no-any-return] # every table has one


def _handfuls(rows: Iterable[Values]) -> Iterator[list[Values]]:
    rest = iter(rows)
    while some := list(islice(rest, _AT_ONCE)):
        yield some


def _ready(connection: Connection, table: Table, name: str, value: Any) -> Any:
    """A value as the driver takes it."""
    if not isinstance(value, datetime):
        return value
    made = table.c[name].type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
    return made(value) if made else value


def _copy(connection: Connection, table: Table, names: list[str], rows: Iterable[Values]) -> None:
    quoted = connection.dialect.identifier_preparer.quote
    listed = ", ".join(quoted(name) for name in names)
    driver: Any = connection.connection.driver_connection
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY {quoted(table.name)} ({listed}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)
