"""Text of a cell → a value, or a fault that says what is wrong with it. Pure."""

import re
import unicodedata
from functools import cache

from babel import Locale

from supplychain.errors import (
    CountNegative,
    NameMissing,
    NameTooLong,
    NotANumber,
    ShareOutOfRange,
    WordUnknown,
)
from supplychain.taxonomy import LEVELS, PROCESSES, REGIONS

NAME_LIMIT = 200

# Spellings beside the codes and words of supplychain.taxonomy.
_PROCESS_WORDS = {
    "사출성형": "injection", "플라스틱사출": "injection", "injection": "injection",
    "스탬핑": "press", "판금": "press", "프레스성형": "press", "stamping": "press",
    "기계가공": "machining", "절삭": "machining", "절삭가공": "machining", "cnc": "machining",
    "cnc가공": "machining", "선삭": "machining",
    "다이캐스팅": "casting", "주물": "casting", "diecasting": "casting",
    "냉간단조": "forging", "열간단조": "forging", "표면처리": "plating", "아연도금": "plating",
    "고무성형": "rubber", "가류": "rubber", "전자": "electronics", "전장부품": "electronics",
    "smt": "electronics", "금형제작": "mould-making", "조립가공": "assembly", "원소재": "materials",
    "소재가공": "materials", "moulding": "injection",
}  # fmt: skip
# The long names of provinces that are not just the short one with an ending.
_REGION_WORDS = {
    "충청북": "KR-43", "충청남": "KR-44", "전라북": "KR-45", "전라남": "KR-46",
    "경상북": "KR-47", "경상남": "KR-48",
}  # fmt: skip
# Countries as people write them, beside the names and codes that Unicode's own list has.
_COUNTRY_WORDS = {
    "한국": "KR", "남한": "KR", "korea": "KR", "republicofkorea": "KR", "southkorea": "KR",
    "rok": "KR", "kor": "KR", "usa": "US", "unitedstatesofamerica": "US", "america": "US",
    "uk": "GB", "greatbritain": "GB", "england": "GB", "vietnam": "VN", "vietnamsrv": "VN",
    "prc": "CN", "chinapr": "CN", "mainlandchina": "CN", "taiwanroc": "TW", "turkey": "TR",
    "burma": "MM", "myanmar": "MM", "ivorycoast": "CI", "cotedivoire": "CI", "holland": "NL",
    "uae": "AE", "czechrepublic": "CZ", "russia": "RU", "russianfederation": "RU",
    "macedonia": "MK", "macau": "MO", "hongkong": "HK", "swaziland": "SZ", "congodrc": "CD",
    "srilanka": "LK", "laos": "LA", "syria": "SY", "iran": "IR",
}  # fmt: skip
_NO_COUNTRIES = {"EU", "EZ", "UN", "ZZ", "XA", "XB", "QO"}


def plain(text: str) -> str:
    """Letters and digits only, in one width and case.

    >>> plain(" CNC 가공 (외주)"), plain("Co₂")
    ('cnc가공외주', 'co2')
    """
    return "".join(re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).casefold()))


_PROCESS = {
    plain(word): code for code, words in PROCESSES.items() for word in (code, words.ko, words.en)
} | _PROCESS_WORDS
_REGION = {
    plain(word): code for code, words in REGIONS.items() for word in (code, words.ko, words.en)
} | _REGION_WORDS
_LEVEL = {
    plain(word): level
    for level, words in LEVELS.items()
    for word in (str(level), words.ko, words.en)
} | {"기초": 1, "미도입": 0, "고도화": 5, "중간": 3}


def name(text: str) -> str:
    """A firm's name with its spaces put right; raises NameMissing or NameTooLong."""
    tidy = " ".join(text.split())
    if not plain(tidy):
        raise NameMissing
    if len(tidy) > NAME_LIMIT:
        raise NameTooLong(limit=NAME_LIMIT)
    return tidy


def process(text: str) -> str:
    """A code of PROCESSES, or nothing for nothing; raises WordUnknown.

    >>> process("사출 성형"), process("")
    ('injection', '')
    """
    return _looked_up(_PROCESS, text)


