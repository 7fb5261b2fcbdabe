"""The pages and the API of keys, as a publisher, an operator and others meet them."""

import io

import pytest

from hub import keys as acts
from sharing.services import models
from tests.make import firm
from tests.sharing.chain import chain
from tests.sharing.signers import SLUG, People, publish, state, waiting

pytestmark = pytest.mark.parts  # the gate works in a process of its own


@pytest.fixture
def made(hub, app):
    app.config["WTF_CSRF_ENABLED"] = False
    return chain(hub)


@pytest.fixture
def people(tmp_path):
    return People(tmp_path / "keys of people", 3)


@pytest.fixture
def publisher(made, sign_in):
    return sign_in(("publisher", made.lead))


def signed(hub, people, row, *who):
    return {"signed": [(io.BytesIO(people.sign(hub, row, n)), f"{n}.json") for n in who]}


def test_from_the_hubs_key_to_keys_of_ones_own(hub, made, people, publisher):
    assert "허브가 이 기업을 대신해 서명" in publisher.get("/models/keys/").text
    version = f"/models/{SLUG}/1.0.0"
    assert "허브가 이 기업을 대신해 서명" in publisher.get(version).text
    form = {
        "firm": made.lead,
        "threshold": 2,
        "public": [(io.BytesIO(data), name) for name, data in people.files()],
    }
    answer = publisher.post("/models/keys/register", data=form, follow_redirects=True)
    assert "키를 등록했습니다" in answer.text
    assert "그중 2개가 서명하면 효력이 생깁니다" in answer.text
    (row,) = waiting(hub)
    page = publisher.get(f"/models/keys/{row.id}").text
    assert f"hub models keys sign {acts.file_name(row)}" in page
    assert "서명 2개 남음" in page
    fetched = publisher.get(f"/models/keys/{row.id}/file")
    assert fetched.data == acts.file_of(row, hub.signing.image())
    address = f"/models/keys/{row.id}/upload"
    one = publisher.post(address, data=signed(hub, people, row, 0), follow_redirects=True)
    assert "1개가 더 필요합니다" in one.text
    assert "서명을 기다리는 문서가 있습니다" in publisher.get("/").text
    both = publisher.post(address, data=signed(hub, people, row, 1, 0), follow_redirects=True)
    assert "필요한 서명이 모두 모였습니다" in both.text
    assert "기업이 직접 보관하는 키 3개 중 2개" in publisher.get(version).text
    assert "서명을 기다리는 문서가 있습니다" not in publisher.get("/").text


def test_what_waits_says_which_versions(hub, made, people, publisher):
    acts.register_keys(hub, made.lead, people.files(), 1, "publisher")
    people.give(hub, waiting(hub)[0], 0)
    publish(hub, made.lead, "1.1.0")
    publish(hub, made.lead, "1.2.0")
    page = publisher.get("/models/keys/").text
    assert f"새 버전: {SLUG} 1.1.0, {SLUG} 1.2.0" in page
    assert "새 문서에만 서명해도 됩니다" in page
    one = publisher.get(f"/models/keys/{waiting(hub)[0].id}").text
    assert f"{SLUG}/1.2.0/model.onnx" in one


def test_nonsense_is_answered_plainly(hub, made, people, publisher):
    acts.register_keys(hub, made.lead, people.files(), 2, "publisher")
    address = f"/models/keys/{waiting(hub)[0].id}/upload"
    for data, said in (
        ({}, "먼저 서명한 파일을"),
        ({"signed": [(io.BytesIO(b"\x00nonsense"), "x.json")]}, "쓸 수 없습니다"),
        ({"signed": [(io.BytesIO(b"{}"), "x.json")]}, "쓸 수 없습니다"),
    ):
        answer = publisher.post(address, data=data)
        assert answer.status_code == 422
        assert said in answer.text
    form = {"firm": made.lead, "threshold": 3, "public": [(io.BytesIO(b"no key"), "x.pub")]}
    refused = publisher.post("/models/keys/register", data=form)
    assert refused.status_code == 422
    assert "Ed25519" in refused.text


def test_other_firms_neither_see_nor_sign(hub, made, people, sign_in):
    acts.register_keys(hub, made.lead, people.files(), 1, "publisher")
    (row,) = waiting(hub)
    other = sign_in(("publisher", firm(hub, "다른 회사")))
    data = people.sign(hub, row, 0)
    for path in ("", "/file"):
        assert other.get(f"/models/keys/{row.id}{path}").status_code == 404
        assert other.get(f"/api/v1/keys/statements/{row.id}{path}").status_code == 404
    sent = {"signed": [(io.BytesIO(data), "x.json")]}
    assert other.post(f"/models/keys/{row.id}/upload", data=sent).status_code == 404
    address = f"/api/v1/keys/statements/{row.id}/signatures"
    assert other.post(address, data=data).status_code == 404
    assert "한빛모빌리티" not in other.get("/models/keys/").text
    form = {"firm": made.lead, "threshold": 1, "public": []}
    assert other.post("/models/keys/register", data=form).status_code == 403
    assert other.get("/api/v1/keys").json["firms"][0]["name"] == "다른 회사"


