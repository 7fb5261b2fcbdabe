"""`hub models`: shared models from the command line."""

from pathlib import Path

import click

from hub.cli.model_bundles import bundle, check
from hub.cli.model_keys import keys
from hub.cli.model_releases import live, show_to, withdraw
from hub.cli.wired import actor, say_json, wired


@click.group()
def models() -> None:
    """Shared models and their versions."""


models.add_command(bundle)
models.add_command(check)
models.add_command(live)
models.add_command(withdraw)
models.add_command(show_to)


@models.command("publish")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--firm", required=True, help="Number, registration number or name of the firm.")
@click.option(
    "--visibility", type=click.Choice(["private", "chain", "public"]), default="chain",
    show_default=True, help="Who may see it.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
def publish(folder: Path, firm: str, visibility: str, *, as_json: bool) -> None:
    """Put the bundle in FOLDER through the gate and publish it; every fault is listed."""
    from typing import cast

    from hub.api.models import model_said
    from hub.publishing import publish_bundle
    from sharing.gate import files_in
    from sharing.services.models import Visibility
    from sharing.tables import SharedModel
    from supplychain.services.firms import find_firm

    with wired() as hub:
        with hub.db.reading() as session:
            firm_id = find_firm(session, firm).id or 0
        version = publish_bundle(
            hub, files_in(folder), firm_id, actor(), visibility=cast("Visibility", visibility)
        )
        with hub.db.reading() as session:
            model = session.get_one(SharedModel, version.model_id)
            if as_json:
                say_json(model_said(session, model).model_dump(mode="json"))
            else:
                click.echo(f"{model.slug} {version.number}  {version.state}")


@models.command("list")
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
def list_models(*, as_json: bool) -> None:
    """List the models."""
    from sqlmodel import select

    from hub.api.models import model_said
    from sharing.tables import SharedModel

    with wired() as hub, hub.db.reading() as session:
        rows = session.exec(select(SharedModel).order_by(SharedModel.slug))
        said = [model_said(session, row) for row in rows]
    if as_json:
        say_json([each.model_dump(mode="json") for each in said])
        return
    for each in said:
        numbers = ", ".join(version.number for version in each.versions)
        click.echo(f"{each.slug}  {each.title.get('ko', '')}  {each.process}  {numbers}")


@models.command("show")
@click.argument("slug")
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
def show(slug: str, *, as_json: bool) -> None:
    """Show one model with its versions."""
    from hub.api.models import model_said
    from sharing.services.models import model_named

    with wired() as hub, hub.db.reading() as session:
        said = model_said(session, model_named(session, slug))
    if as_json:
        say_json(said.model_dump(mode="json"))
        return
    click.echo(f"{said.slug}  {said.title.get('ko', '')} / {said.title.get('en', '')}")
    for version in said.versions:
        click.echo(f"  {version.number}  {version.state}  {version.published_at:%Y-%m-%d}")
        for name, digest in version.files.items():
            click.echo(f"    {digest}  {name}")


models.add_command(keys)
