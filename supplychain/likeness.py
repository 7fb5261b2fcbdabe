"""How likely two firms are one, and why. Pure; a person decides, and decisions teach it.

`candidates` finds the pairs worth a look among many firms, `likeness` scores one pair and says
what speaks for and against, `likely` does both at once, `refit` learns from decisions. The score
is a logistic regression over a few named values (supplychain.compared); its coefficients are data
(supplychain.coefficients).
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from supplychain.blocking import Index, candidates, near_pairs
from supplychain.coefficients import ASK, SHIPPED, Coefficients
from supplychain.compared import FEATURES, compared, side
from supplychain.names import Named, Pair, read

__all__ = [
    "ASK", "FEATURES", "SHIPPED", "Coefficients", "Decision", "Evidence", "Likely", "Named", "Near",
    "Pair", "Scored", "candidates", "likely", "likeness", "refit",
]  # fmt: skip


class Evidence(NamedTuple):
    """One thing that was compared: its value, and the log-odds it adds (+) or takes away (-).

    `feature` is a key of FEATURES, which has its words.
    """

    feature: str
    value: float
    push: float


class Scored(NamedTuple):
    """The probability that two firms are one, and what it rests on, the strongest first."""

    probability: float
    evidence: tuple[Evidence, ...]


class Likely(NamedTuple):
    """A pair worth a person's look."""

    low: int
    high: int
    probability: float


class Decision(NamedTuple):
    """What a person said of a pair."""

    a: Named
    b: Named
    same: bool


def likeness(a: Named, b: Named, coefficients: Coefficients = SHIPPED) -> Scored:
    """How likely two firms are one; the same whichever comes first.

    >>> same = likeness(Named(1, "(주)한빛정밀"), Named(2, "Hanvit Jungmil Co., Ltd."))
    >>> other = likeness(Named(1, "한빛정밀"), Named(2, "한빛정공"))
    >>> same.probability > 0.8, other.probability < 0.2
    (True, True)
    >>> other.evidence[0].feature
    'trade_differs'
    """
    values = compared(read(a), read(b))
    pushes = (
        Evidence(feature, value, coefficients.weights.get(feature, 0.0) * value)
        for feature, value in values.items()
    )
    evidence = sorted(pushes, key=lambda each: (-abs(each.push), each.feature))
    return Scored(_probability(values, coefficients), tuple(evidence))


class Near:
    """Many firms, ready to be asked which of them look like a given one. In milliseconds.

    >>> firms = [Named(1, "한빛정밀"), Named(2, "대성산업"), Named(3, "Hanbit Precision Co., Ltd.")]
    >>> [firm.id for firm in Near(firms).to(Named(-1, "㈜한빛 정밀"))]
    [1, 3]
    """

    def __init__(self, firms: Sequence[Named], coefficients: Coefficients = SHIPPED) -> None:
        self._reads = [read(firm) for firm in firms]
        self._index = Index(self._reads)
        self._coefficients = coefficients

    def to(self, firm: Named, most: int = 10) -> list[Named]:
        """The firms most like this one, itself (its id) aside, the likeliest first."""
        one = read(firm)
        near = [self._reads[at] for at in self._index.nearest(one)]
        others = [other for other in near if other.firm.id != firm.id]
        others.sort(key=lambda other: -_probability(compared(one, other), self._coefficients))
        return [other.firm for other in others[:most]]


def likely(
    firms: Sequence[Named],
    coefficients: Coefficients = SHIPPED,
    least: float = ASK,
    of: Collection[int] | None = None,
) -> list[Likely]:
    """Pairs whose probability is at least `least`, the likeliest first.

    `of`: only pairs with one of these firms, as those that a sheet has just brought.
    """
    reads = [read(firm) for firm in firms]
    found = [
        Likely(*_pair(reads[one].firm, reads[other].firm), chance)
        for one, other in near_pairs(reads, of)
        if (chance := _probability(compared(reads[one], reads[other]), coefficients)) >= least
    ]
    return sorted(found, key=lambda each: (-each.probability, each))


def _pair(a: Named, b: Named) -> Pair:
    return Pair(min(a.id, b.id), max(a.id, b.id))


def _probability(values: Mapping[str, float], coefficients: Coefficients) -> float:
    weights = coefficients.weights
    total = coefficients.intercept
    for feature, value in values.items():
        total += weights.get(feature, 0.0) * value
    return 1 / (1 + math.exp(-max(-500.0, min(500.0, total))))


def refit(prior: Coefficients, decisions: Iterable[Decision], spread: float = 0.5) -> Coefficients:
    """Coefficients after what people decided; few decisions move them little.

    Logistic regression whose coefficients are expected to lie about the prior ones, normally
    distributed with standard deviation `spread`: the most probable ones given the decisions. What
    speaks for never comes to speak against, nor the other way round; what no decision shows keeps
    its weight.

    >>> pair = Named(1, "대한정밀"), Named(2, "대한정공")
    >>> taught = refit(SHIPPED, [Decision(*pair, same=True)] * 20)
    >>> likeness(*pair).probability < likeness(*pair, taught).probability
    True
    """
    told = list(decisions)
    if not told:
        return prior
    names = list(FEATURES)
    values = [compared(read(each.a), read(each.b)) for each in told]
    x = np.array([[1.0, *(value.get(name, 0.0) for name in names)] for value in values])
    y = np.array([each.same for each in told], dtype=float)
    start = np.array([prior.intercept, *(prior.weights.get(name, 0.0) for name in names)])
    bounds = [(None, None), *(_BOUNDS[side(name)] for name in names)]

    def cost(w: np.ndarray) -> tuple[float, np.ndarray]:
        z = x @ w
        off = w - start
        fit = np.sum(np.logaddexp(0, z) - y * z) + np.sum(off**2) / (2 * spread**2)
        return float(fit), x.T @ (expit(z) - y) + off / spread**2

    found = minimize(cost, start, jac=True, bounds=bounds, method="L-BFGS-B", tol=1e-9).x
    return Coefficients(float(found[0]), dict(zip(names, map(float, found[1:]), strict=True)))


_BOUNDS = {1: (0.0, None), -1: (None, 0.0)}
