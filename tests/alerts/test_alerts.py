"""Alerts through services, mails, pages, the API and the command."""

import json
import re

import pytest
from click.testing import CliRunner
from sqlmodel import select

from hub import alerting as posting
from hub.alerting import Post
from hub.tables import AuditEntry, Mail
from supplychain.addresses import address_hash
from supplychain.alert_errors import (
    AlertForNobody,
    AlertIncomplete,
    AlertLinkUsed,
    AlertNamesFirm,
    AlertNotFound,
    AlertNotYours,
    AlertOver,
    AlertRemindedLately,
    AlertTooFar,
)
from supplychain.alert_tables import AlertReceipt
from supplychain.invitation_errors import NoteRefused
from supplychain.services import alert_ways, alerts
from supplychain.services.alert_lists import summaries
from supplychain.services.alert_views import alert_seen
from supplychain.services.alerts import Answer, Draft, Speaker
from supplychain.tables import Declaration, Link, MailRefusal
from tests import make
from tests.inviting.conftest import Chain

LEAD, NEAR, SIDE, FAR = "한빛자동차(주)", "다솜정밀", "가온테크", "마루금속"
ENDS = [f"끝{n}공업" for n in range(1, 5)]


@pytest.fixture(autouse=True)
def _no_csrf(app) -> None:
    app.config["WTF_CSRF_ENABLED"] = False


@pytest.fixture
def chain(hub) -> Chain:
    """한빛 ← 다솜, 가온; 다솜 ← 마루 ← four more. 가온 and the four have not joined."""
    made = Chain(hub)
    made.firm(LEAD)
    made.supplies(NEAR, LEAD)
    made.supplies(SIDE, LEAD, email="kim@gaon.example", contact="김영희")
    made.supplies(FAR, NEAR)
    for place, end in enumerate(ENDS):
        made.supplies(end, FAR, email=f"end{place}@end.example" if place < 3 else "")
    made.join(LEAD, NEAR, FAR)
    for name in (LEAD, NEAR, FAR):
        make.person(hub, ("vendor", made.firm(name)), name=f"{name} 담당")
    return made


@pytest.fixture
def post(hub) -> Post:
    return Post(hub.settings)


def speaker(chain, name: str) -> Speaker:
    return Speaker(chain.firm(name), "test")


def raised(hub, chain, post, by=LEAD, **more) -> int:
    draft = Draft(**{"key": "k", "text": "라인이 섰습니다.", "asks": ("deliver",), **more})
    with hub.db.work() as session:
        return posting.raise_alert(session, post, speaker(chain, by), draft).id


def seen(hub, chain, name, number):
    with hub.db.reading() as session:
        return alert_seen(session, chain.firm(name), number)


def mails(hub) -> list[Mail]:
    with hub.db.reading() as session:
        return list(session.exec(select(Mail).order_by(Mail.id)))


def do(hub, act, *given):
    with hub.db.work() as session:
        return act(session, *given)


def test_it_travels_tier_by_tier_and_names_stay_where_they_may_be_known(hub, chain, post) -> None:
    number = raised(hub, chain, post)
    do(hub, posting.pass_on, post, speaker(chain, NEAR), number, [chain.firm(FAR)])
    ends = [chain.firm(end) for end in ENDS]
    do(hub, posting.pass_on, post, speaker(chain, FAR), number, ends)
    do(hub, alerts.answer, speaker(chain, FAR), number, Answer("partly", note="절반만 됩니다."))
    first, second, third = seen(hub, chain, LEAD, number).tiers
    assert (len(first.named), first.hidden, first.few) == (2, 0, False)
    assert (second.named, second.hidden, second.few, dict(second.came)) == ((), 0, True, {})
    assert (third.named, third.hidden) == ((), 4)
    assert dict(third.came) == {"sent": 3, "unreachable": 1}
    # The firm in between reads the answer of the one that it asked, by name and with its words.
    [line] = seen(hub, chain, NEAR, number).lines
    assert (line.name, line.came_to, line.note) == (FAR, "partly", "절반만 됩니다.")
    # Who got it at the third tier learns from whom, and not who raised it.
    far = seen(hub, chain, FAR, number)
    assert (far.senders, far.raiser) == ([NEAR], "")
    told = {mail.to: f"{mail.subject}\n{mail.text}" for mail in mails(hub)}
    assert all(LEAD not in text for to, text in told.items() if to.startswith("end"))
    assert all(FAR in told[f"end{n}@end.example"] for n in range(3))


def test_a_firm_without_the_alert_cannot_tell_it_from_none(hub, chain, post) -> None:
    number = raised(hub, chain, post)
    for wrong in (number, number + 1):
        with hub.db.reading() as session, pytest.raises(AlertNotFound):
            alert_seen(session, chain.firm(FAR), wrong)


