"""`hub up`: everything on one machine, from one command, until Ctrl-C."""

import logging
import signal
import sys
import time

import click
import requests

from hub.cli.wired import wired
from hub.data_folder import alone_in, usable
from hub.errors import NotReady
from hub.processes import Child, Processes, refuse_taken_ports
from hub.settings import Settings
from hub.wiring import Hub


@click.command()
@click.option(
    "--demo", is_flag=True, help="Load the sample value chain where the database is empty."
)
def up(*, demo: bool) -> None:
    """Start the hub, its worker with Ray, and JupyterHub; stop all of them with Ctrl-C."""
    from hub.backup import numbers_go_on
    from hub.migrations import upgrade

    logging.basicConfig(level="WARNING", format="%(message)s")
    began = time.monotonic()
    settings = Settings.from_environment()
    with alone_in(usable(settings.data), settings.url):
        refuse_taken_ports(settings.host, ports_of(settings))
        upgrade(settings.database)
        numbers_go_on(settings)
        _run(settings, began, demo=demo)


def _run(settings: Settings, began: float, *, demo: bool) -> None:
    with wired() as hub:
        if demo:
            from hub.sample.load import load

            load(hub)
        processes = Processes(children_of(hub), settings.data / "logs")
        for number in (signal.SIGINT, signal.SIGTERM, *_hangup()):
            signal.signal(number, lambda *_: processes.ask_to_stop())
        try:
            processes.start()
            _report(processes, settings, began, demo=demo)
            processes.keep()
        finally:
            click.echo("\nStopping …")
            processes.stop()
            click.echo("Stopped.")


def ports_of(settings: Settings) -> dict[str, int]:
    """The ports that `hub up` opens, by the setting that changes each."""
    return {
        "HUB_PORT": settings.port,
        "HUB_LABS_PORT": settings.labs_port,
        "HUB_LABS_HUB_PORT": settings.labs_hub_port,
        "HUB_LABS_PROXY_PORT": settings.labs_proxy_port,
    }


def children_of(hub: Hub) -> list[Child]:
    """The three programs that make up a hub on one machine."""
    from hub.health import labs_up, ray_up
    from hub.labs_process import labs_command

    settings = hub.settings
    env = {
        f"HUB_{name.upper()}": str(value) for name, value in settings.model_dump().items() if value
    }
    env["HUB_DATA"] = str(settings.data.resolve())
    python = [sys.executable, "-m", "hub"]
    labs_argv, labs_env = labs_command(hub)
    return [
        Child(
            "web",
            [*python, "web"],
            lambda: _answers(f"http://{settings.host}:{settings.port}/"),
            env,
        ),
        Child("worker", [*python, "worker"], lambda: ray_up(hub).up, env),
        Child("jupyterhub", labs_argv, lambda: labs_up(hub).up, {**env, **labs_env}),
    ]


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).status_code < 500
    except requests.RequestException:
        return False


def _hangup() -> tuple[signal.Signals, ...]:
    return (signal.SIGHUP,) if hasattr(signal, "SIGHUP") else ()


def _report(processes: Processes, settings: Settings, began: float, *, demo: bool) -> None:
    processes.wait_ready("web")
    click.echo(
        f"\n  상생허브 · Sangsaeng Hub   {settings.url}   ({time.monotonic() - began:.1f} s)\n"
    )
    if demo:
        say_logins(settings)
    for name, words in (("jupyterhub", "JupyterHub"), ("worker", "worker with Ray")):
        try:
            processes.wait_ready(name)
        except NotReady as error:
            # The pages work without it, and it is started again: no reason to stop the rest.
            click.echo(f"  {error}")
        else:
            click.echo(f"  {words} is up ({time.monotonic() - began:.1f} s)")
    click.echo(f"\n  Logs: {processes.logs}   Stop with Ctrl-C.")


def say_logins(settings: Settings) -> None:
    """The sample's people, and a warning where strangers could sign in as one of them."""
    from hub.sample.people import PASSWORD, PEOPLE

    click.echo(f"  Sample logins, all with the password {PASSWORD}\n")
    for each in PEOPLE:
        click.echo(f"    {each.email:<24} {each.words.ko} · {each.words.en}")
    click.echo("")
    if settings.public_url or settings.host not in ("127.0.0.1", "localhost", "::1"):
        click.echo("  Warning: whoever can reach this hub can sign in with that password.\n")
