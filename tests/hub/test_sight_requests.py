"""Asking a firm on the way to open itself: the question, the answer, and who learns what."""

from datetime import timedelta

import pytest
from sqlmodel import select

from hub.tables import Mail
from supplychain.services.links import settle
from supplychain.services.sight_requests import REST_AFTER_NO
from supplychain.tables import Declaration, Description, Link, now
from supplychain.vouching_tables import SightRequest
from tests import make

NAMES = ("한빛모빌리티(주)", "가온정밀", "다솜사출", "라온도금")


@pytest.fixture
def firms(hub) -> list[int]:
    """Lead ← first ← second ← third: all have joined, and each says whom it supplies."""
    made = [make.firm(hub, name, joined_at=now(), region="KR-41") for name in NAMES]
    with hub.db.work() as session:
        for supplier, buyer in zip(made[1:], made, strict=False):
            link = Link(supplier_id=supplier, buyer_id=buyer, item="클립")
            session.add(link)
            session.flush()
            session.add(Declaration(link_id=link.id, firm_id=supplier, share=30))
            called = NAMES[made.index(buyer)]
            session.add(Description(firm_id=buyer, by_id=supplier, name=called))
            settle(session, [link.id])
    return made


@pytest.fixture
def app(app):
    app.config["WTF_CSRF_ENABLED"] = False
    return app


def names(client) -> set[str]:
    return {each["name"] for each in client.get("/api/v1/firms").json["firms"]}


def mails(hub) -> list[Mail]:
    with hub.db.reading() as session:
        return list(session.exec(select(Mail).where(Mail.key.startswith("sight/"))))


def test_asked_agreed_and_passed_on_the_lead_sees_tier_two(hub, firms, sign_in) -> None:
    lead, first, second, third = (sign_in(("vendor", firm)) for firm in firms)
    page = lead.get("/who-sees-us/requests").text
    assert "가온정밀" in page
    assert "다솜사출" not in page
    for _ in range(2):  # a double click asks once
        lead.post("/who-sees-us/requests", data={"note": "공급망 점검에 씁니다"})
    [mail] = mails(hub)
    assert "한빛모빌리티" in mail.subject
    assert "공급망 점검에 씁니다" in mail.text
    assert "한빛모빌리티" in first.get("/").text
    seen = first.get("/who-sees-us").text
    assert "공급망 점검에 씁니다" in seen
    assert "우리 협력사 1곳에도" in seen
    number = first.get("/api/v1/sight-requests/received").json["requests"][0]["id"]
    agreed = {"answer": "yes", "onward": "yes"}
    first.post(f"/who-sees-us/requests/{number}", data=agreed)
    assert names(lead) == set(NAMES[:2]), "the next one has not agreed"
    listed = lead.get("/api/v1/sight-requests").json["firms"]
    assert [(each["name"], each["state"]) for each in listed] == [("가온정밀", "opened")]
    assert "다솜사출" not in lead.get("/who-sees-us/requests").text
    # The next one learns who asks, and by whom it came; the lead learns nothing of the question.
    [asked] = second.get("/api/v1/sight-requests/received").json["requests"]
    assert (asked["name"], asked["via_name"]) == ("한빛모빌리티(주)", "가온정밀")
    assert len(mails(hub)) == 2
    said = {"agrees": True}
    second.post(f"/api/v1/sight-requests/{asked['id']}/answer", json=said)
    assert names(lead) == set(NAMES[:3])
    assert third.get("/api/v1/sight-requests/received").json["requests"] == []


def test_declined_it_is_not_asked_again_soon_and_sees_nothing(hub, firms, sign_in) -> None:
    lead, first = (sign_in(("vendor", firm)) for firm in firms[:2])
    row = lead.post("/api/v1/sight-requests", json={"to": firms[1]}).json
    again = lead.post("/api/v1/sight-requests", json={"to": firms[1]}).json
    assert row == again == {"id": row["id"], "state": "waiting"}
    first.post(f"/who-sees-us/requests/{row['id']}", data={"answer": "no"})
    assert lead.get("/api/v1/sight-requests").json["firms"][0]["state"] == "declined"
    assert lead.post("/api/v1/sight-requests", json={"to": firms[1]}).status_code == 422
    with hub.db.work() as session:
        kept = session.get_one(SightRequest, row["id"])
        kept.answered_at = now() - REST_AFTER_NO - timedelta(minutes=1)
    answer = lead.post("/api/v1/sight-requests", json={"to": firms[1]})
    assert answer.json["state"] == "waiting"


def test_nobody_elses_request_is_there_and_no_hidden_firm_is_asked(firms, sign_in) -> None:
    lead, first, second, third = (sign_in(("vendor", firm)) for firm in firms)
    hidden = lead.post("/api/v1/sight-requests", json={"to": firms[2]})
    nothing = lead.post("/api/v1/sight-requests", json={"to": 987_654})
    assert hidden.status_code == nothing.status_code == 404
    assert first.post("/api/v1/sight-requests", json={"to": firms[0]}).status_code == 404
    number = lead.post("/api/v1/sight-requests", json={"to": firms[1]}).json["id"]
    for client in (second, third):
        answer = client.post(f"/api/v1/sight-requests/{number}/answer", json={"agrees": True})
        assert answer.status_code == 404
        assert client.delete(f"/api/v1/sight-requests/{number}").status_code == 404
    assert lead.delete(f"/api/v1/sight-requests/{number}").status_code == 204
    gone = first.post(f"/api/v1/sight-requests/{number}/answer", json={"agrees": True})
    assert gone.status_code == 404


def test_what_was_agreed_is_closed_again_at_once(firms, sign_in) -> None:
    lead, first = (sign_in(("vendor", firm)) for firm in firms[:2])
    number = lead.post("/api/v1/sight-requests", json={"to": firms[1]}).json["id"]
    first.post(f"/who-sees-us/requests/{number}", data={"answer": "yes"})
    first.post(f"/who-sees-us/{firms[0]}/close")
    assert lead.get("/api/v1/sight-requests").json["firms"][0]["state"] == "closed"
    assert "다시 비공개" in lead.get("/who-sees-us/requests").text


def test_a_note_carries_no_address_into_a_mail(firms, sign_in, hub) -> None:
    lead = sign_in(("vendor", firms[0]))
    bad = {"to": firms[1], "note": "여기로 https://evil.example"}
    assert lead.post("/api/v1/sight-requests", json=bad).status_code == 422
    assert mails(hub) == []
