"""An owner's answers: offers with their agreement, standing answers, slots; what is told."""

import json
import re

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from courses.catalogue import reading
from hub import answering
from hub.owners_job import for_owners, remove_ended, sign_slots, take_standing, write_offers
from hub.publishing import publish_bundle
from hub.tables import AuditEntry, Mail
from sharing.consent_tables import AgreementEvent, StandingConsent, StandingUse, TimeSlot
from sharing.manifest import Target
from sharing.package import prepare_here
from sharing.rollout import Plan, plan_from
from sharing.services import deliveries, many, rollouts, steps
from sharing.services.agreements import ENDED
from sharing.services.board import board_of, gate_of
from sharing.tables import Agreement, Delivery, Deployment
from sharing.terms import TERMS
from supplychain.tables import Site, now
from tests.sharing.chain import chain, sample_files, started

pytestmark = pytest.mark.parts  # the gate works in a process of its own
NIGHT = {"from": "22:00", "to": "05:00", "zone": "Asia/Seoul"}


@pytest.fixture
def made(hub):
    return chain(hub)


@pytest.fixture
def vendor(made, sign_in, app):
    app.config["WTF_CSRF_ENABLED"] = False
    return sign_in(("vendor", made.firms[0]))


@pytest.fixture
def publisher(made, sign_in, app):
    app.config["WTF_CSRF_ENABLED"] = False
    return sign_in(("publisher", made.lead))


def delivery_at(hub, site: int) -> Delivery:
    with hub.db.reading() as session:
        rows = select(Delivery).where(Delivery.site_id == site).order_by(Delivery.id.desc())
        row = session.exec(rows).first()
        session.expunge(row)
        return row


def worked(hub) -> None:
    """The worker's next step for every rollout, orders carried out here."""
    with hub.db.work() as session:
        orders = [
            order
            for number in rollouts.at_work(session)
            for order in steps.tick(session, rollouts.rollout_by_id(session, number), now())
        ]
    answers = list(prepare_here(hub.settings.data)(orders))
    with hub.db.work() as session:
        steps.record(session, answers, now())


def reported(hub, delivery: Delivery, *states: str, **figures) -> None:
    with hub.db.work() as session:
        row = session.get_one(Delivery, delivery.id)
        for state in states:
            deliveries.apply_report(session, row, state, "", figures, now())


def runs(hub, made, vendor) -> Delivery:
    """The sample runs at the vendor's plant."""
    started(made)
    delivery = delivery_at(hub, made.sites[0])
    vendor.post(f"/plant/offers/{delivery.id}/accept", data={"agree": "yes"})
    worked(hub)
    reported(hub, delivery, "downloading", "verifying", "probing", "active", "committed")
    return delivery


def newer(made, number: str) -> None:
    files = {**sample_files()}
    card = json.loads(files["card.json"]) | {"version": number}
    publish_bundle(
        made.hub, files | {"card.json": json.dumps(card).encode()}, made.lead, "publisher"
    )


def offered(made, number: str) -> Delivery:
    """Another version is rolled out; what the first plant gets of it."""
    newer(made, number)
    started(made)
    return delivery_at(made.hub, made.sites[0])


def test_an_offer_is_understood_and_accepted_with_its_agreement(hub, made, vendor):
    started(made)
    delivery = delivery_at(hub, made.sites[0])
    page = vendor.get(f"/plant/offers/{delivery.id}").text
    for text in ("기술자료 비밀유지", "반환과 폐기", TERMS, "거절", "적용 시간대"):
        assert text in page, text
    assert "Words(" not in page
    assert vendor.post(f"/plant/offers/{delivery.id}/accept", data={}).status_code == 422
    vendor.post(f"/plant/offers/{delivery.id}/accept", data={"agree": "yes"})
    assert delivery_at(hub, made.sites[0]).state == "accepted"
    with hub.db.reading() as session:
        row = session.get_one(Agreement, delivery.agreement_id)
        event = session.exec(select(AgreementEvent)).one()
    assert (row.terms, event.what, event.by, event.terms) == (
        TERMS, "accepted", vendor.handle, TERMS,
    )  # fmt: skip
    text = vendor.get(f"/agreements/{row.id}.txt").text
    assert "Technology-data agreement" in text
    assert "한빛모빌리티(주)" in text
    assert vendor.handle not in text  # firms agree; the other side reads no people
    assert "시행 중" in vendor.get("/agreements/").text
    page = vendor.get(f"/agreements/{row.id}").text
    assert "Words(" not in page
    assert "계약 끝내기" in page


