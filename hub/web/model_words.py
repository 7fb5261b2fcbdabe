"""What the gate asks, in words; and how a fault is told on a page."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from sharing.faults import Fault
from sharing.gate import Examined

# check → what it is called, what it means that it passed
CHECKS = {
    "files": (
        _l("Files"),
        _l("Model, card and test rows are there, and nothing else."),
    ),
    "card": (_l("Card"), _l("Complete in both languages; its schema holds together.")),
    "origin": (_l("Origin"), _l("The country is told; foreign models carry a note.")),
    "licence": (_l("Licence"), _l("Of the SPDX list, and it lets plants work with it.")),
    "legal": (_l("Legal self-check"), _l("There where the model controls energy.")),
    "format": (_l("Format"), _l("A well-formed ONNX model: no pickle, no other format.")),
    "operators": (
        _l("Operators"),
        _l("Standard ones only, of a supported set, with no chance in them and an end."),
    ),
    "inside": (_l("All inside"), _l("No data outside the file, no tensor too large.")),
    "fits": (_l("Fits its card"), _l("The columns and figures are those of the schema.")),
    "loads": (
        _l("Loads"),
        _l("In a process of its own, with limits on time and memory."),
    ),
    "golden": (_l("Test rows"), _l("It gives the publisher's results, row by row.")),
    "latency": (_l("Speed"), _l("Fast enough for one row on one processor core.")),
}  # fmt: skip


class Said(NamedTuple):
    """A fault in the reader's language, and what to do about it."""

    text: str
    advice: str


class Line(NamedTuple):
    """One check of the gate on the page: its state (passed, failed, waiting) and its faults."""

    code: str
    title: str
    means: str
    state: str
    faults: list[Said]


def checklist(faults: Iterable[Fault], checks: Mapping[str, str]) -> list[Line]:
    """The gate's questions in its order, what passed beside what is missing."""
    wrong: dict[str, list[Said]] = {}
    advised = set()
    for fault in faults:
        told = said(fault)
        wrong.setdefault(fault.check, []).append(
            told._replace(advice="") if told.advice in advised else told
        )
        advised.add(told.advice)
    return [
        Line(
            code,
            str(title),
            str(means),
            "failed" if code in wrong else checks.get(code, "waiting"),
            wrong.get(code, []),
        )
        for code, (title, means) in CHECKS.items()
    ]


def said(fault: Fault) -> Said:
    """A fault in the reader's language."""
    text = str(_(fault.text, **fault.facts)) if fault.facts else str(_(fault.text))
    text = f"{fault.file}: {text}" if fault.file and fault.file not in text else text
    return Said(text, str(_(fault.advice)) if fault.advice else "")


def checks_of(seen: Examined) -> list[Line]:
    """The checklist of a bundle that was looked into."""
    return checklist(seen.faults, seen.checks)
