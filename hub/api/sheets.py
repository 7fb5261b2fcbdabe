"""The API of sheets: give one, look what would come of it, take it in, take it back.

The same file of the same firm is the same sheet, so that sending anything twice is safe.
"""

from datetime import datetime
from typing import Any

from flask import Response
from flask import request as asked
from flask_openapi import APIBlueprint, Tag
from pydantic import BaseModel, Field
from sqlmodel import Session, col

from hub import access, sheets_job
from hub.accounts import record
from hub.api.answers import LARGEST, Cursor, answered
from hub.sheet_files import keep, reading_of
from hub.web.asking import hub_here, say, who
from hub.web.stored import sent_from_store
from supplychain.comparison import Coming, Line
from supplychain.reading import Draft, Reading
from supplychain.services import sheets as service
from supplychain.services.layouts import as_remembered, remembered
from supplychain.tables import Sheet, SheetFault

_tag = Tag(name="sheets", description="Supplier sheets: what they say, and what came of them")
api = APIBlueprint("sheets_api", __name__, url_prefix="/api/v1/sheets", abp_tags=[_tag])

_WORDS = ("new", "changed", "unchanged", "faulty")


class Whose(BaseModel):
    """Whose sheets: the number of one of your firms; the first if not given."""

    lead: int | None = Field(None, ge=1, le=LARGEST)


class Listing(Whose, Cursor):
    """Whose sheets, and where a page begins."""


class SheetAsked(Whose):
    """The file's name, the tab of a workbook, the earlier sheet that this one renews.

    `ends`: how many links end with it; asked for (422) where most of the earlier sheet's would.
    `take_in` false: only keep it, so that it waits. `dry_run`: only look, keep nothing.
    """

    file: str = Field(min_length=1, max_length=200)
    tab: str = Field("", max_length=100)
    renews: int | None = Field(None, ge=1, le=LARGEST)
    ends: int | None = Field(None, ge=0, le=LARGEST)
    take_in: bool = True
    dry_run: bool = False


class SheetPath(BaseModel):
    """The number of a sheet."""

    sheet: int = Field(ge=1, le=LARGEST)


class Renewing(BaseModel):
    """The earlier sheet that this one renews: what it no longer names ends. 0: none.

    `ends`: how many links end with it; asked for (422) where most of the earlier sheet's would.
    A long sheet fails later for want of it.
    """

    renews: int | None = Field(None, ge=0, le=LARGEST)
    ends: int | None = Field(None, ge=0, le=LARGEST)


class FaultSaid(BaseModel):
    """What was wrong with a cell; `rows` where the same stands in several."""

    row: int
    column: str
    value: str
    kind: str
    reason: str
    row_taken_in: bool
    rows: int


class SheetSaid(BaseModel):
    """A sheet and what came of it. Rows by what they told: new, changed, unchanged, faulty.

    `state`: waiting, queued, taking, taken, withdrawn or failed; `step` and `rows_done` say how
    far a long one has got, `problem` why one has failed. `renews`: the earlier sheet it renews,
    `may_renew`: the one that it most likely would.
    """

    id: int | None
    lead: int
    file: str
    tab: str
    state: str
    step: str
    rows_done: int
    problem: str
    rows: dict[str, int]
    rows_in_all: int
    firms_new: int
    links_new: int
    links_gone: int
    renews: int | None
    may_renew: int | None = None
    uploaded_at: datetime | None
    taken_at: datetime | None
    withdrawn_at: datetime | None


class SheetTold(SheetSaid):
    """The same with the first of its faults."""

    faults: list[FaultSaid]


class LineSaid(BaseModel):
    """A link as a row tells it; `before` and `after`: what has changed, by field.

    `ends`: nobody else declares it.
    """

    row: int | None
    supplier: str
    buyer: str
    item: str
    before: dict[str, Any]
    after: dict[str, Any]
    ends: bool


class ComingSaid(BaseModel):
    """What would come of a sheet; of `new`, `changed`, `gone` and `faults` the first are shown.

    `asks_for_ends`: so many links would end that whoever takes it in has to give their number.
    """

    rows: dict[str, int]
    firms: int
    firms_new: int
    links: int
    links_new: int
    links_before: int
    links_gone: int
    asks_for_ends: bool
    new: list[LineSaid]
    changed: list[LineSaid]
    gone: list[LineSaid]
    joined: list[list[str]]
    faults: list[FaultSaid]


class Sheets(BaseModel):
    """A page of sheets; `after` asks for the next one, None at the end."""

    sheets: list[SheetSaid]
    after: int | None


