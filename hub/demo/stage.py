"""A whole hub of its own in a folder of its own: started, used, stopped; for demo and journeys."""

import random
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from hub.cli.up import children_of
from hub.migrations import upgrade
from hub.processes import Processes
from hub.settings import Settings
from hub.wiring import Hub, wire

# Below those that systems give away (Linux from 32,768, others from 49,152).
_QUIET_PORTS = range(20_000, 32_000)


@dataclass(frozen=True)
class Stage:
    """A running hub, and how long each of its parts took to come up, in seconds."""

    hub: Hub
    processes: Processes
    seconds: Mapping[str, float]

    @property
    def url(self) -> str:
        """Address of the pages."""
        return self.hub.settings.url


@contextmanager
def stage(folder: Path) -> Iterator[Stage]:
    """Start web, worker and JupyterHub on free ports with a new database; stop them after."""
    ports = free_ports(4)
    settings = Settings(
        data=folder,
        port=ports[0],
        labs_port=ports[1],
        labs_hub_port=ports[2],
        labs_proxy_port=ports[3],
        tick_seconds=0.3,
    )
    settings.data.mkdir(parents=True, exist_ok=True)
    upgrade(settings.database)
    with ExitStack() as stack:
        hub = wire(settings)
        stack.callback(hub.close)
        processes = Processes(children_of(hub), settings.data / "logs")
        stack.callback(processes.stop)
        began = time.monotonic()
        processes.start()
        seconds = {}
        for child in processes.children:
            processes.wait_ready(child.name)
            seconds[child.name] = round(time.monotonic() - began, 2)
        yield Stage(hub, processes, seconds)


def free_ports(count: int) -> list[int]:
    """Ports on which nothing listens now; all different.

    Not from the ones that the system gives to whoever asks for any: those would be taken by
    somebody else (Ray opens dozens) before the program that is to listen has come up.
    """
    found: list[int] = []
    for port in random.sample(_QUIET_PORTS, len(_QUIET_PORTS)):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            found.append(port)
        if len(found) == count:
            break
    return found
