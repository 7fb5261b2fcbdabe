"""What stands in an ONNX file, looked at before anything loads it.

Only the bytes of the file are read: no other file is opened, nothing is run. Used by the hub's
gate and by the agent's probe alike.
"""

import pickletools
from collections.abc import Iterator
from math import prod

import onnx
from google.protobuf.message import DecodeError

from sharing.card import Schema
from sharing.faults import Fault

STANDARD_DOMAINS = ("", "ai.onnx", "ai.onnx.ml")
OPSETS = (11, 24)
MOST_BYTES = 100 * 2**20
_DETAIL = 300
_FOREIGN = {
    b"PK\x03\x04": "ZIP (PyTorch, Keras)",
    b"\x89HDF": "HDF5 (Keras)",
    b"\x1f\x8b": "gzip",
    b"\x78\x9c": "zlib (joblib)",
    b"GGUF": "GGUF",
}


def model_faults(data: bytes, schema: Schema | None) -> list[Fault]:
    """Everything that forbids loading this model; compared with the card's schema where known.

    >>> import pickle
    >>> model_faults(pickle.dumps({"a": 1}), None)[0].code
    'model_pickle'
    >>> model_faults(b"", None)[0].code
    'model_unreadable'
    """
    if is_pickle(data):
        return [Fault("model_pickle")]
    for magic, name in _FOREIGN.items():
        if data.startswith(magic):
            return [Fault("model_foreign", {"found": name})]
    try:
        model = onnx.ModelProto.FromString(data)
    except DecodeError:
        return [Fault("model_unreadable")]
    if not model.graph.node or not model.opset_import:
        return [Fault("model_unreadable")]
    faults = [*_opset(model), *_operators(model), *_tensors(model), *_inputs(model, schema)]
    if not faults:  # the checker stops at its first finding and looks for external files
        faults += _structure(model)
    return faults


def is_pickle(data: bytes) -> bool:
    """Whether these bytes are a Python pickle, told from the opcodes alone; nothing is unpickled.

    >>> import pickle
    >>> [is_pickle(pickle.dumps([1.5, "a"], protocol)) for protocol in (0, 2, 5)]
    [True, True, True]
    """
    if data[:1] == b"\x80" and data[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        return True
    try:
        return any(opcode.name == "STOP" for opcode, _, _ in pickletools.genops(data))
    except (ValueError, OverflowError):
        return False


def opset_of(data: bytes) -> int:
    """The version of the standard operators that a sound model asks for."""
    model = onnx.ModelProto.FromString(data)
    return max((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), default=0)


def _opset(model: onnx.ModelProto) -> Iterator[Fault]:
    low, high = OPSETS
    for each in model.opset_import:
        if each.domain in ("", "ai.onnx") and not low <= each.version <= high:
            yield Fault("model_opset", {"found": each.version, "low": low, "high": high})


def _operators(model: onnx.ModelProto) -> Iterator[Fault]:
    seen: set[tuple[str, str]] = set()
    for node in _nodes(model.graph):
        if node.domain not in STANDARD_DOMAINS and (node.domain, node.op_type) not in seen:
            seen.add((node.domain, node.op_type))
            yield Fault("model_operator", {"operator": node.op_type, "domain": node.domain})
    for function in model.functions:
        yield Fault("model_function", {"function": f"{function.domain}.{function.name}"})


def _tensors(model: onnx.ModelProto) -> Iterator[Fault]:
    for tensor in _all_tensors(model.graph):
        name = tensor.name or "?"
        if tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data:
            yield Fault("model_external", {"tensor": name})
        size = prod(max(int(d), 0) for d in tensor.dims) * 4
        if size > MOST_BYTES:
            facts = {"megabytes": size // 2**20, "most": MOST_BYTES // 2**20}
            yield Fault("model_too_large", facts)


def _inputs(model: onnx.ModelProto, schema: Schema | None) -> Iterator[Fault]:
    constants = {tensor.name for tensor in model.graph.initializer}
    inputs = [each for each in model.graph.input if each.name not in constants]
    if len(inputs) != 1:
        yield Fault("model_inputs", {"found": len(inputs)})
        return
    if inputs[0].name != "x":
        yield Fault("model_input_name", {"found": inputs[0].name})
    tensor = inputs[0].type.tensor_type
    if tensor.elem_type != onnx.TensorProto.FLOAT:
        names = {v: k.lower() for k, v in onnx.TensorProto.DataType.items()}
        yield Fault("model_input_type", {"found": names.get(tensor.elem_type, "?")})
    shape = [d.dim_value or d.dim_param or "?" for d in tensor.shape.dim]
    if len(shape) != 2 or isinstance(shape[0], int):
        yield Fault("model_input_shape", {"found": " × ".join(str(d) for d in shape) or "–"})
    elif schema and isinstance(shape[1], int) and shape[1] != len(schema.inputs):
        yield Fault("model_input_width", {"found": shape[1], "expected": len(schema.inputs)})
    if not any(o.type.tensor_type.elem_type == onnx.TensorProto.FLOAT for o in model.graph.output):
        yield Fault("model_output_missing")


def _structure(model: onnx.ModelProto) -> Iterator[Fault]:
    try:
        onnx.checker.check_model(model, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        yield Fault("model_structure", {"detail": " ".join(str(error).split())[:_DETAIL]})


def _nodes(graph: onnx.GraphProto) -> Iterator[onnx.NodeProto]:
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            for inner in (attribute.g, *attribute.graphs):
                yield from _nodes(inner)


def _all_tensors(graph: onnx.GraphProto) -> Iterator[onnx.TensorProto]:
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    for node in graph.node:
        for attribute in node.attribute:
            yield from (attribute.t, *attribute.tensors)
            for inner in (attribute.g, *attribute.graphs):
                yield from _all_tensors(inner)
