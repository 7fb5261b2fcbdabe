"""What elements of both templates are made of: references, labels, facts in extensions. Pure."""

import re
from collections.abc import Mapping
from functools import cache

from aas_core3 import types

from supplychain.chart import writable

TOGETHER = "*"  # small groups of several regions or industries
_LONGEST_LABEL = 64
_HANGUL = re.compile("[가-힣]")
_KINDS: Mapping[type, types.DataTypeDefXSD] = {
    str: types.DataTypeDefXSD.STRING,
    int: types.DataTypeDefXSD.INT,
    float: types.DataTypeDefXSD.DOUBLE,
    bool: types.DataTypeDefXSD.BOOLEAN,
}


@cache
def meaning(word: str) -> types.Reference:
    """A semantic id: one object for all elements that mean the same."""
    return refer(types.ReferenceTypes.EXTERNAL_REFERENCE, (types.KeyTypes.GLOBAL_REFERENCE, word))


def refer(kind: types.ReferenceTypes, *keys: tuple[types.KeyTypes, str]) -> types.Reference:
    """A reference along some keys."""
    return types.Reference(kind, [types.Key(key, value) for key, value in keys])


def facts(told: Mapping[str, object]) -> list[types.Extension] | None:
    """What the templates have no place for; nothing for what is not known."""
    return [
        types.Extension(name=name, value_type=_KINDS[type(value)], value=_xsd(value))
        for name, value in told.items()
        if value is not None and value != ""
    ] or None


def _xsd(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else writable(str(value))


def facts_of(element: types.HasExtensions) -> dict[str, str]:
    """The same read back, as texts."""
    return {each.name: each.value or "" for each in element.extensions or ()}


def whole(text: str | None) -> int | None:
    """A number, where there is one."""
    return int(text) if text else None


def label(name: str) -> list[types.LangStringNameType] | None:
    """What a viewer shows for an element; the whole name stands elsewhere."""
    short = writable(name)[:_LONGEST_LABEL]
    return [types.LangStringNameType(language(short), short)] if short else None


def language(text: str) -> str:
    """The language of a name, as far as its letters tell.

    >>> language("한빛정밀"), language("Hanbit")
    ('ko', 'en')
    """
    return "ko" if _HANGUL.search(text) else "en"


def asset(number: int, place: str) -> str:
    """The global id of a firm."""
    return f"{place}/ids/firms/{number}"
