"""Take a firm's sheets in: good rows become firms and links, bad rows stay as faults.

What a sheet says is compared with what is known without writing anything (`compare`), and then
written in one go (`take_in`): all of a sheet or nothing.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import delete, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import InvalidRequestError
from sqlmodel import Session, col, select

from supplychain import errors
from supplychain.comparison import Coming, Comparison
from supplychain.errors import RenewalSweeping, SheetNotFound, SheetRefused
from supplychain.reading import Reading
from supplychain.rows import FaultAt, ReadFirm, Row
from supplychain.services.bulk import Unhurried
from supplychain.services.firms import batches, id_of
from supplychain.services.known import Known
from supplychain.services.renewing import earlier_of, end_older, note_gone, revive, the_newest
from supplychain.services.turns import take_turns
from supplychain.services.writing import Writer
from supplychain.tables import Firm, Sheet, SheetFault, now

__all__ = [
    "Tell", "agree_to_end", "ask_to_stop", "compare", "discard", "earlier_of", "kept_faults",
    "note_sheet", "queue", "renew", "reopen", "take_in", "why_failed", "withdraw",
]  # fmt: skip

_CHUNK = 2_000
Tell = Callable[[int], None]  # told how many rows are done; what it raises stops the work


def note_sheet(
    session: Session, lead: Firm, content: bytes, reading: Reading, *, file_name: str, actor: str
) -> Sheet:
    """The sheet's row, waiting to be taken in; the same tab of the same file is the same row.

    One that was withdrawn, or failed, waits again. Two who upload the same file at once get the
    same row.
    """
    tab = reading.table.tab[:100]
    sheet = _sheet_of(session, id_of(lead), sha256(content).hexdigest(), tab, len(content))
    reopen(session, sheet)
    if sheet.state == "waiting":
        sheet.file_name, sheet.actor = file_name[-200:], actor
        sheet.kind, sheet.encoding = reading.table.kind, reading.table.encoding
        sheet.rows, sheet.layout_key = len(reading.rows), reading.heading.key
        sheet.layout = reading.layout.model_dump(exclude_none=True)
    session.add(sheet)
    session.flush()
    return sheet


def _sheet_of(session: Session, lead: int, digest: str, tab: str, size: int) -> Sheet:
    """The row of that file, added where there is none yet."""
    same = select(Sheet).where(Sheet.lead_id == lead, Sheet.sha256 == digest, Sheet.tab == tab)
    if (sheet := session.exec(same).first()) is not None:
        return sheet
    connection = session.connection()
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    row = {"lead_id": lead, "sha256": digest, "tab": tab, "size": size, "file_name": ""}
    connection.execute(dialect.insert(Sheet).values(row).on_conflict_do_nothing())
    return session.exec(same).one()


def renew(session: Session, sheet: Sheet, older_id: int | None) -> None:
    """Choose which earlier sheet this one renews, or none. Only while it waits.

    Raises SheetNotFound for one of another firm, and for one that is not taken in.
    """
    if sheet.state != "waiting":
        return
    older = session.get(Sheet, older_id) if older_id else None
    if older_id and (older is None or older.lead_id != sheet.lead_id or older.state != "taken"):
        raise SheetNotFound(sheet=older_id)
    if sheet.replaces_id != (older.id if older else None):
        sheet.ends_agreed = None
    sheet.replaces_id = older.id if older else None
    session.add(sheet)
    session.flush()


def agree_to_end(session: Session, sheet: Sheet, links: int) -> None:
    """Somebody agrees that so many links end with this sheet. Only while it waits."""
    if sheet.state == "waiting":
        sheet.ends_agreed = links
        session.add(sheet)
        session.flush()


@dataclass(frozen=True)
class _Basis:
    """What a comparison was made with: it holds while all of it is as it was."""

    known: Known
    reading: Reading
    older: int | None

    def still(self, session: Session, reading: Reading, older: int | None) -> bool:
        """Whether the same comparison would come out now."""
        same = self.reading is reading and self.older == older
        return same and self.known.still(session)


def compare(session: Session, sheet: Sheet, reading: Reading, tell: Tell | None = None) -> Coming:
    """What would come of the sheet now. Only reads; the answer can be given to `take_in`."""
    with Unhurried():
        return _compared(session, sheet, reading, tell)


def _compared(session: Session, sheet: Sheet, reading: Reading, tell: Tell | None) -> Coming:
    session.flush()
    known = Known(session, sheet.lead_id)
    lead = session.get_one(Firm, sheet.lead_id)
    compared = Comparison(known.lead(), lead.name, _share_columns(reading))
    done = 0
    for rows in batches(reading.rows, _CHUNK):
        compared.book.meet(*known.firms(list(_told_in(rows))))
        read = [compared.resolve(row) for row in rows]
        compared.know(known.links({link[0].id for row in read for link in row.links} - {0}))
        for row in read:
            compared.judge(row)
        done += len(rows)
        if tell:
            tell(done)
    coming = compared.done()
    older = the_newest(session, sheet)
    if older:
        named = {link.known.id for link in compared.links.values() if link.known}
        note_gone(session, known, older, named, coming)
    coming.compared, coming.basis = compared, _Basis(known, reading, older)
    return coming


def take_in(
    session: Session, sheet: Sheet, reading: Reading, coming: Coming | None = None
) -> Coming:
    """Write what the good rows say, keep the faults of the others; all of it or nothing.

    `coming` as `compare` gave it spares a second comparison where nothing was written since.
    A sheet that is taken in already is left as it is. Raises RenewalSweeping where most of the
    earlier sheet would end with it, and nobody has agreed to that number of links.
    """
    take_turns(session)
    session.flush()
    _hold(session, sheet)
    if sheet.state == "taken":
        return coming or compare(session, sheet, reading)
    older = the_newest(session, sheet)
    if coming is None or not _holds(session, coming, reading, older):
        coming = compare(session, sheet, reading)
    if coming.sweeping and sheet.ends_agreed != coming.links_gone:
        raise RenewalSweeping(
            file=sheet.file_name, gone=coming.links_gone, before=coming.links_before
        )
    compared = coming.compared
    coming.basis = coming.compared = None  # written once, it would not be new a second time
    ended = end_older(session, older, sheet) if older else set()
    sheet.replaces_id = older
    session.add(sheet)
    if compared:
        with Unhurried():
            Writer(session, sheet, compared).write(ended)
    _close(session, sheet, coming)
    return coming


def _holds(session: Session, coming: Coming, reading: Reading, older: int | None) -> bool:
    basis = coming.basis
    return isinstance(basis, _Basis) and basis.still(session, reading, older)


def withdraw(session: Session, sheet: Sheet, actor: str) -> None:
    """End what the sheet told, and let live again what it had ended. It can be taken in again."""
    take_turns(session)
    session.flush()
    _hold(session, sheet)
    if sheet.state != "taken":
        return
    sheet.state, sheet.withdrawn_at, sheet.withdrawn_by = "withdrawn", now(), actor[:60]
    session.add(sheet)
    revive(session, sheet)


def reopen(session: Session, sheet: Sheet) -> None:
    """Let a sheet that was withdrawn, or that failed, wait to be looked at and taken in again."""
    if sheet.state in ("withdrawn", "failed"):
        sheet.state, sheet.problem, sheet.step, sheet.rows_done = "waiting", None, "", 0
        sheet.replaces_id = sheet.ends_agreed = None  # to be chosen anew
        session.add(sheet)
        session.flush()


def queue(session: Session, sheet: Sheet) -> None:
    """Leave a long sheet to the worker: "queued". Only one that waits."""
    if sheet.state == "waiting":
        sheet.state, sheet.step, sheet.rows_done, sheet.problem = "queued", "", 0, None
        session.add(sheet)
        session.flush()


def ask_to_stop(session: Session, sheet: Sheet) -> bool:
    """Back to "waiting" where nothing of it has been written yet; whether that was so."""
    session.flush()
    _hold(session, sheet)
    if sheet.state in ("queued", "taking"):
        sheet.state, sheet.step, sheet.rows_done, sheet.problem = "waiting", "", 0, None
        session.add(sheet)
        session.flush()
    return sheet.state == "waiting"


def why_failed(sheet: Sheet) -> SheetRefused | None:
    """Why a sheet could not be taken in, for its sentence."""
    problem = sheet.problem or {}
    kind, facts = getattr(errors, str(problem.get("kind", "")), None), problem.get("facts")
    if isinstance(kind, type) and issubclass(kind, SheetRefused) and isinstance(facts, dict):
        return kind(**facts)
    return None


def discard(session: Session, sheet: Sheet) -> None:
    """Forget a sheet that waits; one that was taken in once stays withdrawn, for its history.

    Raises SheetNotFound where another request has just done so.
    """
    _hold(session, sheet)
    if sheet.state not in ("waiting", "failed"):
        return
    if sheet.withdrawn_at:
        sheet.state = "withdrawn"
        session.add(sheet)
    else:
        session.delete(sheet)
    session.flush()


def _hold(session: Session, sheet: Sheet) -> None:
    """The sheet as it is now, until the transaction ends nobody else's to change."""
    number = sheet.id
    try:
        session.refresh(sheet, with_for_update=True)
    except InvalidRequestError as error:  # discarded while we waited for it
        raise SheetNotFound(sheet=number) from error


