"""How long a chain survives the loss of firms, and what it then loses. Pure.

The linear programmes of Simchi-Levi et al. (2015), "Identifying Risks and Mitigating Disruptions
in the Automotive Supply Chain", Interfaces 45(5):375-390, over several tiers: for firms S that
are down for t days

    minimise Σ f_j l_j                                     lost margin of the products j
    u_j ≤ Σ_{i in P_jk} y_ij / r_kj   for each part k      what j can make of what it is given
    Σ_j y_ij - u_i ≤ s_i                                   what i made or had in stock
    u_j = 0 for j in S;   u_j ≤ c_j t                      capacity
    l_j + u_j + s_j ≥ d_j t                                demand of the products

Where a product is a part of another product, too, what it delivers there counts against its own
demand (the paper has no such products): l_j + u_j + s_j - Σ_i y_ji ≥ d_j t.

The time to survive is the largest t for which nothing is lost: the same programme with t free.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csc_array, hstack

from supplychain.risk.errors import FirmUnknown
from supplychain.risk.network import Floats

_UNBOUNDED = 3  # linprog's status
LONG = 365.0  # days: who lasts so long lasts


@dataclass(frozen=True)
class Case:
    """Who needs what of whom. Per day: `demand`, `capacity`; pieces: `stock`.

    `parts`: firm → part → the firms that can deliver it; `needs`: pieces of a part in one of the
    firm's own, by (firm, part), 1 where not given. `margin`: money per piece of a product.
    Firms without a capacity make as much as they are asked for.
    """

    products: tuple[str, ...]
    firms: tuple[str, ...]
    parts: Mapping[str, Mapping[str, tuple[str, ...]]]
    demand: Mapping[str, float]
    capacity: Mapping[str, float] = field(default_factory=dict)
    stock: Mapping[str, float] = field(default_factory=dict)
    margin: Mapping[str, float] = field(default_factory=dict)
    needs: Mapping[tuple[str, str], float] = field(default_factory=dict)


def lost_margin(case: Case, down: Collection[str], days: float) -> float:
    """Margin that is lost while these firms are down for so many days. Raises FirmUnknown."""
    return _lost(_Programme(case), frozenset(down), days)


def time_to_survive(case: Case, down: Collection[str]) -> float:
    """Days until the first product is lacking; infinite where it never is. Raises FirmUnknown."""
    return _lasts(_Programme(case), frozenset(down))


def each_alone(case: Case, firms: Sequence[str], days: Sequence[float]) -> Floats:
    """Let each of these firms be down alone, for so many days each: shape (len(firms), 2).

    Columns: time to survive, infinite where nothing is lacking for LONG days; lost margin. The
    programme is written once for all of them. Raises FirmUnknown.

    >>> case = Case(products=("V",), firms=("V", "T"), parts={"V": {"k": ("T",)}}, demand={"V": 1},
    ...             stock={"T": 5})
    >>> each_alone(case, ["T"], [7]).tolist()
    [[5.0, 2.0]]
    """
    programme = _Programme(case)
    found = np.zeros((len(firms), 2))
    for at, (firm, last) in enumerate(zip(firms, days, strict=True)):
        down = frozenset((firm,))
        lasts = found[at, 0] = _lasts(programme, down, LONG)
        if lasts < last:
            found[at, 1] = _lost(programme, down, last)
    return found


def _lost(programme: "_Programme", down: frozenset[str], days: float) -> float:
    cost = np.zeros(programme.size)
    for product, place in programme.lost.items():
        cost[place] = programme.case.margin.get(product, 1.0)
    bounds = programme.bounds(down)
    matrix, most = programme.limits(days)
    found = linprog(cost, matrix, most, bounds=bounds, method="highs")
    return float(found.fun) if found.status == 0 else float("inf")


def _lasts(programme: "_Programme", down: frozenset[str], longest: float = np.inf) -> float:
    """Infinite where it is `longest` or more; to say so soon is ten times as fast as for ever."""
    cost = np.zeros(programme.size + 1)
    cost[-1] = -1.0  # as long as possible
    bounds = programme.bounds(down, forever=True)
    bounds[-1, 1] = longest
    matrix, most = programme.limits(None)
    found = linprog(cost, matrix, most, bounds=bounds, method="highs")
    endless = found.status == _UNBOUNDED or found.x[-1] >= longest
    return float("inf") if endless else float(found.x[-1])


def survive(case: Case, down: Collection[str], days: Collection[float]) -> dict[str, object]:
    """{"down", "TTS": days or None for never, "lost_margin": {days: money}}. Raises FirmUnknown."""
    lasts = time_to_survive(case, down)
    return {
        "down": list(down),
        "TTS": None if lasts == float("inf") else round(lasts, 9),
        "lost_margin": {f"{day:g}": round(lost_margin(case, down, day), 9) for day in days},
    }


class _Programme:
    """The inequalities A x ≤ b of one case: x = (made u, delivered y, lost l [, days t])."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.made = {firm: number for number, firm in enumerate(case.firms)}
        self.delivered = {
            way: len(self.made) + number
            for number, way in enumerate(
                (supplier, firm, part)
                for firm, parts in case.parts.items()
                for part, suppliers in parts.items()
                for supplier in suppliers
            )
        }
        start = len(self.made) + len(self.delivered)
        self.lost = {product: start + number for number, product in enumerate(case.products)}
        self.size = start + len(self.lost)
        self.rows: list[dict[int, float]] = []
        self.most: list[float] = []
        self.per_day: list[float] = []
        self._write()

    def limits(self, days: float | None) -> tuple[csc_array, Floats]:
        """A and b; without days the last column of A stands for them."""
        if days is None:
            return self._with_days, np.array(self.most)
        return self._matrix, np.array(self.most) + np.array(self.per_day) * days

    def bounds(self, down: frozenset[str], *, forever: bool = False) -> Floats:
        """Nothing is negative; who is down makes nothing; `forever`: days are free, no loss is.

        Shape (variables, 2). Raises FirmUnknown.
        """
        if strange := sorted(down - self.made.keys()):
            raise FirmUnknown(firm=strange[0])
        found = np.zeros((self.size + forever, 2))
        found[:, 1] = np.inf
        found[[self.made[firm] for firm in down], 1] = 0.0
        if forever:
            found[list(self.lost.values()), 1] = 0.0
        return found

    @cached_property
    def _matrix(self) -> csc_array:
        cells = [
            (row, column, value)
            for row, told in enumerate(self.rows)
            for column, value in told.items()
        ]
        rows, columns, values = zip(*cells, strict=True)
        return csc_array((values, (rows, columns)), shape=(len(self.rows), self.size))

    @cached_property
    def _with_days(self) -> csc_array:
        return hstack([self._matrix, csc_array(-np.array(self.per_day)[:, None])], format="csc")

    def _at_most(self, row: dict[int, float], most: float = 0.0, per_day: float = 0.0) -> None:
        self.rows.append(row)
        self.most.append(most)
        self.per_day.append(per_day)

    def _write(self) -> None:
        case = self.case
        for firm, parts in case.parts.items():
            for part, suppliers in parts.items():
                given = 1.0 / case.needs.get((firm, part), 1.0)
                ways = {self.delivered[supplier, firm, part]: -given for supplier in suppliers}
                self._at_most({self.made[firm]: 1.0, **ways})
        away_of: dict[str, dict[int, float]] = {}
        for (supplier, *_), place in self.delivered.items():
            away_of.setdefault(supplier, {})[place] = 1.0
        for firm, made in self.made.items():
            if away := away_of.get(firm):
                self._at_most({**away, made: -1.0}, case.stock.get(firm, 0.0))
            if firm in case.capacity:
                self._at_most({made: 1.0}, 0.0, case.capacity[firm])
        for product, lost in self.lost.items():
            # A product that is a part of another one as well: what goes there is not sold.
            row = {lost: -1.0, self.made[product]: -1.0, **away_of.get(product, {})}
            self._at_most(row, case.stock.get(product, 0.0), -case.demand.get(product, 0.0))
