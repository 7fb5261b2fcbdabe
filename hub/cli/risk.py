"""`hub supply risk`: where a chain breaks, computed from files, without a database."""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hub.accounts import record
from hub.cli.network import links_around, text_of
from hub.cli.wired import actor, say_json, wired

if TYPE_CHECKING:
    from supplychain.risk.chokepoints import Chokepoint
    from supplychain.tables import Firm

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NAMED = 1000  # firms behind a chokepoint up to which they are named


@click.group()
def risk() -> None:
    """Chokepoints, ESRI and times to survive, from files alone."""


@risk.command("chokepoints")
@click.option("--network", required=True, type=_FILE, help="CSV with columns supplier, buyer.")
@click.option("--lead", required=True, help="The lead firm, as the file calls it.")
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
def chokepoints_of(*, network: Path, lead: str, as_json: bool) -> None:
    """List firms through which alone others reach the lead firm, the worst first."""
    from supplychain.risk.chokepoints import chokepoints

    found = chokepoints(*links_around(network, lead))
    if as_json:
        say_json({"lead": lead, "chokepoints": [_chokepoint_said(each) for each in found]})
        return
    for each in found:
        click.echo(f"{each.count:6d} firms only through {each.firm} (tier {each.tier})")
    if not found:
        click.echo(f"No firm stands alone between another one and {lead}.")


def _chokepoint_said(each: "Chokepoint") -> dict[str, Any]:
    """Names of those behind it: in a long chain all such lists would fill gigabytes."""
    told = {"firm": each.firm, "tier": each.tier, "count": each.count, "reason": each.reason}
    return told | ({"behind": each.behind} if each.count <= _NAMED else {"behind": None})


@risk.command("esri")
@click.option(
    "--network",
    type=_FILE,
    help="CSV with columns supplier, buyer, weight, supplier_sector, buyer_sector.",
)
@click.option(
    "--lead", help="Or the chain behind a lead firm: registration number, name or number."
)
@click.option(
    "--essentiality",
    type=_FILE,
    help="CSV with columns supplier_sector, buyer_sector, value (0, 1, 2); 2 if left out.",
)
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
def esri_of(
    *, network: Path | None, lead: str | None, essentiality: Path | None, as_json: bool
) -> None:
    """Tell for each firm which share of all sales is lost if it fails.

    Of a file alone, or of a chain that the hub knows: what was computed is then kept until the
    chain changes, and Ctrl-C loses nothing of it.
    """
    if (network is None) == (lead is None) or (lead and essentiality):
        raise click.UsageError("Give --network FILE (and --essentiality FILE), or --lead FIRM.")
    said = _esri_known(lead) if lead else _esri_in(network, essentiality)
    if as_json:
        say_json(said)
        return
    for firm, share in sorted(said["firms"].items(), key=lambda item: (-item[1], item[0])):
        click.echo(f"{share:9.6f}  {firm}")


def _esri_in(network: Path | None, essentiality: Path | None) -> dict[str, Any]:
    from supplychain.risk.esri import esri
    from supplychain.risk.files import read_essentiality, read_network

    told = read_essentiality(text_of(essentiality)) if essentiality else None
    return {"firms": esri(read_network(text_of(network)), told) if network else {}}


def _esri_known(lead: str) -> dict[str, Any]:
    """Compute what is not there yet in this process, unless a worker is at it."""
    from hub.risk_job import here, work_off
    from supplychain.risk_tables import RiskRun
    from supplychain.services import risk
    from supplychain.services.firms import find_firm

    with wired() as hub:
        with hub.db.work() as session:
            firm = find_firm(session, lead)
            run = risk.ask(session, firm.id or 0, actor())
            number, total = run.id or 0, run.total
            record(session, actor(), "risk.asked", firm.name, run=number)
        with click.progressbar(length=total, label="ESRI", file=sys.stderr) as bar:
            work_off(hub, number, here, lambda done, _: bar.update(done - bar.pos))
        with hub.db.reading() as session:
            run = session.get_one(RiskRun, number)
            found = risk.figures_of(session, run, limit=run.total)
            return {
                "lead": lead,
                "state": run.state,
                "done": run.done,
                "total": run.total,
                "rests_on": run.rests_on,
                "firms": _by_name(found),
            }


def _by_name(found: "list[tuple[Firm, float]]") -> dict[str, float]:
    """Two firms may share a name: their numbers then tell them apart."""
    often = Counter(firm.name for firm, _ in found)
    return {
        firm.name if often[firm.name] == 1 else f"{firm.name} ({firm.id})": esri
        for firm, esri in found
    }


@risk.command("tts")
@click.option("--case", "case_file", required=True, type=_FILE, help="JSON file with the case.")
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
def tts_of(*, case_file: Path, as_json: bool) -> None:
    """Tell how long the chain survives each set of firms that the case names, and the loss."""
    from supplychain.risk.survival import case_of, sets_of, survive

    told = _json_in(case_file)
    case = case_of(told)
    found: list[dict[str, Any]] = [survive(case, down, days) for down, days in sets_of(told, case)]
    if as_json:
        say_json(found)
        return
    for each in found:
        lasts = "never lacks" if each["TTS"] is None else f"lasts {each['TTS']:g} days"
        lost = ", ".join(f"{value:g} in {days} days" for days, value in each["lost_margin"].items())
        click.echo(f"{' + '.join(each['down'])}: {lasts}; lost margin: {lost or 'not asked'}")


def _json_in(file: Path) -> dict[str, Any]:
    from supplychain.risk.errors import CaseInvalid

    try:
        told = json.loads(file.read_text("utf-8-sig"))
    except ValueError as error:
        raise CaseInvalid(faults=f"{file.name} is not JSON: {error}") from error
    if not isinstance(told, dict):
        raise CaseInvalid(faults=f"{file.name} holds no object")
    return told
