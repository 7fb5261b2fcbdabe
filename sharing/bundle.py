"""From a trained model to the files of a bundle.

From scikit-learn (in the notebook, where the model is), from an ONNX file as PyTorch and others
export it, from a model folder of MLflow. No pickle is ever read here.

Trees are split at numbers that scikit-learn keeps in 64 bits and ONNX in 32. Where the model was
trained on columns that were rounded to 32 bits first (`as_fed`), both take the same turn at every
split, and probabilities agree within 1e-5; the golden rows hold scikit-learn's own results, so
the gate proves it for each model.
"""

import csv
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from google.protobuf.message import DecodeError

from sharing.adapted import adapted, columns_of, rename
from sharing.agent.bundle import Bundle, session_of
from sharing.agent.errors import ModelRefused
from sharing.card import Card
from sharing.card_draft import drafted, plain_name
from sharing.errors import FolderUnusable
from sharing.golden import as_json
from sharing.mlflow_folder import read_folder

OPSET = {"": 18, "ai.onnx.ml": 3}
TOLERANCE = 1e-5
MOST_ROWS = 60

Rows = Mapping[str, Sequence[Any]]


def as_fed(rows: Any) -> np.ndarray:
    """Rows as the model will be fed them: numbers of 32 bits. Train on these.

    >>> as_fed([[0.1]]).dtype
    dtype('float32')
    """
    return np.ascontiguousarray(rows, dtype=np.float32)


def bundle_from_sklearn(
    pipeline: Any,
    card: Card,
    rows: Any,
    folder: Path,
    *,
    calibration: Mapping[str, Any] | None = None,
) -> Path:
    """Write the files of a bundle; `rows` are some to be remembered with their results.

    `pipeline` is a fitted classifier with `predict_proba`, or a regressor; its columns are the
    schema's inputs, in order. Needs skl2onnx. Gives the folder back.
    """
    fed = as_fed(rows)
    chances = hasattr(pipeline, "predict_proba")
    found = np.asarray(pipeline.predict_proba(fed) if chances else pipeline.predict(fed))
    figures = () if chances else [column.name for column in card.signature.outputs]
    named = {"model": card.slug, "version": card.version}
    model = onnx_from(pipeline, fed.shape[1], named, figures)
    results = found.reshape(len(fed), -1)
    return _written(folder, model, card.document(), fed, results, calibration=calibration)


def onnx_from(
    pipeline: Any, columns: int, named: Mapping[str, str], figures: Sequence[str] = ()
) -> bytes:
    """An ONNX model with one input `x`: `label` and `probability` out, or the figures named."""
    from skl2onnx import to_onnx  # noqa: PLC0415 - not installed at a vendor's
    from skl2onnx.common.data_types import FloatTensorType  # noqa: PLC0415

    try:
        with _whole_numbers():
            model = to_onnx(
                pipeline,
                initial_types=[("x", FloatTensorType([None, columns]))],
                options=None if figures else {"zipmap": False},
                target_opset=OPSET,
            )
    except Exception as error:  # every converter raises errors of its own kind
        why = " ".join(str(error).split())[:200]
        raise FolderUnusable(file=type(pipeline).__name__, why=why) from error
    _rename(model.graph, "probabilities", "probability")
    if len(figures) == 1:
        _rename(model.graph, model.graph.output[0].name, figures[0])
    onnx.helper.set_model_props(model, dict(named))
    data: bytes = model.SerializeToString()
    return data


@contextmanager
def _whole_numbers() -> Iterator[None]:
    # skl2onnx 1.20 hands NumPy's booleans (of histogram gradient boosting) to protobuf, which
    # takes whole numbers only.
    from skl2onnx.common import _container as container  # noqa: PLC0415 - as above

    before = container.make_node

    def make_node(*names: Any, **attributes: Any) -> Any:
        told = {
            name: [int(v) if isinstance(v, bool | np.bool_) else v for v in value]
            if isinstance(value, list)
            else value
            for name, value in attributes.items()
        }
        return before(*names, **told)

    container.make_node = make_node
    try:
        yield
    finally:
        container.make_node = before


