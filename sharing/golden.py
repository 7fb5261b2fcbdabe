"""The test rows of a bundle: whether they fit its card, and whether the model still gives them."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from sharing.agent.bundle import Bundle
from sharing.card import Input, Output, Schema
from sharing.faults import Fault

TOLERANCE = 1e-5
_LOOSEST = 1e-3
_DETAIL = 300
_ALONE = 3  # rows that are asked one by one, too
_TELLING = 5  # rows of which a difference is told


class Golden(NamedTuple):
    """Rows × columns, rows × figures, and how far off a result may be."""

    rows: np.ndarray
    results: np.ndarray
    tolerance: float


def golden_from(text: bytes, schema: Schema | None) -> tuple[Golden | None, list[Fault]]:
    """The rows, or what is wrong with them, compared with the card's schema where it is known.

    >>> golden_from(b'{"inputs": [], "outputs": []}', None)[1][0].code
    'golden_empty'
    """
    try:
        told = json.loads(text)
        rows, results = _numbers(told["inputs"]), _numbers(told["outputs"])
        largest = float(np.abs(results[np.isfinite(results)]).max(initial=0.0))
        loosest = max(_LOOSEST, TOLERANCE * largest)
        tolerance = min(abs(float(told.get("tolerance", TOLERANCE))), loosest)
    except (UnicodeDecodeError, RecursionError, json.JSONDecodeError) as error:
        line = getattr(error, "lineno", 1)
        return None, [Fault("json_unreadable", {"file": "golden.json", "line": line})]
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        return None, [Fault("golden_shape", {"detail": short(error)})]
    wrong = _shape(rows, results, schema)
    if wrong is not None:
        return None, [wrong]
    faults = list(_out_of_range(rows, schema.inputs)) if schema else []
    return Golden(rows, results, tolerance), faults


def golden_faults(bundle: Bundle, golden: Golden, schema: Schema | None) -> list[Fault]:
    """Where the model does not give what the publisher saw, by the rows that differ first.

    Raises ModelCrashed where it cannot compute the rows.
    """
    found = bundle.before_calibration(golden.rows.tolist(), golden.results.shape[1])
    if found.shape != golden.results.shape:
        detail = " ≠ ".join(" × ".join(map(str, t.shape)) for t in (golden.results, found))
        return [Fault("golden_shape", {"detail": detail})]
    return [
        *_different("golden_differs", found, golden.results, golden.tolerance),
        *_by_itself(bundle, golden, found),
        *_figures(bundle, golden, schema),
    ]


def spread(golden: Golden, columns: Sequence[str]) -> dict[str, list[float]]:
    """Column → lowest, quarter, middle, three quarters, highest of the test rows; for a picture.

    >>> spread(Golden(np.array([[1.0], [3.0]]), np.array([[0.0], [0.0]]), 0.0), ["a"])
    {'a': [1.0, 1.5, 2.0, 2.5, 3.0]}
    """
    found = {}
    for name, values in zip(columns, golden.rows.T, strict=True):
        known = values[~np.isnan(values)]
        if len(known):
            found[name] = [float(q) for q in np.quantile(known, (0, 0.25, 0.5, 0.75, 1))]
    return found


def short(error: Exception) -> str:
    """An error of another library in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:_DETAIL]


def _by_itself(bundle: Bundle, golden: Golden, together: np.ndarray) -> Iterator[Fault]:
    alone = [
        bundle.before_calibration([row], together.shape[1])[0]
        for row in golden.rows[:_ALONE].tolist()
    ]
    yield from _different("golden_alone", np.array(alone), together[:_ALONE], golden.tolerance)


def _figures(bundle: Bundle, golden: Golden, schema: Schema | None) -> Iterator[Fault]:
    given = bundle.figures(bundle.run(golden.rows.tolist()))
    for name in bundle.schema.outputs:
        if len(given.get(name, ())) != len(golden.rows):
            yield Fault("output_missing", {"field": name[:80]})
    for column in schema.outputs if schema else ():
        values = np.asarray(given.get(column.name, ()), dtype=np.float64)
        yield from _outside("output_range", values, column)


def _different(
    code: str, found: np.ndarray, expected: np.ndarray, tolerance: float
) -> Iterator[Fault]:
    same = (np.abs(found - expected) <= tolerance) | (np.isnan(found) & np.isnan(expected))
    for row in np.flatnonzero(~same.all(axis=1))[:_TELLING]:
        yield Fault(
            code,
            {
                "row": int(row) + 1,
                "found": _said(found[row]),
                "expected": _said(expected[row]),
                "tolerance": f"{tolerance:g}",
            },
        )


def _shape(rows: np.ndarray, results: np.ndarray, schema: Schema | None) -> Fault | None:
    if not len(rows):
        return Fault("golden_empty")
    if rows.ndim != 2 or results.ndim != 2 or len(rows) != len(results) or not results.shape[1]:
        return Fault("golden_shape", {"detail": f"{rows.shape}, {results.shape}"})
    if schema and rows.shape[1] != len(schema.inputs):
        return Fault("golden_shape", {"detail": f"{rows.shape[1]} ≠ {len(schema.inputs)}"})
    return None


def _out_of_range(rows: np.ndarray, columns: list[Input]) -> Iterator[Fault]:
    for index, column in enumerate(columns):
        values = rows[:, index]
        yield from _outside("golden_range", values, column)
        broken = np.flatnonzero(~np.isnan(values) & (values != np.round(values)))
        if column.type != "float" and len(broken):
            row = int(broken[0])
            facts = {"row": row + 1, "field": column.name, "found": f"{values[row]:g}"}
            yield Fault("golden_whole", facts)


def _outside(code: str, values: np.ndarray, column: Input | Output) -> Iterator[Fault]:
    low = -math.inf if column.low is None else column.low
    high = math.inf if column.high is None else column.high
    missing = np.isnan(values)
    # what was computed with 32 bits may miss a bound by its last bit
    room = TOLERANCE * max(1.0, *(abs(b) for b in (low, high) if math.isfinite(b)), 0.0)
    wrong = (missing & (not column.missing_allowed)) | (
        ~missing & ((values < low - room) | (values > high + room))
    )
    for row in np.flatnonzero(wrong)[:1]:  # one row for each column tells enough
        facts = {"row": int(row) + 1, "field": column.name, "found": f"{values[row]:g}"}
        yield Fault(code, {**facts, "low": f"{low:g}", "high": f"{high:g}"})


def _numbers(rows: Any) -> np.ndarray:
    # null stands for a missing value
    table = [[math.nan if value is None else float(value) for value in row] for row in rows]
    if len({len(row) for row in table}) > 1:
        raise ValueError("rows of different lengths")
    return np.asarray(table, dtype=np.float64)


def _said(values: np.ndarray) -> str:
    return ", ".join(f"{value:.6g}" for value in values[:4])


def as_json(values: Mapping[str, Any] | np.ndarray) -> list[list[float | None]]:
    """Rows as they stand in golden.json: a missing value is null.

    >>> as_json(np.array([[1.0, np.nan]]))
    [[1.0, None]]
    """
    table = np.asarray(values, dtype=np.float64)
    return [[None if math.isnan(value) else float(value) for value in row] for row in table]
