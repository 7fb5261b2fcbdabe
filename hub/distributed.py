"""The only place that knows Ray: carries out what a wave asks for, and the worker's reconcilers.

A local Ray is started with an explicit address, on loopback, with a token, without a dashboard:
the dashboard's Jobs API would run any code for whoever reaches it. One async actor works on many
sites at once behind a window; results come back as they are ready and are written in batches by
the driver. Measured by others and by us: a task for each site costs a process for each few.
"""

import asyncio
import atexit
import itertools
import logging
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from importlib import import_module
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from hub.jobs import Every, Reconciler, holder_here, lease, still_ours
from hub.publishing import sign_image
from hub.risk_job import Compute, Spread
from hub.steering import note_progress
from hub.wiring import Hub, secret
from sharing.package import Order, Packed, Packer, Prepare, batches
from sharing.rollout import NOT_MADE
from sharing.services import rollouts, steps
from sharing.tables import Rollout
from supplychain.risk.network import Floats, Ints
from supplychain.tables import now

log = logging.getLogger(__name__)

_AT_ONCE = 64  # sites that the actor works on together
_WINDOW = 128  # sites that are handed out and not yet back
_PATIENCE = 300.0  # seconds in which one of all the sites that are handed out has to come back
_BATCH, _BATCH_SECONDS = 100, 1.0
_LEASE_SECONDS = 60.0
_START_SECONDS = 120.0  # in which a local Ray has to come up; on a busy machine it takes a minute
_OBJECT_STORE = 80 * 2**20
_SHARE = 0.1  # of a processor: the actor stands and waits most of the time
_standing: dict[str, Any] = {}  # the actor of this process, by data folder
_token: list[str] = []  # its file: Ray's core reads it once in a process, for all hubs there
_started_here = ""  # the folder of a local Ray that this process started


class Preparer:
    """The actor: a packer whose file work runs in threads, many sites at a time."""

    def __init__(self, data: str, bucket: str, endpoint: str) -> None:
        self._packer = Packer(Path(data), bucket, endpoint)

    async def pack(self, order: Order) -> Packed:
        """Do one order."""
        return await asyncio.to_thread(self._packer.pack, order)


def prepare_on_ray(hub: Hub) -> Prepare:
    """A map over orders that Ray carries out; answers come as they are ready, not in order."""

    def prepare(orders: Iterable[Order]) -> Iterator[Packed]:
        start_ray(hub)
        import ray  # noqa: PLC0415 - costs a second; after the environment that start_ray sets

        preparer = _preparer(hub)
        try:
            for answer in _windowed(ray, preparer, orders):
                _at_hand(hub)  # a long wave must not look like a Ray that is gone
                yield answer
        except BaseException:
            # Dead, silent or not needed to the end: the next wave begins with a new one.
            _dismiss()
            raise

    return prepare


def _preparer(hub: Hub) -> Any:
    """The actor, kept from wave to wave: a new process with all its imports costs seconds."""
    import ray  # noqa: PLC0415

    data = str(hub.settings.data.resolve())
    if data not in _standing:
        actor = ray.remote(Preparer).options(max_concurrency=_AT_ONCE, num_cpus=_SHARE)
        settings = hub.settings
        _standing[data] = actor.remote(data, settings.store_url, settings.store_endpoint)
    return _standing[data]


def _dismiss() -> None:
    import ray  # noqa: PLC0415

    for preparer in _standing.values():
        ray.kill(preparer)
    _standing.clear()


def _windowed(ray: Any, preparer: Any, orders: Iterable[Order]) -> Iterator[Packed]:
    waiting: dict[Any, Order] = {}
    for order in orders:
        waiting[preparer.pack.remote(order)] = order
        if len(waiting) >= _WINDOW:
            yield from _ready(ray, waiting)
    while waiting:
        yield from _ready(ray, waiting)


