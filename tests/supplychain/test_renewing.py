"""A newer list, a list taken back: links end and live again, and nothing is lost on the way."""

import pytest
from sqlmodel import col, select

from hub.wiring import Hub
from supplychain.errors import RenewalSweeping, SheetNotFound
from supplychain.services.sheets import agree_to_end, earlier_of, renew, reopen, take_in
from supplychain.tables import Declaration, Description, Firm, Link, Sheet
from tests.supplychain.sheets import NUMBER, OTHER, a_firm, give, look, take, take_back

FIRST = "가온,,사출,10,한빛모빌리티,허브,10\n다솜,,,,한빛모빌리티,축,20\n라임,,,,가온,볼트,\n"
SECOND = "가온,,사출,12,한빛모빌리티,허브,15\n라임,,,,가온,볼트,\n마루,,,,가온,너트,\n"


@pytest.fixture
def lead(hub: Hub) -> int:
    return a_firm(hub)


def living(hub: Hub) -> dict[tuple[str, str], float | None]:
    """(supplier, buyer) → share of every living link."""
    with hub.db.reading() as session:
        names = {firm.id: firm.name for firm in session.exec(select(Firm))}
        links = session.exec(select(Link).where(col(Link.ended).is_(None)))
        return {(names[x.supplier_id], names[x.buyer_id]): x.share for x in links}


def state_of(hub: Hub) -> tuple[object, ...]:
    """All that follows from what is said now."""
    with hub.db.reading() as session:
        said = session.exec(select(Declaration).where(col(Declaration.ended).is_(None)))
        told = session.exec(select(Description).where(col(Description.ended).is_(None)))
        return (
            sorted((x.link_id, x.sheet_id, x.share) for x in said),
            sorted((x.told_firm_id, x.sheet_id, x.employees) for x in told),
            sorted(living(hub).items()),
        )


def test_a_newer_list_shows_what_is_new_changed_and_gone(hub: Hub, lead: int) -> None:
    first, _ = take(hub, lead, FIRST)
    sheet, reading = give(hub, lead, SECOND, "명단 (수정).csv", first)
    before = state_of(hub)
    coming = look(hub, sheet, reading)
    assert state_of(hub) == before, "a look writes nothing"
    assert coming.rows == {"new": 1, "changed": 1, "unchanged": 1}
    assert (coming.firms_new, coming.links_new, coming.links_gone) == (1, 1, 1)
    (changed,) = coming.changed
    assert (changed.before, changed.after) == (
        {"employees": 10, "share": 10},
        {"employees": 12, "share": 15},
    )
    assert (coming.links_before, coming.another) == (3, False)
    (gone,) = coming.gone
    assert (gone.supplier, gone.buyer, gone.item, gone.ends) == (
        "다솜",
        "한빛모빌리티(주)",
        "축",
        True,
    )


def test_most_of_a_list_ends_only_where_the_number_was_agreed(hub: Hub, lead: int) -> None:
    rows = [f"회사{letter},,,,한빛모빌리티,허브,\n" for letter in "가나다라마바사아자차카타"]
    first, _ = take(hub, lead, "".join(rows))
    sheet, reading = give(hub, lead, "".join(rows[:1]), "명단 (수정).csv", first)
    coming = look(hub, sheet, reading)
    assert (coming.links_gone, coming.another, coming.sweeping) == (11, False, True)
    for agreed in (None, 12, 11):
        with hub.db.work() as session:
            row = session.get_one(Sheet, sheet)
            if agreed:
                agree_to_end(session, row, agreed)
            if agreed != 11:
                with pytest.raises(RenewalSweeping):
                    take_in(session, row, reading)
                continue
            take_in(session, row, reading)
    assert len(living(hub)) == 1
    take_back(hub, sheet)
    assert len(living(hub)) == 12
    with hub.db.work() as session:
        row = session.get_one(Sheet, sheet)
        reopen(session, row)
        assert row.ends_agreed is None, "to be agreed to anew"


def test_a_newer_list_ends_what_it_no_longer_names(hub: Hub, lead: int) -> None:
    first, _ = take(hub, lead, FIRST)
    second, _ = take(hub, lead, SECOND, renews=first)
    assert living(hub) == {
        ("가온", "한빛모빌리티(주)"): 15,
        ("라임", "가온"): None,
        ("마루", "가온"): None,
    }
    with hub.db.reading() as session:
        sheet = session.get_one(Sheet, second)
        assert (sheet.links_gone, sheet.replaces_id) == (1, first)
        ended = session.exec(select(Declaration).where(Declaration.sheet_id == first)).all()
        assert {said.ended_by_id for said in ended} == {second}
        assert session.exec(select(Firm).where(Firm.name == "다솜")).one(), "firms stay"


