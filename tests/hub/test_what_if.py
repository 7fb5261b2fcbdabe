"""What if, on pages, through the API and from the command line; scenarios kept and shared."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

from supplychain.scenario_errors import ScenarioNameTaken
from supplychain.scenario_question import Question
from supplychain.services import scenarios
from supplychain.services.alternates import stand_ins
from supplychain.services.risk_facts import Saying, say_fact
from supplychain.services.scenario_chain import chain_seen
from supplychain.services.shares import delivered
from supplychain.services.sight import sight_of
from supplychain.services.what_if import answer, answer_in, worst_singles
from supplychain.tables import Consent, Declaration, Firm, Link, now
from tests.make import firm


def link(hub, supplier, buyer, item, share=None, by=()):
    with hub.db.work() as session:
        row = Link(supplier_id=supplier, buyer_id=buyer, item=item, share=share)
        row.told_supplier_id, row.told_buyer_id = supplier, buyer
        session.add(row)
        session.flush()
        for one in by or (supplier, buyer):
            session.add(Declaration(link_id=row.id, firm_id=one, share=share))


@pytest.fixture
def chain(hub):
    """lead ← brakes (70 %) and spare (30 %) ← steel; lead ← seats. All joined but seats."""
    names = {
        "lead": ("한빛모빌리티(주)", "KR-41", "assembly"),
        "brakes": ("온새브레이크(주)", "KR-48", "casting"),
        "spare": ("가온주조(주)", "KR-31", "casting"),
        "steel": ("다솜특수강(주)", "KR-48", "materials"),
        "seats": ("라온시트(주)", "KR-44", "assembly"),
    }
    made = {
        key: firm(hub, name, region=region, process=process, sector="C30")
        for key, (name, region, process) in names.items()
    }
    with hub.db.work() as session:
        for key in ("lead", "brakes", "spare", "steel"):
            session.get_one(Firm, made[key]).joined_at = now()
        for key in ("brakes", "steel"):  # spare has not opened itself
            session.add(Consent(firm_id=made[key], to_id=made["lead"]))
    link(hub, made["brakes"], made["lead"], "브레이크", 70.0)
    link(hub, made["spare"], made["lead"], "브레이크", 30.0)
    link(hub, made["seats"], made["lead"], "시트", 100.0, by=(made["lead"],))
    link(hub, made["steel"], made["brakes"], "특수강", 100.0)
    return made


def asked(hub, asker, **question):
    with hub.db.reading() as session:
        found = answer(session, asker, Question(**question))
        return found, found.hits, found.lacks


def test_a_stop_travels_by_what_is_declared_and_opened(either_hub) -> None:
    hub = either_hub
    made = chain.__wrapped__(hub)
    found, hits, lacks = asked(hub, made["lead"], firms=(made["steel"],), days=20, stock=3)
    first = {hit.place.number: (hit.first, hit.days) for hit in hits}
    assert first == {made["steel"]: (1, 20), made["brakes"]: (5, 17), made["lead"]: (10, 13)}
    assert [(lack.item, lack.first) for lack in lacks] == [("브레이크", 10)]
    assert lacks[0].suppliers[0].number == made["brakes"]
    assert found.own.lowest == pytest.approx(0.3)
    assert found.own.through.number == made["brakes"]
    region, _, _ = asked(hub, made["lead"], regions=("KR-48",), days=2)
    assert region.stopped == {made["brakes"], made["steel"]}
    point, _, _ = asked(hub, made["lead"], behind=made["brakes"], days=2)
    assert point.stopped == {made["brakes"], made["steel"]}
    # The spare firm sees the lead firm alone, and nothing of the others.
    theirs, hits, _ = asked(hub, made["spare"], firms=(made["steel"], made["spare"]), days=30)
    assert (theirs.left_out, {hit.place.number for hit in hits}) == (
        1, {made["spare"], made["lead"]},
    )  # fmt: skip


def test_shares_are_those_that_the_firm_may_read(either_hub) -> None:
    """The short way to items and shares says what the long one says, for everybody."""
    hub = either_hub
    made = chain.__wrapped__(hub)
    with hub.db.work() as session:  # told by a third firm, anew without a share, and denied
        for share, stance in ((40.0, "holds"), (None, "holds")):
            row = Link(supplier_id=made["steel"], buyer_id=made["spare"], item="강", share=9.0)
            row.told_supplier_id, row.told_buyer_id = made["steel"], made["spare"]
            if share:
                session.add(row)
                session.flush()
                number = row.id
            session.add(
                Declaration(link_id=number, firm_id=made["seats"], stance=stance, share=share)
                if share
                else Declaration(link_id=number, firm_id=made["lead"], share=share)
            )
    for asker in made.values():
        with hub.db.reading() as session:
            sight = sight_of(session, asker)
            short = {tuple(each[:3]): each.share for each in delivered(sight, sight.lines)}
            assert short == {(x.supplier, x.buyer, x.item): x.share for x in sight.links.values()}


def test_stocks_and_days_to_recover_that_were_told_count(hub, chain) -> None:
    with hub.db.work() as session:
        stock = Saying(chain["brakes"], "stock_days", 9.0, buyer=chain["lead"], item="브레이크")
        say_fact(session, chain["lead"], stock, "x")
        say_fact(session, chain["brakes"], Saying(chain["brakes"], "ttr_days", 40.0), "x")
    found, _, _ = asked(hub, chain["lead"], firms=(chain["brakes"],), days=10, stock=0)
    assert (found.basis.stocks_told, found.own.first) == (1, 11)
    longer, _, _ = asked(
        hub, chain["lead"], firms=(chain["brakes"],), days=10, stock=0, recovery=True
    )
    assert longer.hits[-1].days == 40


def test_each_firm_alone_stops_as_long_as_it_told_and_is_looked_at_to_the_end(hub, chain) -> None:
    with hub.db.work() as session:
        say_fact(session, chain["brakes"], Saying(chain["brakes"], "ttr_days", 90.0), "x")
    question = Question(days=10, stock=0, recovery=True)
    with hub.db.reading() as session:
        seen = chain_seen(session, chain["lead"], 0)
        found = {one.place.number: one for one in worst_singles(seen, question)}
        alone = answer_in(seen, replace(question, firms=(chain["brakes"],)), {})
    assert found.pop(chain["spare"]).days == 10
    assert {number: one.days for number, one in found.items()} == {
        chain["brakes"]: 90,
        chain["steel"]: 10,
        chain["seats"]: 10,
    }
    assert found[chain["brakes"]].lost == pytest.approx(0.7 * 90)
    assert found[chain["brakes"]].lost == pytest.approx(alone.own.lost)
    assert alone.course.horizon >= 90


def test_who_could_stand_in_and_why(hub, chain) -> None:
    with hub.db.reading() as session:
        found = stand_ins(session, chain["lead"], chain["brakes"])
        assert [each.candidate.number for each in found.found] == [chain["spare"]]
        assert found.found[0].reasons == ("to_us", "item", "apart", "region", "joined")
        by_item = stand_ins(session, chain["lead"], None, "시트")
        assert [each.candidate.number for each in by_item.found] == [chain["seats"]]
        both = Question(firms=(chain["brakes"], chain["spare"]))
        none = stand_ins(session, chain["lead"], chain["brakes"], question=both)
        assert (none.found, [place.number for place in none.left_out]) == ([], [chain["spare"]])


def test_the_page_answers_in_a_sentence_first(hub, chain, sign_in) -> None:
    client = sign_in(("supply_manager", chain["lead"]))
    where = f"/supply/what-if?firm={chain['steel']}&days=20&stock=3"
    page = client.get(where).text
    assert "10일째부터 우리 라인에 품목이 모자라고" in page
    assert page.index("모자라는 품목: 브레이크") < page.index("what-if-chart")
    assert "온새브레이크(주)" in page
    drawing = client.get(where.replace("what-if?", "what-if/drawing.json?")).json
    assert {each[0]: each[5] for each in drawing["firms"]}[chain["lead"]] == 10
    sheet = client.get(where.replace("what-if?", "what-if/hits.csv?"))
    assert sheet.text.count("\r\n") == 4
    assert client.get("/supply/what-if?days=0").status_code == 422
    found = client.get("/supply/what-if/firms?find=브레이크").text
    assert "온새브레이크(주)" in found
    assert "라온시트" not in found
    alone = client.get("/supply/what-if/alone?days=30&least=7&who=strangers").text
    assert "다솜특수강(주)" in alone
    assert "온새브레이크" not in alone
    others = client.get(f"/supply/what-if/alternates?firm={chain['brakes']}").text
    assert "가온주조(주)" in others


def test_a_scenario_is_kept_renamed_compared_and_deleted(hub, chain, sign_in) -> None:
    client = sign_in(("supply_manager", chain["lead"]))
    client.application.config["WTF_CSRF_ENABLED"] = False
    form = {"name": " 제강  사고 ", "firm": chain["steel"], "days": "20"}
    one = client.post("/supply/what-if/saved", data=form).headers["Location"]
    assert client.post("/supply/what-if/saved", data=form).headers["Location"] == one
    other = client.post("/supply/what-if/saved", data=form | {"days": "9"})
    assert other.headers["Location"] != one
    assert "같은 이름" in client.get("/supply/what-if").text
    second = client.post("/supply/what-if/saved", data=form | {"name": "둘", "days": "9"})
    assert "제강 사고" in client.get(one).text
    numbers = [each.rsplit("/", 1)[1] for each in (one, second.headers["Location"])]
    both = client.get(f"/supply/what-if/compare?scenario={numbers[0]}&scenario={numbers[1]}").text
    assert "what-if-compare" in both
    client.post(f"{one}/rename", data={"name": "새 이름"})
    assert "새 이름" in client.get("/supply/what-if/saved").text
    colleague = sign_in(("supply_manager", chain["lead"]))
    assert colleague.get(one).status_code == 200
    stranger = sign_in(("vendor", chain["spare"]))
    assert stranger.get(one).status_code == 404
    client.post(f"{one}/delete")
    assert client.get(one).status_code == 404


def test_the_supply_map_shows_who_a_scenario_hits(hub, chain, sign_in) -> None:
    with hub.db.work() as session:
        question = Question(firms=(chain["steel"],), days=20, stock=3)
        number = scenarios.save(session, chain["lead"], "특수강 정지", question, "x").id
    client = sign_in(("supply_manager", chain["lead"]))
    assert f"/supply?scenario={number}" in client.get(f"/supply/what-if/saved/{number}").text
    page = client.get(f"/supply?scenario={number}").text
    assert "특수강 정지" in page
    assert "영향 시작" in page
    told = client.get(f"/supply/map.json?scenario={number}").json
    assert next(iter(told["words"])) == "hit"  # what the map is coloured by at first
    codes = [told["words"]["hit"][at]["code"] for at in told["firms"]["hit"]]
    assert dict(zip(told["firms"]["id"], codes, strict=True)) == {
        chain["lead"]: "14",
        chain["brakes"]: "7",
        chain["spare"]: "no",
        chain["seats"]: "no",
        chain["steel"]: "stops",
    }
    narrowed = client.get(f"/supply/firms.csv?scenario={number}&hit=7&hit=stops").text
    assert "온새브레이크" in narrowed
    assert "다솜특수강" in narrowed
    assert "라온시트" not in narrowed
    assert "hit" not in client.get("/supply/map.json").json["words"]
    other = sign_in(("supply_manager", chain["brakes"]))
    assert other.get(f"/supply?scenario={number}").status_code == 404
    assert other.get(f"/supply/map.json?scenario={number}").status_code == 404
    assert client.get("/supply?scenario=x").status_code == 404


def test_a_partner_is_answered_from_its_own_sight_or_refused(hub, chain, sign_in) -> None:
    with hub.db.work() as session:
        own, seats = (
            Question(firms=(chain["brakes"], chain["steel"])),
            Question(firms=(chain["seats"],)),
        )
        row = scenarios.save(session, chain["lead"], "둘 다", own, "x")
        hidden = scenarios.save(session, chain["lead"], "시트", seats, "x")
        with pytest.raises(ScenarioNameTaken):
            scenarios.save(session, chain["lead"], "시트", own, "x")
        share = scenarios.share(session, row, chain["brakes"], "x").id
        none = scenarios.share(session, hidden, chain["brakes"], "x").id
        assert scenarios.share(session, row, chain["brakes"], "x").id == share
        one, number = row.id, hidden.id
    partner = sign_in(("vendor", chain["brakes"]))
    page = partner.get(f"/supply/what-if/shared/{share}").text
    assert "다솜특수강(주)" in page
    assert "가온주조" not in page
    refused = partner.get(f"/supply/what-if/shared/{none}").text
    assert "볼 수 있는 것이 없습니다" in refused
    assert "라온시트" not in refused
    assert partner.get(f"/api/v1/scenarios/shared/{none}").status_code == 404
    said = partner.get(f"/api/v1/scenarios/shared/{share}").json
    assert sorted(said["asked"]["firms"]) == sorted((chain["brakes"], chain["steel"]))
    assert "둘 다" in partner.get("/supply/what-if/saved").text
    assert (
        sign_in(("vendor", chain["spare"])).get(f"/supply/what-if/shared/{share}").status_code
        == 404
    )
    owner = sign_in(("supply_manager", chain["lead"]))
    owner.application.config["WTF_CSRF_ENABLED"] = False
    stranger = owner.put(f"/api/v1/scenarios/{number}/shares/{chain['steel']}")
    assert stranger.status_code == owner.put(
        f"/api/v1/scenarios/{number}/shares/987654"
    ).status_code == 403  # fmt: skip
    owner.post(f"/supply/what-if/saved/{one}/unshare", data={"to": chain["brakes"]})
    assert partner.get(f"/supply/what-if/shared/{share}").status_code == 404


def test_the_api_asks_keeps_changes_and_deletes(hub, chain, sign_in) -> None:
    client = sign_in(("supply_manager", chain["lead"]))
    client.application.config["WTF_CSRF_ENABLED"] = False
    asked = {"firms": [chain["brakes"]], "days": 10}
    said = client.post("/api/v1/what-if", json=asked).json
    assert (said["stopped"], said["own"][7], said["own"][9]) == (1, 1.0, 0.3)
    assert client.post("/api/v1/what-if", json={"days": 0}).status_code == 422
    made = client.post("/api/v1/scenarios", json={"name": "a", "asked": asked})
    again = client.post("/api/v1/scenarios", json={"name": "a", "asked": asked})
    assert made.status_code == 201
    assert made.json["id"] == again.json["id"]
    where = f"/api/v1/scenarios/{made.json['id']}"
    shared = client.put(f"{where}/shares/{chain['spare']}").json
    assert shared["shared_with"] == [chain["spare"]]
    assert client.delete(f"{where}/shares/{chain['spare']}").json["shared_with"] == []
    assert client.patch(where, json={"name": "b"}).json["name"] == "b"
    assert [each["name"] for each in client.get("/api/v1/scenarios").json["scenarios"]] == ["b"]
    assert client.get(f"{where}/answer").json["stopped"] == 1
    assert client.delete(where).status_code == 204
    assert client.get(where).status_code == 404
    alone = client.get("/api/v1/what-if/alone?days=30&strangers=true").json
    assert [each["id"] for each in alone["firms"]] == [chain["steel"]]
    others = client.get(f"/api/v1/alternates?firm={chain['brakes']}").json
    assert [each["id"] for each in others["alternates"]] == [chain["spare"]]


def test_the_commands_answer(hub, chain, monkeypatch) -> None:
    from hub.cli import hub as command

    monkeypatch.setenv("HUB_DATA", str(hub.settings.data))

    def said(*words: str) -> dict:
        done = CliRunner().invoke(command, ["supply", *words, "--json"], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    lead = str(chain["lead"])
    one = said("what-if", "--lead", lead, "--stop", str(chain["brakes"]), "--days", "10")
    assert one["hits"][0]["id"] == chain["lead"]
    each = said("what-if", "--lead", lead, "--each", "--days", "30")
    assert next(row["id"] for row in each["firms"]) == chain["seats"]
    found = said("alternates", "--lead", lead, "--firm", str(chain["brakes"]))
    assert [row["id"] for row in found["alternates"]] == [chain["spare"]]
    refused = CliRunner().invoke(command, ["supply", "what-if", "--lead", lead])
    assert refused.exit_code == 2
    strangers = said("what-if", "--lead", lead, "--each", "--indirect", "--at-least", "7")
    assert [(row["id"], row["direct"]) for row in strangers["firms"]] == [(chain["steel"], False)]


def test_who_asks_of_a_chain_without_items_is_warned(hub, chain, sign_in, monkeypatch) -> None:
    from hub.cli import hub as command

    other = firm(hub, "나래상사")
    for name in ("두레정공", "보람기공"):
        link(hub, firm(hub, name), other, "", by=(other,))
    monkeypatch.setenv("HUB_DATA", str(hub.settings.data))

    def said(*words: str):
        return CliRunner().invoke(
            command, ["supply", *words, "--lead", str(other)], catch_exceptions=False
        )

    each = said("what-if", "--each", "--at-least", "20")
    assert "2 of 2 deliveries have none" in each.stderr
    assert "No single firm" in each.stdout
    assert "2 of 2 deliveries have none" in said("risk", "tts").stderr
    assert "no delivery to 나래상사 tells its item" in said("risk", "diamonds").stdout
    assert "Shares are told for 0 of 2 deliveries" in said("risk", "esri").stderr
    client = sign_in(("supply_manager", other))
    assert "품목이 없는 거래관계: 2개" in client.get("/supply/what-if/alone?least=20").text
    api = client.get("/api/v1/what-if/alone?least=20").json
    assert (api["firms"], api["deliveries_without_item"]) == ([], 2)
