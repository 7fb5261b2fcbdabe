"""Makes an ONNX model as exporters leave it into one that a plant can be given.

One table of 32-bit numbers in, named x; its figures out, under the names of the card. Nodes are
put before and behind what is there, nothing inside is changed. Raises ValueError with what stands
in the way. The gate stays the judge of what comes out.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, inliner, numpy_helper

_NUMBERS = {
    TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16, TensorProto.INT64,
    TensorProto.INT32, TensorProto.BOOL,
}  # fmt: skip
_FLOATS = {TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16}
_CHANCES = ("probability", "probabilities", "output_probability")
ROWS = "n"
Step = tuple[str, list[str], dict[str, Any]]  # operator, further inputs, attributes


def adapted(
    model: onnx.ModelProto,
    columns: Sequence[str],
    outputs: Sequence[str] = (),
    table: str = "x",
) -> onnx.ModelProto:
    """The model with one input `table` of len(columns) columns; a single figure takes its name.

    `columns` may be empty where their number is the model's own. Where the model has one input for
    each column, they are fed by name where the names agree, else in order.
    """
    made = onnx.ModelProto()
    made.CopyFrom(inliner.inline_local_functions(model) if model.functions else model)
    _without_maps(made)
    inputs = _given(made.graph)
    if [one.name for one in inputs] != [table] and table in set(_names(made.graph)):
        made = onnx.compose.add_prefix(made, "inner_")
        inputs = _given(made.graph)
    del made.graph.value_info[:]  # shapes for the number of rows with which it was exported
    before = _one_table(inputs, columns, table) if len(inputs) == 1 else None
    width, nodes, tensors = before or _split_table(inputs, columns, table)
    _put_before(made.graph, inputs, nodes, tensors)
    made.graph.input.insert(0, _table_info(table, width))
    _name_figures(made.graph, outputs)
    used = {node.domain for node in _nodes(made.graph)} | {""}
    kept = [each for each in made.opset_import if each.domain in used]
    del made.opset_import[:]
    made.opset_import.extend(kept)
    return made


def columns_of(model: onnx.ModelProto) -> int:
    """How many columns a model is fed, as far as its file says; 0 where it does not."""
    inputs = _given(model.graph)
    if len(inputs) != 1:
        return len(inputs)
    dims = [each.dim_value for each in inputs[0].type.tensor_type.shape.dim][1:]
    return int(np.prod(dims)) if dims and all(dims) else 0


def _one_table(
    inputs: Sequence[onnx.ValueInfoProto], columns: Sequence[str], table: str
) -> tuple[int, list[onnx.NodeProto], list[TensorProto]]:
    (one,) = inputs
    kind, dims = _kind(one), [d.dim_value for d in one.type.tensor_type.shape.dim]
    width = int(np.prod([d for d in dims[1:] if d])) if dims[1:] and all(dims[1:]) else 0
    width = width or len(columns)
    if not width:
        raise ValueError(f"how many columns {one.name} has is said nowhere")
    steps: list[Step] = []
    tensors = []
    if len(dims) != 2:
        if not all(dims[1:]):
            raise ValueError(f"the shape of {one.name} is not fixed behind its rows")
        shape = np.array([-1, *dims[1:]], dtype=np.int64)
        tensors.append(numpy_helper.from_array(shape, f"{one.name}_shape"))
        steps.append(("Reshape", [f"{one.name}_shape"], {}))
    if kind != TensorProto.FLOAT:
        steps.append(("Cast", [], {"to": kind}))
    if not steps and one.name != table:
        steps.append(("Identity", [], {}))
    return width, list(_chained(steps, table, one.name)), tensors


def _split_table(
    inputs: Sequence[onnx.ValueInfoProto], columns: Sequence[str], table: str
) -> tuple[int, list[onnx.NodeProto], list[TensorProto]]:
    if not inputs:
        raise ValueError("it has no input")
    named = {one.name.removeprefix("inner_"): one for one in inputs}
    if columns and len(columns) != len(inputs):
        raise ValueError(f"it has {len(inputs)} inputs, and {len(columns)} columns are named")
    ordered = [named[c] for c in columns] if set(columns) == set(named) else list(inputs)
    parts = [f"{one.name}_column" for one in ordered]
    sizes = numpy_helper.from_array(np.ones(len(ordered), dtype=np.int64), "column_sizes")
    axis = numpy_helper.from_array(np.array([1], dtype=np.int64), "column_axis")
    nodes = [helper.make_node("Split", [table, "column_sizes"], parts, axis=1)]
    for one, part in zip(ordered, parts, strict=True):
        steps: list[Step] = []
        if len(one.type.tensor_type.shape.dim) == 1:
            steps.append(("Squeeze", ["column_axis"], {}))
        if _kind(one) != TensorProto.FLOAT:
            steps.append(("Cast", [], {"to": _kind(one)}))
        nodes += _chained(steps or [("Identity", [], {})], part, one.name)
    return len(ordered), nodes, [sizes, axis]


def _chained(steps: Sequence[Step], first: str, last: str) -> Iterator[onnx.NodeProto]:
    came = first
    for index, (operator, more, attributes) in enumerate(steps, start=1):
        goes = last if index == len(steps) else f"{last}_step{index}"
        yield helper.make_node(operator, [came, *more], [goes], **attributes)
        came = goes


def _put_before(
    graph: onnx.GraphProto,
    inputs: Sequence[onnx.ValueInfoProto],
    nodes: Sequence[onnx.NodeProto],
    tensors: Sequence[TensorProto],
) -> None:
    gone = {one.name for one in inputs}
    kept = [one for one in graph.input if one.name not in gone]
    behind = list(graph.node)
    del graph.input[:], graph.node[:]
    graph.input.extend(kept)
    graph.node.extend([*nodes, *behind])
    graph.initializer.extend(tensors)


def _name_figures(graph: onnx.GraphProto, outputs: Sequence[str]) -> None:
    """Figures of 32 bits under the names of the card; other outputs stay as they are."""
    floats = [one for one in graph.output if one.type.tensor_type.elem_type in _FLOATS]
    if not floats:
        raise ValueError("it gives no floating-point numbers")
    chances = [one for one in floats if one.name.removeprefix("inner_") in _CHANCES]
    for one in floats:
        name = one.name.removeprefix("inner_")
        if one in chances[:1]:
            name = "probability"
        elif len(outputs) == 1 and one is floats[0] and not chances:
            name = outputs[0]
        double = one.type.tensor_type.elem_type != TensorProto.FLOAT
        if name != one.name or double:
            step: Step = ("Cast", [], {"to": TensorProto.FLOAT}) if double else ("Identity", [], {})
            inside = one.name
            if name == one.name:
                inside = f"{name}_wide"
                rename(graph, name, inside)
            graph.node.extend(_chained([step], inside, name))
            one.name = name
            one.type.tensor_type.elem_type = TensorProto.FLOAT
    for one in graph.output:
        dims = one.type.tensor_type.shape.dim
        if len(dims):
            dims[0].Clear()
            dims[0].dim_param = ROWS


def _without_maps(model: onnx.ModelProto) -> None:
    """A classifier's list of dictionaries becomes the table that it was made from."""
    graph = model.graph
    maps = [node for node in graph.node if node.op_type == "ZipMap"]
    known = onnx.shape_inference.infer_shapes(model).graph.value_info if maps else ()
    kinds = {one.name: one.type.tensor_type.elem_type for one in known}
    for node in maps:
        graph.node.remove(node)
        for one in list(graph.output):
            if one.name == node.output[0]:
                graph.output.remove(one)
                table = helper.make_tensor_value_info(
                    node.input[0], kinds.get(node.input[0]) or TensorProto.FLOAT, [ROWS, None]
                )
                graph.output.append(table)


def rename(graph: onnx.GraphProto, old: str, new: str) -> None:
    """Call a value by another name wherever a node takes or gives it."""
    for node in graph.node:
        for names in (node.input, node.output):
            for index, name in enumerate(names):
                if name == old:
                    names[index] = new


def _given(graph: onnx.GraphProto) -> list[onnx.ValueInfoProto]:
    constants = {tensor.name for tensor in graph.initializer}
    return [one for one in graph.input if one.name not in constants]


def _kind(one: onnx.ValueInfoProto) -> int:
    kind = int(one.type.tensor_type.elem_type)
    if kind not in _NUMBERS:
        raise ValueError(f"its input {one.name} takes no numbers (text?): encode it before")
    return kind


def _table_info(name: str, width: int) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, [ROWS, width])


def _names(graph: onnx.GraphProto) -> Iterator[str]:
    yield from (one.name for one in (*graph.input, *graph.initializer))
    for node in graph.node:
        yield from (*node.input, *node.output)


def _nodes(graph: onnx.GraphProto) -> Iterator[onnx.NodeProto]:
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            for inner in (attribute.g, *attribute.graphs):
                yield from _nodes(inner)
