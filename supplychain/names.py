"""What a firm's name says: the distinctive word, the trade, the place, the plant. Pure.

한빛정밀 제2공장 and "Hanvit Jungmil Plant 2" are read into the same parts, so that they can be
held against each other part by part. The words are data: supplychain.names_ko.
"""

import re
import unicodedata
from collections.abc import Container, Iterator
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from supplychain.matching import name_key
from supplychain.names_ko import (
    ENGLISH,
    KOREAN_FORMS,
    LATIN_FORMS,
    MEANINGS,
    PARTS,
    PLACES,
    REGION_OF,
    TRADES,
)
from supplychain.romanised import heard, loan_sound, romanised, sound, spoken


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
_LONGEST = max(map(len, TRADES))
_SHORT = 4  # letters, up to which a word may be initials that are spoken one by one
_INITIALS = 2  # letters, up to which it surely is
_SYLLABLE = re.compile("(?:[^aeiouy&]|[cst]h|ng)?[aeiouy]+(?:[^aeiouy&]|ng|ck)?")
_LONG = 5
_MOST_LETTERS = 200
_REMEMBERED = 1 << 16


_PARTS = {name: part for part, others in PARTS.items() for name in (part, *others.split()) if name}
_PLACE_SOUNDS = {sound(place): place for place in REGION_OF if len(sound(place)) > _SHORT}
_TRADES = {
    english: frozenset().union(*(MEANINGS.get(word, frozenset((word,))) for word in korean.split()))
    for english, korean in ENGLISH.items()
}
_TRADE_SOUNDS = {sound(word): MEANINGS[word] for word in TRADES if len(sound(word)) >= _SHORT}
_GLUED = ("ltd", "inc", "limited")
_LONG_TRADES = [word for word in ENGLISH if len(word) > _LONG]
_TRADE_HEARD = {heard(word): word for word in TRADES}


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
            _sounds(tuple(words)),
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
    elif word in _PARTS:
        found.parts.append(_PARTS[word])
    elif word in PLACES:
        found.places.append(PLACES[word])
    elif trade := _TRADES.get(word):
        found.trades.append(trade)
    elif "&" in word and len(word) > _SHORT:
        for piece in word.split("&"):
            _sort_latin(piece, found, first=first)
    else:
        _sort_by_sound(word, found, first=first)


def _sort_by_sound(word: str, found: _Parts, *, first: bool) -> None:
    """Korean words in Latin letters, alone or at a word's end.

    The first word is a name, whatever it sounds like: Kumho is not 고무, rubber.
    """
    as_heard = sound(word)
    if place := _PLACE_SOUNDS.get(as_heard):
        found.places.append(place)
    elif trade := (None if first else _TRADE_SOUNDS.get(as_heard)) or _misspelt(word):
        found.trades.append(trade)
    else:
        form = next((form for form in _GLUED if word.startswith(form)), "")
        if form and word.removeprefix(form) in _PARTS:  # ltdunit14
            found.parts.append(_PARTS[word.removeprefix(form)])
            return
        core, trade = _divided(word)
        found.core.append(core)
        found.trades.extend((trade,) if trade else ())


@lru_cache(_REMEMBERED)
def _misspelt(word: str) -> frozenset[str] | None:
    """A long English trade with one letter wrong, missing, too many or moved."""
    if len(word) <= _LONG:
        return None
    near = process.extractOne(word, _LONG_TRADES, scorer=OSA.distance, score_cutoff=1)
    return _TRADES[near[0]] if near else None


@lru_cache(_REMEMBERED)
def _divided(word: str) -> tuple[str, frozenset[str] | None]:
    """Two words written as one: hanbitprecision, hanbitjungmil."""
    for cut in range(3, len(word) - 2):
        end = word[cut:]
        if len(end) <= _SHORT:
            known = _TRADES.get(end) if cut > _SHORT else None
        else:
            known = _TRADES.get(end) or (
                _TRADE_SOUNDS.get(sound(end)) if len(end) > _LONG else None
            )
        if known:
            return word[:cut], known
    return word, None


def _sort_korean(word: str, found: _Parts) -> None:
    core, trades, places, parts = _taken_apart(word)
    found.trades.extend(MEANINGS[trade] for trade in trades)
    found.places.extend(places)
    found.parts.extend(parts)
    if core:
        found.core.append(core)


@lru_cache(_REMEMBERED)
def _taken_apart(word: str) -> tuple[str, list[str], list[str], list[str]]:
    """Core, trades, places and parts: what is known is taken off both ends, two syllables stay."""
    trades: list[str] = []
    places: list[str] = []
    parts: list[str] = []
    while word:
        if (end := _known_end(word, _PARTS)) and not trades:
            parts.append(_PARTS[end])
        elif end := _known_end(word, TRADES) or _heard_end(word):
            trades.append(_TRADE_HEARD[heard(end)])
        elif (end := _known_end(word, PLACES)) and len(word) > len(end):
            places.append(PLACES[end])
        else:
            break
        word = word[: -len(end)]
        if word.endswith("앤") and _known_end(word[:-1], TRADES):
            word = word[:-1]
    if start := _known_start(word, PLACES):
        places.append(PLACES[start])
    elif not trades and (start := _known_start(word, TRADES)):
        trades.append(start)
    word = word.removeprefix(start)
    if word in PLACES:
        places.append(PLACES[word])
        word = ""
    return word, trades[::-1], places, parts


def _known_end(word: str, known: Container[str]) -> str:
    """The longest known word at the end that leaves nothing, or two syllables to be a name."""
    for length in range(min(_LONGEST, len(word)), 0, -1):
        if length != len(word) - 1 and word[-length:] in known:
            return word[-length:]
    return ""


def _heard_end(word: str) -> str:
    """The same for a trade of three or more syllables that is only written as it is heard."""
    for length in range(min(_LONGEST, len(word) - 2), 2, -1):
        if heard(word[-length:]) in _TRADE_HEARD:
            return word[-length:]
    return ""


def _known_start(word: str, known: Container[str]) -> str:
    for length in range(min(_LONGEST, len(word) - 2), 1, -1):
        if word[:length] in known:
            return word[:length]
    return ""


@lru_cache(_REMEMBERED)
def _letters_aloud(word: str) -> str:
    """A word that nobody can speak in one go is spoken letter by letter."""
    if len(word) > _SHORT or not word.isascii():
        return word
    speakable = len(word) > _INITIALS and _SYLLABLE.fullmatch(word)
    return word if speakable else spoken(word)


def _sounds(words: tuple[str, ...]) -> tuple[str, ...]:
    """How the distinctive word may sound: as read, as initials, as a foreign word in Hangul."""
    whole = "".join(words)
    ways = (sound(whole), sound("".join(map(_letters_aloud, words))), loan_sound(whole))
    return tuple(dict.fromkeys(way for way in ways if way)) or (romanised(whole),)


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
