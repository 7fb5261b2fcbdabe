"""Who comes to speak for a firm, on both databases: rows that become one, rows that stay apart."""

import pytest

from supplychain.by_hand import ToldFirm, ToldSupplier, read_supplier
from supplychain.errors import NameShared
from supplychain.invitation_errors import InvitationNotFound, InvitationUsed
from supplychain.services import joining
from supplychain.services.invitations import Guest, Inviter, invite
from supplychain.services.merging import split
from supplychain.services.own_word import bearer_of, name_supplier, say_of_itself
from supplychain.services.partners import named_by, own_suppliers, unanswered
from supplychain.services.voices import ear_of
from supplychain.tables import Description, Firm, Invitation, Likeness, Link, now
from tests import make

NUMBER = "1248100998"


def person(handle: str = "u-1", *firms: int) -> joining.Person:
    return joining.Person(handle, frozenset(firms), lambda _: False)


@pytest.fixture
def asked(either_hub):
    """(hub, lead, supplier, invitation): a lead firm has named a supplier and invited it."""
    lead = make.firm(either_hub, "새빛모빌리티", joined_at=now())
    with either_hub.db.work() as session:
        own = session.get_one(Firm, lead)
        link = name_supplier(session, own, ToldSupplier(ToldFirm("한빛정밀"), "사출품"), "x")
        found = invite(session, Inviter(lead, "x"), link.supplier_id, Guest("a@b.example"))
        number = found.invitation.id
        return either_hub, lead, link.supplier_id, number


def join(session, number: int, told: ToldFirm, who: joining.Person) -> joining.Joined:
    row = session.get_one(Invitation, number)
    joining.answer_as(session, row, who.handle)
    return joining.join(session, row, told, who)


def test_a_firm_joins_once_and_one_person_only(asked) -> None:
    hub, _lead, supplier, number = asked
    for _ in range(2):
        with hub.db.work() as session:
            joined = join(session, number, ToldFirm("한빛정밀(주)", NUMBER), person())
            assert (joined.firm.id, joined.asked) == (supplier, False)
    with hub.db.work() as session, pytest.raises(InvitationUsed):
        join(session, number, ToldFirm("x"), person("u-2"))


def test_a_silent_row_of_that_number_and_name_is_the_firm_and_can_be_split_again(asked) -> None:
    hub, lead, supplier, number = asked
    other = make.firm(hub, "㈜한빛정밀", name_key="한빛정밀", brn=NUMBER)
    with hub.db.work() as session:
        joined = join(session, number, ToldFirm("한빛정밀", NUMBER), person())
        assert joined.firm.id == other
        assert session.get_one(Invitation, number).firm_id == other
        [link] = session.exec(named_by(joined.firm, ear_of(session, joined.firm.id))).all()
        assert (link.told_supplier_id, link.buyer_id) == (supplier, lead)
        split(session, 1, "x")
        assert session.get_one(Link, link.id, populate_existing=True).supplier_id == supplier


def test_a_number_alone_takes_nothing_over(asked) -> None:
    hub, _lead, supplier, number = asked
    other = make.firm(hub, "동해케미칼", name_key="동해케미칼", brn=NUMBER)
    with hub.db.work() as session:
        joined = join(session, number, ToldFirm("동해케미칼", NUMBER), person())
        assert joined.firm.id == supplier
        assert bearer_of(session, NUMBER).id == other
        assert session.get_one(Firm, other).joined_at is None


def test_people_of_a_firm_that_has_joined_let_others_in_or_not(asked) -> None:
    hub, _lead, supplier, number = asked
    other = make.firm(hub, "한빛정밀 주식회사", brn=NUMBER, joined_at=now())
    with hub.db.work() as session:
        assert join(session, number, ToldFirm("한빛정밀", NUMBER), person()).asked
        assert session.get_one(Firm, supplier).joined_at is None
        own, stranger = session.get_one(Firm, other), session.get_one(Firm, supplier)
        with pytest.raises(InvitationNotFound):
            joining.let_in(session, stranger, number, "x")
        assert [row.id for row in joining.asking_in(session, other)] == [number]
        row = joining.let_in(session, own, number, "x")
        assert (row.state, row.firm_id, row.asks_id) == ("accepted", other, None)
        assert session.get_one(Firm, supplier).merged_into_id == other
        with pytest.raises(InvitationNotFound):
            joining.let_in(session, own, number, "x")


@pytest.mark.parametrize("why", ["somebody said that they are two", "both speak"])
def test_who_is_let_in_elsewhere_makes_no_other_firm_speak(asked, why: str) -> None:
    hub, lead, supplier, number = asked
    other = make.firm(hub, "한빛정밀 주식회사", brn=NUMBER, joined_at=now())
    with hub.db.work() as session:
        assert join(session, number, ToldFirm("한빛정밀", NUMBER), person()).asked
        if why == "both speak":
            session.add(Description(firm_id=lead, by_id=supplier, name="x"))
        else:
            low, high = sorted((supplier, other))
            apart = {"low_id": low, "high_id": high, "state": "different"}
            session.add(Likeness(for_id=lead, score=0.5, **apart))
        session.flush()
        row = joining.let_in(session, session.get_one(Firm, other), number, "x")
        assert (row.state, row.firm_id) == ("accepted", supplier)
        left = session.get_one(Firm, supplier)
        assert (left.merged_into_id, left.joined_at) == (None, None)


def test_two_that_somebody_told_apart_stay_two_when_one_of_them_joins(asked) -> None:
    hub, lead, supplier, number = asked
    other = make.firm(hub, "㈜한빛정밀", name_key="한빛정밀", brn=NUMBER)
    with hub.db.work() as session:
        low, high = sorted((supplier, other))
        apart = {"low_id": low, "high_id": high, "state": "different"}
        session.add(Likeness(for_id=lead, score=0.5, **apart))
        session.flush()
        assert join(session, number, ToldFirm("한빛정밀", NUMBER), person()).firm.id == supplier
        assert session.get_one(Firm, other).joined_at is None


def test_whoever_speaks_for_the_numbered_firm_already_is_not_asked(asked) -> None:
    hub, _lead, supplier, number = asked
    other = make.firm(hub, "한빛정밀 주식회사", brn=NUMBER, joined_at=now())
    with hub.db.work() as session:
        joined = join(session, number, ToldFirm("한빛정밀", NUMBER), person("u-1", other))
        assert (joined.firm.id, joined.asked) == (other, False)
        assert session.get_one(Firm, supplier).merged_into_id == other


def test_suppliers_named_by_hand_are_listed_and_asked(asked) -> None:
    hub, lead, supplier, _number = asked
    with hub.db.work() as session:
        own, firm = session.get_one(Firm, lead), session.get_one(Firm, supplier)
        assert [link.supplier_id for link in session.exec(own_suppliers(own))] == [supplier]
        assert len(session.exec(unanswered(firm, ear_of(session, firm.id))).all()) == 1
        for brn in (NUMBER, "1018109147"):
            told, faults = read_supplier({"name": "대성금형", "brn": brn})
            assert not faults
            name_supplier(session, own, told, "x")
        with pytest.raises(NameShared):
            name_supplier(session, own, ToldSupplier(ToldFirm("대성금형")), "x")
        say_of_itself(session, own, ToldFirm("새빛모빌리티(주)", region="KR-41"), "x")
        assert own.region == "KR-41"
