"""Business registration numbers (사업자등록번호): form and check digit. Pure.

ABC-DE-FGHIJ: tax office, type of business, serial, check digit. Source: the weights that the
National Tax Service publishes; see `check_digit`.
"""

import re

from supplychain.errors import CheckDigitWrong, NumberNotIssued, NumberNotTenDigits

_WEIGHTS = (1, 3, 7, 1, 3, 7, 1, 3, 5)
_FIRST_OFFICE = 101
# What people type between the digits: spaces and every kind of dash.
_BETWEEN = re.compile(r"[\s\-‐‑‒–—−.]")


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
