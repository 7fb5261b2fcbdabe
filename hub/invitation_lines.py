"""A firm's invitations with what became of their mails: read, never written."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, String, cast, literal
from sqlalchemy import (
    select as select_columns,
)  # of five and more, which SQLModel's has no types for
from sqlmodel import Session, col, func

from hub.tables import Mail
from supplychain.inviting import CAME_TO, came_to
from supplychain.services.cascade import tiers_of_own
from supplychain.services.descriptions import described
from supplychain.tables import Firm, Invitation, now


class Invited(NamedTuple):
    """What is told of an invitation in a list; of ten thousand, that is all that is read."""

    id: int
    firm_id: int
    email: str
    contact: str
    state: str
    reason: str
    times_sent: int
    sent_at: datetime
    expires_at: datetime
    answered_at: datetime | None


_INVITED: list[Any] = [getattr(Invitation, name) for name in Invited._fields]


@dataclass(frozen=True)
class Line:
    """An invitation as its inviter sees it. `problem`: why the mail did not arrive, yet or ever.

    `name` is empty until `named` has looked it up.
    """

    invitation: Invited
    tier: int
    came_to: str
    mail: str
    problem: str
    name: str = ""


def lines(
    session: Session, by_id: int, at: datetime | None = None, *, only: int | None = None
) -> list[Line]:
    """Every invitation of a firm (or one), those that need something first; without names."""
    at = at or now()
    tiers = tiers_of_own(session, by_id)
    found = [
        Line(
            invitation=row,
            tier=tiers.get(row.firm_id, 0),
            came_to=came_to(
                row.state,
                row.expires_at,
                at,
                joined=joined is not None,
                undelivered=mail == "failed",
            ),
            mail=mail or "",
            problem=problem or "",
        )
        for row, joined, mail, problem in _with_mails(session, by_id, only)
    ]
    order = ("undelivered", "expired", "silent", "opened", "declined", "joined", "withdrawn")
    return sorted(
        found, key=lambda x: (order.index(x.came_to), x.invitation.sent_at, x.invitation.id)
    )


def line_of(session: Session, row: Invitation) -> Line:
    """One invitation among its firm's."""
    return lines(session, row.by_id, only=row.id)[0]


def named(session: Session, by_id: int, found: Sequence[Line]) -> list[Line]:
    """The same with the names by which the inviter knows the firms."""
    facts = described(session, by_id, {line.invitation.firm_id for line in found})
    return [replace(line, name=facts[line.invitation.firm_id].name) for line in found]


def standing(session: Session, by_id: int, at: datetime) -> Counter[str]:
    """How many invitations of a firm came to what, counted by the database."""
    over, failed = col(Invitation.expires_at) <= at, col(Mail.state) == "failed"
    joined = col(Firm.joined_at).is_not(None)
    query = (
        select_columns(col(Invitation.state), over, joined, failed, func.count())
        .join(Firm, col(Firm.id) == Invitation.firm_id)
        .outerjoin(Mail, col(Mail.key) == _newest_key())
        .where(col(Invitation.by_id) == by_id)
        .group_by(col(Invitation.state), over, joined, failed)
    )
    counts = Counter[str]()
    for state, is_over, has_joined, not_delivered, number in session.execute(query):
        until = at - timedelta(1) if is_over else at + timedelta(1)
        word = came_to(state, until, at, joined=bool(has_joined), undelivered=bool(not_delivered))
        counts[word] += number
    return counts


def furthest(found: Sequence[Line]) -> dict[int, tuple[int, str]]:
    """Each firm with (tier, the furthest that any of its invitations came to)."""
    best: dict[int, tuple[int, str]] = {}
    for line in found:
        known = best.get(line.invitation.firm_id, (line.tier, line.came_to))
        word = min(known[1], line.came_to, key=CAME_TO.index)
        best[line.invitation.firm_id] = (line.tier, word)
    return best


def _newest_key() -> ColumnElement[str]:
    """Key of an invitation's newest mail, as the database writes it."""
    number, times = (cast(col(c), String) for c in (Invitation.id, Invitation.times_sent))
    return literal("invitation/") + number + "/" + times


def _with_mails(
    session: Session, by_id: int, only: int | None
) -> list[tuple[Invited, datetime | None, str | None, str | None]]:
    """(invitation, when its firm joined, state of its newest mail, what was wrong with that)."""
    beside: list[Any] = [Firm.joined_at, Mail.state, Mail.problem]
    query = (
        select_columns(*_INVITED, *beside)
        .join(Firm, col(Firm.id) == Invitation.firm_id)
        .outerjoin(Mail, col(Mail.key) == _newest_key())
        .where(col(Invitation.by_id) == by_id)
        .order_by(col(Invitation.id))
    )
    if only is not None:
        query = query.where(col(Invitation.id) == only)
    return [(Invited._make(row[:-3]), *row[-3:]) for row in session.execute(query)]
