"""Firms that were found to be one: pointers that can be taken back, whatever came in between."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import select

from supplychain.errors import FirmNotFound
from supplychain.merge_errors import BothSpeak, MergeNotFound, OneFirmOnly, SpeaksForItself
from supplychain.services.links import settle
from supplychain.services.merging import (
    members,
    merge,
    rederive,
    root_of,
    roots,
    slipped,
    split,
    target_of,
)
from supplychain.tables import Declaration, Description, Firm, Invitation, Link, Merge, Site, now
from tests import make


@pytest.fixture
def abc(either_hub):
    """Three firms that a lead firm named, each with all that can be told of it."""
    lead = make.firm(either_hub, "한빛모빌리티(주)", joined_at=now())
    ids = [make.firm(either_hub, name) for name in ("가온정밀", "가온정밀(주)", "㈜가온 정밀")]
    with either_hub.db.work() as session:
        for number in ids:
            link = Link(supplier_id=number, buyer_id=lead, item="축")
            session.add_all(
                [
                    link,
                    Site(firm_id=number, name="공장"),
                    Description(firm_id=number, by_id=lead, name=f"이름 {number}"),
                    Invitation(
                        by_id=lead, firm_id=number, lead_id=lead, email="a@b.example",
                        expires_at=now(),
                    ),
                ]
            )  # fmt: skip
            session.flush()
            session.add(Declaration(link_id=link.id, firm_id=lead))
            settle(session, [link.id])
    return lead, *ids


def named(session) -> dict[str, list[int]]:
    """What the columns without `told_` say, in the order of what was told."""
    links = session.exec(select(Link.supplier_id).order_by(Link.told_supplier_id)).all()
    found = {"Link": list(links)}
    for table in (Site, Description, Invitation):
        rows = session.exec(select(table.firm_id).order_by(table.told_firm_id)).all()
        found[table.__name__] = list(rows)
    return found


def all_say(*ids: int) -> dict[str, list[int]]:
    return {key: list(ids) for key in ("Link", "Site", "Description", "Invitation")}


def test_several_at_once_and_back_again(either_hub, abc) -> None:
    lead, a, b, c = abc
    with either_hub.db.work() as session:
        done = merge(session, a, [b, c], by=lead, actor="u-1").id
    with either_hub.db.work() as session:
        assert named(session) == all_say(a, a, a)
        assert members(session, [a]) == {a: {a, b, c}}
        split(session, done, "u-2")
    with either_hub.db.work() as session:
        assert named(session) == all_say(a, b, c)
        assert roots(session) == {}
        row = session.get_one(Merge, done)
        first = row.split_at
        assert (row.split_by, row.into_id, row.firm_ids) == ("u-2", a, [b, c])
        assert split(session, done, "u-3").split_at == first


def test_a_chain_split_at_its_first_link(either_hub, abc) -> None:
    lead, a, b, c = abc
    with either_hub.db.work() as session:
        first = merge(session, b, [a], by=lead, actor="u").id
        merge(session, c, [b], by=lead, actor="u")
        assert named(session) == all_say(c, c, c)
        assert root_of(session, a) == c
        split(session, first, "u")
        assert named(session) == all_say(a, c, c)
        assert roots(session) == {b: c}


def test_a_chain_split_at_its_last_link(either_hub, abc) -> None:
    lead, a, b, c = abc
    with either_hub.db.work() as session:
        merge(session, b, [a], by=lead, actor="u")
        last = merge(session, c, [a], by=lead, actor="u")
        assert last.firm_ids == [b]  # a is b already, so b is what was found to be c
        split(session, last.id, "u")
        assert named(session) == all_say(b, b, c)


def test_merging_again_is_the_merge_that_was_made(hub) -> None:
    a, b, c = (make.firm(hub, name) for name in "abc")
    with hub.db.work() as session:
        done = merge(session, a, [b, c], by=None, actor="u")
        assert merge(session, a, [b], by=None, actor="u") is done
        assert merge(session, c, [b], by=None, actor="u") is done
        assert merge(session, b, [a, c], by=None, actor="u") is done
        assert len(session.exec(select(Merge)).all()) == 1


def test_who_speaks_is_never_merged_away(hub) -> None:
    a, b, c = (make.firm(hub, name) for name in ("가", "나", "다"))
    with hub.db.work() as session:
        session.get_one(Firm, b).joined_at = now()
        with pytest.raises(SpeaksForItself):
            merge(session, a, [b], by=None, actor="u")
        with pytest.raises(BothSpeak):
            merge(session, b, [c], by=None, actor="u", bound=[c])
        assert target_of(session, [a, b, c]) == b
        with pytest.raises(BothSpeak):
            target_of(session, [a, b, c], bound=[a])
        assert merge(session, b, [a, c], by=None, actor="u").into_id == b


def test_who_said_something_speaks(hub) -> None:
    a, b = make.firm(hub, "가"), make.firm(hub, "나")
    with hub.db.work() as session:
        link = Link(supplier_id=a, buyer_id=b)
        session.add(link)
        session.flush()
        session.add(Declaration(link_id=link.id, firm_id=b))
        session.flush()
        assert target_of(session, [a, b]) == b
        with pytest.raises(SpeaksForItself):
            merge(session, a, [b], by=None, actor="u")


def test_the_target_has_a_number_or_is_known_longest(hub) -> None:
    a, b, c = make.firm(hub, "가"), make.firm(hub, "나", brn="1248100998"), make.firm(hub, "다")
    with hub.db.reading() as session:
        assert target_of(session, [a, c]) == a
        assert target_of(session, [a, b, c]) == b


def test_what_cannot_be_merged(hub) -> None:
    a = make.firm(hub, "가")
    with hub.db.work() as session:
        with pytest.raises(OneFirmOnly):
            merge(session, a, [a], by=None, actor="u")
        with pytest.raises(FirmNotFound):
            merge(session, a, [999], by=None, actor="u")
        with pytest.raises(MergeNotFound):
            split(session, 999, "u")


def test_a_link_between_two_that_are_one_comes_back(hub) -> None:
    a, b = make.firm(hub, "가"), make.firm(hub, "나")
    lead = make.firm(hub, "다")
    with hub.db.work() as session:
        link = Link(supplier_id=a, buyer_id=b)
        session.add(link)
        session.flush()
        session.add(Declaration(link_id=link.id, firm_id=lead, share=30))
        settle(session, [link.id])
        done = merge(session, a, [b], by=lead, actor="u")
        assert (link.supplier_id, link.buyer_id) == (a, a)
        split(session, done.id, "u")
        assert (link.supplier_id, link.buyer_id, link.share, link.ended) == (a, b, 30, None)


def test_rows_that_slipped_by_are_put_right(either_hub, abc) -> None:
    lead, a, b, c = abc
    with either_hub.db.work() as session:
        merge(session, a, [b], by=lead, actor="u")
    with either_hub.db.work() as session:
        # written beside the merge by somebody who had read the pointers before
        session.add(Link(supplier_id=b, buyer_id=lead, told_supplier_id=b, item="늦은 것"))
        session.add(Site(firm_id=a, told_firm_id=c, name="잘못된 것"))
        session.flush()
        assert slipped(session)
        assert rederive(session) == 2
        assert rederive(session) == 0
        assert not slipped(session)
        assert {link.supplier_id for link in session.exec(select(Link))} == {a, c}


def test_two_who_merge_each_other_at_once_make_no_circle(either_hub) -> None:
    """A into B, B into C and C into A, by three people at one moment."""
    ids = [make.firm(either_hub, name) for name in "가나다"]
    start = threading.Barrier(3)

    def merging(into: int, other: int) -> None:
        start.wait(timeout=10)
        with either_hub.db.work() as session:
            merge(session, into, [other], by=None, actor="u")

    with ThreadPoolExecutor(3) as pool:
        ways = [pool.submit(merging, ids[n], ids[n - 1]) for n in range(3)]
        for way in ways:
            way.result(timeout=60)
    with either_hub.db.reading() as session:
        assert len(set(roots(session).values())) == 1
        assert len(roots(session)) == 2
        assert len(session.exec(select(Merge)).all()) == 2