def test_programs_do_the_same(hub, made, people, publisher):
    asked = {
        "firm": made.lead,
        "threshold": 2,
        "public_keys": [data.decode() for _, data in people.files()],
    }
    answer = publisher.post("/api/v1/keys", json=asked)
    assert (answer.status_code, answer.json["state"]) == (201, "waiting")
    told = publisher.get("/api/v1/keys/statements?state=waiting").json
    (one,) = told["statements"]
    (row,) = waiting(hub)
    assert one["number"] == row.id
    assert publisher.get(f"/api/v1/keys/statements/{row.id}/file").data == acts.file_of(
        row, hub.signing.image()
    )
    address = f"/api/v1/keys/statements/{row.id}/signatures"
    first = publisher.post(address, data=people.sign(hub, row, 0)).json
    assert first == {"fresh": [people.signers[0].public_key.keyid], "missing": 1}
    assert publisher.post(address, data=people.sign(hub, row, 0)).json == {
        "fresh": [],
        "missing": 1,
    }
    assert publisher.post(address, data=people.sign(hub, row, 2)).json["missing"] == 0
    (firm_said,) = publisher.get("/api/v1/keys").json["firms"]
    assert (firm_said["held_by_hub"], firm_said["threshold"]) == (False, 2)
    assert publisher.get(f"/api/v1/keys/statements/{row.id}").json["state"] == "published"


def test_operators_see_the_top(hub, made, sign_in, tmp_path):
    admin = sign_in(("administrator", None))
    assert "허브 안에 있음" in admin.get("/models/keys/").text
    operators = People(tmp_path / "operators", 2)
    acts.take_offline(hub, operators.files(), 2, "operator")
    for row in waiting(hub):
        page = admin.get(f"/models/keys/{row.id}").text
        assert "새 키" in page or "키 2개 중 2개" in page
        operators.give(hub, row, 0, 1)
    assert "운영자가 따로 보관" in admin.get("/models/keys/").text
    done = [admin.get(f"/models/keys/{number}").text for number in (1, 2)]
    assert all("무엇이 적혀 있나요?" in page for page in done)
    assert state(hub, "1.0.0") == "published"


def test_what_awaits_signatures_is_known_to_its_firm_only(hub, made, people, publisher, sign_in):
    acts.register_keys(hub, made.lead, people.files(), 1, "publisher")
    people.give(hub, waiting(hub)[0], 0)
    with hub.db.work() as session:
        models.model_named(session, SLUG).visibility = "public"
    publish(hub, made.lead, "1.1.0")
    publish(hub, made.lead, "1.0.0", "another-model")
    with hub.db.work() as session:
        models.model_named(session, "another-model").visibility = "public"
    other = sign_in(("vendor", made.firms[0]))
    for client, numbers, slugs in (
        (publisher, ["1.1.0", "1.0.0"], {SLUG, "another-model"}),
        (sign_in(("administrator", None)), ["1.1.0", "1.0.0"], {SLUG, "another-model"}),
        (other, ["1.0.0"], {SLUG}),
    ):
        told = client.get(f"/api/v1/models/{SLUG}").json
        assert [each["number"] for each in told["versions"]] == numbers
        listed = client.get("/api/v1/models").json["models"]
        assert {each["slug"] for each in listed} == slugs
        assert next(m for m in listed if m["slug"] == SLUG)["versions"] == told["versions"]
        page = client.get("/models/").text
        assert ("another-model" in page) == ("another-model" in slugs)
        assert client.get(f"/models/{SLUG}").location.endswith(numbers[0])
        there = 200 if "1.1.0" in numbers else 404
        assert client.get(f"/models/{SLUG}/1.1.0").status_code == there
        assert ("1.1.0" in client.get(f"/models/{SLUG}/1.0.0").text) == (there == 200)
        for address in ("/models/another-model", "/models/another-model/1.0.0"):
            assert (client.get(address).status_code == 404) == (there == 404)
        assert (client.get("/api/v1/models/another-model").status_code == 404) == (there == 404)
    people.give(hub, max(waiting(hub), key=lambda row: row.number), 0)
    assert other.get(f"/models/{SLUG}/1.1.0").status_code == 200
    assert other.get("/api/v1/models/another-model").status_code == 200
