"""An installed version, opened: its card, its schema, its model in ONNX Runtime."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from sharing.agent.errors import CardUnreadable, GoldenMismatch, ModelCrashed
from sharing.agent.home import read_json
from sharing.agent.schema import Schema

FILES = ("model.onnx", "card.json", "golden.json")
onnxruntime.disable_telemetry_events()  # on Windows; elsewhere sharing/__init__ sees to it
_SERIOUS = 3  # ONNX Runtime's own lines on the console: errors only


class Golden(NamedTuple):
    """The publisher's test rows with their answers; `tolerance` is absolute."""

    inputs: list[list[float]]
    outputs: list[list[float]]
    tolerance: float


class Bundle:
    """A version ready to answer. One processor thread: the PC has other work."""

    def __init__(self, card: dict[str, Any], schema: Schema, session: Any) -> None:
        self.card = card
        self.schema = schema
        self._session = session
        self.tensor = str(session.get_inputs()[0].name)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """The bundle of a folder. Raises CardUnreadable, ModelCrashed (the runtime refuses it)."""
        card = _json(folder / "card.json")
        return cls(card, Schema.of_card(card), _session(folder / "model.onnx"))

    def run(self, rows: Sequence[Sequence[float]]) -> dict[str, NDArray[Any]]:
        """What the model answers, by name of its own outputs. Raises ModelCrashed."""
        table = np.asarray(rows, dtype=np.float32).reshape(-1, len(self.schema.columns))
        names = [one.name for one in self._session.get_outputs()]
        try:
            values = self._session.run(names, {self.tensor: table})
        except Exception as error:  # onnxruntime's errors have no common parent but this one
            raise ModelCrashed(why=_first_line(error)) from error
        return {name: np.asarray(value) for name, value in zip(names, values, strict=True)}

    def outputs(self) -> list[tuple[str, str]]:
        """Name and ONNX type of each output."""
        return [(one.name, one.type) for one in self._session.get_outputs()]

    def figures(self, answers: Mapping[str, NDArray[Any]]) -> dict[str, list[float]]:
        """The columns that the card declares as outputs.

        An output tensor of the declared name, else the last columns of `probability`: for two
        classes, the second is that of the event which the card names.
        """
        wanted = self.schema.outputs
        found = {name: answers[name].ravel() for name in wanted if name in answers}
        table = answers.get("probability")
        if table is not None:
            table = table.reshape(len(table), -1)
            left = [name for name in wanted if name not in found]
            found |= dict(zip(left, table.T[-len(left) :] if left else (), strict=False))
        return {name: [float(value) for value in values] for name, values in found.items()}

    def compare(self, golden: Golden) -> float:
        """Largest difference to the publisher's answers. Raises GoldenMismatch beyond tolerance."""
        answers = self.run(golden.inputs)
        width = len(golden.outputs[0])
        got = np.asarray(list(self.figures(answers).values()), dtype=np.float64).T
        if got.shape[-1] != width and "probability" in answers:
            got = answers["probability"].reshape(len(golden.inputs), -1)
        expected = np.asarray(golden.outputs, dtype=np.float64)
        if got.shape != expected.shape:
            raise GoldenMismatch(difference=f"{got.shape} ≠ {expected.shape}")
        difference = float(np.max(np.abs(got - expected)))
        if not difference <= golden.tolerance:
            raise GoldenMismatch(difference=f"{difference:.3g}")
        return difference


def golden_of(folder: Path) -> Golden:
    """The test rows of a bundle; raises CardUnreadable."""
    told = _json(folder / "golden.json")
    try:
        golden = Golden(told["inputs"], told["outputs"], float(told.get("tolerance", 1e-5)))
        sound = len(golden.inputs) == len(golden.outputs) > 0 and len(golden.outputs[0]) > 0
    except (KeyError, TypeError, ValueError) as error:
        raise CardUnreadable(file="golden.json", why=repr(error)) from error
    if not sound:
        raise CardUnreadable(file="golden.json", why="rows")
    return golden


def _json(file: Path) -> dict[str, Any]:
    try:
        told = read_json(file)
    except (OSError, ValueError, RecursionError) as error:
        raise CardUnreadable(file=file.name, why=type(error).__name__) from error
    if not isinstance(told, dict):
        raise CardUnreadable(file=file.name, why=json.dumps(told)[:40])
    return told


def _session(model: Path) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    options.log_severity_level = _SERIOUS
    try:
        return onnxruntime.InferenceSession(
            model.read_bytes(), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # onnxruntime's errors have no common parent but this one
        raise ModelCrashed(why=_first_line(error)) from error


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
