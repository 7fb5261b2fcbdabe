"""One word of a firm's name: a trade, a place, a part of a firm, or what is distinctive. Pure.

The words are data: supplychain.names_ko.
"""

import re
from collections.abc import Container
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from supplychain.names_ko import ENGLISH, MEANINGS, PARTS, PLACES, REGION_OF, TRADES
from supplychain.romanised import heard, loan_sound, romanised, sound, spoken

_SHORT = 4  # letters, up to which a word may be initials that are spoken one by one
_INITIALS = 2  # letters, up to which it surely is
_SYLLABLE = re.compile("(?:[^aeiouy&]|[cst]h|ng)?[aeiouy]+(?:[^aeiouy&]|ng|ck)?")
_LONG = 5  # letters, from which a slip in a trade is seen through
_LONGEST = max(map(len, TRADES))
_REMEMBERED = 1 << 16  # words

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


def part_of(word: str) -> str | None:
    """The part of a firm that a Latin word names; "" is its head office. ltdunit has one, too."""
    glued = next((form for form in _GLUED if word.startswith(form)), "")
    return _PARTS.get(word, _PARTS.get(word.removeprefix(glued)) if glued else None)


def place_of(word: str) -> str | None:
    """The place that a Latin word names, in English or as it sounds."""
    return PLACES.get(word) or _PLACE_SOUNDS.get(sound(word))


def trade_of(word: str, *, first: bool) -> frozenset[str] | None:
    """The trade that a Latin word names, in English, Korean, or with a slip.

    A name's first word is no Korean trade, whatever it sounds like: Kumho is not 고무, rubber.
    """
    korean = None if first else _TRADE_SOUNDS.get(sound(word))
    return _TRADES.get(word) or korean or _misspelt(word)


@lru_cache(_REMEMBERED)
def _misspelt(word: str) -> frozenset[str] | None:
    """A long English trade with one letter wrong, missing, too many or moved."""
    if len(word) <= _LONG:
        return None
    near = process.extractOne(word, _LONG_TRADES, scorer=OSA.distance, score_cutoff=1)
    return _TRADES[near[0]] if near else None


@lru_cache(_REMEMBERED)
def divided(word: str) -> tuple[str, frozenset[str] | None]:
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


@lru_cache(_REMEMBERED)
def taken_apart(word: str) -> tuple[str, list[str], list[str], list[str]]:
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


def sounds(words: tuple[str, ...]) -> tuple[str, ...]:
    """How the distinctive word may sound: as read, as initials, as a foreign word in Hangul."""
    whole = "".join(words)
    ways = (sound(whole), sound("".join(map(_letters_aloud, words))), loan_sound(whole))
    return tuple(dict.fromkeys(way for way in ways if way)) or (romanised(whole),)


@lru_cache(_REMEMBERED)
def _letters_aloud(word: str) -> str:
    """A word that nobody can speak in one go is spoken letter by letter."""
    if len(word) > _SHORT or not word.isascii():
        return word
    speakable = len(word) > _INITIALS and _SYLLABLE.fullmatch(word)
    return word if speakable else spoken(word)
