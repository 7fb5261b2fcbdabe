"""Measures 200 agents on slow lines that fetch a 40 MB model at the same time: memory, pages.

    .venv/bin/python -m tests.bench.rollout_lines [LINES MEGABYTES]

A hub's web process as `hub up` starts it. Each line asks for the file and reads 64 kB in every
second, a fifth of them nothing at all after the first bytes, and a tenth sends half a question and
no more. Meanwhile a person looks at the home page, and at the end one more agent, on a fast line,
fetches the file. The store is a folder; its copy for sending was not made before.
"""

import socket
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from hub.cli.up import children_of
from hub.distributed import tick_rollouts
from hub.processes import Processes
from hub.publishing import publish_bundle
from hub.wiring import Hub
from sharing.agent.enrol import Caller
from sharing.agent.fetch import Transport
from sharing.agent.home import Home
from sharing.package import prepare_here
from sharing.services import models
from tests.bench.rollout_fleet import Looking, accepted, enrolled, fetched, peak, spread
from tests.bench.rollout_made import SLUG, bundle, chain, hub_in, machine, model, weights

SECONDS = 20.0
PORT = 8871


class Line:
    """A plant's slow line."""

    def __init__(self, home: Path, path: str, number: int) -> None:
        agent = Home(home)
        transport = Transport(agent.enrolment().url)
        head = "".join(f"{n}: {v}\r\n" for n, v in Caller(agent, transport).signature().items())
        where = urlsplit(transport.url)
        self.came, self._silent, self._half = 0, number % 5 == 1, number % 10 == 2
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        self._socket.settimeout(60)
        self._socket.connect((where.hostname, where.port))
        asked = f"GET {path} HTTP/1.1\r\nHost: {where.netloc}\r\n{head}"
        self._socket.sendall((asked if self._half else f"{asked}\r\n").encode())

    def read(self) -> None:
        """What comes in this second, if anybody looks."""
        if self._half or (self._silent and self.came):
            return
        self.came += len(self._socket.recv(64 * 1024))

    def close(self) -> None:
        self._socket.close()


def measured(hub: Hub, folder: Path, count: int, megabytes: float) -> None:
    """Make all, run all, print the table."""
    lead, sites = chain(hub, count + 1)
    publish_bundle(hub, bundle("1.0.0", model(weights(megabytes, 1))), lead, "publisher")
    homes = enrolled(hub, sites, folder / "homes")
    accepted(hub, lead)
    tick_rollouts(hub, prepare_here(hub.settings.data))
    with hub.db.reading() as session:
        file = models.file_named(session, SLUG, "1.0.0", "model.onnx")
        path = f"/tuf/targets/{SLUG}/1.0.0/{file.sha256}.model.onnx"
    web = next(child for child in children_of(hub) if child.name == "web")
    processes = Processes([web], hub.settings.data / "logs")
    try:
        processes.start()
        processes.wait_ready("web")
        _rows(hub, lead, psutil.Process(web.process.pid if web.process else 0), homes, path)
    finally:
        processes.stop()


def _rows(hub: Hub, lead: int, web: psutil.Process, homes: list[Path], path: str) -> None:
    looking = Looking(hub, lead, ["/"])
    looking.at_rest()
    before = web.memory_info().rss / 2**20
    began = time.perf_counter()
    lines = [Line(home, path, number) for number, home in enumerate(homes[:-1])]
    with looking.meanwhile() as pages:
        while time.perf_counter() - began < SECONDS:
            for line in lines:
                line.read()
            time.sleep(max(0.0, 1.0 - (time.perf_counter() - began) % 1.0))
        open_lines = len(web.net_connections("tcp")) - 1
        fast = fetched(str(homes[-1]), path)
    for name, figure in (
        ("lines open at a time", f"{open_lines}"),
        ("bytes that came over all of them", f"{sum(line.came for line in lines) / 1e6:.0f} MB"),
        ("memory of web: before, at most", f"{before:.0f} MB, {peak(web):.0f} MB"),
        ("home page meanwhile, median, p95, slowest", spread(pages["/"])),
        ("the same file on a fast line, meanwhile", f"{fast:.2f} s"),
    ):
        print(f"| {name} | {figure} |")
    for line in lines:
        line.close()


def main(arguments: list[str]) -> None:
    """Measure in a folder that goes away."""
    told = [float(each) for each in arguments] + [200, 40][len(arguments) :]
    print(machine())
    print(f"\n| {int(told[0])} slow lines, {told[1]:g} MB | figure |\n|---|---|")
    with (
        tempfile.TemporaryDirectory(prefix="hub-bench-") as folder,
        hub_in(Path(folder), port=PORT) as hub,
    ):
        measured(hub, Path(folder), int(told[0]), told[1])


if __name__ == "__main__":
    main(sys.argv[1:])
