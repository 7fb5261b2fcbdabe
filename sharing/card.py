"""The model card: what a model is for, what it needs, what it promises; and its schema.

The sections are Hugging Face's (uses, out of scope, risks, training data, evaluation) and what a
plant asks beyond them: problem, process, machine class, sensors, figure that should move, what to
do when the model is off, competences, origin, licence. Pure. The agent, which knows no
pydantic, reads the schema with sharing.agent.schema.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from sharing.faults import TEXTS, Fault
from sharing.licence import forbids_business, spdx

AREAS = ("data", "models", "operation", "improvement", "responsibility", "building")
GRADES = ("understand", "apply", "create")

HOME = "KR"
_OURS = {"publish", "sample", "keys", "new", "check"}  # addresses beside those of models
_SPACE = 0x20
_MOST = 80  # signs of what was found, in a sentence
_COMPETENCE = re.compile(rf"({'|'.join(AREAS)}):({'|'.join(GRADES)})")


def _custom(code: str, **facts: object) -> PydanticCustomError:
    # pydantic carries code and facts; our sentence for them stands in sharing.faults
    return PydanticCustomError("ours", code, {"code": code, **facts})


def _competence(value: str) -> str:
    if not _COMPETENCE.fullmatch(value):
        raise _custom("competence_unknown", found=value[:_MOST])
    return value


def _plain(value: str) -> str:
    if any(ord(sign) < _SPACE and sign not in "\n\t" for sign in value):
        raise _custom("card_control_sign")
    return value


def _free(value: str) -> str:
    if value in _OURS:
        raise _custom("card_slug_reserved", found=value)
    return value


Competence = Annotated[str, AfterValidator(_competence)]
Text = Annotated[str, Field(min_length=1, max_length=4000), AfterValidator(_plain)]
Unit = Annotated[str, Field(min_length=1, max_length=20), AfterValidator(_plain)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
Number = Annotated[float, Field(allow_inf_nan=False)]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Kind = Literal["float", "integer", "boolean"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Said(_Strict):
    """The same in both languages of the pages."""

    ko: Text
    en: Text

    def in_(self, locale: str) -> str:
        """The text in the reader's language; Korean unless it is English."""
        return self.en if locale == "en" else self.ko


class Origin(Said):
    """Where a model comes from: in words, and the country (ISO 3166) that made it."""

    country: Country | None = None

    @property
    def domestic(self) -> bool | None:
        """Whether it was made in Korea; None where the card does not say where it was made."""
        return None if self.country is None else self.country == HOME


class Base(_Strict):
    """The model that this one was made from: its name, licence and country."""

    name: Text
    licence: Annotated[str, Field(min_length=1, max_length=60)]
    country: Country | None = None


class _Column(Said):
    """What is told of a column, of those fed and of those given alike.

    `sampling_seconds` apart; None: once for each part, shot or event. Whatever the `type`, the
    model is fed numbers of 32 bits; integer and boolean (0, 1) say which numbers are meant.
    """

    name: Name
    type: Kind = "float"
    unit: Unit
    missing_allowed: bool = False
    sampling_seconds: Annotated[Number, Field(gt=0)] | None = None


class Input(_Column):
    """One column that the model is fed: its unit and the range that it was made for."""

    low: Number
    high: Number


class Output(_Column):
    """One figure that the model gives, and the range in which it lies."""

    low: Number | None = None
    high: Number | None = None


def _sound(schema: "Schema") -> "Schema":
    columns: list[Input | Output] = [*schema.inputs, *schema.outputs]
    for column in columns:
        low, high = column.low, column.high
        if low is not None and high is not None and low >= high:
            raise _custom("range_reversed", field=column.name, low=low, high=high)
    name, times = Counter(column.name for column in columns).most_common(1)[0]
    if times > 1:
        raise _custom("name_twice", name=name)
    return schema


class Schema(_Strict):
    """Columns in, figures out; the model's one tensor `x` has the inputs in this order."""

    inputs: Annotated[list[Input], Field(min_length=1, max_length=2000)]
    outputs: Annotated[list[Output], Field(min_length=1, max_length=100)]


class Metric(_Strict):
    """A figure of the evaluation, on data that the model had not seen."""

    name: Text
    value: Number
    ko: Text
    en: Text


