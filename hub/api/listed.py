"""One cursor page of rows in the order in which they were made."""

from collections.abc import Sequence
from typing import TypeVar

from pydantic import Field
from sqlalchemy.orm import Mapped
from sqlmodel import Session, SQLModel
from sqlmodel.sql.expression import SelectOfScalar

from hub.api.answers import Cursor

Row = TypeVar("Row", bound=SQLModel)


class Shorter(Cursor):
    """Where a page begins, as everywhere; a page is shorter."""

    limit: int = Field(50, ge=1, le=200)


def rows_of(
    session: Session, rows: SelectOfScalar[Row], number: Mapped[int | None], query: Cursor
) -> tuple[Sequence[Row], int | None]:
    """The rows of one page in the order in which they were made, and where the next begins."""
    steady = rows.where(number > query.after).order_by(None).order_by(number)
    page = session.exec(steady.limit(query.limit)).all()
    return page, getattr(page[-1], "id", None) if len(page) == query.limit else None
