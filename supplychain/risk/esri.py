"""ESRI, the economic systemic risk index: what share of a network fails with one firm. Pure.

Diem, Borsos, Reisch, Kertész, Thurner (2022), "Quantifying firm-level economic systemic risk from
nation-wide supply networks", Scientific Reports 12:7719, implemented from the paper.

A firm that fails takes output from its buyers (downstream, by a generalised Leontief production
function: essential inputs bind, the others add up) and custom from its suppliers (upstream). Both
spread step by step, all firms at once, until nothing moves by more than 0.01.

The steps themselves are in supplychain.risk.cascade.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supplychain.risk.errors import EssentialityInvalid
from supplychain.risk.network import Floats, Ints, Network

TOLERANCE = 1e-2
ESSENTIAL, NON_ESSENTIAL, NO_EFFECT = 2, 1, 0

Int32s = NDArray[np.int32]
Essentiality = Mapping[tuple[str, str], int]  # (supplier's sector, buyer's sector) → 2, 1 or 0


@dataclass(frozen=True)
class Shares:
    """What one unit of lost output does, link by link, in the two orders in which it is read.

    A group is one essential sector of one buyer, or all its other inputs together. `taken` is the
    share of a link in its group (Ld of the paper), `missed` in what its supplier sells (Lu).

    outputs, by supplier: (start of each firm's links, buyer, group, taken, missed)
    inputs, by buyer and group: (start of each firm's links, 2 supplier + 1 at the last link of a
    group, taken, missed)
    sales: (sector of each firm, what it sells, what each sector sells)
    """

    outputs: tuple[Int32s, Int32s, Int32s, Floats, Floats]
    inputs: tuple[Int32s, NDArray[np.uint32], Floats, Floats]
    sales: tuple[Int32s, Floats, Floats]


def shares(net: Network, essentiality: Essentiality | None = None) -> Shares:
    """Prepare a network; every input is essential where `essentiality` does not say otherwise.

    Raises EssentialityInvalid.
    """
    kinds = len(net.sectors)
    kind = _kinds(net, essentiality or {})
    # One group for each (buyer, essential sector), and one for each buyer's other inputs.
    key = net.buyer * (kinds + 1) + np.where(kind == ESSENTIAL, net.sector[net.supplier], kinds)
    _, group = np.unique(key, return_inverse=True)
    whole = np.bincount(group, net.weight)[group]
    taken = net.weight / np.where(kind == ESSENTIAL, whole, net.bought[net.buyer])
    taken[kind == NO_EFFECT] = 0.0
    missed = net.weight / net.sold[net.supplier]
    out, into = np.lexsort((net.buyer, net.supplier)), np.lexsort((net.supplier, group))
    last = np.append(np.diff(group[into]) > 0, [True])
    return Shares(
        outputs=(
            _starts(net.supplier[out], len(net.firms)),
            net.buyer[out].astype(np.int32),
            group[out].astype(np.int32),
            taken[out],
            missed[out],
        ),
        inputs=(
            _starts(net.buyer[into], len(net.firms)),
            (2 * net.supplier[into] + last).astype(np.uint32),
            taken[into],
            missed[into],
        ),
        sales=(
            net.sector.astype(np.int32),
            net.sold,
            np.bincount(net.sector, net.sold, kinds).astype(np.float64),
        ),
    )


def esri(
    net: Network, essentiality: Essentiality | None = None, firms: Iterable[str] | None = None
) -> dict[str, float]:
    """The share of all sales that is lost with each firm (of `firms`, else of all), by its name.

    Raises FirmUnknown, EssentialityInvalid.

    >>> from supplychain.risk.network import network
    >>> ways = [("ore", "steel", 2.0), ("scrap", "steel", 2.0), ("steel", "press", 4.0)]
    >>> found = esri(network(ways, {"ore": "raw", "scrap": "raw"}))
    >>> {firm: round(share, 3) for firm, share in found.items()}
    {'ore': 0.5, 'press': 1.0, 'scrap': 0.5, 'steel': 1.0}
    """
    names = net.firms if firms is None else tuple(firms)
    failing = np.array([net.at(name) for name in names], np.int64)
    return dict(zip(names, esri_at(shares(net, essentiality), failing).tolist(), strict=True))


def esri_at(told: Shares, failing: Ints) -> Floats:
    """ESRI for each position of `failing`: shape (len(failing),), between 0 and 1."""
    # The compiler takes a second to load, and web and worker never fail a firm themselves.
    from supplychain.risk.cascade import sweep  # noqa: PLC0415

    found = np.empty(len(failing))
    places = np.asarray(failing, np.int64)
    sweep(places, told.outputs, told.inputs, told.sales, TOLERANCE, found)
    return found


def _kinds(net: Network, essentiality: Essentiality) -> NDArray[np.int8]:
    """How each link counts for its buyer."""
    table = np.full((len(net.sectors), len(net.sectors)), ESSENTIAL, np.int8)
    place = {name: number for number, name in enumerate(net.sectors)}
    for (supplier, buyer), value in essentiality.items():
        if value not in (NO_EFFECT, NON_ESSENTIAL, ESSENTIAL):
            raise EssentialityInvalid(supplier_sector=supplier, buyer_sector=buyer, value=value)
        if supplier in place and buyer in place:
            table[place[supplier], place[buyer]] = value
    found: NDArray[np.int8] = table[net.sector[net.supplier], net.sector[net.buyer]]
    return found


def _starts(sorted_ends: Ints, size: int) -> Int32s:
    return np.searchsorted(sorted_ends, np.arange(size + 1)).astype(np.int32)
