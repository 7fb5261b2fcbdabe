"""The pages of models and rollouts, as a publisher and as others meet them."""

import io
import json
import pickle
import zipfile
from contextlib import closing

import pytest
from click.testing import CliRunner
from sqlmodel import select

from hub.cli import hub as command
from hub.distributed import keep_signed, tick_rollouts
from hub.settings import Settings
from hub.wiring import wire
from sharing.package import prepare_here
from sharing.services import deliveries, rollouts
from supplychain.tables import now
from tests.sharing.chain import SAMPLE, chain, sample_files, started

pytestmark = pytest.mark.parts  # the gate works in a process of its own

VERSION = "/models/injection-quality/1.0.0"


@pytest.fixture
def made(hub):
    return chain(hub)


@pytest.fixture
def publisher(made, sign_in, app):
    app.config["WTF_CSRF_ENABLED"] = False
    return sign_in(("publisher", made.lead))


def zipped(files: dict[str, bytes]) -> io.BytesIO:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    packed.seek(0)
    return packed


def sent(client, files, firm, name="bundle.zip"):
    packed = zipped(files) if isinstance(files, dict) else io.BytesIO(files)
    return client.post("/models/publish", data={"firm": firm, "archive": (packed, name)})


def test_a_publisher_publishes_and_the_version_page_says_what_it_is(publisher, made):
    files = {**sample_files()}
    card = json.loads(files["card.json"]) | {"version": "1.1.0"}
    files["card.json"] = json.dumps(card).encode()
    answer = sent(publisher, files, made.lead)
    assert answer.location == "/models/injection-quality/1.1.0"
    page = publisher.get(answer.location).text
    for text in ("사출 불량 예측", "수지 온도", "공개·서명됨", "보압", "1.0.0"):
        assert text in page
    assert "1.1.0" in publisher.get("/models/").text


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (pickle.dumps({"a": 1}), "model.onnx", "피클"),
        (b"no zip", "bundle.zip", "ZIP"),
        (b"", "bundle.zip", "ZIP"),
    ],
)
def test_bad_bundles_are_answered_in_the_readers_language(publisher, made, data, name, said):
    answer = sent(publisher, data, made.lead, name)
    assert answer.status_code == 422
    assert said in answer.text
    assert "golden.json" in answer.text
    assert "Traceback" not in answer.text


def test_the_same_number_with_other_contents_is_refused(publisher, made):
    files = {**sample_files()}
    files["card.json"] += b" "
    answer = sent(publisher, files, made.lead)
    assert answer.status_code == 422
    assert "이미 공개" in answer.text


def test_nobody_publishes_for_another_firm(publisher, made):
    assert sent(publisher, sample_files(), made.firms[0]).status_code == 403


def test_from_preview_to_board(publisher, made, hub):
    preview = publisher.get("/rollouts/new/injection-quality/1.0.0/preview?asked=yes&tier=2")
    assert '<span class="figure-value">3</span>' in preview.text
    assert "차수가 다릅니다" in preview.text
    asked = {"asked": "yes", "tier": ["2", "3"], "process": "injection", "key": "k1"}
    answer = publisher.post("/rollouts/new/injection-quality/1.0.0", data=asked)
    again = publisher.post("/rollouts/new/injection-quality/1.0.0", data=asked)
    assert answer.location == again.location == "/rollouts/1"
    board = publisher.get("/rollouts/1").text
    assert '[1,"oooo",[[1,4]]]' in board  # four squares, each offered
    with hub.db.work() as session:
        rows = rollouts.deliveries_of(session, rollouts.rollout_by_id(session, 1))
        deliveries.accept(session, rows[0], "owner", now())
    assert tick_rollouts(hub, prepare_here(hub.settings.data))
    with hub.db.work() as session:
        row = deliveries.delivery_by_id(session, 1)
        deliveries.apply_report(session, row, "active", "", {"predictions": 41}, now())
    live = publisher.get("/rollouts/1/live").text
    assert "예측 41건" in live
    assert "기준" in live  # when it was last true
    assert "가동" in publisher.get("/rollouts/1/deliveries/1").text


def test_the_buttons_steer_and_say_when_they_come_too_late(publisher, made):
    number = started(made)
    for action, state in (("pause", "paused"), ("resume", "running"), ("stop", "stopping")):
        assert publisher.post(f"/rollouts/{number}/{action}").status_code == 302
        assert f'data-state="{state}"' in publisher.get(f"/rollouts/{number}/live").text
    late = publisher.post(f"/rollouts/{number}/pause", follow_redirects=True)
    assert "배포 화면을 다시 확인하세요" in late.text


def test_an_audience_without_anybody_is_refused_in_words(publisher):
    asked = {"asked": "yes", "tier": "3", "region": "KR-49", "process": "injection"}
    answer = publisher.post("/rollouts/new/injection-quality/1.0.0", data=asked)
    assert answer.status_code == 422
    assert "조건에 맞는 사업장이 없습니다" in answer.text


def test_names_that_are_not_open_are_not_shown(publisher, made, hub):
    from supplychain.tables import Consent

    started(made)
    with hub.db.work() as session:
        for row in session.exec(select(Consent)).all():
            row.withdrawn_at = now()
    board = publisher.get("/rollouts/1").text
    assert "2차 협력사" not in board.replace("1·2·3차 협력사", "").replace("2·3차 협력사", "")
    assert "이름 비공개" in board
    assert "이름 비공개" in publisher.get("/rollouts/1/deliveries/1").text
    assert publisher.get("/api/v1/rollouts/1").json["sites"][0]["firm"] is None
    preview = publisher.get("/rollouts/new/injection-quality/1.0.0/preview?asked=yes&tier=2").text
    assert "협력사 0" not in preview, "who is not known by name is in no audience"


