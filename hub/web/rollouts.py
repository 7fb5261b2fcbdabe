"""The pages of rollouts: is it going well, should I stop."""

import hashlib
import json
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlmodel import Session, col, func, select

from hub import access
from hub.steering import steer
from hub.web import home, reasons
from hub.web.asking import hub_here, locale_asked, say, who
from hub.web.board_words import ACTIONS, lasted, next_step, plain_figures, waves_told
from hub.web.home import Task
from hub.web.pages import Page, number_asked, page_of
from hub.web.rollout_new import bp
from hub.web.states import state_of
from sharing import rollout as rules
from sharing.errors import SharingError
from sharing.services import board as boards
from sharing.services import insight
from sharing.tables import Delivery, Rollout
from supplychain.tables import now

bp.record_once(
    lambda state: state.app.jinja_env.filters.update(
        reason=reasons.in_words, plain_figures=plain_figures, lasted=lasted
    )
)

_SIZE = 25
_TURNS = 30  # seconds after which a page is made anew though nothing changed: it tells of times


@bp.get("/")
def rollouts() -> str:
    """All rollouts of my firms."""
    with hub_here().db.reading() as rows:
        page = page_of(rows, access.rollouts_seen(who()), number_asked(), size=20)
        found = boards.boards_of(rows, page.items)
    return render_template(
        "rollouts/rollouts.html", page=page, boards=found, may=who().has("publisher")
    )


@bp.get("/<int:number>")
def board(number: int) -> Response:
    """Is it going well, should I stop."""
    with hub_here().db.reading() as rows:
        found = boards.board_of(rows, access.rollout_seen(rows, who(), number))
        mark = _mark(rows, found)
        answer = Response(render_template("rollouts/board.html", mark=mark, **_told(rows, found)))
        answer.headers["Cache-Control"] = "private, no-store"
        return answer


@bp.get("/<int:number>/live")
def live(number: int) -> Response:
    """The moving part of it; not sent where the reader has it already."""
    with hub_here().db.reading() as rows:
        found = boards.board_of(rows, access.rollout_seen(rows, who(), number))
        mark = _mark(rows, found)
        answer = Response()
        answer.headers["Cache-Control"] = "private, no-cache"
        answer.vary.update(("Accept-Language", "Cookie"))
        answer.set_etag(mark, weak=True)
        if request.if_none_match.contains_weak(mark):
            answer.status_code = 304
        else:
            answer.set_data(render_template("rollouts/board_live.html", **_told(rows, found)))
        return answer


@bp.get("/<int:number>/squares/<int:delivery>")
def square(number: int, delivery: int) -> Response:
    """Whose square that is, and how it stands: said where somebody points at it."""
    with hub_here().db.reading() as rows:
        rollout = access.rollout_seen(rows, who(), number)
        seen = boards.square_of(rows, rollout, delivery)
        name = seen.firm.name if seen.named and seen.firm else _("Name not open to you")
        failed = boards.failures_lately(rows, rollout, [delivery]).get(delivery)
        said = reasons.in_words(seen.delivery.reason, failed.figures if failed else None)
    text = f"{name}: {state_of(seen.delivery.state).label}" + (f". {said}" if said else "")
    return Response(json.dumps({"text": text}, ensure_ascii=False), mimetype="application/json")


@bp.post(
    "/<int:number>/<any(submit, approve, refuse, start, pause, resume, stop, rollback):action>"
)
def act(number: int, action: str) -> ResponseReturnValue:
    """Submit, approve, send back, start, pause, resume, stop, or go back."""
    try:
        with hub_here().db.work() as rows:
            rollout = access.steered_rollout(rows, who(), number)
            steer(rows, rollout, action, who().handle, request.form.get("reason", ""))
    except SharingError as error:
        flash(say(error), "error")
    return redirect(url_for(".board", number=number))


