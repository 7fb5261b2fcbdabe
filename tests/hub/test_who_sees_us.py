"""Opening and closing one's firm on a page and in the API; what follows on others' maps at once."""

import io

import openpyxl
import pytest
from sqlalchemy import event

from hub.wiring import Hub
from supplychain.services.consents import give, preview, targets, viewers
from supplychain.services.links import settle
from supplychain.tables import Consent, Declaration, Description, Invitation, Link, now
from tests import make

NAMES = ("한빛모빌리티(주)", "가온정밀", "다솜사출", "라온도금")


@pytest.fixture
def firms(hub: Hub) -> list[int]:
    """Lead ← first ← second ← third: all have joined, and each says whom it supplies."""
    made = [
        make.firm(hub, name, joined_at=now(), region="KR-41", sector="C29", process="injection")
        for name in NAMES
    ]
    with hub.db.work() as session:
        for supplier, buyer in zip(made[1:], made, strict=False):
            link = Link(supplier_id=supplier, buyer_id=buyer, item="클립")
            session.add(link)
            session.flush()
            session.add(Declaration(link_id=link.id, firm_id=supplier, share=30))
            called = NAMES[made.index(buyer)]
            session.add(Description(firm_id=buyer, by_id=supplier, name=called))
            settle(session, [link.id])
        for guest in made[1:]:
            session.add(
                Invitation(
                    by_id=made[0],
                    firm_id=guest,
                    lead_id=made[0],
                    email=f"{guest}@test.example",
                    state="accepted",
                    expires_at=now(),
                )
            )
    return made


@pytest.fixture
def app(app):
    app.config["WTF_CSRF_ENABLED"] = False
    return app


def names(client) -> set[str]:
    return {each["name"] for each in client.get("/api/v1/firms").json["firms"]}


def test_opened_and_closed_it_counts_at_once(firms, sign_in) -> None:
    lead, first, second, third = (sign_in(("vendor", firm)) for firm in firms)
    assert names(lead) == set(NAMES[:2])
    hidden = lead.get("/api/v1/tiers").json
    assert (hidden["tiers"], hidden["named"]) == (
        {"1": 1, "2": None, "3": None},
        {"1": 1, "2": 0, "3": 0},
    )
    opened = second.post(f"/who-sees-us/{firms[0]}/open", follow_redirects=True).text
    assert "공개했습니다" in opened
    assert "사이에 있는 기업이 아직 비공개" in opened
    assert names(lead) == set(NAMES[:2]), "the firm in between has not agreed"
    first.post(f"/who-sees-us/{firms[0]}/open")
    assert names(lead) == set(NAMES[:3])
    assert "사이에 있는 기업이 아직 비공개" not in second.get("/who-sees-us").text
    third.post(f"/who-sees-us/{firms[0]}/open")
    assert names(lead) == set(NAMES)
    first.post(f"/who-sees-us/{firms[0]}/close")
    assert names(lead) == set(NAMES[:2]), "the way is closed, at once"
    history = first.get("/who-sees-us").text
    assert history.count("한빛모빌리티(주)") > 2


def test_a_firm_opens_itself_to_those_that_it_knows(hub: Hub, firms, sign_in) -> None:
    third = sign_in(("vendor", firms[3]))
    with hub.db.reading() as session:
        assert set(targets(session, firms[3])) == {firms[0], firms[2]}
    unknown = third.post("/who-sees-us/987654321/open")
    hidden = third.post(f"/who-sees-us/{firms[1]}/open")
    assert (unknown.status_code, hidden.status_code) == (404, 404)
    assert unknown.text.replace("987654321", "#") == hidden.text.replace(str(firms[1]), "#", 1) or (
        len(unknown.text) - len("987654321") == len(hidden.text) - len(str(firms[1]))
    )
    assert third.get(f"/who-sees-us?as={firms[1]}").status_code == 404


def test_a_double_click_opens_once(hub: Hub, firms) -> None:
    with hub.db.work() as session:
        first = give(session, firms[3], firms[0], "u-1")
        assert session.get_one(Consent, first.id).given_by == "u-1"
        assert give(session, firms[3], firms[0], "u-1").id == first.id
    with hub.db.reading() as session:
        found = viewers(session, firms[3])
        lead = next(viewer for viewer in found.known if viewer.facts.firm_id == firms[0])
        assert (lead.reasons, lead.sees, lead.may_open) == (("inviter", "opened"), False, True)
        assert preview(session, firms[3], firms[0]).named is False


