"""Webhooks of firms: added, switched, tried, removed, and the log of what went there.

Like services, nothing here commits.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from sqlalchemy import delete, update
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from hub.accounts import record
from hub.hook_call import ends_of
from hub.hook_errors import HookAddressRefused, HookEventUnknown, HookOff, HooksTooMany
from hub.hook_events import EVENTS, TEST, Happened, message, newest
from hub.hook_tables import Hook, HookMessage
from hub.wiring import Hub, secret
from supplychain.tables import Firm, now

MOST = 20  # addresses of one firm
_LONGEST = 500
_KEPT = timedelta(days=30)


def secret_of(hub: Hub, hook: Hook) -> str:
    """The secret with which messages to a webhook are signed; no table holds it."""
    made = hmac.digest(
        secret(hub.keys, "webhooks").encode(), f"{hook.id}:{hook.salt}".encode(), hashlib.sha256
    )
    return "whsec_" + base64.b64encode(made).decode()


def checked(hub: Hub, url: str, events: Sequence[str]) -> list[str]:
    """The events in their own order. Raises what is wrong with the address or the events.

    Asks for the name's addresses, so never inside of a transaction.
    """
    wanted = known(events)
    if len(url) > _LONGEST:
        raise HookAddressRefused(address=url[:100] + "…")
    ends_of(url, private=hub.settings.hooks_private)
    return wanted


def known(events: Sequence[str]) -> list[str]:
    """The events in their own order, none for all. Raises HookEventUnknown."""
    unknown = [each for each in events if each not in EVENTS]
    if unknown:
        raise HookEventUnknown(event=unknown[0][:60], events=", ".join(EVENTS))
    wanted = [each for each in EVENTS if each in events]
    return [] if len(wanted) == len(EVENTS) else wanted


def host_of(url: str) -> str:
    """What the audit trail may keep of an address: its path and its query may hold a secret.

    >>> host_of("https://user@chat.example:8443/hook/s3cret?token=t")
    'https://chat.example:8443'
    """
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def add(
    session: Session, firm_id: int, url: str, events: list[str], by: str, key: str = ""
) -> tuple[Hook, bool]:
    """A new webhook, or the firm's that has this address; and whether its secret may be told.

    It is told for a new one, and again to who asks with the `key` with which it was made.
    Raises HooksTooMany.
    """
    # one at a time for each firm: the second of two at once finds the row of the first
    session.get_one(Firm, firm_id, with_for_update={"key_share": True})
    mine = select(Hook).where(Hook.firm_id == firm_id)
    known = session.exec(mine.where(Hook.url == url)).first()
    if known is not None:
        return known, bool(key) and known.key == key
    count = select(func.count()).select_from(Hook).where(Hook.firm_id == firm_id)
    if session.exec(count).one() >= MOST:
        raise HooksTooMany(most=MOST)
    event, entry = newest(session)
    hook = Hook(
        firm_id=firm_id,
        url=url,
        events=events,
        salt=secrets.token_hex(16),
        key=key,
        created_by=by,
        after_event=event,
        after_entry=entry,
    )
    session.add(hook)
    session.flush()
    record(session, by, "hook.added", _subject(hook), url=host_of(url))
    return hook, True


def choose(session: Session, hook: Hook, events: list[str], by: str) -> None:
    """Choose of which events it is told."""
    if hook.events != events:
        hook.events = events
        session.add(hook)
        record(session, by, "hook.changed", _subject(hook))


def switch(session: Session, hook: Hook, by: str, *, on: bool) -> None:
    """Switch a webhook on or off; what happens while it is off is not told of later."""
    state = "on" if on else "off"
    if hook.state == state:
        return
    hook.state, hook.note, hook.failing_since = state, "", None
    if on:
        hook.since = now()
        hook.after_event, hook.after_entry = newest(session)
    else:
        give_up_waiting(session, hook)
    session.add(hook)
    record(session, by, "hook.switched-on" if on else "hook.switched-off", _subject(hook))


def give_up_waiting(session: Session, hook: Hook) -> None:
    """What waits is not sent any more, unless somebody asks for it."""
    waiting = (col(HookMessage.hook_id) == hook.id) & (col(HookMessage.state) == "waiting")
    session.execute(update(HookMessage).where(waiting).values(state="failed"))


def renew_secret(session: Session, hook: Hook, by: str) -> None:
    """Give a webhook a new secret; the old one is good for nothing from now on."""
    hook.salt, hook.key = secrets.token_hex(16), ""
    session.add(hook)
    record(session, by, "hook.renewed", _subject(hook))


def remove(session: Session, hook: Hook, by: str) -> None:
    """Remove a webhook with its log."""
    record(session, by, "hook.removed", _subject(hook), url=host_of(hook.url))
    session.execute(delete(HookMessage).where(col(HookMessage.hook_id) == hook.id))
    session.delete(hook)


def ping(session: Session, hook: Hook, by: str, key: str = "") -> HookMessage:
    """Put a test message on its way; the same `key` makes no second one. Raises HookOff."""
    if hook.state != "on":
        raise HookOff
    if key:
        number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:3])
        old = select(HookMessage).where(
            HookMessage.hook_id == hook.id,
            HookMessage.source == "test",
            HookMessage.source_id == number,
        )
        known = session.exec(old).first()
        if known is not None:
            return known
    else:
        number = secrets.randbelow(2**31)
    found = Happened("test", number, TEST, now(), {"hook": hook.id})
    row = message(hook, found)
    session.add(row)
    session.flush()
    record(session, by, "hook.tried", _subject(hook))
    return row


def replay(session: Session, hook: Hook, row: HookMessage, by: str) -> None:
    """Send a message once more, with the number that it had. Raises HookOff."""
    if hook.state != "on":
        raise HookOff
    if row.state == "waiting":
        row.due_at = now()
    else:
        row.state, row.tries, row.due_at, row.problem = "waiting", 0, now(), ""
        record(session, by, "hook.replayed", _subject(hook), message=row.id)
    session.add(row)


def log_of(hook: Hook, state: str = "") -> SelectOfScalar[HookMessage]:
    """The messages of a webhook, newest first."""
    rows = select(HookMessage).where(HookMessage.hook_id == hook.id)
    rows = rows.where(HookMessage.state == state) if state else rows
    return rows.order_by(col(HookMessage.id).desc())


def counts_of(session: Session, hooks: Sequence[Hook]) -> dict[int, dict[str, int]]:
    """Webhook → how many of its messages are in which state."""
    rows = session.exec(
        select(HookMessage.hook_id, HookMessage.state, func.count())
        .where(col(HookMessage.hook_id).in_([hook.id for hook in hooks]))
        .group_by(col(HookMessage.hook_id), col(HookMessage.state))
    )
    found: dict[int, dict[str, int]] = {hook.id or 0: {} for hook in hooks}
    for hook_id, state, count in rows:
        found[hook_id][state] = count
    return found


def forget_old(session: Session, hook: Hook) -> int:
    """Forget a webhook's messages that are through and a month old; how many.

    They are remembered as long as what they tell of could be found again.
    """
    done = session.connection().execute(
        delete(HookMessage).where(
            col(HookMessage.hook_id) == hook.id,
            col(HookMessage.state) != "waiting",
            col(HookMessage.created_at) < now() - _KEPT,
            col(HookMessage.source).in_(("delivery", "entry", "test")),
        )
    )
    return done.rowcount


def _subject(hook: Hook) -> str:
    return f"hook:{hook.id}"
