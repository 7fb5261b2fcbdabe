"""A model in its trial: it is loaded, gives its test rows, and is timed. One core, no threads.

Called in a process of its own only (sharing.gate): what a file does to ONNX Runtime stays there.
"""

import json
import sys
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from sharing.agent.bundle import Bundle, session_of
from sharing.agent.errors import AgentError, CardUnreadable, HeadMismatch, ModelCrashed
from sharing.card import Card
from sharing.faults import Fault
from sharing.golden import Golden, golden_faults

SLOWEST_MS = 1000.0  # for one row, where the card promises nothing faster
_ROUNDS, _ROWS, _SECONDS = 3, 300, 4.0


class Tried(NamedTuple):
    """What a trial found: faults, figures in milliseconds and megabytes, what it got to."""

    faults: list[Fault]
    figures: dict[str, float]
    reached: tuple[str, ...]


def tried(files: Mapping[str, bytes], card: Card | None, golden: Golden | None) -> Tried:
    """The trial of models whose structure is sound; goes as far as the other files allow."""
    began = time.perf_counter()
    sessions: dict[str, Any] = {}
    faults = []
    for name in ("model.onnx", "head.onnx"):
        if name in files:
            try:
                sessions[name] = session_of(files[name])
            except ModelCrashed as error:
                faults.append(Fault("model_does_not_load", {"detail": error.facts["why"]}, name))
    if faults:
        return Tried(faults, {}, ("loads",))
    figures = {"load_ms": round((time.perf_counter() - began) * 1000, 2)}
    bundle, faults = _bundle(files, sessions)
    reached: tuple[str, ...] = ("loads",)
    if bundle is not None:
        reached = ("loads", "fits")
        if golden is not None and golden.rows.shape[1] == len(bundle.schema.columns):
            faults += _run(bundle, golden, card, figures)
            reached = ("loads", "fits", "golden", "latency")
    return Tried(faults, figures | _memory(), reached)


def _bundle(
    files: Mapping[str, bytes], sessions: Mapping[str, Any]
) -> tuple[Bundle | None, list[Fault]]:
    try:  # a card with other faults may still have a schema
        told = json.loads(files["card.json"])
        calibration = json.loads(files.get("calibration.json", b"{}"))
    except (KeyError, ValueError, RecursionError):
        return None, []  # said already, by whoever looked at the files
    try:
        trunk, head = sessions["model.onnx"], sessions.get("head.onnx")
        return Bundle(told, trunk, head, calibration), []
    except HeadMismatch as error:
        return None, [Fault("head_input", error.facts)]
    except (CardUnreadable, AttributeError, TypeError):
        return None, []


def _run(
    bundle: Bundle, golden: Golden, card: Card | None, figures: dict[str, float]
) -> list[Fault]:
    try:
        faults = golden_faults(bundle, golden, card.signature if card else None)
        figures |= latency_of(bundle, golden.rows)
    except AgentError as error:
        return [Fault("golden_fails", {"detail": str(error.facts.get("why", error))})]
    promised = bundle.card.get("latency_ms")  # of a card with other faults, too
    most = promised if isinstance(promised, int | float) and promised > 0 else SLOWEST_MS
    if figures["p99_ms"] > most:
        faults.append(
            Fault("latency_over", {"found": f"{figures['p99_ms']:.2f}", "most": f"{most:g}"})
        )
    return faults


def latency_of(bundle: Bundle, rows: np.ndarray) -> dict[str, float]:
    """Milliseconds for one row: `p50_ms`, `p99_ms`. The quietest of a few rounds counts.

    Other work on the machine makes a round slower, and nothing makes one faster than it is.
    """
    best: dict[str, float] = {}
    ask = [[row] for row in rows[:50].tolist()]
    began = time.perf_counter()
    for _ in range(_ROUNDS):
        spent = []
        for index in range(_ROWS):
            start = time.perf_counter()
            bundle.run(ask[index % len(ask)])
            spent.append((time.perf_counter() - start) * 1000)
            if time.perf_counter() - began > _SECONDS:
                break
        p50, p99 = (round(float(np.percentile(spent, share)), 4) for share in (50, 99))
        if not best or p99 < best["p99_ms"]:
            best = {"p50_ms": p50, "p99_ms": p99, "rows_timed": float(len(spent))}
        if time.perf_counter() - began > _SECONDS:
            break
    return best


def _memory() -> dict[str, float]:
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return {}
    unit = 1 if sys.platform == "darwin" else 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return {"memory_mb": round(most / 2**20, 1)}
