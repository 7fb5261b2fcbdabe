"""What a firm's name says: the distinctive word, the trade, the place, the plant. Pure.

한빛정밀 제2공장 and "Hanvit Jungmil Plant 2" are read into the same parts, so that they can be
held against each other part by part. The words are data: supplychain.names_ko.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from supplychain.matching import name_key
from supplychain.name_words import divided, part_of, place_of, sounds, taken_apart, trade_of
from supplychain.names_ko import KOREAN_FORMS, LATIN_FORMS, MEANINGS
from supplychain.romanised import heard


class Named(NamedTuple):
    """A firm as it is told. Empty fields were not told, and speak neither for nor against.

    `id` is any whole number that tells the firms at hand apart: a firm's row, or -1 for one that
    has none yet. `sector` is a KSIC code, `process` a code of taxonomy.PROCESSES, `region` a code
    of taxonomy.REGIONS or any text.
    """

    id: int
    name: str
    country: str = ""
    region: str = ""
    brn: str | None = None
    address: str = ""
    sector: str = ""
    process: str = ""
    phone: str = ""


class Pair(NamedTuple):
    """Two firms that may be one, by id; `low` < `high`."""

    low: int
    high: int


class Reading(NamedTuple):
    """One way to read a name.

    `core` is what is distinctive as it is written, `heard` as it is heard, `sounds` in what other
    spellings have in common. A trade is the set of Korean words that it may stand for.
    """

    core: str
    hangul: bool
    heard: str
    sounds: tuple[str, ...]
    trades: tuple[frozenset[str], ...]
    places: frozenset[str]
    parts: frozenset[str]
    numbers: frozenset[int]


_HANGUL = re.compile("[가-힣]")
_TOKEN = re.compile(r"[가-힣]+|[0-9]+|[^\W\d_가-힣](?:[^\W\d_가-힣]|&(?=[^\W\d_]))*")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")
_DOTTED = re.compile(r"\b(?:[a-z][./]){2,}(?:[a-z]\b)?")
_LONE_AND = re.compile(r"\s+&\s+|\s*\+\s*")
_BRACKET = re.compile(r"[(\[{]([^()\[\]{}]*)[)\]}]")
_FORMERLY = re.compile(r"^(?:ex|formerly|former|fka|aka|now|구|옛|전)\b[.:]?\s*")
_FORMS = re.compile("|".join(map(re.escape, KOREAN_FORMS)))
_ROMAN = {"ii": 2, "iii": 3, "iv": 4, "vi": 6, "vii": 7, "viii": 8}
_ORDINALS = frozenset(("st", "nd", "rd", "th"))
_BEFORE_NUMBERS = frozenset(("no", "nr", "number", "num", "제"))
_INITIALS = 4  # letters of j&k, which stay together
_MOST_LETTERS = 200


class Readings(NamedTuple):
    """A name as it stands and, where it has brackets, without them and what stands within them.

    What stands within is another name of the firm, a place, or neither.
    """

    whole: Reading
    outside: Reading | None = None
    inside: Reading | None = None


def readings(name: str) -> Readings:
    """The ways to read a name.

    >>> whole = readings("(주)한빛정밀 제2공장").whole
    >>> whole.core, "정밀" in whole.trades[0], set(whole.parts), set(whole.numbers)
    ('한빛', True, {'공장'}, {2})
    >>> [reading.core for reading in readings("한빛정밀(Hanbit Precision)")]
    ['한빛hanbit', '한빛', 'hanbit']
    """
    text = unicodedata.normalize("NFKC", _CAMEL.sub(" ", name[:_MOST_LETTERS])).casefold()
    text = _FORMS.sub(" ", text)
    whole = _read(text).reading()
    outside = _read(_BRACKET.sub(" ", text))
    within = [each.strip() for each in _BRACKET.findall(text)]
    inside = _read(" ".join(_FORMERLY.sub("", each) for each in within))
    if not (inside.core and outside.core) or inside.numbers or inside.parts:
        return Readings(whole)  # within the brackets is a known place, a plant or a legal form
    one, other = outside.reading(), inside.reading()
    another_name = one.core == other.core or any(map(_FORMERLY.match, within))
    if one.hangul == other.hangul and not another_name:  # it may be a place that we do not know
        one = one._replace(places=whole.places | {f"({other.core})"})
    other = other._replace(places=whole.places, parts=whole.parts, numbers=whole.numbers)
    return Readings(whole, one, other)


class _Parts:
    """A name's words, sorted out one by one."""

    def __init__(self) -> None:
        self.core: list[str] = []
        self.trades: list[frozenset[str]] = []
        self.places: list[str] = []
        self.parts: list[str] = []
        self.numbers: list[int] = []
        self.forms: list[str] = []

    def reading(self) -> Reading:
        # A name that is nothing but a place, a legal form or a trade is distinguished by that.
        words = self.core or self.places or self.forms[:1] or [min(each) for each in self.trades]
        core = "".join(words)
        return Reading(
            core,
            bool(_HANGUL.search(core)),
            heard(core),
            sounds(tuple(words)),
            _merged(self.trades),
            frozenset(self.places),
            frozenset(part for part in self.parts if part),
            frozenset(self.numbers),
        )


