"""What the calls of the API share: for which firm one asks, where a page begins, how it answers."""

from flask import Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from hub import access
from hub.web.asking import who
from supplychain.tables import Firm

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


def answered(said: BaseModel, status: int = 200) -> Response:
    """What was said, as JSON."""
    return Response(said.model_dump_json(by_alias=True), status, mimetype="application/json")
