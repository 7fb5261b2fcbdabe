"""What alerts give a firm to do, and what became of them."""

from collections.abc import Iterable
from datetime import datetime

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlmodel import Session

from hub import access
from hub.access import Who
from hub.web.alert_words import kind
from hub.web.asked import Change, Task
from supplychain.services.alert_lists import Summary, summaries
from supplychain.services.alert_views import alert_seen

_MOST = 3


def alert_tasks(session: Session, person: Who) -> Iterable[Task]:
    """Alerts to read, to answer, to pass on; and firms to whom ours found no way."""
    for firm in access.own_firms(session, person):
        found = summaries(session, firm.id or 0)
        for each in [one for one in found if one.to_do][:_MOST]:
            yield _task(each, firm.id or 0)
        for each in [one for one in found if one.raised and one.alert.state == "open"][:_MOST]:
            seen = alert_seen(session, firm.id or 0, each.alert.id or 0)
            lost = sum(line.ours and line.came_to == "unreachable" for line in seen.lines)
            if lost:
                yield Task(
                    ngettext(
                        "Your alert does not reach %(num)s firm",
                        "Your alert does not reach %(num)s firms",
                        lost,
                    ),
                    _("Give an e-mail address, or ring them."),
                    _here(each, firm.id or 0),
                    _("See the alert"),
                    "attention",
                    20,
                )


def _task(each: Summary, firm: int) -> Task:
    titles = {
        "acknowledge": _("A new alert: %(kind)s", kind=kind(each.alert.kind)),
        "answer": _("An alert waits for your answer: %(kind)s", kind=kind(each.alert.kind)),
        "pass": _("An alert waits to be passed on: %(kind)s", kind=kind(each.alert.kind)),
    }
    urgent = each.alert.urgency == "now"
    return Task(
        titles[each.to_do],
        each.alert.text[:120],
        _here(each, firm),
        _("See the alert"),
        "bad" if urgent else "attention",
        5 if urgent else 10,
    )


def alert_news(session: Session, person: Who, since: datetime) -> Iterable[Change]:
    """Alerts that are over."""
    for firm in access.own_firms(session, person):
        for each in summaries(session, firm.id or 0):
            if each.alert.over_at and each.alert.over_at > since:
                told = (
                    _("An alert is resolved: %(kind)s", kind=kind(each.alert.kind))
                    if each.alert.state == "resolved"
                    else _("An alert was taken back: %(kind)s", kind=kind(each.alert.kind))
                )
                yield Change(each.alert.over_at, told, _here(each, firm.id or 0))


def _here(each: Summary, firm: int) -> str:
    return url_for("alerts.one", alert_id=each.alert.id, firm=firm)
