"""Continuous levels: how far up or down a firm stands, in circles too. Pure.

MacKay, Johnson, Sansom (2020), "How directed is a directed network?", Royal Society Open Science
7:201138, equations (3) and (5).
"""

import numpy as np
from scipy.sparse import coo_array, diags_array
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu

from supplychain.risk.network import Floats, Network


def levels(net: Network) -> Floats:
    """A level for each firm, the lowest of each connected part being 0.

    Solves (diag(in + out) - W - Wᵀ) h = in - out with one firm of each part held at 0.

    >>> from supplychain.risk.network import network
    >>> levels(network([("c", "b", 1.0), ("b", "a", 1.0)])).tolist()
    [2.0, 1.0, 0.0]
    """
    size = len(net.firms)
    flow = coo_array((net.weight, (net.supplier, net.buyer)), shape=(size, size)).tocsr()
    parts, part = connected_components(flow, directed=False)
    matrix = (diags_array(net.bought + net.sold) - flow - flow.T).tocsc()
    held = np.zeros(size, bool)
    held[np.unique(part, return_index=True)[1]] = True
    free = np.flatnonzero(~held)
    found = np.zeros(size)
    if len(free):
        found[free] = splu(matrix[free][:, free].tocsc()).solve((net.bought - net.sold)[free])
    lowest = np.full(parts, np.inf)
    np.minimum.at(lowest, part, found)
    # Rounding leaves a zero of about 1e-16.
    level: Floats = np.round(found - lowest[part], 12) + 0.0
    return level


def incoherence(net: Network, level: Floats) -> float:
    """F0: 0 where every link climbs one level exactly, 1 where there is no direction at all.

    >>> from supplychain.risk.network import network
    >>> circle = network([("a", "b", 1.0), ("b", "c", 1.0), ("c", "a", 1.0)])
    >>> round(incoherence(circle, levels(circle)), 9)
    1.0
    """
    climb = level[net.buyer] - level[net.supplier] - 1
    return float((net.weight * climb**2).sum() / net.weight.sum())
