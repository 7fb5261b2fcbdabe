"""Sheets become firms and links: once, whatever is sent again; and what the lead firm then sees."""

import io

import pytest
from sqlmodel import col, func, select

from hub.wiring import Hub
from supplychain.comparison import Coming
from supplychain.errors import FirmNotFound
from supplychain.matching import name_key
from supplychain.reading import read_sheet
from supplychain.rows import ReadFirm
from supplychain.services.firms import add_firm, find_firm
from supplychain.services.neighbours import neighbourhood
from supplychain.services.network import tier_map
from supplychain.services.sheets import note_sheet, take_in
from supplychain.tables import Declaration, Firm, Link, Sheet, SheetFault, Site

HEADER = "협력사명,사업자등록번호,공정,납품처,품목,비중\n"


@pytest.fixture
def lead(hub: Hub) -> int:
    return make_lead(hub, "한빛모빌리티(주)")


def make_lead(hub: Hub, name: str) -> int:
    with hub.db.work() as session:
        return add_firm(session, ReadFirm(name=name, key=name_key(name))).id


def take(hub: Hub, lead: int, text: str, name: str = "명단.csv") -> Coming:
    content = text.encode()
    reading = read_sheet(io.BytesIO(content), name)
    with hub.db.work() as session:
        firm = session.get_one(Firm, lead)
        sheet = note_sheet(session, firm, content, reading, file_name=name, actor="tester")
        return take_in(session, sheet, reading)


def counts(hub: Hub) -> tuple[int, ...]:
    """Firms, links, plants, and links that somebody says hold."""
    with hub.db.reading() as session:
        said = select(func.count(func.distinct(Declaration.link_id)))
        return (
            *(
                session.exec(select(func.count()).select_from(table)).one()
                for table in (Firm, Link, Site)
            ),
            session.exec(said.where(col(Declaration.ended).is_(None))).one(),
        )


def test_good_rows_are_taken_and_bad_rows_are_kept(hub: Hub, lead: int) -> None:
    taken = take(
        hub,
        lead,
        HEADER + "가온,124-81-00998,사출,한빛모빌리티,허브,10\n다솜,1,,한빛모빌리티,축,5\n",
    )
    assert taken.rows == {"new": 1, "faulty": 1}
    with hub.db.reading() as session:
        (fault,) = session.exec(select(SheetFault)).all()
        assert (fault.row, fault.column, fault.value) == (3, "사업자등록번호", "1")
        assert str(fault.error) == "A business registration number has ten digits."
        assert session.exec(select(Site.process)).one() == "injection"
        with pytest.raises(FirmNotFound):
            find_firm(session, "다솜")
        sheet = session.exec(select(Sheet)).one()
        assert (sheet.state, sheet.rows, sheet.rows_new, sheet.rows_faulty) == ("taken", 2, 1, 1)


def test_the_same_sheet_again_changes_nothing(hub: Hub, lead: int) -> None:
    text = HEADER + "가온,124-81-00998,사출,한빛모빌리티,허브,10\n다솜,,,가온,축,5\n"
    take(hub, lead, text)
    before = counts(hub)
    again = take(hub, lead, text)
    assert again.rows == {"unchanged": 2}
    renamed = take(hub, lead, text + "\n", "같은 명단.csv")
    assert renamed.rows == {"unchanged": 2}
    assert counts(hub) == before


def test_a_new_share_is_a_change_and_an_ended_link_comes_back(hub: Hub, lead: int) -> None:
    take(hub, lead, HEADER + "가온,,,한빛모빌리티,허브,10\n")
    assert take(hub, lead, HEADER + "가온,,,한빛모빌리티,허브,20\n").rows == {"changed": 1}
    with hub.db.work() as session:
        link = session.exec(select(Link)).one()
        assert link.share == 20
        link.ended = link.since
        session.add(link)
    assert take(hub, lead, HEADER + "가온,,,한빛모빌리티,허브,20\n\n").rows == {"changed": 1}
    with hub.db.reading() as session:
        assert session.exec(select(Link.ended)).one() is None


