"""From which probability on a pair is worth a person's look: what answers teach. Pure."""

from collections.abc import Iterable

LOWEST, HIGHEST, STEP = 0.15, 0.7, 0.05
_BAND = 0.1  # the pairs just above the threshold tell whether it lies right
_ENOUGH = 10


def threshold(least: float, answered: Iterable[tuple[float, bool]]) -> float:
    """The next threshold, after (probability, same firm) of the pairs that people answered.

    Where hardly any of the least likely pairs were one firm, fewer are asked from now on; where
    many of them were, more. One step at a time, so that a few odd answers do little harm.

    >>> threshold(0.3, [(0.32, False)] * 20)
    0.35
    >>> threshold(0.3, [(0.32, True)] * 6 + [(0.35, False)] * 6)
    0.25
    >>> threshold(0.3, [(0.32, False)] * 9 + [(0.9, False)] * 50)
    0.3
    """
    band = [same for probability, same in answered if least <= probability < least + _BAND]
    if len(band) < _ENOUGH:
        return least
    share = sum(band) / len(band)
    if share < STEP:
        return round(min(HIGHEST, least + STEP), 2)
    return round(max(LOWEST, least - STEP), 2) if share > 0.3 else least
