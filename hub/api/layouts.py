"""The API of remembered columns: what a firm once chose for its sheets, and to forget it."""

from datetime import datetime

from flask import Response
from flask_openapi import APIBlueprint, Tag
from pydantic import BaseModel, Field
from sqlmodel import Session

from hub.accounts import record
from hub.api.answers import Asked, answered
from hub.web.asking import hub_here, who
from supplychain.services import layouts

_tag = Tag(name="sheets", description="Supplier sheets: what they say, and what came of them")
api = APIBlueprint("layouts_api", __name__, url_prefix="/api/v1/layouts", abp_tags=[_tag])


class Which(Asked):
    """A layout by its key, as the list gives it."""

    key: str = Field(max_length=64)


class LayoutSaid(BaseModel):
    """A layout: field → column, when it was last chosen, how many sheets had it."""

    key: str
    holds: dict[str, str]
    used_at: datetime
    sheets: int


class Layouts(BaseModel):
    """Every layout that is remembered, the last used first."""

    layouts: list[LayoutSaid]


@api.get("", responses={200: Layouts})
def listing(query: Asked) -> Response:
    """What your firm chose for its sheets."""
    with hub_here().db.reading() as rows:
        return answered(_said(rows, query.own(rows).id or 0))


@api.post("/forget", responses={200: Layouts})
def forget(query: Which) -> Response:
    """Forget one; forgotten again, nothing changes."""
    with hub_here().db.work() as rows:
        firm = query.own(rows).id or 0
        if layouts.forget(rows, firm, query.key, who().handle):
            record(rows, who().handle, "sheet.layout-forgotten", query.key, firm=firm)
        return answered(_said(rows, firm))


def _said(rows: Session, firm: int) -> Layouts:
    found = layouts.layouts_of(rows, firm)
    return Layouts(
        layouts=[
            LayoutSaid(
                key=each.row.key,
                holds=dict(each.holds),
                used_at=each.row.used_at,
                sheets=each.sheets,
            )
            for each in found
        ]
    )
