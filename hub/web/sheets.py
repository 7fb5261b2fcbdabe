"""The supply manager's sheets: upload, look, take in, and what came of each row."""

import io
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import NotFound

from hub import access
from hub.accounts import record
from hub.sample.chain import make_chain
from hub.sample.chain_sheets import MORE, sample_sheets
from hub.web.asking import hub_here, say, who
from hub.web.pages import Page, number_asked, page_of, page_of_list
from supplychain.columns import FIELDS, Layout, fields_of, layout_of, read_mapping
from supplychain.errors import SheetRefused
from supplychain.reading import Reading, read_sheet
from supplychain.services.sheets import TakenIn, kept_faults, note_sheet, take_in_sheet
from supplychain.sheet import Limits
from supplychain.tables import Firm, Sheet, SheetFault

bp = Blueprint("sheets", __name__, url_prefix="/supply/sheets")

FIELD_LABELS = {
    "supplier.name": lazy_gettext("Supplier's name"),
    "supplier.brn": lazy_gettext("Business registration number"),
    "supplier.country": lazy_gettext("Country"),
    "supplier.region": lazy_gettext("Region"),
    "supplier.process": lazy_gettext("Process"),
    "supplier.employees": lazy_gettext("Employees"),
    "supplier.level": lazy_gettext("Smart-factory level"),
    "supplier.sector": lazy_gettext("Industry code (KSIC)"),
    "buyer.name": lazy_gettext("Delivers to"),
    "buyer.brn": lazy_gettext("Delivers to: registration number"),
    "link.item": lazy_gettext("Item"),
    "link.share": lazy_gettext("Share in per cent"),
}
_MAPPING_LIMIT = 64 * 1024
_SHOWN_ROWS = 8


@bp.app_template_filter("fault")
def fault_sentence(fault: SheetFault) -> str:
    """Why a cell could not be used, in the reader's language."""
    return say(fault.error)


@bp.get("")
def listing() -> str:
    """What was uploaded, and what came of it."""
    with hub_here().db.reading() as session:
        lead = access.lead_firm(session, who(), request.args.get("lead"))
        page = page_of(session, access.own_sheets(lead), number_asked())
        return render_template("supply/sheets.html", lead=lead, page=page, sample=_is_sample(lead))


@bp.get("/new")
def upload() -> str:
    """The form to choose a file."""
    with hub_here().db.reading() as session:
        return _upload_form(access.lead_firm(session, who(), request.args.get("lead")))


@bp.post("/new")
def upload_now() -> ResponseReturnValue:
    """Read the file; where that works, keep it and show what it says."""
    hub, file = hub_here(), request.files.get("sheet")
    with hub.db.reading() as session:
        lead = access.lead_firm(session, who(), request.form.get("lead"))
        session.expunge(lead)
    if file is None or not file.filename:
        return _upload_form(lead, _("Choose a file first.")), 422
    try:
        layout = _mapping(request.files.get("mapping"))
        reading = read_sheet(
            file.stream, file.filename, layout, request.form.get("tab", "").strip(), _limits()
        )
    except SheetRefused as error:
        return _upload_form(lead, say(error)), 422
    file.stream.seek(0)
    content = file.stream.read()
    hub.store.put(content)
    with hub.db.work() as session:
        sheet = note_sheet(
            session, lead, content, reading, file_name=file.filename, actor=who().handle
        )
        record(session, who().handle, "sheet.uploaded", sheet.file_name, sheet=sheet.id)
        number, taken = sheet.id, sheet.state == "taken"
    if taken:
        flash(_("This file was taken in before, so nothing was taken in again."), "success")
    return redirect(url_for(".sheet", sheet_id=number))


@bp.get("/<int:sheet_id>")
def sheet(sheet_id: int) -> str:
    """Before it is taken in: what would come of it. After: what came of it."""
    with hub_here().db.reading() as session:
        row = access.own_sheet(session, who(), sheet_id)
        lead = session.get_one(Firm, row.lead_id)
        if row.state == "taken":
            page = page_of(session, access.faults_of(row), number_asked())
            return render_template("supply/sheet.html", sheet=row, lead=lead, faults=page)
        session.expunge_all()
    return _preview(row, lead)


