"""Measures what README's table "Where the chain breaks" says, beside its peers, in one run.

    .venv/bin/python -m tests.bench.risk [--quick] [--only rows|esri|ray]

Times are processor times (time.thread_time; for Ray, the clock), so that a busy machine disturbs
them less; the load is printed with them. Needs `pip install -e '.[bench]'` for the peers; one that
is not installed is left out by name. Nothing is asserted except that all say the same.
"""

import argparse
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench import risk_peers
from tests.bench.risk_network import scale_free, tangled


def timed(
    work: Callable[[], Any], clock: Callable[[], float] = time.thread_time
) -> tuple[Any, float]:
    """(what it gives, seconds)."""
    began = clock()
    found = work()
    return found, clock() - began


# --- tiers from database rows: each peer in a process of its own, for its peak of memory


def filled(folder: Path, firms: int, links: int) -> Path:
    """A database of the hub's own tables with so many links."""
    from hub.migrations import upgrade

    file = folder / "hub.sqlite"
    upgrade(f"sqlite:///{file}")
    net = scale_free(firms, links)
    base = sqlite3.connect(file)
    firm = "INSERT INTO firm (id, name, name_key, country, region, sector, process, created_at) "
    names = ((n + 1, name) for n, name in enumerate(net.firms))
    base.executemany(firm + "VALUES (?, ?, '', 'KR', '', '', '', '2026-01-01')", names)
    link = "INSERT INTO link (supplier_id, buyer_id, told_supplier_id, told_buyer_id, item, "
    ends = np.stack([net.supplier, net.buyer, net.supplier, net.buyer]).T + 1
    base.executemany(
        link + "standing, since) VALUES (?, ?, ?, ?, 'part', 'open', '2026-01-01')", ends.tolist()
    )
    base.commit()
    base.close()
    return file


def one_peer(name: str, file: str) -> None:
    """Rows → graph → tiers of firm 1, by one library; printed for the parent."""
    peer = risk_peers.PEERS[name]
    peer.warm()
    before = risk_peers.peak_megabytes()
    rows, fetch = timed(lambda: peer.fetch(file))
    graph, build = timed(lambda: peer.build(rows))
    tiers, walk = timed(lambda: peer.tiers(graph, 1))
    peak = risk_peers.peak_megabytes() - before
    print(fetch, build, walk, peak, *np.bincount(tiers[tiers >= 0])[:8])


def rows(quick: bool) -> None:
    """The table of tiers."""
    firms, links = (10_000, 100_000) if quick else (100_000, 1_000_000)
    print(f"\ntiers from database rows, {firms:,} firms, {links:,} links, SQLite")
    print(f"{'':12}  rows s  graph s  tiers s  all s  MB more  firms in tiers 0, 1, 2 …")
    with tempfile.TemporaryDirectory() as folder:
        file = filled(Path(folder), firms, links)
        for name, peer in risk_peers.PEERS.items():
            if any(find_spec(needed) is None for needed in peer.needs):
                print(f"{name:12}  not installed")
                continue
            command = [sys.executable, "-m", "tests.bench.risk", "--peer", name, str(file)]
            told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            fetch, build, walk, peak, *counts = told.split()
            a, b, c = float(fetch), float(build), float(walk)
            print(
                f"{name:12}  {a:6.3f}  {b:7.3f}  {c:7.3f}  {a + b + c:5.2f}  {float(peak):7.0f}  "
                + " ".join(counts)
            )


def cuts(quick: bool) -> None:
    """All chokepoints of the same network."""
    import networkx as nx

    from supplychain.risk.reach import behind
    from supplychain.risk.reach import cuts as found_by_us

    firms, links = (10_000, 100_000) if quick else (100_000, 1_000_000)
    net = scale_free(firms, links)
    found_by_us(behind(net.supplier[:50], net.buyer[:50]), int(net.buyer[0]))
    ours, seconds = timed(lambda: found_by_us(behind(net.supplier, net.buyer), 0))
    pairs = list(zip(net.buyer.tolist(), net.supplier.tolist(), strict=True))
    theirs, longer = timed(lambda: nx.immediate_dominators(nx.DiGraph(pairs), 0))
    firm_of = ours.net.numbers[ours.order]
    same = all(theirs[f] == firm_of[o] for f, o in zip(firm_of[1:], ours.over[1:], strict=True))
    print(f"\nchokepoints from the same links: hub {seconds:.2f} s, networkx {longer:.2f} s")
    print(f"  {len(ours.worst):,} chokepoints, the same as networkx: {same}")


