"""Where the chain breaks, as a supply manager sees it; facts, and who may read them."""

import io

import pytest
from sqlmodel import select

from hub.risk_job import here, work_off
from supplychain.risk_tables import RiskFact
from supplychain.services import risk
from supplychain.services.merging import merge, split
from supplychain.services.risk_facts import Saying, facts_of, say_fact, unsay_fact
from supplychain.services.weak_points import weak_points
from supplychain.tables import Consent, Declaration, Firm, Link, now
from tests.make import firm


@pytest.fixture
def chain(hub):
    """lead buys bolts of a and b, nuts of c; n stands behind a and b, m behind n alone."""
    names = {"lead": "한빛모빌리티(주)", "a": "가온볼트", "b": "나래볼트", "c": "다솜너트"}
    names |= {"n": "누리선재", "m": "마루광업"}
    made = {key: firm(hub, name) for key, name in names.items()}
    links = [("a", "lead", "볼트", 60.0), ("b", "lead", "볼트", 40.0), ("c", "lead", "너트", None)]
    links += [("n", "a", "선재", None), ("n", "b", "선재", None), ("m", "n", "원석", None)]
    with hub.db.work() as session:
        for supplier, buyer, item, share in links:
            link = Link(supplier_id=made[supplier], buyer_id=made[buyer], item=item, share=share)
            link.told_supplier_id, link.told_buyer_id = made[supplier], made[buyer]
            session.add(link)
            session.flush()
            session.add(Declaration(link_id=link.id, firm_id=made["lead"], share=share))
    return made


@pytest.fixture
def client(chain, sign_in):
    client = sign_in(("supply_manager", chain["lead"]))
    client.application.config["WTF_CSRF_ENABLED"] = False
    return client


def compute(hub, client):
    assert client.post("/supply/risk/compute", data={"ttr_days": "28"}).status_code == 302
    with hub.db.reading() as session:
        numbers = risk.due(session)
    for number in numbers:
        assert work_off(hub, number, here)


def test_what_rests_on_whom_follows_from_the_links(hub, chain):
    with hub.db.reading() as session:
        weak = weak_points(session, chain["lead"])
    n, c = weak.points[chain["n"]], weak.points[chain["c"]]
    assert (n.items, n.diamonds, n.suppliers, n.cut_off) == (("볼트",), ("볼트",), 2, 1)
    assert (c.items, c.diamonds, c.cut_off, c.position) == (("너트",), (), 0, 1.0)
    assert weak.points[chain["a"]].items == ()
    assert [p.place.number for p in weak.diamonds["볼트"]] == [chain["n"], chain["m"]]
    assert weak.points[chain["m"]].position == 3.0


def test_the_question_of_the_analyst_is_answered_in_two_clicks(hub, chain, client):
    page = client.get("/supply/risk").text
    assert "아직 계산하지 않았습니다" in page
    compute(hub, client)
    page = client.get("/supply/risk").text
    where = "/supply/risk?lead={lead}&amp;by=lost&amp;known=indirect#firms".format(**chain)
    assert where in page
    page = client.get("/supply/risk?by=lost&known=indirect").text
    table = page[page.index('id="firms"') : page.index('id="diamonds"')]
    assert table.index("누리선재") < table.index("마루광업")
    assert "가온볼트" not in table
    assert "/supply/what-if/alternates?firm={n}".format(**chain) in table
    assert "/supply/what-if?firm={n}".format(**chain) in table
    week = client.get("/supply/risk?week=yes&known=indirect&q=누리").text
    assert "마루광업" not in week[week.index('id="firms"') : week.index('id="diamonds"')]


def test_every_figure_says_what_it_means_lacks_and_how_sure_it_is(hub, chain, client):
    compute(hub, client)
    page = client.get("/supply/risk?by=esri").text
    for words in (
        "거래 6건 중 2건만 비율이",
        "그중 0건은 양쪽이 확인",
        "숨은 다이아몬드",
        "복구 28일",
    ):
        assert words in page
    said = client.get("/supply/risk/firms/{n}".format(**chain)).text
    assert "볼트: 협력사가 여럿이지만 모두" in said
    assert "기업 1곳이 이 기업을 거쳐야만" in said
    assert "볼트: 협력사가 여럿이지만 모두" in client.get(f"/supply/firms/{chain['n']}").text