@bp.post("/<int:sheet_id>/columns")
def columns(sheet_id: int) -> ResponseReturnValue:
    """Read the sheet by other columns, chosen by hand."""
    chosen = {field: request.form.get(field, "") for field in FIELDS}
    with hub_here().db.work() as session:
        row = access.own_sheet(session, who(), sheet_id)
        if row.state == "waiting":
            row.layout = layout_of(chosen).model_dump(exclude_none=True)
            session.add(row)
            record(session, who().handle, "sheet.columns-chosen", row.file_name, sheet=row.id)
    return redirect(url_for(".sheet", sheet_id=sheet_id))


@bp.post("/<int:sheet_id>/take-in")
def take_in(sheet_id: int) -> ResponseReturnValue:
    """Take the good rows in and keep the faults of the others."""
    with hub_here().db.reading() as session:
        seen = access.own_sheet(session, who(), sheet_id)
        session.expunge(seen)
    if seen.state == "taken":
        return redirect(url_for(".sheet", sheet_id=sheet_id))
    reading = _read_again(seen)  # takes its time, so nobody else has to wait for it
    with hub_here().db.work() as session:
        row = access.own_sheet(session, who(), sheet_id)
        if (row.state, row.layout) == ("waiting", seen.layout):
            taken = take_in_sheet(session, row, reading)
            record(
                session, who().handle, "sheet.taken-in", row.file_name, sheet=row.id, **taken.rows
            )
    return redirect(url_for(".sheet", sheet_id=sheet_id))


@bp.post("/<int:sheet_id>/discard")
def discard(sheet_id: int) -> ResponseReturnValue:
    """Forget a sheet that was not taken in."""
    with hub_here().db.work() as session:
        row = access.own_sheet(session, who(), sheet_id)
        if row.state == "waiting":
            record(session, who().handle, "sheet.discarded", row.file_name, sheet=row.id)
            session.delete(row)
    return redirect(url_for(".listing"))


@bp.get("/sample")
def sample_sheet() -> ResponseReturnValue:
    """The sample's sheet to try an upload with; only where the sample chain is."""
    with hub_here().db.reading() as session:
        if not _is_sample(access.lead_firm(session, who(), None)):
            raise NotFound
    more = next(each for each in sample_sheets() if each.file == MORE)
    return send_file(io.BytesIO(more.content()), download_name=more.name, as_attachment=True)


def _upload_form(lead: Firm, error: str = "") -> str:
    return render_template(
        "supply/upload.html",
        lead=lead,
        error=error,
        sample=_is_sample(lead),
        megabytes=hub_here().settings.max_upload_mb,
    )


def _preview(row: Sheet, lead: Firm) -> str:
    """Take the sheet in, tell what would come of it, and undo all of it."""
    shown: dict[str, Any] = {"sheet": row, "lead": lead}
    try:
        reading = _read_again(row)
    except SheetRefused as error:
        return render_template("supply/preview.html", refused=say(error), columns=[], **shown)
    with hub_here().db.work() as session:
        taken = take_in_sheet(session, access.own_sheet(session, who(), row.id or 0), reading)
        session.rollback()
    return render_template(
        "supply/preview.html",
        refused="",
        taken=taken,
        faults=_faults(row, taken),
        columns=[("", _("– not in this sheet –")), *((name, name) for name in reading.columns)],
        fields=[(field, FIELD_LABELS[field], _now(reading, field)) for field in FIELDS],
        several=len(reading.layout.links) > 1,
        rows=[row for row in reading.rows if row.good][:_SHOWN_ROWS],
        **shown,
    )


def _faults(row: Sheet, taken: TakenIn) -> Page[SheetFault]:
    return page_of_list(kept_faults(row, taken.faults), number_asked())


def _now(reading: Reading, field: str) -> str:
    return fields_of(reading.layout).get(field, "")


def _read_again(row: Sheet) -> Reading:
    with hub_here().store.path(row.sha256).open("rb") as file:
        layout = Layout.model_validate(row.layout)
        return read_sheet(file, row.file_name, layout, row.tab, _limits())


def _mapping(file: FileStorage | None) -> Layout | None:
    if file is None or not file.filename:
        return None
    return read_mapping(file.stream.read(_MAPPING_LIMIT).decode("utf-8", "replace"))


def _limits() -> Limits:
    return Limits(megabytes=hub_here().settings.max_upload_mb)


def _is_sample(lead: Firm) -> bool:
    return lead.brn == make_chain().lead.brn
