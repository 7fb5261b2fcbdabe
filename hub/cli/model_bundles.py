"""`hub models bundle` and `hub models check`: from a model file to a bundle that passes the gate.

No database is needed, and no pickle is ever opened: a scikit-learn pipeline becomes a bundle in
the notebook in which it lives, by sharing.bundle.
"""

import json
from pathlib import Path
from typing import Any

import click

from hub.cli.wired import say_json
from hub.cli.words import fault_told, faults_told, translated

_file = click.Path(exists=True, dir_okay=False, path_type=Path)
_folder = click.Path(exists=True, file_okay=False, path_type=Path)
_card = click.option(
    "--card", type=_file, help="The card, as far as it is written; without one, one is begun."
)
_out = click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), default=Path("bundle"),
    show_default=True, help="Folder for the bundle.",
)  # fmt: skip
_private = click.option("--private", is_flag=True, help="Only your firm is to see it.")
_json = click.option("--json", "as_json", is_flag=True, help="As one JSON document.")


@click.group()
def bundle() -> None:
    """Make a bundle: model.onnx, card.json, golden.json."""


@bundle.command("onnx")
@click.argument("file", type=_file)
@click.option("--rows", type=_file, required=True, help="CSV: rows to be remembered as test rows.")
@_card
@_out
@click.option("--head", type=_file, help="ONNX file of the head, fed with what FILE gives.")
@click.option("--calibration", type=_file, help="calibration.json: thresholds, corrections.")
@_private
@_json
def onnx(
    file: Path,
    rows: Path,
    card: Path | None,
    out: Path,
    head: Path | None,
    calibration: Path | None,
    *,
    private: bool,
    as_json: bool,
) -> None:
    """From an ONNX FILE, as PyTorch and others export it. Its weights are taken in.

    ROWS is a CSV with the model's columns; where it has a column of an output's name, that holds
    what the model has to give.
    """
    from sharing.bundle import bundle_from_onnx, rows_from_csv

    read = _read(calibration) if calibration else None
    table = rows_from_csv(rows)
    bundle_from_onnx(file, _read(card), table, out, head=head, calibration=read)
    _tell(out, private=private, as_json=as_json)


@bundle.command("mlflow")
@click.argument("folder", type=_folder)
@click.option("--rows", type=_file, help="CSV of test rows; without it, the folder's example.")
@_card
@_out
@_private
@_json
def mlflow(
    folder: Path,
    rows: Path | None,
    card: Path | None,
    out: Path,
    *,
    private: bool,
    as_json: bool,
) -> None:
    """From a model FOLDER of MLflow that has an ONNX flavour; its signature begins the schema."""
    from sharing.bundle import bundle_from_mlflow, rows_from_csv

    table = rows_from_csv(rows) if rows else None
    bundle_from_mlflow(folder, _read(card), table, out)
    _tell(out, private=private, as_json=as_json)


@click.command("check")
@click.argument("folder", type=_folder)
@_private
@_json
def check(folder: Path, *, private: bool, as_json: bool) -> None:
    """Put the bundle in FOLDER through the gate without publishing it: every fault at once."""
    if not _said(folder, private=private, as_json=as_json):
        raise click.exceptions.Exit(2)


def _tell(out: Path, *, private: bool, as_json: bool) -> None:
    if not as_json:
        names = ", ".join(sorted(path.name for path in out.iterdir()))
        click.echo(f"{out}: {names}")
    _said(out, private=private, as_json=as_json)


def _said(folder: Path, *, private: bool, as_json: bool) -> bool:
    from hub.api.models import check_said
    from sharing.gate import files_in
    from sharing.services.models import looked_into

    seen, _ = looked_into(files_in(folder), shared=not private)
    if as_json:
        words = translated()
        said = check_said(seen, lambda fault: fault_told(fault, words))
        say_json(said.model_dump(mode="json"))
        return seen.passed
    signs = {"passed": "✓", "failed": "✗", "waiting": "…"}
    click.echo("  ".join(f"{signs[state]} {name}" for name, state in seen.checks.items()))
    for line in faults_told(seen.faults):
        click.echo(line)
    if "p99_ms" in seen.figures:
        half, most = seen.figures["p50_ms"], seen.figures["p99_ms"]
        click.echo(f"one row on one core: {half:g} ms (p50), {most:g} ms (p99)")
    click.echo("passed" if seen.passed else f"{len(seen.faults)} to mend")
    return seen.passed


def _read(card: Path | None) -> dict[str, Any]:
    from sharing.errors import FolderUnusable

    if card is None:
        return {}
    try:
        told = json.loads(card.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise FolderUnusable(file=card.name, why=str(error)) from error
    if not isinstance(told, dict):
        raise FolderUnusable(file=card.name, why="{ … }")
    return told
