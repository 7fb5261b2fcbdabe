"""A firm's sheets: the list of them, upload, tabs, the file itself, and its bad rows to mend."""

import io
from collections.abc import Sequence
from contextlib import suppress

from flask import flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlmodel import Session
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import NotFound

from hub import access
from hub.accounts import record
from hub.sample.chain import make_chain
from hub.sample.chain_sheets import MORE, sample_sheets
from hub.sheet_files import draft_of, keep, reading_of
from hub.web.asking import hub_here, say, who
from hub.web.pages import number_asked, page_of
from hub.web.sheet_steps import bp
from hub.web.stored import sent_from_store
from supplychain.bad_rows import bad_rows
from supplychain.columns import Layout, layout_of, read_mapping
from supplychain.errors import ColumnsMissing, ColumnUnknown, SheetNotFound, SheetRefused
from supplychain.export import write_xlsx
from supplychain.reading import Draft, Reading, looks_right
from supplychain.services.layouts import as_remembered, remembered
from supplychain.services.sheets import compare, discard, kept_faults, note_sheet
from supplychain.tables import Firm, Sheet, SheetFault

__all__ = ["bp"]

_MAPPING_LIMIT = 64 * 1024
_AT_ONCE = 40  # files; a firm with more sends them in two goes
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("")
def listing() -> str:
    """What was uploaded, and what came of it."""
    with hub_here().db.reading() as session:
        lead = access.own_firm(session, who(), request.args.get("lead"))
        page = page_of(session, access.own_sheets(lead), number_asked())
        renewed = {row.replaces_id for row in page.items if row.state == "taken"}
        return render_template(
            "supply/sheets.html",
            lead=lead,
            firms=access.own_firms(session, who()),
            page=page,
            renewed=renewed,
            sample=_is_sample(lead),
        )


@bp.get("/new")
def upload() -> str:
    """The form to choose files."""
    with hub_here().db.reading() as session:
        return _upload_form(access.own_firm(session, who(), request.args.get("lead")))


@bp.post("/new")
def upload_now() -> ResponseReturnValue:
    """Open each file; where that works, keep it and go on with its columns or its preview."""
    with hub_here().db.reading() as session:
        lead = access.own_firm(session, who(), request.form.get("lead"))
        session.expunge(lead)
    files = [file for file in request.files.getlist("sheet") if file.filename]
    if not files:
        return _upload_form(lead, [_("Choose a file first.")]), 422
    try:
        mapping = _mapping(request.files.get("mapping"))
    except SheetRefused as error:
        return _upload_form(lead, [say(error)]), 422
    noted, errors = [], []
    for file in files[:_AT_ONCE]:
        try:
            noted.append(_take_up(lead, file, mapping, alone=len(files) == 1))
        except SheetRefused as error:
            errors.append(say(error))
    if not noted:
        return _upload_form(lead, errors), 422
    for sentence in errors:
        flash(sentence, "error")
    if len(files) == 1:
        return redirect(noted[0])
    flash(
        ngettext(
            "%(num)s file was read and waits for a look.",
            "%(num)s files were read and wait for a look.",
            len(noted),
        ),
        "success",
    )
    return redirect(url_for(".listing", lead=lead.id))


@bp.get("/<int:sheet_id>/tabs")
def tabs(sheet_id: int) -> ResponseReturnValue:
    """The tabs of a workbook, with their rows, and which look like lists of suppliers."""
    with hub_here().db.reading() as session:
        row = access.own_sheet(session, who(), sheet_id)
        known = {each.tab: each for each in session.exec(access.sheets_of_file(row))}
        lead = session.get_one(Firm, row.lead_id)
        session.expunge_all()
    draft = draft_of(hub_here(), row.sha256, row.file_name, "")
    looked = [(tab, looks_right(tab), known.get(tab.name)) for tab in draft.table.tabs]
    return render_template("supply/tabs.html", sheet=row, lead=lead, tabs=looked)


@bp.post("/<int:sheet_id>/tabs")
def choose_tabs(sheet_id: int) -> ResponseReturnValue:
    """Note a sheet for each tab that was chosen; forget the one that was not."""
    with hub_here().db.reading() as session:
        row = access.own_sheet(session, who(), sheet_id)
        lead = session.get_one(Firm, row.lead_id)
        session.expunge_all()
    wanted = list(dict.fromkeys(request.form.getlist("tab")))
    if not wanted:
        flash(_("Choose at least one tab."), "error")
        return redirect(url_for(".tabs", sheet_id=sheet_id))
    content = hub_here().store.read(row.sha256)
    noted: list[str] = []
    for tab in wanted:
        try:
            draft = draft_of(hub_here(), row.sha256, row.file_name, tab)
            noted.append(
                _noted(lead, content, draft, row.file_name, None, alone=len(wanted) == 1)[1]
            )
        except SheetRefused as error:
            flash(f"{tab}: {say(error)}", "error")
    if not noted:
        return redirect(url_for(".tabs", sheet_id=sheet_id))
    if row.tab not in wanted:
        with hub_here().db.work() as session, suppress(SheetNotFound):
            discard(session, access.own_sheet(session, who(), sheet_id))
    return redirect(noted[0])


@bp.get("/<int:sheet_id>/file")
def original(sheet_id: int) -> ResponseReturnValue:
    """The file as it was sent."""
    with hub_here().db.reading() as session:
        row = access.own_sheet(session, who(), sheet_id)
        return sent_from_store(row.sha256, name=row.file_name)