def test_the_preview_is_what_the_other_firm_sees(firms, sign_in) -> None:
    second = sign_in(("vendor", firms[2]))
    customer = second.get(f"/who-sees-us?as={firms[1]}").text
    assert "가온정밀에 보이는 우리 회사" in customer
    assert "클립" in customer
    lead = second.get(f"/who-sees-us?as={firms[0]}").text
    assert "이름도 거래관계도 보이지 않습니다" in lead
    seen = second.get(f"/api/v1/viewers/{firms[1]}").json
    assert (seen["named"], seen["name"], len(seen["links"])) == (True, NAMES[2], 1)


def test_the_api_of_opening(firms, sign_in) -> None:
    third = sign_in(("vendor", firms[3]))
    said = third.get("/api/v1/viewers").json
    assert {each["name"] for each in said["viewers"]} == {NAMES[0], NAMES[2]}
    assert third.post("/api/v1/consents", json={"to": firms[0]}).status_code == 200
    assert third.post("/api/v1/consents", json={"to": firms[1]}).status_code == 404
    (row,) = third.get("/api/v1/consents").json["consents"]
    assert (row["name"], row["withdrawn_at"]) == (NAMES[0], None)
    for _ in range(2):
        assert third.delete(f"/api/v1/consents/{firms[0]}").status_code == 204
    (row,) = third.get("/api/v1/consents").json["consents"]
    assert row["withdrawn_at"]


def test_the_map_says_what_both_ends_say(hub: Hub, firms, sign_in) -> None:
    first = sign_in(("vendor", firms[1]))
    drawn = first.get("/supply/map.json").json
    assert drawn["firms"]["id"] == [firms[1], firms[2]]
    assert drawn["links"]["supplier"] == [1]
    assert drawn["words"]["standing"][drawn["links"]["standing"][0]]["code"] == "open"
    assert (drawn["groups"]["tier"], drawn["groups"]["firms"]) == ([2], [None])
    assert "3곳 미만" in first.get("/supply").text
    with hub.db.work() as session:
        link = session.get_one(Link, 2)
        session.add(Declaration(link_id=link.id, firm_id=firms[1], stance="denied"))
        settle(session, [link.id])
    drawn = first.get("/supply/map.json").json
    assert drawn["words"]["standing"][drawn["links"]["standing"][0]]["code"] == "contradicted"
    assert "다솜사출" in first.get("/supply?standing=contradicted").text
    assert "기업이 없습니다" in first.get("/supply?standing=confirmed").text or (
        "다솜사출</a>" not in first.get("/supply?standing=confirmed").text
    )


def test_files_hold_what_the_map_shows_and_no_formula(hub: Hub, firms, sign_in) -> None:
    with hub.db.work() as session:
        session.get_one(Link, 2).item = "=HYPERLINK(1)"
    first = sign_in(("vendor", firms[1]))
    text = first.get("/supply/links.csv").text
    assert "'=HYPERLINK(1)" in text
    assert "라온도금" not in text
    book = openpyxl.load_workbook(io.BytesIO(first.get("/api/v1/exports/firms/xlsx").data))
    rows = list(book.active.iter_rows(values_only=True))
    assert [row[0] for row in rows[1:]] == ["가온정밀", "다솜사출"]
    assert first.get("/supply/firms.pdf").status_code == 404


def test_a_hidden_number_takes_the_same_questions_as_one_of_nothing(
    hub: Hub, firms, sign_in
) -> None:
    """What is asked of the database is the same, so time tells nothing either."""
    lead = sign_in(("vendor", firms[0]))
    asked: list[str] = []
    event.listen(hub.db.engine, "before_cursor_execute", lambda *a: asked.append(a[2]))

    def statements(number: int) -> list[str]:
        asked.clear()
        assert lead.get(f"/supply/firms/{number}").status_code == 404
        return list(asked)

    assert statements(firms[3]) == statements(987654321)


def test_what_a_number_that_was_guessed_tells(hub: Hub, firms, sign_in) -> None:
    """Who names a firm by its number alone reads the name that it wrote down, until that firm
    says that it deals with it."""
    stranger = make.firm(hub, "낯선상사", joined_at=now())
    with hub.db.work() as session:
        link = Link(supplier_id=firms[3], buyer_id=stranger)
        session.add(link)
        session.flush()
        session.add(Declaration(link_id=link.id, firm_id=stranger))
        settle(session, [link.id])
        number = link.id
    client = sign_in(("vendor", stranger))
    assert "라온도금" not in str(client.get("/api/v1/firms").json)
    assert "라온도금" not in client.get("/declarations").text
    with hub.db.work() as session:
        session.add(Declaration(link_id=number, firm_id=firms[3]))
        settle(session, [number])
    assert "라온도금" in names(client)
