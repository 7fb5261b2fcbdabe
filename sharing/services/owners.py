"""What an owner says of a plant: its time slot, what it measures, whether it tells of operators."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from sharing import rollout as rules
from sharing.agent.slot import Slot, zone_of
from sharing.consent_errors import SlotRefused
from sharing.consent_tables import OperatorsTold, SiteMeasures, TimeSlot
from sharing.tables import Delivery, Rollout

AHEAD = 45  # days for which a plant may keep a version waiting
_MOST = 200  # names of values that one site tells of


def slot_row(session: Session, site_id: int) -> TimeSlot | None:
    """The slot of a site, where its owner ever set one."""
    return session.exec(select(TimeSlot).where(TimeSlot.site_id == site_id)).first()


def slot_of(session: Session, site_id: int) -> dict[str, Any] | None:
    """What is signed into a site's assignments; None for any time."""
    row = slot_row(session, site_id)
    return row.slot if row is not None else None


def slots_of(session: Session, sites: Collection[int]) -> dict[int, dict[str, Any]]:
    """The same for many sites; those of any time are left out."""
    rows = session.exec(select(TimeSlot).where(col(TimeSlot.site_id).in_(sites)))
    return {row.site_id: row.slot for row in rows if row.slot}


def set_slot(
    session: Session, site_id: int, slot: Mapping[str, Any] | None, by: str, at: datetime
) -> TimeSlot:
    """When versions may begin to run at a site; None for any time. Raises SlotRefused.

    What is on its way there gets as much longer to report.
    """
    read = _read(slot, at)
    row = slot_row(session, site_id) or TimeSlot(site_id=site_id)
    told = read.written() if read else None
    if row.id is None or row.slot != told:
        row.slot, row.set_by, row.set_at = told, by, at
        session.add(row)
        session.flush()
        _wait_longer(session, site_id, read, at)
    return row


def _read(slot: Mapping[str, Any] | None, at: datetime) -> Slot | None:
    if slot is None:
        return None
    try:
        read = Slot.read(slot)
    except ValueError as error:
        raise SlotRefused(days=AHEAD) from error
    today = at.astimezone(zone_of(read.zone)).date()
    if read.not_before is not None and read.not_before > today + timedelta(days=AHEAD):
        raise SlotRefused(days=AHEAD)
    return read


def _wait_longer(session: Session, site_id: int, slot: Slot | None, at: datetime) -> None:
    rows = session.exec(
        select(Delivery, Rollout)
        .join(Rollout, col(Rollout.id) == Delivery.rollout_id)
        .where(Delivery.site_id == site_id, col(Delivery.state).in_(rules.ON_THE_WAY))
    )
    for delivery, rollout in rows:
        keep_waiting(delivery, rules.plan_from(rollout.plan), slot, at)


def wait_for_slot(session: Session, delivery: Delivery, plan: rules.Plan, at: datetime) -> None:
    """A version is ready at its plant and waits for the slot: its deadlines do, too."""
    keep_waiting(delivery, plan, _read(slot_of(session, delivery.site_id), at), at)


def keep_waiting(delivery: Delivery, plan: rules.Plan, slot: Slot | None, at: datetime) -> None:
    """A plant that waits for its slot is not silent: its time begins when the slot opens."""
    if slot is None or delivery.state not in rules.ON_THE_WAY or delivery.action != "install":
        return
    until = plan.heard_by(min(slot.opens(at), at + timedelta(days=AHEAD)))
    delivery.deadline = max(delivery.deadline or until, until)
    if delivery.arrive_by is not None:
        delivery.arrive_by = max(delivery.arrive_by, until)


def measures(session: Session, site_id: int) -> SiteMeasures | None:
    """Which values a site has and lacks, where its owner ever said so."""
    return session.exec(select(SiteMeasures).where(SiteMeasures.site_id == site_id)).first()


def tell_measures(
    session: Session, site_id: int, has: Iterable[str], lacks: Iterable[str], by: str, at: datetime
) -> SiteMeasures:
    """Say which of some values a site has, and which it lacks; what was said of others stays."""
    row = measures(session, site_id) or SiteMeasures(site_id=site_id)
    now_has, now_lacks = {*has}, {*lacks}
    said = now_has | now_lacks
    row.has = sorted({*row.has} - said | now_has)[:_MOST]
    row.lacks = sorted({*row.lacks} - said | (now_lacks - now_has))[:_MOST]
    row.told_by, row.told_at = by, at
    session.add(row)
    session.flush()
    return row


def operators(session: Session, firm_id: int) -> OperatorsTold | None:
    """Whether a firm tells of its certified people, where it ever said."""
    return session.exec(select(OperatorsTold).where(OperatorsTold.firm_id == firm_id)).first()


def tell_operators(
    session: Session, firm_id: int, competences: Collection[str], by: str, at: datetime
) -> OperatorsTold:
    """Let those whom the firm supplies know whether it has people with such certificates."""
    row = operators(session, firm_id) or OperatorsTold(firm_id=firm_id)
    row.tells, row.competences, row.set_by, row.at = True, sorted({*competences}), by, at
    session.add(row)
    session.flush()
    return row


def tell_operators_no_more(session: Session, firm_id: int, by: str, at: datetime) -> None:
    """Keep it to the firm again; nothing of it stays here."""
    row = operators(session, firm_id)
    if row is not None and row.tells:
        row.tells, row.competences, row.set_by, row.at = False, [], by, at
        session.flush()


def telling(session: Session) -> list[OperatorsTold]:
    """The firms that tell."""
    rows = select(OperatorsTold).where(col(OperatorsTold.tells)).order_by(col(OperatorsTold.id))
    return list(session.exec(rows))
