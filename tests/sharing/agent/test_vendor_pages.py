"""What a plant's owner sees and does in the browser, without an agent."""

import re

import pytest

from sharing.services import agents, deliveries, rollouts
from sharing.tables import Agent, Delivery
from supplychain.tables import now
from tests.sharing.chain import chain, started


@pytest.fixture
def made(hub):
    """A chain with a running rollout; `mine` is the delivery to the first firm."""
    found = chain(hub, tier2=2)
    number = started(found)
    with hub.db.reading() as session:
        rows = rollouts.deliveries_of(session, rollouts.rollout_by_id(session, number))
        found.mine, found.other = (
            next(row.id for row in rows if row.site_id == site) for site in found.sites[:2]
        )
    return found


@pytest.fixture
def owner(made, sign_in):
    """(method, address, form) → the answer, as the owner of the first firm."""
    client = sign_in(("vendor", made.firms[0]))

    def ask(address, **form):
        if not form:
            return client.get(address)
        page = client.get("/plant/models").text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page).group(1)
        return client.post(address, data={"csrf_token": token, **form}, follow_redirects=True)

    ask.client = client
    return ask


def state_of(hub, delivery) -> str:
    with hub.db.reading() as session:
        return session.get_one(Delivery, delivery).state


def test_an_offer_is_on_top_and_says_what_leaves(made, owner):
    assert "모델 1건을 제안받았습니다" in owner("/").text
    page = owner("/plant/models").text
    assert page.index('id="offers"') < page.index('id="running"')
    offer = owner(f"/plant/offers/{made.mine}").text
    for part in ("사업장 밖으로 무엇이 나가나요?", "기술자료 비밀유지계약", "melt_temperature"):
        assert part in offer


def test_accept_needs_the_agreement(hub, made, owner):
    refused = owner(f"/plant/offers/{made.mine}/accept", other="1")
    assert refused.status_code == 422
    assert "먼저 계약에 동의해 주세요." in refused.text
    assert state_of(hub, made.mine) == "offered"
    accepted = owner(f"/plant/offers/{made.mine}/accept", agree="yes")
    assert "PC를 연결하면 됩니다" in accepted.text
    assert state_of(hub, made.mine) == "accepted"
    owner(f"/plant/offers/{made.mine}/accept", agree="yes")
    assert state_of(hub, made.mine) == "accepted"


def test_decline_and_think_again(hub, made, owner):
    assert "거절했습니다" in owner(f"/plant/offers/{made.mine}/decline", reason="").text
    assert state_of(hub, made.mine) == "declined"
    owner(f"/plant/offers/{made.mine}/accept", agree="yes")
    assert state_of(hub, made.mine) == "accepted"


def test_another_firms_offer_and_pc_are_not_there(hub, made, owner):
    with hub.db.work() as session:
        session.add(Agent(id="a-2", site_id=made.sites[1], public_key="k", name="theirs"))
    assert owner(f"/plant/offers/{made.other}").status_code == 404
    assert owner(f"/plant/offers/{made.other}/accept", agree="yes").status_code == 404
    assert owner("/plant/pcs/a-2/disconnect", sure="yes").status_code == 404
    assert owner("/plant/pcs/connect", site=made.sites[1]).status_code == 403
    assert "theirs" not in owner("/plant/pcs").text
    assert state_of(hub, made.other) == "offered"


def test_a_code_is_shown_until_a_pc_has_used_it(hub, made, owner):
    page = owner("/plant/pcs/connect", site=made.sites[0]).text
    code = re.search(r"hub-agent enrol http\S+ --code (\S{4}-\S{4})<", page).group(1)
    assert code in owner("/plant/pcs").text
    with hub.db.work() as session:
        assert agents.open_code(session, code.lower().replace("-", " "), now())
        agents.open_code(session, code, now()).used_at = now()
        session.add(Agent(id="a-1", site_id=made.sites[0], public_key="k", name="사무실"))
    page = owner("/plant/pcs").text
    assert code not in page
    assert "사무실" in page
    assert "연결을 끊었습니다" in owner("/plant/pcs/a-1/disconnect", sure="yes").text
    assert "아직 연결된 PC가 없습니다" in owner("/plant/pcs").text


def test_a_failure_is_told_in_the_readers_language(hub, made, owner):
    owner(f"/plant/offers/{made.mine}/accept", agree="yes")
    figures = {"code": "GoldenMismatch", "facts": {"difference": "0.02"}}
    with hub.db.work() as session:
        row = session.get_one(Delivery, made.mine)
        deliveries.move(session, row, "prepared", now(), by="hub")
        row.metadata_version = 1
        reason = "The publisher's test rows come out differently on this PC (off by 0.02)."
        deliveries.apply_report(session, row, "failed", reason, figures, now(), by="a-1")
    for address in (f"/plant/offers/{made.mine}", "/plant/models"):
        assert "시험 데이터 결과가 이 PC에서 다르게" in owner(address).text
    with owner.client.session_transaction() as session:
        session["locale"] = "en"
    assert "come out differently" in owner(f"/plant/offers/{made.mine}").text
