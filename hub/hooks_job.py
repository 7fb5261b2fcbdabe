"""Telling webhooks what happened: found by looking, written as messages, sent one after the other.

*Record the intent, commit, call out, record the result*, as with mails. Messages to one address go
in order: the next one waits until the one before has gone or was given up. A crash in the middle
sends a message twice, with the same number, which tells a receiver that it has it already.
"""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from hub.accounts import record
from hub.hook_call import Answer, call, headers_of
from hub.hook_errors import HookAddressRefused, HookUnreachable
from hub.hook_events import AT_ONCE, message, settle, settled, untold
from hub.hook_tables import Hook, HookMessage
from hub.hooks import forget_old, give_up_waiting, host_of, secret_of
from hub.jobs import Every, Reconciler
from hub.wiring import Hub
from supplychain.tables import now

log = logging.getLogger(__name__)

_CLAIM = timedelta(minutes=2)  # longer than any one call takes
# How long to wait after each try that failed; after the last one a message is given up.
PAUSES = tuple(timedelta(seconds=s) for s in (5, 60, 300, 1800, 7200, 18000, 36000, 36000))
DEAD = timedelta(days=5)  # without any success: the address is switched off
GONE = 410  # by this answer a receiver says that it wants no more
_SIDE_BY_SIDE = 4
_IN_A_ROW = 100  # to one address, before others have their turn
_LAG = 200  # rows that are looked at again and again before it is noted that they are through


def look(hub: Hub) -> bool:
    """Write what happened as messages; whether anything did."""
    with hub.db.reading() as session:
        hooks = session.exec(select(Hook.id).where(Hook.state == "on").order_by(col(Hook.id))).all()
        fresh = [number for number in hooks if _has_news(session, number or 0)]
    for number in fresh:
        with hub.db.work() as session:
            hook = session.get(Hook, number, with_for_update=True)
            if hook is None or hook.state != "on":
                continue
            found = untold(session, hook, hub.settings.url)
            session.add_all(message(hook, each) for each in found)
            if len(found) < AT_ONCE:  # else there is more
                settle(session, hook)
    return bool(fresh)


def _has_news(session: Session, number: int) -> bool:
    hook = session.get_one(Hook, number)
    if untold(session, hook, ""):
        return True
    event, entry = settled(session, hook)
    return event - hook.after_event + entry - hook.after_entry > _LAG


def send_due(hub: Hub) -> int:
    """Send what is due, several addresses side by side, each in its order; how many went."""
    with hub.db.reading() as session:
        hooks = _due(session)
    with ThreadPoolExecutor(_SIDE_BY_SIDE, thread_name_prefix="webhook") as side_by_side:
        return sum(side_by_side.map(lambda number: _drain(hub, number), hooks))


def _due(session: Session) -> list[int]:
    """Webhooks whose next message is due."""
    heads = (
        select(func.min(HookMessage.id))
        .join(Hook, col(Hook.id) == HookMessage.hook_id)
        .where(HookMessage.state == "waiting", Hook.state == "on")
        .group_by(col(HookMessage.hook_id))
    )
    due = select(HookMessage.hook_id).where(
        col(HookMessage.id).in_(heads), HookMessage.due_at <= now()
    )
    return list(session.exec(due))


def _drain(hub: Hub, number: int) -> int:
    gone = 0
    while gone < _IN_A_ROW and (claimed := _claim(hub, number)) is not None:
        if not _sent(hub, *claimed):
            break
        gone += 1
    return gone


def _claim(hub: Hub, number: int) -> tuple[Hook, HookMessage] | None:
    """The next message of a webhook where it is due, for two minutes nobody else's."""
    with hub.db.work() as session:
        hook = session.get(Hook, number, with_for_update=True)
        if hook is None or hook.state != "on":
            return None
        waiting = select(HookMessage).where(
            HookMessage.hook_id == number, HookMessage.state == "waiting"
        )
        row = session.exec(waiting.order_by(col(HookMessage.id)).limit(1)).first()
        if row is None or row.due_at > now():
            return None
        row.tries, row.due_at = row.tries + 1, now() + _CLAIM
        session.add(row)
        session.flush()
        for each in (row, hook):
            session.refresh(each)
            session.expunge(each)
        return hook, row


def _sent(hub: Hub, hook: Hook, row: HookMessage) -> bool:
    """Send one message and note what came of it; whether it went."""
    at = now()
    headers = headers_of(secret_of(hub, hook), row.event_id, row.body, at)
    try:
        answer = call(hook.url, row.body, headers, private=hub.settings.hooks_private)
    except HookAddressRefused:
        answer = Answer(0, "address refused")
    except HookUnreachable as error:
        answer = Answer(0, str(error.facts["reason"]))
    good = 200 <= answer.status < 300
    with hub.db.work() as session:
        now_hook = session.get(Hook, hook.id, with_for_update=True)
        now_row = session.get(HookMessage, row.id)
        if now_hook is None or now_row is None or now_row.tries != row.tries:
            return good
        _note(session, now_hook, now_row, answer, at)
    return good


def _note(session: Session, hook: Hook, row: HookMessage, answer: Answer, at: datetime) -> None:
    """Keep what came of a call, and judge the address by it."""
    row.status = answer.status or None
    if 200 <= answer.status < 300:
        row.state, row.sent_at, row.problem = "sent", now(), ""
        hook.failing_since = None
        return
    row.problem = answer.said[:300]
    hook.failing_since = hook.failing_since or at
    if row.tries > len(PAUSES):
        row.state = "failed"
    else:
        row.due_at = now() + PAUSES[row.tries - 1]
    if answer.status == GONE or at - hook.failing_since > DEAD:
        hook.state = "dead"
        hook.note = "gone" if answer.status == GONE else "silent"
        session.add_all((hook, row))
        session.flush()
        give_up_waiting(session, hook)
        record(session, "hub", "hook.given-up", f"hook:{hook.id}", url=host_of(hook.url))


class Sender:
    """Sends beside the worker's other work: an address that is slow holds up nothing else."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None

    def tick(self, hub: Hub) -> bool:
        """Begin to send where something is due and nobody sends; never waits for it."""
        if self._thread is not None and self._thread.is_alive():
            return False
        with hub.db.reading() as session:
            if not _due(session):
                return False
        self._thread = threading.Thread(target=self.send, args=(hub,), name="hooks", daemon=True)
        self._thread.start()
        return True

    def send(self, hub: Hub) -> None:
        """Send what is due; the worker lives on, whatever comes of it."""
        try:
            send_due(hub)
        except Exception:
            log.exception("webhooks could not be sent; they are tried again")


def _forget(hub: Hub) -> bool:
    with hub.db.work() as session:
        for hook in session.exec(select(Hook)):
            if hook.state == "on":
                if untold(session, hook, ""):
                    continue  # until it is noted that they are through, they would be told again
                settle(session, hook)
            forget_old(session, hook)
    return False


_sender = Sender()
RECONCILERS = (
    Reconciler("webhook events", Every(1.0, look)),
    Reconciler("webhooks", _sender.tick),
    Reconciler("old webhook messages", Every(3600.0, _forget)),
)
