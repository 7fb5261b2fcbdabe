"""`hub db`: bring the database up to date, save it, put it back."""

from pathlib import Path

import click

from hub.settings import Settings


@click.group()
def db() -> None:
    """The database."""


@db.command("upgrade")
def upgrade_database() -> None:
    """Bring the database to the newest shape; a copy of a SQLite file is kept beside it first."""
    from hub.backup import copy_before_upgrade, numbers_go_on
    from hub.migrations import upgrade

    settings = Settings.from_environment()
    saved = copy_before_upgrade(settings)
    if saved:
        click.echo(f"Saved {saved}")
    upgrade(settings.database)
    numbers_go_on(settings)  # what was put back may be older than the place where they stand
    click.echo("The database is up to date.")


@db.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
def backup_database(file: Path) -> None:
    """Save the database into FILE, while the hub may be running."""
    from hub.backup import backup

    backup(Settings.from_environment(), file)
    click.echo(f"Saved {file}")


@db.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore_database(file: Path) -> None:
    """Put the database back from FILE. The hub must be stopped; the present state is kept aside.

    What plants were told since is read again from their signed lists, which are not put back.
    """
    from hub.backup import restore
    from hub.errors import DatabaseNotPrepared
    from hub.migrations import refuse_old
    from hub.recovering import recover
    from hub.wiring import wire

    settings = Settings.from_environment()
    kept = restore(settings, file)
    click.echo(f"Restored. What was there before is in {kept}" if kept else "Restored.")
    hub = wire(settings)
    try:
        refuse_old(hub.db.engine)
        for one in recover(hub):
            click.echo(f"{one.model} {one.version}, delivery {one.delivery}: {one.what}")
    except DatabaseNotPrepared:
        click.echo("It is of an older version: run `hub db upgrade`. The worker does the rest.")
    finally:
        hub.close()
