"""From a trained scikit-learn classifier to a bundle: model.onnx, card.json, golden.json.

Trees are split at numbers that scikit-learn keeps in 64 bits and ONNX in 32. Where the model was
trained on columns that were rounded to 32 bits first (`as_fed`), both take the same turn at every
split, and probabilities agree within 1e-5; the golden rows hold scikit-learn's own results, so
the gate proves it for each model.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from sharing.card import Card

OPSET = {"": 18, "ai.onnx.ml": 3}
TOLERANCE = 1e-5


def as_fed(rows: Any) -> np.ndarray:
    """Rows as the model will be fed them: numbers of 32 bits. Train on these.

    >>> as_fed([[0.1]]).dtype
    dtype('float32')
    """
    return np.ascontiguousarray(rows, dtype=np.float32)


def bundle_from_sklearn(pipeline: Any, card: Card, rows: Any, folder: Path) -> Path:
    """Write the three files of a bundle; `rows` are some to be remembered with their results.

    `pipeline` is a fitted classifier with `predict_proba`; its columns are the schema's inputs, in
    order. Needs skl2onnx. Gives the folder back.
    """
    fed = as_fed(rows)
    model = onnx_from(pipeline, fed.shape[1], {"model": card.slug, "version": card.version})
    golden = {
        "inputs": [[float(value) for value in row] for row in fed],
        "outputs": [[float(value) for value in row] for row in pipeline.predict_proba(fed)],
        "tolerance": TOLERANCE,
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(model)
    write_json(folder / "card.json", card.document())
    write_json(folder / "golden.json", golden)
    return folder


def onnx_from(pipeline: Any, columns: int, named: Mapping[str, str]) -> bytes:
    """An ONNX model with one input `x` and the outputs `label` and `probability`."""
    from skl2onnx import to_onnx  # noqa: PLC0415 - not installed at a vendor's
    from skl2onnx.common.data_types import FloatTensorType  # noqa: PLC0415

    model = to_onnx(
        pipeline,
        initial_types=[("x", FloatTensorType([None, columns]))],
        options={"zipmap": False},
        target_opset=OPSET,
    )
    _rename(model.graph, "probabilities", "probability")
    onnx.helper.set_model_props(model, dict(named))
    data: bytes = model.SerializeToString()
    return data


def write_json(path: Path, data: Mapping[str, Any]) -> None:
    """JSON that a person can read and compare."""
    text = json.dumps(data, ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


def _rename(graph: onnx.GraphProto, old: str, new: str) -> None:
    for node in graph.node:
        for names in (node.input, node.output):
            for index, name in enumerate(names):
                if name == old:
                    names[index] = new
    for output in graph.output:
        if output.name == old:
            output.name = new
