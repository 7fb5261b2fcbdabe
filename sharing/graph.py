"""What stands in an ONNX file, looked at before anything loads it.

Only the bytes of the file are read: no other file is opened, nothing is run. The operators of the
ONNX standard are allowed, but for those that give another result each time; others are not.
"""

import pickletools
from collections.abc import Iterator
from dataclasses import replace
from math import inf, prod

import onnx
from google.protobuf.message import DecodeError

from sharing.card import Schema
from sharing.faults import Fault

STANDARD_DOMAINS = ("", "ai.onnx", "ai.onnx.ml")
OPSETS = (11, 24)
MOST_BYTES = 100 * 2**20
MOST_ROUNDS = 10_000  # of a loop
# Operators of the standard that give another result each time: no test row could hold them.
_RANDOM = {
    "Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform",
    "RandomUniformLike",
}  # fmt: skip
_DETAIL = 300
_FOREIGN = {
    b"PK\x03\x04": "ZIP (PyTorch, Keras)",
    b"\x89HDF": "HDF5 (Keras)",
    b"\x1f\x8b": "gzip",
    b"\x78\x9c": "zlib (joblib)",
    b"GGUF": "GGUF",
}


def model_faults(data: bytes, schema: Schema | None, file: str = "model.onnx") -> list[Fault]:
    """Everything that forbids loading this model; compared with the card's schema where known.

    >>> import pickle
    >>> model_faults(pickle.dumps({"a": 1}), None)[0].code
    'model_pickle'
    >>> model_faults(b"", None)[0].code
    'model_unreadable'
    """
    if is_pickle(data):
        return [Fault("model_pickle", {"file": file})]
    for magic, name in _FOREIGN.items():
        if data.startswith(magic):
            return [Fault("model_foreign", {"file": file, "found": name})]
    model = _parsed(data)
    if model is None:
        return [Fault("model_unreadable", {"file": file})]
    faults = [*_opset(model), *_operators(model), *_rounds(model.graph), *_tensors(model)]
    faults += _inputs(model, schema, named=file == "model.onnx")
    if not faults:  # the checker stops at its first finding and looks for external files
        faults += _structure(model)
    return faults if file == "model.onnx" else [replace(fault, file=file) for fault in faults]


def _parsed(data: bytes) -> onnx.ModelProto | None:
    try:
        model = onnx.ModelProto.FromString(data)
    except (DecodeError, ValueError, RecursionError):
        return None
    sound = model.graph.node and model.opset_import and all(map(is_text, _words(model)))
    return model if sound else None


def is_text(word: object) -> bool:
    """Whether a name in a file is text: protobuf gives bytes where it is no UTF-8."""
    return isinstance(word, str)


def _words(model: onnx.ModelProto) -> Iterator[object]:
    for node in _nodes(model.graph):
        yield from (node.op_type, node.domain, node.name, *node.input, *node.output)
    for tensor in _all_tensors(model.graph):
        yield tensor.name
    for one in (*model.graph.input, *model.graph.output):
        yield from (one.name, *(d.dim_param for d in one.type.tensor_type.shape.dim))
    yield from (each.domain for each in model.opset_import)
    for function in model.functions:
        yield from (function.domain, function.name)


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
    for domain, operator in sorted({(n.domain, n.op_type) for n in _nodes(model.graph)}):
        known = "" if domain == "ai.onnx" else domain
        if domain not in STANDARD_DOMAINS or not onnx.defs.has(operator, known):
            facts = {"operator": operator[:80], "domain": domain[:80] or "ai.onnx"}
            yield Fault("model_operator", facts)
        elif operator in _RANDOM:
            yield Fault("model_random", {"operator": operator})
    for function in model.functions:
        yield Fault("model_function", {"function": f"{function.domain}.{function.name}"[:160]})


