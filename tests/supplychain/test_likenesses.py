"""Are these two one firm? Who is asked, what an answer does, and what it does to others."""

import pytest
from sqlmodel import select

from supplychain.likeness import SHIPPED
from supplychain.merge_errors import BothSpeak, LikenessNotFound, MergeNotFound, OneFirmOnly
from supplychain.services.descriptions import described
from supplychain.services.lessons import learn, weights
from supplychain.services.likenesses import (
    ask,
    decide,
    how_many,
    join_noted,
    merges_of,
    questions,
    reopen,
    say_one,
    split_apart,
)
from supplychain.services.look_alikes import look_alikes
from supplychain.services.looking import due, found_for, join_exact, keep
from supplychain.services.merging import roots
from supplychain.tables import Description, Firm, Likeness, Link, now
from tests import make


def tell(session, by: int, firm: int, name: str, **more: object) -> Description:
    """One firm says by hand what another is called."""
    row = Description(
        firm_id=more.pop("root", firm), told_firm_id=firm, by_id=by, name=name, **more
    )
    session.add(row)
    session.flush()
    return row


def look(session, firm: int) -> int:
    using = weights(session)
    upto = dict(due(session, using)).get(firm, 0)
    join_exact(session, firm)
    return keep(session, firm, found_for(session, firm, using), upto, using)


def asked(session, firm: int) -> list[Likeness]:
    return list(session.exec(questions(firm)))


@pytest.fixture
def leads(either_hub) -> tuple[int, int]:
    return make.firm(either_hub, "한빛모빌리티"), make.firm(either_hub, "새빛전자")


@pytest.fixture
def firms(either_hub) -> list[int]:
    names = ("(주)한빛정밀", "Hanvit Jungmil Co., Ltd.", "다솜도금", "가온 정밀")
    return [make.firm(either_hub, name) for name in names]


@pytest.fixture
def session(either_hub):
    with either_hub.db.work() as session:
        yield session


def test_a_firm_is_asked_about_what_it_names_and_nothing_else(either_hub) -> None:
    one, two = make.firm(either_hub, "한빛모빌리티"), make.firm(either_hub, "새빛전자")
    a, b, c = (
        make.firm(either_hub, name)
        for name in ("(주)한빛정밀", "Hanvit Jungmil Co., Ltd.", "도담주조")
    )
    with either_hub.db.work() as session:
        tell(session, one, a, "(주)한빛정밀")
        tell(session, one, c, "도담주조")
        tell(session, two, b, "Hanvit Jungmil Co., Ltd.")
        assert (look(session, one), look(session, two)) == (0, 0)
        tell(session, one, b, "Hanvit Jungmil Co., Ltd.")
        assert look(session, one) == 1
        assert look(session, one) == 0
        (pair,) = asked(session, one)
        assert (pair.low_id, pair.high_id) == (a, b)
        assert how_many(session, one) == 1
        assert pair.evidence["features"]
        assert how_many(session, two) == 0


def test_what_is_not_named_any_more_is_not_asked(session, leads, firms) -> None:
    lead, (a, b, *_) = leads[0], firms
    tell(session, lead, a, "(주)한빛정밀")
    last = tell(session, lead, b, "Hanvit Jungmil Co., Ltd.")
    look(session, lead)
    last.ended = now()
    session.flush()
    assert asked(session, lead) == []


@pytest.mark.parametrize("answer", ["same", "different"])
def test_what_was_decided_is_never_asked_again(session, leads, firms, answer) -> None:
    lead, (a, b, *_) = leads[0], firms
    tell(session, lead, a, "(주)한빛정밀")
    tell(session, lead, b, "Hanvit Jungmil Co., Ltd.")
    look(session, lead)
    (pair,) = asked(session, lead)
    decide(session, lead, [pair.id], answer, actor="u")
    tell(session, lead, firms[2], "다솜도금")
    look(session, lead)
    assert asked(session, lead) == []
    assert decide(session, lead, [pair.id], answer, actor="u").noted == []


