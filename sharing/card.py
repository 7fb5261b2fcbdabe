"""The model card: what a model is for, what it needs, what it promises; and its schema.

The sections are Hugging Face's (uses, out of scope, risks, training data, evaluation) and what a
plant asks beyond them: problem, process, machine class, sensors, figure that should move, what to
do when the model is off, competences, origin, licence. Pure. The agent, which knows no
pydantic, reads the schema with sharing.agent.schema.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from sharing.faults import TEXTS, Fault

AREAS = ("data", "models", "operation", "improvement", "responsibility", "building")
GRADES = ("understand", "apply", "create")

_COMPETENCE = re.compile(rf"({'|'.join(AREAS)}):({'|'.join(GRADES)})")


def _custom(code: str, **facts: object) -> PydanticCustomError:
    # pydantic carries code and facts; our sentence for them stands in sharing.faults
    return PydanticCustomError("ours", code, {"code": code, **facts})


def _competence(value: str) -> str:
    if not _COMPETENCE.fullmatch(value):
        raise _custom("competence_unknown", found=value)
    return value


Competence = Annotated[str, AfterValidator(_competence)]
Text = Annotated[str, Field(min_length=1, max_length=4000)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Said(_Strict):
    """The same in both languages of the pages."""

    ko: Text
    en: Text

    def in_(self, locale: str) -> str:
        """The text in the reader's language; Korean unless it is English."""
        return self.en if locale == "en" else self.ko


class Input(_Strict):
    """One column that the model is fed: its unit and the range that it was made for."""

    name: Name
    type: Literal["float"] = "float"
    unit: Annotated[str, Field(min_length=1, max_length=20)]
    low: float
    high: float
    missing_allowed: bool = False
    ko: Text
    en: Text

    def in_(self, locale: str) -> str:
        """What a plant calls the column."""
        return self.en if locale == "en" else self.ko


class Output(_Strict):
    """One figure that the model gives."""

    name: Name
    unit: Annotated[str, Field(min_length=1, max_length=20)]
    ko: Text
    en: Text

    def in_(self, locale: str) -> str:
        """What a plant calls the figure."""
        return self.en if locale == "en" else self.ko


def _sound(schema: "Schema") -> "Schema":
    names = [column.name for column in schema.inputs]
    for column in schema.inputs:
        if column.low >= column.high:
            raise _custom("range_reversed", field=column.name, low=column.low, high=column.high)
    for name in names:
        if names.count(name) > 1:
            raise _custom("name_twice", name=name)
    return schema


class Schema(_Strict):
    """Columns in, figures out; the model's one tensor `x` has the inputs in this order."""

    inputs: Annotated[list[Input], Field(min_length=1, max_length=2000)]
    outputs: Annotated[list[Output], Field(min_length=1, max_length=100)]


class Metric(_Strict):
    """A figure of the evaluation, on data that the model had not seen."""

    name: Text
    value: float
    ko: Text
    en: Text


class Card(_Strict):
    """A model card of one version."""

    slug: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=60)]
    version: Annotated[str, Field(pattern=r"^\d{1,4}\.\d{1,4}\.\d{1,4}$")]
    title: Said
    summary: Said
    problem: Said
    process: Annotated[str, Field(pattern=r"^[a-z][a-z-]*$", max_length=40)]
    machine_class: Said
    sensors: Said
    kpi: Said
    uses: Said
    out_of_scope: Said
    risks: Said
    fallback: Said
    training_data: Said
    evaluation: Said
    metrics: list[Metric] = []
    competences: list[Competence] = []
    origin: Said
    licence: Annotated[str, Field(min_length=1, max_length=60)]
    legal: Said | None = None
    signature: Annotated[Schema, AfterValidator(_sound)] = Field(alias="schema")

    def document(self) -> dict[str, Any]:
        """The card as JSON data, as it stands in card.json."""
        return self.model_dump(mode="json", by_alias=True)


# A card's sections that are text, in the order in which a page shows them.
SECTIONS = (
    "problem", "machine_class", "sensors", "kpi", "uses", "out_of_scope", "risks", "fallback",
    "training_data", "evaluation", "origin", "legal",
)  # fmt: skip


def card_from(text: bytes | str) -> tuple[Card | None, list[Fault]]:
    """The card, or every fault that it has; never the first fault only.

    >>> card_from('{"slug": "a"')[1][0].code
    'json_unreadable'
    >>> {fault.code for fault in card_from('{"slug": "A B", "colour": 1}')[1]} == {
    ...     "card_missing", "card_wrong", "card_unknown"}
    True
    """
    try:
        data = json.loads(text)
    except UnicodeDecodeError:
        return None, [Fault("json_unreadable", {"file": "card.json", "line": 1})]
    except json.JSONDecodeError as error:
        return None, [Fault("json_unreadable", {"file": "card.json", "line": error.lineno})]
    except RecursionError:
        return None, [Fault("json_unreadable", {"file": "card.json", "line": 1})]
    try:
        return Card.model_validate(data), []
    except ValidationError as error:
        return None, list(_faults(error))


def _faults(error: ValidationError) -> Iterator[Fault]:
    codes = {
        "missing": "card_missing",
        "extra_forbidden": "card_unknown",
        "string_too_short": "card_empty",
    }
    for each in error.errors(include_url=False):
        facts: Mapping[str, Any] = each.get("ctx") or {}
        if each["type"] == "ours" and facts.get("code") in TEXTS:
            yield Fault(str(facts["code"]), {k: v for k, v in facts.items() if k != "code"})
            continue
        where = ".".join(str(part) for part in each["loc"]) or "card.json"
        found = repr(each["input"])
        yield Fault(
            codes.get(each["type"], "card_wrong"),
            {"field": where, "found": found if len(found) <= 80 else found[:79] + "…"},
        )
