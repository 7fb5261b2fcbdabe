"""ESRI as the paper writes it, with dense matrices: slow, plain, the judge of the fast one."""

import numpy as np

from supplychain.risk.network import Network


def esri_dense(net: Network, kinds: np.ndarray, failed: int, tolerance: float = 1e-2) -> float:
    """`kinds`[supplier's sector, buyer's sector] is 2, 1 or 0 (Diem et al. 2022)."""
    size, sector = len(net.firms), net.sector
    flow = np.zeros((size, size))
    flow[net.supplier, net.buyer] = net.weight
    bought, sold = flow.sum(axis=0), flow.sum(axis=1)
    by_sector = np.zeros((len(net.sectors), size))
    np.add.at(by_sector, sector, flow)
    kind = kinds[sector][:, sector]
    essential = np.divide(flow, by_sector[sector], out=np.zeros_like(flow), where=flow > 0)
    other = np.divide(flow, bought[None, :], out=np.zeros_like(flow), where=flow > 0)
    lost_input = np.where(kind == 2, essential, np.where(kind == 1, other, 0.0))
    lost_custom = np.divide(flow, sold[:, None], out=np.zeros_like(flow), where=flow > 0)
    start = np.ones(size)
    start[failed] = 0.0
    down, up = start.copy(), start.copy()
    while True:
        left = np.bincount(sector, sold * down, len(net.sectors))[sector]
        sigma = np.minimum(1.0, np.divide(sold, left, out=np.ones(size), where=left > 0))
        taken = lost_input * (sigma * (1 - down))[:, None]
        worst = np.where(kind == 1, taken, 0.0).sum(axis=0)
        for one in range(len(net.sectors)):
            of_sector = np.where(kind == 2, taken, 0.0)[sector == one].sum(axis=0)
            worst = np.maximum(worst, of_sector)
        new_down = np.maximum(0.0, np.minimum(start, 1 - worst))
        new_up = np.maximum(0.0, np.minimum(start, 1 - lost_custom @ (1 - up)))
        moved = max(abs(new_down - down).max(), abs(new_up - up).max())
        down, up = new_down, new_up
        if moved <= tolerance:
            return float((sold * (1 - np.minimum(down, up))).sum() / sold.sum())
