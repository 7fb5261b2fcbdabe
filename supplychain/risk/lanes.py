"""Eight failures side by side over the whole network: the second half of ESRI's inner loops.

Where a failure has reached much of the network, following lists of firms no longer pays. The whole
network is then gone through, link by link in memory's order, for eight failures at once: what a
link needs of its firm is one cache line, and one addition of eight numbers in one register. So
the sums are written out eight times; a loop over eight stays a loop in LLVM.

Everything here is a *loss*: 1 - h of the paper, per firm and lane, shape (firms, 8).
"""

from collections.abc import Callable
from typing import Any, cast

import numba
import numpy as np

# Joins equal operations on neighbours in memory into one; numba leaves it off by default.
numba.config.SLP_VECTORIZE = 1  # type: ignore[attr-defined]

LANES = 8

# The compiler infers the types of these functions from the arrays that it is given.
# ruff: noqa: ANN001, ANN201, ANN202


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compiled at the first call, and kept beside the source where that can be written."""
    return cast("Callable[..., Any]", numba.njit(cache=True, nogil=True)(function))


@compiled
def hurt_of(down, sales, lost, hurt):
    """What a firm's buyers feel of its loss: sigma times the loss, in `hurt`."""
    sector, sold, sector_sold = sales
    lost[:] = 0.0
    for firm in range(len(sold)):
        told, own, sales_of = lost[sector[firm]], down[firm], sold[firm]
        for lane in range(8):
            told[lane] += sales_of * own[lane]
    for one in range(len(sector_sold)):
        for lane in range(8):
            left = sector_sold[one] - lost[one, lane]
            lost[one, lane] = 1.0 / left if left > 0.0 else 1e300
    for firm in range(len(sold)):
        share, own, felt, sales_of = lost[sector[firm]], down[firm], hurt[firm], sold[firm]
        for lane in range(8):
            felt[lane] = min(1.0, sales_of * share[lane]) * own[lane]


@compiled
def step_down(inputs, hurt, down, moved):
    """One step downstream. A firm loses as much as its scarcest group of inputs."""
    starts, marked, share = inputs[0], inputs[1], inputs[2]
    for firm in range(len(starts) - 1):
        a = b = c = d = e = f = g = h = 0.0  # the sums of a group, and the largest ones yet
        a_ = b_ = c_ = d_ = e_ = f_ = g_ = h_ = 0.0
        for link in range(starts[firm], starts[firm + 1]):
            mark = marked[link]
            x, weight = hurt[np.uint64(mark) >> np.uint64(1)], share[link]
            a += weight * x[0]
            b += weight * x[1]
            c += weight * x[2]
            d += weight * x[3]
            e += weight * x[4]
            f += weight * x[5]
            g += weight * x[6]
            h += weight * x[7]
            if mark & np.uint32(1):  # the last link of its group
                a_, b_, c_, d_ = max(a, a_), max(b, b_), max(c, c_), max(d, d_)
                e_, f_, g_, h_ = max(e, e_), max(f, f_), max(g, g_), max(h, h_)
                a = b = c = d = e = f = g = h = 0.0
        _grow(down[firm], down[firm], moved, a_, b_, c_, d_, e_, f_, g_, h_)


@compiled
def step_up(outputs, before, after, moved):
    """One step upstream, from the losses `before` to those `after`."""
    starts, buyer, share = outputs[0], outputs[1], outputs[4]
    for firm in range(len(starts) - 1):
        a = b = c = d = e = f = g = h = 0.0
        for link in range(starts[firm], starts[firm + 1]):
            x, weight = before[np.uint64(buyer[link])], share[link]
            a += weight * x[0]
            b += weight * x[1]
            c += weight * x[2]
            d += weight * x[3]
            e += weight * x[4]
            f += weight * x[5]
            g += weight * x[6]
            h += weight * x[7]
        _grow(before[firm], after[firm], moved, a, b, c, d, e, f, g, h)


@numba.njit(inline="always")
def _grow(before, after, moved, a, b, c, d, e, f, g, h):
    """A loss never shrinks and is 1 at most; `moved` keeps each lane's largest step."""
    a, b, c, d = min(a, 1.0), min(b, 1.0), min(c, 1.0), min(d, 1.0)
    e, f, g, h = min(e, 1.0), min(f, 1.0), min(g, 1.0), min(h, 1.0)
    a, b, c, d = max(a, before[0]), max(b, before[1]), max(c, before[2]), max(d, before[3])
    e, f, g, h = max(e, before[4]), max(f, before[5]), max(g, before[6]), max(h, before[7])
    moved[0] = max(moved[0], a - before[0])
    moved[1] = max(moved[1], b - before[1])
    moved[2] = max(moved[2], c - before[2])
    moved[3] = max(moved[3], d - before[3])
    moved[4] = max(moved[4], e - before[4])
    moved[5] = max(moved[5], f - before[5])
    moved[6] = max(moved[6], g - before[6])
    moved[7] = max(moved[7], h - before[7])
    after[0], after[1], after[2], after[3] = a, b, c, d
    after[4], after[5], after[6], after[7] = e, f, g, h
