"""What two firms have in common and what sets them apart, as a few named values. Pure.

Each value is between 0 and 1, and 0 where it says nothing, so that what was not
told speaks neither for nor against. Every value has words for the page beside it.
"""

import re
import unicodedata
from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from supplychain.names import Read, Reading, Readings
from supplychain.names_ko import REGION_OF, VAGUE
from supplychain.taxonomy import REGIONS, Words

FEATURES: dict[str, Words] = {
    "number_same": Words("사업자등록번호가 같습니다", "Same registration number"),
    "number_differs": Words("사업자등록번호가 다릅니다", "Different registration numbers"),
    "key_same": Words("이름이 글자까지 같습니다", "The same name but for the legal form"),
    "whole": Words("이름 전체가 비슷합니다", "The whole names are alike"),
    "agreed": Words("이름의 부분들이 들어맞습니다", "The parts of the names agree"),
    "core_differs": Words("상호의 고유한 말이 다릅니다", "The distinctive words differ"),
    "long_same": Words("긴 상호가 거의 같습니다", "A long distinctive word, nearly the same"),
    "sound_same": Words("한글·로마자 소리가 비슷합니다", "Hangul and Latin sound alike"),
    "trade_differs": Words("업종을 나타내는 말이 다릅니다", "The names tell different trades"),
    "trade_more": Words("한쪽 이름에만 업종 말이 더 있습니다", "One name tells a further trade"),
    "plant_same": Words("이름에 든 번호가 같습니다", "The names have the same number"),
    "plant_differs": Words("이름에 든 번호가 다릅니다", "The names have different numbers"),
    "plant_more": Words("한쪽 이름에만 공장·지점이 있습니다", "Only one name tells a plant"),
    "place_differs": Words("이름에 든 지명이 다릅니다", "The names tell different places"),
    "place_more": Words("한쪽 이름에만 지명이 있습니다", "Only one name tells a place"),
    "abroad_more": Words("한쪽 이름에만 외국 지명이 있습니다", "Only one tells a place abroad"),
    "country_differs": Words("나라가 다릅니다", "Different countries"),
    "region_same": Words("지역이 같습니다", "Same region"),
    "region_differs": Words("지역이 다릅니다", "Different regions"),
    "address_same": Words("주소가 비슷합니다", "The addresses are alike"),
    "address_differs": Words("주소가 다릅니다", "The addresses differ"),
    "house_differs": Words("주소에 든 번호가 다릅니다", "The numbers in the addresses differ"),
    "phone_same": Words("전화번호가 같습니다", "Same telephone number"),
    "phone_differs": Words("전화번호가 다릅니다", "Different telephone numbers"),
    "sector_same": Words("산업분류가 같습니다", "Same industry code"),
    "sector_differs": Words("산업분류가 다릅니다", "Different industry codes"),
    "process_same": Words("공정이 같습니다", "Same process"),
    "process_differs": Words("공정이 다릅니다", "Different processes"),
}  # fmt: skip


def side(feature: str) -> int:
    """Whether a feature can only speak for (1) or only against (-1).

    >>> side("agreed"), side("trade_more")
    (1, -1)
    """
    return -1 if feature.endswith(("_differs", "_more")) else 1


_NEARLY = 0.8  # likeness of two long words that may be one with a slip
_LONG = 8  # letters of sound, from which a slip matters less
_UNLIKE = 0.6  # likeness that any two names may have by chance
_ALIKE = 0.7  # likeness of addresses from which they may be one
_NOT_DIGITS = re.compile(r"\D")
_DIGITS = re.compile(r"\d+")


def compared(a: Read, b: Read) -> dict[str, float]:
    """Every feature that says something; the same whichever firm comes first."""
    values = _names(a, b)
    values.update(_told(a, b))
    return {feature: value for feature, value in values.items() if value}


def _names(a: Read, b: Read) -> dict[str, float]:
    if a.key == b.key:  # whatever the spaces within
        return {"key_same": 1.0, "agreed": 1.0, "whole": 1.0}
    where = (a.firm.region, b.firm.region)
    ways = [_readings(one, other, where) for one, other in _ways(a.readings, b.readings)]
    best = max(ways, key=_closeness) if len(ways) > 1 else ways[0]
    best["whole"] = max(0.0, (fuzz.ratio(a.letters, b.letters) / 100 - _UNLIKE) / (1 - _UNLIKE))
    return best


def _ways(a: Readings, b: Readings) -> list[tuple[Reading, Reading]]:
    """As they stand, both without brackets, or what one has within them with the other."""
    ways = [(a.whole, b.whole)]
    if a.outside or b.outside:
        ways.append((a.outside or a.whole, b.outside or b.whole))
    if a.inside:
        ways.append((a.inside, b.outside or b.whole))
    if b.inside:
        ways.append((a.outside or a.whole, b.inside))
    return ways


def _closeness(values: dict[str, float]) -> float:
    """Which of several ways to read two names fits best."""
    against = ("trade_differs", "place_differs", "plant_differs", "trade_more", "place_more")
    return values["agreed"] - 5 * values["core_differs"] - sum(values[each] for each in against)


