"""What a licence's name says: whether it is one of SPDX, and whether it forbids commercial use.

Pure. https://spdx.org/licenses/ and annex D of the SPDX specification (expressions); the list of
names is the one of `packaging`. Terms of a firm's own are written LicenseRef-….
"""

import re

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

# Names of SPDX that forbid commercial use without the letters NC in them, and model licences that
# do, under the names by which people write them.
_NON_COMMERCIAL = {"NCGL-UK-2.0", "ALADDIN"}
_SAYS_SO = re.compile(
    r"(^|[-.])(NC|NON-?COMMERCIAL|RESEARCH(-ONLY)?|ACADEMIC-ONLY|EXAONE)([-.\d]|$)", re.IGNORECASE
)
_WORD = re.compile(r"\(|\)|[^\s()]+")


def spdx(expression: str) -> str | None:
    """The expression as SPDX writes it; None where it is none.

    >>> spdx("apache-2.0"), spdx("mit or LicenseRef-Hanbit"), spdx("free for all")
    ('Apache-2.0', 'MIT OR LicenseRef-Hanbit', None)
    """
    try:
        return str(canonicalize_license_expression(expression))
    except (InvalidLicenseExpression, ValueError):
        return None


def forbids_business(expression: str) -> bool:
    """Whether no way through the expression allows commercial use.

    Of terms joined by OR the user chooses; of those joined by AND all hold.

    >>> [forbids_business(e) for e in ("CC-BY-NC-4.0", "CC-BY-NC-4.0 OR MIT", "NCSA")]
    [True, False, False]
    >>> forbids_business("MIT AND (PolyForm-Noncommercial-1.0.0 OR LicenseRef-EXAONE-1.2-NC)")
    True
    """
    words = _WORD.findall(expression)
    return bool(words) and not _allowed_by_any(words)


def _allowed_by_any(words: list[str]) -> bool:
    allowed = _allowed_by_all(words)
    while words and words[0].upper() == "OR":
        words.pop(0)
        allowed = _allowed_by_all(words) or allowed
    return allowed


def _allowed_by_all(words: list[str]) -> bool:
    allowed = _allows(words)
    while words and words[0].upper() == "AND":
        words.pop(0)
        allowed = _allows(words) and allowed
    return allowed


def _allows(words: list[str]) -> bool:
    if not words:
        return True
    word = words.pop(0)
    if word == "(":
        allowed = _allowed_by_any(words)
        if words and words[0] == ")":
            words.pop(0)
        return allowed
    if words and words[0].upper() == "WITH":  # an exception to a licence's terms
        del words[:2]
    return word.upper() not in _NON_COMMERCIAL and not _SAYS_SO.search(word)
