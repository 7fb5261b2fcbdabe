"""`hub demo`: the main job from an empty folder to a verified certificate, with all real parts."""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from hub.cli.wired import say_json


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object with every step's figures.")
@click.option("--keep", is_flag=True, help="Leave the temporary folder, and say where it is.")
def demo(*, as_json: bool, keep: bool) -> None:
    """Play the main job through, without a browser, in a temporary folder."""
    folder = Path(tempfile.mkdtemp(prefix="hub-demo-"))
    steps: list[dict[str, Any]] = []
    reason = ""
    try:
        _play(folder, steps, quiet=as_json)
    except Exception as error:  # noqa: BLE001 - whatever it was, the reader is told where and why
        reason = f"{type(error).__name__}: {error}"
    if keep:
        click.echo(f"Kept: {folder}", err=True)
    else:
        shutil.rmtree(folder, ignore_errors=True)
    if as_json:
        say_json({"ok": not reason, "steps": steps, **({"reason": reason} if reason else {})})
    elif reason:
        click.echo(f"✗ {reason}", err=True)
    sys.exit(1 if reason else 0)


def _play(folder: Path, steps: list[dict[str, Any]], *, quiet: bool) -> None:
    from hub.demo.play import Play
    from hub.demo.stage import stage

    began = time.monotonic()
    with stage(folder / "var") as here:
        _note(steps, "start the hub", began, dict(here.seconds), quiet=quiet)
        play = Play(here, folder)
        try:
            for name, act in play.acts():
                _act(steps, name, act, quiet=quiet)
        finally:
            play.close()
        began = time.monotonic()
    left = [each.name for each in here.processes.children if each.alive()]
    _note(steps, "stop the hub", began, {"left_running": left}, quiet=quiet)
    if left:
        raise RuntimeError(f"still running: {left}")


def _act(
    steps: list[dict[str, Any]], name: str, act: Callable[[], dict[str, Any]], *, quiet: bool
) -> None:
    began = time.monotonic()
    try:
        figures = act()
    except Exception as error:
        _note(steps, name, began, {"failed": str(error)}, quiet=quiet)
        raise
    _note(steps, name, began, figures, quiet=quiet)


def _note(
    steps: list[dict[str, Any]], name: str, began: float, figures: dict[str, Any], *, quiet: bool
) -> None:
    seconds = round(time.monotonic() - began, 2)
    steps.append({"name": name, "seconds": seconds, "figures": figures})
    if not quiet:
        click.echo(f"✓ {name:<24} {seconds:6.2f} s   {figures}")
