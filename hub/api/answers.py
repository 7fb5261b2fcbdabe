"""What the calls of the API share: for which firm one asks, where a page begins, how it answers."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from flask import Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from hub import access
from hub.web.asking import who
from supplychain.tables import Firm

Row = TypeVar("Row")

# The largest number of a row, in either database.
LARGEST = 2**31 - 1


class Asked(BaseModel):
    """For which firm: its number; the first of yours if not given."""

    firm: int | None = Field(None, ge=1, le=LARGEST)

    def own(self, session: Session) -> Firm:
        """The firm for which the asker speaks."""
        return access.own_firm(session, who(), str(self.firm or ""))


class Cursor(BaseModel):
    """Where a page begins: `after` as the page before gave it."""

    after: int = Field(0, ge=0, le=LARGEST)
    limit: int = Field(100, ge=1, le=1000)


class Listing(Asked, Cursor):
    """For which firm, and where a page begins: `after` as the page before gave it."""


def page_of(
    rows: Iterable[Row], number: Callable[[Row], int | None], query: Cursor
) -> tuple[list[Row], int | None]:
    """One page of a list that is at hand whole, by number; and where the next one begins."""
    later = [row for row in rows if (number(row) or 0) > query.after]
    page = sorted(later, key=lambda row: number(row) or 0)[: query.limit]
    return page, number(page[-1]) if len(page) == query.limit else None


def answered(said: BaseModel, status: int = 200) -> Response:
    """What was said, as JSON."""
    return Response(said.model_dump_json(by_alias=True), status, mimetype="application/json")
