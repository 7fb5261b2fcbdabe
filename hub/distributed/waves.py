"""The worker's reconcilers of rollouts: steps are taken, orders carried out, lists kept signed."""

import logging
from typing import Any

from hub.distributed.cluster import is_local, note_at_hand, start_ray
from hub.distributed.preparing import prepare_on_ray, preparers
from hub.jobs import Every, Reconciler, holder_here, lease, still_ours
from hub.publishing import sign_image
from hub.steering import note_progress
from hub.wiring import Hub
from sharing.package import Order, Prepare, batches
from sharing.services import rollouts, steps
from sharing.tables import Rollout
from supplychain.tables import now

log = logging.getLogger(__name__)

_BATCH, _BATCH_SECONDS = 100, 1.0
# A worker that was killed keeps the others from its rollouts for as long; it is renewed every few
# seconds, also while Ray gives nothing back.
LEASE_SECONDS = 20.0
_held: list[str] = []


def tick_rollouts(hub: Hub, prepare: Prepare) -> bool:
    """Take the next step of every rollout that is at work; whether anything was carried out.

    One that fails is logged and tried again; the others go on.
    """
    with hub.db.reading() as session:
        numbers = rollouts.at_work(session)
    busy = False
    for number in numbers:
        try:
            busy = _tick_one(hub, number, prepare) or busy
        except Exception:  # one rollout that fails must not stop the others
            log.exception("rollout %s failed; it is tried again", number)
    return busy


def _tick_one(hub: Hub, number: int, prepare: Prepare) -> bool:
    name = lease_of(number)
    fence = lease(hub.db, name, holder_here(), LEASE_SECONDS)
    if fence is None:
        return False
    _held.append(name)
    try:
        orders = take_step(hub, number)
        return carry_out(hub, number, orders, prepare, (name, holder_here(), fence))
    finally:
        _held.remove(name)


def keep_leases(hub: Hub) -> bool:
    """Renew the leases under which this process is at work, whether or not answers come."""
    for name in _held:
        lease(hub.db, name, holder_here(), LEASE_SECONDS)
    return bool(_held)


def lease_of(number: int) -> str:
    """The name of a rollout's lease."""
    return f"rollout:{number}"


def take_step(hub: Hub, number: int) -> list[Order]:
    """The rollout's next step, and the orders that it gives."""
    with hub.db.work() as session:
        rollout = rollouts.rollout_by_id(session, number)
        before = rollout.state
        orders = steps.tick(session, rollout, now())
        if rollout.state != before:
            note_progress(session, rollout, "hub")
    return orders


def carry_out(
    hub: Hub, number: int, orders: list[Order], prepare: Prepare, ours: tuple[str, str, int]
) -> bool:
    """Let orders be done, and write down what came of them, batch by batch.

    Between two batches it stops where the lease (`ours`: its name, holder, fence) has changed
    hands, or where somebody has told the rollout to do something else: what is left is ordered
    anew, if it is still wanted. Whether there was anything to do.
    """
    name, holder, fence = ours
    state = _state(hub, number) if orders else ""
    for answers in batches(prepare(orders), _BATCH, _BATCH_SECONDS) if orders else ():
        lease(hub.db, name, holder, LEASE_SECONDS)
        with hub.db.work() as session:
            if not still_ours(session, name, fence):
                log.warning("rollout %s has changed hands; what was prepared is left to it", number)
                return True
            steps.record(session, answers, now())
        if _state(hub, number) != state:
            log.info("rollout %s was told otherwise; what is not begun is left", number)
            return True
    return bool(orders)


def join_rollouts(hub: Hub) -> bool:
    """Let sites that fit by now take part in running rollouts."""
    joined = 0
    with hub.db.reading() as session:
        numbers = rollouts.at_work(session)
    for number in [n for n in numbers if _state(hub, n) == "running"]:
        with hub.db.work() as session:
            joined += rollouts.join(session, rollouts.rollout_by_id(session, number), now())
    return joined > 0


def keep_signed(hub: Hub) -> bool:
    """Name what was published: a crash may have come between the rows and the signature."""
    before = hub.signing.statement()
    return sign_image(hub) != before


def renew_signed(hub: Hub) -> bool:
    """Sign anew what nears its end; half of its time is left then, days at least."""
    return hub.signing.renew() > 0


def _state(hub: Hub, number: int) -> str:
    with hub.db.reading() as session:
        row: Any = session.get(Rollout, number)
        return row.state if row else ""


def _rollouts_on_ray(hub: Hub) -> bool:
    if not is_local(hub):
        from hub.distributed.jobs import tick_jobs  # noqa: PLC0415 - it works with what is here

        return tick_jobs(hub)
    # Started at the first look, not at the first order: the first wave need not wait for it.
    start_ray(hub)
    preparers(hub)
    note_at_hand(hub)
    alive = Every(LEASE_SECONDS / 4, keep_leases)
    return tick_rollouts(hub, prepare_on_ray(hub, lambda: alive(hub)))


RECONCILERS = (
    Reconciler("signed metadata", Every(60, keep_signed)),
    Reconciler("signatures that near their end", Every(3600, renew_signed)),
    Reconciler("rollouts", _rollouts_on_ray),
    Reconciler("sites that join", Every(30, join_rollouts)),
)
