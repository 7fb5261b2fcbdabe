"""What a name says, part by part."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplychain.matching import name_key
from supplychain.names import Named, Reading, read, readings
from supplychain.names_ko import ENGLISH, MEANINGS, PLACES, REGION_OF, TRADES
from supplychain.taxonomy import REGIONS


def one(name: str) -> Reading:
    return readings(name).whole


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("㈜한빛정밀", "한빛"), ("주식회사 대성산업개발", "대성"),
        ("Hanbit Precision Co., Ltd.", "hanbit"),
        ("Hanvit Jungmil", "hanvit"), ("HanbitPrecision", "hanbit"), ("hanbitjungmil", "hanbit"),
        ("신 영 테 크", "신영"), ("S.J. Tech", "sj"), ("S J Tech", "sj"), ("J&K Precision", "j&k"),
        ("정밀한빛", "한빛"), ("안산 태광테크", "태광"), ("한빛정밀안산공장", "한빛"),
        ("Kumho Petrochemical", "kumho"), ("한국타이어앤테크놀로지", "한국"),
        ("서울반도체", "서울"),
        ("주식회사", ""), ("Inc.", "inc"), ("(주)", ""), ("", ""), ("(( )", ""),
    ],
)  # fmt: skip
def test_what_is_distinctive(name: str, core: str) -> None:
    assert one(name).core == core


@pytest.mark.parametrize(
    ("one_name", "other"),
    [
        ("한빛정밀", "Hanbit Precision"), ("한빛정공", "Hanbit Precision"),
        ("성일도금", "Sungil Plating"),
        ("제일열처리", "Jeil Heat Treatment"), ("현대중공업", "Hyundai Heavy Industries"),
        ("대성산업", "Daesung Sanup"), ("삼우이엔지", "Samwoo Engineering"),
        ("동아베어링", "동아배어링"),
        ("한빛정밀", "Hanbit Percision"),
    ],
)  # fmt: skip
def test_one_trade_in_two_languages(one_name: str, other: str) -> None:
    (trade,), (same,) = one(one_name).trades, one(other).trades
    assert trade & same


@pytest.mark.parametrize(
    "name", ["한빛정밀 제2공장", "Hanbit Plant II", "한빛 2공장", "Hanbit 2nd Plant"]
)
def test_plants_have_numbers(name: str) -> None:
    reading = one(name)
    assert (reading.numbers, reading.parts) == ({2}, {"공장"})


def test_head_offices_are_the_firm_itself() -> None:
    assert not one("제일정공 본사").parts
    assert not one("Jeil Precision Head Office").parts


def test_another_name_in_brackets_is_read_for_itself() -> None:
    told = readings("한빛정밀(Hanbit Precision)")
    assert (told.outside.core, told.inside.core) == ("한빛", "hanbit")
    assert readings("우진금속(구 우진주물)").inside.trades == one("우진주물").trades


@pytest.mark.parametrize(
    "name", ["한빛정밀(안산)", "한빛정밀(2공장)", "한빛정밀(주)", "Hanbit (Pvt.) Ltd"]
)
def test_a_place_a_plant_or_a_legal_form_in_brackets_is_no_name(name: str) -> None:
    assert readings(name) == (one(name), None, None)


@given(st.text(max_size=300))
def test_any_text_can_be_read(name: str) -> None:
    firm = read(Named(1, name))
    assert firm.key == name_key(name)
    assert all(each.sounds for each in firm.readings if each)


def test_the_tables_of_words_fit_together() -> None:
    assert all(word in TRADES for words in MEANINGS.values() for word in words)
    assert all(code == "KR" or code in REGIONS or len(code) == 2 for code in REGION_OF.values())
    assert set(PLACES.values()) == set(REGION_OF)
    assert not ENGLISH.keys() & PLACES.keys()
