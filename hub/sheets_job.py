"""Sheets on their way in: short ones at once, long ones by the worker, all of one or nothing.

Reading and comparing are done outside the transaction that writes, which is short. How far it got
is told in small transactions of its own, which also notice that somebody asked to stop.
"""

import logging
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from hub.accounts import record
from hub.jobs import Reconciler
from hub.sheet_files import reading_of
from hub.wiring import Hub
from sharing.errors import FileNotStored, StoreDamaged
from supplychain.comparison import Coming
from supplychain.errors import SheetInterrupted, SheetLost, SheetNotFound, SheetRefused
from supplychain.reading import Reading
from supplychain.services.sheets import Tell, compare, queue, take_in
from supplychain.services.turns import take_turns
from supplychain.tables import Sheet

log = logging.getLogger(__name__)

LONG = 5_000  # rows; more than these are left to the worker
_TRIES = 3  # a sheet that ends its worker is not begun for ever


class _Stopped(Exception):
    """Somebody asked to stop, or took the sheet in first."""


def give_in(hub: Hub, sheet_id: int, actor: str) -> str:
    """Take a waiting sheet in: at once, or by the worker where it is long. Its state afterwards.

    A sheet that is on its way or taken in already is left as it is. Raises SheetRefused where the
    file can no longer be read by its layout.
    """
    sheet = _seen(hub, sheet_id)
    if sheet.state != "waiting":
        return sheet.state
    if sheet.rows <= LONG:
        take_now(hub, sheet, reading_of(hub, sheet), actor)
        return _seen(hub, sheet_id).state
    with hub.db.work() as session:
        row = _locked(session, sheet_id)
        if row.state == "waiting":
            queue(session, row)
            record(session, actor, "sheet.queued", row.file_name, sheet=row.id)
        return row.state


def take_now(
    hub: Hub,
    sheet: Sheet,
    reading: Reading,
    actor: str,
    tell: Tell | None = None,
    states: tuple[str, ...] = ("waiting",),
) -> Coming | None:
    """Compare, then write in one transaction. None where the sheet was chosen otherwise since.

    `sheet` as it was when it was read; `states`: in which it still has to be.
    """
    with hub.db.reading() as session:
        coming = compare(session, session.get_one(Sheet, sheet.id), reading, tell)
    if tell:
        tell(-1)
    with hub.db.work() as session:
        take_turns(session)  # before the row, as everybody does: else two wait for each other
        row = _locked(session, sheet.id or 0)
        if row.state not in states or row.layout != sheet.layout:
            return None
        coming = take_in(session, row, reading, coming)
        record(session, actor, "sheet.taken-in", row.file_name, sheet=row.id, **coming.rows)
    return coming


def work_through(hub: Hub) -> bool:
    """Take in the next sheet that is queued, or left behind by a worker; whether there was one."""
    sheet = _claimed(hub)
    if sheet is None:
        return False
    if sheet.state == "failed":
        return True
    try:
        _step(hub, sheet, "reading", 0)
        reading = reading_of(hub, sheet)

        def tell(done: int) -> None:
            _step(hub, sheet, "writing" if done < 0 else "comparing", max(done, 0))

        take_now(hub, sheet, reading, sheet.actor, tell, ("taking",))
    except _Stopped:
        log.info("sheet %s was stopped, or taken in by somebody else", sheet.id)
    except SheetRefused as error:
        _fail(hub, sheet, error)
    except (FileNotStored, StoreDamaged):
        _fail(hub, sheet, SheetLost(file=sheet.file_name))
    return True


def _claimed(hub: Hub) -> Sheet | None:
    """The next one, marked as begun, or as failed. Only one worker acts at a time (hub.worker)."""
    with hub.db.work() as session:
        waiting = select(Sheet).where(col(Sheet.state).in_(("queued", "taking")))
        row = session.exec(waiting.order_by(col(Sheet.id)).with_for_update()).first()
        if row is None:
            return None
        tries = int(str((row.problem or {}).get("tries", 0)))
        if tries >= _TRIES:
            _failed(session, row, SheetInterrupted(file=row.file_name))
        else:
            row.state, row.step, row.rows_done = "taking", "", 0
            row.problem = {"tries": tries + 1}
        session.add(row)
        session.flush()
        session.expunge(row)
        return row


def _step(hub: Hub, sheet: Sheet, step: str, done: int) -> None:
    """Tell how far it got; raises _Stopped where the sheet is no longer being taken in."""
    with hub.db.work() as session:
        going = update(Sheet).where(col(Sheet.id) == sheet.id, col(Sheet.state) == "taking")
        values: dict[str, Any] = {"step": step} | ({"rows_done": done} if done else {})
        if not session.connection().execute(going.values(values)).rowcount:
            raise _Stopped


def _fail(hub: Hub, sheet: Sheet, error: SheetRefused) -> None:
    with hub.db.work() as session:
        row = _locked(session, sheet.id or 0)
        if row.state == "taking":
            _failed(session, row, error)


def _failed(session: Session, row: Sheet, error: SheetRefused) -> None:
    kind = type(error).__name__
    row.state, row.step, row.problem = "failed", "", {"kind": kind, "facts": error.facts}
    session.add(row)
    record(session, row.actor, "sheet.failed", row.file_name, sheet=row.id, kind=kind)


def _seen(hub: Hub, sheet_id: int) -> Sheet:
    with hub.db.reading() as session:
        row = session.get(Sheet, sheet_id)
        if row is None:
            raise SheetNotFound(sheet=sheet_id)
        session.expunge(row)
        return row


def _locked(session: Session, sheet_id: int) -> Sheet:
    """The row as it is now, and nobody else's until the transaction ends."""
    row = session.exec(select(Sheet).where(Sheet.id == sheet_id).with_for_update()).first()
    if row is None:
        raise SheetNotFound(sheet=sheet_id)
    return row


RECONCILERS = [Reconciler("sheets", work_through)]
