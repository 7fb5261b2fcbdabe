"""A model folder of MLflow, read without MLflow: its ONNX file, its signature, its example rows.

MLflow's format: https://mlflow.org/docs/latest/ml/model/ (MLmodel, a YAML file). Only the ONNX
flavour is taken: the others keep a Python pickle, which runs whatever program is in it.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from sharing.errors import FolderUnusable

_NUMBERS = {"double": "float", "float": "float", "long": "integer", "integer": "integer"}
_NUMBERS |= {"boolean": "boolean"}
_LARGEST = 2**20


class Told(NamedTuple):
    """What a folder holds: columns as a schema's inputs are begun, names of what comes out.

    Both are empty where the signature names none. `example` has rows by column.
    """

    model: Path
    columns: list[dict[str, Any]]
    outputs: list[str]
    example: dict[str, list[Any]]


def read_folder(folder: Path) -> Told:
    """Raises FolderUnusable: what is missing in it, or cannot be taken."""
    told = _yaml(folder / "MLmodel")
    flavours = told.get("flavors") if isinstance(told.get("flavors"), dict) else {}
    onnx = flavours.get("onnx") if isinstance(flavours, dict) else None
    if not isinstance(onnx, dict):
        names = ", ".join(sorted(map(str, flavours or {}))) or "–"
        why = (
            f"it has no ONNX flavour ({names}). Save it with mlflow.onnx, or make the bundle from "
            "the notebook with sharing.bundle"
        )
        raise FolderUnusable(file="MLmodel", why=why)
    signature = told.get("signature")
    signature = signature if isinstance(signature, dict) else {}
    inputs = _listed(signature.get("inputs"))
    return Told(
        _inside(folder, str(onnx.get("data", "model.onnx"))),
        [_column(each) for each in inputs if each.get("name") and each.get("type") != "tensor"],
        [str(e["name"]) for e in _listed(signature.get("outputs")) if e.get("name")],
        _example(folder, told.get("saved_input_example_info")),
    )


def _column(told: Mapping[str, Any]) -> dict[str, Any]:
    name, kind = str(told["name"]), _NUMBERS.get(str(told.get("type")))
    if kind is None:
        why = f"its column {name} is of type {told.get('type')}: encode it as a number first"
        raise FolderUnusable(file="MLmodel", why=why)
    column: dict[str, Any] = {"heading": name, "type": kind}
    if told.get("required") is False or told.get("optional") is True:
        column["missing_allowed"] = True
    return column


def _yaml(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as opened:
            told = yaml.safe_load(opened.read(_LARGEST))
    except (OSError, yaml.YAMLError, ValueError, RecursionError) as error:
        raise FolderUnusable(file=file.name, why=type(error).__name__) from error
    if not isinstance(told, dict):
        raise FolderUnusable(file=file.name, why="YAML")
    return told


def _listed(text: Any) -> list[dict[str, Any]]:
    try:
        told = json.loads(text) if isinstance(text, str) else text
    except (ValueError, RecursionError) as error:
        raise FolderUnusable(file="MLmodel", why=f"signature: {type(error).__name__}") from error
    return [each for each in told if isinstance(each, dict)] if isinstance(told, list) else []


def _inside(folder: Path, name: str) -> Path:
    place = (folder / name).resolve()
    if place.is_dir():  # newer versions keep the file and its weights in a folder
        place = next(iter(sorted(place.glob("*.onnx"))), place / "model.onnx")
    if not place.is_relative_to(folder.resolve()) or not place.is_file():
        raise FolderUnusable(file="MLmodel", why=f"{name} is not in the folder")
    return place


def _example(folder: Path, told: Any) -> dict[str, list[Any]]:
    name = str(told.get("artifact_path", "")) if isinstance(told, dict) else ""
    try:
        data = json.loads(_inside(folder, name).read_bytes()[: 8 * _LARGEST]) if name else {}
        names, rows = data["columns"], data["data"]
        return {str(n): [row[i] for row in rows] for i, n in enumerate(names)}
    except (FolderUnusable, ValueError, KeyError, TypeError, IndexError, RecursionError):
        return {}  # an example is a help, not a need
