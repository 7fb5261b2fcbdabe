"""A made-up network of firms, scale-free and with sectors: always the same for the same numbers.

Who buys and who sells is drawn by two independent weights for each firm from a Pareto law with
exponent 1.4 (so the number of partners has a tail of about k^-2.4, as Bacilieri et al. 2023 report
for firms of several countries), so that some firms have thousands of partners and most have a few;
both are independent, so that the network has circles everywhere. What flows is log-normal times the
geometric mean of the two ends' weights. Sectors have sizes by Zipf. No firm stands alone.

`tangled` is harder: a Barabási-Albert network (each newcomer joins 8 firms by their number of
partners) whose links each point either way by chance. Every failure then reaches nearly everybody.
"""

import networkx as nx
import numpy as np

from supplychain.risk.network import Network


def scale_free(firms: int, links: int, sectors: int = 80, seed: int = 4) -> Network:
    """A network of so many firms and links."""
    draw = np.random.default_rng(seed)
    buys, sells = draw.pareto(1.4, (2, firms)) + 1
    alone = np.arange(firms)
    keys = alone * firms + (alone + 1) % firms  # each firm has one buyer and one supplier at least
    while len(keys) < links:
        supplier = draw.choice(firms, links, p=sells / sells.sum())
        buyer = draw.choice(firms, links, p=buys / buys.sum())
        more = (supplier * firms + buyer)[supplier != buyer]
        keys = np.concatenate([keys, more])
        keys = keys[np.sort(np.unique(keys, return_index=True)[1])]
    supplier, buyer = np.divmod(keys[:links], firms)
    weight = draw.lognormal(0, 1.5, links) * np.sqrt(sells[supplier] * buys[buyer])
    return _network(firms, supplier, buyer, weight, _sectors(draw, firms, sectors))


def tangled(firms: int, sectors: int = 50, seed: int = 4) -> Network:
    """A Barabási-Albert network with 8 links for each firm."""
    draw = np.random.default_rng(seed)
    ends = np.array(nx.barabasi_albert_graph(firms, 8, seed=seed).edges)
    turned = draw.random(len(ends)) < 0.5
    supplier, buyer = np.where(turned[:, None], ends, ends[:, ::-1]).T
    weight = draw.lognormal(0, 1.5, len(ends))
    return _network(firms, supplier, buyer, weight, draw.integers(0, sectors, firms))


def _sectors(draw: np.random.Generator, firms: int, sectors: int) -> np.ndarray:
    size = 1 / np.arange(1, sectors + 1)
    return draw.choice(sectors, firms, p=size / size.sum())


def _network(
    firms: int, supplier: np.ndarray, buyer: np.ndarray, weight: np.ndarray, sector: np.ndarray
) -> Network:
    return Network(
        firms=tuple(f"firm {n}" for n in range(firms)),
        supplier=supplier.astype(np.int64),
        buyer=buyer.astype(np.int64),
        weight=weight,
        sectors=tuple(f"sector {n}" for n in range(int(sector.max()) + 1)),
        sector=sector.astype(np.int64),
    )
