"""What `calibration.json` says: from which figure on to warn, and a small correction of figures.

Pure. The file is a target of its own, so that a plant's threshold or drift is set right without
sending the model again. The publisher's golden rows hold what the model gives *before* it: a
site's own calibration leaves them true.

    {"thresholds": {"probability_defect": 0.3},
     "corrections": {"kwh": {"slope": 1.02, "offset": -0.5, "low": 0, "high": 200}}}
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Self

from sharing.agent.errors import CardUnreadable

FILE = "calibration.json"
_STEEPEST = 10.0


class Correction(NamedTuple):
    """slope × figure + offset, kept between low and high."""

    slope: float = 1.0
    offset: float = 0.0
    low: float = -math.inf
    high: float = math.inf

    def of(self, value: float) -> float:
        """The corrected figure.

        >>> Correction(2.0, 1.0, high=4.0).of(1.0), Correction(2.0, 1.0, high=4.0).of(9.0)
        (3.0, 4.0)
        """
        return min(max(self.slope * value + self.offset, self.low), self.high)


class Calibration(NamedTuple):
    """Thresholds and corrections by the names of the card's outputs; empty changes nothing."""

    thresholds: Mapping[str, float]
    corrections: Mapping[str, Correction]

    @classmethod
    def of(cls, told: Mapping[str, Any], outputs: Sequence[str]) -> Self:
        """The calibration of a file. Raises CardUnreadable: what of it cannot be used.

        >>> Calibration.of({"thresholds": {"p": 0.3}}, ["p"]).alarms({"p": [0.2, 0.3]})
        {'p': [False, True]}
        """
        unknown = sorted(set(told) - {"thresholds", "corrections"})
        if unknown:
            raise _unreadable(unknown[0])
        thresholds = _part(told, "thresholds", outputs)
        corrections = _part(told, "corrections", outputs)
        return cls(
            {name: _finite(value, name) for name, value in thresholds.items()},
            {name: _correction(value, name) for name, value in corrections.items()},
        )

    def corrected(self, figures: Mapping[str, list[float]]) -> dict[str, list[float]]:
        """The figures, those with a correction set right."""
        return {
            name: [self.corrections[name].of(value) for value in values]
            if name in self.corrections
            else values
            for name, values in figures.items()
        }

    def alarms(self, figures: Mapping[str, Sequence[float]]) -> dict[str, list[bool]]:
        """Row by row whether to warn, for each figure with a threshold."""
        return {
            name: [value >= threshold for value in figures[name]]
            for name, threshold in self.thresholds.items()
            if name in figures
        }


NONE = Calibration({}, {})


def _part(told: Mapping[str, Any], name: str, outputs: Sequence[str]) -> Mapping[str, Any]:
    part = told.get(name, {})
    if not isinstance(part, dict):
        raise _unreadable(name)
    strange = [key for key in part if key not in outputs]
    if strange:
        raise _unreadable(f"{name}.{strange[0]}")
    return part


def _correction(told: Any, name: str) -> Correction:
    if not isinstance(told, dict) or set(told) - set(Correction._fields):
        raise _unreadable(f"corrections.{name}")
    made = Correction(**{key: _finite(value, name) for key, value in told.items()})
    if not 0 < abs(made.slope) <= _STEEPEST or made.low >= made.high:
        raise _unreadable(f"corrections.{name}")
    return made


def _finite(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _unreadable(name)
    return float(value)


def _unreadable(what: str) -> CardUnreadable:
    return CardUnreadable(file=FILE, why=what[:80])
