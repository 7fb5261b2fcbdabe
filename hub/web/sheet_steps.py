"""A sheet on its way in: columns, preview, progress, result; and taken back again."""

from collections.abc import Sequence
from itertools import islice
from typing import Any

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlmodel import Session

from hub import access
from hub.accounts import record
from hub.sheet_files import draft_of, reading_of
from hub.sheets_job import give_in
from hub.web.asking import hub_here, say, who
from hub.web.pages import number_asked, page_of, page_of_list
from hub.web.sheet_columns import chosen, field_choices, first_choice, read_chosen
from hub.web.sheet_words import STATES, STEPS, WHY, field_label
from supplychain.columns import Layout, PartyColumns
from supplychain.errors import RenewalSweeping, SheetRefused
from supplychain.reading import Reading
from supplychain.services import sheets as service
from supplychain.services.layouts import choose
from supplychain.services.look_alikes import LookAlike, look_alikes
from supplychain.tables import Firm, Sheet, SheetFault, now

bp = Blueprint("sheets", __name__, url_prefix="/supply/sheets")

_SHOWN_ROWS = 8
_SHOWN_LINES = 50
_LONG = 20_000  # rows; with more, the page comes first and what it says a little later
_STOP_POLLING = 286
_MOVING = ("queued", "taking")


@bp.app_template_filter("fault")
def fault_sentence(fault: SheetFault) -> str:
    """Why a cell could not be used, in the reader's language."""
    return say(fault.error)


@bp.context_processor
def _words() -> dict[str, Any]:
    words = {"sheet_states": STATES, "sheet_steps": STEPS, "why_words": WHY}
    return words | {"field_label": field_label}


@bp.get("/<int:sheet_id>")
def sheet(sheet_id: int) -> ResponseReturnValue:
    """Where the sheet stands: what would come of it, how far it is, or what came of it."""
    row, lead = _own(sheet_id)
    if row.state == "waiting":
        return _preview(row, lead)
    if row.state in _MOVING:
        return render_template("supply/sheet_moving.html", sheet=row, lead=lead, at=now())
    return _result(row.id or 0)


@bp.get("/<int:sheet_id>/columns")
def columns(sheet_id: int) -> ResponseReturnValue:
    """What each column holds, with some of its values."""
    row, lead = _own(sheet_id)
    if row.state != "waiting":
        return redirect(url_for(".sheet", sheet_id=sheet_id))
    draft = draft_of(hub_here(), row.sha256, row.file_name, row.tab)
    layout = Layout.model_validate(row.layout) if row.layout else None
    return _columns_page(row, lead, first_choice(draft, layout, request.args), layout)


@bp.post("/<int:sheet_id>/columns")
def choose_columns(sheet_id: int) -> ResponseReturnValue:
    """Read the sheet by columns chosen by hand, and remember them for its layout."""
    row, lead = _own(sheet_id)
    if row.state != "waiting":
        return redirect(url_for(".sheet", sheet_id=sheet_id))
    draft = draft_of(hub_here(), row.sha256, row.file_name, row.tab)
    choice = chosen(draft, request.form)
    reading = read_chosen(choice)
    if reading is None:
        return _columns_page(row, lead, choice, None), 422
    with hub_here().db.work() as session:
        row = access.own_sheet(session, who(), sheet_id)
        if row.state == "waiting":
            _say_for_others(choose(session, row, reading, who().handle))
            record(session, who().handle, "sheet.columns-chosen", row.file_name, sheet=row.id)
    return redirect(url_for(".sheet", sheet_id=sheet_id))


def _say_for_others(count: int) -> None:
    if count:
        flash(
            ngettext(
                "%(num)s more sheet of this layout was waiting: these columns count for it, too.",
                "%(num)s more sheets of this layout were waiting: these columns count for them, "
                "too.",
                count,
            ),
            "success",
        )


@bp.post("/<int:sheet_id>/renew")
def renews(sheet_id: int) -> ResponseReturnValue:
    """Say which earlier sheet this one renews, or that it comes beside them."""
    older = request.form.get("older", "")
    with hub_here().db.work() as session:
        row = access.own_sheet(session, who(), sheet_id)
        service.renew(session, row, int(older) if older.isdecimal() and len(older) < 10 else None)
    return redirect(url_for(".sheet", sheet_id=sheet_id, asked="1"))


