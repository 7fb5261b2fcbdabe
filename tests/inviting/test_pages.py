"""The pages, the API and the commands of invitations and of the outbox."""

import csv
import io
import json
from contextlib import closing

import pytest
from click.testing import CliRunner
from sqlmodel import select

from hub.outbox import carrier_for, send_due
from hub.tables import ApiToken, AuditEntry, Mail, User
from hub.tokens import make_token
from supplychain.services import invitations
from supplychain.tables import Invitation

LEAD, FIRST = "한빛자동차(주)", "다솜정밀"


@pytest.fixture(autouse=True)
def _no_csrf(app) -> None:
    app.config["WTF_CSRF_ENABLED"] = False


@pytest.fixture
def manager(chain, sign_in):
    return sign_in(("supply_manager", chain.firm(LEAD)), name="김소연")


def form(**more: str) -> dict[str, str]:
    return {"guest": FIRST, "email": "park@dasom.example", "locale": "ko", **more}


def rows(hub, table) -> list:
    with hub.db.reading() as session:
        return list(session.exec(select(table).order_by(table.id)))


def test_first_the_page_says_what_to_do(manager) -> None:
    page = manager.get("/invitations").text
    assert "아직 아무도 초대하지 않았습니다" in page
    assert "/invitations/new" in page
    assert "협력사 초대" in manager.get("/").text


def test_invited_by_the_form_once(hub, manager) -> None:
    answer = manager.post("/invitations/new", data=form(note="부탁드립니다."))
    assert answer.status_code == 302
    page = manager.get(answer.location).text
    assert "박정수" not in page
    assert "&gt; 부탁드립니다." in page
    assert "invited/…" in page  # the secret is in the mail alone
    again = manager.post("/invitations/new", data=form(), follow_redirects=True)
    assert "메일을 또 보내지 않았습니다" in again.text
    assert len(rows(hub, Mail)) == 1
    [entry] = [e for e in rows(hub, AuditEntry) if e.action == "invitation.sent"]
    assert "park" not in f"{entry.subject}{entry.detail}"


def test_a_link_from_elsewhere_fills_the_form(chain, manager) -> None:
    page = manager.get(f"/invitations/new?guest={chain.firm(FIRST)}").text
    assert 'value="다솜정밀"' in page
    assert 'value="park@dasom.example"' in page


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"email": "park"}, "이메일 주소가 아닙니다"),
        ({"guest": "없는 회사"}, "field-guest-error"),
        ({"note": "http://elsewhere.example"}, "웹 주소는 넣을 수 없습니다"),
        ({"email": "a@b.example\r\nBcc: c@d.example"}, "이메일 주소가 아닙니다"),
    ],
)
def test_faults_stand_beside_their_fields(hub, manager, given, said) -> None:
    answer = manager.post("/invitations/new", data=form(**given))
    assert answer.status_code == 422
    assert said in answer.text
    assert rows(hub, Invitation) == []


def test_a_firm_that_others_know_cannot_be_told_from_none(chain, manager) -> None:
    chain.supplies("남의 협력사", "새별전자")
    known = manager.post("/invitations/new", data=form(guest="남의 협력사"))
    none = manager.post("/invitations/new", data=form(guest="없는 협력사"))
    assert known.status_code == none.status_code == 422
    assert known.text.replace("남의", "없는") == none.text


def test_everyone_in_a_sheet(hub, chain, manager) -> None:
    sheet = chain.sheet(LEAD)
    for number in range(60):
        email = f"o{number}@many.example" if number % 2 else ""
        chain.supplies(f"많은{number}", LEAD, email=email, sheet=sheet)
    page = manager.get(f"/invitations/new/sheet?sheet={sheet}").text
    assert "30곳 초대하기" in page
    assert "page=2" in page
    data = {"sheet": str(sheet), "locale": "ko", "note": ""}
    page = manager.post("/invitations/new/sheet", data=data, follow_redirects=True).text
    assert "초대 메일 30통을 보냅니다" in page
    manager.post("/invitations/new/sheet", data=data)
    assert len(rows(hub, Mail)) == 30


def test_filters_several_and_the_file(hub, chain, manager) -> None:
    manager.post("/invitations/new", data=form())
    manager.post("/invitations/new", data={"guest": "가온테크", "email": "kim@gaon.example"})
    assert FIRST not in manager.get("/invitations?q=가온").text
    assert "조건에 맞는 초대가 없습니다" in manager.get("/invitations?state=declined").text
    assert "조건에 맞는 초대가 없습니다" in manager.get("/invitations?tier=7").text
    numbers = [str(row.id) for row in rows(hub, Invitation)]
    for data, said in (
        ({"action": "remind", "invitation": numbers}, "하루 안에"),
        ({"action": "remind"}, "고른 기업이 없습니다"),
        ({"action": "remind", "all": "yes"}, "하루 안에"),
        ({"action": "withdraw", "invitation": numbers[:1]}, "초대 1건을 거두었습니다"),
    ):
        assert said in manager.post("/invitations/several", data=data, follow_redirects=True).text
    file = manager.get("/invitations/export.csv").data.decode("utf-8-sig")
    found = {row["기업"]: row["상태"] for row in csv.DictReader(io.StringIO(file))}
    assert found == {FIRST: "거둠", "가온테크": "답 없음"}
    assert manager.get("/invitations/export.xlsx").data.startswith(b"PK")


