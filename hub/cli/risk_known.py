"""Where a chain that the hub knows breaks: what `hub supply risk … --lead FIRM` answers."""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import click

from hub.accounts import record
from hub.cli.wired import actor, wired
from supplychain.risk.facts import ASSUMED, Assumed
from supplychain.services.network import Place


def computed(
    lead: str, kind: str, assumed: Assumed = ASSUMED
) -> tuple[dict[str, Any], dict[int, Place], dict[int, Any]]:
    """(the run, the firms' places, their figures); what is not there yet is computed here.

    Unless a worker is at it. What was computed is kept until the chain changes.
    """
    from hub.risk_job import here, work_off
    from supplychain.risk.exposure import item_known
    from supplychain.risk_tables import RiskRun
    from supplychain.services import risk
    from supplychain.services.firms import find_firm
    from supplychain.services.risk_chain import chain_of

    with wired() as hub:
        with hub.db.work() as session:
            firm = find_firm(session, lead)
            run = risk.ask(session, firm.id or 0, actor(), kind, assumed)
            number, total = run.id or 0, run.total
            record(session, actor(), "risk.asked", firm.name, run=number, kind=kind)
        with click.progressbar(length=total, label=kind.upper(), file=sys.stderr) as bar:
            work_off(hub, number, here, lambda done, _: bar.update(done - bar.pos))
        with hub.db.reading() as session:
            run = session.get_one(RiskRun, number)
            found: dict[int, Any] = dict(
                risk.esri_of(session, run) if kind == "esri" else risk.survival_of(session, run)
            )
            chain = chain_of(session, run.lead_id)
            places = chain.places
            known = item_known(chain.deliveries, chain.lead)
            if kind == "tts":  # what says nothing stands last
                found = dict(sorted(found.items(), key=lambda each: each[0] not in known))
            said = {
                "lead": lead,
                "state": run.state,
                "done": run.done,
                "total": run.total,
                "rests_on": run.rests_on,
            } | ({"assumed": run.assumed} if kind == "tts" else {})
            found = {number: told for number, told in found.items() if number in places}
            if kind == "tts":
                said["items_not_known"] = [number for number in found if number not in known]
            return said, {number: places[number] for number in found}, found


def say_lacks(run: Mapping[str, Any]) -> None:
    """Tell a person at a terminal what figures rest on, and what was not told, before them."""
    rests, assumed = run["rests_on"], run.get("assumed")
    if assumed:
        click.echo(
            f"{rests['facts']} times, stocks and capacities are known. Where nobody told: back "
            f"after {assumed['ttr_days']:g} days, stocks of {assumed['stock_days']:g} days, others "
            f"can make {assumed['capacity'] - 100:g} % more.",
            err=True,
        )
        say_without_item(rests["deliveries_without_item"], rests["deliveries"], alike=False)
        return
    click.echo(
        f"Shares are told for {rests['links_with_share']} of {rests['deliveries']} deliveries, the "
        f"others count alike; {rests['firms_without_sector']} of {rests['firms']} firms have no "
        "known industry, so nobody stands in for them.",
        err=True,
    )


def say_without_item(count: int, deliveries: int, *, alike: bool) -> None:
    """Warn where items are missing; `alike`: deliveries without one count as the same item."""
    if not count:
        return
    means = (
        "All of them to one buyer count as the same item, so their suppliers stand in for each "
        "other, and a stop costs less here than it may."
        if alike
        else "Nobody stands in for them, and firms that reach us only that way are not ranked."
    )
    click.echo(
        f"Items are missing: {count} of {deliveries} deliveries have none. {means}", err=True
    )


def chokepoints_known(lead: str, named: int) -> dict[str, Any]:
    """Chokepoints of a chain that the hub knows; the firms behind one by name up to `named`."""
    from supplychain.services.firms import find_firm
    from supplychain.services.weak_points import cut_off_by, weak_points, worst

    with wired() as hub, hub.db.reading() as session:
        firm = find_firm(session, lead)
        weak = weak_points(session, firm.id or 0)
        names = names_of(weak.chain.places, weak.chain.places)
        found = [point for point in worst(weak.points, "cut_off") if point.cut_off]
        return {
            "lead": firm.name,
            "chokepoints": [
                {
                    "firm": names[point.place.number],
                    "tier": point.place.tier,
                    "count": point.cut_off,
                    "behind": [names[each.number] for each in cut_off_by(weak, point.place.number)]
                    if point.cut_off <= named
                    else None,
                }
                for point in found
            ],
        }


def diamonds_known(lead: str) -> dict[str, Any]:
    """Items of a chain that the hub knows whose suppliers all rest on one firm."""
    from supplychain.services.firms import find_firm
    from supplychain.services.weak_points import weak_points

    with wired() as hub, hub.db.reading() as session:
        firm = find_firm(session, lead)
        weak = weak_points(session, firm.id or 0)
        names, suppliers = names_of(weak.chain.places, weak.chain.places), weak.chain.items()
        return {
            "lead": firm.name,
            "items": len(suppliers),
            "diamonds": [
                {
                    "item": item,
                    "suppliers": [names[number] for number in suppliers[item]],
                    "firms": [names[point.place.number] for point in points],
                }
                for item, points in weak.diamonds.items()
            ],
        }


def taken_in(lines: Sequence[str], lead: str) -> dict[str, Any]:
    """Say for a firm what a file tells. Raises FactsInvalid, FirmNotFound, NetworkEmpty."""
    from supplychain.risk.facts_file import read_facts
    from supplychain.services.firms import find_firm
    from supplychain.services.risk_chain import chain_of
    from supplychain.services.risk_facts import take_in_facts

    told = read_facts(lines)
    with wired() as hub, hub.db.work() as session:
        firm = find_firm(session, lead)
        places = chain_of(session, firm.id or 0).places
        called = {n: (place.name, place.facts.brn) for n, place in places.items()}
        new = take_in_facts(session, firm.id or 0, told, called, actor())
        record(session, actor(), "risk.facts-taken", firm.name, new=new)
        return {"lead": firm.name, "told": len(told), "new": new}


def names_of(places: Mapping[int, Place], firms: Mapping[int, object]) -> dict[int, str]:
    """Names of firms by their numbers, as the lead firm may know them; doubles get the number."""
    often = Counter(places[number].name for number in firms)
    return {
        number: places[number].name
        if often[places[number].name] == 1
        else f"{places[number].name} ({number})"
        for number in firms
    }