def test_a_withdrawn_list_gives_back_what_it_had_ended(hub: Hub, lead: int) -> None:
    first, _ = take(hub, lead, FIRST)
    before = state_of(hub)
    second, _ = take(hub, lead, SECOND, renews=first)
    take_back(hub, second)
    assert state_of(hub) == before
    take_back(hub, second)
    assert state_of(hub) == before, "taking back twice is taking back once"
    take_back(hub, first)
    assert living(hub) == {}


def test_a_withdrawn_list_can_be_taken_in_again(hub: Hub, lead: int) -> None:
    first, came = take(hub, lead, FIRST)
    before = living(hub)
    take_back(hub, first)
    again, coming = take(hub, lead, FIRST)
    assert again == first
    assert coming.rows == came.rows == {"new": 3}
    assert living(hub) == before
    with hub.db.reading() as session:
        assert session.get_one(Sheet, first).state == "taken"
        assert len(session.exec(select(Declaration)).all()) == 3


def test_the_middle_of_three_is_withdrawn_and_nothing_changes(hub: Hub, lead: int) -> None:
    third_rows = "가온,,,,한빛모빌리티,허브,30\n"
    first, _ = take(hub, lead, FIRST)
    before = state_of(hub)
    second, _ = take(hub, lead, SECOND, renews=first)
    third, coming = take(hub, lead, third_rows, renews=first)  # the first was renewed by the second
    assert coming.links_gone == 2
    now = living(hub)
    assert list(now.values()) == [30]
    take_back(hub, second)
    assert living(hub) == now
    take_back(hub, third)
    assert state_of(hub) == before
    with hub.db.reading() as session:
        assert session.get_one(Sheet, third).replaces_id == first


def test_an_older_list_that_was_withdrawn_does_not_come_back(hub: Hub, lead: int) -> None:
    first, _ = take(hub, lead, FIRST)
    second, _ = take(hub, lead, SECOND, renews=first)
    take_back(hub, first)
    assert len(living(hub)) == 3
    take_back(hub, second)
    assert living(hub) == {}


def test_a_link_that_others_declare_stays(hub: Hub, lead: int) -> None:
    first, _ = take(hub, lead, FIRST)
    other = a_firm(hub, "다른자동차")
    take(hub, other, "다솜,,,,한빛모빌리티,축,50\n")
    sheet, reading = give(hub, lead, SECOND, renews=first)
    assert [line.ends for line in look(hub, sheet, reading).gone] == [False]
    take(hub, lead, SECOND, renews=first)
    assert living(hub)["다솜", "한빛모빌리티(주)"] == 50


def test_a_link_that_stands_in_another_list_of_the_firm_is_not_gone(hub: Hub, lead: int) -> None:
    first, _ = take(hub, lead, FIRST)
    take(hub, lead, "다솜,,,,한빛모빌리티,축,20\n", "축.csv")
    _, coming = take(hub, lead, SECOND, renews=first)
    assert coming.links_gone == 0
    assert ("다솜", "한빛모빌리티(주)") in living(hub)


def test_which_earlier_list_is_meant(hub: Hub, lead: int) -> None:
    march, _ = take(hub, lead, FIRST, "1차 협력사_2026-03.csv")
    second_tier, _ = take(hub, lead, FIRST + "\n", "2차 협력사_2026-03.csv")
    other = a_firm(hub, "다른자동차")
    take(hub, other, FIRST, "1차 협력사_2026-04.csv")

    def earlier(name: str, rows: str) -> int | None:
        sheet, _ = give(hub, lead, rows, name)
        with hub.db.reading() as session:
            found = earlier_of(session, session.get_one(Sheet, sheet))
            return found.id if found else None

    assert earlier("1차 협력사_2026-11 (최종).csv", SECOND) == march
    assert earlier("2차 협력사 v2.csv", SECOND + "\n") == second_tier
    assert earlier("3차 협력사.csv", SECOND + "\n\n") is None
    june, _ = take(hub, lead, SECOND + "\n\n\n", "1차 협력사_2026-06.csv", march)
    assert earlier("1차 협력사_2026-11 (최종).csv", SECOND) == june