def test_later_waits_aside(session, leads, firms) -> None:
    lead, (a, b, *_) = leads[0], firms
    tell(session, lead, a, "(주)한빛정밀")
    tell(session, lead, b, "Hanvit Jungmil Co., Ltd.")
    look(session, lead)
    decide(session, lead, [asked(session, lead)[0].id], "later", actor="u")
    assert (how_many(session, lead), how_many(session, lead, "later")) == (0, 1)


def test_several_become_one_and_go_apart_again(session, leads, firms) -> None:
    lead, (a, b, _, d) = leads[0], firms
    for number, name in ((a, "(주)한빛정밀"), (b, "Hanvit Jungmil Co., Ltd."), (d, "가온 정밀")):
        tell(session, lead, number, name)
    rows = [ask(session, lead, a, b, 0.9), ask(session, lead, b, d, 0.8)]
    ids = [row.id for row in rows]
    (made,) = decide(session, lead, ids, "same", actor="u").merges
    assert (made.into_id, made.firm_ids) == (a, [b, d])
    assert decide(session, lead, ids, "same", actor="u").merges == [made]
    reopen(session, lead, ids, "u")
    assert roots(session) == {}
    assert {row.id for row in asked(session, lead)} == set(ids)


def test_two_that_are_different_are_not_told_apart_twice(session, leads, firms) -> None:
    lead, (a, b, c, d) = leads[0], firms
    for number in (a, b, c, d):
        tell(session, lead, number, f"이름{number}")
    say_one(session, lead, [a, d], actor="u")
    first, second = ask(session, lead, a, c, 0.5), ask(session, lead, c, d, 0.5)
    decide(session, lead, [first.id], "different", actor="u")
    assert second.state == "different"


def test_another_lead_that_named_both_has_to_agree(session, leads, firms) -> None:
    (one, two), (a, b, *_) = leads, firms
    for lead in leads:
        tell(session, lead, a, f"가온 {lead}")
        tell(session, lead, b, f"가온공업 {lead}")
        look(session, lead)
    mine = ask(session, one, a, b, 0.9)
    came = decide(session, one, [mine.id], "same", actor="u")
    assert (came.merges, came.noted) == ([], [mine])
    assert roots(session) == {}
    names = {f.name for f in described(session, two, [a, b]).values()}
    assert names == {f"가온 {two}", f"가온공업 {two}"}
    theirs = ask(session, two, a, b, 0.9)
    (made,) = decide(session, two, [theirs.id], "same", actor="v").merges
    assert roots(session) == {b: a}
    assert mine.merge_id == theirs.merge_id == made.id
    # each reads its own words for it
    assert described(session, one, [a])[a].name == f"가온 {one}"
    assert described(session, two, [a])[a].name == f"가온 {two}"


def test_who_says_different_keeps_them_two(session, leads, firms) -> None:
    (one, two), (a, b, *_) = leads, firms
    for lead in leads:
        tell(session, lead, a, "가온")
        tell(session, lead, b, "가온공업")
    theirs = ask(session, two, a, b, 0.9)
    decide(session, two, [theirs.id], "different", actor="v")
    mine = ask(session, one, a, b, 0.9)
    assert decide(session, one, [mine.id], "same", actor="u").merges == []
    assert join_noted(session).merges == []
    decide(session, two, [theirs.id], "same", actor="v")
    assert roots(session) == {b: a}


def test_a_lead_that_named_one_of_them_reads_what_it_told(session, leads, firms) -> None:
    (one, two), (a, b, *_) = leads, firms
    tell(session, one, a, "(주)한빛정밀")
    tell(session, one, b, "Hanvit Jungmil Co., Ltd.")
    tell(session, two, b, "우리는 이렇게 부른다", region="KR-41")
    mine = ask(session, one, a, b, 0.9)
    (made,) = decide(session, one, [mine.id], "same", actor="u").merges
    assert described(session, two, [made.into_id])[made.into_id].name == "우리는 이렇게 부른다"
    assert described(session, two, [made.into_id])[made.into_id].region == "KR-41"
    # it is told of the merge, may split it, and then it stays split
    assert merges_of(session, two) == [made]
    split_apart(session, two, made.id, "v")
    assert roots(session) == {}
    assert decide(session, one, [mine.id], "same", actor="u").merges == []
    assert join_noted(session).merges == []
    assert asked(session, two) == []


