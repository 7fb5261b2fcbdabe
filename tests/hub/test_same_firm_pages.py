"""One firm or two: pages, API and command, and that nobody learns a name by them."""

import json

import pytest
from click.testing import CliRunner
from sqlmodel import select

from hub.access import own_site, own_sites, person
from hub.cli.supply import supply
from hub.errors import NotAllowed
from hub.likeness_job import Looker, look_over
from hub.tables import Membership, User
from hub.worker import reconcilers
from supplychain.services.likenesses import questions
from supplychain.services.merging import merge, roots, split
from supplychain.tables import Description, Firm, Likeness, Merge, now
from tests import make

LEI = "5493001KJTIIGC8Y1R12"


def tell(hub, by: int, firm: int, name: str, **more: object) -> None:
    with hub.db.work() as session:
        session.add(Description(firm_id=firm, by_id=by, name=name, **more))


@pytest.fixture
def lead(hub) -> int:
    return make.firm(hub, "한빛모빌리티(주)")


@pytest.fixture
def pair(hub, lead) -> tuple[int, int]:
    """Two firms that are likely one, and that the lead firm named."""
    ids = make.firm(hub, "(주)한빛정밀"), make.firm(hub, "Hanvit Jungmil Co., Ltd.")
    tell(hub, lead, ids[0], "(주)한빛정밀", region="KR-41", brn="1248100998")
    tell(hub, lead, ids[1], "Hanvit Jungmil Co., Ltd.")
    assert look_over(hub)
    return ids


@pytest.fixture
def client(sign_in, app, lead):
    app.config["WTF_CSRF_ENABLED"] = False
    return sign_in(("supply_manager", lead))


def ids_of(hub, firm: int) -> list[int]:
    with hub.db.reading() as session:
        return [row.id for row in session.exec(questions(firm))]


def test_the_queue_shows_both_sides_with_their_evidence(client, pair) -> None:
    page = client.get("/supply/same").text
    for text in ("(주)한빛정밀", "Hanvit Jungmil Co., Ltd.", "124-81-00998", 'data-key="y"'):
        assert text in page
    assert "같은 기업으로 보이는 1쌍이 있습니다" in client.get("/").text


@pytest.mark.parametrize("answer", ["same", "different", "later"])
def test_an_answer_can_be_taken_back_at_once(hub, client, lead, pair, answer) -> None:
    (number,) = ids_of(hub, lead)
    came = client.post("/supply/same", data={"pair": number, "answer": answer})
    page = client.get(came.headers["Location"]).text
    assert "/supply/same/undo" in page
    assert ids_of(hub, lead) == []
    with hub.db.reading() as session:
        assert roots(session) == ({pair[1]: pair[0]} if answer == "same" else {})
    client.post("/supply/same/undo", data={"pair": number})
    assert ids_of(hub, lead) == [number]
    with hub.db.reading() as session:
        assert roots(session) == {}


def test_nothing_ticked_is_said_and_a_wrong_word_refused(client, pair, hub, lead) -> None:
    (number,) = ids_of(hub, lead)
    came = client.post("/supply/same", data={"answer": "same"}, follow_redirects=True)
    assert "한 쌍 이상" in came.text
    assert client.post("/supply/same", data={"pair": number, "answer": "x"}).status_code == 422
    assert client.post("/supply/same", data={"pair": 999, "answer": "same"}).status_code == 404


def test_a_merge_is_listed_and_split(hub, client, lead, pair) -> None:
    client.post("/supply/same", data={"pair": ids_of(hub, lead), "answer": "same"})
    page = client.get("/supply/same/merges").text
    assert "(주)한빛정밀" in page
    assert "Hanvit Jungmil Co., Ltd." in page
    for _ in range(2):  # a double click
        client.post("/supply/same/merges/1/split")
    page = client.get("/supply/same/merges").text
    assert "나눔" in page
    with hub.db.reading() as session:
        assert session.exec(select(Merge.split_by)).all() == [client.handle]
    assert ids_of(hub, lead) == []  # it was said that they are two


def test_empty_pages_say_what_to_do(client) -> None:
    assert "답할 질문이 없습니다" in client.get("/supply/same").text
    assert "미뤄 둔 질문이 없습니다" in client.get("/supply/same?show=later").text
    assert "아직 합친 기업이 없습니다" in client.get("/supply/same/merges").text