def _readings(a: Reading, b: Reading, where: tuple[str, str]) -> dict[str, float]:
    crossed = a.hangul != b.hangul
    sound = max(OSA.normalized_similarity(x, y) for x in a.sounds for y in b.sounds)
    core = sound if crossed else _letters(a, b)
    if not (a.core and b.core):  # nothing is told that could be the same
        core = 0.0
    shared, more = _trades(a, b)
    differs = not shared and bool(a.trades) and bool(b.trades)
    values = {
        "agreed": 0.0,
        "core_differs": 1 - core,
        "long_same": float(
            _NEARLY <= core < 1 and min(len(a.sounds[0]), len(b.sounds[0])) >= _LONG
        ),
        "sound_same": max(0.0, 2 * core - 1) if crossed else 0.0,
        "trade_differs": float(differs),
        "trade_more": 0.0 if differs else more,
        "plant_differs": float(bool(a.numbers and b.numbers) and a.numbers != b.numbers),
        "plant_same": float(bool(a.numbers) and a.numbers == b.numbers),
        "plant_more": float(bool(a.numbers) != bool(b.numbers) or a.parts != b.parts),
    }
    values.update(_places(a, b, where))
    if core == 1 and not any(values[each] for each in _CLASHES):
        values["sound_same"] = 0.0  # it says the same
        more = values["trade_more"] + values["plant_more"] + values["place_more"] / 2
        values["agreed"] = max(0.0, 1 - more)
    return values


def _letters(a: Reading, b: Reading) -> float:
    """Likeness of two distinctive words in one script, letter by letter; Hangul as it is heard.

    A name that writes its initials out (에이치엘만도, HL만도) is the one that does not.
    """
    likeness = float(OSA.normalized_similarity(a.heard, b.heard))
    if likeness == 1 or (a.core.isascii() and b.core.isascii()):
        return likeness
    aloud = set(a.sounds[1:]) & set(b.sounds) or set(a.sounds) & set(b.sounds[1:])
    return 1.0 if aloud else likeness


def _places(a: Reading, b: Reading, where: tuple[str, str]) -> dict[str, float]:
    """A place in one name may be where the other firm is told to be, or where it is not."""
    differ = more = abroad = False
    if a.places and b.places:
        differ = not a.places & b.places
    for places, region in ((a.places - b.places, where[1]), (b.places - a.places, where[0])):
        for code in (REGION_OF.get(place, "") for place in places):
            if not code:
                more = True
            elif not code.startswith("KR"):
                abroad = True
            elif code not in ("KR", region):
                differ |= region in REGIONS
                more |= region not in REGIONS
    return dict(
        zip(_PLACED, map(float, (differ, more and not differ, abroad and not differ)), strict=True)
    )


_CLASHES = ("trade_differs", "plant_differs", "place_differs", "abroad_more")
_PLACED = ("place_differs", "place_more", "abroad_more")


def _trades(a: Reading, b: Reading) -> tuple[int, float]:
    """How many trades meet; how much stands on one side alone: half each, a vague one less."""
    left = list(b.trades)
    alone: list[frozenset[str]] = []
    for trade in a.trades:
        met = next((at for at, other in enumerate(left) if trade & other), None)
        if met is None:
            alone.append(trade)
        else:
            del left[met]
    more = sum(0.2 if trade & VAGUE else 0.5 for trade in (*alone, *left))
    return len(a.trades) - len(alone), min(1.0, more)


def _told(a: Read, b: Read) -> dict[str, float]:
    """What is told besides the name, where both tell it."""
    one, other = a.firm, b.firm
    values: dict[str, float] = {}
    for feature, mine, yours in (
        ("number", one.brn, other.brn),
        ("country", one.country, other.country),
        ("region", one.region, other.region),
        ("sector", one.sector[:3], other.sector[:3]),
        ("process", one.process, other.process),
        ("phone", one.phone and _digits(one.phone), other.phone and _digits(other.phone)),
    ):
        if mine and yours:
            values[f"{feature}_same" if mine == yours else f"{feature}_differs"] = 1.0
    values.pop("country_same", None)  # nearly all are: it tells nothing
    if one.address and other.address:
        values.update(_addresses(one.address, other.address))
    return values


def _addresses(a: str, b: str) -> dict[str, float]:
    (words, letters, houses), (other_words, other_letters, other_houses) = _address(a), _address(b)
    alike = max(fuzz.token_sort_ratio(words, other_words), fuzz.ratio(letters, other_letters)) / 100
    clash = bool(houses and other_houses and not houses & other_houses)
    return {
        "address_same": max(0.0, (alike - _ALIKE) / (1 - _ALIKE)),
        "address_differs": max(0.0, (_ALIKE - alike) / _ALIKE),
        "house_differs": float(clash),
    }


@lru_cache(4096)
def _address(text: str) -> tuple[str, str, frozenset[str]]:
    plain = unicodedata.normalize("NFKC", text).casefold()
    words = re.findall(r"\w+", plain)
    return " ".join(words), "".join(words), frozenset(_DIGITS.findall(plain))


@lru_cache(4096)
def _digits(phone: str) -> str:
    """The last eight digits: country and trunk codes come and go."""
    return _NOT_DIGITS.sub("", phone)[-8:]