def test_nobody_becomes_a_partner_of_a_stranger_on_another_firms_word(
    session, leads, firms
) -> None:
    """Would B's supplier become a firm that has joined, that firm could read B's purchases."""
    (one, two), (a, b, *_) = leads, firms
    session.get_one(Firm, a).joined_at = now()
    tell(session, one, a, "(주)한빛정밀")
    tell(session, one, b, "Hanvit Jungmil Co., Ltd.")
    tell(session, two, b, "Hanvit Jungmil Co., Ltd.")
    mine = ask(session, one, a, b, 0.9)
    assert decide(session, one, [mine.id], "same", actor="u").noted == [mine]
    assert roots(session) == {}
    # nobody is asked about a firm that it does not name
    assert session.exec(select(Likeness).where(Likeness.for_id == two)).all() == []


def test_who_only_declared_a_link_keeps_its_name(session, leads, firms) -> None:
    from supplychain.tables import Declaration

    (one, two), (a, b, *_) = leads, firms
    tell(session, one, a, "(주)한빛정밀")
    tell(session, one, b, "Hanvit Jungmil Co., Ltd.")
    link = Link(supplier_id=b, buyer_id=two)
    session.add(link)
    session.flush()
    session.add(Declaration(link_id=link.id, firm_id=two))
    session.flush()
    mine = ask(session, one, a, b, 0.9)
    assert decide(session, one, [mine.id], "same", actor="u").noted == [mine]


def test_two_that_speak_are_not_asked_about_and_not_merged(session, leads, firms) -> None:
    lead, (a, b, *_) = leads[0], firms
    for number, name in ((a, "(주)한빛정밀"), (b, "Hanvit Jungmil Co., Ltd.")):
        tell(session, lead, number, name)
        session.get_one(Firm, number).joined_at = now()
    session.flush()
    assert look(session, lead) == 0
    with pytest.raises(BothSpeak):
        say_one(session, lead, [a, b], actor="u")
    with pytest.raises(BothSpeak):
        decide(session, lead, [ask(session, lead, a, b, 1).id], "same", actor="u")


def test_only_what_one_names_oneself_can_be_said(session, leads, firms) -> None:
    (one, two), (a, b, *_) = leads, firms
    tell(session, one, a, "(주)한빛정밀")
    tell(session, two, b, "Hanvit Jungmil Co., Ltd.")
    with pytest.raises(LikenessNotFound):
        say_one(session, one, [a, b], actor="u")
    with pytest.raises(OneFirmOnly):
        say_one(session, one, [a], actor="u")
    row = ask(session, two, a, b, 1)
    for call in (
        lambda: decide(session, one, [row.id], "same", actor="u"),
        lambda: reopen(session, one, [row.id], "u"),
    ):
        with pytest.raises(LikenessNotFound):
            call()


def test_a_strangers_merge_is_not_there(session, leads, firms) -> None:
    (one, two), (a, b, *_) = leads, firms
    tell(session, one, a, "(주)한빛정밀")
    tell(session, one, b, "Hanvit Jungmil Co., Ltd.")
    (made,) = say_one(session, one, [a, b], actor="u").merges
    assert merges_of(session, two) == []
    with pytest.raises(MergeNotFound):
        split_apart(session, two, made.id, "v")


LEI = "5493001KJTIIGC8Y1R12"


def test_the_same_lei_joins_by_itself_and_stays_split_once_split(either_hub) -> None:
    one, two = make.firm(either_hub, "한빛모빌리티"), make.firm(either_hub, "새빛전자")
    a, b = make.firm(either_hub, "(주)한빛정밀"), make.firm(either_hub, "Gaon")
    with either_hub.db.work() as session:
        tell(session, one, a, "(주)한빛정밀", lei=LEI)
        tell(session, two, b, "Gaon", lei=LEI)
        (made,) = join_exact(session, two)
        assert (made.by_id, roots(session)) == (None, {b: a})
        split_apart(session, one, made.id, "u")
        assert join_exact(session, two) == []
        assert roots(session) == {}


