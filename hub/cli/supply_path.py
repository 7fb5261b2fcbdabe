"""`hub supply path`: along which firms a firm's goods reach the lead firm."""

import click

from hub.cli.wired import say_json, wired


@click.command("path")
@click.option("--lead", required=True, help="Lead firm: registration number, name or our number.")
@click.option("--firm", required=True, help="The firm at the other end, in the same ways.")
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
def path(*, lead: str, firm: str, as_json: bool) -> None:
    """Show the shortest ways from a firm to the lead firm, as the lead firm may see them."""
    from hub.web.supply_ways import path_said
    from supplychain.services.firms import find_firm
    from supplychain.services.neighbours import path_from
    from supplychain.services.network import tier_map

    with wired() as hub, hub.db.reading() as session:
        seen = tier_map(session, find_firm(session, lead).id or 0)
        said = path_said(path_from(seen, find_firm(session, firm).id or 0))
    if as_json:
        say_json(said.model_dump())
        return
    for way in said.paths:
        click.echo(" → ".join(said.names[str(number)] for number in way))
    if said.ways > len(said.paths):
        click.echo(f"and {said.ways - len(said.paths):,} more ways of {said.steps} steps")
    for flow in said.links:
        ends = f"{said.names[str(flow.supplier)]} → {said.names[str(flow.buyer)]}"
        items = ", ".join(flow.items) or "no item told"
        click.echo(f"  {ends}: {items} ({flow.standing})")
