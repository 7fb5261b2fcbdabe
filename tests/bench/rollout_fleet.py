"""Measures a thousand agents that take a model at once, against as many bare downloads of it.

    .venv/bin/python -m tests.bench.rollout_fleet [AGENTS MEGABYTES]

A hub of its own: web, and worker with Ray, as `hub up` starts them. Every agent has a folder and a
key of its own and does one round of `hub-agent`'s own code over HTTP: asks the hub, follows both
signed repositories from the root, fetches what both agree on, checks it, stores each step, makes
the version active, reports. The agents live in as many processes as there are processors, which
they share with the hub. Left out is the trial run in a process of its own, which the plant's PC
does and no hub waits for. "Bare" is a GET of the model's file alone, by the same processes from
the same server, before and after; what comes is thrown away. Meanwhile a person looks at pages.
"""

import os
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from sqlmodel import func, select

from hub.cli.up import children_of
from hub.processes import Processes
from hub.publishing import publish_bundle
from hub.wiring import Hub
from sharing.agent import run, update
from sharing.agent.enrol import Caller
from sharing.agent.fetch import Transport
from sharing.agent.home import Enrolment, Home, as_json, write_secret
from sharing.agent.state import State
from sharing.services import deliveries, models, rollouts
from sharing.tables import Agent, Delivery
from supplychain.tables import now
from tests import make
from tests.bench.rollout_made import SLUG, bundle, chain, hub_in, machine, model, weights
from tests.bench.upload import token

PROCESSES, THREADS = os.cpu_count() or 2, 16
PORT = int(os.environ.get("HUB_BENCH_PORT", "8870"))


class Part(NamedTuple):
    """What one process of agents did: how many got through, its processor time, each one's time."""

    done: int
    processor: float
    seconds: list[float]
    trouble: list[str]


def taken(folder: str) -> float:
    """One agent's round, from its question to its last report."""
    began = time.perf_counter()
    home = Home(Path(folder))
    with State(home.state) as state:
        run.once(home, state)
        steps = {one.step for one in state.progress().values()}
        if steps != {"committed"} or state.waiting():
            raise RuntimeError(f"{steps} {[one.reason for one in state.progress().values()]}")
    took = time.perf_counter() - began
    shutil.rmtree(home.folder / "bundles")  # a thousand plants have a thousand disks
    return took


def fetched(folder: str, path: str) -> float:
    """The bare download: one GET, signed as it has to be, and nothing done with what comes."""
    home = Home(Path(folder))
    began = time.perf_counter()
    transport = Transport(home.enrolment().url)
    try:
        answer = transport.open(transport.url + path, Caller(home, transport).signature)
        got = sum(len(piece) for piece in answer.stream(1 << 16))
        if answer.status != 200 or got != int(answer.headers["Content-Length"]):
            raise RuntimeError(f"status {answer.status}, {got} bytes")
    finally:
        transport.close()
    return time.perf_counter() - began


def part(folders: list[str], path: str) -> Part:
    """Some of the agents, several at a time; in a process of its own."""
    update.probe = lambda _: {}  # type: ignore[assignment] # the plant's own work
    job: Callable[[str], float] = partial(fetched, path=path) if path else taken
    before, seconds, trouble = time.process_time(), [], []
    with ThreadPoolExecutor(THREADS) as threads:
        for each in [threads.submit(job, folder) for folder in folders]:
            try:
                seconds.append(each.result())
            except Exception as error:  # noqa: BLE001 - counted, and told in the end
                trouble.append(repr(error)[:200])
    return Part(len(seconds), time.process_time() - before, seconds, trouble)


class Fleet:
    """The agents' processes and homes."""

    def __init__(self, folders: list[Path], pool: ProcessPoolExecutor) -> None:
        self._shares = [[str(f) for f in folders[n::PROCESSES]] for n in range(PROCESSES)]
        self._pool = pool
        list(pool.map(time.sleep, [0.5] * PROCESSES))  # all of them are there, with their imports

    def all(self, path: str = "") -> tuple[float, list[Part]]:
        """Everybody at once: wall time, and what each process did."""
        began = time.perf_counter()
        parts: list[Future[Part]] = [self._pool.submit(part, s, path) for s in self._shares]
        done = [each.result() for each in parts]
        return time.perf_counter() - began, done


