"""Alerts: raised, passed on, read, answered, ended. Who writes the mails is the hub's business.

Every change locks the alert's row first, so that two firms that pass an alert to a third at the
same moment do it one after the other, and the third gets one.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, func, select

from supplychain import alerting
from supplychain.addresses import address
from supplychain.alert_errors import (
    AlertEnough,
    AlertForNobody,
    AlertIncomplete,
    AlertLinkUnknown,
    AlertLinkUsed,
    AlertNotYours,
    AlertRemindedLately,
    AlertTooFar,
)
from supplychain.alert_tables import Alert, AlertEvent, AlertPassing, AlertReceipt
from supplychain.alerting import Course
from supplychain.invitation_errors import WritesRefused
from supplychain.inviting import note_of
from supplychain.services.alert_running import Running, course_of, reached
from supplychain.services.alert_ways import (
    addresses,
    goes_on_by_itself,
    joined,
    names_nobody,
    next_firms,
)
from supplychain.services.invitations import refused, secret_hash
from supplychain.services.merging import roots
from supplychain.tables import now
from supplychain.taxonomy import PROCESSES, REGIONS

MOST_A_DAY = 2_000  # mails that one firm can have sent with alerts in a day
LINK = "link"  # who acts, where a firm that has not joined answers by its link


@dataclass(frozen=True)
class Speaker:
    """The firm that acts, and the person who does it."""

    firm_id: int
    actor: str


@dataclass(frozen=True)
class Draft:
    """An alert before it goes; the words of its fields are those of supplychain.alerting."""

    key: str
    text: str
    direction: str = "down"
    kind: str = "other"
    urgency: str = "days"
    item: str = ""
    region: str = ""
    process: str = ""
    asks: tuple[str, ...] = ()
    tiers: tuple[int, ...] = ()
    by_itself: bool = False
    answer_by: datetime | None = None
    cause: bool = False


@dataclass(frozen=True)
class Answer:
    """What a firm answers: can it deliver, until when, how much is affected (per cent)."""

    delivers: str = ""
    until: date | None = None
    affected: int | None = None
    note: str = ""
    cause: bool = False


@dataclass(frozen=True)
class Told:
    """A firm that is to hear of it now, from whom; `secret` for one that has not joined."""

    receipt: AlertReceipt
    firm_id: int
    from_id: int
    secret: str | None


# --- raising


def raise_alert(
    session: Session, by: Speaker, draft: Draft, to: Collection[int] | None = None
) -> tuple[Alert, list[Told]]:
    """Send an alert to one's suppliers or customers, all of them or those in `to`.

    Sent again under the same key, it is the alert that was sent. Raises AlertIncomplete,
    AlertNamesFirm, AlertForNobody, AlertTooFar, AlertEnough, NoteRefused.
    """
    known = select(Alert).where(Alert.by_id == by.firm_id, Alert.key == draft.key)
    if (row := session.exec(known).first()) is not None:
        return row, []
    _complete(draft)
    names_nobody(session, by.firm_id, draft.text, draft.item)
    nexts = next_firms(session, by.firm_id, draft.direction)
    chosen = nexts if to is None else set(to)
    if not chosen:
        raise AlertForNobody
    if chosen - nexts:
        raise AlertTooFar
    row = Alert(
        by_id=by.firm_id,
        key=draft.key,
        direction=draft.direction,
        kind=draft.kind,
        text=note_of(draft.text),
        item=note_of(draft.item)[:200],
        region=draft.region,
        process=draft.process,
        urgency=draft.urgency,
        asks=[ask for ask in alerting.ASKS if ask in draft.asks],
        tiers=sorted(set(draft.tiers)),
        by_itself=draft.by_itself,
        answer_by=draft.answer_by,
        actor=by.actor,
    )
    session.add(row)
    session.flush()
    own = AlertReceipt(
        alert_id=row.id or 0,
        firm_id=by.firm_id,
        acknowledged_at=row.raised_at,
        cause=draft.cause,
    )
    session.add(own)
    _note(session, row, by, "raised")
    running = Running(row, course_of(row, {by.firm_id: own}, ()), {by.firm_id: own})
    return row, _send(session, running, by, chosen)


def _complete(draft: Draft) -> None:
    wrong = [
        name
        for name, fine in (
            ("text", draft.text.strip()),
            ("key", draft.key),
            ("direction", draft.direction in alerting.DIRECTIONS),
            ("kind", draft.kind in alerting.KINDS),
            ("urgency", draft.urgency in alerting.URGENCIES),
            ("asks", set(draft.asks) <= set(alerting.ASKS)),
            ("tiers", all(0 < tier < 100 for tier in draft.tiers)),
            ("region", draft.region in ("", *REGIONS)),
            ("process", draft.process in ("", *PROCESSES)),
        )
        if not fine
    ]
    if wrong:
        raise AlertIncomplete(fields=", ".join(wrong))


# --- on its way


def pass_on(session: Session, by: Speaker, alert_id: int, to: Collection[int]) -> list[Told]:
    """Pass an alert to some of one's own suppliers or customers; who has it gets no second one.

    Whoever passes it on has read it.

    Raises AlertNotFound, AlertOver, AlertTooFar, AlertEnough.
    """
    running = reached(session, by.firm_id, alert_id, change=True)
    if set(to) - next_firms(session, by.firm_id, running.alert.direction):
        raise AlertTooFar
    told, own = _send(session, running, by, to), running.receipts[by.firm_id]
    own.acknowledged_at = own.acknowledged_at or now()
    session.add(own)
    return told


def acknowledge(session: Session, by: Speaker, alert_id: int) -> None:
    """Say that it was read; again changes nothing. Raises AlertNotFound, AlertOver."""
    running = reached(session, by.firm_id, alert_id, change=True)
    alerting.acknowledged(running.course, by.firm_id)
    row = running.receipts[by.firm_id]
    if row.acknowledged_at is None:
        row.acknowledged_at = now()
        session.add(row)
        _note(session, running.alert, by, "acknowledged")


def answer(session: Session, by: Speaker, alert_id: int, said: Answer) -> None:
    """Answer, or answer anew; the earlier answer stays in the history.

    Raises AlertNotFound, AlertOver, AlertNotAsked, AlertIncomplete, AlertNamesFirm, NoteRefused.
    """
    running = reached(session, by.firm_id, alert_id, change=True)
    alerting.answered(running.course, by.firm_id, cause=said.cause)
    needs = "deliver" in running.alert.asks and by.firm_id != running.alert.by_id
    wrong = [
        name
        for name, fine in (
            ("delivers", said.delivers in alerting.DELIVERS or not (said.delivers or needs)),
            ("affected", said.affected is None or 0 <= said.affected <= 100),
        )
        if not fine
    ]
    if wrong:
        raise AlertIncomplete(fields=", ".join(wrong))
    names_nobody(session, by.firm_id, said.note)
    row, at = running.receipts[by.firm_id], now()
    told = (said.delivers, said.until, said.affected, note_of(said.note), said.cause)
    if row.answered_at and told == (row.delivers, row.until, row.affected, row.note, row.cause):
        return
    row.delivers, row.until, row.affected, row.note, row.cause = told
    if not said.cause:
        row.resolved_at = None
    row.acknowledged_at, row.answered_at = row.acknowledged_at or at, at
    session.add(row)
    _note(
        session, running.alert, by, "answered",
        delivers=said.delivers, until=str(said.until or ""), affected=said.affected,
        note=row.note, cause=said.cause,
    )  # fmt: skip


def correct_address(
    session: Session, by: Speaker, alert_id: int, firm_id: int, email: str
) -> list[Told]:
    """Write to a firm that has not joined at another address; only who passed it on there can.

    Raises AlertNotFound, AlertOver, AddressInvalid, WritesRefused, AlertTooFar, AlertEnough.
    """
    running = reached(session, by.firm_id, alert_id, change=True)
    alerting.acknowledged(running.course, by.firm_id)  # nothing moves once it is over
    row = running.receipts.get(firm_id)
    if row is None or (by.firm_id, firm_id) not in running.course.passed:
        raise AlertTooFar
    if joined(session, [firm_id]) or row.answered_at:
        raise AlertTooFar
    known = address(email)
    if refused(session, known):
        raise WritesRefused
    if row.email == known and row.times_sent:
        return []
    _not_too_many(session, by.firm_id, 1)
    row.email, row.asked_by_id = known, by.firm_id
    _note(session, running.alert, by, "addressed")
    return [_written(session, row, firm_id, by.firm_id)]


def remind(session: Session, by: Speaker, alert_id: int) -> list[Told]:
    """Ask those again that have not answered: whoever raised it everybody, others whom they asked.

    Each is written to in the name of the firm from which it has the alert. Raises AlertNotFound,
    AlertOver, AlertRemindedLately, AlertEnough.
    """
    running = reached(session, by.firm_id, alert_id, change=True)
    alerting.acknowledged(running.course, by.firm_id)
    firms = silent(running, now())
    if by.firm_id != running.course.raiser:
        firms = [one for one in firms if running.receipts[one].asked_by_id == by.firm_id]
    told = written_again(session, running, firms)
    if not told:
        raise AlertRemindedLately
    _not_too_many(session, by.firm_id, 0)
    _note(session, running.alert, by, "reminded", firms=len(told))
    return told


def silent(running: Running, at: datetime) -> list[int]:
    """Firms that have not done what they are asked to do, and were left alone for long enough."""
    rest, course = alerting.RESTS[running.alert.urgency], running.course
    tiers, last = course.tiers(), timedelta(0)
    return [
        one
        for one, row in sorted(running.receipts.items())
        if one in course.reached
        and not (row.answered_at if _asked(course, tiers[one]) else row.acknowledged_at)
        and (row.sent_at is None or row.sent_at + rest - at <= last)
    ]


def written_again(session: Session, running: Running, firms: Collection[int]) -> list[Told]:
    """What is to be written to those of the firms that can be reached."""
    here = joined(session, firms)
    return [
        _written(session, row, one, row.asked_by_id or running.alert.by_id, here=one in here)
        for one in firms
        if one in here or (running.receipts[one].email and not running.receipts[one].link_used_at)
        for row in (running.receipts[one],)
        if one in here or not refused(session, row.email)
    ]


# --- its end


def resolve(session: Session, by: Speaker, alert_id: int, outcome: str) -> list[int]:
    """The firm that it comes from says that it is over; who is to hear of it, once all have.

    Nobody, as long as others still say that it comes from them, too. Raises AlertNotFound,
    AlertOver, AlertNotYours, AlertNamesFirm, NoteRefused.
    """
    running = reached(session, by.firm_id, alert_id, change=True)
    course = alerting.resolved(running.course, by.firm_id)
    names_nobody(session, by.firm_id, outcome)
    running.receipts[by.firm_id].resolved_at = now()
    session.add(running.receipts[by.firm_id])
    return _ended(session, running, by, course, outcome)


def withdraw(session: Session, by: Speaker, alert_id: int, outcome: str) -> list[int]:
    """The firm that raised it takes it back; who is to hear of it.

    Raises AlertNotFound, AlertOver, AlertNotYours, AlertNamesFirm, NoteRefused.
    """
    running = reached(session, by.firm_id, alert_id, change=True)
    course = alerting.withdrawn(running.course, by.firm_id)
    names_nobody(session, by.firm_id, outcome)
    return _ended(session, running, by, course, outcome)


def _ended(
    session: Session, running: Running, by: Speaker, course: Course, outcome: str
) -> list[int]:
    row = running.alert
    if course.state == "open":
        _note(session, row, by, "resolved", note=note_of(outcome))
        return []
    row.state, row.over_at, row.over_by_id = course.state, now(), by.firm_id
    row.outcome = note_of(outcome)
    session.add(row)
    _note(session, row, by, course.state, note=row.outcome)
    return sorted((course.reached | {course.raiser}) - {by.firm_id})


# --- firms that have not joined


def receipt_by_secret(session: Session, secret: str) -> AlertReceipt:
    """The receipt whose newest link holds that secret. Raises AlertLinkUnknown."""
    row = session.exec(
        select(AlertReceipt).where(AlertReceipt.token_hash == secret_hash(secret))
    ).first()
    if row is None:
        raise AlertLinkUnknown(alert="")
    return row


def answer_by_link(session: Session, secret: str, said: Answer | None) -> AlertReceipt:
    """Answer (None: only say that it was read) without an account. An answer uses the link up.

    Raises AlertLinkUnknown, AlertLinkUsed and what `answer` raises.
    """
    row = receipt_by_secret(session, secret)
    if row.link_used_at is not None:
        raise AlertLinkUsed
    by = Speaker(roots(session).get(row.firm_id, row.firm_id), LINK)
    if said is None:
        acknowledge(session, by, row.alert_id)
    else:
        answer(session, by, row.alert_id, said)
        row.link_used_at = now()
    session.add(row)
    session.flush()
    return row


def resolve_by_link(session: Session, secret: str, outcome: str) -> tuple[AlertReceipt, list[int]]:
    """The firm that it comes from says by its link that it is over: an answer leaves it that.

    Raises AlertLinkUnknown and what `resolve` raises.
    """
    row = receipt_by_secret(session, secret)
    by = Speaker(roots(session).get(row.firm_id, row.firm_id), LINK)
    if not row.cause or row.resolved_at:
        raise AlertNotYours
    return row, resolve(session, by, row.alert_id, outcome)


# --- what these rest on


def _asked(course: Course, tier: int) -> bool:
    return not course.asked or tier in course.asked


def _send(session: Session, running: Running, by: Speaker, to: Collection[int]) -> list[Told]:
    """Write down the steps that follow, and who is to hear of it by them."""
    before = running.course
    first = alerting.passed_on(before, by.firm_id, to)
    allowed: dict[int, bool] = {}

    def nexts(firm: int) -> set[int]:
        if firm not in allowed:
            allowed[firm] = bool(joined(session, [firm])) and goes_on_by_itself(session, firm)
        return (
            next_firms(session, firm, running.alert.direction, sure=True)
            if allowed[firm]
            else set()
        )

    course = alerting.gone_on(first, nexts)
    tiers = course.tiers()
    steps = sorted(course.passed - before.passed, key=lambda pair: (tiers[pair[0]], pair))
    new = course.reached - before.reached
    _not_too_many(session, by.firm_id, len(new))
    senders: dict[int, int] = {}
    for firm, other in steps:
        session.add(
            AlertPassing(
                alert_id=running.alert.id or 0,
                from_id=firm,
                to_id=other,
                by_itself=(firm, other) not in first.passed,
            )
        )
        if other in new:
            senders.setdefault(other, firm)
    if steps:
        _note(session, running.alert, by, "passed", firms=len(steps))
    running.course = course
    return _receipts(session, running, senders)


def _receipts(session: Session, running: Running, senders: dict[int, int]) -> list[Told]:
    """A receipt for each firm that has it now, and what to write to it."""
    here, told = joined(session, senders), []
    ways: dict[int, tuple[str, str, str]] = {}
    for sender in sorted(set(senders.values())):
        away = [firm for firm, by in senders.items() if by == sender and firm not in here]
        ways |= addresses(session, sender, away) if away else {}
    for firm, sender in sorted(senders.items()):
        email, contact, locale = ways.get(firm, ("", "", "ko"))
        row = AlertReceipt(
            alert_id=running.alert.id or 0,
            firm_id=firm,
            asked_by_id=sender,
            email=email,
            contact=contact,
            locale=locale,
        )
        session.add(row)
        running.receipts[firm] = row
        if firm in here or email:
            told.append(_written(session, row, firm, sender, here=firm in here))
    session.flush()
    return told


def _written(
    session: Session, row: AlertReceipt, firm_id: int, from_id: int, *, here: bool = False
) -> Told:
    """A mail goes out now; whatever link there was before is dead."""
    secret = None if here else secrets.token_urlsafe(32)
    if secret:
        row.token_hash, row.link_used_at = secret_hash(secret), None
    row.times_sent, row.sent_at = row.times_sent + 1, now()
    session.add(row)
    session.flush()
    return Told(row, firm_id, from_id, secret)


def _not_too_many(session: Session, firm_id: int, more: int) -> None:
    lately = (
        select(func.count())
        .select_from(AlertReceipt)
        .where(
            AlertReceipt.asked_by_id == firm_id,
            col(AlertReceipt.sent_at) > now() - timedelta(hours=24),
        )
    )
    if session.exec(lately).one() + more > MOST_A_DAY:
        raise AlertEnough(most=MOST_A_DAY)


def _note(session: Session, alert: Alert, by: Speaker, what: str, **detail: object) -> None:
    session.add(
        AlertEvent(
            alert_id=alert.id or 0, firm_id=by.firm_id, what=what, actor=by.actor, detail=detail
        )
    )
    session.flush()
