"""What the hub signed and its database has forgotten is written down again.

A database that was put back from a backup is behind: sites were told since what it does not know,
and run it. The signed lists are on another disk, and their numbers never go back. They were signed
after the owner's yes, so that they are believed: the delivery that a list names is taken up as
prepared, and what its site says next (it tells again what the database has lost) does the rest.
Nothing that runs is taken away, and nothing is installed a second time.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, select

from sharing import rollout as rules
from sharing.audience import Audience
from sharing.manifest import Target
from sharing.rollout import Plan
from sharing.services import many
from sharing.services.deliveries import alone_with, move
from sharing.tables import (
    Agreement,
    Delivery,
    Rollout,
    SharedModel,
    Version,
    Wave,
)  # fmt: skip
from sharing.terms import TERMS
from supplychain.tables import Site

HUB = "hub"
_NOBODY = Audience(tiers=(10**6,))  # nobody joins what is only written down again


class Named(NamedTuple):
    """A delivery that a site's signed list names."""

    delivery: int
    model: str
    version: str
    action: str


class Found(NamedTuple):
    """What became of what a list names: adopted, restored, unknown; nothing where it is known."""

    delivery: int
    what: str
    model: str
    version: str


def named_in(listed: Mapping[str, Target]) -> list[Named]:
    """The deliveries that a list names, in order.

    >>> custom = {"delivery": 7, "model": "m", "version": "1.0.0", "action": "install", "site": 1}
    >>> named_in({f"m/1.0.0/{f}": Target(f, "0" * 64, 1, custom) for f in "ab"})
    [Named(delivery=7, model='m', version='1.0.0', action='install')]
    """
    customs = [target.custom for target in listed.values() if target.custom]
    keys = ("delivery", "model", "version", "action")
    return sorted({Named(*(custom[key] for key in keys)) for custom in customs})


def recover(
    session: Session, site_id: int, listed: Mapping[str, Target], statement: int, at: datetime
) -> list[Found]:
    """Bring the deliveries of one site up to what its signed list says.

    `statement` is the list's number. What is in step already is left as it is; done twice, it is
    as good as once.
    """
    if session.get(Site, site_id) is None:
        return []
    named = named_in(listed)
    found = [
        Found(one.delivery, what, one.model, one.version)
        for one in named
        for what in (_one(session, site_id, one, statement, at),)
        if what
    ]
    return found + _no_more(session, site_id, {one.model for one in named}, statement, at)


def _one(session: Session, site_id: int, one: Named, statement: int, at: datetime) -> str:
    version = session.exec(
        select(Version)
        .join(SharedModel, col(SharedModel.id) == Version.model_id)
        .where(SharedModel.slug == one.model, Version.number == one.version)
    ).first()
    row = session.get(Delivery, one.delivery)
    if row is None:
        many.raise_numbers(session, one.delivery)
        if version is None:
            return "unknown"
        _write_down(session, site_id, one, version, statement, at)
        return "restored"
    if row.site_id != site_id:
        return "unknown"
    return _catch_up(session, row, one, statement, at)


def _catch_up(session: Session, row: Delivery, one: Named, statement: int, at: datetime) -> str:
    rollout = alone_with(session, session.get_one(Rollout, row.rollout_id))
    session.refresh(row, with_for_update=True)
    if one.action == "install":
        waits = row.state in (*rules.WAITING, "declined") and not row.metadata_version
        if not waits or rollout.state in ("stopping", "rolling_back"):
            return ""
        _arrived_at(session, rollout, row, statement, at)
        return "adopted"
    if row.action != "install" or not row.metadata_version or rollout.state == "rolling_back":
        return ""
    before = session.exec(
        select(Version.id)
        .join(SharedModel, col(SharedModel.id) == Version.model_id)
        .where(SharedModel.slug == one.model, Version.number == one.version)
    ).first()
    row.previous_version_id = before or row.previous_version_id
    _asked_back(session, rollout, row, "rollback", statement, at)
    return "adopted"


def _arrived_at(
    session: Session, rollout: Rollout, row: Delivery, statement: int, at: datetime
) -> None:
    """A delivery that was signed after all; its owner had agreed, or it would not have been."""
    plan = rules.plan_from(rollout.plan)
    if rollout.state in ("draft", "awaiting_approval", "ready", "finished", "stopped"):
        # It had been started. Whether it goes on is for people to say.
        rollout.state, rollout.reason = "paused", rules.PUT_BACK
        rollout.started_at = rollout.started_at or at
    wave = session.get_one(Wave, row.wave_id)
    if wave.state == "scheduled":
        wave.state, wave.started_at = "running", at
    if row.agreement_id is None:
        row.agreement_id = _agreement(session, row, rollout.created_by, at)
    for state in ("offered", "accepted", "prepared"):
        if rules.may_move(row.state, state):
            move(session, row, state, at, by=HUB, reason=rules.PUT_BACK)
    row.ordered_at = row.ordered_at or at
    row.metadata_version = max(row.metadata_version, statement)
    row.arrive_by = plan.arrive_by(at)
    row.deadline = min(plan.heard_by(at), row.arrive_by)


