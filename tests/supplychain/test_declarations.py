"""What firms say about links by hand: nothing is written over, both sides stand side by side."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from supplychain.errors import LinkNotFound, LinkNotYours, LinkToItself, StanceUnknown
from supplychain.services.declarations import (
    declare,
    declare_supplier,
    link_to_settle,
    links_to_settle,
    sides,
    take_back,
)
from supplychain.standing import SHARES_AGREE, Statement, outcome
from supplychain.tables import Declaration, Firm, Link, now


@pytest.fixture
def three(either_hub):
    """(session, supplier, buyer, lead) in one transaction."""
    with either_hub.db.work() as session:
        firms = [Firm(name=name) for name in ("부품(주)", "모듈(주)", "완성차(주)")]
        session.add_all(firms)
        session.flush()
        yield (session, *firms)
        session.rollback()


def test_one_side_then_both(three):
    session, supplier, buyer, _ = three
    link = declare_supplier(session, buyer, supplier, item="브래킷", share=30)
    assert (link.standing, link.share, link.ended) == ("open", 30, None)
    declare(session, supplier, link, share=33)
    assert (link.standing, link.share) == ("confirmed", 30)
    declare(session, supplier, link, share=50)
    assert (link.standing, link.share) == ("contradicted", 30)
    declare(session, supplier, link, stance="denied", note="2024년에 끝났습니다")
    assert link.standing == "contradicted"
    take_back(session, buyer, link)
    assert link.ended is not None
    declare(session, buyer, link, share=20)
    assert (link.ended, link.share) == (None, 20)


def test_nothing_is_written_over(three):
    session, supplier, buyer, _ = three
    link = declare_supplier(session, buyer, supplier, share=30)
    declare(session, buyer, link, share=40)
    declare(session, buyer, link, share=40)
    said = session.exec(select(Declaration).order_by(Declaration.id)).all()
    assert [(one.share, one.ended is None) for one in said] == [(30, False), (40, True)]
    assert len(sides(session, [link])[0].buyer) == 2


def test_naming_a_supplier_twice_is_one_link(three):
    session, supplier, buyer, _ = three
    first = declare_supplier(session, buyer, supplier, item="휠")
    assert declare_supplier(session, buyer, supplier, item="휠").id == first.id
    assert len(session.exec(select(Link)).all()) == 1


def test_who_may_answer(three):
    session, supplier, buyer, lead = three
    link = declare_supplier(session, buyer, supplier)
    with pytest.raises(LinkNotYours):
        declare(session, lead, link)
    with pytest.raises(StanceUnknown):
        declare(session, buyer, link, stance="perhaps")
    with pytest.raises(LinkToItself):
        declare_supplier(session, buyer, buyer)
    with pytest.raises(LinkNotFound):
        link_to_settle(session, [lead.id], link.id)


def test_a_third_firm_keeps_a_link_and_settles_nothing(three):
    session, supplier, buyer, lead = three
    link = declare_supplier(session, buyer, supplier)
    session.add(Declaration(link_id=link.id, firm_id=lead.id))
    session.flush()
    declare(session, lead, link, share=80)
    assert (link.standing, link.share) == ("open", 80)
    take_back(session, buyer, link)
    assert link.ended is None
    assert link_to_settle(session, [lead.id], link.id) is link


def test_what_has_to_be_settled_stands_on_top(three):
    session, supplier, buyer, lead = three
    links = [declare_supplier(session, buyer, supplier, item=item) for item in "abc"]
    declare(session, supplier, links[1])
    declare(session, supplier, links[2], stance="denied")
    listed = session.exec(links_to_settle([buyer.id])).all()
    assert [link.standing for link in listed] == ["contradicted", "open", "confirmed"]
    assert [link.id for link in session.exec(links_to_settle([buyer.id], "open"))] == [links[0].id]
    assert session.exec(links_to_settle([lead.id])).all() == []


_moments = st.integers(0, 3)
_words = st.builds(
    lambda firm, stance, share, at: (firm, stance, None if stance == "denied" else share, at),
    st.sampled_from([1, 2, 9]),
    st.sampled_from(["holds", "denied"]),
    st.one_of(st.none(), st.floats(0, 100)),
    _moments,
)


@given(st.lists(_words, max_size=8))
def test_standing_follows_from_the_last_words_of_the_two_ends(words):
    start = now()
    said = [
        Statement(firm, stance, share, start.replace(microsecond=at))
        for firm, stance, share, at in sorted(words, key=lambda word: word[3])
    ]
    came = outcome(1, 2, said)
    last: dict[int, Statement] = {}
    for one in said:  # a share that was not told anew stands
        before = last.get(one.firm)
        kept = before.share if before and before.stance == one.stance == "holds" else None
        last[one.firm] = one._replace(share=kept if one.share is None else one.share)
    holds = {firm for firm, one in last.items() if one.stance == "holds"}
    assert came.alive == bool(holds)
    if came.standing == "confirmed":
        assert {1, 2} <= holds
        shares = [last[end].share for end in (1, 2)]
        assert None in shares or abs(shares[0] - shares[1]) <= SHARES_AGREE
    if {1, 2} & (set(last) - holds) and holds:
        assert came.standing == "contradicted"
    assert came == outcome(1, 2, list(last.values()))
