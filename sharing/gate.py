"""What a bundle must pass before anyone may be offered it; every fault is told at once.

A bundle is three files: model.onnx, card.json (sharing.card), golden.json (rows with the results
that the publisher saw). `inspect_bundle` only looks; `faults_of` also loads the model and computes
the golden rows; `check` does the same in a process of its own, with limits on time and memory:

    python -m sharing.gate FOLDER
"""

import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from sharing.card import Card, Schema, card_from
from sharing.faults import Fault
from sharing.graph import MOST_BYTES, model_faults

FILES = ("card.json", "golden.json", "model.onnx")
LARGEST = {"model.onnx": MOST_BYTES, "card.json": 2**20, "golden.json": 8 * 2**20}
SECONDS = 60
_MEMORY = 4 * 2**30
_LOOSEST = 1e-3
_DETAIL = 300
# What ONNX Runtime raises has no common ancestor below Exception.
_RUNTIME_ERRORS = (Exception,)


def check(bundle: Path | Mapping[str, bytes], seconds: float = SECONDS) -> list[Fault]:
    """Every fault of a bundle, found in a process of its own; empty means that it passed.

    The process may use `seconds` and 4 GB of address space (no memory limit on Windows); a model
    that breaks it is a fault, and never harms the caller.
    """
    with tempfile.TemporaryDirectory(prefix="gate-") as folder:
        if not isinstance(bundle, Path):
            for name, data in bundle.items():
                (Path(folder) / Path(name).name).write_bytes(data)
            bundle = Path(folder)
        try:
            done = subprocess.run(
                [sys.executable, "-I", "-m", "sharing.gate", str(bundle.resolve())],
                capture_output=True, timeout=seconds, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return [Fault("check_too_long", {"seconds": int(seconds)})]
    if done.returncode != 0:
        return [Fault("check_broke")]
    return [Fault(each["code"], each["facts"]) for each in json.loads(done.stdout)]


def faults_of(bundle: Path | Mapping[str, bytes]) -> list[Fault]:
    """Every fault of a bundle, here and now; loads the model where looking found nothing."""
    files = files_in(bundle)
    faults = inspect_bundle(files)
    if faults:
        return faults
    try:
        session = open_session(files["model.onnx"])
    except _RUNTIME_ERRORS as error:
        return [Fault("model_does_not_load", {"detail": _short(error)})]
    return golden_faults(session, json.loads(files["golden.json"]))


def inspect_bundle(bundle: Path | Mapping[str, bytes]) -> list[Fault]:
    """Every fault that shows without loading the model: files, card, structure, golden rows."""
    files = files_in(bundle)
    faults = [Fault("file_unknown", {"file": n[:80]}) for n in sorted(files) if n not in FILES]
    for name in FILES:
        faults += _file_faults(name, files.get(name))
    sound = {name for name in FILES if not _file_faults(name, files.get(name))}
    card: Card | None = None
    if "card.json" in sound:
        card, found = card_from(files["card.json"])
        faults += found
    schema = card.signature if card else None
    if "model.onnx" in sound:
        faults += model_faults(files["model.onnx"], schema)
    if "golden.json" in sound:
        faults += list(_golden_shape(files["golden.json"], schema))
    return faults


def files_in(bundle: Path | Mapping[str, bytes]) -> Mapping[str, bytes]:
    """The files of a bundle; what is larger than any bundle file may be is cut off there."""
    if not isinstance(bundle, Path):
        return bundle
    files = {}
    for path in sorted(bundle.iterdir()):
        with path.open("rb") if path.is_file() else open(os.devnull, "rb") as file:  # noqa: PTH123
            files[path.name] = file.read(MOST_BYTES + 1)
    return files


def open_session(model: bytes) -> onnxruntime.InferenceSession:
    """The model ready to compute, on one thread that does not spin: small PCs do other work too."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def figures(session: onnxruntime.InferenceSession, rows: "np.typing.ArrayLike") -> np.ndarray:
    """What the model gives for rows: its `probability`, or else its first output of floats."""
    names = [o.name for o in session.get_outputs() if o.type == "tensor(float)"]
    name = "probability" if "probability" in names else names[0]
    (result,) = session.run([name], {"x": np.asarray(rows, dtype=np.float32)})
    return np.asarray(result, dtype=np.float32).reshape(len(result), -1)


def golden_faults(session: onnxruntime.InferenceSession, golden: Mapping[str, Any]) -> list[Fault]:
    """Where the model does not give what the publisher saw. Looks at the first rows that differ."""
    tolerance = min(float(golden.get("tolerance", 1e-5)), _LOOSEST)
    expected = np.asarray(golden["outputs"], dtype=np.float64)
    try:
        found = figures(session, _numbers(golden["inputs"]))
    except _RUNTIME_ERRORS as error:
        return [Fault("golden_fails", {"detail": _short(error)})]
    if found.shape != expected.shape:
        detail = f"{expected.shape[1]} ≠ {found.shape[1]}"
        return [Fault("golden_shape", {"detail": detail})]
    wrong = ~(np.abs(found - expected) <= tolerance)
    return [
        Fault(
            "golden_differs",
            {
                "row": int(row) + 1,
                "found": _said(found[row]),
                "expected": _said(expected[row]),
                "tolerance": f"{tolerance:g}",
            },
        )
        for row in np.flatnonzero(wrong.any(axis=1))[:5]
    ]


def _file_faults(name: str, data: bytes | None) -> list[Fault]:
    if data is None:
        return [Fault("file_missing", {"file": name})]
    if not data:
        return [Fault("file_empty", {"file": name})]
    if len(data) > LARGEST[name]:
        most = LARGEST[name] / 2**20
        facts = {"file": name, "megabytes": f"{len(data) / 2**20:.1f}", "most": f"{most:g}"}
        return [Fault("file_too_large", facts)]
    return []


def _golden_shape(text: bytes, schema: Schema | None) -> Iterator[Fault]:
    try:
        golden = json.loads(text)
        inputs, outputs = golden["inputs"], golden["outputs"]
        float(golden.get("tolerance", 1e-5))
        rows, results = _numbers(inputs), _numbers(outputs)
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        yield Fault("json_unreadable", {"file": "golden.json", "line": getattr(error, "lineno", 1)})
        return
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        yield Fault("golden_shape", {"detail": _short(error)})
        return
    if not len(rows):
        yield Fault("golden_empty")
    elif rows.ndim != 2 or results.ndim != 2 or len(rows) != len(results):
        yield Fault("golden_shape", {"detail": f"{rows.shape}, {results.shape}"})
    elif schema and rows.shape[1] != len(schema.inputs):
        yield Fault("golden_shape", {"detail": f"{rows.shape[1]} ≠ {len(schema.inputs)}"})
    elif schema:
        yield from _out_of_range(rows, schema)


def _out_of_range(rows: np.ndarray, schema: Schema) -> Iterator[Fault]:
    for index, column in enumerate(schema.inputs):
        for row, value in enumerate(rows[:, index]):
            missing = math.isnan(value)
            if (missing and not column.missing_allowed) or (
                not missing and not column.low <= value <= column.high
            ):
                yield Fault(
                    "golden_range",
                    {
                        "row": row + 1, "field": column.name, "found": f"{value:g}",
                        "low": f"{column.low:g}", "high": f"{column.high:g}",
                    },
                )  # fmt: skip
                break  # one row for each column tells enough


def _numbers(rows: Any) -> np.ndarray:
    # null stands for a missing value
    return np.asarray(
        [[math.nan if value is None else float(value) for value in row] for row in rows],
        dtype=np.float64,
    )


def _said(values: np.ndarray) -> str:
    return ", ".join(f"{value:.6g}" for value in values[:4])


def _short(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:_DETAIL]


def _limit() -> None:
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """Print the faults of the bundle in the folder that is named, as JSON."""
    _limit()
    try:
        faults = faults_of(Path(sys.argv[1]))
    except MemoryError:
        faults = [Fault("check_broke")]
    json.dump([asdict(fault) for fault in faults], sys.stdout, ensure_ascii=True)


if __name__ == "__main__":
    main()
