"""An alert as one firm sees it: who sent it here, how far it got from here, what was answered.

Names only of firms that the reader may name anyway, and of those that it wrote to itself; all
else is counted (supplychain.alerting.seen_from). What a firm wrote in words of its own is read by
the firms that had asked it when it answered, and by nobody else.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlmodel import Session, col, select

from supplychain.alert_tables import Alert, AlertEvent, AlertReceipt
from supplychain.alerting import CAME_TO, Stand, TierSeen, came_to, seen_from
from supplychain.services.alert_running import Running, reached
from supplychain.services.alert_ways import addresses, joined, next_firms
from supplychain.services.consents import nameable_by
from supplychain.services.descriptions import described
from supplychain.services.merging import roots


@dataclass(frozen=True)
class FirmLine:
    """A firm that got it, by name. `ours`: the reader wrote to it itself.

    `note` and `email` only then. `way`: it reads it "here", by "mail", or there is "none".
    """

    firm_id: int
    name: str
    step: int
    ours: bool
    way: str
    email: str
    came_to: str
    sent_at: datetime | None
    acknowledged_at: datetime | None
    answered_at: datetime | None
    delivers: str
    until: date | None
    affected: int | None
    note: str
    cause: bool
    resolved_at: datetime | None
    asked: bool = True
    passed_on: bool = False


@dataclass(frozen=True)
class Next:
    """A firm to which the reader can pass it. `way`: "here", "mail" or "none"."""

    firm_id: int
    name: str
    way: str
    passed: bool


@dataclass(frozen=True)
class Happened:
    """A line of the history: who ("" where the reader may not know), what, when."""

    at: datetime
    who: str
    ours: bool
    what: str
    detail: dict[str, object]


@dataclass(frozen=True)
class AlertSeen:
    """All of an alert that a firm may see. `senders`: from whom it has it, as it may name them.

    `raiser`: the name of the firm that raised it, "" where that is not the reader's to know.
    `causes`: names of firms that say that it comes from them; `hidden_causes`, that others do.
    """

    alert: Alert
    own: AlertReceipt
    raised: bool
    asked: bool
    raiser: str
    senders: list[str]
    tiers: list[TierSeen]
    lines: list[FirmLine]
    nexts: list[Next]
    causes: list[str]
    hidden_causes: bool
    over_by: str
    may_resolve: bool
    history: list[Happened]

    @property
    def to_pass(self) -> list[Next]:
        """Whom the reader has not passed it to yet."""
        return [each for each in self.nexts if not each.passed]

    @property
    def open(self) -> bool:
        """Whether anything can still be done."""
        return self.alert.state == "open"


def alert_seen(session: Session, firm_id: int, alert_id: int) -> AlertSeen:
    """Raises AlertNotFound, whether there is such an alert or it never came here."""
    running = reached(session, firm_id, alert_id)
    course, own = running.course, running.receipts[firm_id]
    may = nameable_by(session, firm_id)
    here = joined(session, running.receipts)
    stands = {one: _stand(row, here=one in here) for one, row in running.receipts.items()}
    tiers = seen_from(course, firm_id, may, stands)
    named = {one: tier.tier for tier in tiers for one in tier.named}
    nexts = _next_firms(session, running, firm_id)
    senders = {by for by, to in course.passed if to == firm_id}
    told = may | set(named) | set(nexts)
    names = {
        one: facts.name
        for one, facts in described(session, firm_id, [*told, course.raiser]).items()
        if one in told
    }
    raised = firm_id == course.raiser
    passers = {by for by, _ in course.passed}
    whole = course.tiers()
    lines = [
        replace(
            _line(running, firm_id, one, step, names, here),
            asked=not course.asked or whole[one] in course.asked,
            passed_on=one in passers,
        )
        for one, step in named.items()
    ]
    visible = {firm_id, *named} | (senders & may)
    ender = running.alert.over_by_id or 0
    return AlertSeen(
        alert=running.alert,
        own=own,
        raised=raised,
        asked=not raised and course.asks(firm_id),
        raiser=names.get(course.raiser, "") if course.raiser in may else "",
        senders=sorted(names[one] for one in senders if names.get(one)),
        tiers=tiers,
        lines=sorted(
            lines,
            key=lambda line: (CAME_TO.index(line.came_to), line.step, line.name, line.firm_id),
        ),
        nexts=_nexts(session, firm_id, nexts, names, course.onward().get(firm_id, set())),
        causes=sorted(names[one] for one in course.causes if one in visible and names.get(one)),
        hidden_causes=bool(set(course.causes) - visible),
        over_by=names.get(ender, "") if ender in may else "",
        may_resolve=firm_id in course.who_resolves,
        history=_history(session, running, firm_id, visible, names),
    )


def _stand(row: AlertReceipt, *, here: bool) -> Stand:
    word = came_to(
        delivers=row.delivers,
        answered=row.answered_at is not None,
        acknowledged=row.acknowledged_at is not None,
        reachable=here or bool(row.email),
    )
    return Stand(word, row.acknowledged_at)


def _next_firms(session: Session, running: Running, firm_id: int) -> set[int]:
    course = running.course
    if course.state != "open" or not course.goes_on_from(course.tiers()[firm_id]):
        return set()
    back = {by for by, to in course.passed if to == firm_id}
    nexts = next_firms(session, firm_id, running.alert.direction)
    return nexts - back - {course.raiser, firm_id}


def _nexts(
    session: Session,
    firm_id: int,
    nexts: Collection[int],
    names: dict[int, str],
    passed: Collection[int],
) -> list[Next]:
    here, mails = joined(session, nexts), addresses(session, firm_id, nexts)
    found = [
        Next(
            firm_id=one,
            name=names.get(one, ""),
            way="here" if one in here else "mail" if one in mails else "none",
            passed=one in passed,
        )
        for one in nexts
    ]
    return sorted(found, key=lambda each: (each.name, each.firm_id))


def _line(
    running: Running,
    reader: int,
    one: int,
    step: int,
    names: dict[int, str],
    here: Collection[int],
) -> FirmLine:
    row = running.receipts[one]
    wrote_at = running.passed_at.get((reader, one))
    # What it did before the reader asked it, it did on another way: that is not the reader's.
    since = wrote_at or running.receipts[reader].at
    heard = wrote_at is not None and row.answered_at is not None and wrote_at <= row.answered_at
    ours = wrote_at is not None
    return FirmLine(
        firm_id=one,
        name=names.get(one, ""),
        step=step,
        ours=ours,
        way="here" if one in here else "mail" if row.email else "none",
        email=row.email if ours and row.asked_by_id == reader else "",
        came_to=_stand(row, here=one in here).came_to,
        sent_at=_not_before(row.sent_at, since),
        acknowledged_at=_not_before(row.acknowledged_at, since),
        answered_at=_not_before(row.answered_at, since),
        delivers=row.delivers,
        until=row.until,
        affected=row.affected,
        note=row.note if heard else "",
        cause=row.cause,
        resolved_at=row.resolved_at,
    )


def _not_before(at: datetime | None, since: datetime) -> datetime | None:
    return max(at, since) if at else None


def _history(
    session: Session,
    running: Running,
    reader: int,
    visible: Collection[int],
    names: dict[int, str],
) -> list[Happened]:
    """What the reader did, and what it may know of the others' part; the newest first."""
    same, found = roots(session), []
    rows = select(AlertEvent).where(AlertEvent.alert_id == running.alert.id)
    for row in session.exec(rows.order_by(col(AlertEvent.id).desc())):
        one = same.get(row.firm_id, row.firm_id)
        ended = row.what in ("resolved", "withdrawn") and running.alert.state == row.what
        if one != reader and not ended and (one not in visible or row.what in _OWN):
            continue
        since = running.passed_at.get((reader, one)) or running.receipts[reader].at
        if one != reader and not ended and row.at < since:
            continue  # done before the reader had to do with it
        ours = one == reader or (reader, one) in running.passed_at
        kept = row.detail if ours else {k: v for k, v in row.detail.items() if k != "note"}
        if ended:
            kept = {"note": running.alert.outcome}
        name = names.get(one, "") if one in visible else ""
        found.append(Happened(row.at, name, one == reader, row.what, kept))
    return found


_OWN = ("reminded", "addressed", "passed")  # a firm's own business
