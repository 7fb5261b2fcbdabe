"""Behind which of a firm's suppliers, and behind which of its items, each firm stands. Pure.

A firm stands behind an item without a way out when it is, or stands behind, every known supplier
of it: the only one, or all of several (a hidden diamond).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from supplychain.risk.reach import Behind, Int32s
from supplychain.risk.walks import distances

WITHIN = 3  # steps behind a supplier, as far as its deliveries are taken to need what it buys


@dataclass(frozen=True)
class StandsBehind:
    """By place in the network: how many direct suppliers a firm stands behind or is.

    `items`: firm's number → the items that rest on it alone; `diamonds`: those of them that have
    two suppliers or more.
    """

    suppliers: Int32s
    items: Mapping[int, list[str]]
    diamonds: Mapping[int, list[str]]


def stands_behind(
    net: Behind, lead: int, items: Mapping[str, tuple[int, ...]], within: int = WITHIN
) -> StandsBehind:
    """Walk up from each direct supplier, at most `within` steps (without end where that is 0).

    `items`: what the lead firm buys, and the firms that deliver it. Raises FirmNotInNetwork.

    >>> net = Behind(np.array([1, 7, 8, 9]), np.array([0, 2, 3, 4, 4]), np.array([1, 2, 3, 3]))
    >>> found = stands_behind(net, 1, {"bolts": (7, 8), "nuts": (8,)})
    >>> found.suppliers.tolist(), found.items[9], found.diamonds[9], found.items[8]
    ([0, 1, 1, 2], ['bolts', 'nuts'], ['bolts'], ['nuts'])
    """
    itself = net.place(lead)
    reached: dict[int, np.ndarray] = {}
    for place in np.unique(net.supplier[net.start[itself] : net.start[itself + 1]]):
        if place != itself:
            far = distances(net.start, net.supplier, int(place), within or -1, itself)
            far[itself] = -1
            reached[int(net.numbers[place])] = far >= 0
    counts = np.zeros(len(net.numbers), np.int32)
    for there in reached.values():
        counts += there
    resting: dict[int, list[str]] = {}
    diamonds: dict[int, list[str]] = {}
    for item, firms in items.items():
        everywhere = [reached[firm] for firm in set(firms) if firm in reached]
        if not everywhere:
            continue
        for place in np.flatnonzero(np.logical_and.reduce(everywhere)):
            number = int(net.numbers[place])
            resting.setdefault(number, []).append(item)
            if len(everywhere) > 1:
                diamonds.setdefault(number, []).append(item)
    return StandsBehind(counts, resting, diamonds)