def test_the_progress_ends_with_the_computation_and_a_stop_keeps_what_is_there(hub, chain, client):
    client.post("/supply/risk/compute")
    assert client.get("/supply/risk/now").status_code == 200
    assert "계산하고 있습니다" in client.get("/supply/risk").text
    client.post("/supply/risk/stop")
    ended = client.get("/supply/risk/now")
    assert (ended.status_code, ended.headers["HX-Refresh"]) == (286, "true")
    compute(hub, client)
    assert "마침" in client.get("/supply/risk").text
    assert "공급망이나 알려진 값이 바뀌었습니다" not in client.get("/supply/risk").text
    with hub.db.work() as session:
        say_fact(session, chain["lead"], Saying(chain["n"], "ttr_days", 90), "u")
    assert "공급망이나 알려진 값이 바뀌었습니다" in client.get("/supply/risk").text


def test_files_hold_what_the_page_shows(hub, chain, client):
    compute(hub, client)
    told = client.get("/supply/risk/firms.csv?by=lost&known=indirect").text.splitlines()
    assert [line.split(",")[0] for line in told[1:]] == ["누리선재", "마루광업"]
    assert client.get("/supply/risk/firms.xlsx").data[:2] == b"PK"
    english = client.get("/api/v1/risk/firms?by=lost&limit=2", headers={"Accept-Language": "en"})
    assert [each["name"] for each in english.json["firms"]][:1] == ["다솜너트"]
    rest = client.get(f"/api/v1/risk/firms?by=lost&after={english.json['after']}").json
    assert (len(rest["firms"]), rest["after"]) == (3, None)
    assert client.get("/api/v1/risk/diamonds").json["diamonds"][0]["firms"] == [
        chain["n"],
        chain["m"],
    ]
    tts = client.get("/api/v1/risk?kind=tts&limit=1").json
    assert (tts["kind"], tts["state"], tts["current"], tts["after"]) == ("tts", "done", True, 1)
    assert tts["assumed"]["ttr_days"] == 28


def test_facts_are_told_by_hand_and_by_file_and_taken_back(hub, chain, client):
    n = chain["n"]
    where = f"/supply/risk/firms/{n}/facts"
    assert client.post(where, data={"ttr_days": "56", "capacity": "90"}).status_code == 422
    assert client.post(where, data={"ttr_days": "56", "stock-0": "12"}).status_code == 302
    page = client.get(f"/supply/risk/firms/{n}").text
    assert "지금 쓰는 값: 56일 (우리 회사의 추정)" in page
    assert client.get(f"/api/v1/risk/firms/{n}/facts").json["ttr_days"]["value"] == 56
    client.post(where, data={})
    assert "지금 쓰는 값: 56일" not in client.get(f"/supply/risk/firms/{n}").text
    file = client.get("/supply/risk/facts.csv").text
    assert file.splitlines()[0].lstrip("\ufeff").startswith("firm,name,ttr_days")
    sent = f"firm,ttr_days,stock_days\n{n},40,\n다솜너트,,3\n"
    answer = give(client, sent.encode())
    assert "새로 알려 주신 값 2개" in answer
    assert "새로 알려 주신 값 0개" in give(client, sent.encode("cp949"))
    refused = give(client, "firm,ttr_days\n없는기업,3\n".encode())
    assert "2행: 공급망에 없는기업 기업이 없거나" in refused
    told = {"kind": "ttr_days", "value": 5000}
    assert client.post(f"/api/v1/risk/firms/{n}/facts", json=told).status_code == 422
    assert client.post("/api/v1/risk/firms/987654/facts", json=told).status_code == 404


def give(client, content: bytes) -> str:
    sent = {"facts": (io.BytesIO(content), "facts.csv")}
    return client.post("/supply/risk/facts", data=sent, follow_redirects=True).text


def test_the_firms_own_word_wins_and_guesses_stay_with_who_guessed(hub, chain):
    lead, a, n = chain["lead"], chain["a"], chain["n"]
    with hub.db.work() as session:
        say_fact(session, lead, Saying(a, "ttr_days", 10), "u")
        say_fact(session, n, Saying(a, "ttr_days", 99), "u")
    with hub.db.work() as session:
        told = facts_of(session, lead, [a, n]).firm(a).ttr
        assert (told.value, told.source) == (10, "asker")
        say_fact(session, a, Saying(a, "ttr_days", 20), "u")
        assert facts_of(session, lead, [a]).firm(a).ttr.value == 10  # not heard by the lead firm
        session.get_one(Firm, a).joined_at = now()
        session.add(Consent(firm_id=a, to_id=lead))
    with hub.db.reading() as session:
        told = facts_of(session, lead, [a]).firm(a).ttr
        assert (told.value, told.source) == (20, "own")
        assert facts_of(session, n, [a]).firm(a).ttr.value == 99


