"""What a publisher decides of a rollout before it starts: its waves, its gates, its deadlines.

Values and arithmetic only. `sharing.rollout` says what becomes of them.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

# Figures that every site may tell and that are no numbers: what a site tells when it is well.
_WELL = {"health": ("ok", "unknown", ""), "drift": ("none", "no", "ok", "stable", "")}
MOST_WAVES = 50


class Part(BaseModel):
    """A wave's part of the audience: so many sites, or a share of all, or (neither) the rest.

    >>> str(Part(sites=5)), str(Part(share=0.2)), str(Part())
    ('5', '20 %', 'rest')
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sites: int = Field(0, ge=0)
    share: float = Field(0, ge=0, le=1)

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if self.sites and self.share:
            raise ValueError("a wave has a size or a share, not both")
        return self

    def __str__(self) -> str:
        """As `waves_from` reads it."""
        if self.sites:
            return str(self.sites)
        return f"{self.share * 100:g} %" if self.share else "rest"


class FigureGate(BaseModel):
    """Too many sites with a bad figure are an error of the wave, like too many failures.

    `figure` is "health", "drift" or a number that sites report by that name; a number is bad above
    `at_most` or below `at_least`. Only sites that told the figure count, from `min_sample` on.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    figure: str = Field(min_length=1, max_length=40)
    at_most: float | None = None
    at_least: float | None = None
    share: float = Field(0.2, ge=0, le=1)
    min_sample: int = Field(5, ge=1)

    @model_validator(mode="after")
    def _has_a_bound(self) -> Self:
        if self.figure not in _WELL and self.at_most is None and self.at_least is None:
            raise ValueError("a figure needs at_most or at_least")
        return self

    def is_bad(self, figures: Mapping[str, Any]) -> bool | None:
        """Whether a site's figures are bad; None where it did not tell this one.

        >>> FigureGate(figure="health").is_bad({"health": "broken"})
        True
        >>> FigureGate(figure="scrap", at_most=0.02).is_bad({"kpi": {"scrap": 0.01}})
        False
        >>> FigureGate(figure="drift").is_bad({}) is None
        True
        """
        told = _told(figures, self.figure)
        if told is None:
            return None
        if isinstance(told, str | bool):
            well = _WELL.get(self.figure)
            if well is None:
                return None
            return told if isinstance(told, bool) else told.strip().lower() not in well
        if not self._bounded:
            return bool(told)
        above = self.at_most is not None and told > self.at_most
        return above or (self.at_least is not None and told < self.at_least)

    @property
    def _bounded(self) -> bool:
        return self.at_most is not None or self.at_least is not None


def _told(figures: Mapping[str, Any], name: str) -> float | str | bool | None:
    # Directly, or among the figures of the firm's own aims; and shares of the predicted rows.
    kpi = figures.get("kpi")
    value = figures.get(name, kpi.get(name) if isinstance(kpi, Mapping) else None)
    if value is None and name.endswith("_share"):
        part, whole = figures.get(name.removesuffix("_share")), figures.get("predictions")
        if isinstance(part, int) and isinstance(whole, int) and whole > 0:
            return part / whole
    if isinstance(value, str | bool):
        return value
    if isinstance(value, int | float) and abs(value) < float("inf"):
        return value
    return None


class Plan(BaseModel):
    """The waves and gates of a rollout. Shares are parts of one.

    `waves` are shares that add up, or parts in order (see `Part`). `forgiven` errors were there
    when a person resumed: they do not pause it a second time. (Rollouts of before; now each wave
    keeps its own.)
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    error_share: float = Field(0.2, ge=0, le=1)
    min_sample: int = Field(5, ge=1)
    success_share: float = Field(1.0, gt=0, le=1)
    soak_minutes: float = Field(0, ge=0, le=60 * 24 * 365)
    answer_days: float = Field(14, gt=0, le=3650)
    silent_hours: float = Field(72, gt=0, le=24 * 365)
    arrive_days: float = Field(30, gt=0, le=3650)
    waves: tuple[float | Part, ...] = Field((1.0,), min_length=1, max_length=MOST_WAVES)
    figures: tuple[FigureGate, ...] = Field((), max_length=10)
    on_error: Literal["pause", "rollback"] = "pause"
    approval: bool = False
    forgiven: int = Field(0, ge=0)

    @model_validator(mode="after")
    def _shares_of_something(self) -> Self:
        if any(isinstance(wave, float) and not 0 < wave <= 1 for wave in self.waves):
            raise ValueError("the share of a wave lies between 0 and 1")
        return self

    def answer_by(self, offered: datetime) -> datetime:
        """Until when an owner may take to answer."""
        return offered + timedelta(days=self.answer_days)

    def heard_by(self, at: datetime) -> datetime:
        """Until when a site has to say something after the last thing that happened."""
        return at + timedelta(hours=self.silent_hours)

    def arrive_by(self, prepared: datetime) -> datetime:
        """Until when a site may take in all, however often it says something in between."""
        return prepared + timedelta(days=self.arrive_days)


def plan_from(data: Mapping[str, Any]) -> Plan:
    """A stored plan. Raises pydantic.ValidationError for what is none."""
    return Plan.model_validate(data)


def waves_from(text: str) -> tuple[Part, ...]:
    """Waves as a person writes them. Raises ValueError for what is none.

    >>> [str(part) for part in waves_from("5, 20%, rest")]
    ['5', '20 %', 'rest']
    """
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not 0 < len(words) <= MOST_WAVES:
        raise ValueError(text)
    return tuple(_part(word) for word in words)


def _part(word: str) -> Part:
    if word.casefold() in ("rest", "나머지"):
        return Part()
    found = re.fullmatch(r"(\d{1,6})|(\d{1,3}(?:\.\d{1,3})?)\s*%", word, re.ASCII)
    if found is None or float(found[2] or 0) > 100:
        raise ValueError(word)
    part = Part(sites=int(found[1])) if found[1] else Part(share=float(found[2]) / 100)
    if part == Part():
        raise ValueError(word)  # no sites, no share: that is not the rest
    return part


T = TypeVar("T")


def shared_out(items: Sequence[T], waves: Sequence[float | Part]) -> list[list[T]]:
    """The items in waves, in their order; every item in exactly one, no wave empty.

    >>> shared_out("abcdefghij", (0.1, 0.3, 0.6))
    [['a'], ['b', 'c', 'd'], ['e', 'f', 'g', 'h', 'i', 'j']]
    >>> [len(wave) for wave in shared_out(range(100), (Part(sites=5), Part(share=0.2)))]
    [5, 20, 75]
    """
    ends = _by_share(waves, len(items)) if _all_shares(waves) else _by_part(waves, len(items))
    shared, begin = [], 0
    for end in (*ends, len(items)):
        if end > begin:
            shared.append(list(items[begin:end]))
            begin = end
    return shared


def _all_shares(waves: Iterable[float | Part]) -> bool:
    return not any(isinstance(wave, Part) for wave in waves)


def _by_share(waves: Sequence[float | Part], count: int) -> list[int]:
    shares = [wave for wave in waves if not isinstance(wave, Part)]
    return [round(sum(shares[: n + 1]) / sum(shares) * count) for n in range(len(shares))]


def _by_part(waves: Sequence[float | Part], count: int) -> list[int]:
    ends: list[int] = []
    end = 0
    for wave in waves:
        part = wave if isinstance(wave, Part) else Part(share=wave)
        if part == Part():
            return [*ends, count]
        end = min(end + (part.sites or max(1, round(part.share * count))), count)
        ends.append(end)
    return ends
