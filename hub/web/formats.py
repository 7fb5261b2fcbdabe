"""How values are written on pages: in the reader's language, times in the hub's time zone."""

import math
from datetime import date, datetime
from typing import Any

from babel import Locale
from flask import Flask
from flask_babel import format_decimal, get_locale, ngettext, to_user_timezone
from flask_babel import gettext as _

from hub.web.states import action, known, part, role
from supplychain.tables import now
from supplychain.taxonomy import LEVELS, PROCESSES, REGIONS, Words

NOTHING = "–"


def language() -> str:
    """The reader's language: ko or en."""
    found = get_locale()
    return "en" if found is not None and found.language == "en" else "ko"


def day(value: date | datetime | None) -> str:
    """A date: 2026. 11. 23. in Korean, 23 Nov 2026 in English."""
    if value is None:
        return NOTHING
    there = to_user_timezone(value) if isinstance(value, datetime) else value
    if language() == "en":
        return f"{there.day} {there:%b} {there.year}"
    return f"{there.year}. {there.month}. {there.day}."


def moment(value: datetime | None) -> str:
    """A date with hours and minutes."""
    return NOTHING if value is None else f"{day(value)} {to_user_timezone(value):%H:%M}"


def clock(value: datetime | None) -> str:
    """Hours, minutes, seconds."""
    return NOTHING if value is None else f"{to_user_timezone(value):%H:%M:%S}"


def ago(value: datetime | None) -> str:
    """How long ago, in the largest unit that fits; a date after a month."""
    if value is None:
        return NOTHING
    seconds = (now() - value).total_seconds()
    if seconds < 60:
        return str(_("just now"))
    if seconds < 3600:
        return str(ngettext("%(num)s minute ago", "%(num)s minutes ago", int(seconds // 60)))
    if seconds < 86400:
        return str(ngettext("%(num)s hour ago", "%(num)s hours ago", int(seconds // 3600)))
    if seconds < 31 * 86400:
        return str(ngettext("%(num)s day ago", "%(num)s days ago", int(seconds // 86400)))
    return day(value)


def number(value: float | None) -> str:
    """A count or measure with separators of thousands."""
    return NOTHING if value is None else str(format_decimal(value))


def decimal(value: float | None, places: int = 1) -> str:
    """A measure with a fixed number of decimals."""
    return NOTHING if value is None else f"{value:,.{places}f}"


def percent(value: float | None, places: int = 1) -> str:
    """A share (0-1) in percent.

    >>> percent(0.1234)
    '12.3 %'
    """
    return NOTHING if value is None else f"{value * 100:.{places}f} %"


def money(won: float | None) -> str:
    """Won: with 억 and 만 in Korean, in full in English."""
    if won is None:
        return NOTHING
    if language() == "en":
        return f"KRW {won:,.0f}"
    return korean_money(won)


def korean_money(won: float) -> str:
    """Won as Koreans count it.

    >>> korean_money(1_234_560_000), korean_money(98_000), korean_money(7_500)
    ('12억 3,456만 원', '9만 8,000원', '7,500원')
    """
    sign, won = ("-" if won < 0 else ""), abs(round(won))
    eok, rest = divmod(won, 100_000_000)
    man, ones = divmod(rest, 10_000)
    if eok:
        return f"{sign}{eok:,}억" + (f" {man:,}만" if man else "") + " 원"
    if man:
        return f"{sign}{man:,}만 " + (f"{ones:,}원" if ones else "원")
    return f"{sign}{ones:,}원"


def size(value: float | None) -> str:
    """Bytes in the unit that fits (powers of ten, as disks and networks count).

    >>> size(950), size(1_234_567)
    ('950 B', '1.2 MB')
    """
    if value is None:
        return NOTHING
    if value < 1000:
        return f"{value:.0f} B"
    units = ("kB", "MB", "GB", "TB")
    power = min(len(units), int(math.log10(value) // 3))
    return f"{value / 1000**power:.1f} {units[power - 1]}"


def seconds(value: float | None) -> str:
    """A duration; below a second in milliseconds."""
    if value is None:
        return NOTHING
    if value < 1:
        return str(_("%(count)s ms", count=f"{value * 1000:.0f}"))
    if value < 120:
        return str(_("%(count)s s", count=f"{value:.1f}"))
    return str(_("%(count)s min", count=f"{value / 60:.0f}"))


def pick(value: Any) -> str:
    """The reader's side of bilingual content: Words, or {"ko": …, "en": …}."""
    if isinstance(value, Words):
        return value.in_(language())
    if isinstance(value, dict):
        return str(value.get(language()) or value.get("ko") or value.get("en") or "")
    return "" if value is None else str(value)


def process(code: str) -> str:
    """A manufacturing process in words; the code itself where it is not one of ours."""
    return pick(PROCESSES.get(code, code)) or NOTHING


def region(code: str) -> str:
    """A province in words; the code itself where it is not one of ours."""
    return pick(REGIONS.get(code, code)) or NOTHING


def country(code: str) -> str:
    """A country of ISO 3166 in words; the code itself where it is none."""
    return str(Locale(language()).territories.get(code, code)) or NOTHING


def level(value: int) -> str:
    """A smart-factory level in words."""
    return pick(LEVELS.get(value, str(value)))


def tier(value: int | None) -> str:
    """A tier: 2차 in Korean, Tier 2 in English."""
    return NOTHING if value is None else str(_("Tier %(number)s", number=value))


FILTERS = {
    "day": day,
    "moment": moment,
    "clock": clock,
    "ago": ago,
    "number": number,
    "decimal": decimal,
    "percent": percent,
    "money": money,
    "bytes": size,
    "seconds": seconds,
    "pick": pick,
    "process": process,
    "region": region,
    "country": country,
    "level": level,
    "tier": tier,
    "role": role,
    "part": part,
    "action": action,
    "known": known,
}


def register_formats(app: Flask) -> None:
    """Make the filters known to templates."""
    app.jinja_env.filters.update(FILTERS)