def test_declining_says_why_and_refusing_keeps_the_model_away(hub, made, vendor, publisher):
    started(made)
    delivery = delivery_at(hub, made.sites[0])
    vendor.post(f"/plant/offers/{delivery.id}/decline", data={"why": "terms"})
    assert delivery_at(hub, made.sites[0]).state == "declined"
    newer(made, "1.0.1")
    page = publisher.get("/rollouts/new/injection-quality/1.0.1").text
    assert "이 모델을 원하지 않습니다" in page
    # they change their mind
    with hub.db.reading() as session:
        number = session.exec(select(Agreement.id).where(Agreement.refused_at.is_not(None))).one()
    vendor.post(f"/agreements/{number}/reopen")
    assert (
        "이 모델을 원하지 않습니다"
        not in publisher.get("/rollouts/new/injection-quality/1.0.1").text
    )


def test_a_standing_answer_takes_fixes_and_nothing_wider(hub, made, vendor):
    delivery = runs(hub, made, vendor)
    vendor.post(f"/plant/offers/{delivery.id}/standing", data={"scope": "model", "upto": "patch"})
    fix = offered(made, "1.0.1")
    assert fix.state == "offered"
    assert take_standing(hub)
    assert delivery_at(hub, made.sites[0]).state == "accepted"
    assert not take_standing(hub)
    with hub.db.reading() as session:
        use = session.exec(select(StandingUse)).one()
        mails = session.exec(select(Mail).where(Mail.key.startswith("standing/"))).all()
        said = session.exec(select(AuditEntry).where(AuditEntry.action == "standing.used")).one()
    assert use.delivery_id == fix.id
    assert len(mails) == 1
    assert "1.0.1" in mails[0].subject
    assert said.actor == f"standing:{use.consent_id}"
    assert "1.0.1" in vendor.get("/plant/standing").text
    worked(hub)
    reported(hub, fix, "downloading", "verifying", "probing", "active", "committed")
    larger = offered(made, "1.1.0")
    assert not take_standing(hub)
    assert delivery_at(hub, made.sites[0]).state == "offered"
    assert larger.id != fix.id
    vendor.post(f"/plant/offers/{larger.id}/decline", data={"why": "later"})
    # withdrawn: even a fix is asked
    vendor.post(f"/plant/standing/{use.consent_id}/withdraw")
    offered(made, "1.0.2")
    assert not take_standing(hub)


def test_a_standing_answer_never_agrees_to_another_text(hub, made, vendor):
    delivery = runs(hub, made, vendor)
    vendor.post(f"/plant/offers/{delivery.id}/standing", data={"scope": "publisher"})
    with hub.db.work() as session:
        # as it was before the text of today
        session.exec(select(StandingConsent)).one().terms = "technology-data-2026-1"
    offered(made, "1.0.1")
    assert not take_standing(hub)


def test_without_an_agreement_there_is_no_standing_answer(hub, made, vendor):
    started(made)
    delivery = delivery_at(hub, made.sites[0])
    vendor.post(f"/plant/offers/{delivery.id}/standing", data={"scope": "publisher"})
    with hub.db.reading() as session:
        assert session.exec(select(StandingConsent)).first() is None


@pytest.mark.parametrize("side", ["vendor", "publisher"])
def test_either_side_ends_it_and_the_model_leaves_the_plant(hub, made, vendor, publisher, side):
    delivery = runs(hub, made, vendor)
    assert hub.signing.assigned(made.sites[0])
    who = {"vendor": vendor, "publisher": publisher}[side]
    who.post(f"/agreements/{delivery.agreement_id}/end", data={"reason": "이제 쓰지 않습니다"})
    assert remove_ended(hub)
    assert hub.signing.assigned(made.sites[0]) == {}
    assert not remove_ended(hub)
    reported(hub, delivery, "rolled_back")
    with hub.db.reading() as session:
        assert session.exec(select(Deployment)).first() is None
    newer(made, "1.0.1")
    page = publisher.get("/rollouts/new/injection-quality/1.0.1").text
    assert "계약이 끝났습니다" in page
    other = {"vendor": publisher, "publisher": vendor}[side]
    other.post(f"/agreements/{delivery.agreement_id}/reopen")
    assert "계약이 끝났습니다" in publisher.get("/rollouts/new/injection-quality/1.0.1").text
    who.post(f"/agreements/{delivery.agreement_id}/reopen")
    assert "계약이 끝났습니다" not in publisher.get("/rollouts/new/injection-quality/1.0.1").text


