"""The libraries that tests/bench/risk.py measures, each in the way its documents recommend."""

import sqlite3
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp

from supplychain.risk.network import Network

ROWS = "SELECT supplier_id, buyer_id FROM link WHERE ended IS NULL AND supplier_id <> buyer_id"


@dataclass(frozen=True)
class Peer:
    """Rows of the database → a graph → the tier of each firm (-1: none), as an array."""

    fetch: Callable[[str], Any]
    build: Callable[[Any], Any]
    tiers: Callable[[Any, int], np.ndarray]
    needs: tuple[str, ...] = ()

    def warm(self) -> None:
        """Imports, and what is compiled at the first call, outside of the measurement."""
        self.tiers(self.build(self.small()), 1)
        with tempfile.TemporaryDirectory() as folder:
            small = f"{folder}/small.sqlite"
            with sqlite3.connect(small) as base:
                base.execute("CREATE TABLE link (id INTEGER, supplier_id, buyer_id, ended)")
                base.execute("INSERT INTO link VALUES (1, 2, 1, NULL)")
            self.fetch(small)

    def small(self) -> Any:
        """Three links in the form that `fetch` gives."""
        pairs = [(2, 1), (3, 2), (3, 1)]
        return tuple(np.array(pairs).T) if self.fetch in (_hub_rows, _array) else pairs


def peak_megabytes() -> float:
    """The most memory that this process has held since it began its program (Linux)."""
    told = Path("/proc/self/status").read_text(encoding="ascii")
    return int(told.split("VmHWM:")[1].split()[0]) / 1024


def _tuples(file: str) -> list[tuple[int, int]]:
    with sqlite3.connect(file) as base:
        return base.execute(ROWS).fetchall()


def _array(file: str) -> tuple[np.ndarray, np.ndarray]:
    told = np.array(_tuples(file))
    return told[:, 0], told[:, 1]


def _hub_rows(file: str) -> tuple[np.ndarray, np.ndarray]:
    from sqlmodel import Session, create_engine

    from supplychain.services.link_arrays import living_links

    with Session(create_engine(f"sqlite:///{file}")) as session:
        return living_links(session)


def _hub_build(rows: tuple[np.ndarray, np.ndarray]) -> Any:
    from supplychain.risk.reach import behind

    return behind(*rows)


def _hub_tiers(net: Any, lead: int) -> np.ndarray:
    from supplychain.risk.reach import tiers

    return tiers(net, lead)


def _nx_build(rows: list[tuple[int, int]]) -> Any:
    import networkx as nx

    return nx.DiGraph((buyer, supplier) for supplier, buyer in rows)


def _nx_tiers(graph: Any, lead: int) -> np.ndarray:
    import networkx as nx

    return np.array(list(nx.single_source_shortest_path_length(graph, lead).values()))


def _ig_build(rows: list[tuple[int, int]]) -> Any:
    import igraph

    return igraph.Graph(edges=rows, directed=True)


def _ig_tiers(graph: Any, lead: int) -> np.ndarray:
    far = np.array(graph.distances(source=lead, mode="in")[0])
    return np.where(np.isfinite(far), far, -1).astype(int)


def _rx_build(rows: list[tuple[int, int]]) -> Any:
    import rustworkx

    graph = rustworkx.PyDiGraph()
    graph.extend_from_edge_list([(buyer, supplier) for supplier, buyer in rows])
    return graph


def _rx_tiers(graph: Any, lead: int) -> np.ndarray:
    import rustworkx

    tier = np.full(graph.num_nodes(), -1)
    for number, layer in enumerate(rustworkx.bfs_layers(graph, [lead])):
        tier[layer] = number
    return tier


def _sp_build(rows: tuple[np.ndarray, np.ndarray]) -> Any:
    suppliers, buyers = rows
    size = int(max(suppliers.max(), buyers.max())) + 1
    return sp.csr_array((np.ones(len(suppliers)), (buyers, suppliers)), shape=(size, size))


def _sp_tiers(graph: Any, lead: int) -> np.ndarray:
    from scipy.sparse.csgraph import breadth_first_order

    order, before = breadth_first_order(graph, lead)
    tier = np.full(graph.shape[0], -1)
    tier[lead] = 0
    # The order is by tier: whole tiers at once, until none is new.
    at = 1
    while at < len(order):
        known = tier[before[order[at:]]] >= 0
        end = at + (int(np.argmin(known)) if not known.all() else len(known))
        tier[order[at:end]] = tier[before[order[at:end]]] + 1
        at = end
    return tier


PEERS = {
    "hub": Peer(_hub_rows, _hub_build, _hub_tiers),
    "scipy": Peer(_array, _sp_build, _sp_tiers, ("scipy",)),
    "igraph": Peer(_tuples, _ig_build, _ig_tiers, ("igraph",)),
    "rustworkx": Peer(_tuples, _rx_build, _rx_tiers, ("rustworkx",)),
    "networkx": Peer(_tuples, _nx_build, _nx_tiers, ("networkx",)),
}


def esri_plain(net: Network, failing: np.ndarray) -> np.ndarray:
    """ESRI as the paper writes it, with sparse matrices, one firm after another."""
    size, kinds = len(net.firms), len(net.sectors)
    group = net.buyer * kinds + net.sector[net.supplier]
    groups, group = np.unique(group, return_inverse=True)
    whole = np.bincount(group, net.weight)[group]
    taken = sp.csr_array((net.weight / whole, (group, net.supplier)), (len(groups), size))
    first = np.flatnonzero(np.diff(groups // kinds, prepend=-1))
    buyers = groups[first] // kinds
    missed = sp.csr_array(
        (net.weight / net.sold[net.supplier], (net.supplier, net.buyer)), (size, size)
    )
    return np.array([_one(net, failed, taken, missed, (first, buyers)) for failed in failing])


def _one(net: Network, failed: int, taken: Any, missed: Any, groups: Any) -> float:
    start = np.ones(len(net.firms))
    start[failed] = 0.0
    down, up, moved = start, start, 1.0
    first, buyers = groups
    while moved > 1e-2:
        left = np.bincount(net.sector, net.sold * down, len(net.sectors))[net.sector]
        sigma = np.minimum(1.0, np.divide(net.sold, left, np.ones_like(left), where=left > 0))
        worst = np.zeros(len(start))
        worst[buyers] = np.maximum.reduceat(taken @ (sigma * (1 - down)), first)
        new_down = np.maximum(0.0, np.minimum(start, 1 - worst))
        new_up = np.maximum(0.0, np.minimum(start, 1 - missed @ (1 - up)))
        moved = max(abs(new_down - down).max(), abs(new_up - up).max())
        down, up = new_down, new_up
    return float((net.sold * (1 - np.minimum(down, up))).sum() / net.sold.sum())
