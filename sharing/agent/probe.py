"""Trying a version before it may answer: structure first, then a run in a process of its own.

A model that crashes the runtime, or never ends, takes the trial process with it and not the agent.
"""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from sharing.agent import errors
from sharing.agent.bundle import Bundle, golden_of
from sharing.agent.errors import AgentError, ModelCrashed, ModelHung, SchemaMismatch
from sharing.agent.structure import structure_of

LIMIT_SECONDS = 60.0
_ONE_ROW_RUNS = 50


def probe(folder: Path, seconds: float = LIMIT_SECONDS) -> dict[str, float]:
    """Figures of a version that may run here: `load_ms`, `row_ms` (median), `difference`.

    Raises ModelRefused or a child: why it may not.
    """
    for name in ("model.onnx", "head.onnx"):
        if (folder / name).is_file() or name == "model.onnx":
            structure_of(folder / name)
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "sharing.agent.probe", str(folder)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ModelHung(seconds=f"{seconds:g}") from error
    return _understood(ended)


def _understood(ended: subprocess.CompletedProcess[bytes]) -> dict[str, float]:
    try:
        told: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    except (IndexError, ValueError) as error:
        raise ModelCrashed(why=f"exit code {ended.returncode}") from error
    if "error" in told:
        raise getattr(errors, str(told["error"]), ModelCrashed)(**told["facts"])
    return {name: float(value) for name, value in told.items()}


def trial(folder: Path) -> dict[str, float]:
    """What `probe` finds out, in this process. Raises ModelRefused or a child."""
    columns = structure_of(folder / "model.onnx").columns
    began = time.perf_counter()
    bundle = Bundle.open(folder)
    load_ms = (time.perf_counter() - began) * 1000
    if columns not in (None, len(bundle.schema.columns)):
        raise SchemaMismatch(model=columns, card=len(bundle.schema.columns))
    golden = golden_of(folder)
    difference = bundle.compare(golden)
    spent = []
    for _ in range(_ONE_ROW_RUNS):
        began = time.perf_counter()
        bundle.run(golden.inputs[:1])
        spent.append((time.perf_counter() - began) * 1000)
    return {
        "load_ms": round(load_ms, 3),
        "row_ms": round(sorted(spent)[len(spent) // 2], 4),
        "difference": difference,
    }


def main(folder: str) -> None:
    """The trial process: one line of JSON, whatever happens."""
    try:
        told: dict[str, Any] = dict(trial(Path(folder)))
    except AgentError as error:
        told = {"error": type(error).__name__, "facts": {k: str(v) for k, v in error.facts.items()}}
    except (MemoryError, Exception) as error:  # noqa: BLE001 - the parent wants a line in any case
        told = {"error": "ModelCrashed", "facts": {"why": type(error).__name__}}
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
