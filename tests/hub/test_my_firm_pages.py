"""A vendor's own pages: its data with their history, its suppliers, its customers."""

import re

import pytest
from sqlmodel import select

from supplychain.by_hand import read_supplier
from supplychain.services.own_word import name_supplier
from supplychain.tables import Declaration, Description, Firm, Link, now
from tests import make


@pytest.fixture
def vendor(hub, app, sign_in):
    """A signed-in vendor whose firm has joined."""
    app.config["WTF_CSRF_ENABLED"] = False
    firm_id = make.firm(hub, "한빛정밀", name_key="한빛정밀", joined_at=now())
    client = sign_in(("vendor", firm_id), name="최은주")
    client.firm_id = firm_id
    return client


def rows(hub, table, **where):
    with hub.db.reading() as session:
        query = select(table).order_by(table.id)
        for name, value in where.items():
            query = query.where(getattr(table, name) == value)
        found = session.exec(query).all()
        session.expunge_all()
        return found


def name(hub, buyer_id: int, supplier: str, **values: str) -> int:
    """A firm names a supplier by hand, as some other person; the link's number."""
    with hub.db.work() as session:
        told, faults = read_supplier({"name": supplier, **values})
        assert not faults
        return name_supplier(session, session.get_one(Firm, buyer_id), told, "test").id


def test_own_data_are_corrected_and_their_history_is_kept(hub, vendor) -> None:
    for number in ("12", "14", "14"):
        answer = vendor.post("/my-firm", data={"name": "한빛정밀(주)", "employees": number})
        assert answer.status_code == 302
    said = rows(hub, Description, by_id=vendor.firm_id)
    assert [row.employees for row in said] == [12, 14]
    assert [row.ended is None for row in said] == [False, True]
    [firm] = rows(hub, Firm)
    assert (firm.name, firm.name_key, firm.employees) == ("한빛정밀(주)", "한빛정밀", 14)
    page = vendor.get("/my-firm").text
    assert page.count("한빛정밀(주)") > 2


def test_what_the_form_shows_can_be_sent_again(hub, vendor) -> None:
    told = {"name": "한빛정밀", "brn": "124-81-00998", "region": "경남", "process": "사출"}
    vendor.post("/my-firm", data=told | {"employees": "14", "sector": "C29271 (11차)"})
    page = vendor.get("/my-firm").text
    shown = dict(re.findall(r'<input[^>]* name="(\w+)" value="([^"]*)"', page))
    shown |= {
        name: re.search(rf'name="{name}".*?<option value="([^"]+)" selected', page, re.DOTALL)[1]
        for name in ("region", "process")
    }
    assert vendor.post("/my-firm", data=shown).status_code == 302
    [said] = rows(hub, Description, by_id=vendor.firm_id)
    assert (said.sector, said.sector_revision, said.region) == ("C29271", 11, "KR-48")


def test_faults_of_own_data_are_all_named_and_nothing_is_saved(hub, vendor) -> None:
    answer = vendor.post("/my-firm", data={"name": "", "brn": "12", "country": "Korea"})
    assert answer.status_code == 422
    assert answer.text.count('class="form-hint-invalid"') == 3
    assert rows(hub, Description) == []


def test_a_number_of_another_firm_that_has_joined_is_refused(hub, vendor) -> None:
    make.firm(hub, "동해금속", brn="1248100998", joined_at=now())
    answer = vendor.post("/my-firm", data={"name": "한빛정밀", "brn": "124-81-00998"})
    assert answer.status_code == 422
    assert "동해금속" not in answer.text
    assert rows(hub, Description) == []


def test_a_supplier_is_named_corrected_and_ended(hub, vendor) -> None:
    form = {"name": "대성금형", "item": "금형", "share": "30", "email": "CEO@Daesung.example"}
    vendor.post("/my-suppliers", data=form)
    [link] = rows(hub, Link)
    assert (link.share, link.standing) == (30, "open")
    told = rows(hub, Description, by_id=vendor.firm_id)[-1]
    assert (told.name, told.email) == ("대성금형", "ceo@daesung.example")
    page = vendor.get(f"/my-suppliers/{link.id}").text
    assert "ceo@daesung.example" in page
    vendor.post(f"/my-suppliers/{link.id}", data={**form, "share": "45"})
    assert rows(hub, Link)[0].share == 45
    vendor.post(f"/my-suppliers/{link.id}", data={**form, "item": "사출 금형"})
    first, second = rows(hub, Link)
    assert first.ended is not None
    assert (second.item, second.ended) == ("사출 금형", None)
    vendor.post(f"/my-suppliers/{second.id}/end")
    assert rows(hub, Link)[1].ended is not None
    assert len(rows(hub, Declaration)) == 3
    assert all(said.ended for said in rows(hub, Declaration))


