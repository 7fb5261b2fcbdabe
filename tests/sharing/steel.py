"""A steel maker's energy in the next quarter of an hour (UCI 851), as a bundle of a regressor.

The day's last reading is stamped 00:00 of the same date, so the index is counted, not read.
"""

import csv
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor

from sharing.bundle import as_fed, bundle_from_sklearn, telling
from sharing.card import Card
from tests.sharing.bundles import card

# name, unit, low, high, ko, en
COLUMNS = (
    ("kwh", "kWh", 0, 200, "이번 15분 전력량", "Energy of this quarter"),
    ("kwh_before_1", "kWh", 0, 200, "15분 전", "One quarter before"),
    ("kwh_before_2", "kWh", 0, 200, "30분 전", "Two quarters before"),
    ("kwh_before_3", "kWh", 0, 200, "45분 전", "Three quarters before"),
    ("kwh_yesterday", "kWh", 0, 200, "어제 같은 때", "Yesterday at that time"),
    ("kwh_last_week", "kWh", 0, 200, "지난주 같은 때", "Last week at that time"),
    ("lagging_power_factor", "%", 0, 100, "지상 역률", "Lagging power factor"),
    ("minute_of_day", "min", 0, 1439, "하루 중 분", "Minute of the day"),
    ("weekday", "1", 0, 6, "요일(월=0)", "Day of the week (Monday 0)"),
)
_WEEK = 7 * 96


class Made(NamedTuple):
    """The fitted regressor, the rows and results of the last fifth, what persistence says."""

    model: HistGradientBoostingRegressor
    rows: np.ndarray
    came: np.ndarray
    stamps: list[datetime]

    @property
    def error(self) -> float:
        return float(np.abs(self.model.predict(self.rows) - self.came).mean())

    @property
    def error_of_persistence(self) -> float:
        return float(np.abs(self.rows[:, 0] - self.came).mean())


def read(source: Path) -> tuple[list[datetime], list[dict[str, str]]]:
    """Stamps and rows; the stamps are counted from the first one, and agree with those written."""
    with source.open(encoding="utf-8-sig") as file:
        table = list(csv.DictReader(file))
    begin = datetime.strptime(table[0]["date"], "%d/%m/%Y %H:%M")  # noqa: DTZ007 - a plant's own clock
    stamps = [begin + timedelta(minutes=15 * i) for i in range(len(table))]
    for stamp, row in zip(stamps, table, strict=True):
        day, time = row["date"].split()
        said = stamp - timedelta(minutes=15) if time == "00:00" else stamp
        assert day == f"{said:%d/%m/%Y}", (row["date"], stamp)
    return stamps, table


@cache
def trained(source: Path) -> Made:
    stamps, table = read(source)
    kwh = np.array([float(row["Usage_kWh"]) for row in table])
    factor = np.array([float(row["Lagging_Current_Power_Factor"]) for row in table])
    now = np.arange(_WEEK, len(kwh) - 1)
    coming = [stamps[i + 1] for i in now]
    rows = as_fed(
        np.column_stack(
            [
                kwh[now], kwh[now - 1], kwh[now - 2], kwh[now - 3],
                kwh[now + 1 - 96], kwh[now + 1 - _WEEK], factor[now],
                [each.hour * 60 + each.minute for each in coming],
                [each.weekday() for each in coming],
            ]
        )
    )  # fmt: skip
    came = kwh[now + 1]
    cut = len(now) * 4 // 5  # the future is never learnt from
    model = HistGradientBoostingRegressor(
        loss="absolute_error", max_iter=100, learning_rate=0.1, random_state=0
    ).fit(rows[:cut], came[:cut])
    return Made(model, rows[cut:], came[cut:], coming[cut:])


def steel_card(error: float, **changes: object) -> Card:
    said = card(slug="energy-next-quarter", process="materials", controls=[], **changes)
    said["metrics"] = [
        {
            "name": "mae",
            "value": round(error, 2),
            "ko": "평균 절대 오차(kWh)",
            "en": "Mean absolute error (kWh)",
        }
    ]
    said["schema"] = {
        "inputs": [
            {
                "name": name, "unit": unit, "low": low, "high": high, "ko": ko, "en": en,
                "sampling_seconds": 900,
                "type": "integer" if name in ("minute_of_day", "weekday") else "float",
            }
            for name, unit, low, high, ko, en in COLUMNS
        ],
        "outputs": [
            {
                "name": "kwh_next", "unit": "kWh", "low": -20, "high": 250, "sampling_seconds": 900,
                "ko": "다음 15분 전력량", "en": "Energy of the next quarter",
            }
        ],
    }  # fmt: skip
    return Card.model_validate(said)


def steel_bundle(source: Path, folder: Path, **changes: object) -> Path:
    """The bundle `energy-next-quarter`, written to the folder; it warns from 120 kWh on."""
    made = trained(source)
    chosen = telling(made.model.predict(made.rows))
    return bundle_from_sklearn(
        made.model,
        steel_card(made.error, **changes),
        made.rows[chosen],
        folder,
        calibration={"thresholds": {"kwh_next": 120.0}},
    )
