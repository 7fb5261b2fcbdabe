"""`hub store`: whether every file is there and sound, and what nobody needs any more."""

import sys

import click

from hub.cli.wired import say_json, wired


@click.group()
def store() -> None:
    """Files of models and sheets."""


@store.command("check")
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
def check(*, as_json: bool) -> None:
    """Read every file that the database names; exit code 1 where one is lost or damaged."""
    from hub.store_job import unsound

    with wired() as hub:
        found = list(unsound(hub))
    if as_json:
        say_json({"unsound": found})
    elif found:
        click.echo("\n".join(found))
    else:
        click.echo("Every file is sound.")
    sys.exit(bool(found))


@store.command("sweep")
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
def sweep_now(*, as_json: bool) -> None:
    """Take away what nobody has named for a day; the worker does so every six hours."""
    from hub.store_job import sweep

    with wired() as hub:
        gone = sweep(hub)
    if as_json:
        say_json({"files": gone.files, "chunks": gone.chunks})
    else:
        click.echo(f"Gone: {gone.files} files, {gone.chunks} chunks.")