def test_raised_twice_under_one_key_it_is_one_and_one_mail(hub, chain, post) -> None:
    assert raised(hub, chain, post) == raised(hub, chain, post)
    assert len(mails(hub)) == 2


def test_it_goes_on_by_itself_where_the_firm_lets_it_and_along_its_own_links_alone(
    hub, chain, post
) -> None:
    do(hub, lambda s: alert_ways.let_go_on(s, chain.firm(NEAR), "test", by_itself=True))
    do(hub, lambda s: alert_ways.let_go_on(s, chain.firm(FAR), "test", by_itself=True))
    stranger = chain.supplies("낯선공업", NEAR, told_by="낯선공업")
    number = raised(hub, chain, post, by_itself=True)
    with hub.db.reading() as session:
        got = set(session.exec(select(AlertReceipt.firm_id)))
    assert chain.firm(FAR) in got
    assert stranger not in got
    assert {chain.firm(end) for end in ENDS} <= got
    # By hand the firm itself may think otherwise.
    do(hub, posting.pass_on, post, speaker(chain, NEAR), number, [stranger])


def test_tiers_that_are_asked_and_firms_on_the_way(hub, chain, post) -> None:
    number = raised(hub, chain, post, tiers=(2,))
    assert not seen(hub, chain, NEAR, number).asked
    do(hub, alerts.acknowledge, speaker(chain, NEAR), number)
    with hub.db.reading() as session:
        assert summaries(session, chain.firm(NEAR))[0].to_do == "pass"
    do(hub, posting.pass_on, post, speaker(chain, NEAR), number, [chain.firm(FAR)])
    assert seen(hub, chain, FAR, number).asked
    assert seen(hub, chain, FAR, number).nexts == []
    with pytest.raises(AlertTooFar):
        do(hub, posting.pass_on, post, speaker(chain, FAR), number, [chain.firm(ENDS[0])])


def test_a_denied_link_carries_no_alert(hub, chain, post) -> None:
    with hub.db.work() as session:
        link = session.exec(select(Link).where(Link.supplier_id == chain.firm(NEAR))).one()
        said = session.exec(select(Declaration).where(Declaration.link_id == link.id)).one()
        said.stance = "denied"
    raised(hub, chain, post)
    assert [mail.to for mail in mails(hub)] == ["kim@gaon.example"]


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"text": " "}, AlertIncomplete),
        ({"kind": "war"}, AlertIncomplete),
        ({"region": "여기"}, AlertIncomplete),
        ({"text": "다솜정밀 라인이 섰습니다"}, AlertNamesFirm),
        ({"item": "(주) 다솜 정밀 범퍼"}, AlertNamesFirm),
        ({"text": "https://elsewhere.example"}, NoteRefused),
        ({"direction": "up"}, AlertForNobody),
    ],
)
def test_what_cannot_be_raised(hub, chain, post, more, error) -> None:
    with pytest.raises(error):
        raised(hub, chain, post, **more)
    assert mails(hub) == []


def test_the_firm_that_it_comes_from_resolves_it_and_everybody_hears(hub, chain, post) -> None:
    number = raised(hub, chain, post)
    do(hub, posting.pass_on, post, speaker(chain, NEAR), number, [chain.firm(FAR)])
    do(hub, alerts.answer, speaker(chain, FAR), number, Answer("no", cause=True))
    assert seen(hub, chain, LEAD, number).hidden_causes
    assert seen(hub, chain, NEAR, number).causes == [FAR]
    with pytest.raises(AlertNotYours):
        do(hub, posting.resolve, post, speaker(chain, LEAD), number, "")
    before = len(mails(hub))
    do(hub, posting.resolve, post, speaker(chain, FAR), number, "다시 돌아갑니다.")
    over = mails(hub)[before:]
    assert len(over) == 3  # both joined firms but the one that ended it, and the one by link
    assert all("다시 돌아갑니다" in mail.text and FAR not in mail.text for mail in over)
    assert [m.state for m in mails(hub)[:before]].count("withdrawn") == 1  # gaon's, not gone yet
    for name in (LEAD, NEAR, FAR):
        assert seen(hub, chain, name, number).alert.state == "resolved"
        with pytest.raises(AlertOver):
            do(hub, alerts.acknowledge, speaker(chain, name), number)


def test_reminders_wait_and_then_bring_a_new_link(hub, chain, post) -> None:
    number = raised(hub, chain, post)
    with pytest.raises(AlertRemindedLately):
        do(hub, posting.remind, post, speaker(chain, LEAD), number)
    with hub.db.work() as session:
        for row in session.exec(select(AlertReceipt)):
            row.sent_at = row.sent_at and row.sent_at.replace(year=2020)
    first = link_to(hub, "kim@gaon.example")
    assert do(hub, posting.remind, post, speaker(chain, LEAD), number) == 2
    assert link_to(hub, "kim@gaon.example") != first