def _ready(ray: Any, waiting: dict[Any, Order]) -> Iterator[Packed]:
    done, _ = ray.wait(list(waiting), num_returns=1, timeout=_PATIENCE)
    if not done:
        # Too few processors, or a node that is gone: the worker has other work, and comes back.
        raise TimeoutError(f"Ray gave back none of {len(waiting)} sites in {_PATIENCE:g} s")
    for reference in done:
        order = waiting.pop(reference)
        try:
            yield ray.get(reference)
        except ray.exceptions.RayTaskError:
            log.exception("delivery %s could not be prepared", order.delivery_id)
            yield Packed(order.delivery_id, order.action, reason=NOT_MADE)


def over_ray(hub: Hub) -> Spread:
    """Figures of batches of firms as Ray tasks; two for each processor are under way at a time.

    Who stops listening ends what was not begun.
    """

    def spread(compute: Compute, told: Any, parts: list[Ints]) -> Iterator[tuple[Ints, Floats]]:
        start_ray(hub)
        ray: Any = import_module("ray")

        task = ray.remote(compute).options(num_cpus=1)
        network = ray.put(told)
        most = 2 * max(1, int(ray.cluster_resources().get("CPU", 1)))
        waiting: dict[Any, Ints] = {}
        coming = iter(parts)
        try:
            while True:
                for part in itertools.islice(coming, most - len(waiting)):
                    waiting[task.remote(network, part)] = part
                if not waiting:
                    return
                done, _ = ray.wait(list(waiting), num_returns=1, timeout=_PATIENCE)
                if not done:
                    raise TimeoutError(f"Ray gave back no batch of firms in {_PATIENCE:g} s")
                _at_hand(hub)  # a long computation must not look like a Ray that is gone
                yield waiting.pop(done[0]), ray.get(done[0])
        finally:
            for reference in waiting:
                ray.cancel(reference)

    return spread


def start_ray(hub: Hub) -> None:
    """Have Ray at hand: our own where HUB_RAY_ADDRESS is "local", else the cluster named there."""
    global _started_here  # noqa: PLW0603 - Ray itself is one for each process
    _quiet_environment(hub)
    import ray  # noqa: PLC0415 - reads the environment when it is imported

    if ray.is_initialized():
        return
    local = hub.settings.ray_address == "local"
    folder = _short_folder() if local else ""
    ours: dict[str, Any] = {
        "num_cpus": hub.settings.ray_cpus,
        "include_dashboard": False,
        "object_store_memory": _OBJECT_STORE,
        "_node_ip_address": "127.0.0.1",
        "_temp_dir": folder,
    }
    _started_here = folder or "elsewhere"
    atexit.register(stop_ray)
    try:
        with _signals_kept(), _on_loopback() if local else nullcontext():
            ray.init(
                address=hub.settings.ray_address,
                logging_level=logging.ERROR,
                log_to_driver=False,
                namespace="sangsaeng",
                **(ours if local else {}),
            )
    except BaseException:
        stop_ray()  # a busy machine may be too slow once; nothing half-started is left
        raise


def _short_folder() -> str:
    # The path of a Unix socket may have 107 characters, and Ray puts 79 of its own below this.
    usual = tempfile.gettempdir()
    fits = len(usual) <= 28 or os.name == "nt"
    return tempfile.mkdtemp(prefix="hub-ray-", dir=usual if fits else "/tmp")  # noqa: S108


