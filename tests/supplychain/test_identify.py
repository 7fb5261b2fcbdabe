"""Registration numbers: the golden cases, and every single slip of one digit."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    SupplyChainError,
)
from supplychain.identify import (
    check_digit,
    corporate_number,
    dashed,
    duns,
    industry_code,
    lei,
    lei_check,
    registration_number,
)


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


@pytest.mark.parametrize("code", ["5493001KJTIIGC8Y1R12", "5493 001k jtii gc8y 1r12"])
def test_an_lei(code: str) -> None:
    assert lei(code) == "5493001KJTIIGC8Y1R12"


def test_every_slip_of_one_sign_in_an_lei_is_found() -> None:
    """MOD 97-10 finds every wrong digit for a digit and every wrong letter for a letter."""
    right = "5493001KJTIIGC8Y1R12"
    for place, sign in enumerate(right):
        for other in "0123456789" if sign.isdecimal() else "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
            if other != sign:
                with pytest.raises(LeiCheckWrong):
                    lei(right[:place] + other + right[place + 1 :])
    with pytest.raises(LeiCheckWrong) as caught:
        lei("5493001KJTIIGC8Y1R21")
    assert caught.value.facts == {"expected": "12"}


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=18, max_size=18))
def test_check_digits_of_an_lei_are_right_for_any_start(first: str) -> None:
    assert lei(first + lei_check(first)) == first + lei_check(first)


@pytest.mark.parametrize("text", ["", "5493001KJTIIGC8Y1R1", "5493001KJTIIGC8Y1RAB", "가" * 20])
def test_what_is_no_lei(text: str) -> None:
    with pytest.raises(LeiForm):
        lei(text)


def test_duns_and_register_numbers() -> None:
    assert duns("15-048-3782") == "150483782"
    assert corporate_number("110111-0062432") == "1101110062432"
    for text in ("12345678", "1234567890", "000000000", "12345678a"):
        with pytest.raises(DunsForm):
            duns(text)
    with pytest.raises(CorporateForm):
        corporate_number("110111-006243")
    with pytest.raises(CorporateCheckWrong) as caught:
        corporate_number("110111-0062433")
    assert caught.value.facts == {"expected": 2}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("C29271", ("C29271", None)),
        ("29271", ("C29271", None)),
        ("제11차 C2927", ("C2927", 11)),
        ("C 29271 (10차 개정)", ("C29271", 10)),
        ("KSIC-11 26", ("C26", 11)),
        ("ｃ２９", ("C29", None)),
        ("", ("", None)),
    ],
)
def test_industry_codes(text: str, code: tuple[str, int | None]) -> None:
    assert industry_code(text) == code


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("C", IndustryForm),
        ("자동차 부품", IndustryForm),
        ("C292711", IndustryForm),
        ("C04", DivisionUnknown),
        ("A29271", DivisionUnknown),
        ("C29271 9차", RevisionUnknown),
    ],
)
def test_what_is_no_industry_code(text: str, fault: type[Exception]) -> None:
    with pytest.raises(fault):
        industry_code(text)


def test_every_code_of_the_classification_is_taken(shared) -> None:
    with (shared / "data" / "ksic" / "ksicDB.csv").open(encoding="utf-8-sig") as file:
        codes = {row["cd"] for row in csv.DictReader(file) if row["ksic_C"] == "C10"}
    numbered = {code for code in codes if code.isdecimal() and len(code) > 1}
    assert len(numbered) > 1700
    assert {industry_code(code)[0][1:] for code in numbered} == numbered
