"""Small bundles: a logistic model of two columns, and models that must not run."""

import json

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SLUG = "tiny"


def model(weight: float = 1.0, padding: int = 0, nodes=None, **changes) -> bytes:
    """probability[:, 1] = sigmoid(weight × (a - b)); `padding` makes the file larger."""
    table = np.array([[-weight, weight], [weight, -weight]], dtype=np.float32)
    tensors = [numpy_helper.from_array(table, "w")]
    if padding:
        noise = np.random.default_rng(0).random(padding // 4, dtype=np.float32)
        tensors.append(numpy_helper.from_array(noise, "padding"))
    graph = helper.make_graph(
        nodes
        or [
            helper.make_node("MatMul", ["x", "w"], ["z"]),
            helper.make_node("Softmax", ["z"], ["probability"], axis=1),
        ],
        "tiny",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 2])],
        [helper.make_tensor_value_info("probability", TensorProto.FLOAT, [None, 2])],
        tensors,
    )
    opsets = [helper.make_opsetid("", 17), *changes.get("opsets", [])]
    made = helper.make_model(graph, opset_imports=opsets, ir_version=9)
    return made.SerializeToString()


def custom_operator() -> bytes:
    node = helper.make_node("Shell", ["x"], ["probability"], domain="evil")
    return model(nodes=[node], opsets=[helper.make_opsetid("evil", 1)])


def external_data() -> bytes:
    made = onnx.ModelProto.FromString(model())
    tensor = made.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../etc/passwd")
    return made.SerializeToString()


def card(version: str = "1.0.0", **changes) -> dict:
    column = {"type": "float", "unit": "°C", "low": 0.0, "high": 300.0, "missing_allowed": False}
    return {
        "slug": SLUG,
        "version": version,
        "schema": {
            "inputs": [
                {"name": "a", "ko": "수지 온도", "en": "Melt temperature", **column},
                {"name": "b", "ko": "금형 온도", "en": "Mould temperature", **column},
            ],
            "outputs": [{"name": "probability_defect", "unit": "1", "ko": "불량", "en": "Defect"}],
        },
        **changes,
    }


def golden(weight: float = 1.0, shift: float = 0.0) -> dict:
    inputs = [[1.0, 0.5], [0.2, 0.4]]
    second = [1 / (1 + np.exp(-2 * weight * (a - b))) + shift for a, b in inputs]
    return {"inputs": inputs, "outputs": [[1 - p, p] for p in second], "tolerance": 1e-5}


def bundle(version: str = "1.0.0", weight: float = 1.0, padding: int = 0, **files) -> dict:
    """File name → bytes; `files` replaces some."""
    made = {
        "model.onnx": model(weight, padding),
        "card.json": json.dumps(card(version), ensure_ascii=False).encode(),
        "golden.json": json.dumps(golden(weight)).encode(),
    }
    return {**made, **{name.replace("__", "."): content for name, content in files.items()}}
