"""Firms of a map are found by name in either script, by number, and by what is known of them."""

import numpy as np
import pytest

from supplychain.finding import asked_for, found, is_word
from supplychain.services.descriptions import Facts
from supplychain.services.network import Pairs, Place, TierMap
from supplychain.tables import Firm


def place(number: int, name: str, *, tier: int = 1, also=(), brn=None, **facts) -> Place:
    told = {"region": "", "sector": "", "process": "", "employees": None, "level": None, **facts}
    return Place(
        Facts(number, name, brn, "KR", joined=False, own_word=False, **told),
        tier, list(also) or [tier], False, 0, 0, 0, told["level"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("hanbit", "한빛모빌리티(주)"),
        ("Hanvit", "한빛정밀"),
        ("한빛", "Hanbit Precision Co., Ltd."),
        ("현대", "HYUNDAI STEEL"),
        ("SK", "에스케이하이텍"),
        ("에스케이", "SK하이닉스(주)"),
        ("정밀", "(주)대성 정밀"),
        ("대성정밀", "(주)대성 정밀"),
        ("ＬＧ", "LG이노텍"),
    ],
)
def test_a_name_is_found_in_either_script(text: str, name: str) -> None:
    assert asked_for(text)(place(1, name))


@pytest.mark.parametrize(
    ("text", "name"),
    [("대성", "태성정밀"), ("hanbit", "한양금속"), ("sk", "대한금속"), ("정밀", "정일")],
)
def test_another_name_is_not(text: str, name: str) -> None:
    assert not asked_for(text)(place(1, name))


def test_a_number_is_found_by_a_part_of_it_with_and_without_dashes() -> None:
    firm = place(1, "한빛", brn="1018112345")
    assert all(asked_for(text)(firm) for text in ("101-81-12345", "8112345", "101-81"))
    assert not asked_for("999-81")(firm)


def test_words_of_one_name_add_up_and_names_narrow_down() -> None:
    places = [
        place(10, "가", tier=0),
        place(1, "나", region="KR-41", process="press", level=3),
        place(2, "다", region="KR-48", process="press", employees=60),
        place(3, "라", tier=1, also=(1, 2), region="Mars", sector="C29110"),
    ]
    pairs = Pairs(np.array([1, 1, 3]), np.array([10, 2, 10]), np.array([0, 2, 1]))
    seen = TierMap(Firm(id=10, name="가"), {p.number: p for p in places}, {}, pairs, [], [], None)

    def numbers(**wanted) -> list[int]:
        return [each.number for each in found(seen, wanted.pop("q", ""), wanted)]

    assert numbers(region=["KR-41", "KR-48"]) == [1, 2]
    assert numbers(region=["KR-41", "KR-48"], level=["3"]) == [1]
    assert numbers(region=["-"]) == [10, 3]  # a word of somebody's own is not one of ours
    assert numbers(tier=["2"]) == [3]
    assert numbers(sector=["C29"]) == [3]
    assert numbers(standing=["confirmed"]) == [3]
    assert numbers(standing=["contradicted", "confirmed"]) == [1, 3]
    assert numbers(employees=["50"], process=["press"]) == [2]
    assert numbers(region=[]) == [10, 1, 2, 3]
    assert seen.delivers[1] == ["contradicted", "open"]


@pytest.mark.parametrize(
    ("name", "code", "known"),
    [
        ("tier", "3", True), ("tier", "x", False), ("tier", "9999", False),
        ("sector", "C29", True), ("sector", "C29110", False), ("sector", "", False),
        ("region", "KR-41", True), ("region", "-", True), ("region", "Mars", False),
        ("standing", "open", True), ("marks", "circle", True), ("level", "5", True),
        ("colour", "red", False),
    ],
)  # fmt: skip
def test_words_that_may_be_asked_for(name: str, code: str, known: bool) -> None:
    assert is_word(name, code) == known
