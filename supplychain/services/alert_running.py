"""An alert and the whole way it has gone, as the pure rules of supplychain.alerting take it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session, col, select

from supplychain import alerting
from supplychain.alert_errors import AlertNotFound
from supplychain.alert_tables import Alert, AlertPassing, AlertReceipt
from supplychain.alerting import Course
from supplychain.services.firms import batches
from supplychain.services.merging import roots


@dataclass
class Running:
    """An alert with everything that is known of its way; firms are those they were found to be."""

    alert: Alert
    course: Course
    receipts: dict[int, AlertReceipt]
    passed_at: dict[alerting.Pair, datetime] = field(default_factory=dict)


def reached(session: Session, firm_id: int, alert_id: int, *, change: bool = False) -> Running:
    """An alert that has reached a firm, or was raised by it.

    `change`: until the transaction ends it is nobody else's to change.

    Raises AlertNotFound for any other, whether there is such an alert or not.
    """
    wanted = select(Alert).where(Alert.id == alert_id)
    row = session.exec(wanted.with_for_update() if change else wanted).first()
    running = running_of(session, row) if row else None
    if running is None or firm_id not in running.receipts:
        raise AlertNotFound(alert=alert_id)
    return running


def running_of(session: Session, alert: Alert) -> Running:
    """An alert and its way, its firms as those that they were found to be."""
    same = roots(session)
    found: dict[int, AlertReceipt] = {}
    rows = select(AlertReceipt).where(AlertReceipt.alert_id == alert.id)
    for row in session.exec(rows.order_by(col(AlertReceipt.id))):
        one = same.get(row.firm_id, row.firm_id)
        if one not in found or row.firm_id == one:
            found[one] = row
    steps: dict[alerting.Pair, datetime] = {}
    passings = select(AlertPassing).where(AlertPassing.alert_id == alert.id)
    for step in session.exec(passings.order_by(col(AlertPassing.id))):
        pair = (same.get(step.from_id, step.from_id), same.get(step.to_id, step.to_id))
        if pair[0] != pair[1]:
            steps.setdefault(pair, step.at)
    return Running(alert, course_of(alert, found, steps, same), found, steps)


def course_of(
    alert: Alert,
    receipts: dict[int, AlertReceipt],
    steps: Iterable[alerting.Pair],
    same: dict[int, int] | None = None,
) -> Course:
    """What the rules need to know of it; `same`: firms that were found to be others."""
    return Course(
        raiser=(same or {}).get(alert.by_id, alert.by_id),
        asked=frozenset(alert.tiers),
        by_itself=alert.by_itself,
        passed=frozenset(steps),
        acknowledged=frozenset(one for one, row in receipts.items() if row.acknowledged_at),
        answered=frozenset(one for one, row in receipts.items() if row.answered_at),
        causes={one: bool(row.resolved_at) for one, row in receipts.items() if row.cause},
        state=alert.state,
    )


def alerts_of(session: Session, firm_id: int) -> list[tuple[Alert, AlertReceipt]]:
    """Every alert that a firm raised or got, the newest first."""
    selves = [firm_id, *(one for one, root in roots(session).items() if root == firm_id)]
    found: dict[int, tuple[Alert, AlertReceipt]] = {}
    for some in batches(selves):
        rows = (
            select(Alert, AlertReceipt)
            .join(AlertReceipt, col(AlertReceipt.alert_id) == Alert.id)
            .where(col(AlertReceipt.firm_id).in_(some))
        )
        for alert, row in session.exec(rows):
            if (alert.id or 0) not in found or row.firm_id == firm_id:
                found[alert.id or 0] = (alert, row)
    return sorted(found.values(), key=lambda pair: -(pair[0].id or 0))


def got_alert(session: Session, firm_id: int, alert_id: int) -> bool:
    """Whether a firm raised or got that alert."""
    same = roots(session)
    rows = select(AlertReceipt.firm_id).where(AlertReceipt.alert_id == alert_id)
    return any(same.get(one, one) == firm_id for one in session.exec(rows))
