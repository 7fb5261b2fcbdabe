"""The pages of rollouts: is it going well, should I stop."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlmodel import Session

from hub import access
from hub.steering import steer
from hub.web import home, reasons
from hub.web.asking import hub_here, say, who
from hub.web.home import Task
from hub.web.pages import number_asked, page_of, page_of_list
from hub.web.rollout_new import bp
from sharing import rollout as rules
from sharing.errors import DeliveryNotFound, SharingError
from sharing.services import board as boards
from sharing.services import deliveries
from sharing.tables import Rollout
from supplychain.tables import now

bp.record_once(lambda state: state.app.jinja_env.filters.update(reason=reasons.in_words))

# action → (words on the button, the question before it)
ACTIONS = {
    "start": (_l("Start"), ""),
    "resume": (_l("Resume"), ""),
    "pause": (_l("Pause"), ""),
    "stop": (
        _l("Stop"),
        _l("Stop the rollout? What has not arrived is taken back; what runs, runs on."),
    ),
    "rollback": (
        _l("Back to the previous version"),
        _l("Let every plant go back to the version before? Plants without one stop using it."),
    ),
}


@bp.get("/")
def rollouts() -> str:
    """All rollouts of my firms."""
    with hub_here().db.reading() as session:
        page = page_of(session, access.rollouts_seen(who()), number_asked(), size=20)
        found = [boards.board_of(session, rollout) for rollout in page.items]
    return render_template(
        "rollouts/rollouts.html", page=page, boards=found, may=who().has("publisher")
    )


@bp.get("/<int:number>")
def board(number: int) -> str:
    """Is it going well, should I stop."""
    with hub_here().db.reading() as session:
        return render_template("rollouts/board.html", **_board(session, number))


@bp.get("/<int:number>/live")
def live(number: int) -> str:
    """The moving part of it."""
    with hub_here().db.reading() as session:
        return render_template("rollouts/board_live.html", **_board(session, number))


@bp.post("/<int:number>/<any(start, pause, resume, stop, rollback):action>")
def act(number: int, action: str) -> ResponseReturnValue:
    """Start, pause, resume, stop, or go back."""
    try:
        with hub_here().db.work() as session:
            rollout = access.steered_rollout(session, who(), number)
            steer(session, rollout, action, who().handle, request.form.get("reason", ""))
    except SharingError as error:
        flash(say(error), "error")
    return redirect(url_for(".board", number=number))


@bp.get("/<int:number>/deliveries/<int:delivery>")
def delivery(number: int, delivery: int) -> str:
    """What happened at one plant, step by step."""
    with hub_here().db.reading() as session:
        rollout = access.rollout_seen(session, who(), number)
        found = boards.board_of(session, rollout)
        square = next((s for s in found.squares if s.delivery.id == delivery), None)
        if square is None:
            raise DeliveryNotFound(delivery=delivery)
        return render_template(
            "rollouts/delivery.html",
            board=found,
            square=square,
            events=deliveries.events_of(session, square.delivery),
        )


def _board(session: Session, number: int) -> dict[str, Any]:
    rollout = access.rollout_seen(session, who(), number)
    found = boards.board_of(session, rollout)
    group = request.args.get("show", "")
    squares = [
        square
        for square in found.squares
        if not group or square.delivery.state in boards.GROUPS.get(group, ())
    ]
    may = who().has("publisher", rollout.lead_firm_id)
    return {
        "board": found,
        "rollout": rollout,
        "page": page_of_list(squares, number_asked(), size=25),
        "show": group,
        "actions": [a for a in ACTIONS if may and rules.moved(rollout.state, a)],
        "words": ACTIONS,
        "failures": boards.failures_lately(session, rollout),
        "at": now(),
    }


def _paused(session: Session, person: access.Who) -> list[Task]:
    """A rollout that paused itself wants somebody to look at it."""
    paused = access.rollouts_seen(person).where(Rollout.state == "paused").limit(5)
    return [
        Task(
            str(_("Rollout “%(name)s” is paused", name=rollout.name)),
            reasons.in_words(rollout.reason),
            url_for("rollouts.board", number=rollout.id),
            str(_("Look at it")),
            kind="attention",
            rank=20,
        )
        for rollout in session.exec(paused)
        if person.has("publisher", rollout.lead_firm_id)
    ]


def _watched(session: Session, person: access.Who) -> list[Task]:
    running = access.rollouts_seen(person).where(Rollout.state == "running").limit(3)
    return [
        Task(
            str(_("Rollout “%(name)s” is running", name=rollout.name)),
            "",
            url_for("rollouts.board", number=rollout.id),
            str(_("Watch")),
            kind="moving",
            rank=40,
        )
        for rollout in session.exec(running)
        if person.has("publisher", rollout.lead_firm_id)
    ]


home.TASKS.extend((_paused, _watched))