def test_another_firm_learns_no_name_by_a_merge(hub, app, client, sign_in, lead, pair) -> None:
    other = make.firm(hub, "새빛전자(주)")
    tell(hub, other, pair[1], "우리가 부르는 이름")
    client.post("/supply/same", data={"pair": ids_of(hub, lead), "answer": "same"})
    theirs = sign_in(("supply_manager", other))
    for address in ("/supply/same", "/supply/same/merges", "/api/v1/merges", "/api/v1/same-firms"):
        text = theirs.get(address).text
        assert "(주)한빛정밀" not in text, address
        assert "Hanvit" not in text, address
        assert "한빛모빌리티" not in text, address
    assert "우리가 부르는 이름" in theirs.get("/supply/same/merges").text
    theirs.post("/supply/same/merges/1/split")
    with hub.db.reading() as session:
        assert roots(session) == {}
    stranger = sign_in(("supply_manager", make.firm(hub, "먼빛화학(주)")))
    assert stranger.post("/supply/same/merges/1/split").status_code == 404
    assert stranger.get("/api/v1/merges").json["merges"] == []


def test_a_noted_answer_says_so_and_nothing_of_the_others(hub, client, lead, pair) -> None:
    other = make.firm(hub, "새빛전자(주)")
    tell(hub, other, pair[0], "한빛")
    tell(hub, other, pair[1], "Hanvit")
    came = client.post("/supply/same", data={"pair": ids_of(hub, lead), "answer": "same"})
    page = client.get(came.headers["Location"]).text
    assert "동의하면 합쳐집니다" in page
    assert "새빛전자" not in page


def test_the_api_asks_answers_merges_and_splits(hub, client, lead, pair) -> None:
    said = client.get("/api/v1/same-firms").json
    (one,) = said["pairs"]
    assert (said["waiting"], said["after"], one["one"]["name"]) == (1, None, "(주)한빛정밀")
    came = client.post("/api/v1/same-firms/answers", json={"pairs": [one["id"]], "answer": "same"})
    assert came.json == {"merges": [1], "noted": []}
    (row,) = client.get("/api/v1/merges").json["merges"]
    assert (row["into"], row["names"], row["by"]) == (
        "(주)한빛정밀",
        ["Hanvit Jungmil Co., Ltd."],
        "you",
    )
    assert client.post("/api/v1/merges/1/split", json={}).json["split_at"]
    again = client.post("/api/v1/merges", json={"firms": list(pair)})
    assert again.json == {"merges": [2], "noted": []}
    back = {"pairs": [one["id"]], "answer": "same"}
    assert client.post("/api/v1/same-firms/reopened", json=back).status_code == 200
    assert ids_of(hub, lead) == [one["id"]]
    assert client.post("/api/v1/merges", json={"firms": [pair[0], 999]}).status_code == 404
    assert client.post("/api/v1/merges/99/split", json={}).status_code == 404


def test_further_numbers_are_checked_told_and_join(hub, client, lead, pair) -> None:
    wrong = {"lei": LEI[:-1] + "3", "duns": "12", "corporate": "1", "sector": "Z99"}
    page = client.post(f"/supply/same/numbers/{pair[0]}", data=wrong)
    assert page.status_code == 422
    for text in ("끝 두 자리가 12", "숫자 9자리입니다", "숫자 13자리입니다", "C29271"):
        assert text in page.text
    told = {"lei": LEI, "duns": "15-048-3782", "sector": "29271", "sector_revision": "11"}
    for firm in pair:
        assert client.post(f"/supply/same/numbers/{firm}", data=told).status_code == 302
    said = client.get(f"/api/v1/firms/{pair[0]}/numbers").json
    assert said == {
        "lei": LEI,
        "duns": "150483782",
        "corporate": None,
        "sector": "C29271",
        "sector_revision": 11,
    }
    while look_over(hub):
        pass
    with hub.db.reading() as session:
        assert roots(session) == {pair[1]: pair[0]}
    client.post("/api/v1/merges/1/split", json={})
    fault = client.put(f"/api/v1/firms/{pair[0]}/numbers", json=wrong)
    assert fault.status_code == 422
    assert {each["place"] for each in fault.json["faults"]} == {
        "lei",
        "duns",
        "corporate",
        "sector",
    }