def test_only_an_own_list_that_was_taken_in_is_renewed(hub: Hub, lead: int) -> None:
    theirs, _ = take(hub, a_firm(hub, "다른자동차"), FIRST)
    waiting, _ = give(hub, lead, FIRST + "\n")
    sheet, _ = give(hub, lead, SECOND)
    for older in (theirs, waiting, 999):
        with hub.db.work() as session, pytest.raises(SheetNotFound):
            renew(session, session.get_one(Sheet, sheet), older)


def test_a_firm_is_found_again_by_what_its_teller_calls_it(hub: Hub, lead: int) -> None:
    take(hub, a_firm(hub, "다른자동차"), f"가온정밀,{NUMBER},,,다른자동차,허브,\n")
    take(hub, lead, f"가온테크,{NUMBER},,,한빛모빌리티,허브,\n")
    _, again = take(hub, lead, "가온테크,,,,한빛모빌리티,축,\n", "축.csv")
    assert (again.firms_new, again.faults) == (0, [])
    with hub.db.work() as session:
        firm = session.exec(select(Firm).where(Firm.brn == NUMBER.replace("-", ""))).one()
        firm.name, firm.name_key, firm.joined_at = "가온오토", "가온오토", firm.created_at
        firm.brn = OTHER.replace("-", "")
        session.add(firm)
    _, joined = take(hub, lead, f"가온테크,{NUMBER},도금,,한빛모빌리티,너트,\n", "너트.csv")
    assert (joined.firms_new, joined.faults) == (0, [])
    with hub.db.reading() as session:
        firm = session.exec(select(Firm).where(Firm.name == "가온오토")).one()
        assert (firm.brn, firm.process) == (OTHER.replace("-", ""), ""), "its columns are its own"


def test_of_strangers_with_one_name_none_is_guessed(hub: Hub, lead: int) -> None:
    other = a_firm(hub, "다른자동차")
    rows = f"대한정밀,{NUMBER},,,다른자동차,,\n대한정밀,{OTHER},,,다른자동차,,\n"
    take(hub, other, rows)
    _, mine = take(hub, lead, "대한정밀,,,,한빛모빌리티,,\n")
    assert (mine.rows, mine.firms_new) == ({"new": 1}, 1)
    _, again = take(hub, lead, "대한정밀,,,,한빛모빌리티,,\n\n")
    assert again.rows == {"unchanged": 1}
    _, theirs = take(hub, other, "대한정밀,,,,다른자동차,,\n", "또.csv")
    assert [type(at.fault).__name__ for at in theirs.faults] == ["NameShared"]


def test_two_shares_for_one_delivery_are_remarked_on_and_stay_steady(hub: Hub, lead: int) -> None:
    rows = "가온,,,,한빛모빌리티,허브,10\n가온,,,,한빛모빌리티,허브,20\n"
    _, coming = take(hub, lead, rows)
    (doubt,) = coming.doubts
    assert (doubt.row, doubt.column, doubt.value) == (3, "비중", "20")
    _, again = take(hub, lead, rows + "\n", "또.csv")
    assert again.rows == {"unchanged": 2}
    assert list(living(hub).values()) == [10]


def test_a_list_without_shares_leaves_the_shares(hub: Hub, lead: int) -> None:
    first, _ = take(hub, lead, FIRST)
    _, coming = take(hub, lead, "가온,,사출,10,한빛모빌리티,허브,\n", "담당자.csv")
    assert coming.rows == {"unchanged": 1}
    assert not coming.another
    assert living(hub)["가온", "한빛모빌리티(주)"] == 10
    take(hub, lead, "가온,,사출,10,한빛모빌리티,허브,\n\n", "새 명단.csv", first)
    assert living(hub) == {("가온", "한빛모빌리티(주)"): None}


def test_a_look_of_an_hour_ago_is_taken_again(hub: Hub, lead: int) -> None:
    sheet, reading = give(hub, lead, f"가온,{NUMBER},,,한빛모빌리티,허브,10\n")
    coming = look(hub, sheet, reading)
    take(hub, a_firm(hub, "다른자동차"), f"가온오토,{NUMBER},,,다른자동차,허브,\n")
    with hub.db.work() as session:
        take_in(session, session.get_one(Sheet, sheet), reading, coming)
    with hub.db.reading() as session:
        assert len(session.exec(select(Firm).where(col(Firm.brn).is_not(None))).all()) == 1
        assert len(session.exec(select(Link)).all()) == 2
