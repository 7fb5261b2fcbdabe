"""The map of a firm's chain: who stands behind whom, and where it is thin."""

from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _
from sqlmodel import Session

from hub import access
from hub.web.asking import hub_here, who
from hub.web.formats import percent, tier
from hub.web.map_asked import filters, fitting
from hub.web.packed import packed_json
from hub.web.pages import number_asked, page_of_list
from hub.web.same_firm import NUMBERS
from hub.web.scenario_map import OnMap, asked_scenario, codes_of
from hub.web.supply_files import as_file
from hub.web.supply_map import LARGEST, columns_of, drawn, in_words, too_large
from hub.web.supply_ways import STEPS, around_said, circles_of, path_said, whole_number
from supplychain.identify import dashed
from supplychain.services.neighbours import neighbourhood, path_from
from supplychain.services.network import CUSTOMER, Count, TierMap, tier_map
from supplychain.services.numbers import further_numbers
from supplychain.services.vouching import asked_of
from supplychain.tables import Firm
from supplychain.visibility import Group

bp = Blueprint("supply", __name__)


@bp.app_template_filter("brn")
def brn(number: str | None) -> str:
    """A registration number with its dashes."""
    return dashed(number) or "–"


@bp.app_template_filter("stands")
def stands(where: int) -> str:
    """Where a firm stands, seen from one's own."""
    return str(_("Customer")) if where == CUSTOMER else tier(where) if where else str(_("Own firm"))


@bp.app_template_filter("firms_counted")
def firms_counted(count: int | Count | None) -> str:
    """A number of firms, as exactly as it may be told."""
    if isinstance(count, Count):
        return firms_counted(count.firms) if count.firms is not None else _at_least(count.named)
    return str(_("fewer than 3")) if count is None else f"{count:,}"


@bp.app_template_filter("outline")
def outline(group: Group) -> tuple[str, str]:
    """Region and industry of firms without a name, in words."""
    return in_words(group.outline)


def _at_least(named: int) -> str:
    return (
        str(_("%(count)s and fewer than 3 more", count=f"{named:,}"))
        if named
        else str(_("fewer than 3"))
    )


@bp.get("/supply")
def map_page() -> str:
    """The tier map, drawn, and the same as a table."""
    with hub_here().db.reading() as session:
        seen, scenario = _asked(session)
        measures = scenario.measures if scenario else None
        fit = fitting(seen, request.args, codes_of(scenario))
        return render_template(
            "supply/map.html",
            lead=seen.lead,
            scenario=scenario,
            leads=[(firm.id, firm.name) for firm in access.own_firms(session, who())],
            seen=seen,
            summary=_summary(seen),
            filters=filters(seen, request.args, measures),
            delivers=seen.delivers,
            fit=fit,
            page=page_of_list(fit, number_asked()),
            asked=request.args,
        )


@bp.get("/supply/map.json")
def map_data() -> Response:
    """What the drawing shows, by columns."""
    with hub_here().db.reading() as session:
        seen, scenario = _asked(session)
    if len(seen.places) > LARGEST:
        return packed_json(too_large(seen), dict)
    return packed_json(columns_of(seen, scenario.measures if scenario else None), drawn)


@bp.get("/supply/<any(firms, links):what>.<any(csv, xlsx):kind>")
def export(what: str, kind: str) -> Response:
    """Firms that fit what is asked for, or their deliveries, for a spreadsheet program."""
    with hub_here().db.reading() as session:
        seen, scenario = _asked(session)
        return as_file(seen, what, kind, fitting(seen, request.args, codes_of(scenario)))


@bp.get("/supply/path.json")
def path_data() -> Response:
    """The shortest ways from a firm to the lead firm."""
    with hub_here().db.reading() as session:
        seen = tier_map(session, _own(session).id or 0)
        path = path_from(seen, whole_number(request.args.get("firm", "")))
    return Response(path_said(path).model_dump_json(), mimetype="application/json")


@bp.get("/supply/firms/<int:firm_id>/around.json")
def around_data(firm_id: int) -> Response:
    """Firms within some steps of one."""
    steps = min(STEPS, max(1, whole_number(request.args.get("steps", "1"))))
    with hub_here().db.reading() as session:
        seen = tier_map(session, _own(session).id or 0)
    return Response(
        around_said(seen, firm_id, steps).model_dump_json(), mimetype="application/json"
    )


@bp.get("/supply/circles")
def circles() -> str:
    """Firms that supply each other in circles."""
    with hub_here().db.reading() as session:
        lead = _own(session)
        seen = tier_map(session, lead.id or 0)
        return render_template(
            "supply/circles.html",
            lead=lead,
            page=page_of_list(circles_of(seen), number_asked(), size=20),
        )


@bp.get("/supply/firms/<int:firm_id>")
def firm(firm_id: int) -> str:
    """What is known of a firm, from whom, since when."""
    return render_template("supply/firm.html", **_near(firm_id))


@bp.get("/supply/firms/<int:firm_id>/near")
def near(firm_id: int) -> str:
    """The same in short, for the panel beside the map."""
    return render_template("supply/near.html", **_near(firm_id))


def _own(session: Session) -> Firm:
    return access.own_firm(session, who(), request.args.get("lead"))


def _asked(session: Session) -> tuple[TierMap, OnMap | None]:
    """The map that is asked for, and the scenario that is to be shown on it."""
    scenario = asked_scenario(session)
    if scenario:
        return scenario.seen, scenario
    return tier_map(session, _own(session).id or 0), None


def _summary(seen: TierMap) -> list[tuple[str, str, str]]:
    """Firms in each tier, and where the chain is thin."""
    figures = [
        (tier(number), firms_counted(count), url_for(".map_page", lead=seen.lead.id, tier=number))
        for number, count in seen.tiers.items()
    ]
    figures.append((_("Links"), f"{len(seen.links):,}", ""))
    figures.append((_("Circles of supply"), f"{len(seen.circles):,}", ""))
    figures.append(
        (_("Tier-2 firms behind two or more tier-1 firms"), percent(seen.diamond_ratio, 0), "")
    )
    return figures


def _near(firm_id: int) -> dict[str, Any]:
    with hub_here().db.reading() as session:
        lead = _own(session)
        found = neighbourhood(session, tier_map(session, lead.id or 0), firm_id)
        further = further_numbers(session, lead.id or 0, [found.place.number])
        asked = asked_of(session, lead.id or 0, only=found.place.number)
        session.expunge_all()
    return {"lead": lead, "here_is": found, "place": found.place, "firm": found.place.facts} | {
        "further": further[found.place.number],
        "number_names": NUMBERS,
        "asked": asked[0] if asked else None,
    }
