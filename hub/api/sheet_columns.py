"""The API of a sheet's columns: what they seem to hold, and what they are said to hold."""

from flask import Response
from flask_openapi import APIBlueprint, Tag
from pydantic import BaseModel, Field

from hub import access
from hub.accounts import record
from hub.api.answers import answered
from hub.sheet_files import draft_of
from hub.web.asking import hub_here, who
from hub.web.sheet_columns import first_choice
from supplychain.columns import Layout
from supplychain.services.layouts import choose
from supplychain.tables import Sheet

_tag = Tag(name="sheets", description="Supplier sheets: what they say, and what came of them")
api = APIBlueprint(
    "sheet_columns_api", __name__, url_prefix="/api/v1/sheets/<int:sheet>/columns", abp_tags=[_tag]
)


class SheetPath(BaseModel):
    """The number of a sheet."""

    sheet: int = Field(ge=1, le=2**31 - 1)


class ColumnSaid(BaseModel):
    """A column: its name, some values, what it holds ("" for nothing), and how that is known.

    `why`: "heading", "values", or "chosen".
    """

    name: str
    letter: str
    samples: list[str]
    holds: str
    why: str


class ColumnsSaid(BaseModel):
    """The columns of a sheet; the header begins in `row` and has so many `lines`.

    `share_unclear`: shares look like fractions; say in `share_as` which they are. `layout`: what
    was chosen, as it can be sent back; None until something is.
    """

    row: int
    lines: int
    columns: list[ColumnSaid]
    share_unclear: bool
    layout: Layout | None


@api.get("", responses={200: ColumnsSaid})
def columns(path: SheetPath) -> Response:
    """What each column holds, as it was chosen or as it is guessed."""
    return _said(path.sheet)


@api.put("", responses={200: ColumnsSaid})
def choose_columns(path: SheetPath, body: Layout) -> Response:
    """Say what the columns of a sheet hold that waits; remembered for its layout.

    The body is what a mapping file holds. 422 where the sheet has no such column.
    """
    with hub_here().db.reading() as session:
        row = access.own_sheet(session, who(), path.sheet)
        session.expunge(row)
    reading = draft_of(hub_here(), row.sha256, row.file_name, row.tab).read(body)
    with hub_here().db.work() as session:
        row = access.own_sheet(session, who(), path.sheet)
        if row.state == "waiting":
            choose(session, row, reading, who().handle)
            record(session, who().handle, "sheet.columns-chosen", row.file_name, sheet=row.id)
    return _said(path.sheet)


def _said(number: int) -> Response:
    with hub_here().db.reading() as session:
        row: Sheet = access.own_sheet(session, who(), number)
        session.expunge(row)
    draft = draft_of(hub_here(), row.sha256, row.file_name, row.tab)
    layout = Layout.model_validate(row.layout) if row.layout else None
    choice = first_choice(draft, layout, {})
    said = ColumnsSaid(
        row=choice.heading.first + 1,
        lines=choice.heading.lines,
        columns=[
            ColumnSaid(
                name=each.name,
                letter=each.letter,
                samples=each.samples,
                holds=each.field,
                why=each.why,
            )
            for each in choice.columns
        ],
        share_unclear=choice.ask_share,
        layout=layout,
    )
    return answered(said)
