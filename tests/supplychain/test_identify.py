"""Registration numbers: the golden cases, and every single slip of one digit."""

import csv

import pytest

from supplychain.errors import (
    CheckDigitWrong,
    NumberNotIssued,
    NumberNotTenDigits,
    SupplyChainError,
)
from supplychain.identify import check_digit, dashed, registration_number


def test_golden_cases(shared) -> None:
    path = shared / "data" / "golden" / "brn_cases.csv"
    with path.open(encoding="utf-8") as file:
        cases = list(csv.DictReader(file))
    assert cases
    for case in cases:
        digits = case["brn"].replace("-", "")
        assert check_digit(digits[:9]) == int(case["check_digit_expected"]), case
        assert _valid(case["brn"]) == (case["valid"] == "1"), case


def _valid(text: str) -> bool:
    try:
        registration_number(text)
    except SupplyChainError:
        return False
    return True


def test_a_wrong_check_digit_names_the_right_one() -> None:
    with pytest.raises(CheckDigitWrong) as caught:
        registration_number("123-45-67890")
    assert caught.value.facts == {"expected": 1}


@pytest.mark.parametrize("text", ["", "12345", "124-81-0099", "124-81-009988", "abc-de-fghij"])
def test_ten_digits(text: str) -> None:
    with pytest.raises(NumberNotTenDigits):
        registration_number(text)


@pytest.mark.parametrize("text", ["000-00-00000", "100-81-12340", "124-00-12341", "124-81-00000"])
def test_numbers_that_are_never_issued(text: str) -> None:
    with pytest.raises(NumberNotIssued):
        registration_number(text)


@pytest.mark.parametrize("text", ["124 81 00998", "124–81–00998", "124.81.00998", "1248100998"])
def test_what_people_type_between_digits(text: str) -> None:
    assert dashed(registration_number(text)) == "124-81-00998"
