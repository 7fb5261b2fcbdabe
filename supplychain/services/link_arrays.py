"""Every living link as two arrays: a million of them in a fraction of a second.

Each database hands them over in its own fastest way: PostgreSQL as binary COPY, SQLite as one
text of numbers, which is parsed four times as fast as rows are made.
"""

from typing import Any

import numpy as np
from sqlalchemy import text
from sqlmodel import Session

from supplychain.risk.reach import Int64s

_AT_ONCE = 1_000_000  # links in one text: 20 MB
_LIVING = "ended IS NULL AND supplier_id <> buyer_id"
_COPY = f"COPY (SELECT supplier_id, buyer_id FROM link WHERE {_LIVING}) TO STDOUT (FORMAT BINARY)"  # noqa: S608
_PACKED = text(
    "SELECT group_concat((supplier_id << 32) | buyer_id) FROM link "  # noqa: S608
    f"WHERE id > :after AND id <= :until AND {_LIVING}"
)
# A row of binary COPY: number of fields, then length and value of each.
_ROW = np.dtype([("n", ">i2"), ("a", ">i4"), ("supplier", ">i4"), ("b", ">i4"), ("buyer", ">i4")])
_HEAD, _TAIL = 19, 2  # signature, flags and length of nothing more; -1 as number of fields


def living_links(session: Session) -> tuple[Int64s, Int64s]:
    """(suppliers, buyers) of every link that has not ended, shape (m,) each."""
    if session.get_bind().dialect.name == "postgresql":
        return _copied(session)
    last = session.execute(text("SELECT max(id) FROM link")).scalar() or 0
    parts = [
        np.fromstring(told, np.int64, sep=",")
        for after in range(0, last, _AT_ONCE)
        if (told := session.execute(_PACKED, {"after": after, "until": after + _AT_ONCE}).scalar())
    ]
    both = np.concatenate(parts) if parts else np.empty(0, np.int64)
    return both >> 32, both & 0xFFFFFFFF


def _copied(session: Session) -> tuple[Int64s, Int64s]:
    driver: Any = session.connection().connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(_COPY) as copy:
        told = b"".join(copy)
    rows = np.frombuffer(
        told, _ROW, offset=_HEAD, count=(len(told) - _HEAD - _TAIL) // _ROW.itemsize
    )
    return rows["supplier"].astype(np.int64), rows["buyer"].astype(np.int64)
