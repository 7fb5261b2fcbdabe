"""Numbers by which a firm is known: form and check digits. Pure.

Business registration number (사업자등록번호) ABC-DE-FGHIJ: tax office, type of business, serial,
check digit; the weights are those that the National Tax Service publishes, see `check_digit`.
Further ones: LEI (ISO 17442), DUNS, 법인등록번호; and the industry code (KSIC) with its revision.
"""

import re
import unicodedata

from supplychain.errors import (
    CheckDigitWrong,
    CorporateCheckWrong,
    CorporateForm,
    DivisionUnknown,
    DunsForm,
    IndustryForm,
    LeiCheckWrong,
    LeiForm,
    NumberNotIssued,
    NumberNotTenDigits,
    RevisionUnknown,
)

_WEIGHTS = (1, 3, 7, 1, 3, 7, 1, 3, 5)
_FIRST_OFFICE = 101
# What people type between the digits: spaces and every kind of dash.
_BETWEEN = re.compile(r"[\s\-‐‑‒–—−.]")
# KSIC: the letter of each section and its divisions; the same in revisions 10 and 11.
_SECTIONS = {
    "A": (1, 3), "B": (5, 8), "C": (10, 34), "D": (35, 35), "E": (36, 39), "F": (41, 42),
    "G": (45, 47), "H": (49, 52), "I": (55, 56), "J": (58, 63), "K": (64, 66), "L": (68, 68),
    "M": (70, 73), "N": (74, 76), "O": (84, 84), "P": (85, 85), "Q": (86, 87), "R": (90, 91),
    "S": (94, 96), "T": (97, 98), "U": (99, 99),
}  # fmt: skip
REVISIONS = (10, 11)  # 11 since 1 July 2024


def check_digit(first_nine: str) -> int:
    """The tenth digit that nine digits ask for.

    (10 − (Σ dᵢwᵢ + ⌊5·d₉ / 10⌋) mod 10) mod 10 with weights 1 3 7 1 3 7 1 3 5.

    >>> check_digit("124810099")
    8
    """
    digits = [int(digit) for digit in first_nine]
    total = sum(d * w for d, w in zip(digits, _WEIGHTS, strict=True)) + 5 * digits[8] // 10
    return -total % 10


def registration_number(text: str) -> str:
    """Ten digits without dashes.

    Raises NumberNotTenDigits, NumberNotIssued or CheckDigitWrong.

    >>> registration_number(" 124-81-00998 ")
    '1248100998'
    """
    digits = _BETWEEN.sub("", text)
    if not re.fullmatch(r"[0-9]{10}", digits):
        raise NumberNotTenDigits
    if int(digits[:3]) < _FIRST_OFFICE or digits[3:5] == "00" or digits[5:9] == "0000":
        raise NumberNotIssued
    expected = check_digit(digits[:9])
    if int(digits[9]) != expected:
        raise CheckDigitWrong(expected=expected)
    return digits


def dashed(number: str | None) -> str:
    """As people write it; nothing for a firm without a number.

    >>> dashed("1248100998"), dashed(None)
    ('124-81-00998', '')
    """
    return f"{number[:3]}-{number[3:5]}-{number[5:]}" if number else ""


def lei(text: str) -> str:
    """A Legal Entity Identifier: 18 letters or digits and two check digits.

    ISO 17442 has them from ISO/IEC 7064, MOD 97-10: with letters as 10…35, the whole number leaves
    1 when divided by 97. Raises LeiForm or LeiCheckWrong.

    >>> lei("5493 001kjtiigc8y1r12")
    '5493001KJTIIGC8Y1R12'
    """
    code = _BETWEEN.sub("", unicodedata.normalize("NFKC", text)).upper()
    if not re.fullmatch(r"[0-9A-Z]{18}[0-9]{2}", code):
        raise LeiForm
    if _as_number(code) % 97 != 1:
        raise LeiCheckWrong(expected=lei_check(code[:18]))
    return code


def lei_check(first: str) -> str:
    """The two check digits that 18 letters or digits ask for.

    >>> lei_check("5493001KJTIIGC8Y1R")
    '12'
    """
    return f"{98 - _as_number(first + '00') % 97:02d}"


def _as_number(code: str) -> int:
    return int("".join(str(int(sign, 36)) for sign in code))


def duns(text: str) -> str:
    """A D-U-N-S number: nine digits; it has no check digit any more. Raises DunsForm.

    >>> duns("15-048-3782")
    '150483782'
    """
    digits = _BETWEEN.sub("", unicodedata.normalize("NFKC", text))
    if not re.fullmatch(r"[0-9]{9}", digits) or digits == "0" * 9:
        raise DunsForm
    return digits


def corporate_check_digit(first_twelve: str) -> int:
    """The thirteenth digit of a 법인등록번호: weights 1, 2, 1, 2 …, up to the next ten.

    >>> corporate_check_digit("110111006243")
    2
    """
    total = sum(int(digit) * (1 + place % 2) for place, digit in enumerate(first_twelve))
    return -total % 10


def corporate_number(text: str) -> str:
    """A corporation's register number (법인등록번호): thirteen digits without a dash.

    Raises CorporateForm or CorporateCheckWrong.

    >>> corporate_number("110111-0062432")
    '1101110062432'
    """
    digits = _BETWEEN.sub("", unicodedata.normalize("NFKC", text))
    if not re.fullmatch(r"[0-9]{13}", digits):
        raise CorporateForm
    expected = corporate_check_digit(digits[:12])
    if int(digits[12]) != expected:
        raise CorporateCheckWrong(expected=expected)
    return digits


def industry_code(text: str) -> tuple[str, int | None]:
    """A KSIC code with its letter, and its revision where the text tells it; nothing for nothing.

    Raises IndustryForm, DivisionUnknown or RevisionUnknown.

    >>> industry_code("29271"), industry_code("C29271 (11차)"), industry_code("KSIC10: c2927")
    (('C29271', None), ('C29271', 11), ('C2927', 10))
    """
    plain = unicodedata.normalize("NFKC", text).upper().strip()
    if not plain:
        return "", None
    told = re.search(
        r"(?:제\s*)?(\d{1,2})\s*차(?:\s*개정)?|KSIC\s*-?(\d{1,2})\b|REV\.?\s*(\d{1,2})\b", plain
    )
    revision = int(next(group for group in told.groups() if group)) if told else None
    rest = plain.replace(told[0], " ") if told else plain
    rest = re.sub(r"KSIC|[\s():.\-]", "", rest)
    found = re.fullmatch(r"([A-U]?)([0-9]{2,5})", rest)
    if found is None:
        raise IndustryForm
    division = int(found[2][:2])
    letter = next((key for key, (a, b) in _SECTIONS.items() if a <= division <= b), "")
    if not letter or found[1] not in ("", letter):
        raise DivisionUnknown(code=rest)
    if revision not in (None, *REVISIONS):
        raise RevisionUnknown(revision=revision)
    return letter + found[2], revision


def spaced(scheme: str, value: str) -> str:
    """A further number as people write it.

    >>> spaced("corporate", "1101110062432"), spaced("duns", "150483782")
    ('110111-0062432', '15-048-3782')
    """
    if scheme == "corporate":
        return f"{value[:6]}-{value[6:]}"
    return f"{value[:2]}-{value[2:5]}-{value[5:]}" if scheme == "duns" else value