@bp.get("/<int:sheet_id>/bad-rows.xlsx")
def bad_rows_sheet(sheet_id: int) -> ResponseReturnValue:
    """The rows that cannot be taken in, with the reasons beside them, to mend and send again."""
    with hub_here().db.reading() as session:
        row = access.own_sheet(session, who(), sheet_id)
        if row.layout is None:
            return redirect(url_for(".columns", sheet_id=sheet_id))
        reading = reading_of(hub_here(), row)
        faults = _refusing(session, row, reading)
        name = row.file_name.rsplit(".", 1)[0]
    reasons: dict[int, dict[str, list[str]]] = {}
    for fault in faults:
        reasons.setdefault(fault.row, {}).setdefault(fault.column, []).append(say(fault.error))
    sheet = bad_rows(reading.table, reading.heading, reasons, (_("Row"), _("Reason")))
    out = io.BytesIO()
    write_xlsx(out, _("Rows to mend"), sheet.header, sheet.rows(), marked=sheet.marked)
    out.seek(0)
    file_name = _("%(file)s - rows to mend.xlsx", file=name)
    return send_file(out, _XLSX, as_attachment=True, download_name=file_name, max_age=0)


@bp.get("/sample")
def sample_sheet() -> ResponseReturnValue:
    """The sample's sheet to try an upload with; only where the sample chain is."""
    with hub_here().db.reading() as session:
        if not _is_sample(access.own_firm(session, who(), None)):
            raise NotFound
    more = next(each for each in sample_sheets() if each.file == MORE)
    return send_file(io.BytesIO(more.content()), _XLSX, download_name=more.name, as_attachment=True)


def _refusing(session: Session, row: Sheet, reading: Reading) -> Sequence[SheetFault]:
    """Faults because of which rows are left out: kept ones, or those of a comparison."""
    if row.state == "waiting":
        faults = kept_faults(row, compare(session, row, reading).faults)
        return [fault for fault in faults if fault.refuses]
    found = session.exec(access.faults_of(row).where(SheetFault.refuses)).all()
    session.expunge_all()
    return found


def _take_up(lead: Firm, file: FileStorage, mapping: Layout | None, *, alone: bool) -> str:
    """Keep a file and note its first sheet; the address to go on with. Raises SheetRefused."""
    name = file.filename or ""
    tab = request.form.get("tab", "").strip()
    content = file.stream.read(hub_here().settings.max_upload_mb * (1 << 20) + 1)
    _sha256, draft = keep(hub_here(), content, name, tab)
    number, address = _noted(lead, content, draft, name, mapping, alone=alone)
    filled = [each for each in draft.table.tabs if each.rows and not each.hidden]
    if len(filled) > 1 and not tab and not mapping:
        return url_for(".tabs", sheet_id=number)
    return address


def _noted(
    lead: Firm, content: bytes, draft: Draft, name: str, mapping: Layout | None, *, alone: bool
) -> tuple[int, str]:
    """Note a sheet with the layout that is remembered, or guessed; its number and next page."""
    hub = hub_here()
    with hub.db.reading() as session:
        known = None if mapping else _known_layout(session, lead, draft)
    layout = known or mapping
    reading = _read_somehow(draft, layout)
    with hub.db.work() as session:
        sheet = note_sheet(session, lead, content, reading, file_name=name, actor=who().handle)
        if sheet.state == "waiting" and layout is None:
            sheet.layout = None  # a guess is looked at before anything is made of it
        record(session, who().handle, "sheet.uploaded", sheet.file_name, sheet=sheet.id)
        session.flush()
        number, state = sheet.id or 0, sheet.state
    if state != "waiting":
        if alone:
            flash(_("This file was taken in before, so nothing was taken in again."), "success")
    elif not layout:
        return number, url_for(".columns", sheet_id=number)
    elif known and alone:
        flash(_("The columns are known: you chose them for an earlier sheet like this."), "success")
    return number, url_for(".sheet", sheet_id=number)


def _read_somehow(draft: Draft, layout: Layout | None) -> Reading:
    """The sheet by its layout, or by the guess.

    Where nothing tells the supplier, any column will do to keep the sheet until it is chosen.
    """
    try:
        return draft.read(layout)
    except ColumnsMissing:
        columns = draft.found.heading.columns
        if not columns:
            raise
        return draft.read(layout_of({"supplier.name": columns[0]}))


def _known_layout(session: Session, lead: Firm, draft: Draft) -> Layout | None:
    """The layout that the firm chose for a sheet like this, where it still fits."""
    headings = draft.headings()
    known = remembered(session, lead.id or 0, headings.keys())
    layout = as_remembered(known, headings[known.key]) if known else None
    try:
        return layout if layout and draft.read(layout) else None
    except ColumnUnknown:
        return None


def _upload_form(lead: Firm, errors: Sequence[str] = ()) -> str:
    return render_template(
        "supply/upload.html",
        lead=lead,
        errors=errors,
        sample=_is_sample(lead),
        megabytes=hub_here().settings.max_upload_mb,
    )


def _mapping(file: FileStorage | None) -> Layout | None:
    if file is None or not file.filename:
        return None
    return read_mapping(file.stream.read(_MAPPING_LIMIT).decode("utf-8", "replace"))


def _is_sample(lead: Firm) -> bool:
    return lead.brn == make_chain().lead.brn
