"""The deliveries of a rollout in one go: counted, offered, moved, in a handful of statements.

A rollout may have ten thousand of them, and the worker looks again every other second.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    String,
    bindparam,
    case,
    insert,
    literal,
    or_,
    text,
    update,
)
from sqlalchemy.orm import aliased
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.util import identity_key
from sqlmodel import Session, col, exists, func, select

from sharing import rollout as rules
from sharing.errors import OfferClosed
from sharing.services.agreements import ENDED
from sharing.tables import Agreement, Delivery, DeliveryEvent, Rollout, SharedModel, Version, Wave
from sharing.terms import TERMS
from supplychain.services.firms import batches
from supplychain.tables import Site, UtcTime


def who_left() -> ColumnElement[bool]:
    """Of a delivery of a rollout that goes on: it ended because the agreement did.

    That is no error of the version, so gates do not count it.
    """
    asked = or_(col(Delivery.reason) == ENDED, col(Delivery.action) != "install")
    return col(Delivery.state).in_(rules.FAILED) & asked


def counts_of(session: Session, rollout: Rollout) -> dict[int, Counter[str]]:
    """Wave → state → how many deliveries, as gates count: who left has declined."""
    counted = case((who_left(), literal("declined")), else_=col(Delivery.state))
    rows = (
        select(col(Delivery.wave_id).label("wave"), counted.label("state"))
        .where(Delivery.rollout_id == rollout.id)
        .subquery()
    )
    found: dict[int, Counter[str]] = {}
    for wave, state, count in session.exec(
        select(rows.c.wave, rows.c.state, func.count()).group_by(rows.c.wave, rows.c.state)
    ):
        found.setdefault(wave, Counter())[state] = count
    return found


def in_states(session: Session, rollout: Rollout, states: Collection[str]) -> list[Delivery]:
    """The deliveries in these states, in order, kept from others until the transaction ends."""
    rows = (
        select(Delivery)
        .where(Delivery.rollout_id == rollout.id, col(Delivery.state).in_(states))
        .order_by(col(Delivery.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(session.exec(rows))


def out_of_time(session: Session, rollout: Rollout, at: datetime) -> list[Delivery]:
    """The deliveries whose deadline has passed, kept from others until the transaction ends."""
    rows = (
        select(Delivery)
        .where(Delivery.rollout_id == rollout.id, col(Delivery.deadline) <= at)
        .order_by(col(Delivery.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(session.exec(rows))


def note_orders(session: Session, rollout: Rollout, at: datetime) -> None:
    """Write down that who accepted is to be served: from now on a statement may be signed."""
    session.flush()
    rows = update(Delivery).where(
        col(Delivery.rollout_id) == rollout.id,
        col(Delivery.state) == "accepted",
        col(Delivery.ordered_at).is_(None),
    )
    session.exec(rows.values(ordered_at=at).execution_options(synchronize_session=False))


def followed(session: Session, rollout: Rollout) -> set[int]:
    """Deliveries whose site has had a later statement about the same model, of another delivery.

    The statements of a site are counted; what this rollout once said there no longer holds.
    """
    other = aliased(Delivery)
    model = session.get_one(Version, rollout.version_id).model_id
    later = (
        exists()
        .where(
            col(other.site_id) == col(Delivery.site_id),
            col(other.id) != col(Delivery.id),
            col(other.metadata_version) > col(Delivery.metadata_version),
            col(other.version_id).in_(select(Version.id).where(Version.model_id == model)),
        )
        .correlate(Delivery)
    )
    rows = select(Delivery.id).where(
        Delivery.rollout_id == rollout.id, col(Delivery.metadata_version) > 0, later
    )
    return {number for number in session.exec(rows) if number}


def move_many(
    session: Session,
    rows: Sequence[Delivery],
    state: str,
    at: datetime,
    *,
    by: str,
    reason: str = "",
    **values: Any,
) -> None:
    """What `deliveries.move` does, for many at once; `values` are set besides.

    Raises OfferClosed where one of them has no such way, before any is moved.
    """
    for row in rows:
        if not rules.may_move(row.state, state):
            raise OfferClosed(state=row.state)
    if not rows:
        return
    session.flush()
    reason = reason[:500]
    ids = [row.id or 0 for row in rows]
    changed = {"state": state, "reason": reason, "changed_at": at, **values}
    for some in batches(ids):
        _set(session, some, changed)
    for row in rows:
        for name, value in changed.items():
            set_committed_value(row, name, value)
    _note_events(session, ids, state, reason, at, by)


def offer_wave(session: Session, rollout: Rollout, wave: Wave, at: datetime) -> list[int]:
    """Offer the version to every site of a wave that was not asked yet; which deliveries.

    Behind each offer stands the provider's side of the agreement with the site's firm.
    """
    session.flush()
    asked = session.exec(
        select(Delivery.id, Site.firm_id)
        .join(Site, col(Site.id) == Delivery.site_id)
        .where(Delivery.wave_id == wave.id, Delivery.state == "scheduled")
        .order_by(col(Delivery.id))
    ).all()
    ids = [number for number, _ in asked if number]
    model = session.get_one(Version, rollout.version_id).model_id
    agree(session, model, {firm for _, firm in asked}, rollout.created_by, at)
    agreed = session.exec(
        select(Agreement.receiver_firm_id, Agreement.id).where(
            Agreement.model_id == model, Agreement.terms == TERMS
        )
    )
    by_firm = dict(agreed.all())
    deadline = rules.plan_from(rollout.plan).answer_by(at)
    if ids:
        # By number, row after row: a database that has not counted its rows yet plans worse.
        rows = update(Delivery).where(col(Delivery.id) == bindparam("number"))
        changed = {"state": "offered", "changed_at": at, "deadline": deadline}
        session.connection().execute(
            rows.values(agreement_id=bindparam("agreement"), **changed),
            [{"number": number, "agreement": by_firm[firm]} for number, firm in asked],
        )
    for number in ids:
        row = session.identity_map.get(identity_key(Delivery, number))
        if row is not None:
            session.expire(row)
    _note_events(session, ids, "offered", "", at, rollout.created_by)
    return ids


def raise_numbers(session: Session, above: int) -> None:
    """Let new deliveries have higher numbers than this one: its site knows it for good."""
    session.flush()
    connection = session.connection()
    told = {"above": above}
    if connection.dialect.name == "postgresql":
        name = "pg_get_serial_sequence('delivery', 'id')"
        next_ = f"SELECT setval({name}, greatest(nextval({name}), :above))"
        connection.execute(text(next_), told)
        return
    raised = text("UPDATE sqlite_sequence SET seq = max(seq, :above) WHERE name = 'delivery'")
    if not connection.execute(raised, told).rowcount:
        connection.execute(text("INSERT INTO sqlite_sequence VALUES ('delivery', :above)"), told)


def agree(session: Session, model_id: int, receivers: Iterable[int], by: str, at: datetime) -> None:
    """Let an agreement of the provider stand with every receiver; those that stand, stay."""
    there = session.exec(
        select(Agreement.receiver_firm_id).where(
            Agreement.model_id == model_id, Agreement.terms == TERMS
        )
    )
    missing = sorted(set(receivers) - set(there))
    if missing:
        usual = Agreement(
            model_id=model_id,
            provider_firm_id=session.get_one(SharedModel, model_id).firm_id,
            receiver_firm_id=0,
            terms=TERMS,
            provided_by=by,
            provided_at=at,
        ).model_dump(exclude={"id"})
        rows = [{**usual, "receiver_firm_id": receiver} for receiver in missing]
        session.connection().execute(insert(Agreement), rows)


def _set(session: Session, ids: Sequence[int], values: Mapping[str, Any]) -> None:
    # What the session holds of them is the caller's to bring up to date: it knows which.
    rows = update(Delivery).where(col(Delivery.id).in_(ids)).values(**values)
    session.exec(rows.execution_options(synchronize_session=False))


def _note_events(
    session: Session, ids: Sequence[int], state: str, reason: str, at: datetime, by: str
) -> None:
    # In the database itself: ten thousand rows that differ in their number alone.
    columns = ["delivery_id", "at", "state", "reason", "figures", "by"]
    told = (literal(value, type_) for value, type_ in (
        (at, UtcTime()), (state, String()), (reason, String()), ({}, JSON()), (by, String()),
    ))  # fmt: skip
    row = select(Delivery.id, *told)
    for some in batches(ids):
        rows = row.where(col(Delivery.id).in_(some)).order_by(col(Delivery.id))
        session.connection().execute(insert(DeliveryEvent).from_select(columns, rows))