def _rounds(graph: onnx.GraphProto, outer: frozenset[str] = frozenset()) -> Iterator[Fault]:
    """Loops that the file itself does not bound: rounds and end have to be constants."""
    fixed = outer - {given.name for given in graph.input}
    fixed |= {t.name for t in graph.initializer if _count(t) <= MOST_ROUNDS}
    fixed |= {
        node.output[0]
        for node in graph.node
        if node.op_type == "Constant" and len(node.output) == 1 and _constant(node) <= MOST_ROUNDS
    }
    for node in graph.node:
        if node.op_type == "Loop" and not (node.input and node.input[0] in fixed):
            yield Fault("model_loop", {"operator": (node.name or "Loop")[:80]})
        for inner in _inner(node):
            yield from _rounds(inner, fixed)


def _constant(node: onnx.NodeProto) -> float:
    return min((_count(a.t) for a in node.attribute if a.name == "value"), default=inf)


def _count(tensor: onnx.TensorProto) -> float:
    """The one whole number that a tensor holds; infinite for any other tensor."""
    if tensor.data_type != onnx.TensorProto.INT64 or prod(tensor.dims) != 1:
        return inf
    if tensor.raw_data:
        return int.from_bytes(tensor.raw_data[:8], "little", signed=True)
    return int(tensor.int64_data[0]) if tensor.int64_data else inf


def _tensors(model: onnx.ModelProto) -> Iterator[Fault]:
    for tensor in _all_tensors(model.graph):
        name = tensor.name[:80] or "?"
        if tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data:
            yield Fault("model_external", {"tensor": name})
        size = prod(max(int(d), 0) for d in tensor.dims) * 4
        if size > MOST_BYTES:
            facts = {"megabytes": size // 2**20, "most": MOST_BYTES // 2**20}
            yield Fault("model_too_large", facts)


def _inputs(model: onnx.ModelProto, schema: Schema | None, *, named: bool) -> Iterator[Fault]:
    constants = {tensor.name for tensor in model.graph.initializer}
    inputs = [each for each in model.graph.input if each.name not in constants]
    if len(inputs) != 1:
        yield Fault("model_inputs", {"found": len(inputs)})
        return
    if named and inputs[0].name != "x":
        yield Fault("model_input_name", {"found": inputs[0].name[:80]})
    tensor = inputs[0].type.tensor_type
    if tensor.elem_type != onnx.TensorProto.FLOAT:
        names = {v: k.lower() for k, v in onnx.TensorProto.DataType.items()}
        yield Fault("model_input_type", {"found": names.get(tensor.elem_type, "?")})
    shape = [d.dim_value or d.dim_param or "?" for d in tensor.shape.dim]
    if len(shape) != 2 or isinstance(shape[0], int):
        told = " × ".join(str(d)[:20] for d in shape[:8]) or "–"
        yield Fault("model_input_shape", {"found": told})
    elif named and schema and isinstance(shape[1], int) and shape[1] != len(schema.inputs):
        # a head reads what the trunk gives, not the columns of the card
        yield Fault("model_input_width", {"found": shape[1], "expected": len(schema.inputs)})
    if not any(o.type.tensor_type.elem_type == onnx.TensorProto.FLOAT for o in model.graph.output):
        yield Fault("model_output_missing")


def _structure(model: onnx.ModelProto) -> Iterator[Fault]:
    try:
        onnx.checker.check_model(model, full_check=True)
    except Exception as error:  # noqa: BLE001 - C++ errors of every kind come out of it
        yield Fault("model_structure", {"detail": " ".join(str(error).split())[:_DETAIL]})


def _nodes(graph: onnx.GraphProto) -> Iterator[onnx.NodeProto]:
    for node in graph.node:
        yield node
        for inner in _inner(node):
            yield from _nodes(inner)


def _inner(node: onnx.NodeProto) -> Iterator[onnx.GraphProto]:
    for attribute in node.attribute:
        yield from (attribute.g, *attribute.graphs)


def _all_tensors(graph: onnx.GraphProto) -> Iterator[onnx.TensorProto]:
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    for node in graph.node:
        for attribute in node.attribute:
            yield from (attribute.t, *attribute.tensors)
            for sparse in (attribute.sparse_tensor, *attribute.sparse_tensors):
                yield from (sparse.values, sparse.indices)
        for inner in _inner(node):
            yield from _all_tensors(inner)
