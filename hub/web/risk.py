"""Where the chain breaks: the firms that matter most, worked out on request, and why."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlmodel import Session

from hub import access
from hub.accounts import record
from hub.weak_kept import still_current, weak_of
from hub.web.asking import hub_here, who
from hub.web.formats import percent, tier
from hub.web.pages import number_asked, page_of_list
from hub.web.risk_words import (
    NAMES,
    days,
    how_many_stop_us,
    in_words,
    items_left_out,
    meanings,
    shown,
    too_late,
)
from supplychain.cells import plain
from supplychain.export import Cell, as_csv, write_xlsx
from supplychain.identify import dashed
from supplychain.risk.errors import NetworkEmpty
from supplychain.risk.facts import ASSUMED, Assumed
from supplychain.risk_tables import RiskRun
from supplychain.services import risk
from supplychain.services.weak_points import (
    MEASURES,
    Measure,
    WeakPoint,
    WeakPoints,
    with_figures,
    worst,
)
from supplychain.tables import Firm, now

bp = Blueprint("risk", __name__, url_prefix="/supply/risk")

RUN_NAMES = {"tts": _l("Times to survive"), "esri": _l("Share of sales lost")}
STATES = {
    "waiting": ("waiting", _l("waiting for the worker")),
    "running": ("moving", _l("under way")),
    "done": ("good", _l("done")),
    "stopped": ("paused", _l("stopped")),
    "outdated": ("attention", _l("the chain changed meanwhile")),
    "failed": ("bad", _l("failed")),
}
# What may be assumed where nothing is known.
CHOICES = {
    "ttr_days": (7, 14, 28, 56, 90),
    "stock_days": (0, 2, 5, 10, 20),
    "capacity": (100, 120, 150, 200),
}
_STOP_POLLING = 286
_SIZE = 20
_DRAWN = 400  # firms in the drawing: the worst
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Asked:
    """What the address asks for: which firms, in which order."""

    by: Measure
    # "", "indirect": no direct supplier of ours, "silent": has not joined, "no-item": item not told
    known: str
    week: bool  # only firms that stop us for a week or more
    text: str


@bp.get("")
def page() -> str:
    """Glance, drawing, table; what each figure means."""
    with hub_here().db.reading() as session:
        lead = _own(session)
        frame = {
            "lead": lead,
            "leads": [(firm.id, firm.name) for firm in access.own_firms(session, who())],
        }
        try:
            weak = with_figures(session, weak_of(hub_here().db, session, lead.id or 0))
        except NetworkEmpty:
            return render_template("risk/page.html", **frame, weak=None)
        runs = risk.runs_of(session, lead.id or 0)
        asked = asked_for(weak)
        found = chosen(weak, asked)
        assumed = risk.assumed_in(runs.get("tts"))
        return render_template(
            "risk/page.html",
            **frame,
            **_status(session, lead, runs),
            weak=weak,
            asked=asked,
            page=page_of_list(found, number_asked(), _SIZE),
            glance=_glance(weak, runs, lead),
            drawn=_drawing(weak, found[:_DRAWN], asked.by),
            names=NAMES,
            order=list(NAMES.items()),
            shown=shown,
            days=days,
            too_late=too_late,
            in_words=in_words,
            honestly=_honestly(runs, asked, found),
            meanings=meanings(weak, runs, assumed),
            choices=_choices(),
            assumed=assumed,
            stale=[
                RUN_NAMES[kind]
                for kind, run in runs.items()
                if run.state not in risk.DUE and not still_current(hub_here().db, session, run)
            ],
        )


@bp.post("/compute")
def compute() -> ResponseReturnValue:
    """Ask for both computations; the worker does them."""
    with hub_here().db.work() as session:
        lead = access.own_firm(session, who(), request.form.get("lead"))
        assumed = assumed_asked()
        for kind in ("tts", "esri"):
            run = risk.ask(session, lead.id or 0, who().handle, kind, assumed)
            record(session, who().handle, "risk.asked", lead.name, run=run.id, kind=kind)
        back = url_for(".page", lead=lead.id)
    return redirect(back)


@bp.post("/stop")
def stop() -> ResponseReturnValue:
    """Let both end after what is under way."""
    with hub_here().db.work() as session:
        lead = access.own_firm(session, who(), request.form.get("lead"))
        for run in risk.runs_of(session, lead.id or 0).values():
            if run.state in risk.DUE:
                risk.stop(session, run)
                record(session, who().handle, "risk.stopped", lead.name, run=run.id)
        back = url_for(".page", lead=lead.id)
    flash(_("Stopped. What is there stays; asking again goes on from there."), "success")
    return redirect(back)


@bp.get("/now")
def current() -> ResponseReturnValue:
    """How far the computations are; the whole page is asked for anew once they have ended."""
    with hub_here().db.reading() as session:
        lead = _own(session)
        runs = risk.runs_of(session, lead.id or 0)
        if not any(run.state in risk.DUE for run in runs.values()):
            return Response(status=_STOP_POLLING, headers={"HX-Refresh": "true"})
        return render_template("risk/now.html", lead=lead, **_status(session, lead, runs))


@bp.get("/firms.<any(csv, xlsx):kind>")
def export(kind: str) -> Response:
    """The firms that the page shows, all of them, as a file for a spreadsheet program."""
    with hub_here().db.reading() as session:
        lead = _own(session)
        weak = with_figures(session, weak_of(hub_here().db, session, lead.id or 0))
        rows = [_row(point) for point in chosen(weak, asked_for(weak))]
    named = {"Content-Disposition": f"attachment; filename=weak-points.{kind}"}
    if kind == "csv":
        return Response("".join(as_csv(_header(), rows)), mimetype="text/csv", headers=named)
    out = io.BytesIO()
    write_xlsx(out, str(_("Where the chain breaks")), _header(), rows)
    return Response(out.getvalue(), mimetype=_XLSX, headers=named)


def asked_for(weak: WeakPoints) -> Asked:
    """What the address asks for; without a measure the most telling one that is there."""
    by = request.args.get("by", "")
    if by not in MEASURES:
        done = any(point.measure("lost") is not None for point in weak.points.values())
        by = "lost" if done else "items" if weak.items else "cut_off"
    return Asked(
        cast("Measure", by),
        request.args.get("known", "")
        if request.args.get("known") in ("indirect", "silent", "no-item")
        else "",
        request.args.get("week") == "yes",
        request.args.get("q", ""),
    )


def chosen(weak: WeakPoints, asked: Asked) -> list[WeakPoint]:
    """The firms that are asked for, the worst first."""
    text = plain(asked.text)
    return [
        point
        for point in worst(weak.points, asked.by)
        if text in plain(point.place.name)
        and not (asked.known == "indirect" and point.direct)
        and not (asked.known == "silent" and point.place.facts.joined)
        and not (asked.known == "no-item" and point.item_known)
        and (not asked.week or point.stops_for_a_week)
    ]


def assumed_asked() -> Assumed:
    """What the form says to assume where nothing is known; nonsense is left out."""
    told = {}
    for name, options in CHOICES.items():
        value = request.form.get(name, "")
        told[name] = float(value) if value in map(str, options) else ASSUMED.of(name) or 0.0
    return Assumed(**told)


def _own(session: Session) -> Firm:
    return access.own_firm(session, who(), request.args.get("lead"))


def _status(session: Session, lead: Firm, runs: dict[str, RiskRun]) -> dict[str, Any]:
    handles = {run.actor for run in runs.values()}
    return {
        "runs": {kind: runs[kind] for kind in RUN_NAMES if kind in runs},
        "run_names": RUN_NAMES,
        "run_states": STATES,
        "moving": any(run.state in risk.DUE for run in runs.values()),
        "askers": access.colleagues(session, lead, handles)
        | {"command line": str(_("the command line"))},
        "at": now(),
    }


def _glance(weak: WeakPoints, runs: dict[str, RiskRun], lead: Firm) -> list[tuple[str, str, str]]:
    points = weak.points.values()
    own: dict[str, Any] = {"lead": lead.id}
    week = [point for point in points if point.stops_for_a_week]
    unknown = [point for point in week if not point.direct]
    largest = max((point.esri for point in points if point.esri is not None), default=None)
    tts = runs.get("tts")
    to_come = "–" if tts is None or not tts.done else ""  # no 0 before anything is known
    return [
        (
            items_left_out(weak, _("Firms without which we lose a week of production or more")),
            to_come or f"{len(week):,}",
            url_for(".page", by="lost", week="yes", **own) if week else "",
        ),
        (
            str(_("Of these not our direct suppliers")),
            to_come or f"{len(unknown):,}",
            url_for(".page", by="lost", week="yes", known="indirect", **own) if unknown else "",
        ),
        (
            str(_("Items that rest on one firm behind several suppliers")),
            str(_("%(some)s of %(all)s", some=len(weak.diamonds), all=weak.items)),
            url_for(".page", by="items", **own) + "#diamonds",
        ),
        (
            str(_("Chokepoints")),
            f"{sum(point.cut_off > 0 for point in points):,}",
            url_for(".page", by="cut_off", **own),
        ),
        (
            str(_("Largest share of sales lost with one firm")),
            percent(largest),
            url_for(".page", by="esri", **own) if largest is not None else "",
        ),
    ]


def _honestly(runs: dict[str, RiskRun], asked: Asked, found: Sequence[WeakPoint]) -> str:
    """Whether five firms answer the question; said of a whole computation alone."""
    if asked.by != "lost" or "tts" not in runs or runs["tts"].state != "done":
        return ""
    return how_many_stop_us(found, indirect=asked.known == "indirect")


def _drawing(weak: WeakPoints, points: Sequence[WeakPoint], by: Measure) -> dict[str, Any]:
    """What the drawing shows: each firm by its tier and the chosen measure."""
    return {
        "measure": str(NAMES[by]),
        "unit": {"lost": str(_("days")), "esri": "%"}.get(by, ""),
        "tiers": [tier(n) for n in range(1, 1 + max((p.place.tier for p in points), default=1))],
        "direct": str(_("Direct supplier")),
        "indirect": str(_("Not our direct supplier")),
        "exposed": str(_("Back too late: we lose production")),
        "firms": [
            {
                "name": point.place.name,
                "tier": point.place.tier,
                "value": round((value * 100) if by == "esri" else value, 2),
                "said": shown(point, by),
                "late": bool(point.survival and point.survival.exposed),
                "firm": point.place.number,
            }
            for point in points
            if (value := point.measure(by)) is not None
        ],
        "left_out": len(weak.points) - len(points),
    }


def _choices() -> dict[str, tuple[str, list[tuple[int, str]]]]:
    return {
        "ttr_days": (
            str(_("A firm that stops is back after")),
            [(n, days(n)) for n in CHOICES["ttr_days"]],
        ),
        "stock_days": (
            str(_("Each buyer has stocks for")),
            [(n, days(n)) for n in CHOICES["stock_days"]],
        ),
        "capacity": (
            str(_("Others can make")),
            [
                (
                    n,
                    str(
                        _("%(more)s more", more=f"{n - 100} %")
                        if n > 100
                        else _("no more than today")
                    ),
                )
                for n in CHOICES["capacity"]
            ],
        ),
    }


def _header() -> list[str]:
    return [
        _("Firm"), _("Business registration number"), _("Tier"), _("Direct supplier"), _("Joined"),
        *(str(NAMES[name]) for name in MEASURES), _("Items"),
        _("Time to survive (days)"), _("Time to recover (days)"), _("Item known"),
    ]  # fmt: skip


def _row(point: WeakPoint) -> list[Cell]:
    told = point.survival if point.item_known else None
    facts = point.place.facts
    yes = {True: str(_("yes")), False: str(_("no"))}
    return [
        point.place.name,
        dashed(facts.brn),
        point.place.tier,
        yes[point.direct],
        yes[facts.joined],
        *_numbers(point),
        " · ".join(point.items),
        None
        if told is None
        else (told.survives if told.survives is not None else str(_("a year or longer"))),
        None if told is None else told.recovers,
        yes[point.item_known],
    ]


def _numbers(point: WeakPoint) -> Iterator[Cell]:
    for name in MEASURES:
        value = point.measure(name)
        yield None if value is None else round(value, 6)
