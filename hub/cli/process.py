"""`hub init`, and the processes that `hub up` starts: `hub web`, `hub worker`."""

import logging
from typing import Any

import click

from hub.cli.wired import wired
from hub.data_folder import usable
from hub.settings import Settings

_FILES = 8_192  # that the web server may hold open


@click.command()
def init() -> None:
    """Prepare the data folder: keys and an up-to-date database. Safe to repeat."""
    from hub.migrations import upgrade

    settings = Settings.from_environment()
    usable(settings.data)
    upgrade(settings.database)
    with wired() as hub:
        click.echo(f"Ready: {hub.settings.data.resolve()}")


@click.command()
def web() -> None:
    """Serve pages and API (usually started by `hub up`)."""
    import gc

    import waitress

    from hub.app import create_app
    from hub.turns import people_first

    with wired() as hub:
        _log(hub.settings.log_level)
        app = create_app(hub)
        # What is there now stays: looking through it again and again would take a third of the
        # time of a map of ten thousand firms.
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)
        server = waitress.create_server(app, **serving(hub.settings))
        people_first(server.task_dispatcher, hub.settings.web_threads)
        server.run()


def serving(settings: Settings) -> dict[str, Any]:
    """How waitress serves the hub."""
    return {
        "host": settings.host,
        "port": settings.port,
        "threads": settings.web_threads,
        "ident": None,
        "max_request_body_size": (settings.max_upload_mb + 1) * 1024 * 1024,
        "channel_timeout": 120,
        "connection_limit": connections(),
        "asyncore_use_poll": True,  # select() knows a thousand files at most
        # hub.app believes the operator's proxy; otherwise all visitors would be that one address,
        # and one who guesses at passwords would lock out everybody
        "clear_untrusted_proxy_headers": not settings.public_url,
    }


def connections() -> int:
    """How many lines the web server holds at a time: browsers and agents keep theirs open.

    Each takes a file, and so does what is sent over it. What comes beyond that waits at the door.
    """
    try:
        import resource
    except ImportError:  # Windows
        return 400
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    most = _FILES if soft == resource.RLIM_INFINITY else min(soft, _FILES)
    return max((most - 200) // 2, 100)


@click.command()
def worker() -> None:
    """Do the background work (usually started by `hub up`)."""
    from hub.worker import run_worker

    with wired() as hub:
        _log(hub.settings.log_level)
        run_worker(hub)


def _log(level: str) -> None:
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
