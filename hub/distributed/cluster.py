"""Ray at hand: our own where HUB_RAY_ADDRESS is "local", else the cluster that it names.

A local Ray is started with an explicit address, on loopback, with a token, without a dashboard:
the dashboard's Jobs API would run any code for whoever reaches it.
"""

import atexit
import logging
import os
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import IO, Any

from hub.distributed import leftovers
from hub.jobs import Every, holder_here, lease
from hub.wiring import Hub, secret

_START_SECONDS = 120.0  # in which a local Ray has to come up; on a busy machine it takes a minute
_OBJECT_STORE = 80 * 2**20
standing: dict[str, list[Any]] = {}  # the actors of this process, by data folder
_token: list[str] = []  # its file: Ray's core reads it once in a process, for all hubs there

# What hub.health reads: a lease that runs out soon after Ray, or this worker, is gone.
_RAY_SECONDS = 12.0


@dataclass
class _Here:
    """The Ray that this process took hold of; a local one lives in `folder`."""

    held: bool = False
    folder: Path | None = None
    lock: IO[bytes] | None = None


_here = _Here()


def is_local(hub: Hub) -> bool:
    """Whether the hub brings its own Ray."""
    return hub.settings.ray_address == "local"


def start_ray(hub: Hub) -> None:
    """Have Ray at hand. What a worker that was killed left of its own is cleared away first."""
    environment(hub)
    import ray  # noqa: PLC0415 - reads the environment when it is imported

    if ray.is_initialized():
        return
    local = is_local(hub)
    atexit.register(stop_ray)
    _here.held = True
    if local:
        leftovers.clear()
        _here.folder, _here.lock = leftovers.new_folder()
    ours: dict[str, Any] = {
        "num_cpus": hub.settings.ray_cpus,
        "include_dashboard": False,
        "object_store_memory": _OBJECT_STORE,
        "_node_ip_address": "127.0.0.1",
        "_temp_dir": str(_here.folder),
    }
    try:
        with _signals_kept(), reached(hub.settings.ray_address):
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


def stop_ray() -> None:
    """Let go of Ray where this process took hold of it; a local one ends with that."""
    if not _here.held:
        return
    import ray  # noqa: PLC0415

    standing.clear()  # the actors end with the connection that made it
    ray.shutdown()
    if _here.folder is not None:
        shutil.rmtree(_here.folder, ignore_errors=True)
    if _here.lock is not None:
        _here.lock.close()
    _here.held, _here.folder, _here.lock = False, None, None


def environment(hub: Hub) -> None:
    """What Ray's core reads from the environment, before it is imported.

    A cluster has a token of its own: the operator's RAY_AUTH_TOKEN or RAY_AUTH_TOKEN_PATH, or the
    file `ray` in the folder of keys.
    """
    given = not is_local(hub) and ("RAY_AUTH_TOKEN" in os.environ or not _ours())
    if not given:
        if not _token:
            secret(hub.keys, "ray")
            _token.append(str((hub.keys / "ray").resolve()))
        os.environ["RAY_AUTH_TOKEN_PATH"] = _token[0]
    os.environ.update(
        RAY_AUTH_MODE="token",
        RAY_USAGE_STATS_ENABLED="0",
        RAY_enable_metrics_collection="0",  # its port would be open to everyone, without a token
        RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO="0",
        RAY_DEDUP_LOGS="0",
    )


def _ours() -> bool:
    """Whether the token's path in the environment is of our making, or there is none."""
    return os.environ.get("RAY_AUTH_TOKEN_PATH", "") in ("", *_token)


def _note_ray(hub: Hub) -> bool:
    lease(hub.db, "ray", holder_here(), _RAY_SECONDS)
    return False


note_at_hand = Every(_RAY_SECONDS / 3, _note_ray)


def reached(address: str) -> AbstractContextManager[None]:
    """What it takes to reach a Ray at this address: on loopback, `on_loopback`."""
    here = address == "local" or address.startswith(("127.0.0.1:", "localhost:"))
    return on_loopback() if here else nullcontext()


@contextmanager
def on_loopback() -> Iterator[None]:
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
