"""Which spellings mean one firm. Pure. Exact keys only: likely pairs are for people to judge.

Two names with the same key are joined without asking, so the key drops only what never tells
two firms apart: legal forms at either end, punctuation, spaces, case, width.
"""

import re
import unicodedata

_LIMIT = 200  # what a column holds; some single letters unfold into many
_KOREAN = (
    "주식회사", "유한책임회사", "유한회사", "합자회사", "합명회사", "(주)", "(유)", "(합)", "(자)",
)  # fmt: skip
_LATIN = frozenset({
    "incorporated", "corporation", "company", "limited", "gmbh", "corp", "pty", "ltd", "llc", "plc",
    "inc", "co", "ag", "bv", "nv", "sa", "srl", "kk",
})  # fmt: skip
_DOTTED = re.compile(r"\b(?:[a-z][./]){1,3}(?:[a-z]\b)?")


def name_key(name: str) -> str:
    """What two spellings of one firm's name have in common.

    >>> {name_key(n) for n in ("㈜한빛정밀", "(주) 한빛정밀", "한빛정밀 주식회사")}
    {'한빛정밀'}
    >>> name_key("Hanbit Precision Co., Ltd.") == name_key("HANBIT PRECISION")
    True
    >>> name_key("주식회사"), name_key("Inc.")
    ('주식회사', 'inc')
    """
    text = unicodedata.normalize("NFKC", name).casefold().strip()
    text = _without_korean_form(text)
    text = _DOTTED.sub(lambda match: re.sub(r"[./]", "", match[0]) + " ", text)
    words = re.findall(r"\w+", text)
    while len(words) > 1 and words[-1] in _LATIN:
        words.pop()
    return ("".join(words) or text)[:_LIMIT]


def _without_korean_form(text: str) -> str:
    for form in _KOREAN:
        rest = text.removeprefix(form).removesuffix(form).strip()
        if rest and rest != text:
            return _without_korean_form(rest)
    return text
