"""Hangul and Latin spellings of one sound."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplychain.romanised import heard, loan_sound, romanised, sound, spoken


@pytest.mark.parametrize(
    ("hangul", "latin"),
    [
        ("한빛", "hanbit"), ("정밀", "jeongmil"), ("대성", "daeseong"), ("왕십리", "wangsipri"),
        ("꽃", "kkot"), ("닭", "dak"), ("의정부", "uijeongbu"), ("쌍용", "ssangyong"),
    ],
)  # fmt: skip
def test_letter_by_letter_as_the_revised_romanization(hangul: str, latin: str) -> None:
    assert romanised(hangul) == latin


@pytest.mark.parametrize(
    ("hangul", "spellings"),
    [
        ("정밀", "Jungmil Jeongmil Chungmil"), ("산업", "Sanup Saneop Sanub"),
        ("공업", "Kongup Gongeop"), ("태광", "Taekwang Taegwang"), ("영신", "Youngshin Yeongsin"),
        ("현대", "Hyundai Hyeondae"), ("두산", "Doosan Dusan"), ("국민", "Kookmin Gungmin"),
        ("한라", "Halla Hanla"), ("백산", "Baeksan Baiksan Paeksan"), ("화천", "Hwacheon Hwachun"),
        ("삼익", "Samick Samik"), ("평화", "Pyunghwa Pyeonghwa"), ("원익", "Wonik Wonick"),
        ("희성", "Heesung Huiseong"), ("벽산", "Byucksan Byeoksan"), ("효성", "Hyosung"),
    ],
)  # fmt: skip
def test_the_ways_firms_spell_one_word_sound_the_same(hangul: str, spellings: str) -> None:
    assert {sound(spelling) for spelling in spellings.split()} == {sound(hangul)}


def test_a_foreign_word_in_hangul_sounds_as_it_is_spoken() -> None:
    assert loan_sound("포스코") == sound("POSCO")
    assert loan_sound("스마트") == sound("Smart")
    assert sound("모터") == sound("Motor")


def test_initials_are_spoken_letter_by_letter() -> None:
    assert spoken("lg") == "엘지"
    assert sound(spoken("kcc")) == sound("케이씨씨")


def test_what_is_heard_keeps_different_firms_apart() -> None:
    assert heard("세영") == heard("새영")
    assert len({heard(name) for name in ("태성", "대성", "우성", "오성", "삼영", "삼용")}) == 6


@given(st.text())
def test_any_text_has_a_sound_of_small_latin_letters(text: str) -> None:
    assert all("a" <= letter <= "z" for letter in sound(text) + loan_sound(text))
