"""When an owner lets a version begin to run at a plant: a daily window, some weekdays, a first day.

Everything before (fetch, verify, try out) is done at any time; only the switch waits. Pure: the
moment comes in as a value. What the hub signs and the agent reads is the same small document.

    {"from": "22:00", "to": "05:00", "zone": "Asia/Seoul", "weekdays": [0, 1, 2, 3, 4],
     "not_before": "2026-12-07"}
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, NamedTuple, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

WEEK = tuple(range(7))  # Monday is 0, as in datetime
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_YEARS = range(2000, 2200)  # beyond them no zone can be reckoned with
_AHEAD = 16  # days that are looked at: any weekday comes twice, also where a clock is put forward


class Slot(NamedTuple):
    """A window of the day. A weekday is that of the window's beginning; equal times: all day."""

    begin: time
    end: time
    zone: str
    weekdays: tuple[int, ...] = WEEK
    not_before: date | None = None

    @classmethod
    def read(cls, told: object) -> Self:
        """A slot from its document. Raises ValueError for what is none.

        >>> Slot.read({"from": "22:00", "to": "05:00", "zone": "Asia/Seoul"}).weekdays
        (0, 1, 2, 3, 4, 5, 6)
        """
        if not isinstance(told, Mapping):
            raise ValueError("slot")  # noqa: TRY004 - one kind of error for whatever is no slot
        days = told.get("weekdays", list(WEEK))
        if not isinstance(days, list) or not days or not all(day in WEEK for day in days):
            raise ValueError("weekdays")
        first = told.get("not_before")
        begins = date.fromisoformat(first) if isinstance(first, str) else None
        if begins is not None and begins.year not in _YEARS:
            raise ValueError("not_before")
        return cls(
            _clock(told.get("from")),
            _clock(told.get("to")),
            _zone_name(told.get("zone")),
            tuple(sorted({int(day) for day in days})),
            begins,
        )

    def written(self) -> dict[str, Any]:
        """Its document."""
        return {
            "from": f"{self.begin:%H:%M}",
            "to": f"{self.end:%H:%M}",
            "zone": self.zone,
            "weekdays": list(self.weekdays),
            "not_before": self.not_before.isoformat() if self.not_before else None,
        }

    def opens(self, at: datetime) -> datetime:
        """The first moment from `at` on at which the switch may be made; `at` itself where it may.

        >>> night = Slot(time(22), time(5), "Asia/Seoul")
        >>> night.opens(datetime(2026, 12, 1, 3, tzinfo=UTC)).isoformat()  # noon in Seoul
        '2026-12-01T13:00:00+00:00'
        >>> night.opens(datetime(2026, 12, 1, 16, tzinfo=UTC)).isoformat()  # one in the morning
        '2026-12-01T16:00:00+00:00'
        """
        zone = zone_of(self.zone)
        begin = at.astimezone(UTC)
        if self.not_before is not None:
            first = datetime.combine(self.not_before, time(), zone).astimezone(UTC)
            begin = max(begin, first)
        today = begin.astimezone(zone).date()
        for day in (today + timedelta(days=n) for n in range(-1, _AHEAD)):
            if day.weekday() not in self.weekdays:
                continue
            opened = datetime.combine(day, self.begin, zone).astimezone(UTC)
            night = timedelta(days=self.end <= self.begin)
            closed = datetime.combine(day + night, self.end, zone).astimezone(UTC)
            if begin < closed:
                return max(begin, opened)
        return begin  # never: a week has every weekday

    def is_open(self, at: datetime) -> bool:
        """Whether the switch may be made now."""
        return self.opens(at) <= at


def zone_of(name: str) -> tzinfo:
    """The time zone of that name; where the PC has no list of zones, the one that it is set to."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return datetime.now().astimezone().tzinfo or UTC


def _clock(told: object) -> time:
    if not isinstance(told, str) or not _CLOCK.fullmatch(told):
        raise ValueError("time")
    return time.fromisoformat(told)


def _zone_name(told: object) -> str:
    if not isinstance(told, str) or not re.fullmatch(r"[A-Za-z0-9_+\-/]{1,60}", told):
        raise ValueError("zone")
    return told