def test_a_slot_is_signed_into_the_assignment_and_into_one_under_way(hub, made, vendor):
    started(made)
    site = made.sites[0]
    delivery = delivery_at(hub, site)
    vendor.post(f"/plant/sites/{site}/slot", data={"when": "slot", **NIGHT, "day": list("01234")})
    vendor.post(f"/plant/offers/{delivery.id}/accept", data={"agree": "yes"})
    worked(hub)
    told = [target.custom["slot"] for target in hub.signing.assigned(site).values()]
    assert told
    assert all(one["from"] == "22:00" and one["weekdays"] == [0, 1, 2, 3, 4] for one in told)
    # changed while it is on its way
    vendor.post(f"/plant/sites/{site}/slot", data={"when": "any"})
    sign_slots(hub)
    assert all("slot" not in t.custom for t in hub.signing.assigned(site).values())
    with hub.db.reading() as session:
        assert session.exec(select(TimeSlot)).one().signed_at is not None


def test_a_plant_that_waits_for_its_slot_is_not_silent(hub, made, vendor):
    started(made)
    site = made.sites[0]
    delivery = delivery_at(hub, site)
    vendor.post(f"/plant/offers/{delivery.id}/accept", data={"agree": "yes"})
    worked(hub)
    day = now().date().toordinal() + 30
    late = type(now().date()).fromordinal(day).isoformat()
    answer = vendor.put(f"/api/v1/time-slots/{site}", json={"slot": {**NIGHT, "not_before": late}})
    assert answer.status_code == 200
    reported(hub, delivery, "shadow", opens=f"{late}T13:00:00+00:00")
    row = delivery_at(hub, site)
    assert row.state == "shadow"
    assert (row.deadline - now()).days >= 31


@pytest.mark.parametrize(
    "slot",
    [NIGHT | {"from": "25:00"}, NIGHT | {"weekdays": []}, NIGHT | {"not_before": "2100-01-01"}],
)
def test_a_slot_that_cannot_be_kept_is_refused(made, vendor, slot):
    answer = vendor.put(f"/api/v1/time-slots/{made.sites[0]}", json={"slot": slot})
    assert answer.status_code == 422


def test_owners_get_a_mail_for_each_offer_once(hub, made, vendor):
    started(made)
    assert write_offers(hub)
    assert not write_offers(hub)
    for_owners(hub)
    with hub.db.reading() as session:
        mails = session.exec(select(Mail).where(Mail.key.startswith("offer/"))).all()
    assert [mail.subject for mail in mails] == ["한빛모빌리티(주) 제안: AI 모델 “사출 불량 예측”"]
    assert "제안받았습니다" in vendor.get("/").text


def test_the_api_answers_offers(hub, made, vendor, sign_in):
    started(made)
    offers = vendor.get("/api/v1/offers?state=offered").json["offers"]
    assert len(offers) == 1
    number = offers[0]["id"]
    assert offers[0]["agreement"]["state"] == "offered"
    whole = vendor.get(f"/api/v1/offers/{number}").json
    assert {part["code"] for part in whole["agreement"]["parts"]} >= {
        "given", "purpose", "secrecy", "return", "term", "end",
    }  # fmt: skip
    other = vendor.post(f"/api/v1/offers/{number}/accept", json={"terms": "something else"})
    assert other.status_code == 422
    done = vendor.post(f"/api/v1/offers/{number}/accept", json={"terms": TERMS})
    assert done.json["state"] == "accepted"
    given = vendor.post(
        "/api/v1/standing-answers", json={"delivery": number, "scope": "publisher", "upto": "minor"}
    )
    assert given.status_code == 201
    assert vendor.get("/api/v1/standing-answers").json["standing"][0]["upto"] == "minor"
    gone = vendor.post(f"/api/v1/standing-answers/{given.json['id']}/withdraw")
    assert gone.json["withdrawn_at"]
    stranger = sign_in(("vendor", made.firms[1]))
    assert stranger.get(f"/api/v1/offers/{number}").status_code == 404
    assert stranger.post(f"/api/v1/standing-answers/{given.json['id']}/withdraw").status_code == 404
    mine = vendor.get("/api/v1/agreements").json["agreements"]
    assert stranger.post(f"/api/v1/agreements/{mine[0]['id']}/end", json={}).status_code == 404


