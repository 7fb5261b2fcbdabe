"""The page and the API where the two firms of a link settle what they say about it."""

import re

import pytest
from sqlmodel import select

from supplychain.services.declarations import declare_supplier
from supplychain.tables import Declaration, Firm, Link, now
from tests.make import firm


@pytest.fixture
def chain(hub):
    """Lead ← module maker ← parts maker: the lead firm named the link between the two."""
    lead, buyer, supplier = (firm(hub, name) for name in ("완성차(주)", "모듈(주)", "부품(주)"))
    with hub.db.work() as session:
        for one in session.exec(select(Firm)):
            one.joined_at = now()
        link = declare_supplier(
            session, session.get(Firm, buyer), session.get(Firm, supplier), item="휠", share=37
        )
        session.add(Declaration(link_id=link.id, firm_id=lead, share=11))
        return {"lead": lead, "buyer": buyer, "supplier": supplier, "link": link.id}


ROLES = {"lead": "supply_manager", "buyer": "vendor", "supplier": "vendor"}


@pytest.fixture
def as_(chain, sign_in):
    """A function: a client signed in for one of the three firms."""
    return lambda name: sign_in((ROLES[name], chain[name]))


def token_of(client) -> str:
    form = client.get("/account").text
    return re.search(r'name="csrf_token" value="([^"]+)"', form)[1]


def page(as_, chain, who, number=None) -> str:
    client = as_(who)
    answer = client.get(f"/declarations/{number}" if number else "/declarations")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_each_end_sees_what_the_other_says(as_, chain):
    shown = page(as_, chain, "supplier")
    assert "부품(주) → 모듈(주)" in shown
    assert "37 %" in shown
    assert "확인 전" in shown


def test_a_third_firm_sees_answers_but_no_shares(as_, chain):
    for number in (None, chain["link"]):
        shown = page(as_, chain, "lead", number)
        assert "거래합니다" in shown
        assert "37 %" not in shown


def test_an_end_does_not_learn_who_else_named_the_link(as_, chain):
    shown = page(as_, chain, "supplier", chain["link"])
    assert "완성차" not in shown
    assert "공급망의 다른 회사" in shown
    assert "11 %" not in shown


def test_a_denial_contradicts_and_a_yes_confirms(hub, as_, chain):
    client = as_("supplier")
    address = f"/declarations/{chain['link']}"
    for stance, share, standing in (("denied", "", "contradicted"), ("holds", "40 %", "confirmed")):
        form = {"stance": stance, "share": share, "csrf_token": token_of(client)}
        assert client.post(address, data=form).status_code == 302
        with hub.db.reading() as session:
            assert session.get(Link, chain["link"]).standing == standing


def test_a_share_that_is_none_is_refused_beside_its_field(as_, chain):
    client = as_("supplier")
    form = {"stance": "holds", "share": "140", "csrf_token": token_of(client)}
    answer = client.post(f"/declarations/{chain['link']}", data=form)
    assert answer.status_code == 422
    assert "0에서 100" in answer.get_data(as_text=True)


def test_by_the_api(as_, chain):
    client = as_("supplier")
    (link,) = client.get("/api/v1/declarations").json["links"]
    assert (link["standing"], link["role"], link["you_say"]) == ("open", "supplier", None)
    assert link["buyer_says"]["share"] == 37
    told = {"stance": "holds", "share": 39.5}
    headers = {"X-CSRFToken": token_of(client)}
    for _ in range(2):
        answer = client.post(f"/api/v1/declarations/{link['link']}", json=told, headers=headers)
        assert answer.json["standing"] == "confirmed"
    client = as_("lead")
    (link,) = client.get("/api/v1/declarations?standing=confirmed").json["links"]
    assert (link["buyer_says"]["share"], link["you_say"]["share"]) == (None, 11)


def test_links_of_others_are_not_there(hub, sign_in, chain):
    stranger = sign_in(("vendor", firm(hub, "남의회사(주)")))
    assert stranger.get(f"/declarations/{chain['link']}").status_code == 404
    assert stranger.get("/api/v1/declarations").json["links"] == []