class Faults(BaseModel):
    """A page of faults; `after` asks for the next one, None at the end."""

    faults: list[FaultSaid]
    after: int | None


_FIRST = 200  # faults that an answer carries itself; the others are asked for page by page


@api.post("", responses={201: SheetTold, 202: SheetSaid})
def give(query: SheetAsked) -> Response:
    """Give a sheet: the body is the file. Sending it again changes nothing.

    Long ones are left to the worker (202): ask again how far it got. 422 where nothing of the
    file can be used; single bad rows are in the answer.
    """
    hub = hub_here()
    with hub.db.reading() as session:
        lead = access.own_firm(session, who(), str(query.lead or ""))
        session.expunge(lead)
    content = asked.get_data()
    _, draft = keep(hub, content, query.file, query.tab)
    reading = _read(lead.id or 0, draft)
    if query.dry_run:
        return _dry(lead.id or 0, query, reading)
    with hub.db.work() as session:
        row = service.note_sheet(
            session, lead, content, reading, file_name=query.file, actor=who().handle
        )
        if query.renews is not None:
            service.renew(session, row, query.renews)
        if query.ends is not None:
            service.agree_to_end(session, row, query.ends)
        number, before = row.id or 0, row.state
        record(session, who().handle, "sheet.uploaded", row.file_name, sheet=number)
    if before == "taken":
        with hub.db.reading() as session:
            row = access.own_sheet(session, who(), number)
            return answered(_told(session, row, service.compare(session, row, reading)), 201)
    state = sheets_job.give_in(hub, number, who().handle) if query.take_in else "waiting"
    with hub.db.reading() as session:
        row = access.own_sheet(session, who(), number)
        return answered(_told(session, row), 202 if state in ("queued", "taking") else 201)


@api.get("", responses={200: Sheets})
def sheets(query: Listing) -> Response:
    """The sheets of one of your firms, in the order in which they came."""
    with hub_here().db.reading() as session:
        lead = access.own_firm(session, who(), str(query.lead or ""))
        steady = access.own_sheets(lead).order_by(None).order_by(col(Sheet.id))
        page = session.exec(steady.where(col(Sheet.id) > query.after).limit(query.limit)).all()
        after = page[-1].id if len(page) == query.limit else None
        return answered(Sheets(sheets=[_said(row) for row in page], after=after))


@api.get("/<int:sheet>", responses={200: SheetSaid})
def sheet(path: SheetPath) -> Response:
    """One sheet: its state, how far it got, what came of it."""
    with hub_here().db.reading() as session:
        row = access.own_sheet(session, who(), path.sheet)
        said = _said(row)
        if row.state == "waiting" and (earlier := service.earlier_of(session, row)):
            said.may_renew = earlier.id
        return answered(said)


@api.get("/<int:sheet>/preview", responses={200: ComingSaid})
def preview(path: SheetPath) -> Response:
    """What would come of a sheet now; nothing is written."""
    with hub_here().db.reading() as session:
        row = access.own_sheet(session, who(), path.sheet)
        reading = reading_of(hub_here(), row)
        return answered(_coming_said(service.compare(session, row, reading)))


@api.get("/<int:sheet>/faults", responses={200: Faults})
def faults(path: SheetPath, query: Cursor) -> Response:
    """What was wrong in a sheet that was taken in, row by row."""
    with hub_here().db.reading() as session:
        row = access.own_sheet(session, who(), path.sheet)
        found = access.faults_of(row).offset(query.after).limit(query.limit)
        page = [_fault_said(fault) for fault in session.exec(found)]
    after = query.after + query.limit if len(page) == query.limit else None
    return answered(Faults(faults=page, after=after))


@api.get("/<int:sheet>/file")
def file(path: SheetPath) -> Response:
    """The file as it was uploaded."""
    with hub_here().db.reading() as session:
        row = access.own_sheet(session, who(), path.sheet)
        return sent_from_store(row.sha256, name=row.file_name)


@api.post("/<int:sheet>/take-in", responses={200: SheetSaid, 202: SheetSaid})
def take_in(path: SheetPath, query: Renewing) -> Response:
    """Take a sheet in that waits, or that was taken back. Asked again, nothing more is done."""
    hub = hub_here()
    with hub.db.work() as session:
        row = access.own_sheet(session, who(), path.sheet)
        service.reopen(session, row)
        if query.renews is not None:
            service.renew(session, row, query.renews or None)
        if query.ends is not None:
            service.agree_to_end(session, row, query.ends)
    sheets_job.give_in(hub, path.sheet, who().handle)
    return _now(path.sheet)


