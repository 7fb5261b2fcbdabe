"""A plant's time slot in words, and read from a form."""

from collections.abc import Mapping
from typing import Any

from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from sharing.agent.slot import WEEK, Slot

DAYS = (_l("Mon"), _l("Tue"), _l("Wed"), _l("Thu"), _l("Fri"), _l("Sat"), _l("Sun"))
ZONE = "Asia/Seoul"


def slot_in_words(slot: Mapping[str, Any] | None) -> str:
    """When versions may begin to run: 22:00–05:00, Mon, Tue (Asia/Seoul)."""
    if not slot:
        return str(_("Any time"))
    read = Slot.read(slot)
    parts = []
    if read.begin != read.end:
        parts.append(f"{read.begin:%H:%M}–{read.end:%H:%M}")
    if read.weekdays != WEEK:
        parts.append(" ".join(str(DAYS[day]) for day in read.weekdays))
    if read.not_before:
        day = format_date(read.not_before, "medium")
        parts.append(str(_("not before %(day)s", day=day)))
    return f"{', '.join(parts) or _('Any time')} ({read.zone})"


def slot_asked(form: MultiDict[str, str], zone: str) -> dict[str, Any] | None:
    """The slot that a form asks for; None for any time. sharing.services.owners judges it."""
    begin, end = form.get("from", "").strip()[:5], form.get("to", "").strip()[:5]
    days = sorted({int(day) for day in form.getlist("day") if day.isdecimal() and len(day) == 1})
    first = form.get("not_before", "").strip()
    if form.get("when") == "any" and not first:
        return None
    if form.get("when") == "any":
        begin, end, days = "00:00", "00:00", list(WEEK)
    return {
        "from": begin,
        "to": end,
        "zone": zone,
        "weekdays": days,
        "not_before": first or None,
    }
