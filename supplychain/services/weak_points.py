"""Where a chain breaks: of every firm that its lead firm sees, what rests on it alone."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from sqlmodel import Session

from supplychain.risk import reach
from supplychain.risk.errors import NetworkEmpty
from supplychain.risk.exposure import item_known
from supplychain.risk.facts import ASSUMED, Assumed
from supplychain.risk.levels import incoherence, levels
from supplychain.services import risk
from supplychain.services.network import Place, tier_map
from supplychain.services.risk import Survival
from supplychain.services.risk_chain import Chain, chain_from

Measure = Literal["lost", "esri", "cut_off", "items", "suppliers", "position"]
MEASURES: tuple[Measure, ...] = ("lost", "esri", "cut_off", "items", "suppliers", "position")
WEEK = 7.0


@dataclass(frozen=True)
class WeakPoint:
    """A firm and what rests on it alone, as far as links are seen.

    `cut_off`: firms whose only way to the lead firm leads through it. `suppliers`: direct
    suppliers that it stands behind, or is. `items`: what the lead firm buys that rests on it
    alone; `diamonds`: those of them that have several suppliers. `position`: how far upstream it
    stands, 0 the lead firm. `item_known`: some way to the lead firm tells the items of all its
    deliveries; without one `survival` says nothing, and counts in no order and no number (see
    supplychain.risk.exposure.item_known). `esri`, `survival`: None until they are computed.
    """

    place: Place
    cut_off: int
    suppliers: int
    items: tuple[str, ...]
    diamonds: tuple[str, ...]
    position: float | None
    item_known: bool = True
    esri: float | None = None
    survival: Survival | None = None

    @property
    def direct(self) -> bool:
        """Whether it delivers to the lead firm itself."""
        return self.place.tier == 1

    def measure(self, name: Measure) -> float | None:
        """One of MEASURES as a number; the larger, the worse."""
        if name == "lost":
            return self.survival.lost if self.survival and self.item_known else None
        value = getattr(self, name)
        return float(len(value)) if name == "items" else value

    @property
    def stops_for_a_week(self) -> bool:
        """Whether a week of the lead firm's production or more is lost with it."""
        return (self.measure("lost") or 0.0) >= WEEK


@dataclass(frozen=True)
class WeakPoints:
    """All of them, without the lead firm, and what holds for the whole chain."""

    chain: Chain
    points: Mapping[int, WeakPoint]
    direct: int  # direct suppliers
    items: int  # that the lead firm buys, by name
    incoherence: float

    @property
    def items_not_known(self) -> int:
        """Firms of which nobody knows what their stop would cost, since no item is told."""
        return sum(not point.item_known for point in self.points.values())

    @property
    def diamonds(self) -> dict[str, list[WeakPoint]]:
        """Item with several suppliers → the firms on which all of them rest, the nearest first."""
        found: dict[str, list[WeakPoint]] = {}
        for point in sorted(self.points.values(), key=lambda p: (p.place.tier, p.place.number)):
            for item in point.diamonds:
                found.setdefault(item, []).append(point)
        return dict(sorted(found.items()))


def weak_points(session: Session, lead_id: int) -> WeakPoints:
    """What follows from links alone: milliseconds for ten thousand firms.

    Raises FirmNotFound; NetworkEmpty where no link is seen.
    """
    chain = chain_from(tier_map(session, lead_id))
    net, standing = chain.behind, chain.standing
    cuts = reach.cuts(net, lead_id)
    cut_off = {int(net.numbers[cuts.order[at]]): int(cuts.count[at]) for at in cuts.worst}
    level, known = levels(chain.net), item_known(chain.deliveries, lead_id)
    own = chain.net.place.get(str(lead_id))
    if own is None:
        raise NetworkEmpty
    positions = {
        int(firm): round(float(level[own] - level[at]), 3) for firm, at in chain.net.place.items()
    }
    points = {
        number: WeakPoint(
            place=chain.places[number],
            cut_off=cut_off.get(number, 0),
            suppliers=int(standing.suppliers[at]),
            items=tuple(standing.items.get(number, ())),
            diamonds=tuple(standing.diamonds.get(number, ())),
            position=positions.get(number),
            item_known=number in known,
        )
        for at, number in enumerate(net.numbers.tolist())
        if number != lead_id and number in chain.places
    }
    return WeakPoints(
        chain=chain,
        points=points,
        direct=sum(point.direct for point in points.values()),
        items=len(chain.items()),
        incoherence=incoherence(chain.net, level),
    )


def with_figures(session: Session, weak: WeakPoints) -> WeakPoints:
    """The same with what was computed of the firms, as far as the runs have got."""
    runs = risk.runs_of(session, weak.chain.lead)
    esri, survival = (
        risk.esri_of(session, runs.get("esri")),
        risk.survival_of(session, runs.get("tts")),
    )
    points = {
        number: replace(point, esri=esri.get(number), survival=survival.get(number))
        for number, point in weak.points.items()
    }
    return replace(weak, points=points)


def worst(points: Mapping[int, WeakPoint], by: Measure) -> list[WeakPoint]:
    """The worst first; what is not computed last; then by what else is known."""

    def rank(point: WeakPoint) -> tuple[float, ...]:
        chosen = point.measure(by)
        others = (point.measure(name) or 0.0 for name in MEASURES)
        unknown = -np.inf if chosen is None else chosen
        return (-unknown, *(-value for value in others), point.place.number)

    return sorted(points.values(), key=rank)


def cut_off_by(weak: WeakPoints, firm_id: int) -> list[Place]:
    """The firms whose only way to the lead firm leads through this one."""
    net = weak.chain.behind
    cuts = reach.cuts(net, weak.chain.lead)
    for at in cuts.worst:
        if net.numbers[cuts.order[at]] == firm_id:
            return [weak.chain.places[int(number)] for number in cuts.behind(int(at))]
    return []


def assumed_now(session: Session, lead_id: int) -> Assumed:
    """What the last times to survive assumed where nothing was known."""
    return risk.assumed_in(risk.runs_of(session, lead_id).get("tts")) if lead_id else ASSUMED
