"""Simulated plants: sensor data with the behaviour of the real process, made from a seed.

Pure: numpy and pandas, no files, no network, no clock. The same seed gives the same data.

Injection moulding
------------------
One row is one shot. Temperatures in °C, pressures in bar, lengths in mm, times in s. The numbers
are those of a polypropylene part of 2.5 mm wall. AR is an autoregressive process of first order;
an *episode* is a fault that comes, stays for some dozens of shots and fades (0…1).

Melt      T_m = 230 + plant + AR - 22·(heating band fails)
Mould     T_w = 42 + plant + 1.5·sin(day) + AR + 22·(coolant blocked)
Viscosity η   = lot · exp(-0.011·(T_m - 230)), relative: Arrhenius, linearised round 230 °C.
                A lot is about 400 shots, `lot` is log-normal.
Filling   p_i = 780 · η^0.55 · (1 - 0.004·(T_w - 42)), cut off at the machine's limit of 960;
          t_i = 1.15 · (what was asked / what the limit lets through)
Packing   p_h = 420 + AR - 130·λ + 85·(operator raises it), λ the leak of the check ring
Cushion   c   = 6.0 - 4.6·λ + 2.5·(1 - η^0.2) + noise: what is left in front of the screw
Cooling   t_c = 14 as set, less 3.4·(operator makes up for lost time)
          needed: s²/(π²·a) · ln(4/π · (T_m - T_w)/(T_e - T_w)), the cooling of a plate, with
          s = 2.5 mm, a = 0.085 mm²/s, ejected at T_e = 90
Cycle     t   = t_i + 5.5 (packing) + t_c + 6.8 (open, eject, close) + waiting

A shot is short where the pressure in the cavity is too low (cold, stiff, leaking), flashes where
it is too high (hot, thin, pressed), and sinks where it is packed too little or ejected too warm:

    cavity pressure P = p_h · (1 - 0.45·(η - 1)) · (1 + 0.004·(T_w - 42))
    P(short) = σ((338 - P)/5)    P(flash) = σ((P - 506)/5)
    P(sink)  = σ((needed + 0.2 - t_c)/0.22) or σ((2.4 - c)/0.2)
    P(defect) = 1 - (1 - short)·(1 - flash)·(1 - sink)·(1 - 0.008)

The last factor is what no sensor of the machine sees (a scratch, dirt in the mould).
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FEATURES = (
    "melt_temperature",
    "mould_temperature",
    "injection_pressure",
    "holding_pressure",
    "cushion",
    "injection_time",
    "cooling_time",
    "cycle_time",
)
# Scatter from shot to shot in quiet times: the yardstick of a wandering sensor.
SCATTER = {
    "melt_temperature": 1.6,
    "mould_temperature": 0.8,
    "holding_pressure": 4.5,
    "cushion": 0.15,
}
_DAY = datetime(2026, 3, 2, 8, 0)  # noqa: DTZ001 -- a plant's clock on the wall, no zone


@dataclass(frozen=True)
class Wander:
    """A sensor whose reading leaves the truth, from a share of the day on; the parts do not care.

    `reach` is in units of the sensor's scatter, reached after `over` of the day.
    """

    sensor: str
    start: float = 0.55
    over: float = 0.25
    reach: float = 7.0


def injection_moulding(
    seed: int,
    shots: int = 2400,
    *,
    wander: Wander | None = None,
    missing: float = 0.0,
    severity: float = 1.0,
) -> pd.DataFrame:
    """A day or more of one machine: `shot`, `time`, FEATURES, `defect` (0/1).

    `wander` lets one sensor of SCATTER drift, `missing` is the share of readings that were lost
    (NaN), `severity` scales how often faults come: 1 gives 4-8 % of defects.

    >>> day = injection_moulding(seed=7, shots=3)
    >>> [*day.columns] == ["shot", "time", *FEATURES, "defect"]
    True
    """
    rng = np.random.default_rng(seed)
    state = _process(rng, shots, severity)
    chance = _defect_chance(state)
    defect = (rng.random(shots) < chance).astype(np.int64)
    waiting = rng.exponential(0.25, shots)
    state["cycle_time"] = (
        state["injection_time"] + 5.5 + state["cooling_time"] + 6.8 + np.minimum(waiting, 3.0)
    )
    table = pd.DataFrame({name: _read(rng, name, state[name]) for name in FEATURES})
    if wander is not None:
        table[wander.sensor] += _wandering(wander, shots)
    for name in FEATURES if missing else ():
        table.loc[rng.random(shots) < missing, name] = np.nan
    seconds = np.concatenate([[0.0], np.cumsum(state["cycle_time"])[:-1]])
    table.insert(0, "shot", np.arange(1, shots + 1))
    table.insert(1, "time", pd.Timestamp(_DAY) + pd.to_timedelta(seconds.round(), unit="s"))
    table["defect"] = defect
    return table


def _process(rng: np.random.Generator, shots: int, severity: float) -> dict[str, Floats]:
    """What truly happens, shot by shot; names as in the module's equations."""
    fault = partial(_episodes, rng, shots, severity)
    hour = np.arange(shots) * 28.0 / 3600
    melt = 230 + rng.normal(0, 1.0) + _wave(rng, shots, 1.6) - 22 * fault(45)
    mould = (
        42
        + rng.normal(0, 0.8)
        + 1.5 * np.sin(2 * np.pi * (hour - 2) / 24)
        + _wave(rng, shots, 0.8)
        + 22 * fault(50)
    )
    lots = rng.lognormal(0, 0.035, shots // 400 + 1)
    viscosity = np.repeat(lots, 400)[:shots] * np.exp(-0.011 * (melt - 230))
    leak = fault(40)
    asked = 780 * viscosity**0.55 * (1 - 0.004 * (mould - 42))
    pressure = np.minimum(asked, 960.0)
    return {
        "melt_temperature": melt,
        "mould_temperature": mould,
        "viscosity": viscosity,
        "injection_pressure": pressure,
        "injection_time": 1.15 * asked / pressure,
        "holding_pressure": 420 + _wave(rng, shots, 4.5) - 130 * leak + 85 * fault(25),
        "cushion": 6.0 - 4.6 * leak + 2.5 * (1 - viscosity**0.2),
        "cooling_time": 14 - 3.4 * fault(30),
    }


def _defect_chance(state: dict[str, Floats]) -> Floats:
    """P(defect) of the module's equations."""
    melt, mould = state["melt_temperature"], state["mould_temperature"]
    cavity = (
        state["holding_pressure"]
        * (1 - 0.45 * (state["viscosity"] - 1))
        * (1 + 0.004 * (mould - 42))
    )
    needed = 2.5**2 / (np.pi**2 * 0.085) * np.log(4 / np.pi * (melt - mould) / (90 - mould))
    good = (
        (1 - _sigmoid((338 - cavity) / 5))
        * (1 - _sigmoid((cavity - 506) / 5))
        * (1 - _sigmoid((needed + 0.2 - state["cooling_time"]) / 0.22))
        * (1 - _sigmoid((2.4 - state["cushion"]) / 0.2))
        * (1 - 0.008)
    )
    chance: Floats = 1 - good
    return chance


def _read(rng: np.random.Generator, name: str, truth: Floats) -> Floats:
    """A reading: the truth, the sensor's noise, and the digits that the logger keeps."""
    noise, digits = {
        "melt_temperature": (0.4, 1),
        "mould_temperature": (0.2, 1),
        "injection_pressure": (4.0, 0),
        "holding_pressure": (2.0, 0),
        "cushion": (0.1, 2),
        "injection_time": (0.01, 2),
        "cooling_time": (0.03, 2),
        "cycle_time": (0.02, 2),
    }[name]
    reading: Floats = np.round(truth + rng.normal(0, noise, truth.size), digits)
    return reading


def _wave(rng: np.random.Generator, shots: int, scatter: float, memory: float = 0.97) -> Floats:
    """AR(1) round zero with this standard deviation."""
    pushes = rng.normal(0, scatter * np.sqrt(1 - memory**2), shots)
    values = np.empty(shots)
    value = rng.normal(0, scatter)
    for shot in range(shots):
        value = memory * value + pushes[shot]
        values[shot] = value
    return values


def _episodes(
    rng: np.random.Generator, shots: int, severity: float, length: float, every: float = 800
) -> Floats:
    """0 in quiet times; a fault rises within a few shots, stays about `length`, and fades."""
    level = np.zeros(shots)
    shot = rng.exponential(every / max(severity, 1e-9))
    while shot < shots:
        begin, lasts = int(shot), max(6, int(rng.gamma(4, length / 4)))
        height, steps = rng.uniform(0.25, 1.0), np.arange(lasts)
        shape = height * np.minimum(1, np.minimum((steps + 1) / 6, (lasts - steps) / (lasts / 3)))
        end = min(begin + lasts, shots)
        level[begin:end] = np.maximum(level[begin:end], shape[: end - begin])
        shot = end + rng.exponential(every / max(severity, 1e-9))
    return level


def _wandering(wander: Wander, shots: int) -> Floats:
    """What is added to a wandering sensor's readings."""
    share = np.arange(shots) / max(shots, 1)
    size = wander.reach * SCATTER[wander.sensor]
    added: Floats = size * np.clip((share - wander.start) / wander.over, 0, 1)
    return np.round(added, 2 if wander.sensor == "cushion" else 1)


def _sigmoid(value: Floats) -> Floats:
    answer: Floats = 1 / (1 + np.exp(-np.clip(value, -60, 60)))
    return answer
