"""`hub supply risk`: where a chain breaks, from files without a database, or a known one."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hub.cli.diamonds import diamonds_of
from hub.cli.network import links_around, text_of
from hub.cli.wired import say_json

if TYPE_CHECKING:
    from supplychain.risk.chokepoints import Chokepoint

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_AT_ONCE = 512  # firms in one piece of ESRI
_NAMED = 1000  # firms behind a chokepoint up to which they are named


@click.group()
def risk() -> None:
    """Chokepoints, hidden diamonds, ESRI and times to survive: of files, or of a known chain."""


@risk.command("chokepoints")
@click.option("--network", type=_FILE, help="CSV with columns supplier, buyer.")
@click.option(
    "--lead",
    required=True,
    help="The lead firm, as the file calls it; without a file its registration number, name or "
    "number.",
)
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
def chokepoints_of(*, network: Path | None, lead: str, as_json: bool) -> None:
    """List firms through which alone others reach the lead firm, the worst first.

    Of a file, or of the chain that the hub knows.
    """
    said = _chokepoints_in(network, lead) if network else _chokepoints_known(lead)
    if as_json:
        say_json(said)
        return
    for each in said["chokepoints"]:
        click.echo(f"{each['count']:6d} firms only through {each['firm']} (tier {each['tier']})")
    if not said["chokepoints"]:
        click.echo(f"No firm stands alone between another one and {said['lead']}.")


def _chokepoints_in(network: Path, lead: str) -> dict[str, Any]:
    from supplychain.risk.chokepoints import chokepoints

    found = chokepoints(*links_around(network, lead))
    return {"lead": lead, "chokepoints": [_chokepoint_said(each) for each in found]}


def _chokepoints_known(lead: str) -> dict[str, Any]:
    from hub.cli.risk_known import chokepoints_known

    return chokepoints_known(lead, _NAMED)


def _chokepoint_said(each: "Chokepoint") -> dict[str, Any]:
    """Names of those behind it: in a long chain all such lists would fill gigabytes."""
    told = {"firm": each.firm, "tier": each.tier, "count": each.count, "reason": each.reason}
    return told | ({"behind": each.behind} if each.count <= _NAMED else {"behind": None})


risk.add_command(diamonds_of)


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
@click.option(
    "--largest",
    type=click.IntRange(min=1),
    help="Of a file, only the firms that sell most: all of 100,000 take hours.",
)
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
def esri_of(
    *,
    network: Path | None,
    lead: str | None,
    essentiality: Path | None,
    largest: int | None,
    as_json: bool,
) -> None:
    """Tell for each firm which share of all sales is lost if it fails.

    Of a file alone, or of a chain that the hub knows: what was computed is then kept until the
    chain changes, and Ctrl-C loses nothing of it.
    """
    if network is None and lead and not (essentiality or largest):
        said = _esri_known(lead)
    elif network and lead is None:
        said = _esri_in(network, essentiality, largest)
    else:
        raise click.UsageError(
            "Give --network FILE (with --essentiality FILE or --largest N), or --lead FIRM."
        )
    if as_json:
        say_json(said)
        return
    if "rests_on" in said:
        from hub.cli.risk_known import say_lacks

        say_lacks(said)
    for firm, share in sorted(said["firms"].items(), key=lambda item: (-item[1], item[0])):
        click.echo(f"{share:9.6f}  {firm}")


def _esri_in(network: Path, essentiality: Path | None, largest: int | None) -> dict[str, Any]:
    """Piece by piece, so that a person at a terminal sees how far it is."""
    import numpy as np

    from supplychain.risk.esri import esri_at, shares
    from supplychain.risk.files import read_essentiality, read_network

    kinds = read_essentiality(text_of(essentiality)) if essentiality else None
    net = read_network(text_of(network))
    told, count = shares(net, kinds), len(net.firms)
    failing = np.arange(count)
    if largest and largest < count:
        failing = np.sort(np.argsort(-net.sold, kind="stable")[:largest])
    found: dict[str, float] = {}
    with click.progressbar(length=len(failing), label="ESRI", file=sys.stderr) as bar:
        for some in np.array_split(failing, max(1, len(failing) // _AT_ONCE)):
            lost = esri_at(told, some)
            found |= {net.firms[at]: share for at, share in zip(some, lost.tolist(), strict=True)}
            bar.update(len(some))
    return {"firms": found}


def _esri_known(lead: str) -> dict[str, Any]:
    from hub.cli.risk_known import computed, names_of

    run, places, found = computed(lead, "esri")
    firms = names_of(places, found)
    return {**run, "firms": {firms[number]: share for number, share in found.items()}}


@risk.command("tts")
@click.option("--case", "case_file", type=_FILE, help="JSON file with the case.")
@click.option(
    "--lead", help="Or the chain behind a lead firm: registration number, name or number."
)
@click.option("--ttr-days", type=click.FloatRange(0, 3650), help="Assumed time to recover, 28.")
@click.option("--stock-days", type=click.FloatRange(0, 3650), help="Assumed stock, 5 days.")
@click.option("--capacity", type=click.FloatRange(100, 10_000), help="Assumed, 120 % of today.")
@click.option("--indirect", is_flag=True, help="Only firms that deliver nothing to the lead firm.")
@click.option("--at-least", type=click.FloatRange(min=0), help="Only firms that cost so many days.")
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
def tts_of(
    *,
    case_file: Path | None,
    lead: str | None,
    indirect: bool,
    at_least: float | None,
    as_json: bool,
    **assumed: float | None,
) -> None:
    """Tell how long the chain survives each set of firms that a case names, and the loss.

    With --lead: each firm of the chain that the hub knows, alone; what nobody told is assumed.
    """
    of_a_chain = any(assumed.values()) or indirect or at_least is not None
    if (case_file is None) == (lead is None) or (case_file and of_a_chain):
        raise click.UsageError("Give --case FILE, or --lead FIRM and what to assume.")
    if lead:
        from hub.cli.survivals import tell

        told = {name: value for name, value in assumed.items() if value is not None}
        tell(lead, told, indirect=indirect, at_least=at_least, as_json=as_json)
        return
    from supplychain.risk.case_file import case_of, sets_of
    from supplychain.risk.survival import survive

    told = _json_in(case_file) if case_file else {}
    case = case_of(told)
    found: list[dict[str, Any]] = [survive(case, down, days) for down, days in sets_of(told, case)]
    if as_json:
        say_json(found)
        return
    for each in found:
        lasts = "never lacks" if each["TTS"] is None else f"lasts {each['TTS']:g} days"
        lost = ", ".join(f"{value:g} in {days} days" for days, value in each["lost_margin"].items())
        click.echo(f"{' + '.join(each['down'])}: {lasts}; lost margin: {lost or 'not asked'}")


@risk.command("facts")
@click.argument("file", type=_FILE)
@click.option("--lead", required=True, help="Who says so: registration number, name or number.")
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
def facts_in(*, file: Path, lead: str, as_json: bool) -> None:
    """Take in times to recover, stocks and capacities from a CSV file.

    Columns firm (number, registration number or name) and any of ttr_days, stock_days, capacity,
    margin. All of it counts, or, where a line cannot be used, nothing.
    """
    from hub.cli.risk_known import taken_in

    said = taken_in(text_of(file).read().splitlines(), lead)
    if as_json:
        say_json(said)
        return
    click.echo(f"{said['new']} new of {said['told']} statements by {said['lead']}.")


def _json_in(file: Path) -> dict[str, Any]:
    from hub.cli.network import text_of
    from supplychain.faults import Faults
    from supplychain.risk.case_errors import CaseNotJson, CaseNotObject
    from supplychain.risk.errors import CaseInvalid

    try:
        told = json.loads(text_of(file).read())
    except json.JSONDecodeError as error:
        wrong = CaseNotJson(file=file.name, line=error.lineno, column=error.colno)
        raise CaseInvalid(faults=Faults((wrong,))) from error
    except (RecursionError, ValueError) as error:  # nested too deep, or a number too long
        wrong = CaseNotJson(file=file.name, line=1, column=1)
        raise CaseInvalid(faults=Faults((wrong,))) from error
    if not isinstance(told, dict):
        raise CaseInvalid(faults=Faults((CaseNotObject(file=file.name),)))
    return told
