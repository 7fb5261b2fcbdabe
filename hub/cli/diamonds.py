"""`hub supply risk diamonds`: choices that are none, of a file or of a chain that the hub knows."""

from pathlib import Path
from typing import Any

import click

from hub.cli.network import named_in, text_of
from hub.cli.wired import say_json

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_SHOWN = 5


@click.command("diamonds")
@click.option("--network", type=_FILE, help="CSV with columns supplier, buyer and, if known, item.")
@click.option(
    "--lead",
    required=True,
    help="The firm that buys, as the file calls it; without a file its registration number, name "
    "or number.",
)
@click.option(
    "--within",
    type=click.IntRange(min=0),
    default=3,
    show_default=True,
    help="Steps behind the suppliers up to which to look, in a file; 0 for no end.",
)
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
def diamonds_of(*, network: Path | None, lead: str, within: int, as_json: bool) -> None:
    """List firms that stand behind every supplier of an item: another supplier is no way out.

    Without a column item all suppliers of the firm count as alternatives to each other.
    """
    said = _diamonds_in(network, lead, within) if network else _diamonds_known(lead)
    if as_json:
        say_json(said)
        return
    for each in said["diamonds"]:
        others = ", ".join(each["suppliers"][:_SHOWN])
        more = len(each["suppliers"]) - _SHOWN
        click.echo(
            f"{each['item'] or 'all items'} ({others}{f' and {more} more' if more > 0 else ''})"
        )
        for firm in each["firms"]:
            click.echo(f"  behind all of them: {firm}")
    if not said.get("items", 1):
        click.echo(f"Not known: no delivery to {said['lead']} tells its item.")
    elif not said["diamonds"]:
        click.echo(f"No firm stands behind every supplier of an item of {said['lead']}.")


def _diamonds_in(network: Path, lead: str, within: int) -> dict[str, Any]:
    from supplychain.risk.chokepoints import hidden_diamonds
    from supplychain.risk.files import read_items

    told = read_items(text_of(network))
    links = [(supplier, buyer) for supplier, buyer, _ in told]
    lead = named_in(links, lead)
    parts: dict[str, list[str]] = {}
    for supplier, buyer, item in told:
        if buyer == lead:
            parts.setdefault(item, []).append(supplier)
    found: dict[str, dict[str, Any]] = {}
    for each in hidden_diamonds(lead, links, parts, within):
        own = {"item": each.part, "suppliers": list(each.alternates), "firms": [], "points": []}
        one = found.setdefault(each.part, own)
        one["firms"].append(each.firm)
        one["points"].append({"firm": each.firm, "steps": each.steps, "reason": each.reason})
    return {"lead": lead, "within": within, "diamonds": list(found.values())}


def _diamonds_known(lead: str) -> dict[str, Any]:
    from hub.cli.risk_known import diamonds_known

    return diamonds_known(lead)