# --- ESRI


def esri(quick: bool) -> None:
    """Milliseconds for each failing firm on one worker, and what a plain reference says."""
    from supplychain.risk.esri import esri_at, shares

    firms = 2_000 if quick else 10_000
    esri_at(shares(scale_free(200, 1_000)), np.arange(20))
    for name, net in (("scale-free", scale_free(firms, 8 * firms)), ("tangled", tangled(firms))):
        told, before = timed(lambda net=net: shares(net))
        found, seconds = timed(lambda told=told, net=net: esri_at(told, np.arange(len(net.firms))))
        some = np.random.default_rng(1).choice(firms, 40, replace=False)
        plain, slow = timed(lambda net=net, some=some: risk_peers.esri_plain(net, some))
        print(
            f"\nESRI of all {firms:,} firms, {len(net.weight):,} links, {name}: "
            f"{1000 * seconds / firms:.3f} ms each (and {before:.2f} s once); "
            f"scipy.sparse {1000 * slow / len(some):.1f} ms each; "
            f"largest difference {abs(found[some] - plain).max():.1e}"
        )
    if not quick:
        net = scale_free(100_000, 1_000_000)
        told, before = timed(lambda: shares(net))
        largest = np.argsort(-net.sold)[:1000]
        _, seconds = timed(lambda: esri_at(told, largest))
        print(
            f"\nESRI of the 1,000 largest of 100,000 firms, 1,000,000 links: {seconds:.1f} ms each "
            f"(and {before:.2f} s once)"
        )


def ray(quick: bool) -> None:
    """The same by one and by two Ray workers: the clock, with the batches of the worker."""
    from hub.distributed import over_ray, stop_ray
    from hub.migrations import upgrade
    from hub.risk_job import parts_of
    from hub.settings import Settings
    from hub.wiring import wire
    from supplychain.risk.esri import esri_at, shares

    net = tangled(2_000 if quick else 10_000)
    told, spent = shares(net), []
    with tempfile.TemporaryDirectory() as folder:
        # One folder for both: Ray reads its token once for each process.
        settings = Settings(data=Path(folder) / "var")
        settings.data.mkdir()
        upgrade(settings.database)
        for workers in (1, 2):
            hub = wire(settings.model_copy(update={"ray_cpus": workers}))
            parts = parts_of(np.arange(len(net.firms)), len(net.weight))
            spread = over_ray(hub)
            try:
                # The workers come up, and read the compiled code.
                list(spread(esri_at, told, parts[:2]))
                begun = time.perf_counter()
                list(spread(esri_at, told, parts))
                spent.append(time.perf_counter() - begun)
            finally:
                stop_ray()
                hub.close()
    print(
        f"\nESRI of {len(net.firms):,} firms (tangled) over Ray, by the clock: one worker "
        f"{spent[0]:.1f} s, two {spent[1]:.1f} s: {spent[0] / spent[1]:.2f} times as fast"
    )


def main() -> None:
    """All of it, or a part."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--quick", action="store_true", help="a tenth of the size")
    asked.add_argument("--only", choices=("rows", "esri", "ray"))
    asked.add_argument("--peer", nargs=2, help=argparse.SUPPRESS)
    told = asked.parse_args()
    if told.peer:
        one_peer(*told.peer)
        return
    loads = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    print(f"{os.cpu_count()} processors, load {loads}")
    parts = {"rows": (rows, cuts), "esri": (esri,), "ray": (ray,)}
    for name, works in parts.items():
        for work in works if told.only in (None, name) else ():
            work(told.quick)
    print("\nload at the end " + ", ".join(f"{load:.1f}" for load in os.getloadavg()))


if __name__ == "__main__":
    main()
