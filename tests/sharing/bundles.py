"""Small ONNX models, good and bad, for the gate."""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

from sharing.card import Card
from tests.sharing.chain import sample_files


def card(**changes: object) -> dict[str, object]:
    return {**json.loads(sample_files()["card.json"]), **changes}


def narrow_card(columns: int = 2, **changes: object) -> dict[str, object]:
    """The sample's card with so many inputs, and a figure of any size."""
    whole = card(**changes)
    whole["schema"]["inputs"] = whole["schema"]["inputs"][:columns]
    whole["schema"]["outputs"][0].update(low=-1e6, high=1e6)
    return whole


def linear(columns: int = 2, *, elem_type: int = TensorProto.FLOAT, name: str = "x", **graph):
    """y = x · 1, a model of one node."""
    weight = helper.make_tensor("w", TensorProto.FLOAT, [columns, 1], [0.5] * columns)
    return helper.make_model(
        helper.make_graph(
            graph.get("nodes") or [helper.make_node("MatMul", [name, "w"], ["y"])],
            "linear",
            [helper.make_tensor_value_info(name, elem_type, ["n", columns])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 1])],
            [weight, *graph.get("tensors", [])],
        ),
        opset_imports=graph.get("opsets") or [helper.make_opsetid("", 18)],
        ir_version=9,
        functions=graph.get("functions"),
    )


def bundle(model: onnx.ModelProto | bytes | None = None, **files: bytes) -> dict[str, bytes]:
    """A bundle that passes, but for what is given."""
    rows = np.array([[200.0, 40.0], [210.0, 50.0]])
    given = model if isinstance(model, bytes) else (model or linear()).SerializeToString()
    golden = {"inputs": rows.tolist(), "outputs": (rows.sum(axis=1, keepdims=True) / 2).tolist()}
    return {
        "model.onnx": given,
        "card.json": json.dumps(narrow_card()).encode(),
        "golden.json": json.dumps(golden).encode(),
        **files,
    }


def written(files: dict[str, bytes], folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


def good_card() -> Card:
    return Card.model_validate(card())
