"""How likely two firms are one: what must hold for any two, and for some in particular."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplychain.coefficients import EXPECTED
from supplychain.compared import FEATURES, side
from supplychain.likeness import (
    ASK,
    SHIPPED,
    Coefficients,
    Decision,
    Named,
    Near,
    candidates,
    likely,
    likeness,
    refit,
)
from supplychain.names import read

WORDS = st.sampled_from((
    "한빛", "대성", "태광", "Hanbit", "Daesung", "정밀", "정공", "산업", "Precision", "Industry",
    "㈜", "(주)", "Co., Ltd.", "제2공장", "Plant", "3", "안산", "Korea", "(베트남)", "&", "SJ",
    "에스제이", "주식회사",
))  # fmt: skip
NAMES = st.lists(WORDS, max_size=5).map(" ".join) | st.text(max_size=30)
FIRMS = st.builds(
    Named,
    id=st.integers(0, 9),
    name=NAMES,
    country=st.sampled_from(("", "KR", "VN")),
    region=st.sampled_from(("", "KR-41", "KR-48", "경기도")),
    brn=st.sampled_from((None, "1248100998", "1234567891")),
    address=st.sampled_from(("", "경기도 안산시 단원구 별망로 12", "안산시 단원구 별망로12", "x")),
    sector=st.sampled_from(("", "C25911", "C26")),
    process=st.sampled_from(("", "press", "plating")),
    phone=st.sampled_from(("", "031-123-4567", "+82 31 123 4567", "-")),
)


def chance(a: str, b: str, **told: str) -> float:
    return likeness(Named(1, a, "KR", **told), Named(2, b, "KR", **told)).probability


@given(FIRMS, FIRMS)
def test_the_same_whichever_comes_first(a: Named, b: Named) -> None:
    assert likeness(a, b) == likeness(b, a)


@given(FIRMS, FIRMS)
def test_evidence_adds_up_to_the_probability(a: Named, b: Named) -> None:
    scored = likeness(a, b)
    total = SHIPPED.intercept + math.fsum(each.push for each in scored.evidence)
    assert scored.probability == pytest.approx(1 / (1 + math.exp(-total)))
    assert all(0 < each.value <= 1 for each in scored.evidence)
    assert all(each.feature in FEATURES for each in scored.evidence)
    assert [abs(each.push) for each in scored.evidence] == sorted(
        (abs(each.push) for each in scored.evidence), reverse=True
    )


@given(FIRMS)
def test_a_firm_is_like_itself(firm: Named) -> None:
    assert likeness(firm, firm).probability > 0.8
    if read(firm).readings.whole.core:
        again = firm._replace(name=f" ㈜ {firm.name}", brn=None)
        assert likeness(firm, again).probability > ASK


@given(FIRMS, FIRMS)
def test_what_differs_besides_the_name_never_makes_two_more_alike(a: Named, b: Named) -> None:
    for field, mine, yours in (
        ("brn", "1248100998", "1234567891"), ("region", "KR-26", "KR-11"),
        ("country", "KR", "CN"), ("process", "press", "plating"), ("sector", "C25911", "C30"),
        ("phone", "031-123-4567", "02-345-6789"),
    ):  # fmt: skip
        untold = "" if field != "brn" else None
        bare = likeness(a._replace(**{field: untold}), b._replace(**{field: untold}))
        apart = likeness(a._replace(**{field: mine}), b._replace(**{field: yours}))
        same = likeness(a._replace(**{field: mine}), b._replace(**{field: mine}))
        assert apart.probability <= same.probability
        if field != "region":  # which may agree with a place in the other's name
            assert apart.probability <= bare.probability <= same.probability


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("㈜한빛정밀", "Hanvit Jungmil"), ("한빛정밀", "Hanbit Precision Co., Ltd."),
        ("에스제이테크", "SJ Tech"), ("정밀한빛", "한빛정밀"),
        ("한빛정밀 제2공장", "Hanbit Precision Plant 2"),
        ("한빛정밀(Hanbit Precision)", "한빛정밀"), ("삼우ENG", "삼우엔지니어링"),
        ("한빛정밀", "한빛정밀공업"),
        ("우진금속(구 우진주물)", "우진금속"),
    ],
)  # fmt: skip
def test_spellings_of_one_firm_are_asked(one: str, other: str) -> None:
    assert chance(one, other) > 0.6


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("한빛정밀", "한빛정공"), ("대성산업", "대성산업개발"),
        ("한빛정밀 1공장", "한빛정밀 2공장"),
        ("한빛정밀", "한빛정밀 베트남"), ("우성정밀", "오성정밀"), ("삼성전자", "삼성전기"),
        ("동방주물", "동양주물"),
        ("Woojin Metal Plant 2", "우진금속 3공장"), ("동방주물 안산공장", "동방주물 창원공장"),
        ("Rosko Textil (Arad)", "Rosko Textil (Curtici)"),
        ("Lion Brothers (Foshan)", "Hanbit (Foshan)"),
        ("Abbvie (Abbott) France", "Abbott Japan"),
    ],
)  # fmt: skip
def test_firms_that_only_look_alike_come_after_those_that_are_one(one: str, other: str) -> None:
    assert chance(one, other) < 0.6 < chance(one, one)


def test_one_name_in_another_region_is_another_firm_until_somebody_says_otherwise() -> None:
    here, there = Named(1, "미래정밀", "KR", "KR-41"), Named(2, "(주)미래정밀", "KR", "KR-48")
    assert likeness(here, there).probability < ASK
    assert likeness(here, there._replace(region="KR-41")).probability > 0.9


def test_names_that_tell_nothing_are_not_alike() -> None:
    assert chance("(주)", "주식회사") < ASK
    assert chance("", "한빛정밀") < ASK


def test_a_differing_registration_number_is_strong_evidence_against() -> None:
    a, b = Named(1, "한빛정밀", brn="1248100998"), Named(2, "한빛정밀", brn="1234567891")
    scored = likeness(a, b)
    assert scored.probability < ASK
    assert scored.evidence[0].feature == "number_differs"
    assert likeness(a, Named(2, "전혀 다른 이름", brn="1248100998")).probability > 0.9


def test_candidates_are_pairs_of_ids_each_once() -> None:
    firms = [
        Named(9, "한빛정밀"),
        Named(3, "Hanbit Precision"),
        Named(5, "㈜한빛정밀"),
        Named(4, "대륙물류"),
    ]
    assert candidates(firms) == [(3, 5), (3, 9), (5, 9)]
    assert candidates(firms, of={5}) == [(3, 5), (5, 9)]
    assert candidates([]) == candidates(firms[:1]) == candidates(firms, of=set()) == []


def test_one_letter_off_and_one_telephone_or_address_make_candidates() -> None:
    told = {"phone": "031-123-4567"}
    firms = [
        Named(1, "태원정밀", **told), Named(2, "대원정밀"),
        Named(3, "오메가상사", phone="+82311234567"),
        Named(4, "가나다", address="안산시 별망로 12"),
        Named(5, "라마바", address="안산시별망로12"),
    ]  # fmt: skip
    assert {(1, 2), (1, 3), (4, 5)} <= set(candidates(firms))


def test_likely_pairs_come_the_likeliest_first() -> None:
    firms = [
        Named(1, "한빛정밀", "KR", "KR-41"), Named(2, "Hanbit Precision", "KR", "KR-41"),
        Named(3, "한빛전자"), Named(4, "대륙물류"), Named(5, "Daeryuk Logistics", "KR", "KR-11"),
    ]  # fmt: skip
    found = likely(firms)
    assert [(each.low, each.high) for each in found] == [(1, 2), (4, 5)]
    assert found[0].probability >= found[1].probability >= ASK
    assert not likely(firms, least=0.94, of={4})
    assert [each[:2] for each in likely(firms, of={4})] == [(4, 5)]


@given(st.lists(FIRMS, max_size=8, unique_by=lambda firm: firm.id))
def test_any_firms_can_be_searched(firms: list[Named]) -> None:
    pairs = candidates(firms)
    assert pairs == sorted(set(pairs))
    assert all(low < high for low, high in pairs)
    near = Near(firms)
    for firm in firms:
        assert firm.id not in {other.id for other in near.to(firm)}


def test_near_finds_one_that_is_not_there_yet() -> None:
    near = Near([Named(1, "한빛정밀"), Named(2, "한빛전자"), Named(3, "대성산업")])
    assert [firm.id for firm in near.to(Named(-1, "Hanbit Electronics"), 1)] == [2]
    assert near.to(Named(-1, "전혀 없는 이름입니다")) == []
    assert Near([]).to(Named(-1, "한빛정밀")) == []


def test_decisions_teach() -> None:
    pair = Named(1, "한빛정밀", "KR", "KR-41"), Named(2, "한빛정밀", "KR", "KR-48")
    taught = refit(SHIPPED, [Decision(*pair, same=True)] * 30)
    assert likeness(*pair).probability < ASK
    assert likeness(*pair, taught).probability > 0.5


def test_three_odd_decisions_wreck_nothing() -> None:
    odd = [
        Decision(Named(1, "한빛정밀"), Named(2, "대륙물류"), same=True),
        Decision(Named(1, "한빛정밀"), Named(2, "Hanbit Precision"), same=False),
        Decision(Named(1, "한빛정밀"), Named(2, "(주)한빛정밀"), same=False),
    ]
    taught = refit(SHIPPED, odd)
    assert all(abs(w - SHIPPED.weights[name]) < 0.5 for name, w in taught.weights.items())
    assert chance("한빛정밀", "Hanbit Precision") > 0.7
    assert likeness(Named(1, "우진금속"), Named(2, "Woojin Metal"), taught).probability > 0.7


def test_what_speaks_for_never_comes_to_speak_against() -> None:
    pair = Named(1, "한빛정밀", "KR", "KR-41"), Named(2, "한빛정밀", "KR", "KR-41")
    taught = refit(SHIPPED, [Decision(*pair, same=False)] * 500)
    assert all(weight * side(name) >= 0 for name, weight in taught.weights.items())
    assert likeness(*pair, taught).probability < 0.1


def test_nothing_decided_changes_nothing_and_weights_pass_through_json() -> None:
    assert refit(SHIPPED, []) is SHIPPED
    kept = json.loads(json.dumps(SHIPPED._asdict()))
    assert Coefficients(**kept) == SHIPPED


def test_every_feature_has_a_weight_and_words() -> None:
    assert set(SHIPPED.weights) == set(EXPECTED.weights) == set(FEATURES)
    for coefficients in (SHIPPED, EXPECTED):
        assert all(weight * side(name) >= 0 for name, weight in coefficients.weights.items())
    assert all(words.ko and words.en for words in FEATURES.values())
