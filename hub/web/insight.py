"""What came of a rollout: why plants failed, who took it up, which versions are in the field."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from flask import Blueprint, Response, render_template
from flask_babel import gettext as _
from flask_babel import to_user_timezone

from hub import access, access_hooks
from hub.web.asking import hub_here, who
from hub.web.board_words import advice
from hub.web.formats import day, moment, tier
from hub.web.reasons import in_words
from hub.web.states import state_of
from sharing.services import board as boards
from sharing.services import insight
from sharing.tables import SharedModel
from supplychain.export import Cell, as_csv
from supplychain.tables import now

bp = Blueprint("insight", __name__, url_prefix="/rollouts")

_NAMED = 20  # plants of a reason that are named on its page


@bp.get("/<int:number>/failures")
def failures(number: int) -> str:
    """Why plants failed or declined, with what to do."""
    with hub_here().db.reading() as session:
        rollout = access.rollout_seen(session, who(), number)
        groups = insight.failures(session, rollout)
        first = [group.deliveries[:_NAMED] for group in groups]
        named = list(chain.from_iterable(first))
        squares = {each.delivery.id: each for each in boards.squares_of(session, rollout, named)}
        return render_template(
            "rollouts/failures.html",
            board=boards.board_of(session, rollout),
            groups=[
                {
                    "title": _reason(group),
                    "advice": advice(group.reason, group.code, declined="declined" in group.states),
                    "states": dict(group.states),
                    "sites": group.sites,
                    "squares": [squares[each] for each in some if each in squares],
                }
                for group, some in zip(groups, first, strict=True)
            ],
        )


def _reason(group: insight.Failures) -> str:
    said = in_words(group.reason, group.figures)
    if said:
        return said
    declined = "declined" in group.states
    return str(_("Declined without a reason") if declined else _("No reason told"))


@bp.get("/<int:number>/figures")
def figures(number: int) -> str:
    """Who took it up, over time and by tier; how plants say that they are."""
    with hub_here().db.reading() as session:
        rollout = access.rollout_seen(session, who(), number)
        adopted = insight.adoption(session, rollout)
        return render_template(
            "rollouts/figures.html",
            board=boards.board_of(session, rollout),
            adopted=adopted,
            drawn=json.dumps(_drawn(adopted), separators=(",", ":")),
            rows=_days(adopted),
            health=insight.health(session, rollout, now()),
        )


def _drawn(adopted: Sequence[insight.Adopted]) -> dict[str, Any]:
    return {
        "unit": str(_("Plants that run it")),
        "now": _there(now()),
        "tiers": [
            {
                "name": str(tier(each.tier)),
                "points": [[_there(at), count] for at, count in each.points],
            }
            for each in adopted
        ],
    }


def _there(at: datetime) -> str:
    """A moment in the hub's time zone, as the drawing reads it."""
    return str(to_user_timezone(at).strftime("%Y-%m-%dT%H:%M:%S"))


def _days(adopted: Sequence[insight.Adopted]) -> list[tuple[str, list[int]]]:
    """Each day on which something changed, with how many plants of each tier ran it at its end."""
    last: dict[str, list[int]] = {}
    moments = sorted((at, place, n) for place, each in enumerate(adopted) for at, n in each.points)
    counts = [0] * len(adopted)
    for at, place, count in moments:
        counts[place] = count
        last[day(at)] = list(counts)
    return list(last.items())[-60:]


@bp.get("/field/<slug>")
def field(slug: str) -> str:
    """Which version of a model runs at how many plants."""
    with hub_here().db.reading() as session:
        model = _own_model(session, slug)
        found = insight.fielded(session, model)
        return render_template(
            "rollouts/field.html",
            model=model,
            found=found,
            tiers=sorted({each for version in found for each in version.tiers}),
        )


@bp.get("/field/<slug>.csv")
def field_sheet(slug: str) -> Response:
    """The same for a spreadsheet program."""
    with hub_here().db.reading() as session:
        found = insight.fielded(session, _own_model(session, slug))
    tiers = sorted({each for version in found for each in version.tiers})
    header = [
        _("Version"), _("State"), _("Plants"), *(tier_name(each) for each in tiers),
        _("Runs since, at the earliest"), _("Heard from longest ago"),
    ]  # fmt: skip
    named = {"Content-Disposition": f"attachment; filename={slug}-field.csv"}
    text = "".join(as_csv(header, _rows(found, tiers)))
    return Response(text, mimetype="text/csv", headers=named)


def _rows(found: Sequence[insight.Fielded], tiers: Sequence[int]) -> Iterator[Sequence[Cell]]:
    for version in found:
        yield (
            version.number,
            str(state_of(version.state).label),
            version.sites,
            *(version.tiers.get(each, 0) for each in tiers),
            day(version.oldest),
            moment(version.silent_since),
        )


def tier_name(number: int) -> str:
    """A tier in words; 0 stands for plants that no rollout knows."""
    return str(tier(number)) if number else str(_("Tier not known"))


bp.record_once(lambda state: state.app.jinja_env.filters.update(tier_name=tier_name))


def _own_model(session: Any, slug: str) -> SharedModel:
    """A model of the asker's own firm: where others run it is nobody else's business."""
    return access_hooks.own_model(session, who(), slug)
