# ruff: noqa: E501 - a sentence on one line is found by searching for it
"""What can be wrong with a bundle: one sentence for each code.

A fault is a code with facts. The sentence is English with named gaps, and is the key of its
translation, exactly as with errors; a page lists all faults of a bundle at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

TEXTS: Mapping[str, str] = {
    "file_missing": "The bundle has no file %(file)s.",
    "file_unknown": "The bundle has a file that does not belong there: %(file)s.",
    "file_empty": "The file %(file)s is empty.",
    "file_too_large": "The file %(file)s has %(megabytes)s MB; at most %(most)s MB are taken.",
    "archive_unreadable": "The uploaded file is not a readable ZIP archive.",
    "archive_entry": "The archive holds an entry that cannot be taken: %(file)s.",
    "json_unreadable": "The file %(file)s is not readable JSON (line %(line)s).",
    "card_missing": "The model card does not say: %(field)s.",
    "card_unknown": "The model card has a field that is not known: %(field)s.",
    "card_wrong": "The model card says something that cannot be used in %(field)s: %(found)s",
    "card_empty": "The model card leaves %(field)s empty.",
    "range_reversed": "Input %(field)s: the lower bound %(low)s is not below the upper bound %(high)s.",
    "name_twice": "The name %(name)s stands twice in the schema.",
    "competence_unknown": "The competence %(found)s is not known; write it as area:grade.",
    "process_unknown": "The process %(found)s is not known.",
    "model_pickle": (
        "The file model.onnx is a Python pickle, not an ONNX model. A pickle can run any program on "
        "the computer that opens it, so it is never taken. Please export the model to ONNX."
    ),
    "model_foreign": "The file model.onnx is a %(found)s file, not an ONNX model.",
    "model_unreadable": "The file model.onnx is not a readable ONNX model.",
    "model_structure": "The ONNX model is not well formed: %(detail)s",
    "model_external": "The ONNX model keeps data outside its file (%(tensor)s). Please save it as one file.",
    "model_operator": "The ONNX model uses the custom operator %(operator)s of %(domain)s; only standard ones run.",
    "model_function": "The ONNX model brings its own function %(function)s; only standard operators run.",
    "model_opset": "The ONNX model needs operator set %(found)s; %(low)s to %(high)s are supported.",
    "model_inputs": "The ONNX model has %(found)s inputs; exactly one, named x, is expected.",
    "model_input_name": "The input of the ONNX model is called %(found)s; it must be called x.",
    "model_input_type": "The input of the ONNX model is of type %(found)s; it must be float32.",
    "model_input_shape": "The input of the ONNX model has the shape %(found)s; rows × columns is expected.",
    "model_input_width": "The ONNX model takes %(found)s columns, the schema names %(expected)s.",
    "model_output_missing": "The ONNX model has no output of floating-point numbers.",
    "model_too_large": "The ONNX model declares a tensor of %(megabytes)s MB; at most %(most)s MB are taken.",
    "model_does_not_load": "ONNX Runtime cannot load the model: %(detail)s",
    "golden_shape": "The test rows in golden.json do not fit: %(detail)s",
    "golden_empty": "golden.json has no test rows.",
    "golden_fails": "The model cannot compute the test rows: %(detail)s",
    "golden_differs": (
        "Test row %(row)s: the model gives %(found)s where golden.json says %(expected)s "
        "(allowed difference %(tolerance)s)."
    ),
    "golden_range": "Test row %(row)s: %(field)s = %(found)s lies outside the card's range %(low)s to %(high)s.",
    "check_too_long": "The check did not finish within %(seconds)s seconds.",
    "check_broke": "The check of the model broke off, probably because the model needs too much memory.",
}


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, with the facts that fill its sentence.

    >>> str(Fault("file_missing", {"file": "golden.json"}))
    'The bundle has no file golden.json.'
    """

    code: str
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The sentence with its gaps: the key of its translation."""
        return TEXTS[self.code]

    def __str__(self) -> str:
        return self.text % self.facts