def test_facts_follow_a_merge_and_come_back(hub, chain):
    lead, a, b = chain["lead"], chain["a"], chain["b"]
    with hub.db.work() as session:
        say_fact(session, lead, Saying(b, "ttr_days", 33), "u")
        number = merge(session, a, [b], by=lead, actor="u").id
    with hub.db.work() as session:
        assert facts_of(session, lead, [a]).firm(a).ttr.value == 33
        split(session, number, "u")
    with hub.db.reading() as session:
        assert facts_of(session, lead, [a, b]).firm(a).ttr.source == "assumed"
        assert session.exec(select(RiskFact)).one().firm_id == b


def test_what_was_said_of_two_that_are_one_is_changed_and_taken_back(hub, chain):
    lead, a, b = chain["lead"], chain["a"], chain["b"]
    with hub.db.work() as session:
        say_fact(session, lead, Saying(b, "ttr_days", 5), "u")
        say_fact(session, lead, Saying(a, "ttr_days", 7), "u")
        merge(session, b, [a], by=lead, actor="u")
    with hub.db.work() as session:
        say_fact(session, lead, Saying(b, "ttr_days", 5), "u")
        assert facts_of(session, lead, [b]).firm(b).ttr.value == 5
        assert unsay_fact(session, lead, Saying(b, "ttr_days", 0))
        assert facts_of(session, lead, [b]).firm(b).ttr.source == "assumed"


@pytest.fixture
def nameless(hub, chain):
    """The lead firm also names two firms without an item; one of them buys plates of a third."""
    made = [firm(hub, name) for name in ("라온상사", "바른산업", "사람판재")]
    links = [(made[0], chain["lead"], ""), (made[1], chain["lead"], ""), (made[2], made[1], "판재")]
    with hub.db.work() as session:
        for supplier, buyer, item in links:
            link = Link(supplier_id=supplier, buyer_id=buyer, item=item)
            link.told_supplier_id, link.told_buyer_id = supplier, buyer
            session.add(link)
            session.flush()
            session.add(Declaration(link_id=link.id, firm_id=chain["lead"]))
    return made


def test_firms_whose_item_nobody_told_stand_apart_and_in_no_count(hub, chain, client, nameless):
    compute(hub, client)
    page = client.get("/supply/risk?by=lost").text
    table = page[page.index('id="firms"') : page.index('id="diamonds"')]
    rows = table[table.index("<tbody") :]
    last_known = max(rows.index(name) for name in ("다솜너트", "누리선재", "마루광업"))
    assert last_known < min(rows.index(name) for name in ("라온상사", "바른산업", "사람판재"))
    assert rows.count("품목 모름") == 3
    assert "그 밖에 품목을 알 수 없는 기업 3곳" in page[: page.index('id="firms"')]
    assert "known=no-item" in table
    week = client.get("/supply/risk/firms.csv?by=lost&week=yes").text
    assert "다솜너트" in week
    assert "라온상사" not in week
    apart = client.get("/supply/risk/firms.csv?by=lost&known=no-item").text.splitlines()
    assert {line.split(",")[0] for line in apart[1:]} == {"라온상사", "바른산업", "사람판재"}
    assert "알 수 없습니다" in client.get(f"/supply/risk/firms/{nameless[0]}").text


def test_the_api_marks_firms_whose_item_nobody_told(hub, chain, client, nameless):
    compute(hub, client)
    said = client.get("/api/v1/risk/firms?by=lost").json
    assert said["items_not_known"] == 3
    assert [each["id"] for each in said["firms"] if not each["item_known"]] == [
        each["id"] for each in said["firms"][-3:]
    ]
    run = client.get("/api/v1/risk?kind=tts").json["firms"]
    assert {each["id"] for each in run[-3:]} == set(nameless)
    assert [each["item_known"] for each in run[-3:]] == [False] * 3
    assert all(each["item_known"] for each in client.get("/api/v1/risk?kind=esri").json["firms"])


def test_the_two_pages_on_single_firms_ask_alike_and_say_why_they_differ(hub, chain, client):
    compute(hub, client)
    risk_page = client.get("/supply/risk?by=lost").text
    assert "/supply/what-if/alone?lead={lead}&amp;days=28&amp;stock=5".format(**chain) in risk_page
    alone = client.get("/supply/what-if/alone").text
    assert 'value="28"' in alone
    assert "/supply/risk?lead={lead}&amp;by=lost".format(**chain) in alone
