"""Alerts and answers as forms and requests give them."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from hub.settings import Settings
from supplychain.alert_errors import AlertIncomplete
from supplychain.services.alerts import Answer, Draft


def draft_of(form: MultiDict[str, str], settings: Settings) -> Draft:
    """The alert that a form describes. Raises AlertIncomplete for a date that is none."""
    return Draft(
        key=form.get("key", "")[:64],
        text=form.get("text", ""),
        direction=form.get("direction", ""),
        kind=form.get("kind", ""),
        urgency=form.get("urgency", ""),
        item=form.get("item", ""),
        region=form.get("region", ""),
        process=form.get("process", ""),
        asks=tuple(form.getlist("asks")),
        tiers=tuple(int(each) for each in form.getlist("tiers") if each.isdecimal()),
        by_itself=form.get("by_itself") == "yes",
        answer_by=end_of(day_of(form.get("answer_by", ""), "answer_by"), settings),
        cause=form.get("cause") == "yes",
    )


def answer_of(form: Mapping[str, str]) -> Answer:
    """What a form answers. Raises AlertIncomplete for a date or a number that is none."""
    affected = form.get("affected", "").strip().rstrip("%").strip()
    if affected and not (affected.isdecimal() and len(affected) < 4):
        raise AlertIncomplete(fields="affected")
    return Answer(
        delivers=form.get("delivers", ""),
        until=day_of(form.get("until", ""), "until"),
        affected=int(affected) if affected else None,
        note=form.get("note", ""),
        cause=form.get("cause") == "yes",
    )


def day_of(text: str, field: str) -> date | None:
    """A day as browsers send it; None for nothing."""
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise AlertIncomplete(fields=field) from error


def end_of(day: date | None, settings: Settings) -> datetime | None:
    """The last moment of a day where the hub is."""
    if day is None:
        return None
    last = datetime.combine(day, time(23, 59, 59), tzinfo=ZoneInfo(settings.time_zone))
    return last.astimezone(UTC)
