"""What kind of file a model is, found out without running any of it.

Parses the protobuf and walks it; loads no weights from elsewhere and executes nothing.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import onnx
from google.protobuf.message import DecodeError

from sharing.agent.errors import (
    CustomOperator,
    ExternalData,
    ModelTooLarge,
    NotOnnx,
    SchemaMismatch,
)

MOST_MEGABYTES = 512
_MB = 1024 * 1024
# The operator sets of the ONNX standard that ONNX Runtime brings along itself.
_STANDARD = {"", "ai.onnx", "ai.onnx.ml"}


class Structure(NamedTuple):
    """The model's one input, its number of columns (None where the file leaves it open)."""

    tensor: str
    columns: int | None


def structure_of(file: Path) -> Structure:
    """What the file declares.

    Raises NotOnnx, CustomOperator, ExternalData, ModelTooLarge, SchemaMismatch (not one table in).
    """
    size = file.stat().st_size
    if size > MOST_MEGABYTES * _MB:
        raise ModelTooLarge(megabytes=size // _MB, most=MOST_MEGABYTES)
    model = _parsed(file)
    operators = sorted(set(_foreign_operators(model)))
    if operators:
        raise CustomOperator(operators=", ".join(operators[:10]))
    for tensor in _tensors(model.graph):
        _check_tensor(tensor)
    return _input(model)


def _parsed(file: Path) -> Any:
    try:
        model = onnx.ModelProto.FromString(file.read_bytes())
    except DecodeError as error:
        raise NotOnnx(file=file.name) from error
    # A few other formats happen to parse as an empty message; names that are no text come as bytes.
    words = (word for node in _nodes(model.graph) for word in (node.op_type, node.domain))
    if not model.ir_version or not model.graph.node or not all(isinstance(w, str) for w in words):
        raise NotOnnx(file=file.name)
    return model


def _foreign_operators(model: Any) -> Iterator[str]:
    for function in model.functions:
        yield f"{function.domain}.{function.name}"
    for opset in model.opset_import:
        if opset.domain not in _STANDARD:
            yield f"{opset.domain}.*"
    for node in _nodes(model.graph):
        if node.domain not in _STANDARD or not onnx.defs.has(node.op_type, _domain(node)):
            yield f"{node.domain or 'ai.onnx'}.{node.op_type}"


def _domain(node: Any) -> str:
    return "" if node.domain == "ai.onnx" else str(node.domain)


def _nodes(graph: Any) -> Iterator[Any]:
    for node in graph.node:
        yield node
        for inner in _subgraphs(node):
            yield from _nodes(inner)


def _subgraphs(node: Any) -> Iterator[Any]:
    for attribute in node.attribute:
        if attribute.HasField("g"):
            yield attribute.g
        yield from attribute.graphs


def _tensors(graph: Any) -> Iterator[Any]:
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t
            if attribute.HasField("sparse_tensor"):
                yield from (attribute.sparse_tensor.values, attribute.sparse_tensor.indices)
            yield from attribute.tensors
        for inner in _subgraphs(node):
            yield from _tensors(inner)


def _check_tensor(tensor: Any) -> None:
    if tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data:
        raise ExternalData(tensor=tensor.name or "?")
    count = 1
    for size in tensor.dims:
        count *= max(int(size), 0)
    # Eight bytes is the widest number: a tensor that declares more than it brings is a trap.
    if count * 8 > 8 * MOST_MEGABYTES * _MB:
        raise ModelTooLarge(megabytes=count * 8 // _MB, most=MOST_MEGABYTES)


def _input(model: Any) -> Structure:
    given = {tensor.name for tensor in model.graph.initializer}
    inputs = [one for one in model.graph.input if one.name not in given]
    dims = inputs[0].type.tensor_type.shape.dim if len(inputs) == 1 else []
    if len(dims) != 2 or inputs[0].type.tensor_type.elem_type != onnx.TensorProto.FLOAT:
        raise SchemaMismatch(model=f"{len(inputs)} × {len(dims)}-d", card="1 × 2-d float")
    return Structure(inputs[0].name, dims[1].dim_value or None)