def test_numbers_of_a_firm_that_one_does_not_name_are_not_there(hub, client, pair) -> None:
    stranger = make.firm(hub, "먼빛화학(주)")
    for address in (f"/supply/same/numbers/{stranger}", "/supply/same/numbers/999"):
        assert client.get(address).status_code == 404
        assert client.post(address, data={"lei": LEI}).status_code == 404
    assert client.get(f"/api/v1/firms/{stranger}/numbers").status_code == 404
    with hub.db.work() as session:
        session.get_one(Firm, pair[0]).joined_at = now()
    answer = client.post(f"/supply/same/numbers/{pair[0]}", data={"lei": LEI})
    assert answer.status_code == 404  # it speaks for itself


def test_people_of_a_firm_that_was_merged_speak_for_what_it_is(hub, lead, pair) -> None:
    user = make.person(hub, ("vendor", pair[1]))
    with hub.db.work() as session:
        session.add(Membership(user_id=session.exec(select(User.id)).first(), role="trainee"))
        made = merge(session, pair[0], [pair[1]], by=lead, actor="u")
        assert person(session, user.handle).firms("vendor") == {pair[0]}
        split(session, made.id, "u")
        assert person(session, user.handle).firms("vendor") == {pair[1]}


def test_a_plant_of_a_merged_firm_is_its_roots_until_the_split(hub, lead, pair) -> None:
    """Deliveries and agents hang on plants, so what people may do there follows the plant."""
    plant = make.site(hub, pair[1])
    user = make.person(hub, ("vendor", pair[0]))
    with hub.db.work() as session:
        made = merge(session, pair[0], [pair[1]], by=lead, actor="u")
        who = person(session, user.handle)
        assert [site.id for site in own_sites(session, who)] == [plant]
        assert own_site(session, who, plant).firm_id == pair[0]
        split(session, made.id, "u")
        assert own_sites(session, who) == []
        with pytest.raises(NotAllowed):
            own_site(session, who, plant)


def test_a_firm_with_people_is_never_merged_away(hub, client, lead, pair) -> None:
    make.person(hub, ("vendor", pair[1]))
    client.post("/supply/same", data={"pair": ids_of(hub, lead), "answer": "same"})
    with hub.db.reading() as session:
        assert roots(session) == {pair[0]: pair[1]}
    make.person(hub, ("vendor", pair[0]))
    third = make.firm(hub, "한빛정밀(주) 본사")
    make.person(hub, ("vendor", third))
    tell(hub, lead, third, "한빛정밀 본사")
    refused = client.post("/api/v1/merges", json={"firms": [pair[1], third]})
    assert refused.status_code == 422
    assert refused.json["title"] == "BothSpeak"


def test_the_worker_looks_after_news_and_rests_otherwise(hub, lead, pair) -> None:
    assert "same firms" in [each.name for each in reconcilers()]
    looker = Looker()
    while looker.tick(hub):
        pass
    assert looker.tick(hub) is False
    third = make.firm(hub, "한빛정밀")
    tell(hub, lead, third, "한빛정밀㈜ (HANVIT)")
    assert looker.tick(hub) is True
    while looker.tick(hub):
        pass
    with hub.db.reading() as session:
        assert len(session.exec(select(Likeness)).all()) > 1


def test_the_command_lists_decides_and_splits(hub, lead, pair, monkeypatch) -> None:
    monkeypatch.setenv("HUB_DATA", str(hub.settings.data))

    def run(*words: str) -> object:
        came = CliRunner().invoke(supply, ["same", *words, "--for", str(lead), "--json"])
        assert came.exit_code == 0, came.output
        return json.loads(came.output)

    (one,) = run("list")["pairs"]
    assert one["names"] == ["(주)한빛정밀", "Hanvit Jungmil Co., Ltd."]
    made = run("decide", str(one["id"]), "--answer", "same")["merges"]
    assert made == [{"id": 1, "into": pair[0], "firms": [pair[1]]}]
    assert [row["id"] for row in run("list", "--state", "merged")["merges"]] == [1]
    assert run("split", "1")["split_at"]
