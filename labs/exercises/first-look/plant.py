"""A day of one injection moulding machine, one sensor of which wanders; and what is true of it."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from labs.plants import FEATURES, SCATTER, Wander, injection_moulding

SHOTS = 2400
# A day with next to no defects, or with little else, is nothing to begin with.
_FEWEST, _MOST, _DAYS = 80, 280, 50
THRESHOLD = 0.3  # what the model card advises


def wander_of(seed: int) -> Wander:
    """Which sensor, and from which share of the day on."""
    rng = np.random.default_rng([seed, 1])
    sensor = str(rng.choice(sorted(SCATTER)))
    start, way = float(rng.uniform(0.4, 0.6)), float(rng.choice([-9.0, 9.0]))
    return Wander(sensor, start=start, over=0.25, reach=way)


def data(seed: int) -> pd.DataFrame:
    """What the trainee sees: the first day of this plant on which there is enough to see."""
    for day in range(_DAYS):
        number = int(np.random.default_rng([seed, 2, day]).integers(2**62))
        table = injection_moulding(number, SHOTS, wander=wander_of(seed))
        if _FEWEST <= table["defect"].sum() <= _MOST:
            return table
    return table


def truth(
    seed: int, predict: Callable[[pd.DataFrame], NDArray[np.floating]] | None
) -> Mapping[str, object]:
    """The right answers, by criterion."""
    day, wander = data(seed), wander_of(seed)
    by_hour = day.groupby(day["time"].dt.hour)["defect"].sum()
    answers: dict[str, object] = {
        "mean_cycle_time": float(day["cycle_time"].mean()),
        "defects": float(day["defect"].sum()),
        "worst_hour": [float(hour) for hour in by_hour.index[by_hour == by_hour.max()]],
        "wandering_sensor": wander.sensor,
        # An eye sees it a little after it has begun: at a twelfth of its way.
        "wandering_from": (wander.start + wander.over / 12) * SHOTS,
    }
    if predict is not None:
        alarm = np.asarray(predict(day[list(FEATURES)])) >= THRESHOLD
        bad = day["defect"].to_numpy() == 1
        alarms = int(alarm.sum())
        answers["false_alarm_share"] = 100.0 * float((alarm & ~bad).sum()) / max(alarms, 1)
        answers["missed"] = float((~alarm & bad).sum())
    return answers