def test_spellings_join_and_a_number_that_comes_later_is_filled_in(hub: Hub, lead: int) -> None:
    first = take(
        hub,
        lead,
        HEADER + "㈜가온정밀,,,한빛모빌리티,허브,\n가온정밀 주식회사,,,한빛모빌리티,축,\n",
    )
    assert first.joined == [sorted(("㈜가온정밀", "가온정밀 주식회사"))] or len(first.joined) == 1
    assert (first.firms_new, first.links_new) == (1, 2)
    later = take(hub, lead, HEADER + "가온정밀(주),124-81-00998,,한빛모빌리티,허브,\n")
    assert later.rows == {"changed": 1}
    with hub.db.reading() as session:
        assert find_firm(session, "124-81-00998").name == "㈜가온정밀"


def test_one_name_under_two_numbers_stays_two_firms(hub: Hub, lead: int) -> None:
    two = HEADER + "가온,124-81-00998,,한빛모빌리티,,\n가온,101-81-09147,,한빛모빌리티,,\n"
    taken = take(hub, lead, two)
    assert taken.firms_new == 2
    doubtful = take(hub, lead, HEADER + "가온,,,한빛모빌리티,,\n")
    assert [type(at.fault).__name__ for at in doubtful.faults] == ["NameShared"]
    assert doubtful.rows == {"faulty": 1}


def test_a_firm_that_supplies_itself_makes_no_link(hub: Hub, lead: int) -> None:
    taken = take(hub, lead, HEADER + "가온,,,가온,허브,\n" * 2)
    assert [type(at.fault).__name__ for at in taken.faults] == ["SuppliesItself"] * 2
    assert taken.links_new == 0
    with hub.db.reading() as session:
        assert session.exec(select(SheetFault.rows)).one() == 2


def test_tiers_through_circles_and_diamonds(hub: Hub, lead: int) -> None:
    pairs = ("가 한빛모빌리티", "나 한빛모빌리티", "다 가", "다 나", "라 다", "다 라", "라 가")
    rows = (",,,".join(pair.split()) + ",,\n" for pair in pairs)
    take(hub, lead, HEADER + "".join(rows))
    with hub.db.reading() as session:
        seen = tier_map(session, lead)
        by_name = {place.name: place for place in seen.places.values()}
        assert seen.counts == {1: 2, 2: 2}
        assert (by_name["다"].serves, by_name["라"].also) == (2, [2, 3])
        assert [len(circle) for circle in seen.circles] == [2]
        assert seen.diamond_ratio == 0.5
        near = neighbourhood(session, seen, by_name["라"].number)
        assert [place.name for place in near.way] == ["라", "가", "한빛모빌리티(주)"]
        assert {said.partner.name for said in near.suppliers} == {"다"}
        assert near.buyers[0].sheet.file_name == "명단.csv"


def test_a_lead_firm_without_links_is_alone_on_its_map(hub: Hub, lead: int) -> None:
    with hub.db.reading() as session:
        seen = tier_map(session, lead)
        assert list(seen.places) == [lead]
        assert (seen.counts, seen.diamond_ratio) == ({}, None)


def test_what_another_lead_firm_declared_is_counted_without_names(hub: Hub, lead: int) -> None:
    other = make_lead(hub, "다른자동차")
    take(hub, lead, HEADER + "가,,,한빛모빌리티,,\n")
    take(hub, other, HEADER + "가,,,다른자동차,,\n나,,사출,가,,\n")
    with hub.db.reading() as session:
        seen = tier_map(session, lead)
        names = {place.name for place in seen.places.values()}
        assert names == {"한빛모빌리티(주)", "가"}
        assert [(group.outline.tier, group.firms) for group in seen.hidden] == [(2, None)]
        hidden = session.exec(select(Firm.id).where(col(Firm.name) == "나")).one()
        with pytest.raises(FirmNotFound):
            neighbourhood(session, seen, hidden)


def test_the_sample_on_both_databases(either_hub: Hub) -> None:
    from hub.sample.chain_sheets import load_chain

    for _ in range(2):
        with either_hub.db.work() as session:
            lead = load_chain(session, either_hub.store)["lead"]
    with either_hub.db.reading() as session:
        assert tier_map(session, lead).counts == {1: 24, 2: 90, 3: 240}
        assert session.exec(select(func.count()).select_from(Site)).one() == 354
