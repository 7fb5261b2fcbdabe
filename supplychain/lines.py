"""Lines of a table that tell of no supplier: totals, notes, and the header printed again. Pure."""

import re

from supplychain.headings import Heading, tidy

_TOTAL = re.compile(
    r"(?:소\s*계|합\s*계|총\s*계|누\s*계|중\s*계|총\s*합\s*계|중간\s*합계|전체\s*합계|계"
    r"|(?:sub|grand)?[\s-]*total|sum)\s*(?:[(:：\d].*)?",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[\s\d.,%+\-₩￦$~/()]*(?:개사|개|건|명|곳|원|사)?")
_NOTE = re.compile(r"[※*＊]|주\s*[):]|비고\s*[:：]|note\s*[:：]", re.IGNORECASE)
_BEGINS = frozenset("소합총누중전계stgSTG")  # with which a total can begin: most rows do not
_LOOKED = 4  # a total says so in one of its first filled cells


def left_out(values: list[str], heading: Heading) -> bool:
    """Whether a line is a total, a note below the table, or the header once more.

    >>> heading = Heading(0, 1, ["협력사명", "비중"], [["협력사명"], ["비중"]])
    >>> [left_out(row, heading) for row in (["소 계", "70"], ["합계 (12개사)", ""],
    ...     ["※ 2026년 기준", ""], ["협력사명", "비중"], ["합계정밀(주)", "3"])]
    [True, True, True, True, False]
    """
    filled = [value for value in values if value]
    if len(filled) == 1 and _NOTE.match(filled[0]):
        return True
    if any(value[0] in _BEGINS and _TOTAL.fullmatch(value) for value in filled[:_LOOKED]):
        return all(_TOTAL.fullmatch(value) or _NUMBER.fullmatch(value) for value in filled)
    if heading.lines and values[0] and heading.parts[0][-1:] == [tidy(values[0])]:
        above = [parts[-1] if parts else "" for parts in heading.parts]
        return len(filled) > 1 and [tidy(value) for value in values] == above[: len(values)]
    return False
