"""Questions about one firm of the map, answered for its drawing and for programs alike."""

from pydantic import BaseModel

from supplychain.errors import FirmNotFound
from supplychain.services.neighbours import Path
from supplychain.services.network import Place, TierMap
from supplychain.ways import around

STEPS = 6  # of a neighbourhood, at most
NEAR = 2_000  # firms of a neighbourhood, at most


class FlowSaid(BaseModel):
    """What a supplier delivers to a buyer; `standing`: "confirmed", "contradicted" or "open"."""

    supplier: int
    buyer: int
    items: list[str]
    standing: str


class PathSaid(BaseModel):
    """The shortest ways from a firm to the lead firm along links that you see.

    `ways` says how many there are, `paths` tells some of them by the numbers of firms, `links`
    what flows on those. `steps`: links of one way. Without any (a customer) all are empty.
    """

    firm: int
    steps: int
    ways: int
    paths: list[list[int]]
    links: list[FlowSaid]
    names: dict[str, str]
    tiers: dict[str, int]


class AroundSaid(BaseModel):
    """Firms within some steps of one, the nearest first; `more`: they are not all told."""

    firm: int
    steps: int
    firms: list[int]
    at: list[int]
    more: bool


def path_said(path: Path) -> PathSaid:
    """A path as programs read it."""
    return PathSaid(
        firm=path.firm.number,
        steps=path.ways.steps,
        ways=path.ways.total,
        paths=path.ways.some,
        links=[FlowSaid(**flow._asdict()) for flow in path.flows],
        names={str(number): place.name for number, place in path.places.items()},
        tiers={str(number): place.tier for number, place in path.places.items()},
    )


def around_said(seen: TierMap, firm_id: int, steps: int) -> AroundSaid:
    """Firms of the map near one. Raises FirmNotFound for one that is not drawn."""
    if firm_id not in seen.places:
        raise FirmNotFound(firm=firm_id)
    found = around(seen.pairs.supplier, seen.pairs.buyer, firm_id, steps, NEAR)
    return AroundSaid(firm=firm_id, steps=steps, firms=found.firms, at=found.steps, more=found.more)


def circles_of(seen: TierMap) -> list[list[Place]]:
    """The firms that form each circle of supply, the nearest first; the largest circle first."""
    return [
        sorted(
            (seen.places[n] for n in circle), key=lambda each: (each.tier, each.name, each.number)
        )
        for circle in seen.circles
    ]


def whole_number(text: str) -> int:
    """A number as an address gives it; 0 for anything else."""
    return int(text) if text.isdecimal() and len(text) < 10 else 0
