# ruff: noqa: E501 - a sentence on one line is found by searching for it
"""What can be wrong with a bundle: one sentence for each code, and what to do about it.

A fault is a code with facts. The sentence is English with named gaps, and is the key of its
translation, exactly as with errors; a page lists all faults of a bundle at once. `CHECKS` are the
questions that the gate asks, in its order; each code belongs to one of them.
"""

from collections.abc import Iterable, Mapping
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
    "card_slug_reserved": "The name %(found)s is kept for pages of the hub; please choose another one.",
    "card_control_sign": "The model card has a control character in %(field)s.",
    "output_range_missing": "The model card does not say between which bounds the figure %(field)s lies.",
    "origin_missing": "The model card does not say in which country the model was made (origin.country).",
    "licence_unknown": "The licence %(found)s is not one of the SPDX list.",
    "licence_model_noncommercial": "The licence %(found)s forbids commercial use, so the model cannot be shared with a chain or with everybody.",
    "licence_base_noncommercial": (
        "The model was made from another one whose licence %(found)s forbids commercial use, so it cannot be "
        "shared with a chain or with everybody."
    ),
    "legal_missing": "The card says that the model controls energy, and has no legal self-check (legal).",
    "competence_unknown": "The competence %(found)s is not known; write it as area:grade.",
    "process_unknown": "The process %(found)s is not known.",
    "model_pickle": (
        "The file %(file)s is a Python pickle, not an ONNX model. A pickle can run any program on "
        "the computer that opens it, so it is never taken. Please export the model to ONNX."
    ),
    "model_foreign": "The file %(file)s is a %(found)s file, not an ONNX model.",
    "model_unreadable": "The file %(file)s is not a readable ONNX model.",
    "model_structure": "The ONNX model is not well formed: %(detail)s",
    "model_external": "The ONNX model keeps data outside its file (%(tensor)s). Please save it as one file.",
    "model_operator": "The ONNX model uses the custom operator %(operator)s of %(domain)s; only standard ones run.",
    "model_function": "The ONNX model brings its own function %(function)s; only standard operators run.",
    "model_random": "The ONNX model uses %(operator)s, which gives another result each time.",
    "model_loop": "The ONNX model holds a loop whose number of rounds is not fixed (%(operator)s); it might never end.",
    "model_opset": "The ONNX model needs operator set %(found)s; %(low)s to %(high)s are supported.",
    "model_inputs": "The ONNX model has %(found)s inputs; exactly one, named x, is expected.",
    "model_input_name": "The input of the ONNX model is called %(found)s; it must be called x.",
    "model_input_type": "The input of the ONNX model is of type %(found)s; it must be float32.",
    "model_input_shape": "The input of the ONNX model has the shape %(found)s; rows × columns is expected.",
    "model_input_width": "The ONNX model takes %(found)s columns, the schema names %(expected)s.",
    "model_output_missing": "The ONNX model has no output of floating-point numbers.",
    "output_missing": "The model gives no figure %(field)s, which the card's schema promises.",
    "output_range": "Test row %(row)s: the figure %(field)s = %(found)s lies outside the card's range %(low)s to %(high)s.",
    "head_input": "head.onnx wants %(head)s, and model.onnx gives %(model)s.",
    "calibration_wrong": "calibration.json cannot be used: %(detail)s",
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
    "golden_whole": "Test row %(row)s: %(field)s = %(found)s, where the card promises whole numbers.",
    "golden_alone": "Test row %(row)s gives %(found)s by itself and %(expected)s among others; a plant asks row by row.",
    "latency_over": "One row takes %(found)s ms on one processor core (99 of 100 times); at most %(most)s ms are allowed.",
    "more_faults": "There are %(count)s more faults.",
    "check_too_long": "The check did not finish within %(seconds)s seconds.",
    "check_broke": "The check of the model broke off, probably because the model needs too much memory.",
}


# check → the codes that answer it, by the beginning of their names; the first that fits counts.
CHECKS: Mapping[str, tuple[str, ...]] = {
    "files": ("file_", "archive_"),
    "card": ("card_", "range_reversed", "name_twice", "competence_", "process_", "output_range_m"),
    "origin": ("origin_",),
    "licence": ("licence_",),
    "legal": ("legal_",),
    "format": ("model_pickle", "model_foreign", "model_unreadable", "model_structure"),
    "operators": ("model_operator", "model_function", "model_opset", "model_random", "model_loop"),
    "inside": ("model_external", "model_too_large"),
    "fits": ("model_input", "model_output", "output_", "head_", "calibration_"),
    "loads": ("model_does_not_load", "check_"),
    "golden": ("golden_",),
    "latency": ("latency_",),
}
_MORE = "more_faults"


