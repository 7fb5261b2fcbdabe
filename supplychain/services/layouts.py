"""What a firm once said that the columns of a layout hold, for its next sheet of that layout."""

from collections.abc import Collection
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from supplychain.columns import Layout
from supplychain.headings import Heading
from supplychain.services.firms import batches
from supplychain.tables import SheetLayout, now


def remembered(session: Session, firm_id: int, keys: Collection[str]) -> SheetLayout | None:
    """What the firm said of a layout that has one of these keys; the last said, if of several."""
    found: list[SheetLayout] = []
    for some in batches(sorted(keys)):
        said = select(SheetLayout).where(SheetLayout.firm_id == firm_id)
        found += session.exec(said.where(col(SheetLayout.key).in_(some)))
    return max(found, key=lambda each: each.used_at, default=None)


def remember(session: Session, firm_id: int, heading: Heading, layout: Layout, actor: str) -> None:
    """Keep what the columns hold, in place of what was said before."""
    said: dict[str, Any] = {
        "columns": heading.columns,
        "layout": layout.model_dump(exclude_none=True),
        "actor": actor[:60],
        "used_at": now(),
    }
    connection = session.connection()
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    row = dialect.insert(SheetLayout).values(firm_id=firm_id, key=heading.key, **said)
    connection.execute(row.on_conflict_do_update(index_elements=["firm_id", "key"], set_=said))