def _merged(trades: list[frozenset[str]]) -> tuple[frozenset[str], ...]:
    """Two English words for one Korean one (Heat Treatment, Heavy Industries) count once."""
    merged: list[frozenset[str]] = []
    for trade in trades:
        if merged and merged[-1] & trade:
            merged[-1] &= trade
        else:
            merged.append(trade)
    return tuple(merged)


def _read(text: str) -> _Parts:
    found = _Parts()
    words = list(_words(text))
    for at, word in enumerate(words):
        following = words[at + 1] if at + 1 < len(words) else ""
        if word.isdecimal():
            if word.strip("0"):
                found.numbers.append(int(word[:9]))
        elif word in _BEFORE_NUMBERS and following.isdecimal():
            continue
        elif _HANGUL.match(word):
            _sort_korean(word.removesuffix("제") if following.isdecimal() else word, found)
        elif not (at and word in _ORDINALS and words[at - 1].isdecimal()):
            _sort_latin(word, found, first=not (found.core or found.trades))
    return found


def _words(text: str) -> Iterator[str]:
    """Words; a run of single letters is one word."""
    text = _DOTTED.sub(lambda match: re.sub(r"[./]", "", match[0]) + " ", text)
    text = _LONE_AND.sub("&", text.replace("'", "").replace("’", ""))
    run: list[str] = []
    for word in _TOKEN.findall(text):
        goes_on = len(word) == 1 and word.isalpha()
        if run and not (goes_on and bool(_HANGUL.match(word)) == bool(_HANGUL.match(run[0]))):
            yield "".join(run)
            run = []
        if goes_on:
            run.append(word)
        else:
            yield word
    if run:
        yield "".join(run)


def _sort_latin(word: str, found: _Parts, *, first: bool) -> None:
    if word in _ROMAN or (word == "i" and found.parts):
        found.numbers.append(_ROMAN.get(word, 1))
    elif word in LATIN_FORMS:
        found.forms.append(word)
    elif (part := part_of(word)) is not None:
        found.parts.append(part)
    elif place := place_of(word):
        found.places.append(place)
    elif trade := trade_of(word, first=first):
        found.trades.append(trade)
    elif "&" in word and len(word) > _INITIALS:
        for piece in word.split("&"):
            _sort_latin(piece, found, first=first)
    else:
        core, trade = divided(word)
        found.core.append(core)
        found.trades.extend((trade,) if trade else ())


def _sort_korean(word: str, found: _Parts) -> None:
    core, trades, places, parts = taken_apart(word)
    found.trades.extend(MEANINGS[trade] for trade in trades)
    found.places.extend(places)
    found.parts.extend(parts)
    if core:
        found.core.append(core)


class Read(NamedTuple):
    """A firm with its name read, ready to be compared many times."""

    firm: Named
    key: str
    letters: str
    readings: Readings


def read(firm: Named) -> Read:
    """The firm and what its name says."""
    key = name_key(firm.name)
    return Read(firm, key, heard(key), readings(firm.name))