def region(text: str) -> str:
    """A code of REGIONS for its name, or for an address that begins with it; raises WordUnknown.

    >>> region("경상남도 창원시 성산구"), region("Gyeonggi"), region("서울특별시")
    ('KR-48', 'KR-41', 'KR-11')
    """
    word = plain(text)
    begins = (code for start, code in _REGION.items() if len(start) > 1 and word.startswith(start))
    found = "" if not word else next(begins, None)
    if found is None:
        raise WordUnknown
    return found


def country(text: str) -> str:
    """A code of ISO 3166 for a country's name or code, or nothing for nothing; raises WordUnknown.

    >>> country("대한민국"), country("BANGLADESH"), country("Côte d'Ivoire"), country("vn")
    ('KR', 'BD', 'CI', 'VN')
    """
    return _looked_up(_countries(), text)


@cache
def _countries() -> dict[str, str]:
    """Made when it is first needed: Babel reads its files."""
    found: dict[str, str] = {}
    for language in ("en", "ko"):
        for code, words in Locale(language).territories.items():
            if (
                len(code) == 2
                and code.isalpha()
                and code not in {"EU", "EZ", "UN", "ZZ", "XA", "XB"}
            ):
                found.setdefault(plain(words), code)
                found.setdefault(_unmarked(plain(words)), code)
                found[code.casefold()] = code
    return found | _COUNTRY_WORDS


def _unmarked(word: str) -> str:
    """Without the marks on its letters: cote for côte."""
    parts = unicodedata.normalize("NFD", word)
    bare = "".join(each for each in parts if not unicodedata.combining(each))
    return unicodedata.normalize("NFC", bare)


def level(text: str) -> int | None:
    """A smart-factory level 0-5; raises WordUnknown.

    >>> level("기초 1"), level("Level 4"), level("5"), level("")
    (1, 4, 5, None)
    """
    word = plain(text).removeprefix("level").removeprefix("레벨").removesuffix("단계")
    if not word:
        return None
    if word not in _LEVEL:
        raise WordUnknown
    return _LEVEL[word]


def share(text: str) -> float | None:
    """Per cent, 0-100; raises NotANumber or ShareOutOfRange.

    >>> share("32.5 %"), share("")
    (32.5, None)
    """
    return _per_cent(_number(text, "%％"))


def fraction(text: str) -> float | None:
    """The same where a bare number is a fraction; raises NotANumber or ShareOutOfRange.

    >>> fraction("0.3"), fraction("30 %"), fraction("")
    (30.0, 30.0, None)
    """
    number = _number(text, "%％")
    if number is not None and text.strip()[-1] not in "%％":
        number = round(number * 100, 8)
    return _per_cent(number)


def bare_fraction(text: str) -> bool | None:
    """Whether a number without a sign may be a fraction of one: 0 to 1; None for other cells.

    >>> bare_fraction("0.3"), bare_fraction("30"), bare_fraction("30 %"), bare_fraction("")
    (True, False, None, None)
    """
    try:
        number = _number(text, "")
    except NotANumber:
        return None
    return None if number is None else 0 <= number <= 1


def _per_cent(number: float | None) -> float | None:
    if number is not None and not 0 <= number <= 100:
        raise ShareOutOfRange
    return number


def count(text: str) -> int | None:
    """A whole number of people; raises NotANumber or CountNegative.

    >>> count("1,250명"), count("12 people")
    (1250, 12)
    """
    number = _number(text, "명인people")
    if number is None:
        return None
    if number < 0 or not number.is_integer() or number > 10_000_000:
        raise CountNegative
    return int(number)


def _looked_up(words: dict[str, str], text: str) -> str:
    word = plain(text)
    if not word:
        return ""
    if word not in words:
        raise WordUnknown
    return words[word]


def _number(text: str, units: str) -> float | None:
    bare = unicodedata.normalize("NFKC", text).strip().rstrip(units).replace(",", "").strip()
    if not bare:
        return None
    if not re.fullmatch(r"[+-]?\d{1,12}(\.\d{1,20})?", bare):
        raise NotANumber
    return float(bare)
