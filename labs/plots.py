"""Pictures that somebody on the shop floor reads, for notebooks. Korean letters come along.

The font is NanumGothic (SIL Open Font License), out of the package koreanize-matplotlib, which is
only looked into and never imported.
"""

import os
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib import font_manager
from matplotlib import pyplot as plt

BLUE, RED, GREY = "#256ef4", "#de3412", "#8a949e"

# Korean, English, unit of each column that a plot may be asked for.
NAMES = {
    "melt_temperature": ("수지 온도", "Melt temperature", "°C"),
    "mould_temperature": ("금형 온도", "Mould temperature", "°C"),
    "injection_pressure": ("사출 압력", "Injection pressure", "bar"),
    "holding_pressure": ("보압", "Holding pressure", "bar"),
    "cushion": ("쿠션", "Cushion", "mm"),
    "injection_time": ("사출 시간", "Injection time", "s"),
    "cooling_time": ("냉각 시간", "Cooling time", "s"),
    "cycle_time": ("사이클 타임", "Cycle time", "s"),
    "defect": ("불량", "Defect", ""),
    "shot": ("쇼트 번호", "Shot", ""),
}


def _say(ko: str, en: str) -> str:
    return en if os.environ.get("SANGSAENG_LOCALE") == "en" else ko


def name_of(column: str) -> str:
    """A column in the reader's words, with its unit."""
    ko, en, unit = NAMES.get(column, (column, column, ""))
    return f"{_say(ko, en)} ({unit})" if unit else _say(ko, en)


@cache
def ready() -> str:
    """Make matplotlib ready for Korean, once; the family that is used."""
    spec = find_spec("koreanize_matplotlib")
    places = spec.submodule_search_locations if spec else None
    for path in sorted(Path(places[0], "fonts").glob("NanumGothic*.ttf")) if places else ():
        font_manager.fontManager.addfont(path)
    family = "NanumGothic" if places else "sans-serif"
    mpl.rcParams.update(
        {
            "font.family": family,
            "font.size": 11,
            "axes.unicode_minus": False,  # the font has the hyphen, not the minus sign
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "grid.color": "#e6e8ea",
            "axes.axisbelow": True,
            "figure.figsize": (9, 3.6),
            "figure.dpi": 100,
        }
    )
    return family


def hourly_defects(day: pd.DataFrame) -> Any:
    """Bars: defects in each hour, the worst one in red."""
    ready()
    hours = day["time"].dt.floor("h")
    counts = day.groupby(hours)["defect"].sum()
    figure, axes = plt.subplots(layout="constrained")
    colours = [RED if value == counts.max() else BLUE for value in counts]
    bars = axes.bar([f"{hour.hour}" for hour in counts.index], counts.to_numpy(), color=colours)
    axes.bar_label(bars, fontsize=9)
    axes.set_xlabel(_say("시각 (시)", "Hour"))
    axes.set_ylabel(_say("불량 (개)", "Defects"))
    axes.set_title(_say("시간대별 불량", "Defects by hour"), loc="left")
    axes.grid(visible=False, axis="x")
    return _shown(figure)


def over_the_day(day: pd.DataFrame, column: str) -> Any:
    """Each shot as a grey dot, defects red, and the usual height of 100 shots as a thick line."""
    ready()
    figure, axes = plt.subplots(layout="constrained")
    good, bad = day[day["defect"] == 0], day[day["defect"] == 1]
    axes.plot(good["shot"], good[column], ".", color=GREY, ms=2.5, label=_say("양품", "Good"))
    axes.plot(bad["shot"], bad[column], "x", color=RED, ms=4, label=_say("불량", "Defective"))
    usual = day[column].rolling(100, center=True, min_periods=20).median()
    words = _say("100쇼트 중앙값", "Median of 100 shots")
    axes.plot(day["shot"], usual, color=BLUE, lw=2.5, label=words)
    axes.set_xlabel(name_of("shot"))
    axes.set_ylabel(name_of(column))
    axes.set_title(
        _say(f"하루 동안의 {name_of(column)}", f"{name_of(column)} over the day"), loc="left"
    )
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=9)
    axes.set_xticks(range(0, len(day) + 1, 200))
    return _shown(figure)


def alarms(day: pd.DataFrame, probability: Any, threshold: float) -> Any:
    """Where the model's alarms fall: right ones, false ones, and what was missed."""
    ready()
    alarm, bad = np.asarray(probability) >= threshold, day["defect"].to_numpy() == 1
    figure, axes = plt.subplots(layout="constrained")
    kinds = (
        (~alarm & ~bad, GREY, ".", 2.5, _say("정상", "Quiet and good")),
        (alarm & bad, BLUE, "o", 4, _say("맞은 경보", "Right alarm")),
        (alarm & ~bad, "#f5a700", "^", 5, _say("헛경보", "False alarm")),
        (~alarm & bad, RED, "x", 6, _say("놓친 불량", "Missed defect")),
    )
    for rows, colour, sign, size, words in kinds:
        axes.plot(
            day["shot"][rows],
            np.asarray(probability)[rows],
            sign,
            color=colour,
            ms=size,
            label=words,
        )
    axes.axhline(threshold, color="#1e2124", lw=1, ls="--")
    axes.set_xlabel(name_of("shot"))
    axes.set_ylabel(_say("모델이 말한 불량 확률", "Probability of a defect"))
    title = _say(f"기준값 {threshold:g}에서의 경보", f"Alarms at a threshold of {threshold:g}")
    axes.set_title(title, loc="left")
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=9)
    return _shown(figure)


def alarm_table(day: pd.DataFrame, probability: Any, threshold: float) -> pd.DataFrame:
    """Counts: alarm or not against defective or not."""
    alarm = np.asarray(probability) >= threshold
    table = pd.crosstab(alarm, day["defect"].to_numpy() == 1)
    table = table.reindex(index=[True, False], columns=[True, False], fill_value=0)
    table.index = [_say("경보가 울림", "Alarm"), _say("경보 없음", "No alarm")]
    table.columns = [_say("실제 불량", "Really bad"), _say("실제 양품", "Really good")]
    return table


def _shown(figure: Any) -> Any:
    # Given back as a picture of the cell; closed, so that it is not drawn a second time.
    plt.close(figure)
    return figure