def bundle_from_onnx(
    file: Path,
    card: Card | Mapping[str, Any],
    rows: Rows,
    folder: Path,
    *,
    head: Path | None = None,
    calibration: Mapping[str, Any] | None = None,
    signature: Sequence[Mapping[str, Any]] = (),
    outputs: Sequence[str] = (),
) -> Path:
    """A bundle of an ONNX file, with its weights beside it or in it; made to fit where it can be.

    `rows` by column, under the schema's names or the headings that they were made from; where a
    column has an output's name, its values are what the model has to give, else they are computed
    here. A card that says less than a card must is written as it is, with empty places: the gate
    names them. `signature` and `outputs` begin a schema where the card has none. Raises
    FolderUnusable.
    """
    told = card.document() if isinstance(card, Card) else dict(card)
    model = _loaded(file)
    columns = _columns(told, rows, signature, columns_of(model))
    figures = [str(o["name"]) for o in told["schema"]["outputs"]] if "schema" in told else []
    figures = figures or [plain_name(name) for name in outputs]
    beyond = [plain_name(heading) for heading in rows][len(columns) :]
    if not figures and not signature and len(beyond) == 1:  # what the model has to give
        figures = beyond
    named = [str(column["name"]) for column in columns]
    second = _loaded(head) if head else None
    try:
        made = adapted(model, named, () if second else figures)
        if second:
            wanted = made.graph.output[0].name
            second = adapted(second, (), figures, table=wanted)
    except (ValueError, AttributeError, KeyError) as error:
        raise FolderUnusable(file=file.name, why=str(error)) from error
    table = _table(rows, columns)
    answers, figures = _answers(made, second, named, figures, table, file.name)
    given = _given(rows, figures, answers)
    told = drafted(told, columns, figures, table, given)
    for one in (made, second) if second else (made,):
        onnx.helper.set_model_props(
            one, {"model": str(told["slug"]), "version": str(told["version"])}
        )
    chosen = telling(given[:, -1])
    return _written(
        folder,
        made.SerializeToString(),
        told,
        table[chosen],
        given[chosen],
        head=second.SerializeToString() if second else None,
        calibration=calibration,
    )


def bundle_from_mlflow(
    source: Path, card: Card | Mapping[str, Any], rows: Rows | None, folder: Path
) -> Path:
    """A bundle of a model folder of MLflow with an ONNX flavour; its signature begins the schema.

    Without rows its own example rows are taken. Raises FolderUnusable.
    """
    told = read_folder(source)
    columns = [{"name": plain_name(str(c["heading"])), **c} for c in told.columns]
    return bundle_from_onnx(
        told.model, card, rows or told.example, folder, signature=columns, outputs=told.outputs
    )


def rows_from_csv(file: Path) -> dict[str, list[float]]:
    """Columns of numbers by heading; an empty cell is a missing value. Raises FolderUnusable."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            table = list(csv.DictReader(opened))
        names = list(table[0]) if table else []
        return {
            str(name): [
                math.nan if not (row[name] or "").strip() else float(row[name]) for row in table
            ]
            for name in names
        }
    except (OSError, UnicodeDecodeError, csv.Error, ValueError, TypeError, AttributeError) as error:
        raise FolderUnusable(file=file.name, why=str(error)) from error


def telling(results: np.ndarray, most: int = MOST_ROWS) -> np.ndarray:
    """Which rows to remember: spread evenly from the lowest to the highest result.

    >>> telling(np.array([3.0, 1.0, 2.0]), 2).tolist()
    [1, 0]
    """
    order = np.argsort(results, kind="stable")
    chosen: np.ndarray = order[np.linspace(0, len(order) - 1, min(most, len(order))).astype(int)]
    return chosen


def write_json(path: Path, data: Mapping[str, Any]) -> None:
    """JSON that a person can read and compare."""
    text = json.dumps(data, ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


def _written(
    folder: Path,
    model: bytes,
    card: Mapping[str, Any],
    rows: np.ndarray,
    results: np.ndarray,
    *,
    head: bytes | None = None,
    calibration: Mapping[str, Any] | None = None,
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(model)
    write_json(folder / "card.json", card)
    largest = float(np.nanmax(np.abs(results))) if np.isfinite(results).any() else 0.0
    golden = {
        "inputs": as_json(rows),
        "outputs": as_json(results),
        # 32 bits keep seven digits: large figures cannot agree in the fifth after the point
        "tolerance": max(TOLERANCE, float(f"{largest * TOLERANCE:.1g}")),
    }
    write_json(folder / "golden.json", golden)
    for name, content in (("head.onnx", head), ("calibration.json", calibration)):
        place = folder / name
        if content is None:
            place.unlink(missing_ok=True)
        elif isinstance(content, bytes):
            place.write_bytes(content)
        else:
            write_json(place, content)
    return folder


def _loaded(file: Path) -> onnx.ModelProto:
    try:
        return onnx.load(file)
    except (OSError, DecodeError, ValueError, onnx.checker.ValidationError) as error:
        raise FolderUnusable(file=file.name, why="it is not a readable ONNX model") from error


def _columns(
    told: Mapping[str, Any], rows: Rows, signature: Sequence[Mapping[str, Any]], width: int
) -> list[dict[str, Any]]:
    """The columns in the model's order: name, where their values stand in `rows`, what is known."""
    begun = [dict(column) for column in signature]
    if "schema" in told:
        known = {str(column["name"]): column for column in told["schema"]["inputs"]}
        lacking = [c["name"] for c in begun if c["name"] not in known]
        if lacking:
            why = f"the schema lacks columns of the signature: {', '.join(lacking)}"
            raise FolderUnusable(file="card.json", why=why)
        names = [c["name"] for c in begun] or list(known)
        if begun:  # the model's order holds
            told["schema"]["inputs"][:] = [known[name] for name in names]
        return [{"name": name} for name in names]
    if begun:
        return [{k: v for k, v in column.items() if k != "heading"} for column in begun]
    headings = [plain_name(heading) for heading in rows]
    if width and len(headings) < width:
        why = f"{len(headings)} columns, and the model takes {width}"
        raise FolderUnusable(file="rows", why=why)
    return [{"name": heading} for heading in headings[: width or None]]


