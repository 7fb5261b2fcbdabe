"""Long computations on chains, worked off by the worker: in batches, resumable, stoppable."""

import logging
from collections.abc import Callable, Iterator
from typing import Any

from hub.jobs import Reconciler, holder_here, lease, release, still_ours
from hub.wiring import Hub
from supplychain.risk.errors import RiskError
from supplychain.risk.network import Floats, Ints
from supplychain.risk_tables import RiskRun
from supplychain.services import risk

log = logging.getLogger(__name__)

_LEASE_SECONDS = 120.0

Compute = Callable[[Any, Ints], Floats]
# Lets batches of firms fail: (the batch, figures of each of it), as they are ready.
Spread = Callable[[Compute, Any, list[Ints]], Iterator[tuple[Ints, Floats]]]


def here(compute: Compute, told: Any, parts: list[Ints]) -> Iterator[tuple[Ints, Floats]]:
    """In this process, one after the other."""
    for part in parts:
        yield part, compute(told, part)


def parts_of(left: Ints, links: int) -> list[Ints]:
    """Batches of about a second each, at a microsecond for each hundred links and firm."""
    size = max(2, min(2_000, 50_000_000 // max(links, 1)))
    return [left[start : start + size] for start in range(0, len(left), size)]


def work_off(
    hub: Hub, number: int, spread: Spread, tell: Callable[[int, int], None] = lambda *_: None
) -> bool:
    """Do what is left of a run; False where somebody else is at it."""
    name = f"risk:{number}"
    fence = lease(hub.db, name, holder_here(), _LEASE_SECONDS)
    if fence is None:
        return False
    try:
        _work_off(hub, number, spread, (name, fence), tell)
    except RiskError as error:
        with hub.db.work() as session:
            risk.end(session, session.get_one(RiskRun, number), "failed", str(error))
    finally:
        release(hub.db, name, fence)
    return True


def _work_off(
    hub: Hub,
    number: int,
    spread: Spread,
    ours: tuple[str, int],
    tell: Callable[[int, int], None],
) -> None:
    with hub.db.work() as session:
        work = risk.begin(session, session.get_one(RiskRun, number))
    if not len(work.left):
        return
    parts = parts_of(work.left, work.size)
    for part, found in spread(risk.COMPUTE[work.kind], work.told, parts):
        lease(hub.db, ours[0], holder_here(), _LEASE_SECONDS)
        with hub.db.work() as session:
            run = session.get(RiskRun, number, with_for_update=True)
            if run is None or not still_ours(session, *ours):
                return
            if not risk.note(session, run, work, part, found):
                return  # stopped
            tell(run.done, run.total)


def work_through(hub: Hub) -> bool:
    """Work the oldest run off, over Ray; whether there was one."""
    from hub.distributed import over_ray  # noqa: PLC0415 - Ray only where there is work for it

    with hub.db.reading() as session:
        numbers = risk.due(session)
    return any(work_off(hub, number, over_ray(hub)) for number in numbers[:1])


RECONCILERS = (Reconciler("risk", work_through),)