def stop_ray() -> None:
    """Let go of Ray where this process took hold of it; a local one ends with that."""
    global _started_here  # noqa: PLW0603
    if _started_here:
        import ray  # noqa: PLC0415

        _standing.clear()  # the actor ends with the connection that made it
        ray.shutdown()
        shutil.rmtree(_started_here, ignore_errors=True)
        _started_here = ""


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
    name = f"rollout:{number}"
    fence = lease(hub.db, name, holder_here(), _LEASE_SECONDS)
    if fence is None:
        return False
    with hub.db.work() as session:
        rollout = rollouts.rollout_by_id(session, number)
        before = rollout.state
        orders = steps.tick(session, rollout, now())
        if rollout.state != before:
            note_progress(session, rollout, "hub")
    for answers in batches(prepare(orders), _BATCH, _BATCH_SECONDS) if orders else ():
        lease(hub.db, name, holder_here(), _LEASE_SECONDS)
        with hub.db.work() as session:
            if not still_ours(session, name, fence):
                log.warning("rollout %s has changed hands; what was prepared is left to it", number)
                return True
            steps.record(session, answers, now())
    return bool(orders)


def join_rollouts(hub: Hub) -> bool:
    """Let sites that fit by now take part in running rollouts."""
    joined = 0
    with hub.db.reading() as session:
        running = [n for n in rollouts.at_work(session) if _state(session, n) == "running"]
    for number in running:
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


def _state(session: Any, number: int) -> str:
    row = session.get(Rollout, number)
    return row.state if row else ""


def _rollouts_on_ray(hub: Hub) -> bool:
    # Started at the first look, not at the first order: the first wave need not wait for it.
    start_ray(hub)
    _preparer(hub)
    _at_hand(hub)
    return tick_rollouts(hub, prepare_on_ray(hub))


def _note_ray(hub: Hub) -> bool:
    lease(hub.db, "ray", holder_here(), _RAY_SECONDS)
    return False


# What hub.health reads: a lease that runs out soon after Ray, or this worker, is gone.
_RAY_SECONDS = 12.0
_at_hand = Every(_RAY_SECONDS / 3, _note_ray)

RECONCILERS = (
    Reconciler("signed metadata", Every(60, keep_signed)),
    Reconciler("signatures that near their end", Every(3600, renew_signed)),
    Reconciler("rollouts", _rollouts_on_ray),
    Reconciler("sites that join", Every(30, join_rollouts)),
)


def _quiet_environment(hub: Hub) -> None:
    if not _token:
        secret(hub.keys, "ray")
        _token.append(str((hub.keys / "ray").resolve()))
    os.environ.update(
        RAY_AUTH_MODE="token",
        RAY_AUTH_TOKEN_PATH=_token[0],
        RAY_USAGE_STATS_ENABLED="0",
        RAY_enable_metrics_collection="0",  # its port would be open to everyone, without a token
        RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO="0",
        RAY_DEDUP_LOGS="0",
    )


@contextmanager
def _on_loopback() -> Iterator[None]:
    """Let Ray listen on 127.0.0.1 alone, as it does on macOS and Windows, and come up slowly.

    On Linux it replaces that by the machine's own address and listens on all of them; there is no
    setting for it (ray/_private/services.py, resolve_ip_for_localhost; ray-project/ray#55484). Nor
    is there one for the half minute in which its node has to join (ray/_private/node.py).
    """
    from ray._private import services  # noqa: PLC0415

    resolve = services.resolve_ip_for_localhost
    find: Any = services.get_node
    until = monotonic() + _START_SECONDS

    def find_patiently(*told: Any) -> Any:
        while True:
            try:
                return find(*told)
            except RuntimeError:  # the node has not joined yet
                if monotonic() > until:
                    raise
                sleep(0.1)

    services.resolve_ip_for_localhost, services.get_node = (lambda host: host), find_patiently
    try:
        yield
    finally:
        services.resolve_ip_for_localhost, services.get_node = resolve, find


class _signals_kept:  # noqa: N801 - reads as a statement
    """Ray puts its own handler for SIGTERM in place; the worker's has to stay."""

    def __enter__(self) -> None:
        self._main = threading.current_thread() is threading.main_thread()
        names = (signal.SIGINT, signal.SIGTERM)
        self._before = {name: signal.getsignal(name) for name in names}

    def __exit__(self, *_: object) -> None:
        for name, handler in self._before.items() if self._main else ():
            signal.signal(name, handler)
