"""Work that the worker does again and again, and the leases that keep two workers apart.

A lease is taken for a while and carries a fence number that grows with every change of hands
(Kleppmann, "How to do distributed locking", 2016): whoever writes with an older number is late.
"""

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

from sqlmodel import Session

from hub.db import Database
from hub.tables import Lease
from hub.wiring import Hub
from supplychain.tables import now


def holder_here() -> str:
    """What this process is called as the holder of a lease.

    Two machines or containers often have the same process numbers.
    """
    return f"{socket.gethostname()[:80]}:{os.getpid()}"


@dataclass(frozen=True)
class Reconciler:
    """One kind of work: `tick` looks at the database, does what is due, and tells if it did any."""

    name: str
    tick: Callable[[Hub], bool]


class Every:
    """A tick that is taken at most once in so many seconds."""

    def __init__(self, seconds: float, tick: Callable[[Hub], bool]) -> None:
        self._seconds, self._tick = seconds, tick
        self._next = 0.0

    def __call__(self, hub: Hub) -> bool:
        """Take the tick if it is time."""
        if monotonic() < self._next:
            return False
        self._next = monotonic() + self._seconds
        return self._tick(hub)


def lease(db: Database, name: str, holder: str, seconds: float) -> int | None:
    """The fence number where `holder` now has the lease for so many seconds, else None.

    The holder itself renews with the same number.
    """
    with db.work() as session:
        row = session.get(Lease, name, with_for_update=True)
        if row is None:
            row = Lease(name=name, holder="", fence=0, expires_at=now())
            session.add(row)
        if row.holder not in ("", holder) and row.expires_at > now():
            return None
        if row.holder != holder:
            row.holder, row.fence = holder, row.fence + 1
        row.expires_at = now() + timedelta(seconds=seconds)
        return row.fence


def handed_to(
    db: Database, name: str, holder: Callable[[int], str], seconds: float
) -> tuple[str, int] | None:
    """Give a lease that nobody holds to a holder who is named after its fence number.

    The holder and the number; None where somebody holds it. Who is told takes it by that name.
    """
    with db.work() as session:
        row = session.get(Lease, name, with_for_update=True)
        if row is None:
            row = Lease(name=name, holder="", fence=0, expires_at=now())
            session.add(row)
        if row.holder and row.expires_at > now():
            return None
        row.fence += 1
        row.holder = holder(row.fence)
        row.expires_at = now() + timedelta(seconds=seconds)
        return row.holder, row.fence


def held_by(session: Session, name: str) -> tuple[str, int]:
    """Who holds a lease now, and its fence number; no name where nobody does."""
    row = session.get(Lease, name)
    if row is None or row.expires_at <= now():
        return "", row.fence if row else 0
    return row.holder, row.fence


def still_ours(session: Session, name: str, fence: int) -> bool:
    """Whether the lease has not changed hands: asked inside the transaction that writes."""
    row = session.get(Lease, name, with_for_update=True)
    return row is not None and row.fence == fence


def release(db: Database, name: str, fence: int) -> None:
    """Give a lease back early, where it is still ours."""
    with db.work() as session:
        row = session.get(Lease, name, with_for_update=True)
        if row is not None and row.fence == fence:
            row.holder = ""
