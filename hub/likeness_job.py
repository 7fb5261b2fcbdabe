"""Fills the queues of firms that may be one, after sheets were taken in or firms have joined.

Looking takes a while at a hundred thousand firms: it is done outside the transaction that keeps
what was found, one firm's queue at a time.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, func, select

from hub import access
from hub.accounts import record
from hub.jobs import Reconciler
from hub.wiring import Hub
from supplychain.services.lessons import learn, weights
from supplychain.services.likenesses import join_noted
from supplychain.services.looking import due, found_for, join_exact, keep
from supplychain.services.merging import rederive, slipped
from supplychain.services.turns import take_turns
from supplychain.tables import Description, Likeness, Merge

_AGAIN = 60.0  # seconds after which everything is looked over, even where nothing seems new


@dataclass
class Looker:
    """Remembers what it has seen, so that a tick without news is two small queries."""

    seen: tuple[int, int] | None = None
    looked_at: float = 0.0

    def tick(self, hub: Hub) -> bool:
        """Do one piece of what is due; whether there was any."""
        with hub.db.reading() as session:
            news = _newest(session)
        if news == self.seen and time.monotonic() - self.looked_at < _AGAIN:
            return False
        if self.seen is None or news == self.seen:
            _put_right(hub)
        if look_over(hub):
            return True
        self.seen, self.looked_at = news, time.monotonic()
        return False


def look_over(hub: Hub) -> bool:
    """One firm's queue, merges that wait no more, lessons; whether there was any of it."""
    with hub.db.reading() as session:
        using = weights(session)
        waiting = due(session, using)
    if waiting:
        _look_for(hub, *waiting[0])
    with hub.db.work() as session:
        joined = join_noted(session, access.with_people(session)).merges
        _told(session, joined)
        learnt = learn(session)
    return bool(waiting or joined or learnt)


def _look_for(hub: Hub, firm_id: int, upto: int) -> None:
    with hub.db.work() as session:
        _told(session, join_exact(session, firm_id, access.with_people(session)))
    with hub.db.reading() as session:
        using = weights(session)
        found = found_for(session, firm_id, using)
    with hub.db.work() as session:
        keep(session, firm_id, found, upto, using)


def _put_right(hub: Hub) -> None:
    """Rows that were written beside a merge, as they were read before it."""
    with hub.db.reading() as session:
        if not slipped(session):
            return
    with hub.db.work() as session:
        take_turns(session)
        rederive(session)


def _told(session: Session, merges: Sequence[Merge]) -> None:
    for each in merges:
        record(session, "worker", "firms.merged", str(each.id), firms=each.firm_ids)


def _newest(session: Session) -> tuple[int, int]:
    """What changes whenever something is told or answered."""
    last = session.exec(select(func.max(Description.id))).one()
    answered = select(func.count()).select_from(Likeness).where(Likeness.state != "waiting")
    return last or 0, session.exec(answered).one()


RECONCILERS = (Reconciler("same firms", Looker().tick),)
