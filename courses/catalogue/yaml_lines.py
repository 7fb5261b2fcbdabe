"""YAML that remembers its lines, so that a teacher is told where a mistake stands.

Pure: takes text, gives data. Keys that stand twice are refused (YAML itself lets the last one win,
which hides a slip of the hand).
"""

from collections.abc import Sequence
from typing import Any, TypeVar, cast

import yaml
from pydantic import BaseModel, ValidationError

from courses.errors import ContentFault

Model = TypeVar("Model", bound=BaseModel)


class Unreadable(Exception):
    """The text has faults."""

    def __init__(self, faults: list[ContentFault]) -> None:
        self.faults = faults
        super().__init__()


def read_yaml(text: str, kind: type[Model], file: str) -> Model:
    """The YAML text as `kind`.

    Raises Unreadable with every fault: `file`, the line in it (from 1) and the reason.
    """
    try:
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        problem = {"problem": error.problem or "syntax"}
        line = mark.line + 1 if mark else 1
        fault = ContentFault(file=file, line=line, code="syntax", facts=problem)
        raise Unreadable([fault]) from error
    if tree is None:
        fault = ContentFault(file=file, line=1, code="syntax", facts={"problem": "it is empty"})
        raise Unreadable([fault])
    if twice := _keys_twice(tree, file):
        raise Unreadable(twice)
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        raise Unreadable([_fault(tree, one, file) for one in error.errors()]) from error


def _fault(tree: yaml.Node, error: Any, file: str) -> ContentFault:
    path = ".".join(str(step) for step in error["loc"]) or "file"
    facts = {"field": path, "problem": str(error["msg"]).removeprefix("Value error, ")}
    return ContentFault(file=file, line=line_of(tree, error["loc"]), code="value", facts=facts)


def line_of(tree: yaml.Node, path: Sequence[int | str]) -> int:
    r"""Line (from 1) of the value at `path`, or of what there is nearest above it.

    >>> line_of(yaml.compose("a: 1\nb:\n  - x\n  - y\n"), ["b", 1])
    4
    """
    node, line = tree, tree.start_mark.line + 1
    for step in path:
        found = _child(node, step)
        if found is not None:
            node, line = found
    return line


def _child(node: yaml.Node, step: int | str) -> tuple[yaml.Node, int] | None:
    # A step that is not found is pydantic's own (the name of a union's branch, say).
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return cast("yaml.Node", value), key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        item = node.value[step]
        return item, item.start_mark.line + 1
    return None


def _keys_twice(node: yaml.Node, file: str) -> list[ContentFault]:
    faults: list[ContentFault] = []
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                line, facts = key.start_mark.line + 1, {"key": str(key.value)}
                faults.append(ContentFault(file=file, line=line, code="duplicate", facts=facts))
            seen.add(key.value)
            faults += _keys_twice(value, file)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            faults += _keys_twice(item, file)
    return faults
