"""The supply manager's map: who stands behind whom, and where it is thin."""

from typing import Any

from flask import Blueprint, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hub import access
from hub.web.asking import hub_here, who
from hub.web.formats import percent, process, tier
from hub.web.pages import number_asked, page_of_list
from hub.web.supply_map import drawing_of
from supplychain.cells import plain
from supplychain.identify import dashed
from supplychain.services.neighbours import neighbourhood
from supplychain.services.network import Place, TierMap, tier_map
from supplychain.taxonomy import PROCESSES

bp = Blueprint("supply", __name__)


@bp.app_template_filter("brn")
def brn(number: str | None) -> str:
    """A registration number with its dashes."""
    return dashed(number) or "–"


@bp.get("/supply")
def map_page() -> str:
    """The tier map, drawn, and the same as a table."""
    with hub_here().db.reading() as session:
        lead = access.lead_firm(session, who(), request.args.get("lead"))
        seen = tier_map(session, lead.id or 0)
        found = _filtered(seen)
        return render_template(
            "supply/map.html",
            lead=lead,
            leads=[(firm.id, firm.name) for firm in access.lead_firms(session, who())],
            seen=seen,
            summary=_summary(seen),
            tiers=[("", _("All tiers")), *((n, tier(n)) for n in seen.counts)],
            processes=[("", _("All processes")), *((p, process(p)) for p in PROCESSES)],
            page=page_of_list(found, number_asked()),
            asked=request.args,
        )


@bp.get("/supply/map.json")
def map_data() -> ResponseReturnValue:
    """What the drawing shows."""
    with hub_here().db.reading() as session:
        lead = access.lead_firm(session, who(), request.args.get("lead"))
        return jsonify(drawing_of(tier_map(session, lead.id or 0)))


@bp.get("/supply/firms/<int:firm_id>")
def firm(firm_id: int) -> str:
    """What is known of a firm, from whom, since when."""
    return render_template("supply/firm.html", **_near(firm_id))


@bp.get("/supply/firms/<int:firm_id>/near")
def near(firm_id: int) -> str:
    """The same in short, for the panel beside the map."""
    return render_template("supply/near.html", **_near(firm_id))


def _summary(seen: TierMap) -> list[tuple[str, str, str]]:
    """Firms in each tier, and where the chain is thin."""
    figures = [
        (tier(number), f"{count:,}", url_for(".map_page", lead=seen.lead.id, tier=number))
        for number, count in seen.counts.items()
    ]
    figures.append((_("Links"), f"{len(seen.links):,}", ""))
    figures.append((_("Circles of supply"), f"{len(seen.circles):,}", ""))
    figures.append(
        (_("Tier-2 firms behind two or more tier-1 firms"), percent(seen.diamond_ratio, 0), "")
    )
    return figures


def _near(firm_id: int) -> dict[str, Any]:
    with hub_here().db.reading() as session:
        lead = access.lead_firm(session, who(), request.args.get("lead"))
        found = neighbourhood(session, tier_map(session, lead.id or 0), firm_id)
        session.expunge_all()
    return {"lead": lead, "here_is": found, "place": found.place, "firm": found.place.firm}


def _filtered(seen: TierMap) -> list[Place]:
    """The firms that the address asks for: text, tier, process."""
    text = plain(request.args.get("q", ""))
    number, kind = request.args.get("tier", ""), request.args.get("process", "")
    return [
        place
        for place in seen.places.values()
        if text in plain(place.firm.name) + "|" + (place.firm.brn or "")
        and number in ("", str(place.tier))
        and kind in ("", place.firm.process)
    ]