@bp.post("/<int:sheet_id>/take-in")
def take_in(sheet_id: int) -> ResponseReturnValue:
    """Take the good rows in and keep the faults of the others; a long sheet is left to the worker.

    Sent twice, it is counted once.
    """
    row, lead = _own(sheet_id)
    if row.layout is None:
        return redirect(url_for(".columns", sheet_id=sheet_id))
    _agree(sheet_id, request.form.get("ends", ""))
    try:
        give_in(hub_here(), sheet_id, who().handle)
    except RenewalSweeping:
        again = _preview(row, lead, _("Type the number of links that end, as it stands above."))
        return make_response(again, 422)
    except SheetRefused as error:
        flash(say(error), "error")
    return redirect(url_for(".sheet", sheet_id=sheet_id))


def _agree(sheet_id: int, typed: str) -> None:
    number = typed.strip().replace(",", "")
    if number.isdecimal() and len(number) < 10:
        with hub_here().db.work() as session:
            service.agree_to_end(session, access.own_sheet(session, who(), sheet_id), int(number))


@bp.get("/<int:sheet_id>/progress")
def progress(sheet_id: int) -> ResponseReturnValue:
    """How far a long sheet is; asks for the whole page anew when it is through."""
    row, _lead = _own(sheet_id)
    if row.state in _MOVING:
        return render_template("supply/sheet_progress.html", sheet=row, at=now())
    return Response(status=_STOP_POLLING, headers={"HX-Refresh": "true"})


@bp.post("/<int:sheet_id>/stop")
def stop(sheet_id: int) -> ResponseReturnValue:
    """Stop a sheet that is on its way in: nothing of it stays."""
    with hub_here().db.work() as session:
        row = access.own_sheet(session, who(), sheet_id)
        moving = row.state in _MOVING
        stopped = service.ask_to_stop(session, row) and moving
        if stopped:
            record(session, who().handle, "sheet.stopped", row.file_name, sheet=row.id)
    if stopped:
        flash(_("Stopped. Nothing of this sheet was taken in."), "success")
    return redirect(url_for(".sheet", sheet_id=sheet_id))


@bp.post("/<int:sheet_id>/withdraw")
def withdraw(sheet_id: int) -> ResponseReturnValue:
    """Take a sheet back: what it alone said ends, what it had ended lives again."""
    with hub_here().db.work() as session:
        row = access.own_sheet(session, who(), sheet_id)
        if row.state == "taken":
            service.withdraw(session, row, who().handle)
            record(session, who().handle, "sheet.withdrawn", row.file_name, sheet=row.id)
    return redirect(url_for(".sheet", sheet_id=sheet_id))


@bp.post("/<int:sheet_id>/reopen")
def reopen(sheet_id: int) -> ResponseReturnValue:
    """Look at a sheet again that was withdrawn, or that could not be taken in."""
    with hub_here().db.work() as session:
        row = access.own_sheet(session, who(), sheet_id)
        if row.state in ("withdrawn", "failed"):
            service.reopen(session, row)
            record(session, who().handle, "sheet.reopened", row.file_name, sheet=row.id)
    return redirect(url_for(".sheet", sheet_id=sheet_id))


@bp.post("/<int:sheet_id>/discard")
def discard(sheet_id: int) -> ResponseReturnValue:
    """Forget a sheet that was not taken in."""
    with hub_here().db.work() as session:
        row = access.own_sheet(session, who(), sheet_id)
        lead = row.lead_id
        if row.state in ("waiting", "failed"):
            record(session, who().handle, "sheet.discarded", row.file_name, sheet=row.id)
            service.discard(session, row)
    return redirect(url_for(".listing", lead=lead))


def _own(sheet_id: int) -> tuple[Sheet, Firm]:
    """The sheet and the firm that gave it, free of the database."""
    with hub_here().db.reading() as session:
        row = access.own_sheet(session, who(), sheet_id)
        lead = session.get_one(Firm, row.lead_id)
        session.expunge_all()
    return row, lead