def _told_in(rows: Iterable[Row]) -> Iterable[ReadFirm]:
    """Every firm that a good row names, as often as it is named."""
    for row in rows:
        for link in row.links if row.good else ():
            yield link.supplier
            if link.buyer:
                yield link.buyer


def _share_columns(reading: Reading) -> dict[str, str]:
    """Column of the supplier's name → column of the share, to say where a doubt is."""
    return {link.supplier.name: link.share or "" for link in reading.layout.links}


def _close(session: Session, sheet: Sheet, taken: Coming) -> None:
    """Write on the sheet what came of it, and keep its faults."""
    sheet.state, sheet.step, sheet.problem, sheet.taken_at = "taken", "", None, now()
    sheet.rows = sheet.rows_done = taken.rows.total()
    sheet.rows_new, sheet.rows_changed = taken.rows["new"], taken.rows["changed"]
    sheet.rows_unchanged, sheet.rows_faulty = taken.rows["unchanged"], taken.rows["faulty"]
    sheet.firms_new, sheet.links_new = taken.firms_new, taken.links_new
    sheet.links_gone = taken.links_gone
    session.add(sheet)
    connection = session.connection()
    connection.execute(delete(SheetFault).where(col(SheetFault.sheet_id) == sheet.id))
    for some in batches(_folded(sheet.id or 0, taken.faults)):
        connection.execute(insert(SheetFault), some)
    session.flush()


def kept_faults(sheet: Sheet, faults: Iterable[FaultAt]) -> list[SheetFault]:
    """Faults as they are kept; a remark that repeats stands once, with the number of its rows."""
    return [SheetFault(**fault) for fault in _folded(sheet.id or 0, faults)]


def _folded(sheet_id: int, faults: Iterable[FaultAt]) -> list[dict[str, Any]]:
    kept: dict[tuple[object, ...], dict[str, Any]] = {}
    for at in faults:
        kind = type(at.fault).__name__
        same = (at.column[:100], kind, at.row if at.fault.refuses else at.value)
        if same in kept:
            kept[same]["rows"] += at.row != kept[same]["row"]
            continue
        kept[same] = {
            "sheet_id": sheet_id,
            "row": at.row,
            "column": at.column[:100],
            "value": at.value,
            "kind": kind,
            "facts": at.fault.facts,
            "refuses": at.fault.refuses,
            "rows": 1,
        }
    return list(kept.values())