ADVICE_TEXTS: Mapping[str, str] = {
    "file_missing": "Put the file into the bundle. `hub models bundle` makes all three.",
    "file_unknown": "Take the file out of the bundle.",
    "file_too_large": "Make the model smaller: prune it, or export its weights with 16 bits.",
    "archive_unreadable": "Pack the files anew as a ZIP archive.",
    "archive_entry": "Pack the files themselves, without folders in folders.",
    "json_unreadable": "Open the file in an editor and look at that line; a comma or a quotation mark is missing.",
    "card_missing": "Write it into card.json, in Korean and in English where it is a text.",
    "card_unknown": "Take the field out, or write its name as the card's other fields are written.",
    "card_empty": "Fill it in: texts in Korean and in English, units as the plant writes them.",
    "output_range_missing": "Write low and high for it into the schema's outputs; a probability lies between 0 and 1.",
    "origin_missing": 'Write the country\'s two letters, for example "country": "KR".',
    "licence_unknown": "Write Apache-2.0, MIT, CC-BY-4.0 or another SPDX name; terms of your own are written LicenseRef-….",
    "licence_model_noncommercial": "Keep the model to your firm (private), or share one whose licence allows commercial use.",
    "licence_base_noncommercial": "Keep the model to your firm (private), or make it from one whose licence allows commercial use.",
    "legal_missing": "Write down the self-check under the AI Basic Act (legal), in Korean and in English.",
    "process_unknown": "Choose one of the hub's processes, for example injection, press, machining.",
    "model_foreign": "Export the model to ONNX from the program that trained it.",
    "model_unreadable": "Export the model again; the file may have been cut off on its way.",
    "model_structure": "Export the model again with a newer exporter.",
    "model_external": "Save it as one file; `hub models bundle onnx` does so.",
    "model_operator": "Export with standard operators only; for PyTorch choose operator set 18.",
    "model_function": "Inline the functions; `hub models bundle onnx` does so.",
    "model_random": "Switch the random part off before exporting (evaluation mode).",
    "model_loop": "Export with a fixed number of rounds.",
    "model_opset": "Export with operator set 18.",
    "model_inputs": "Join the inputs to one table; `hub models bundle onnx` does so.",
    "model_input_name": "Rename the input to x; `hub models bundle onnx` does so.",
    "model_input_type": "Cast inside the model; `hub models bundle onnx` does so.",
    "model_input_shape": "Export with a free number of rows (dynamic axes): rows × columns.",
    "model_input_width": "List every column that the model is fed in the card's schema, in its order.",
    "output_missing": "Name the model's output as in the schema; `hub models bundle` does so.",
    "output_range": "Widen the range in the card, or correct the figure inside the model.",
    "golden_empty": "Put in ten rows or more, from the surest to the least sure answer.",
    "golden_differs": "Compute the rows with the exported model's own numbers of 32 bits, or export again.",
    "golden_range": "Widen the range in the card, or take the row out.",
    "golden_alone": "Export in evaluation mode, with a free number of rows.",
    "latency_over": "Make the model smaller, or let the card promise less (latency_ms).",
    "check_too_long": "Make the model smaller, and look for a loop that does not end.",
    "check_broke": "Make the model smaller.",
}


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, with the facts that fill its sentence.

    `file` stands before the sentence where it is not about the bundle's first model.

    >>> str(Fault("file_missing", {"file": "golden.json"}))
    'The bundle has no file golden.json.'
    >>> str(Fault("model_inputs", {"found": 2}, "head.onnx"))[:22]
    'head.onnx: The ONNX mo'
    """

    code: str
    facts: Mapping[str, object] = field(default_factory=dict)
    file: str = ""

    @property
    def text(self) -> str:
        """The sentence with its gaps: the key of its translation."""
        return TEXTS[self.code]

    @property
    def advice(self) -> str:
        """What to do about it; empty where the sentence says so itself."""
        return ADVICE_TEXTS.get(self.code, "")

    @property
    def check(self) -> str:
        """The question of the gate that it answers.

        >>> Fault("golden_differs").check, Fault("json_unreadable", {"file": "golden.json"}).check
        ('golden', 'golden')
        """
        if self.code == "json_unreadable":
            return "golden" if self.facts.get("file") == "golden.json" else "card"
        fitting = (c for c, codes in CHECKS.items() if self.code.startswith(codes))
        return next(fitting, "files")

    def __str__(self) -> str:
        return f"{self.file}: {self.text % self.facts}" if self.file else self.text % self.facts


def few(faults: Iterable[Fault], most: int = 100) -> list[Fault]:
    """Faults without repetitions, as many as a person may want to read; the last says how many more.

    >>> [str(fault) for fault in few([Fault("golden_empty")] * 9)]
    ['golden.json has no test rows.']
    """
    found = list({str(fault): fault for fault in faults}.values())
    if len(found) <= most:
        return found
    return [*found[:most], Fault(_MORE, {"count": len(found) - most})]