class Card(_Strict):
    """A model card of one version.

    `controls` names what the model's answer moves without a person in between; `latency_ms` is
    what it promises for one row on one processor core, 99 times of 100. Cards of earlier days may
    lack what `gaps` asks of new ones.
    """

    slug: Annotated[
        str,
        Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=60),
        AfterValidator(_free),
    ]
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
    training_procedure: Said | None = None
    evaluation: Said
    metrics: list[Metric] = []
    competences: list[Competence] = []
    origin: Origin
    base: Base | None = None
    licence: Annotated[str, Field(min_length=1, max_length=60)]
    controls: Annotated[list[Literal["energy", "machine"]], Field(max_length=2)] = []
    legal: Said | None = None
    latency_ms: Annotated[Number, Field(gt=0)] | None = None
    contact: Said | None = None
    signature: Annotated[Schema, AfterValidator(_sound)] = Field(alias="schema")

    def document(self) -> dict[str, Any]:
        """The card as JSON data, as it stands in card.json."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)

    @property
    def licences(self) -> dict[str, str]:
        """Every licence that holds for it: of the model itself, and of the one it was made from."""
        return {"model": self.licence} | ({"base": self.base.licence} if self.base else {})


# A card's sections that are text, in the order in which a page shows them.
SECTIONS = (
    "problem", "machine_class", "sensors", "kpi", "uses", "out_of_scope", "risks", "fallback",
    "training_data", "training_procedure", "evaluation", "origin", "legal", "contact",
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
    except (ValueError, RecursionError) as error:  # also a number of thousands of digits
        line = getattr(error, "lineno", 1)
        return None, [Fault("json_unreadable", {"file": "card.json", "line": line})]
    try:
        return Card.model_validate(data), []
    except ValidationError as error:
        return None, list(_faults(error))


def gaps(card: "Card | Mapping[str, Any]", *, shared: bool = True) -> list[Fault]:
    """What a card still lacks, beyond its form, before its version may be published.

    Takes the data of a card with other faults, too, so that all is told at once. `shared`: with a
    chain or with everybody, where a licence must allow commercial use.

    >>> told = {"origin": {}, "licence": "CC-BY-NC-4.0", "controls": ["energy"]}
    >>> [fault.code for fault in gaps(told)]
    ['origin_missing', 'licence_model_noncommercial', 'legal_missing']
    """
    told = card.document() if isinstance(card, Card) else card
    origin, base, schema = (_dict(told.get(name)) for name in ("origin", "base", "schema"))
    faults = [] if "origin" not in told or origin.get("country") else [Fault("origin_missing")]
    outputs = schema.get("outputs")
    faults += [
        Fault("output_range_missing", {"field": str(each.get("name"))[:_MOST]})
        for each in map(_dict, outputs if isinstance(outputs, list) else ())
        if each.get("low") is None or each.get("high") is None
    ]
    for what, licence in (("model", told.get("licence")), ("base", base.get("licence"))):
        if isinstance(licence, str) and licence:
            faults += _licence(what, licence[:_MOST], shared=shared)
    controls = told.get("controls")
    if isinstance(controls, list) and "energy" in controls and not told.get("legal"):
        faults.append(Fault("legal_missing"))
    return faults


def _licence(what: str, licence: str, *, shared: bool) -> list[Fault]:
    if spdx(licence) is None:
        return [Fault("licence_unknown", {"found": licence})]
    if shared and forbids_business(licence):
        return [Fault(f"licence_{what}_noncommercial", {"found": licence})]
    return []


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _faults(error: ValidationError) -> Iterator[Fault]:
    codes = {
        "missing": "card_missing",
        "extra_forbidden": "card_unknown",
        "string_too_short": "card_empty",
    }
    for each in error.errors(include_url=False):
        facts: Mapping[str, Any] = each.get("ctx") or {}
        where = ".".join(str(part) for part in each["loc"])[:_MOST] or "card.json"
        if each["type"] == "ours" and facts.get("code") in TEXTS:
            told = {k: v for k, v in facts.items() if k != "code"}
            yield Fault(str(facts["code"]), {"field": where, **told})
            continue
        found = repr(each["input"])
        yield Fault(
            codes.get(each["type"], "card_wrong"),
            {"field": where, "found": found if len(found) <= _MOST else found[: _MOST - 1] + "…"},
        )
