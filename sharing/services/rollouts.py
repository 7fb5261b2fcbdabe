"""Create a rollout, steer it, let others join. Its next step is sharing.services.steps'."""

import secrets
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from sqlalchemy import insert
from sqlmodel import Session, col, select

from sharing import rollout as rules
from sharing.audience import Audience, Candidate
from sharing.errors import ModelPrivate, NobodyFits, RolloutNotFound, VersionWithdrawn
from sharing.key_errors import VersionAwaits
from sharing.rollout import Plan
from sharing.services import many
from sharing.services.approvals import act, wants_approval
from sharing.services.audience import preview
from sharing.services.deliveries import alone_with
from sharing.services.running import told_of
from sharing.tables import Delivery, Rollout, SharedModel, Version, Wave


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

    Where the firm wants a second person's yes, its plan says so, whatever it said before.
    Raises VersionWithdrawn, ModelPrivate, NobodyFits.
    """
    existing = keyed(session, key)
    if existing is not None:
        return existing
    model = _published(session, version)
    audience, plan = audience or Audience(process=model.process), plan or Plan()
    if wants_approval(session, lead_firm_id):
        plan = plan.model_copy(update={"approval": True})
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
    _published(session, session.get_one(Version, rollout.version_id))
    act(rollout, "start")
    rollout.started_at = at
    open_next_wave(session, rollout, at)


def pause(rollout: Rollout, reason: str = "") -> None:
    """Prepare nothing more for now; what is on its way arrives. Raises NotInThisState."""
    act(rollout, "pause", reason)


def resume(session: Session, rollout: Rollout) -> None:
    """Go on; errors so far do not pause it again. Raises NotInThisState."""
    act(rollout, "resume")
    plan = rules.plan_from(rollout.plan)
    counts = many.counts_of(session, rollout)
    for wave in waves_of(session, rollout):
        if wave.state == "scheduled":
            continue
        told = told_of(session, wave.id or 0) if plan.figures else []
        bad = {f"figure:{n}": rules.bad_sites(g, told)[1] for n, g in enumerate(plan.figures)}
        failed = counts.get(wave.id or 0, Counter())
        wave.forgiven = {"": sum(failed[state] for state in rules.FAILED), **bad}
        if wave.state == "error":
            wave.state = "running"


def stop(rollout: Rollout, reason: str = "") -> None:
    """Take back what has not arrived; what runs, runs on. Raises NotInThisState."""
    act(rollout, "stop", reason)


def roll_back(rollout: Rollout, reason: str = "") -> None:
    """Let every site go back to the version that it ran before. Raises NotInThisState."""
    act(rollout, "rollback", reason)
    rollout.finished_at = None


def steer(session: Session, rollout: Rollout, action: str, at: datetime, reason: str = "") -> bool:
    """Start, pause, resume, stop or rollback, by name; False where that was done before.

    Raises NotInThisState, VersionWithdrawn.
    """
    alone_with(session, rollout)
    if rollout.state in rules.DONE[action]:
        return False
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
    return True


def at_work(session: Session) -> list[int]:
    """The rollouts that a worker has to look at."""
    rows = select(Rollout.id).where(col(Rollout.state).in_(rules.AT_WORK))
    return [number for number in session.exec(rows.order_by(col(Rollout.id))) if number]


def join(session: Session, rollout: Rollout, at: datetime) -> int:
    """Let sites that have come to fit since take part in a running rollout; how many did."""
    if alone_with(session, rollout).state != "running":
        return 0
    open_waves = [w for w in waves_of(session, rollout) if w.state in ("running", "scheduled")]
    if not open_waves:
        return 0
    version = session.get_one(Version, rollout.version_id)
    audience = Audience.model_validate(rollout.audience)
    known = set(session.exec(select(Delivery.site_id).where(Delivery.rollout_id == rollout.id)))
    fits = preview(session, version, rollout.lead_firm_id, audience).fits
    new = [site for site in fits if site.site_id not in known]
    if not new:
        return 0
    _add(session, rollout, open_waves[-1], new)
    if open_waves[-1].state == "running":
        many.offer_wave(session, rollout, open_waves[-1], at)
    return len(new)


def open_next_wave(session: Session, rollout: Rollout, at: datetime) -> None:
    """Make the offers of the next wave, where there is one."""
    wave = next((w for w in waves_of(session, rollout) if w.state == "scheduled"), None)
    if wave is not None:
        wave.state, wave.started_at = "running", at
        many.offer_wave(session, rollout, wave, at)


def _published(session: Session, version: Version) -> SharedModel:
    model = session.get_one(SharedModel, version.model_id)
    if version.state == "awaiting":
        raise VersionAwaits(model=model.slug, version=version.number)
    if version.state != "published":
        raise VersionWithdrawn(model=model.slug, version=version.number)
    if model.visibility == "private":
        raise ModelPrivate(model=model.slug)
    return model


def _add(session: Session, rollout: Rollout, wave: Wave, sites: Sequence[Candidate]) -> None:
    usual = Delivery(
        rollout_id=rollout.id or 0, wave_id=wave.id or 0, site_id=0, version_id=rollout.version_id
    ).model_dump(exclude={"id"})
    session.flush()
    session.connection().execute(
        insert(Delivery),
        [{**usual, "site_id": site.site_id, "tier": site.tier or 0} for site in sites],
    )
