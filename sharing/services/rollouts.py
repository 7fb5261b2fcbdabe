"""Create a rollout, steer it, and take its next step (`tick`)."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from sqlmodel import Session, col, select

from sharing import rollout as rules
from sharing.audience import Audience, Candidate
from sharing.errors import NobodyFits, NotInThisState, RolloutNotFound, VersionWithdrawn
from sharing.manifest import Target
from sharing.package import Action, Order, Packed
from sharing.rollout import Plan
from sharing.services.audience import preview
from sharing.services.deliveries import move, offer, runs_at
from sharing.services.models import files_of
from sharing.tables import Delivery, Rollout, SharedModel, Version, Wave

HUB = "hub"


def create(
    session: Session,
    version: Version,
    lead_firm_id: int,
    by: str,
    *,
    name: str = "",
    audience: Audience | None = None,
    plan: Plan | None = None,
    key: str = "",
) -> Rollout:
    """A draft with its waves and deliveries. The same `key` again gives the same rollout.

    Raises VersionWithdrawn, NobodyFits.
    """
    existing = keyed(session, key)
    if existing is not None:
        return existing
    model = session.get_one(SharedModel, version.model_id)
    if version.state != "published":
        raise VersionWithdrawn(model=model.slug, version=version.number)
    audience, plan = audience or Audience(process=model.process), plan or Plan()
    fits = preview(session, version, lead_firm_id, audience).fits
    if not fits:
        raise NobodyFits
    rollout = Rollout(
        version_id=version.id or 0,
        lead_firm_id=lead_firm_id,
        name=(name.strip() or f"{model.slug} {version.number}")[:120],
        key=key or secrets.token_hex(16),
        audience=audience.model_dump(mode="json"),
        plan=plan.model_dump(mode="json"),
        created_by=by,
    )
    session.add(rollout)
    session.flush()
    for position, sites in enumerate(rules.shared_out(fits, plan.waves), start=1):
        wave = Wave(rollout_id=rollout.id or 0, position=position)
        session.add(wave)
        session.flush()
        _add(session, rollout, wave, sites)
    return rollout


def keyed(session: Session, key: str) -> Rollout | None:
    """The rollout that was made with that key; None for no key."""
    found = select(Rollout).where(Rollout.key == key)
    return session.exec(found).first() if key else None


def key_of(by: str, chosen: str) -> str:
    """The key of what somebody asks for twice; empty where they chose none.

    Their own name is in it: nobody meets another's rollout by choosing the same word.

    >>> key_of("u-1", "a") != key_of("u-2", "a"), len(key_of("u-1", "a" * 500)), key_of("u-1", "")
    (True, 64, '')
    """
    return sha256(f"{by}\n{chosen}".encode()).hexdigest() if chosen else ""


def rollout_by_id(session: Session, rollout_id: int) -> Rollout:
    """Raises RolloutNotFound."""
    row = session.get(Rollout, rollout_id)
    if row is None:
        raise RolloutNotFound(rollout=rollout_id)
    return row


def deliveries_of(session: Session, rollout: Rollout) -> list[Delivery]:
    """Every delivery, in order of waves and tiers."""
    rows = select(Delivery).where(Delivery.rollout_id == rollout.id)
    return list(session.exec(rows.order_by(col(Delivery.wave_id), col(Delivery.id))))


def waves_of(session: Session, rollout: Rollout) -> list[Wave]:
    """The waves in order."""
    rows = select(Wave).where(Wave.rollout_id == rollout.id)
    return list(session.exec(rows.order_by(col(Wave.position))))


def start(session: Session, rollout: Rollout, at: datetime) -> None:
    """Make the offers of the first wave. Raises NotInThisState, VersionWithdrawn."""
    version = session.get_one(Version, rollout.version_id)
    if version.state != "published":
        model = session.get_one(SharedModel, version.model_id)
        raise VersionWithdrawn(model=model.slug, version=version.number)
    _act(rollout, "start")
    rollout.started_at = at
    _open_next_wave(session, rollout, at)


def pause(rollout: Rollout, reason: str = "") -> None:
    """Prepare nothing more for now; what is on its way arrives. Raises NotInThisState."""
    _act(rollout, "pause", reason)


def resume(session: Session, rollout: Rollout) -> None:
    """Go on; errors so far do not pause it again. Raises NotInThisState."""
    _act(rollout, "resume")
    failed = sum(d.state in rules.FAILED for d in deliveries_of(session, rollout))
    plan = rules.plan_from(rollout.plan).model_copy(update={"forgiven": failed})
    rollout.plan = plan.model_dump(mode="json")
    for wave in waves_of(session, rollout):
        if wave.state == "error":
            wave.state = "running"


def stop(rollout: Rollout, reason: str = "") -> None:
    """Take back what has not arrived; what runs, runs on. Raises NotInThisState."""
    _act(rollout, "stop", reason)


def roll_back(rollout: Rollout, reason: str = "") -> None:
    """Let every site go back to the version that it ran before. Raises NotInThisState."""
    _act(rollout, "rollback", reason)


def steer(session: Session, rollout: Rollout, action: str, at: datetime, reason: str = "") -> None:
    """Start, pause, resume, stop or rollback, by name. Raises NotInThisState."""
    match action:
        case "start":
            start(session, rollout, at)
        case "resume":
            resume(session, rollout)
        case "pause":
            pause(rollout, reason)
        case "stop":
            stop(rollout, reason)
        case _:
            roll_back(rollout, reason)


def at_work(session: Session) -> list[int]:
    """The rollouts that a worker has to look at."""
    rows = select(Rollout.id).where(col(Rollout.state).in_(rules.AT_WORK))
    return [number for number in session.exec(rows.order_by(col(Rollout.id))) if number]


def tick(session: Session, rollout: Rollout, at: datetime) -> list[Order]:
    """Take the next step, and give the orders that have to be carried out for it.

    The answers come back to `record`; an order whose answer is lost is simply given again.
    """
    deliveries = deliveries_of(session, rollout)
    if rollout.state == "running":
        return _run_on(session, rollout, deliveries, at)
    if rollout.state == "stopping":
        return _take_back(session, rollout, deliveries, at)
    if rollout.state == "rolling_back":
        return _go_back(session, rollout, deliveries, at)
    return []


def record(session: Session, answers: Sequence[Packed], at: datetime) -> None:
    """Write down what came of orders. An answer that is overtaken by events changes nothing."""
    for answer in answers:
        delivery = session.get_one(Delivery, answer.delivery_id)
        if answer.reason:
            if rules.may_move(delivery.state, "failed"):
                move(session, delivery, "failed", at, by=HUB, reason=answer.reason)
            continue
        delivery.metadata_version = answer.statement
        if answer.action == "install":
            _prepared(session, delivery, answer, at)
        else:
            _reassigned(session, delivery, answer.action, at)


def join(session: Session, rollout: Rollout, at: datetime) -> int:
    """Let sites that have come to fit since take part in a running rollout; how many did."""
    if rollout.state != "running":
        return 0
    version = session.get_one(Version, rollout.version_id)
    audience = Audience.model_validate(rollout.audience)
    known = {d.site_id for d in deliveries_of(session, rollout)}
    fits = preview(session, version, rollout.lead_firm_id, audience).fits
    new = [site for site in fits if site.site_id not in known]
    open_waves = [w for w in waves_of(session, rollout) if w.state in ("running", "scheduled")]
    if not new or not open_waves:
        return 0
    for delivery in _add(session, rollout, open_waves[-1], new):
        if open_waves[-1].state == "running":
            offer(session, delivery, rollout, at)
    return len(new)


def _add(
    session: Session, rollout: Rollout, wave: Wave, sites: Sequence[Candidate]
) -> list[Delivery]:
    rows = [
        Delivery(
            rollout_id=rollout.id or 0,
            wave_id=wave.id or 0,
            site_id=site.site_id,
            version_id=rollout.version_id,
            tier=site.tier or 0,
        )
        for site in sites
    ]
    session.add_all(rows)
    session.flush()
    return rows


def _act(rollout: Rollout, action: str, reason: str = "") -> None:
    state = rules.moved(rollout.state, action)
    if state is None:
        raise NotInThisState(rollout=rollout.id, state=rollout.state)
    rollout.state, rollout.reason = state, reason[:300]


def _run_on(
    session: Session, rollout: Rollout, deliveries: list[Delivery], at: datetime
) -> list[Order]:
    for delivery in deliveries:
        late = rules.overdue(delivery.state, delivery.deadline, at)
        if late:
            move(session, delivery, late[0], at, by=HUB, reason=late[1])
            delivery.deadline = None
    _judge(session, rollout, deliveries, at)
    if rollout.state != "running":
        return []
    return [
        _order(session, d, "install", d.version_id) for d in deliveries if d.state == "accepted"
    ]


def _judge(session: Session, rollout: Rollout, deliveries: list[Delivery], at: datetime) -> None:
    plan = rules.plan_from(rollout.plan)
    waves = waves_of(session, rollout)
    for wave in waves:
        if wave.state != "running":
            continue
        mine = [d for d in deliveries if d.wave_id == wave.id]
        quiet = at - max((d.changed_at for d in mine), default=at - timedelta.resolution)
        found = rules.verdict(plan, (d.state for d in mine), quiet)
        if found == "error":
            wave.state = "error"
            _act(rollout, "pause", rules.TOO_MANY_FAILED)
            return
        if found == "finished":
            wave.state, wave.finished_at = "finished", at
    if all(wave.state == "finished" for wave in waves):
        if not any(d.state in (*rules.WAITING, *rules.ON_THE_WAY) for d in deliveries):
            _act(rollout, "finish")
            rollout.finished_at = at
    elif not any(wave.state == "running" for wave in waves):
        _open_next_wave(session, rollout, at)


def _open_next_wave(session: Session, rollout: Rollout, at: datetime) -> None:
    wave = next((w for w in waves_of(session, rollout) if w.state == "scheduled"), None)
    if wave is None:
        return
    wave.state, wave.started_at = "running", at
    for delivery in deliveries_of(session, rollout):
        if delivery.wave_id == wave.id and delivery.state == "scheduled":
            offer(session, delivery, rollout, at)


def _take_back(
    session: Session, rollout: Rollout, deliveries: list[Delivery], at: datetime
) -> list[Order]:
    _end_waiting(session, deliveries, rules.STOPPED, at)
    orders = [_undo(session, d) for d in deliveries if d.state in rules.ON_THE_WAY]
    if not orders:
        _act(rollout, "stopped", rollout.reason)
        rollout.finished_at = at
    return orders


def _go_back(
    session: Session, rollout: Rollout, deliveries: list[Delivery], at: datetime
) -> list[Order]:
    _end_waiting(session, deliveries, rules.WITHDRAWN, at)
    there = [d for d in deliveries if d.state in (*rules.ON_THE_WAY, *rules.SUCCEEDED)]
    for delivery in there:
        late = delivery.action != "install" and delivery.deadline and delivery.deadline <= at
        if late:
            move(session, delivery, "failed", at, by=HUB, reason=rules.SILENT)
            delivery.deadline = None
    there = [d for d in there if d.state not in rules.FAILED]
    if not there:
        _act(rollout, "rolled_back", rollout.reason)
        rollout.finished_at = at
    return [_undo(session, d) for d in there if d.action == "install"]


def _end_waiting(session: Session, deliveries: list[Delivery], reason: str, at: datetime) -> None:
    for delivery in deliveries:
        if delivery.state in rules.WAITING:
            move(session, delivery, "failed", at, by=HUB, reason=reason)
            delivery.deadline = None


def _undo(session: Session, delivery: Delivery) -> Order:
    # Newer signed metadata that names the older version, or none where there was none.
    if delivery.previous_version_id is None:
        return _order(session, delivery, "withdraw", None)
    return _order(session, delivery, "rollback", delivery.previous_version_id)


def _order(session: Session, delivery: Delivery, action: Action, version_id: int | None) -> Order:
    version = session.get_one(Version, version_id or delivery.version_id)
    model = session.get_one(SharedModel, version.model_id)
    files = files_of(session, version) if version_id else []
    return Order(
        delivery_id=delivery.id or 0,
        site_id=delivery.site_id,
        model=model.slug,
        version=version.number,
        action=action,
        files=tuple(
            Target(f"{model.slug}/{version.number}/{f.path}", f.sha256, f.length) for f in files
        ),
    )


def _prepared(session: Session, delivery: Delivery, answer: Packed, at: datetime) -> None:
    if delivery.state != "accepted":
        return
    version = session.get_one(Version, delivery.version_id)
    before = runs_at(session, delivery.site_id, version.model_id)
    if before is not None and before.version_id != delivery.version_id:
        delivery.previous_version_id = before.version_id
    plan = rules.plan_from(session.get_one(Rollout, delivery.rollout_id).plan)
    delivery.deadline = plan.heard_by(at)
    move(session, delivery, "prepared", at, by=HUB, figures=answer.figures)


def _reassigned(session: Session, delivery: Delivery, action: Action, at: datetime) -> None:
    rollout = session.get_one(Rollout, delivery.rollout_id)
    delivery.action = action
    if rollout.state == "stopping" and delivery.state in rules.ON_THE_WAY:
        move(session, delivery, "failed", at, by=HUB, reason=rules.STOPPED)
        delivery.deadline = None
    elif delivery.state in rules.ON_THE_WAY:
        move(session, delivery, "rolled_back", at, by=HUB, reason=rules.WITHDRAWN)
        delivery.deadline = None
    elif delivery.state in rules.SUCCEEDED:
        # the site has to go back itself, and says so; until then it runs what it ran
        delivery.deadline = rules.plan_from(rollout.plan).heard_by(at)
