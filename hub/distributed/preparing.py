"""The actor that prepares sites' packages: one works on many at once, behind a window.

Answers come back as they are ready. Measured by others and by us: a task for each site costs a
process for each few.
"""

import asyncio
import itertools
import logging
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path
from time import monotonic
from typing import Any

from hub.distributed.cluster import is_local, note_at_hand, standing, start_ray
from hub.wiring import Hub
from sharing.package import Order, Packed, Packer, Prepare
from sharing.rollout import NOT_MADE

log = logging.getLogger(__name__)

_AT_ONCE = 64  # sites that the actor works on together
_WINDOW = 128  # sites that are handed out and not yet back
_PATIENCE = 300.0  # seconds in which one of all the sites that are handed out has to come back
_LOOK = 5.0  # seconds between two signs of life while nothing comes back
_ACTORS = 8  # on a cluster, at the most
_AGAIN = 3  # times that Ray brings an actor up again, and lets it do an order again
_SHARE = 0.1  # of a processor: the actor stands and waits most of the time


class Preparer:
    """The actor: a packer whose file work runs in threads, many sites at a time."""

    def __init__(self, data: str, bucket: str, endpoint: str) -> None:
        self._packer = Packer(Path(data), bucket, endpoint)

    async def pack(self, order: Order) -> Packed:
        """Do one order."""
        return await asyncio.to_thread(self._packer.pack, order)


def prepare_on_ray(hub: Hub, alive: Callable[[], object] = lambda: None) -> Prepare:
    """A map over orders that Ray carries out; answers come as they are ready, not in order.

    `alive` is called every few seconds, also while none is.
    """

    def prepare(orders: Iterable[Order]) -> Iterator[Packed]:
        start_ray(hub)
        import ray  # noqa: PLC0415 - costs a second; after the environment that start_ray sets

        def look() -> None:
            note_at_hand(hub)  # a long wave must not look like a Ray that is gone
            alive()

        try:
            yield from windowed(ray, preparers(hub), orders, look)
        except BaseException:
            # Dead, silent or not needed to the end: the next wave begins with a new one.
            dismiss()
            raise

    return prepare


def preparers(hub: Hub) -> list[Any]:
    """The actors, kept from wave to wave: a new process with all its imports costs seconds.

    One where Ray is ours; on a cluster one for each of its nodes, up to a few, and whichever goes
    with its node comes up on another one and begins again what it was at.
    """
    ray: Any = import_module("ray")

    data = str(hub.settings.data.resolve())
    if data not in standing:
        nodes = 1 if is_local(hub) else sum(bool(node["Alive"]) for node in ray.nodes())
        settings = hub.settings
        actor = ray.remote(Preparer).options(
            max_concurrency=_AT_ONCE,
            num_cpus=_SHARE,
            max_restarts=_AGAIN,
            max_task_retries=_AGAIN,
            scheduling_strategy="SPREAD",
        )
        standing[data] = [
            actor.remote(data, settings.store_url, settings.store_endpoint)
            for _ in range(min(max(nodes, 1), _ACTORS))
        ]
    return standing[data]


def dismiss() -> None:
    """End the actors of this process."""
    import ray  # noqa: PLC0415

    for actor in itertools.chain.from_iterable(standing.values()):
        ray.kill(actor)
    standing.clear()


def windowed(
    ray: Any, actors: list[Any], orders: Iterable[Order], look: Callable[[], object]
) -> Iterator[Packed]:
    """Hand orders out, never more than a window's worth, and give back what is ready."""
    waiting: dict[Any, Order] = {}
    for order, actor in zip(orders, itertools.cycle(actors), strict=False):
        waiting[actor.pack.remote(order)] = order
        if len(waiting) >= _WINDOW:
            yield from ready(ray, waiting, look)
    while waiting:
        yield from ready(ray, waiting, look)


def ready(
    ray: Any, waiting: dict[Any, Order], look: Callable[[], object] = lambda: None
) -> Iterator[Packed]:
    """Wait for one of what is handed out, and give it back.

    Raises TimeoutError where none comes for minutes, RayActorError where the actor is gone.
    """
    until = monotonic() + _PATIENCE
    while True:
        look()
        done, _ = ray.wait(list(waiting), num_returns=1, timeout=_LOOK)
        if done:
            break
        if monotonic() > until:
            # Too few processors, or a node that is gone: the worker has other work, and comes back.
            raise TimeoutError(f"Ray gave back none of {len(waiting)} sites in {_PATIENCE:g} s")
    for reference in done:
        order = waiting.pop(reference)
        try:
            yield ray.get(reference)
        except ray.exceptions.RayTaskError:
            log.exception("delivery %s could not be prepared", order.delivery_id)
            yield Packed(order.delivery_id, order.action, reason=NOT_MADE)