def _columns_page(row: Sheet, lead: Firm, choice: Any, layout: Layout | None) -> str:
    return render_template(
        "supply/columns.html",
        sheet=row,
        lead=lead,
        choice=choice,
        by_mapping=layout is not None and not layout.plain,
        options=field_choices(),
        head=choice.draft.table.head[:12],
    )


def _preview(row: Sheet, lead: Firm, ends_wrong: str = "") -> ResponseReturnValue:
    """What would come of the sheet. Nothing is written."""
    if row.layout is None:
        return redirect(url_for(".columns", sheet_id=row.id))
    shown: dict[str, Any] = {"sheet": row, "lead": lead, "ends_wrong": ends_wrong}
    part = "HX-Request" in request.headers
    if row.rows > _LONG and not (part or request.args or ends_wrong):
        return render_template("supply/preview.html", refused="", later=True, **shown)
    try:
        reading = reading_of(hub_here(), row)
    except SheetRefused as error:
        return render_template("supply/preview.html", refused=say(error), later=False, **shown)
    with hub_here().db.reading() as session:
        own = access.own_sheet(session, who(), row.id or 0)
        coming = service.compare(session, own, reading)
        earlier = service.earlier_of(session, own)
        alike = _alike(session, lead, reading)
        older = session.get(Sheet, own.replaces_id) if own.replaces_id else None
        return render_template(
            "supply/preview_part.html" if part else "supply/preview.html",
            refused="",
            later=False,
            coming=coming,
            reading=reading,
            earlier=earlier,
            older=older,
            others=_taken(session, lead, own) if request.args.get("others") else [],
            asked="asked" in request.args,
            alike=alike,
            faults=page_of_list(service.kept_faults(row, coming.faults), number_asked()),
            rows=list(islice((each for each in reading.rows if each.good), _SHOWN_ROWS)),
            held=_held(reading),
            siblings=_siblings(session, own),
            lines=_SHOWN_LINES,
            **shown,
        )


def _held(reading: Reading) -> list[tuple[str, str]]:
    """What the sheet tells of its suppliers beside their names, and how a column of it looks."""
    told = [link.supplier for link in reading.layout.links]
    fields = [name for name in PartyColumns.model_fields if name not in ("name", "given")]
    return [
        (name, "num" if name in ("employees", "level") else "")
        for name in fields
        if any(getattr(party, name) or getattr(party.given, name, "") for party in told)
    ]


def _alike(session: Session, lead: Firm, reading: Reading) -> list[LookAlike]:
    rows = islice(reading.rows, _LONG // 2)
    suppliers = (link.supplier for row in rows if row.good for link in row.links)
    return look_alikes(session, lead.id or 0, suppliers, seconds=0.3)


def _taken(session: Session, lead: Firm, row: Sheet) -> Sequence[Sheet]:
    every = access.own_sheets(lead).where(Sheet.state == "taken", Sheet.id != row.id)
    return list(session.exec(every.limit(100)))


def _siblings(session: Session, row: Sheet) -> Sequence[Sheet]:
    """Other tabs of the same file."""
    same = access.sheets_of_file(row).where(Sheet.id != row.id)
    return list(session.exec(same))


def _result(sheet_id: int) -> str:
    with hub_here().db.reading() as session:
        row = access.own_sheet(session, who(), sheet_id)
        older = session.get(Sheet, row.replaces_id) if row.replaces_id else None
        return render_template(
            "supply/sheet.html",
            sheet=row,
            lead=session.get_one(Firm, row.lead_id),
            faults=page_of(session, access.faults_of(row), number_asked()),
            older=older,
            newer=session.exec(access.renewed_by(row)).first(),
            siblings=_siblings(session, row),
            waiting=session.exec(access.waiting_after(row)).all(),
            problem=_problem(row),
        )


def _problem(row: Sheet) -> str:
    """Why a sheet failed, in the reader's language."""
    told = row.problem or {}
    kinds = {kind.__name__: kind for kind in SheetRefused.__subclasses__()}
    kind, facts = kinds.get(str(told.get("kind"))), told.get("facts")
    return say(kind(**facts)) if kind and isinstance(facts, dict) else ""