def enrolled(hub: Hub, sites: list[int], folder: Path) -> list[Path]:
    """An agent for each site: its row at the hub, its folder with key and roots."""
    image, homes, rows = as_json(hub.signing.image_root()), [], []
    for number in sites:
        key = Ed25519PrivateKey.generate()
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        row = Agent(
            id=f"a-{number:016x}", site_id=number, public_key=public.decode().strip(), name="PC"
        )
        home = Home(folder / str(number))
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        write_secret(home.key, private)
        director = as_json(hub.signing.director_root(number))
        told = Enrolment(hub.settings.url, row.id, number, "본사 공장", "시험정공(주)", 15.0)
        home.enrolled(told, {"image": image, "director": director})
        rows.append(row)
        homes.append(home.folder)
    with hub.db.work() as session:
        session.add_all(rows)
    return homes


def accepted(hub: Hub, lead: int) -> int:
    """A running rollout whose every site has said yes; its number."""
    with hub.db.work() as session:
        version = models.version_of(session, SLUG)
        rollout = rollouts.create(session, version, lead, "publisher")
        rollouts.start(session, rollout, now())
        for delivery in rollouts.deliveries_of(session, rollout):
            deliveries.accept(session, delivery, "owner", now())
        return rollout.id or 0


def counted(hub: Hub, rollout: int, state: str) -> int:
    with hub.db.reading() as session:
        rows = select(func.count()).select_from(Delivery)
        return session.exec(
            rows.where(Delivery.rollout_id == rollout, Delivery.state == state)
        ).one()


@contextmanager
def started(hub: Hub) -> Iterator[dict[str, psutil.Process]]:
    """Web and worker, as `hub up` starts them."""
    # JupyterHub has no part in it.
    children = [child for child in children_of(hub) if child.name in ("web", "worker")]
    processes = Processes(children, hub.settings.data / "logs")
    try:
        processes.start()
        for child in children:
            processes.wait_ready(child.name)
        found = {c.name: psutil.Process(c.process.pid) for c in children if c.process}
        yield found
    finally:
        processes.stop()


def peak(process: psutil.Process) -> float:
    """The most memory that a process had since `forget_peak`, in MB."""
    text = Path(f"/proc/{process.pid}/status").read_text("ascii")
    return int(text.split("VmHWM:")[1].split()[0]) / 1024


def forget_peak(process: psutil.Process) -> None:
    Path(f"/proc/{process.pid}/clear_refs").write_text("5", "ascii")


def busy(process: psutil.Process) -> float:
    """Seconds of a processor so far."""
    return sum(process.cpu_times()[:2])


class Looking:
    """A person who looks at pages meanwhile, one after the other, and how long each took."""

    def __init__(self, hub: Hub, lead: int, paths: list[str]) -> None:
        user = make.person(hub, ("publisher", lead))
        self._url, self._paths = hub.settings.url, paths
        self._person = requests.Session()
        page = self._person.get(f"{self._url}/sign-in", timeout=60)
        data = {"email": user.email, "password": make.PASSWORD, "csrf_token": token(page.text)}
        self._person.post(f"{self._url}/sign-in", data=data, timeout=60)
        self._stop = threading.Event()

    def look(self, path: str) -> float:
        began = time.perf_counter()
        answer = self._person.get(self._url + path, timeout=60)
        if answer.status_code != 200 or "sign-in" in answer.url:
            raise RuntimeError(f"{path}: {answer.status_code} {answer.url}")
        return time.perf_counter() - began

    def at_rest(self, times: int = 7) -> dict[str, list[float]]:
        """Each page a few times, with nothing else going on."""
        return {path: [self.look(path) for _ in range(times)] for path in self._paths}

    @contextmanager
    def meanwhile(self) -> Iterator[dict[str, list[float]]]:
        """Page after page until the block ends."""
        found: dict[str, list[float]] = {path: [] for path in self._paths}

        def looks() -> None:
            while not self._stop.wait(0.2):
                for path in self._paths:
                    found[path].append(self.look(path))

        with ThreadPoolExecutor(1) as thread:
            looked = thread.submit(looks)
            try:
                yield found
            finally:
                self._stop.set()
                looked.result()