# --- the publisher's side: who fits, and what may be learnt of the others -------------------------


def test_the_preview_counts_reasons_and_steps(hub, made, publisher):
    page = publisher.get("/rollouts/new/injection-quality/1.0.0").text
    assert "이 순서로" in page
    part = publisher.get(
        "/rollouts/new/injection-quality/1.0.0/preview?asked=yes&tier=2&connected=yes&pace=half"
    )
    assert "연결된 PC가 아직 없습니다" in part.text
    assert part.headers["HX-Replace-Url"].startswith("/rollouts/new/injection-quality/1.0.0?")
    assert "connected=yes" in part.headers["HX-Replace-Url"]
    only = publisher.get(
        f"/rollouts/new/injection-quality/1.0.0/preview?asked=yes&firm={made.firms[1]}"
    ).text
    assert "직접 고른 기업이 아닙니다" in only


def test_what_a_plant_lacks_keeps_offers_away_and_is_not_told(hub, made, vendor, publisher):
    started(made)
    delivery = delivery_at(hub, made.sites[0])
    page = vendor.get(f"/plant/offers/{delivery.id}").text
    names = re.findall(r'name="has" value="(\w+)"', page)
    assert len(names) > 2
    vendor.post(f"/plant/offers/{delivery.id}/measures", data={"has": names[1:]})
    newer(made, "1.0.1")
    page = publisher.get("/rollouts/new/injection-quality/1.0.1?why=schema").text
    assert "모델에 필요한 값이 없습니다" in page
    assert names[0] not in page


def test_certified_people_are_told_only_where_the_firm_says_so(hub, made, vendor, publisher):
    preview = "/rollouts/new/injection-quality/1.0.0/preview?asked=yes&operators=yes"
    before = publisher.get(preview).text
    assert "밝히지 않았습니다" in before
    assert "수료증을 가진 사람이 없습니다" not in before
    vendor.post("/plant/operators", data={"firm": made.firms[0], "tells": "yes"})
    assert "수료증을 가진 사람이 없습니다" in publisher.get(preview).text
    vendor.post("/plant/operators", data={"firm": made.firms[0], "tells": "no"})
    assert publisher.get(preview).text == before
    assert vendor.post("/plant/operators", data={"firm": made.lead}).status_code == 403


def test_from_the_map_the_choice_comes_along(hub, made, publisher):
    page = publisher.get(f"/rollouts/offer?lead={made.lead}&tier=2&q=협력사 1").text
    assert f"firm={made.firms[1]}" in page
    assert f"firm={made.firms[2]}" not in page
    page = publisher.get(f"/rollouts/offer?lead={made.lead}&tier=3").text
    assert "tier=3" in page
    assert publisher.get(f"/rollouts/offer?lead={made.firms[0]}").status_code == 403


def test_steps_of_ones_own(hub, made, publisher):
    how = {"asked": "yes", "tier": ["2", "3"], "pace": "own", "days": "7", "errors": "10"}
    wrong = publisher.post("/rollouts/new/injection-quality/1.0.0", data=how | {"waves": "many"})
    assert wrong.status_code == 422
    address = "/rollouts/new/injection-quality/1.0.0/preview"
    ahead = publisher.get(address, query_string=how | {"waves": "x, 20%, rest"}).text
    assert "이 단계는 쓸 수 없습니다" in ahead, "no other steps are shown in their place"
    assert "<li>" not in ahead.partition('class="steps-ahead"')[2].partition("</ol>")[0]
    assert "이 단계는" not in publisher.get(address, query_string=how | {"waves": "2, rest"}).text
    made_one = publisher.post(
        "/rollouts/new/injection-quality/1.0.0", data=how | {"waves": "1, 50%, rest"}
    )
    assert made_one.status_code == 302
    with hub.db.reading() as session:
        rollout = rollouts.rollout_by_id(session, int(made_one.location.rsplit("/", 1)[1]))
        waves = len(rollouts.waves_of(session, rollout))
    plan = Plan.model_validate(rollout.plan)
    assert (waves, plan.answer_days, plan.error_share) == (3, 7, 0.1)