def test_a_supplier_is_found_by_its_number_then_by_its_name(hub, vendor) -> None:
    known = make.firm(hub, "Daesung Mold", name_key="daesungmold", brn="1248100998")
    bare = make.firm(hub, "한결도금", name_key="한결도금")
    vendor.post("/my-suppliers", data={"name": "대성금형", "brn": "124-81-00998"})
    vendor.post("/my-suppliers", data={"name": "㈜한결도금"})
    assert [link.supplier_id for link in rows(hub, Link)] == [known, bare]
    page = vendor.get("/my-suppliers").text
    assert "대성금형" in page
    assert "Daesung Mold" not in page  # what others call it is theirs


def test_a_name_that_several_bear_asks_for_the_number(hub, vendor) -> None:
    for brn in ("1248100998", "1018109147"):
        make.firm(hub, "대성금형", name_key="대성금형", brn=brn)
    answer = vendor.post("/my-suppliers", data={"name": "대성금형"})
    assert answer.status_code == 422
    assert "form-hint-invalid" in answer.text
    assert rows(hub, Link) == []


def test_nobody_supplies_itself(hub, vendor) -> None:
    assert vendor.post("/my-suppliers", data={"name": "한빛정밀"}).status_code == 422
    assert rows(hub, Link) == []
    assert rows(hub, Description) == []


def test_a_customer_is_confirmed_or_denied_and_the_task_goes(hub, vendor) -> None:
    buyer = make.firm(hub, "온새모듈", name_key="온새모듈", joined_at=now())
    yes = name(hub, buyer, "한빛정밀", item="사출품")
    no = name(hub, buyer, "한빛정밀", item="도장")
    assert "고객사 2곳이" in vendor.get("/").text
    page = vendor.get("/my-suppliers/customers").text
    assert "온새모듈" in page
    vendor.post(f"/my-suppliers/customers/{yes}", data={"answer": "yes"})
    for _ in range(2):
        vendor.post(f"/my-suppliers/customers/{no}", data={"answer": "no"})
    standing = {link.id: link.standing for link in rows(hub, Link)}
    assert standing == {yes: "confirmed", no: "contradicted"}
    assert not re.search("고객사 [0-9]+곳이", vendor.get("/").text), "the task, not the news"
    assert len(rows(hub, Declaration, firm_id=vendor.firm_id)) == 2


def test_another_firms_links_are_not_there(hub, vendor, sign_in) -> None:
    other = make.firm(hub, "남의회사", joined_at=now())
    link = name(hub, other, "비밀거래처")
    for path in (f"/my-suppliers/{link}", f"/my-suppliers?firm={other}", f"/my-firm?firm={other}"):
        answer = vendor.get(path)
        assert answer.status_code == 404
        assert "비밀거래처" not in answer.text
    assert vendor.post(f"/my-suppliers/{link}/end").status_code == 404
    vendor.post(f"/my-suppliers/customers/{link}", data={"answer": "no"})
    assert rows(hub, Link)[0].standing == "open"
    both = sign_in(("vendor", other), ("vendor", vendor.firm_id))
    assert "비밀거래처" in both.get(f"/my-suppliers?firm={other}").text


def test_invitations_go_to_all_addresses_or_to_none(hub, vendor) -> None:
    for each in ("대성금형", "한결도금"):
        name(hub, vendor.firm_id, each)
    first, second = (row.id for row in rows(hub, Firm) if row.joined_at is None)
    form = {f"email-{first}": "a@b.example", f"email-{second}": "not an address"}
    answer = vendor.post("/my-suppliers/invite", data=form)
    assert answer.status_code == 422
    assert answer.text.count("form-hint-invalid") == 1
    from supplychain.tables import Invitation

    assert rows(hub, Invitation) == []
    for _ in range(2):
        vendor.post("/my-suppliers/invite", data={**form, f"email-{second}": "c@d.example"})
    assert [row.email for row in rows(hub, Invitation)] == ["a@b.example", "c@d.example"]