@bp.get("/<int:number>/deliveries/<int:delivery>")
def delivery(number: int, delivery: int) -> str:
    """What happened at one plant, step by step."""
    with hub_here().db.reading() as rows:
        rollout = access.rollout_seen(rows, who(), number)
        seen = boards.square_of(rows, rollout, delivery)
        return render_template(
            "rollouts/delivery.html",
            board=boards.board_of(rows, rollout),
            square=seen,
            steps=insight.timeline(rows, seen.delivery, now()),
            reports=insight.reports(rows, seen.delivery),
            at=now(),
        )


def _mark(rows: Session, found: boards.Board) -> str:
    """Digest of all that the moving part depends on."""
    told = (
        boards.mark_of(rows, found),
        locale_asked(),
        request.args.get("show", ""),
        number_asked(),
        _actions(found.rollout),
        int(now().timestamp()) // _TURNS if found.rollout.state in rules.AT_WORK else 0,
    )
    return hashlib.sha256(repr(told).encode()).hexdigest()[:32]


def _actions(rollout: Rollout) -> list[str]:
    if not who().has("publisher", rollout.lead_firm_id):
        return []
    approval = rules.plan_from(rollout.plan).approval
    own = who().handle in (rollout.created_by, rollout.submitted_by)
    return [
        action
        for action in rules.actions_in(rollout.state, approval=approval)
        if not (own and action == "approve")  # another person's
    ]


def _told(rows: Session, found: boards.Board) -> dict[str, Any]:
    group = request.args.get("show", "")
    states = boards.GROUPS.get(group, ())
    total = found.counts[group] if states else found.sites
    number = min(number_asked(), max(1, -(-total // _SIZE)))
    squares = boards.squares(rows, found.rollout, states, offset=(number - 1) * _SIZE, limit=_SIZE)
    told = waves_told(found)
    return {
        "board": found,
        "rollout": found.rollout,
        "waves": told,
        "next": next_step(found, told, _answer_by(rows, found.rollout)),
        "squares": json.dumps(_squares(rows, found.rollout), separators=(",", ":")),
        "page": Page(squares, number, _SIZE, total),
        "show": group if states else "",
        "actions": _actions(found.rollout),
        "words": ACTIONS,
        "failures": boards.failures_lately(
            rows, found.rollout, [each.delivery.id or 0 for each in squares]
        ),
        "at": now(),
    }


def _squares(rows: Session, rollout: Rollout) -> dict[str, Any]:
    packed = boards.packed(rows, rollout)
    return {
        "waves": packed,
        "states": {
            letter: [state, state_of(state).kind, str(state_of(state).label)]
            for state, letter in boards.LETTERS.items()
        },
    }


def _answer_by(rows: Session, rollout: Rollout) -> Any:
    """When the first offer runs out that nobody has answered."""
    query = select(func.min(Delivery.deadline)).where(
        Delivery.rollout_id == rollout.id, col(Delivery.state) == "offered"
    )
    return rows.exec(query).one()


def _paused(rows: Session, person: access.Who) -> list[Task]:
    """A rollout that paused itself, or waits for a second person, wants somebody to look at it."""
    wants = access.rollouts_seen(person).where(
        col(Rollout.state).in_(("paused", "awaiting_approval"))
    )
    return [
        Task(
            _wanted(rollout),
            reasons.in_words(rollout.reason),
            url_for("rollouts.board", number=rollout.id),
            str(_("Look at it")),
            kind="attention",
            rank=20,
        )
        for rollout in rows.exec(wants.limit(5))
        if person.has("publisher", rollout.lead_firm_id)
    ]


def _wanted(rollout: Rollout) -> str:
    if rollout.state == "paused":
        return str(_("Rollout “%(name)s” is paused", name=rollout.name))
    return str(_("Rollout “%(name)s” waits for approval", name=rollout.name))


def _watched(rows: Session, person: access.Who) -> list[Task]:
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
        for rollout in rows.exec(running)
        if person.has("publisher", rollout.lead_firm_id)
    ]


home.TASKS.extend((_paused, _watched))