def _asked_back(
    session: Session, rollout: Rollout, row: Delivery, action: str, statement: int, at: datetime
) -> None:
    row.action, row.metadata_version = action, max(row.metadata_version, statement)
    if row.state in rules.ON_THE_WAY:
        row.deadline = None
        move(session, row, "failed", at, by=HUB, reason=rules.WITHDRAWN)
    elif row.state in rules.SUCCEEDED:
        row.deadline = rules.plan_from(rollout.plan).heard_by(at)


def _no_more(
    session: Session, site_id: int, named: set[str], statement: int, at: datetime
) -> list[Found]:
    """Models that a newer list does not name any more were taken from the site."""
    rows = session.exec(
        select(Delivery, SharedModel.slug, Version.number)
        .join(Version, col(Version.id) == Delivery.version_id)
        .join(SharedModel, col(SharedModel.id) == Version.model_id)
        .where(
            Delivery.site_id == site_id,
            Delivery.action == "install",
            col(Delivery.metadata_version).between(1, statement - 1),
            col(Delivery.state).in_((*rules.ON_THE_WAY, *rules.SUCCEEDED)),
            col(SharedModel.slug).not_in(named),
        )
        .order_by(col(Delivery.id))
    ).all()
    found = []
    for row, slug, number in rows:
        rollout = alone_with(session, session.get_one(Rollout, row.rollout_id))
        _asked_back(session, rollout, row, "withdraw", statement, at)
        found.append(Found(row.id or 0, "adopted", slug, number))
    return found


def _write_down(
    session: Session, site_id: int, one: Named, version: Version, statement: int, at: datetime
) -> None:
    """A delivery that the database has never heard of, under the number that its site knows."""
    rollout = _rollout_for(session, site_id, version, one.delivery, at)
    wave = session.exec(select(Wave).where(Wave.rollout_id == rollout.id)).one()
    row = Delivery(
        id=one.delivery,
        rollout_id=rollout.id or 0,
        wave_id=wave.id or 0,
        site_id=site_id,
        version_id=version.id or 0,
        changed_at=at,
    )
    session.add(row)
    session.flush()
    _arrived_at(session, rollout, row, statement, at)
    if one.action != "install":
        # All that is known is where it was to go back to: there it is, or will say so.
        row.previous_version_id = version.id
        _asked_back(session, rollout, row, one.action, statement, at)
    session.flush()


def _rollout_for(
    session: Session, site_id: int, version: Version, delivery: int, at: datetime
) -> Rollout:
    """A running rollout for what was written down again; it ends when its sites have spoken."""
    key = f"put back {version.id}"
    taken = select(Delivery.rollout_id).where(Delivery.site_id == site_id)
    rows = select(Rollout).where(
        col(Rollout.key).startswith(key, autoescape=True),
        Rollout.version_id == version.id,
        col(Rollout.state).in_(("running", "paused")),
        col(Rollout.id).not_in(taken),
    )
    known = session.exec(rows.order_by(col(Rollout.id))).first()
    if known is not None:
        return alone_with(session, known)
    model = session.get_one(SharedModel, version.model_id)
    made = Rollout(
        version_id=version.id or 0,
        lead_firm_id=model.firm_id,
        name=f"{model.slug} {version.number}",
        key=f"{key} {delivery}",
        # One of a version that was withdrawn would take it from where it runs: people decide.
        state="running" if version.state == "published" else "paused",
        reason=rules.PUT_BACK,
        audience=_NOBODY.model_dump(mode="json"),
        plan=Plan(error_share=1).model_dump(mode="json"),
        created_by=HUB,
        created_at=at,
        started_at=at,
    )
    session.add(made)
    session.flush()
    session.add(Wave(rollout_id=made.id or 0, position=1, state="running", started_at=at))
    session.flush()
    return made


def _agreement(session: Session, row: Delivery, by: str, at: datetime) -> int | None:
    model = session.get_one(Version, row.version_id).model_id
    firm = session.get_one(Site, row.site_id).firm_id
    many.agree(session, model, [firm], by, at)
    return session.exec(
        select(Agreement.id).where(
            Agreement.model_id == model,
            Agreement.receiver_firm_id == firm,
            Agreement.terms == TERMS,
        )
    ).first()