def link_to(hub, email: str) -> str:
    text = [mail.text for mail in mails(hub) if mail.to == email and mail.state == "waiting"][-1]
    return re.search(r"/alerted/[\w-]+", text)[0]


def test_answered_by_link_without_an_account_once(hub, chain, post, client) -> None:
    number = raised(hub, chain, post)
    link = link_to(hub, "kim@gaon.example")
    for _ in range(3):  # opening it uses nothing up
        page = client.get(link)
        assert page.status_code == 200
        assert LEAD in page.text
        assert "no-store" in page.headers["Cache-Control"]
    with hub.db.reading() as session:
        assert all(e.action != "alert.acknowledged" for e in session.exec(select(AuditEntry)))
    assert client.post(f"{link}/acknowledge").status_code == 302
    assert client.post(f"{link}/answer", data={}).status_code == 422  # asked whether it can
    answered = client.post(
        f"{link}/answer", data={"delivers": "partly", "note": "절반", "until": "2026-12-01"}
    )
    assert answered.status_code == 302
    assert client.post(f"{link}/answer", data={"delivers": "yes"}).status_code == 422
    with hub.db.work() as session, pytest.raises(AlertLinkUsed):
        alerts.answer_by_link(session, link.rpartition("/")[2], Answer("yes"))
    line = next(x for x in seen(hub, chain, LEAD, number).lines if x.name == SIDE)
    assert (line.came_to, line.note, str(line.until)) == ("partly", "절반", "2026-12-01")
    assert "절반" in client.get(link).text


def test_links_that_are_none_and_addresses_that_want_no_mail(hub, chain, post, client) -> None:
    assert client.get("/alerted/nothing").status_code == 404
    number = raised(hub, chain, post)
    assert client.post(f"{link_to(hub, 'kim@gaon.example')}/never").status_code == 302
    with hub.db.work() as session:
        assert session.get(MailRefusal, address_hash("kim@gaon.example"))
        for row in session.exec(select(AlertReceipt)):
            row.sent_at = row.sent_at and row.sent_at.replace(year=2020)
    before = len(mails(hub))
    do(hub, posting.remind, post, speaker(chain, LEAD), number)
    assert [mail.to for mail in mails(hub)[before:]] != ["kim@gaon.example"]
    do(hub, posting.withdraw, post, speaker(chain, LEAD), number, "")
    assert "kim@gaon.example" not in [mail.to for mail in mails(hub)[before:]]


def test_pages_from_raising_to_the_end(hub, chain, sign_in) -> None:
    lead = sign_in(("supply_manager", chain.firm(LEAD)))
    near = sign_in(("vendor", chain.firm(NEAR)))
    assert "받은 알림도 보낸 알림도 없습니다" in lead.get("/alerts").text
    assert SIDE in lead.get("/alerts/new").text
    form = {
        "key": "k1", "kind": "stop", "text": "원료가 끊겼습니다.", "urgency": "now",
        "direction": "down", "asks": ["deliver", "until"], "whom": "all",
    }  # fmt: skip
    assert "범퍼" in lead.post("/alerts/new", data={**form, "text": "", "item": "범퍼"}).text
    made = lead.post("/alerts/new", data=form)
    assert made.status_code == 302
    assert "새 알림: 납품 중단" in near.get("/").text
    number = re.search(r"/alerts/(\d+)", made.location)[1]
    page = near.get(f"/alerts/{number}").text
    assert "원료가 끊겼습니다" in page
    assert FAR in page
    assert near.post(f"/alerts/{number}/acknowledge").status_code == 302
    bad = near.post(f"/alerts/{number}/answer", data={"delivers": "yes", "until": "soon"})
    assert bad.status_code == 422
    assert near.post(f"/alerts/{number}/answer", data={"delivers": "yes"}).status_code == 302
    assert near.post(f"/alerts/{number}/pass", data={"to": chain.firm(FAR)}).status_code == 302
    assert "납품 가능" in lead.get(f"/alerts/{number}").text
    assert lead.get("/alerts?state=raised").text.count("원료가 끊겼습니다") == 1
    changed = lead.post(
        f"/alerts/{number}/address", data={"to": chain.firm(SIDE), "email": "new@gaon.example"}
    )
    assert changed.status_code == 302
    assert mails(hub)[-1].to == "new@gaon.example"
    assert near.post(f"/alerts/{number}/resolve").status_code == 422
    assert lead.post(f"/alerts/{number}/resolve", data={"outcome": "끝"}).status_code == 302
    assert "해결된 알림" in near.get("/").text
    assert near.get("/alerts/999999").status_code == 404
    assert near.post("/alerts/setting", data={"by_itself": "yes"}).status_code == 302
    assert "checked" in near.get("/alerts").text


