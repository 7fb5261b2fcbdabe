"""`hub supply export`: the chain of a firm as a file, as that firm sees it."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub.cli.wired import wired

if TYPE_CHECKING:
    from hub.wiring import Hub

_FORMATS = ("csv", "xlsx", "graphml", "aas", "aasx")


@click.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--lead", required=True, help="Lead firm: registration number, name or our number.")
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMATS),
    help="By the ending of FILE if not given; AAS as JSON (aas) or as a package (aasx).",
)
@click.option(
    "--what",
    type=click.Choice(("links", "firms")),
    default="links",
    show_default=True,
    help="Which list, as csv or xlsx; the other formats hold both.",
)
def export_chain(*, file: Path, lead: str, form: str | None, what: str) -> None:
    """Write the map behind a firm to FILE: what that firm sees by name, of others their number."""
    form = form or file.suffix.lstrip(".").lower()
    if form not in _FORMATS:
        raise click.UsageError(f"Give --format: {', '.join(_FORMATS)}.")
    try:
        with wired() as hub:
            size = _write(hub, file, lead, form, what)
    except OSError as error:
        if error.filename is None or Path(error.filename) != file:
            raise
        raise click.BadParameter(f"{file} cannot be written: {error.strerror}") from error
    click.echo(f"{file}: {size:,} bytes", err=True)


def _write(hub: "Hub", file: Path, lead: str, form: str, what: str) -> int:
    from hub.chain_files import FORMS, chain_file
    from supplychain.services.firms import find_firm

    with hub.db.reading() as session:
        number = find_firm(session, lead).id or 0
        if form not in FORMS:
            return file.write_bytes(_table(hub, number, form, what))
        with file.open("wb") as out:
            return sum(map(out.write, chain_file(session, hub.settings, number, form).content))


def _table(hub: "Hub", lead: int, form: str, what: str) -> bytes:
    """The list as its page gives it, in the hub's language."""
    from hub.app import create_app
    from hub.web.supply_files import as_file
    from supplychain.services.network import tier_map

    with hub.db.reading() as session, create_app(hub).test_request_context():
        return as_file(tier_map(session, lead), what, form).get_data()
