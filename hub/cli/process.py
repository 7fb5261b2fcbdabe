"""`hub init`, and the processes that `hub up` starts: `hub web`, `hub worker`."""

import logging

import click

from hub.cli.wired import wired
from hub.settings import Settings


@click.command()
def init() -> None:
    """Prepare the data folder: keys and an up-to-date database. Safe to repeat."""
    from hub.migrations import upgrade

    settings = Settings.from_environment()
    settings.data.mkdir(parents=True, exist_ok=True)
    upgrade(settings.database)
    with wired() as hub:
        click.echo(f"Ready: {hub.settings.data.resolve()}")


@click.command()
def web() -> None:
    """Serve pages and API (usually started by `hub up`)."""
    import waitress

    from hub.app import create_app

    with wired() as hub:
        settings = hub.settings
        _log(settings.log_level)
        waitress.serve(
            create_app(hub),
            host=settings.host,
            port=settings.port,
            threads=settings.web_threads,
            ident=None,
            max_request_body_size=(settings.max_upload_mb + 1) * 1024 * 1024,
            channel_timeout=120,
        )


@click.command()
def worker() -> None:
    """Do the background work (usually started by `hub up`)."""
    from hub.worker import run_worker

    with wired() as hub:
        _log(hub.settings.log_level)
        run_worker(hub)


def _log(level: str) -> None:
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
