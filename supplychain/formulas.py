"""Text that a spreadsheet program would take for a formula: made harmless, and put right. Pure.

A cell that begins with = + - @, a tab or a line end is a formula to a spreadsheet program, and
can send what stands beside it elsewhere (OWASP, "CSV Injection"). Such text gets an apostrophe
in front; numbers stay numbers. What reads sheets takes the apostrophe off again.
"""

import re

Cell = str | int | float | bool | None

_STARTS = "=+-@＝＋－＠\t\r\n"  # the full-width ones work, too
_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{1,15})?%?")
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff￾￿]")
_LONGEST = 32_767  # what a cell of XLSX holds


def guarded(value: Cell) -> Cell:
    """A value that no spreadsheet program takes for a formula.

    >>> guarded("=HYPERLINK(1)"), guarded("＠SUM(A1)"), guarded(" -cmd"), guarded("-3.5")
    ("'=HYPERLINK(1)", "'＠SUM(A1)", "' -cmd", '-3.5')
    """
    if not isinstance(value, str):
        return value
    text = _ILLEGAL.sub("", value)[:_LONGEST]
    risky = text[:1] in _STARTS or text.lstrip()[:1] in _STARTS
    return f"'{text}" if text and risky and not _NUMBER.fullmatch(text) else text


def unguarded(text: str) -> str:
    """The text before it was guarded.

    >>> unguarded("'=1+1"), unguarded("'s-Hertogenbosch"), unguarded(" ")
    ('=1+1', "'s-Hertogenbosch", ' ')
    """
    bare = text[1:]
    return bare if text[:1] == "'" and bare.strip() and bare.lstrip()[0] in _STARTS else text
