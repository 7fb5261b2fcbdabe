"""An installed version, opened: its card, its schema, its model in ONNX Runtime.

A bundle is `model.onnx`, `card.json`, `golden.json`, and, where the publisher wants to change them
often without sending the model again, `head.onnx` (a second model, fed with what the first one
gives) and `calibration.json` (see sharing.agent.calibration).
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from sharing.agent import calibration as calibrations
from sharing.agent.calibration import Calibration
from sharing.agent.errors import CardUnreadable, GoldenMismatch, HeadMismatch, ModelCrashed
from sharing.agent.home import read_json
from sharing.agent.schema import Schema

# Without one of FILES there is no bundle; OPTIONAL ones are small targets of their own.
FILES = ("model.onnx", "card.json", "golden.json")
OPTIONAL = ("head.onnx", calibrations.FILE)
KNOWN = (*FILES, *OPTIONAL)
onnxruntime.disable_telemetry_events()  # on Windows; elsewhere sharing/__init__ sees to it
_SERIOUS = 3  # ONNX Runtime's own lines on the console: errors only


class Golden(NamedTuple):
    """The publisher's test rows with their answers before calibration; `tolerance` is absolute."""

    inputs: list[list[float]]
    outputs: list[list[float]]
    tolerance: float


class Bundle:
    """A version ready to answer. One processor thread: the PC has other work."""

    def __init__(
        self,
        card: dict[str, Any],
        trunk: Any,
        head: Any = None,
        calibration: Mapping[str, Any] | None = None,
    ) -> None:
        """Sessions of ONNX Runtime. Raises CardUnreadable, HeadMismatch."""
        self.card = card
        self.schema = Schema.of_card(card)
        self.calibration = Calibration.of(calibration or {}, self.schema.outputs)
        self.tensor = str(trunk.get_inputs()[0].name)
        self._trunk, self._head = trunk, head
        if head is not None:
            _fits(trunk, head)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """The bundle of a folder.

        Raises CardUnreadable, HeadMismatch, ModelCrashed (the runtime refuses it).
        """
        head, calibration = folder / "head.onnx", folder / calibrations.FILE
        return cls(
            _json(folder / "card.json"),
            session_of((folder / "model.onnx").read_bytes()),
            session_of(head.read_bytes()) if head.is_file() else None,
            _json(calibration) if calibration.is_file() else None,
        )

    def run(self, rows: Sequence[Sequence[float]]) -> dict[str, NDArray[Any]]:
        """What the model, or its head, answers, by name of its own outputs. Raises ModelCrashed."""
        table = np.asarray(rows, dtype=np.float32).reshape(-1, len(self.schema.columns))
        if self._head is None:
            return _answers(self._trunk, {self.tensor: table})
        wanted = str(self._head.get_inputs()[0].name)
        return _answers(self._head, _answers(self._trunk, {self.tensor: table}, [wanted]))

    def outputs(self) -> list[tuple[str, str]]:
        """Name and ONNX type of each output."""
        last = self._trunk if self._head is None else self._head
        return [(one.name, one.type) for one in last.get_outputs()]

    def figures(self, answers: Mapping[str, NDArray[Any]]) -> dict[str, list[float]]:
        """The columns that the card declares as outputs, corrected where a calibration says so.

        An output tensor of the declared name, else the last columns of `probability`, or, without
        one, of the first table of floats: for two classes, the second is that of the event which
        the card names.
        """
        return self.calibration.corrected(self._declared(answers))

    def alarms(self, figures: Mapping[str, Sequence[float]]) -> dict[str, list[bool]]:
        """Whether to warn, row by row, for each figure with a threshold."""
        return self.calibration.alarms(figures)

    def compare(self, golden: Golden) -> float:
        """Largest difference to the publisher's answers. Raises GoldenMismatch beyond tolerance."""
        got = self.before_calibration(golden.inputs, len(golden.outputs[0]))
        expected = np.asarray(golden.outputs, dtype=np.float64)
        if got.shape != expected.shape:
            raise GoldenMismatch(difference=f"{got.shape} ≠ {expected.shape}")
        difference = float(np.max(np.abs(got - expected)))
        if not difference <= golden.tolerance:
            raise GoldenMismatch(difference=f"{difference:.3g}")
        return difference

    def before_calibration(self, rows: Sequence[Sequence[float]], width: int) -> NDArray[Any]:
        """Rows × figures as golden rows hold them: the declared figures, or the whole table."""
        answers = self.run(rows)
        got: NDArray[Any] = np.asarray(list(self._declared(answers).values()), dtype=np.float64).T
        table = _table(answers)
        if got.shape[-1] != width and table is not None:
            got = table.astype(np.float64)
        return got

    def _declared(self, answers: Mapping[str, NDArray[Any]]) -> dict[str, list[float]]:
        wanted = self.schema.outputs
        found = {name: answers[name].ravel() for name in wanted if name in answers}
        left = [name for name in wanted if name not in found]
        table = _table(answers)
        if table is not None:
            found |= dict(zip(left, table.T[-len(left) :] if left else (), strict=False))
        return {name: [float(value) for value in found[name]] for name in wanted if name in found}


def session_of(model: bytes) -> Any:
    """A model in ONNX Runtime, on one thread that does not spin. Raises ModelCrashed."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    options.log_severity_level = _SERIOUS
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors have no common parent but this one
        raise ModelCrashed(why=_first_line(error)) from error


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


def _fits(trunk: Any, head: Any) -> None:
    given = {one.name: one.type for one in trunk.get_outputs()}
    asked = {one.name: one.type for one in head.get_inputs()}
    if len(asked) != 1 or not asked.items() <= given.items():
        raise HeadMismatch(head=", ".join(sorted(asked)), model=", ".join(sorted(given)))


def _answers(
    session: Any, fed: Mapping[str, NDArray[Any]], names: list[str] | None = None
) -> dict[str, NDArray[Any]]:
    names = names or [one.name for one in session.get_outputs()]
    try:
        values = session.run(names, dict(fed))
    except Exception as error:  # onnxruntime's errors have no common parent but this one
        raise ModelCrashed(why=_first_line(error)) from error
    return {name: np.asarray(value) for name, value in zip(names, values, strict=True)}


def _table(answers: Mapping[str, NDArray[Any]]) -> NDArray[Any] | None:
    floats = [value for value in answers.values() if np.issubdtype(value.dtype, np.floating)]
    table = answers.get("probability", floats[0] if floats else None)
    if table is None or not table.ndim or not len(table):
        return None
    return table.reshape(len(table), -1)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
