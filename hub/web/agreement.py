"""What an offer asks for: the technology-data agreement, part by part, and what leaves the plant.

Data only. The terms' name stands in sharing.services.deliveries.TERMS: a new text, a new name.
"""

from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _


class Part(NamedTuple):
    """One clause, in words that need no lawyer."""

    title: Any
    text: Any


class Field(NamedTuple):
    """One thing that leaves the plant: what, what for, an example."""

    name: Any
    purpose: Any
    example: Any


def parts(provider: str, receiver: str, model: str) -> list[Part]:
    """The clauses between these two firms about this model."""
    return [
        Part(
            _("Parties"),
            _(
                "%(provider)s provides the model. %(receiver)s receives it.",
                provider=provider,
                receiver=receiver,
            ),
        ),
        Part(
            _("What is given"),
            _(
                "The model “%(model)s”, its card and its test rows. "
                "They stay the property of %(provider)s.",
                model=model,
                provider=provider,
            ),
        ),
        Part(
            _("What for"),
            _("Only for the production of the plant named above. It may not be passed on or sold."),
        ),
        Part(
            _("Your own data"),
            _(
                "Machine values, drawings, recipes and results stay at your plant and stay yours. "
                "%(provider)s gets only what is listed under “What leaves your plant”.",
                provider=provider,
            ),
        ),
        Part(
            _("Secrecy, both ways"),
            _(
                "What either side learns of the other's technology is kept secret "
                "while the model is used and for three years after."
            ),
        ),
        Part(
            _("How it ends"),
            _(
                "Either side may end it at any time by telling the other. "
                "The model is then removed from your PC; what you measured with it remains yours."
            ),
        ),
        Part(
            _("Cost"),
            _("Nothing is charged for this offer. A fee would need a new agreement."),
        ),
    ]


LEAVES: tuple[Field, ...] = (
    Field(
        _("Name and versions of the PC's programs"),
        _("So that a version is offered only to a PC that can run it"),
        "line-1-pc · Windows 11 · ONNX Runtime 1.32",
    ),
    Field(
        _("Step of the installation"),
        _("So that both sides see whether the version arrived"),
        _("downloading, checking, trial run, active"),
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
