"""Text of a cell → a value, or a fault that says what is wrong with it. Pure."""

import re
import unicodedata

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
    number = _number(text, "%％")
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
    if not re.fullmatch(r"[+-]?\d{1,12}(\.\d{1,12})?", bare):
        raise NotANumber
    return float(bare)