def measured(folder: Path, agents: int, megabytes: float) -> None:
    """Make all, run all, print the table."""
    homes_in = Path(tempfile.mkdtemp(prefix="hub-fleet-", dir=_memory()))
    try:
        with hub_in(folder, port=PORT, ray_cpus=1) as hub:
            lead, sites = chain(hub, agents)
            files = bundle("1.0.0", model(weights(megabytes, 1)))
            publish_bundle(hub, files, lead, "publisher")
            print(machine())
            homes = enrolled(hub, sites, homes_in)
            with started(hub) as processes, _pool() as pool:
                _rows(hub, lead, processes, Fleet(homes, pool), files)
    finally:
        shutil.rmtree(homes_in)


def _rows(
    hub: Hub,
    lead: int,
    processes: dict[str, psutil.Process],
    fleet: Fleet,
    files: dict[str, bytes],
) -> None:
    began = time.perf_counter()
    rollout = accepted(hub, lead)
    with hub.db.reading() as session:
        digest = models.file_named(session, SLUG, "1.0.0", "model.onnx").sha256
        agents = len(rollouts.deliveries_of(session, rollouts.rollout_by_id(session, rollout)))
    while counted(hub, rollout, "prepared") < agents:
        time.sleep(0.2)
        if time.perf_counter() - began > 600:
            raise TimeoutError("the worker has not prepared all sites")
    prepared = time.perf_counter() - began
    path = f"/tuf/targets/{SLUG}/1.0.0/{digest}.model.onnx"
    looking = Looking(hub, lead, ["/", f"/rollouts/{rollout}"])
    rest = looking.at_rest()
    for process in processes.values():
        forget_peak(process)
    memory = {name: each.memory_info().rss / 2**20 for name, each in processes.items()}
    bare = [fleet.all(path)]
    before = {name: busy(each) for name, each in processes.items()}
    with looking.meanwhile() as pages:
        took, parts = fleet.all()
    spent = {name: busy(each) - before[name] for name, each in processes.items()}
    bare.append(fleet.all(path))
    told = counted(hub, rollout, "committed")
    print(f"{agents:,} sites, {len(files['model.onnx']) / 1e6:.1f} MB, {PROCESSES} processes of "
          f"{THREADS} agents at a time\n\n| what | figure |\n|---|---|")  # fmt: skip
    plain = statistics.mean(seconds for seconds, _ in bare)
    each = [second for one in parts for second in one.seconds]
    clients = sum(one.processor for one in parts)
    lines = {
        f"{agents:,} agents, from the first question to the last report": f"{took:.1f} s",
        f"{agents:,} bare downloads, before and after": " and ".join(f"{s:.1f} s" for s, _ in bare),
        "times the bare time": f"{took / plain:.1f}",
        "versions active and reported": f"{told:,} of {agents:,}",
        "one agent among them, median and slowest": f"{statistics.median(each):.2f} s, "
        f"{max(each):.2f} s",
        "processor: agents, web, worker": f"{clients:.0f} s, {spent['web']:.0f} s, "
        f"{spent['worker']:.0f} s",
        "processor of the bare downloads: clients": f"{sum(p.processor for p in bare[0][1]):.0f} s",
        **{
            f"memory of {name}: before, at most": f"{memory[name]:.0f} MB, {peak(each):.0f} MB"
            for name, each in processes.items()
        },
        f"{agents:,} assignments signed by the worker over Ray": f"{prepared:.1f} s",
    }
    for path, name in (("/", "home page"), (f"/rollouts/{rollout}", "board")):
        lines[f"{name}, at rest"] = f"{statistics.median(rest[path]) * 1000:.0f} ms"
        lines[f"{name} meanwhile, median, p95, slowest"] = spread(pages[path])
    for name, figure in lines.items():
        print(f"| {name} | {figure} |")
    for trouble in [t for _, found in (*bare, (took, parts)) for one in found for t in one.trouble][
        :5
    ]:
        print("trouble:", trouble)


def spread(seconds: list[float]) -> str:
    """Median, the slowest but 5 %, the slowest."""
    ordered = sorted(seconds)
    chosen = (statistics.median(ordered), ordered[int(len(ordered) * 0.95)], ordered[-1])
    return ", ".join(f"{each * 1000:.0f} ms" for each in chosen)


def _pool() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn"))


def _memory() -> str | None:
    # A thousand plants have a thousand disks; here their folders lie in memory.
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def main(arguments: list[str]) -> None:
    """Measure in a folder that goes away."""
    told: list[Any] = [float(each) for each in arguments] + [1_000, 5][len(arguments) :]
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        measured(Path(folder), int(told[0]), told[1])


if __name__ == "__main__":
    main(sys.argv[1:])
