"""`hub supply`: take sheets in, and ask for tiers, from the command line."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hub.cli.alerts import alert
from hub.cli.consents import consents, voice, voices
from hub.cli.invitations import invitations, invite
from hub.cli.network import is_network, tiers_in_network
from hub.cli.risk import risk
from hub.cli.same_firms import same
from hub.cli.supply_export import export_chain
from hub.cli.supply_path import path
from hub.cli.supply_sheets import (
    FILE,
    counted,
    import_sheet,
    layout_in,
    list_sheets,
    withdraw_sheet,
)
from hub.cli.what_if import alternates, what_if
from hub.cli.wired import say_json, wired

if TYPE_CHECKING:
    from supplychain.columns import Layout


@click.group()
def supply() -> None:
    """Supplier sheets, tiers, and where the chain breaks."""


supply.add_command(risk)
supply.add_command(what_if)
supply.add_command(consents)
supply.add_command(voices)
supply.add_command(voice)
supply.add_command(alternates)


for _command in (
    import_sheet, list_sheets, withdraw_sheet, invite, invitations, same, alert, export_chain, path,
):  # fmt: skip
    supply.add_command(_command)


@supply.command("tiers")
@click.option("--lead", required=True, help="Lead firm: registration number, name or our number.")
@click.option(
    "--network",
    type=FILE,
    help="Count in this CSV (supplier, buyer) or sheet alone, without the database.",
)
@click.option("--mapping", type=FILE, help="What each column of the --network sheet holds.")
@click.option("--json", "as_json", is_flag=True, help="As one JSON document, firms included.")
def tiers(*, lead: str, network: Path | None, mapping: Path | None, as_json: bool) -> None:
    """Count the firms of each tier behind a lead firm."""
    if network is None:
        found = _tiers_known(lead)
    elif mapping is None and is_network(network):
        found = tiers_in_network(network, lead)
    else:
        found = _tiers_in(network, lead, layout_in(mapping))
    if as_json:
        say_json(found)
        return
    click.echo(found["lead"])
    for tier, count in found["tiers"].items():
        click.echo(f"  tier {tier}: {counted(count, found['named'].get(tier, 0))}")
    click.echo(f"  links: {found['links']}, circles: {len(found['circles'])}")


def _tiers_known(lead: str) -> dict[str, Any]:
    from supplychain.services.firms import find_firm
    from supplychain.services.network import tier_map

    with wired() as hub, hub.db.reading() as session:
        seen = tier_map(session, find_firm(session, lead).id or 0)
        return {
            "lead": seen.lead.name,
            "tiers": {str(tier): count.firms for tier, count in seen.tiers.items()},
            "named": {str(tier): count.named for tier, count in seen.tiers.items()},
            "links": len(seen.links),
            "circles": [
                sorted(seen.places[number].name for number in circle) for circle in seen.circles
            ],
            "diamond_ratio": seen.diamond_ratio,
            "firms": [
                {"id": number, "name": place.name, "brn": place.facts.brn, "tier": place.tier}
                for number, place in seen.places.items()
            ],
        }


def _tiers_in(network: Path, lead: str, layout: "Layout | None") -> dict[str, Any]:
    from supplychain.matching import name_key
    from supplychain.reading import read_sheet
    from supplychain.tiers import circles, diamonds, tiers_from

    with network.open("rb") as file:
        reading = read_sheet(file, network.name, layout)
    names: dict[str, str] = {name_key(lead): lead}
    links: set[tuple[str, str]] = set()
    for link in (link for row in reading.rows if row.good for link in row.links):
        supplier, buyer = link.supplier.key, link.buyer.key if link.buyer else name_key(lead)
        names.setdefault(supplier, link.supplier.name)
        names.setdefault(buyer, link.buyer.name if link.buyer else lead)
        if supplier != buyer:
            links.add((supplier, buyer))
    found = tiers_from(name_key(lead), sorted(links))
    counts = Counter(tier for tier in found.values() if tier)
    return {
        "lead": lead,
        "tiers": {str(tier): count for tier, count in sorted(counts.items())},
        "named": {str(tier): count for tier, count in sorted(counts.items())},
        "links": sum(supplier in found and buyer in found for supplier, buyer in links),
        "circles": [sorted(names[key] for key in circle) for circle in circles(sorted(links))],
        "diamond_ratio": len(diamonds(found, links)) / counts[2] if counts[2] else None,
        "firms": [{"name": names[key], "tier": tier} for key, tier in found.items()],
    }