def test_a_number_that_a_third_lead_knows_otherwise_is_asked_about(session, leads, firms) -> None:
    (one, two), (a, b, *_) = leads, firms
    tell(session, one, a, "(주)한빛정밀", lei=LEI)
    tell(session, one, b, "Hanvit Jungmil Co., Ltd.", lei=LEI)
    tell(session, two, a, "(주)한빛정밀")
    tell(session, two, b, "Hanvit Jungmil Co., Ltd.")
    assert join_exact(session, one) == []
    (pair,) = asked(session, one)
    assert pair.evidence == {"same_number": "lei"}


def test_places_of_one_corporation_are_asked_about(session, leads) -> None:
    lead = leads[0]
    for brn, name in (("1248100998", "가온 본사"), ("1018109147", "가온 창원공장")):
        firm = Firm(name=name, brn=brn)
        session.add(firm)
        session.flush()
        tell(session, lead, firm.id, name, brn=brn, corporate="1101110062432")
    assert join_exact(session, lead) == []
    assert [pair.evidence for pair in asked(session, lead)] == [{"same_number": "corporate"}]


def test_a_number_told_later_finds_the_firm_that_bears_it(session, leads, firms) -> None:
    lead, (a, *_) = leads[0], firms
    bearer = Firm(name="(주)한빛정밀(주)", brn="1248100998")
    session.add(bearer)
    session.flush()
    tell(session, lead, a, "가온", brn="1248100998")
    (made,) = join_exact(session, lead)
    assert (made.into_id, made.firm_ids) == (bearer.id, [a])


def test_answers_teach(session, leads) -> None:
    lead = leads[0]
    assert weights(session).coefficients == SHIPPED
    for place in range(12):
        a, b, c = (
            Firm(name=f"(주)한빛정밀{place}"),
            Firm(name=f"(주)한빛정밀 {place}"),
            Firm(name="x"),
        )
        session.add_all([a, b, c])
        session.flush()
        tell(session, lead, a.id, f"(주)한빛정밀{place}")
        tell(session, lead, b.id, f"(주)한빛정밀 {place}")
        tell(session, lead, c.id, f"다솜도금{place}")
        ask(session, lead, a.id, b.id, 0.9).state = "same"
        ask(session, lead, a.id, c.id, 0.35).state = "different"
    session.flush()
    learnt = learn(session)
    assert learnt is not None
    assert learnt.decisions == 24
    assert weights(session) == learnt
    assert learn(session) is None  # nothing new to learn from


def test_a_preview_tells_of_look_alikes(session, leads, firms) -> None:
    from supplychain.matching import name_key
    from supplychain.rows import ReadFirm

    lead = leads[0]
    session.get_one(Firm, firms[1]).name_key = name_key("Hanvit Jungmil Co., Ltd.")
    tell(session, lead, firms[1], "Hanvit Jungmil Co., Ltd.")
    told = [
        ReadFirm(name=name, key=name_key(name))
        for name in ("Hanvit Jungmil", "한빛정밀 (주)", "별하전장")
    ]
    (found,) = look_alikes(session, lead, told)
    assert (found.told.name, found.firm_id, found.name) == (
        "한빛정밀 (주)",
        firms[1],
        "Hanvit Jungmil Co., Ltd.",
    )
    assert look_alikes(session, leads[1], told) == []


def test_an_address_where_a_region_was_told_is_compared_as_one(shared) -> None:
    """Open Supply Hub's labelled pairs, as a sheet with an address column tells them."""
    import json

    from supplychain.likeness import ASK, likeness
    from supplychain.services.told import as_named

    pairs = json.loads((shared / "data" / "osh" / "labelled_pairs.json").read_text("utf-8"))

    def asked(kind: str) -> float:
        told = [
            [as_named(n, firm | {"region": firm["address"][:60]}) for n, firm in enumerate(pair)]
            for pair in (each["__value__"] for each in pairs[kind])
        ]
        return sum(likeness(*pair).probability >= ASK for pair in told) / len(told)

    assert asked("match") > 0.75
    assert asked("distinct") < 0.15
