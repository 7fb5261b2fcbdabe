"""Find firms of a map: by name, number, and what is known of them. One rule for page, API, files.

A name is found by a part of it as it is written, in Hangul or Latin letters, or as it sounds:
"hanbit", "한빛" and "Hanvit" find one another, "SK" finds 에스케이. No figure of another firm's has
a part in this: a firm is found by what the asker reads of it.
"""

import re
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache

from supplychain.cells import plain
from supplychain.romanised import sound, spoken
from supplychain.services.network import Place, TierMap, division
from supplychain.services.sight import STANDINGS
from supplychain.taxonomy import LEVELS, PROCESSES, REGIONS

UNKNOWN = "-"  # asks for firms of which it is not known
BANDS = ((1, 9), (10, 49), (50, 299), (300, None))  # employees
CHOKES = ((0, 0), (1, 1), (2, 9), (10, None))  # firms that have no other way
_SHORTEST = 3  # letters of a sound that are worth comparing
_LATIN = re.compile("[a-z]", re.IGNORECASE)
_PARTS = re.compile("[가-힣]|[^가-힣]+")
_INITIALS = re.compile(r"(?<![a-z])[a-z&]{1,4}(?![a-z])", re.IGNORECASE)


def code_of(place: Place, measure: str) -> str:
    """A firm's class by one of the MEASURES; empty where it is not known."""
    return MEASURES[measure](place)


def _level(place: Place) -> str:
    return str(place.level) if place.level in LEVELS else ""


def _band(place: Place) -> str:
    people = place.facts.employees
    return "" if people is None else _within(people, BANDS)


def _within(number: int, bands: tuple[tuple[int, int | None], ...]) -> str:
    return next((str(low) for low, high in bands if high is None or number <= high), "")


def _mark(place: Place) -> str:
    if place.in_circle:
        return "circle"
    if place.serves > 1:
        return "diamond"
    return "several" if len(place.also) > 1 else "plain"


MEASURES: dict[str, Callable[[Place], str]] = {
    "process": lambda place: place.facts.process if place.facts.process in PROCESSES else "",
    "region": lambda place: place.facts.region if place.facts.region in REGIONS else "",
    "sector": lambda place: division(place.facts.sector),
    "level": _level,
    "employees": _band,
    "marks": _mark,
    "chokepoints": lambda place: _within(place.behind, CHOKES),
}


def is_word(name: str, code: str) -> bool:
    """Whether one may ask for this code of a measure, of tiers or standings."""
    if name == "tier":
        return code.isdecimal() and len(code) < 4
    if name == "sector":
        return code == UNKNOWN or division(code) == code != ""
    return code in _WORDS.get(name, ())


_WORDS: dict[str, Collection[str]] = {
    "standing": STANDINGS,
    "process": {*PROCESSES, UNKNOWN},
    "region": {*REGIONS, UNKNOWN},
    "level": {*map(str, LEVELS), UNKNOWN},
    "employees": {*(str(low) for low, _ in BANDS), UNKNOWN},
    "marks": {"circle", "diamond", "several", "plain"},
    "chokepoints": {str(low) for low, _ in CHOKES},
}


def found(
    seen: TierMap,
    text: str,
    wanted: Mapping[str, Collection[str]],
    more: Mapping[str, Callable[[Place], str]] | None = None,
) -> list[Place]:
    """The firms that fit everything asked for, in the map's order.

    `text`: a part of a name or registration number. `wanted`: "tier" (any at which a firm
    delivers), "standing" (of any of its deliveries) or one of the MEASURES → codes, any of which
    fits; none: all do. `more`: measures that hold for this map alone.
    """
    asked = {name: set(codes) for name, codes in wanted.items() if codes}
    tiers, standings = asked.pop("tier", None), asked.pop("standing", None)
    fits, measures = asked_for(text), {**MEASURES, **(more or {})}
    return [
        place
        for place in seen.places.values()
        if (tiers is None or tiers.intersection(map(str, place.also or [place.tier])))
        and (standings is None or standings.intersection(seen.delivers.get(place.number, ())))
        and all((measures[name](place) or UNKNOWN) in codes for name, codes in asked.items())
        and fits(place)
    ]


def asked_for(text: str) -> Callable[[Place], bool]:
    """Whether a firm fits a text that somebody typed."""
    wanted, digits = plain(text), re.sub(r"[\s-]", "", text)
    if not wanted:
        return lambda _: True
    heard, latin = _sounds(text), bool(_LATIN.search(text))

    def fits(place: Place) -> bool:
        if wanted in _plain(place.name):
            return True
        if digits.isdecimal() and digits in (place.facts.brn or ""):
            return True
        # Two names in Hangul are told apart by their letters: 대성 and 태성 are two firms.
        if not heard or not (latin or _LATIN.search(place.name)):
            return False
        return any(a in b for a in heard for b in _sounds(place.name))

    return fits


@lru_cache(maxsize=200_000)
def _plain(name: str) -> str:
    return plain(name)


@lru_cache(maxsize=200_000)
def _sounds(name: str) -> tuple[str, ...]:
    """How a name sounds: as a whole, syllable by syllable, and with its initials spelt out.

    >>> _sounds("hanbit"), _sounds("한빛"), _sounds("SK"), _sounds("에스케이")
    (('hanbid',), ('hanbid',), ('esoge',), ('esoge', 'esogei'))
    """
    read = {sound(name), "".join(_syllable(part) for part in _PARTS.findall(name))}
    if _INITIALS.search(name):
        read.add(sound(_INITIALS.sub(lambda match: spoken(match[0].casefold()), name)))
    return tuple(sorted(each for each in read if len(each) >= _SHORTEST))


@lru_cache(maxsize=20_000)
def _syllable(part: str) -> str:
    return sound(part)