def _table(rows: Rows, columns: Sequence[Mapping[str, Any]]) -> np.ndarray:
    found = {plain_name(heading): values for heading, values in rows.items()}
    lacking = [str(c["name"]) for c in columns if c["name"] not in found]
    if lacking or not columns:
        why = f"columns are missing: {', '.join(lacking) or '–'}"
        raise FolderUnusable(file="rows", why=why)
    try:
        table = np.column_stack([as_fed(found[str(c["name"])]) for c in columns])
    except (ValueError, TypeError) as error:
        raise FolderUnusable(file="rows", why=str(error)) from error
    if not len(table):
        raise FolderUnusable(file="rows", why="no rows")
    return table


def _answers(
    model: onnx.ModelProto,
    head: onnx.ModelProto | None,
    columns: Sequence[str],
    figures: Sequence[str],
    table: np.ndarray,
    name: str,
) -> tuple[np.ndarray, list[str]]:
    """What the model gives for rows, and the names of its figures."""
    try:
        sessions = [session_of(m.SerializeToString()) for m in (model, head) if m is not None]
        schema = {"inputs": [{"name": c} for c in columns], "outputs": [{"name": "figure"}]}
        probe = Bundle({"schema": schema}, *sessions)
        if not figures:
            figures = _proposed(probe.run(table[:1].tolist()))
        schema["outputs"] = [{"name": figure} for figure in figures]
        bundle = Bundle({"schema": schema}, *sessions)
        return bundle.before_calibration(table.tolist(), len(figures)), list(figures)
    except ModelRefused as error:
        why = str(error.facts.get("why", error))
        raise FolderUnusable(file=name, why=why) from error


def _proposed(answers: Mapping[str, np.ndarray]) -> list[str]:
    if "probability" in answers:
        return ["probability_event"]
    for name, values in answers.items():
        if np.issubdtype(values.dtype, np.floating):
            width = values.reshape(len(values), -1).shape[1]
            plain = plain_name(name)
            return [plain] if width == 1 else [f"{plain}_{i + 1}" for i in range(width)]
    return []


def _given(rows: Rows, figures: Sequence[str], answers: np.ndarray) -> np.ndarray:
    """The results as the publisher saw them, where the rows hold them; else as computed here."""
    found = {plain_name(heading): values for heading, values in rows.items()}
    if figures and all(figure in found for figure in figures):
        return np.column_stack([np.asarray(found[f], dtype=np.float64) for f in figures])
    return answers


def _rename(graph: onnx.GraphProto, old: str, new: str) -> None:
    rename(graph, old, new)
    for output in graph.output:
        if output.name == old:
            output.name = new
