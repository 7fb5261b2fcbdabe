"""The first page: what am I asked to do, what changed since last week.

Rooms add to it by appending functions to TASKS and CHANGES when their module is imported.
"""

from datetime import datetime, timedelta
from typing import cast

from flask import Blueprint, Flask, render_template
from sqlmodel import Session

from hub.access import Who
from hub.web import first_days, news
from hub.web.asked import CHANGES, TASKS, Change, Task
from hub.web.asking import hub_here, who
from hub.web.furniture import menu, register_furniture
from supplychain.tables import now

__all__ = ["CHANGES", "TASKS", "Change", "Task", "bp"]

bp = Blueprint("home", __name__)
bp.record_once(lambda state: register_furniture(cast("Flask", state.app)))
TASKS.extend(news.FIRST_STEPS)
TASKS.append(first_days.first_days_tasks)
CHANGES.extend((*news.NEWS, first_days.firm_news))

SHOWN_TASKS, SHOWN_CHANGES, LOOK_BACK = 8, 12, timedelta(days=7)


@bp.get("/")
def home() -> str:
    """A stranger's front page, or the tasks of whoever is signed in."""
    if not who().known:
        return render_template("welcome.html")
    with hub_here().db.reading() as rows:
        tasks, changes = tasks_of(rows, who()), changes_of(rows, who(), now() - LOOK_BACK)
    places = [line for entry in menu()[1:] for line in entry.lines or (entry,)]
    return render_template("home.html", tasks=tasks, changes=changes, places=places)


def tasks_of(session: Session, person: Who) -> list[Task]:
    """What the person is asked to do, most urgent first."""
    found = [task for offer in TASKS for task in offer(session, person)]
    return sorted(found, key=lambda task: task.rank)[:SHOWN_TASKS]


def changes_of(session: Session, person: Who, since: datetime) -> list[Change]:
    """What changed for the person, newest first."""
    found = [change for tell in CHANGES for change in tell(session, person, since)]
    return sorted(found, key=lambda change: change.at, reverse=True)[:SHOWN_CHANGES]