def test_signing_a_slot_leaves_other_models_alone(hub, made):
    site = made.sites[0]
    other = Target("other/1.0.0/model.onnx", "0" * 64, 1, {"delivery": 99, "action": "install"})
    hub.signing.assign(site, "other", [other])
    with hub.db.work() as session:
        session.add(TimeSlot(site_id=site, slot=NIGHT))
        assert session.get_one(Site, site)
    sign_slots(hub)
    assert hub.signing.assigned(site)["other/1.0.0/model.onnx"].custom == other.custom


def test_an_end_meets_deliveries_as_the_worker_left_them(either_hub):
    made = chain(either_hub)
    started(made)
    with either_hub.db.work() as session:
        row = session.exec(select(Delivery).where(Delivery.site_id == made.sites[0])).one()
        answering.accept(session, row, "owner")
        number = row.id
    with either_hub.db.work() as session:
        row = session.get_one(Delivery, number)
        agreement = session.get_one(Agreement, row.agreement_id)
        assert row.state == "accepted"
        # as the worker does meanwhile: this session does not hear of it
        session.connection().execute(
            update(Delivery).where(col(Delivery.id) == number).values(state="prepared")
        )
        answering.end(session, agreement, "receiver", "owner")
        assert row.state == "failed"


def test_an_offer_is_answered_while_a_course_is_broken(hub, made, vendor, tmp_path, monkeypatch):
    started(made)
    number = delivery_at(hub, made.sites[0]).id
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "course.yaml").write_text("title: x\n", encoding="utf-8")
    monkeypatch.setattr(reading, "HOME", tmp_path)
    reading.shipped.cache_clear()
    try:
        assert f"/plant/offers/{number}" in vendor.get("/").text
        assert vendor.get(f"/plant/offers/{number}").status_code == 200
        assert vendor.get(f"/plant/offers/{number}/now").status_code == 200
        assert vendor.post(f"/plant/offers/{number}/accept", data={}).status_code == 422
        vendor.post(f"/plant/offers/{number}/accept", data={"agree": "yes"})
    finally:
        reading.shipped.cache_clear()
    assert delivery_at(hub, made.sites[0]).state == "accepted"


@pytest.mark.parametrize("arrived", [False, True])
def test_who_leaves_while_a_rollout_goes_on_is_no_error_of_the_version(hub, made, vendor, arrived):
    number = started(made, plan=Plan(min_sample=1, error_share=0.0))
    delivery = delivery_at(hub, made.sites[0])
    vendor.post(f"/plant/offers/{delivery.id}/accept", data={"agree": "yes"})
    worked(hub)
    reported(hub, delivery, *(["downloading", "active"] if arrived else ["downloading"]))
    vendor.post(f"/agreements/{delivery.agreement_id}/end", data={"reason": ""})
    reported(hub, delivery, *(["rolled_back"] if arrived else []))
    worked(hub)
    assert delivery_at(hub, made.sites[0]).state == ("rolled_back" if arrived else "failed")
    with hub.db.reading() as session:
        row = rollouts.rollout_by_id(session, number)
        assert row.state == "running"
        (wave, *_) = board_of(session, row).waves
        assert gate_of(wave, plan_from(row.plan)).bad == 0
        assert wave.sites == wave.states.total()
    other = delivery_at(hub, made.sites[1])
    with hub.db.work() as session:
        deliveries.accept(session, session.get_one(Delivery, other.id), "owner", now())
    worked(hub)
    reported(hub, other, "downloading", "failed")
    worked(hub)
    with hub.db.reading() as session:
        assert rollouts.rollout_by_id(session, number).state == "paused", "that one is an error"


def test_gates_count_on_either_database(either_hub):
    there = chain(either_hub)
    number = started(there)
    with either_hub.db.work() as session:
        row = rollouts.rollout_by_id(session, number)
        first, second, *_ = rollouts.deliveries_of(session, row)
        first.state, first.reason = "failed", ENDED
        second.state, second.reason = "failed", "broken"
        session.flush()
        (counts,) = many.counts_of(session, row).values()
        assert counts == {"declined": 1, "failed": 1, "offered": 2}
        (wave,) = board_of(session, row).waves
        assert (wave.states["failed"], wave.left) == (2, {"failed": 1})
        row.state = "rolling_back"
        assert board_of(session, row).waves[0].left == {}, "there, all are asked to go back"
