"""Licence, origin, visibility, withdrawal: what publishers decide, and who is told."""

import io
import json
import zipfile

import pytest
from sqlmodel import select

from hub import releasing
from hub.publishing import publish_bundle, sign_image
from sharing.card import Card, gaps
from sharing.errors import BundleRefused, LicenceForbids, ModelPrivate, VersionTaken
from sharing.services import models, rollouts
from sharing.tables import Version
from tests.make import firm
from tests.sharing.bundles import card
from tests.sharing.chain import chain, sample_files

pytestmark = pytest.mark.parts


def files(**changes: object) -> dict[str, bytes]:
    return {**sample_files(), "card.json": json.dumps(card(**changes)).encode()}


def foreign(**changes: object) -> dict[str, bytes]:
    return files(origin={**card()["origin"], "country": "DE"}, **changes)


@pytest.fixture
def made(hub):
    return chain(hub)


@pytest.fixture
def publisher(made, sign_in, app):
    app.config["WTF_CSRF_ENABLED"] = False
    return sign_in(("publisher", made.lead))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"licence": "CC-BY-NC-4.0"}, "licence_model_noncommercial"),
        ({"licence": "free"}, "licence_unknown"),
        (
            {"base": {"name": "EXAONE", "licence": "LicenseRef-EXAONE-1.2-NC"}},
            "licence_base_noncommercial",
        ),
        ({"controls": ["energy"], "legal": None}, "legal_missing"),
        ({"origin": {"ko": "가", "en": "a"}}, "origin_missing"),
    ],
)  # fmt: skip
def test_what_a_whole_card_may_still_lack(changes, code):
    assert [fault.code for fault in gaps(Card.model_validate(card(**changes)))] == [code]


def test_a_licence_without_business_is_for_the_own_firm_only(hub, made):
    bundle = files(slug="mine", licence="CC-BY-NC-4.0")
    with pytest.raises(BundleRefused):
        publish_bundle(hub, bundle, made.lead, "p")
    version = publish_bundle(hub, bundle, made.lead, "p", visibility="private")
    with hub.db.work() as session:
        model = models.model_named(session, "mine")
        with pytest.raises(LicenceForbids):
            releasing.show_to(session, model, "p", "chain")
        with pytest.raises(ModelPrivate):
            rollouts.create(session, session.get_one(Version, version.id), made.lead, "p")
    assert "mine/1.0.0/model.onnx" not in hub.signing.listed()


def test_private_chain_public_for_a_stranger(hub, made, publisher, sign_in):
    stranger = sign_in(("publisher", firm(hub, "다른기업")))
    addresses = (
        "/models/injection-quality/1.0.0", "/models/injection-quality/live",
        "/models/injection-quality", "/api/v1/models/injection-quality",
        "/api/v1/models/injection-quality/live", "/models/injection-quality/live.csv",
    )  # fmt: skip
    for visibility, status in (("chain", 404), ("private", 404), ("public", 200)):
        publisher.post("/models/injection-quality/show", data={"visibility": visibility})
        for address in addresses:
            answer = stranger.get(address, follow_redirects=True)
            assert (address, answer.status_code) == (address, status)
        assert ("injection-quality" in stranger.get("/models/").text) == (status == 200)
        assert bool(stranger.get("/api/v1/models").json["models"]) == (status == 200)
        listed = "injection-quality/1.0.0/model.onnx" in hub.signing.listed()
        assert listed == (visibility != "private")
    refused = stranger.post("/api/v1/models/injection-quality/show", json={"visibility": "private"})
    assert refused.status_code == 403
    withdrawn = stranger.post("/models/injection-quality/1.0.0/withdraw", data={"reason": "x"})
    assert withdrawn.status_code == 403


def test_domestic_models_stand_first_and_foreign_ones_carry_a_note(hub, made, publisher):
    publish_bundle(hub, foreign(slug="a-foreign-one"), made.lead, "p")
    page = publisher.get("/models/").text
    assert page.index("injection-quality") < page.index("a-foreign-one")
    assert "독일" in page
    assert "국외 모델입니다." in publisher.get("/models/a-foreign-one/1.0.0").text
    assert "국내 개발" in publisher.get("/models/injection-quality/1.0.0").text


def test_a_withdrawal_says_why_to_everybody(hub, made, publisher):
    refused = publisher.post(
        "/api/v1/models/injection-quality/1.0.0/withdraw", json={"reason": " "}
    )
    assert refused.status_code == 422
    asked = {"reason": "센서가 바뀐 설비에서 틀립니다."}
    for _ in range(2):
        said = publisher.post("/api/v1/models/injection-quality/1.0.0/withdraw", json=asked).json
        assert said["versions"][0]["withdrawn_reason"] == asked["reason"]
    assert asked["reason"] in publisher.get("/models/injection-quality/1.0.0").text
    publish_bundle(hub, files(version="1.1.0"), made.lead, "p")
    assert asked["reason"] in publisher.get("/models/injection-quality/1.1.0").text


def test_a_published_version_never_changes(hub, made):
    publish_bundle(hub, sample_files(), made.lead, "p")  # the same again
    with pytest.raises(VersionTaken):
        publish_bundle(hub, files(licence="MIT"), made.lead, "p")
    with hub.db.reading() as session:
        assert len(session.exec(select(Version)).all()) == 1
    older = publish_bundle(
        hub, files(version="0.9.0", title={"ko": "옛", "en": "Old"}), made.lead, "p"
    )
    with hub.db.reading() as session:
        assert models.model_named(session, "injection-quality").title["en"] != "Old"
    assert older.number == "0.9.0"
    sign_image(hub)


def test_checking_publishes_nothing_and_says_what_passed(hub, made, publisher):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in files(version="3.0.0", licence="CC-BY-NC-4.0").items():
            archive.writestr(name, data)
    said = publisher.post("/api/v1/models/check", data=packed.getvalue()).json
    assert (said["passed"], said["checks"]["licence"], said["checks"]["golden"]) == (
        False, "failed", "passed",
    )  # fmt: skip
    mine = publisher.post("/api/v1/models/check?visibility=private", data=packed.getvalue()).json
    assert mine["passed"]
    packed.seek(0)
    form = {
        "firm": made.lead,
        "archive": (packed, "b.zip"),
        "check": "yes",
        "visibility": "private",
    }
    page = publisher.post("/models/publish", data=form)
    assert page.status_code == 200
    assert page.text.count('data-state="passed"') == 12
    with hub.db.reading() as session:
        assert len(session.exec(select(Version)).all()) == 1