def test_a_bounced_mail_is_a_task_and_its_address_is_corrected(hub, manager) -> None:
    manager.post("/invitations/new", data=form())
    with hub.db.work() as session:
        mail = session.exec(select(Mail)).one()
        mail.state, mail.problem = "failed", "550 5.1.1 User unknown"
    assert "전달되지 않았습니다" in manager.get("/").text
    [row] = rows(hub, Invitation)
    assert "550 5.1.1" in manager.get(f"/invitations/{row.id}").text
    wrong = manager.post(
        f"/invitations/{row.id}/correct", data={"email": "nonsense"}, follow_redirects=True
    )
    assert "이메일 주소가 아닙니다" in wrong.text
    assert rows(hub, Invitation)[0].state == "sent"  # nothing was taken back
    manager.post(f"/invitations/{row.id}/correct", data={"email": "ceo@dasom.example"})
    assert [(r.email, r.state) for r in rows(hub, Invitation)] == [
        ("park@dasom.example", "withdrawn"), ("ceo@dasom.example", "sent"),
    ]  # fmt: skip


def test_who_answered_is_news(hub, manager) -> None:
    manager.post("/invitations/new", data=form())
    with hub.db.work() as session:
        row = session.exec(select(Invitation)).one()
        invitations.decline(session, row)
        row.reason = "올해는 여력이 없습니다."
        number = row.id
    assert "다솜정밀에서 초대를 거절했습니다" in manager.get("/").text
    for address in ("/invitations", f"/invitations/{number}", "/invitations/export.csv"):
        assert "올해는 여력이 없습니다." in manager.get(address).text


def test_another_firms_people_find_nothing(hub, chain, manager, sign_in) -> None:
    manager.post("/invitations/new", data=form())
    [row] = rows(hub, Invitation)
    rival = sign_in(("supply_manager", chain.firm("새별전자")))
    for address in (f"/invitations/{row.id}", f"/api/v1/invitations/{row.id}"):
        assert rival.get(address).status_code == 404
    for act in ("remind", "withdraw", "correct"):
        answer = rival.post(f"/invitations/{row.id}/{act}", follow_redirects=True)
        assert "초대" in answer.text
    assert rival.get(f"/invitations?firm={chain.firm(LEAD)}").status_code == 404
    assert rows(hub, Invitation)[0].state == "sent"


def test_a_vendor_invites_its_own_suppliers(hub, chain, sign_in) -> None:
    chain.supplies("세움도금", FIRST, email="oh@seum.example")
    chain.join(FIRST)
    vendor = sign_in(("vendor", chain.firm(FIRST)), name="박정수")
    page = vendor.get("/invitations/new/sheet").text
    assert "세움도금" in page
    assert "마루금속" not in page  # the lead's sheet names it behind this firm; nobody told it so
    assert vendor.post("/invitations/new/sheet", data={"locale": "ko"}).status_code == 302
    assert [mail.to for mail in rows(hub, Mail)] == ["oh@seum.example"]
    [row] = rows(hub, Invitation)
    assert "세움도금" in vendor.get("/invitations").text
    assert "세움도금" in vendor.get(f"/invitations/{row.id}").text


