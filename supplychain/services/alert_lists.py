"""Alerts as lists: all that a firm has to do with, and whom it could send one to."""

from dataclasses import dataclass

from sqlmodel import Session

from supplychain.alert_tables import Alert, AlertReceipt
from supplychain.services.alert_running import alerts_of, running_of
from supplychain.services.alert_views import Next
from supplychain.services.alert_ways import addresses, joined, next_firms
from supplychain.services.consents import nameable_by
from supplychain.services.descriptions import described


@dataclass(frozen=True)
class Summary:
    """An alert in a list; `to_do`: "acknowledge", "answer", "pass" or "".

    `sender`: from whom the firm has it, "" where it may name nobody, or the alert is its own.
    """

    alert: Alert
    own: AlertReceipt
    raised: bool
    sender: str
    to_do: str

    def fits(self, state: str) -> bool:
        """Whether it belongs under a filter of the list."""
        return {
            "open": self.alert.state == "open",
            "over": self.alert.state != "open",
            "raised": self.raised,
            "to-do": bool(self.to_do),
        }.get(state, True)


def summaries(session: Session, firm_id: int) -> list[Summary]:
    """All of a firm's alerts: what waits for it first, then what is open, then the newest."""
    may, found, senders = nameable_by(session, firm_id), [], {}
    for alert, own in alerts_of(session, firm_id):
        running = running_of(session, alert)
        course = running.course
        raised = course.raiser == firm_id
        by = sorted(by for by, to in course.passed if to == firm_id)
        senders[alert.id] = next((one for one in by if one in may), 0)
        found.append(Summary(alert, own, raised, "", to_do(session, firm_id, alert)))
    names = described(session, firm_id, [one for one in senders.values() if one])
    told = [
        Summary(
            one.alert,
            one.own,
            one.raised,
            names[sender].name if (sender := senders[one.alert.id]) in names else "",
            one.to_do,
        )
        for one in found
    ]
    return sorted(told, key=lambda s: (not s.to_do, s.alert.state != "open", -(s.alert.id or 0)))


def to_do(session: Session, firm_id: int, alert: Alert) -> str:
    """What an open alert asks of a firm: "acknowledge", "answer", "pass" or nothing ("")."""
    if alert.state != "open":
        return ""
    running = running_of(session, alert)
    course, own = running.course, running.receipts[firm_id]
    if firm_id == course.raiser:
        return ""
    if own.acknowledged_at is None:
        return "acknowledge"
    if course.asks(firm_id) and own.answered_at is None:
        return "answer"
    onward = course.onward().get(firm_id, set())
    if not onward and course.goes_on_from(course.tiers()[firm_id]):
        back = {by for by, to in course.passed if to == firm_id} | {firm_id, course.raiser}
        if next_firms(session, firm_id, alert.direction) - back:
            return "pass"
    return ""


def recipients(session: Session, firm_id: int, direction: str) -> list[Next]:
    """Suppliers ("down") or customers ("up") to whom a firm can send an alert, by name."""
    nexts = next_firms(session, firm_id, direction)
    here, mails = joined(session, nexts), addresses(session, firm_id, nexts)
    names = described(session, firm_id, nexts)
    found = [
        Next(
            firm_id=one,
            name=names[one].name,
            way="here" if one in here else "mail" if one in mails else "none",
            passed=False,
        )
        for one in nexts
    ]
    return sorted(found, key=lambda each: (each.name, each.firm_id))