def test_strangers_to_the_firm_see_nothing(made, sign_in):
    number = started(made)
    other = sign_in(("publisher", made.firms[0]))
    assert other.get(f"/rollouts/{number}").status_code == 404
    assert other.get(f"/rollouts/{number}/live").status_code == 404
    assert other.get(VERSION).status_code == 404
    assert sign_in(("trainee", None)).get("/rollouts/").status_code == 403
    vendor = sign_in(("vendor", made.firms[0]))
    assert vendor.get(VERSION).status_code == 200  # it was offered


def test_withdrawing_takes_it_out_of_what_is_signed(publisher, made, hub):
    assert publisher.post(f"{VERSION}/withdraw", data={"reason": "잘못 학습"}).status_code == 302
    assert "잘못 학습" in publisher.get(VERSION).text
    assert hub.signing.listed() == {}
    assert publisher.get("/rollouts/new/injection-quality/1.0.0").status_code == 200
    answer = publisher.post("/rollouts/new/injection-quality/1.0.0", data={"key": "x"})
    assert answer.status_code == 422


def test_what_a_crash_left_unsigned_is_signed_by_the_worker(made, hub):
    hub.signing.list_files(list)
    assert keep_signed(hub)
    assert "injection-quality/1.0.0/model.onnx" in hub.signing.listed()
    assert not keep_signed(hub)


def test_the_api_says_the_same(publisher, made):
    (model,) = publisher.get("/api/v1/models").json["models"]
    assert model["versions"][0]["card"]["process"] == "injection"
    asked = {"model": "injection-quality", "start": True, "audience": {"tiers": [2, 3]}}
    headers = {"Idempotency-Key": "abc"}
    made_one = publisher.post("/api/v1/rollouts", json=asked, headers=headers)
    again = publisher.post("/api/v1/rollouts", json=asked, headers=headers)
    assert (made_one.status_code, again.json["id"]) == (201, made_one.json["id"])
    number = made_one.json["id"]
    assert publisher.get(f"/api/v1/rollouts/{number}").json["counts"]["waiting"] == 4
    paused = publisher.post(f"/api/v1/rollouts/{number}/pause", json={"reason": "why"})
    assert paused.json["state"] == "paused"
    twice = publisher.post(f"/api/v1/rollouts/{number}/pause", json={})
    assert (twice.status_code, twice.json["state"]) == (200, "paused")
    refused = publisher.post(f"/api/v1/rollouts/{number}/submit", json={})
    assert refused.status_code == 422
    assert refused.mimetype == "application/problem+json"
    assert len(publisher.get("/api/v1/rollouts").json["rollouts"]) == 1


def test_the_api_lists_every_fault_of_a_bundle(publisher, made):
    body = zipped({"model.onnx": pickle.dumps(1)}).getvalue()
    answer = publisher.post(
        f"/api/v1/models?firm={made.lead}", data=body, content_type="application/zip"
    )
    assert answer.status_code == 422
    assert {fault["code"] for fault in answer.json["faults"]} == {"file_missing", "model_pickle"}
    assert all(fault["reason"] for fault in answer.json["faults"])


def test_the_command_line_publishes_and_rolls_out(data_folder):
    settings = Settings.from_environment()
    with closing(wire(settings)) as hub:
        made = chain(hub, publish=False)

    def run(*words: str):
        answer = CliRunner().invoke(command, words, catch_exceptions=False)
        assert answer.exit_code == 0, answer.output
        return json.loads(answer.output)

    said = run("models", "publish", str(SAMPLE), "--firm", str(made.lead), "--json")
    assert said["slug"] == "injection-quality"
    assert run("models", "list", "--json")[0]["slug"] == "injection-quality"
    assert run("models", "show", "injection-quality", "--json")["versions"][0]["files"]
    created = run("rollouts", "create", "injection-quality", "--key", "k", "--json")
    number = str(created["id"])
    assert run("rollouts", "start", number, "--json")["counts"]["waiting"] == 4
    for action, state in (("pause", "paused"), ("resume", "running"), ("rollback", "rolling_back")):
        assert run("rollouts", action, number, "--json")["state"] == state
    assert run("rollouts", "show", number, "--json")["sites"]
    assert len(run("rollouts", "list", "--json")) == 1


def test_nobody_meets_anothers_rollout_by_choosing_its_key(hub, made, publisher, sign_in):
    from sqlmodel import select

    from hub.tables import User
    from hub.tokens import make_token
    from sharing.tables import Rollout
    from tests.make import firm

    with hub.db.work() as session:
        user = session.exec(select(User).where(User.handle == publisher.handle)).one()
        token = make_token(session, user, "script", 1)
    asked = {"model": "injection-quality", "version": "1.0.0"}
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "1"}
    first = publisher.post("/api/v1/rollouts", json=asked, headers=headers)
    assert (first.status_code, first.json["state"]) == (201, "draft")
    assert publisher.post("/api/v1/rollouts", json=asked, headers=headers).json["id"] == 1

    other = sign_in(("publisher", made.lead), ("publisher", firm(hub)))
    other.post(
        "/rollouts/new/injection-quality/1.0.0", data={"key": f"{publisher.handle}:1", "name": "x"}
    )
    with hub.db.reading() as session:
        assert session.get_one(Rollout, first.json["id"]).state == "draft"