def test_the_api_does_the_same(hub, chain, manager) -> None:
    api = "/api/v1/invitations"
    body = {"guest": FIRST, "email": "park@dasom.example", "contact": "박정수"}
    first, again = (manager.post(api, json=body) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert (first.json["sent"], again.json["sent"]) == (True, False)
    number = first.json["id"]
    manager.post(api, json={"guest": "가온테크", "email": "kim@gaon.example"})
    page = manager.get(f"{api}?limit=1").json
    assert page["invitations"][0]["came_to"] == "silent"
    assert page["after"] == number
    assert manager.get(f"{api}?limit=1&after={number}").json["after"] is None
    overview = manager.get(f"{api}/overview").json
    assert (overview["invited"], overview["tiers"][0]["invited"]) == (2, 2)
    found = manager.get(f"{api}/candidates").json["candidates"]
    assert {each["why"] for each in found} == {"invited", "ready"}
    assert len(manager.post(f"{api}/sheet", json={}).json["invitations"]) == 1
    late = manager.post(f"{api}/{number}/remind")
    assert (late.status_code, late.json["title"]) == (422, "WrittenLately")
    assert manager.post(f"{api}/{number}/withdraw").status_code == 200
    refused = manager.post(api, json={"guest": FIRST, "email": "park"})
    assert refused.status_code == 422
    assert refused.mimetype == "application/problem+json"


def test_a_program_invites_with_a_token(hub, chain, manager, app) -> None:
    with hub.db.work() as session:
        user = session.exec(select(User).where(User.handle == manager.handle)).one()
        token = make_token(session, user, "t", 1)
    answer = app.test_client().post(
        "/api/v1/invitations",
        json={"guest": FIRST, "email": "park@dasom.example"},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 201
    assert len(rows(hub, ApiToken)) == 1


def test_the_command_line(hub, chain, monkeypatch) -> None:
    from hub.cli.supply import supply

    monkeypatch.setenv("HUB_DATA", str(hub.settings.data))
    lead = str(chain.firm(LEAD))
    run = CliRunner()
    asked = ["invite", FIRST, "park@dasom.example", "--by", lead]
    assert "on its way" in run.invoke(supply, asked, catch_exceptions=False).output
    again = run.invoke(supply, [*asked, "--json"], catch_exceptions=False)
    assert json.loads(again.output)["sent"] is False
    told = run.invoke(supply, ["invitations", "--by", lead, "--json"], catch_exceptions=False)
    report = json.loads(told.output)
    assert report["invitations"][0]["came_to"] == "silent"
    assert report["tiers"] == [{"tier": 1, "invited": 1, "came_to": {"silent": 1}, "folded": False}]
    assert "tier 1: 1 invited" in run.invoke(supply, ["invitations", "--by", lead]).output


def test_the_administrator_sees_the_outbox_and_its_files(hub, manager, sign_in) -> None:
    manager.post("/invitations/new", data=form())
    admin = sign_in(("administrator", None))
    assert "대기" in admin.get("/admin/mails").text
    with closing(carrier_for(hub)) as carrier:
        send_due(hub, carrier)
    page = admin.get("/admin/mails").text
    assert "메일 서버를 정하지 않아" in page
    [name] = [file.name for file in (hub.settings.data / "outbox").iterdir()]
    assert name in page
    assert admin.get(f"/admin/mails/files/{name}").data.startswith(b"From:")
    assert admin.get("/admin/mails/files/..%2Fhub.sqlite").status_code == 404
    assert "mail.fetched" in [entry.action for entry in rows(hub, AuditEntry)]
    assert "메일을 파일로 둠" in admin.get("/admin/health").text
    [mail] = rows(hub, Mail)
    assert admin.post(f"/admin/mails/{mail.id}/send").status_code == 302  # gone already: nothing
    assert manager.get("/admin/mails").status_code == 403


def test_the_outbox_by_api_and_command(hub, manager, sign_in, monkeypatch) -> None:
    from hub.cli.mails import mails

    manager.post("/invitations/new", data=form())
    manager.post("/invitations/new", data={"guest": "가온테크", "email": "kim@gaon.example"})
    admin = sign_in(("administrator", None))
    first = admin.get("/api/v1/mails?limit=1").json
    assert (first["waiting"], first["mails"][0]["to"]) == (2, "kim@gaon.example")
    assert "text" not in first["mails"][0]
    second = admin.get(f"/api/v1/mails?limit=1&after={first['after']}").json
    assert (second["mails"][0]["to"], second["after"]) == ("park@dasom.example", None)
    number = second["mails"][0]["id"]
    assert admin.post(f"/api/v1/mails/{number}/send").json == {"again": True}
    monkeypatch.setenv("HUB_DATA", str(hub.settings.data))
    run = CliRunner()
    assert "waiting 2" in run.invoke(mails, ["list"], catch_exceptions=False).output
    told = run.invoke(mails, ["list", "--json"], catch_exceptions=False).output
    assert len(json.loads(told)["mails"]) == 2
    tried = run.invoke(mails, ["test", "admin@hub.example"], catch_exceptions=False).output
    assert "HUB_SMTP_URL" in tried
    [file] = (hub.settings.data / "outbox").glob("test-*.eml")
    assert b"admin@hub.example" in file.read_bytes()


def test_the_command_says_what_the_server_said(hub, monkeypatch) -> None:
    from hub.cli.mails import mails
    from hub.errors import MailRefusedForGood
    from tests.fakes.mail_server import MailServer

    monkeypatch.setenv("HUB_DATA", str(hub.settings.data))
    with MailServer() as server:
        server.answers["no@hub.example"] = ["550 5.1.1 No such user"]
        monkeypatch.setenv("HUB_SMTP_URL", f"smtp://127.0.0.1:{server.port}")
        told = CliRunner().invoke(mails, ["test", "yes@hub.example"], catch_exceptions=False)
        assert "took the mail" in told.output
        failed = CliRunner().invoke(mails, ["test", "no@hub.example"])
        assert isinstance(failed.exception, MailRefusedForGood)
    assert [str(mail["To"]) for mail in server.taken] == ["yes@hub.example"]
