"""What an accepted model sends from the plant, field by field, and what stays. Data only.

The agreement's own text stands in sharing.terms.
"""

from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _


class Field(NamedTuple):
    """One thing that leaves the plant: what, what for, an example."""

    name: Any
    purpose: Any
    example: Any


LEAVES: tuple[Field, ...] = (
    Field(
        _("Name, versions of programs, memory and cores of the PC"),
        _("So that a version is offered only to a PC that can run it"),
        "line-1-pc · Windows 11 · ONNX Runtime 1.32 · 8 GB · 4",
    ),
    Field(
        _("Step of the installation"),
        _("So that both sides see whether the version arrived"),
        _("downloading, checking, trial run, waiting for the time slot, active"),
    ),
    Field(
        _("Reason of a failure"),
        _("So that the provider can mend it"),
        _("test rows off by 0.02"),
    ),
    Field(
        _("Result of the trial run"),
        _("Loading time, time for one row, deviation on the provider's own test rows"),
        "12 ms · 0.02 ms · 0.0000001",
    ),
    Field(
        _("Which version runs, since when, whether it is well"),
        _("So that the plant's page and the provider see the same"),
        _("1.0.0 since 24 Nov 2026, well"),
    ),
    Field(
        _("Number of predictions, of remarks, of refused requests"),
        _("So that it shows whether the model is used: counts only, no values"),
        _("1,240 predictions, 3 remarks, 0 refused"),
    ),
)

STAYS: tuple[Any, ...] = (
    _("values of machines and sensors"),
    _("files and rows that you have predicted"),
    _("the predictions themselves"),
    _("product, customer and worker names"),
    _("the PC's private key"),
)