@api.post("/<int:sheet>/stop", responses={200: SheetSaid})
def stop(path: SheetPath) -> Response:
    """Stop a sheet that is on its way in, where nothing of it has been written yet."""
    with hub_here().db.work() as session:
        row = access.own_sheet(session, who(), path.sheet)
        if row.state in ("queued", "taking") and service.ask_to_stop(session, row):
            record(session, who().handle, "sheet.stopped", row.file_name, sheet=row.id)
    return _now(path.sheet)


@api.post("/<int:sheet>/withdraw", responses={200: SheetSaid})
def withdraw(path: SheetPath) -> Response:
    """Take a sheet back: what it said ends. It can be taken in again."""
    with hub_here().db.work() as session:
        row = access.own_sheet(session, who(), path.sheet)
        if row.state == "taken":
            service.withdraw(session, row, who().handle)
            record(session, who().handle, "sheet.withdrawn", row.file_name, sheet=row.id)
    return _now(path.sheet)


def _read(lead: int, draft: Draft) -> Reading:
    """By the columns that the firm once chose for this layout, else by those that are guessed."""
    headings = draft.headings()
    with hub_here().db.reading() as session:
        known = remembered(session, lead, headings.keys())
        return draft.read(as_remembered(known, headings[known.key]) if known else None)


def _now(number: int) -> Response:
    with hub_here().db.reading() as session:
        row = access.own_sheet(session, who(), number)
        return answered(_said(row), 202 if row.state in ("queued", "taking") else 200)


def _dry(lead: int, query: SheetAsked, reading: Reading) -> Response:
    """What would come of a sheet that is not kept."""
    row = Sheet(
        lead_id=lead,
        sha256="",
        file_name=query.file,
        size=0,
        tab=reading.table.tab,
        rows=len(reading.rows),
        replaces_id=query.renews,
    )
    with hub_here().db.reading() as session:
        return answered(_told(session, row, service.compare(session, row, reading)), 201)


def _said(row: Sheet) -> SheetSaid:
    counts = (row.rows_new, row.rows_changed, row.rows_unchanged, row.rows_faulty)
    failed = service.why_failed(row)
    return SheetSaid(
        id=row.id,
        lead=row.lead_id,
        file=row.file_name,
        rows=dict(zip(_WORDS, counts, strict=True)),
        rows_in_all=row.rows,
        renews=row.replaces_id,
        problem=say(failed) if failed else "",
        **row.model_dump(
            include={
                "tab", "state", "step", "rows_done", "firms_new", "links_new", "links_gone",
                "uploaded_at", "taken_at", "withdrawn_at",
            }
        ),
    )  # fmt: skip


def _told(session: Session, row: Sheet, coming: Coming | None = None) -> SheetTold:
    """A sheet with its faults; `coming` where the counts are to be those of a comparison."""
    said = _said(row).model_dump()
    if coming is None:
        found = session.exec(access.faults_of(row).limit(_FIRST)).all()
        return SheetTold(**said, faults=[_fault_said(fault) for fault in found])
    said |= {
        "rows": {word: coming.rows[word] for word in _WORDS},
        "firms_new": coming.firms_new,
        "links_new": coming.links_new,
        "links_gone": coming.links_gone,
    }
    return SheetTold(**said, faults=_faults_said(row, coming))


def _coming_said(coming: Coming) -> ComingSaid:
    return ComingSaid(
        rows={word: coming.rows[word] for word in _WORDS},
        firms=coming.firms,
        firms_new=coming.firms_new,
        links=coming.links,
        links_new=coming.links_new,
        links_before=coming.links_before,
        links_gone=coming.links_gone,
        asks_for_ends=coming.sweeping,
        new=[_line_said(line) for line in coming.new],
        changed=[_line_said(line) for line in coming.changed],
        gone=[_line_said(line) for line in coming.gone],
        joined=coming.joined[:_FIRST],
        faults=_faults_said(Sheet(lead_id=0, sha256="", file_name="", size=0), coming),
    )


def _line_said(line: Line) -> LineSaid:
    return LineSaid.model_validate(line, from_attributes=True)


def _faults_said(row: Sheet, coming: Coming) -> list[FaultSaid]:
    return [_fault_said(fault) for fault in service.kept_faults(row, coming.faults)[:_FIRST]]


def _fault_said(fault: SheetFault) -> FaultSaid:
    return FaultSaid(
        row=fault.row,
        column=fault.column,
        value=fault.value,
        kind=fault.kind,
        reason=say(fault.error),
        row_taken_in=not fault.refuses,
        rows=fault.rows,
    )