def test_the_api_does_the_same(hub, chain, sign_in) -> None:
    lead = sign_in(("supply_manager", chain.firm(LEAD)))
    near = sign_in(("vendor", chain.firm(NEAR)))
    found = lead.get("/api/v1/alerts/recipients").json["firms"]
    assert {each["name"]: each["way"] for each in found} == {NEAR: "here", SIDE: "mail"}
    body = {"key": "k1", "text": "끊겼습니다.", "asks": ["deliver"], "urgency": "now"}
    made = lead.post("/api/v1/alerts", json=body)
    assert made.status_code == 201
    number = made.json["id"]
    assert lead.post("/api/v1/alerts", json=body).json["id"] == number
    assert near.get("/api/v1/alerts").json["alerts"][0]["to_do"] == "acknowledge"
    where = f"/api/v1/alerts/{number}"
    assert near.post(f"{where}/acknowledgement", json={}).json["from"] == [LEAD]
    assert near.post(f"{where}/answer", json={"delivers": "no", "cause": True}).status_code == 200
    assert near.post(f"{where}/passing", json={"to": [chain.firm(FAR)]}).status_code == 200
    assert near.post(f"{where}/reminder", json={}).status_code == 422
    got = lead.get(where).json
    assert got["comes_from"] == [NEAR]
    assert [tier["firms"] for tier in got["tiers"]] == [2, 0]
    assert lead.post(f"{where}/resolution", json={}).status_code == 403
    assert near.post(f"{where}/resolution", json={"outcome": "끝"}).json["state"] == "resolved"
    assert lead.post(f"{where}/withdrawal", json={}).status_code == 422
    assert lead.get("/api/v1/alerts/424242").status_code == 404
    setting = near.put("/api/v1/alert-setting", json={"by_itself": True})
    assert setting.json["by_itself"] is near.get("/api/v1/alert-setting").json["by_itself"] is True


def test_the_command_does_the_same(hub, chain, monkeypatch) -> None:
    from hub.cli import hub as command

    monkeypatch.setenv("HUB_DATA", str(hub.settings.data))

    def run(*words: str):
        result = CliRunner().invoke(command, ["supply", "alert", *words])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.output

    made = json.loads(
        run("send", "끊겼습니다.", "--by", LEAD, "--key", "c1", "--ask", "deliver", "--json")
    )
    number = str(made["id"])
    run("acknowledge", number, "--by", NEAR)
    run("answer", number, "--by", NEAR, "--delivers", "yes", "--until", "2026-12-31")
    passed = json.loads(run("pass", number, "--by", NEAR, "--json"))
    assert [firm["name"] for firm in passed["firms"]] == [FAR]
    assert "acknowledge" in run("list", "--by", FAR)
    assert "yes" in run("show", number, "--by", LEAD)
    with pytest.raises(AlertNotYours):
        run("withdraw", number, "--by", NEAR)
    assert json.loads(run("resolve", number, "--by", LEAD, "--json"))["state"] == "resolved"


def test_two_merged_firms_have_it_once(hub, chain, post) -> None:
    from supplychain.services.merging import merge

    number = raised(hub, chain, post)
    do(hub, posting.pass_on, post, speaker(chain, NEAR), number, [chain.firm(FAR)])
    do(hub, posting.pass_on, post, speaker(chain, FAR), number,
       [chain.firm(end) for end in ENDS])  # fmt: skip
    with hub.db.work() as session:
        merge(session, chain.firm(ENDS[0]), [chain.firm(ENDS[3])], by=None, actor="test")
    assert len(seen(hub, chain, FAR, number).lines) == 3


def test_a_firm_that_has_not_joined_ends_by_its_link_what_it_caused(
    hub, chain, post, client
) -> None:
    number = raised(hub, chain, post)
    link = link_to(hub, "kim@gaon.example")
    assert client.post(f"{link}/over").status_code == 422  # it has not said that it comes from it
    client.post(f"{link}/answer", data={"delivers": "no", "cause": "yes"})
    assert "/over" in client.get(link).text
    assert not seen(hub, chain, LEAD, number).may_resolve
    assert client.post(f"{link}/over", data={"outcome": "다시 보냅니다."}).status_code == 302
    assert seen(hub, chain, LEAD, number).alert.outcome == "다시 보냅니다."
    assert seen(hub, chain, NEAR, number).alert.state == "resolved"
    assert client.post(f"{link}/over").status_code == 422
