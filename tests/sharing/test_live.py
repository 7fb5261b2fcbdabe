"""Which version was live where and when: from what sites report to the page, the file, the API."""

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.pool import StaticPool
from sqlmodel import Session, SQLModel, create_engine, select

from hub.cli.models import models as command
from hub.publishing import publish_bundle
from sharing.audience import Audience
from sharing.package import prepare_here
from sharing.release_tables import Stay
from sharing.services import deliveries, live, steps
from sharing.services.models import model_named, version_of
from sharing.tables import Delivery, Rollout
from supplychain.tables import now
from tests.sharing.chain import chain, sample_files, started

BEGIN = datetime(2026, 11, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def second_version(hub, lead, number="1.1.0"):
    files = {**sample_files()}
    files["card.json"] = json.dumps(json.loads(files["card.json"]) | {"version": number}).encode()
    return publish_bundle(hub, files, lead, "publisher").id


@pytest.fixture
def made(hub):
    return lived(hub)


def lived(hub):
    found = chain(hub, 2)
    newer = second_version(hub, found.lead)
    with hub.db.work() as session:
        model = model_named(session, "injection-quality")
        older = version_of(session, model.slug, "1.0.0").id
        one, two, _ = found.sites
        live.runs(session, one, model.id, older, None, BEGIN)
        live.runs(session, one, model.id, older, None, BEGIN + DAY)  # said again
        live.runs(session, two, model.id, older, None, BEGIN + DAY)
        live.runs(session, one, model.id, newer, None, BEGIN + 2 * DAY)
        live.runs(session, one, model.id, older, None, BEGIN + 3 * DAY)  # and back
        live.ended(session, two, model.id, BEGIN + 4 * DAY)
        live.ended(session, two, model.id, BEGIN + 5 * DAY)
    return found


def test_one_query_says_what_was_live_when(either_hub):
    made = lived(either_hub)
    with made.hub.db.reading() as session:
        model = model_named(session, "injection-quality")

        def at(when):
            rows = session.exec(live.stays_of(model.id, when))
            return sorted((site.id, version.number) for _, version, site, _ in rows)

        one, two, _ = made.sites
        assert at(BEGIN - DAY) == []
        assert at(BEGIN) == [(one, "1.0.0")]
        assert at(BEGIN + DAY * 1.5) == [(one, "1.0.0"), (two, "1.0.0")]
        assert at(BEGIN + DAY * 2) == [(one, "1.1.0"), (two, "1.0.0")]
        assert at(BEGIN + DAY * 9) == [(one, "1.0.0")]
        whole = session.exec(live.stays_of(model.id)).all()
        assert [row[0].position for row in whole if row[2].id == one] == [1, 2, 3]
        sites = session.exec(live.sites_in(live.stays_of(model.id))).all()
        assert [number for number, _ in sites] == [one, two]
        counts = live.counted(session, live.stays_of(model.id, BEGIN + DAY * 2))
    assert [(number, sites) for number, sites, _ in counts] == [("1.1.0", 1), ("1.0.0", 1)]


@pytest.fixture(scope="module")
def rows():
    engine = create_engine("sqlite://", poolclass=StaticPool)
    SQLModel.metadata.create_all(engine)
    yield engine
    engine.dispose()


@given(said=st.lists(st.tuples(st.sampled_from([1, 2, None]), st.integers(0, 50)), max_size=12))
def test_a_sites_line_never_runs_back_and_never_runs_two(rows, said):
    """Whatever is said in whatever order: one version at a time, and time goes on."""
    with Session(rows) as session:
        for version, day in said:
            if version is None:
                live.ended(session, 1, 1, BEGIN + day * DAY)
            else:
                live.runs(session, 1, 1, version, None, BEGIN + day * DAY)
        line = session.exec(select(Stay).order_by(Stay.position)).all()
        assert bool(line) == any(version for version, _ in said)
        for before, after in pairwise(line):
            assert before.until is not None
            assert before.since <= before.until <= after.since
        if line:
            assert (line[-1].until is None) == (said[-1][0] is not None)
        session.rollback()


def test_the_page_the_file_and_the_api_agree(made, app, sign_in):
    publisher = sign_in(("publisher", made.lead))
    page = publisher.get("/models/injection-quality/live").text
    assert page.count('class="span look-') >= 4
    assert "2026. 11. 3." in page
    then = publisher.get("/models/injection-quality/live?at=2026-11-02").text
    assert "그날 끝에 운영하던 버전" in then
    rows = publisher.get("/models/injection-quality/live.csv").text.splitlines()
    assert len(rows) == 5
    said = publisher.get("/api/v1/models/injection-quality/live").json
    assert len(said["live"]) == 4
    pages, after = [], 0
    while after is not None:
        answer = publisher.get(f"/api/v1/models/injection-quality/live?limit=3&after={after}").json
        pages += answer["live"]
        after = answer["after"]
    assert pages == said["live"]
    then = publisher.get("/api/v1/models/injection-quality/live?at=2026-11-03T10:00Z").json["live"]
    assert sorted(each["version"] for each in then) == ["1.0.0", "1.1.0"]
    assert publisher.get("/models/injection-quality/live?at=tomorrow").status_code == 200


def test_others_see_their_own_plants_or_nothing(made, app, sign_in):
    vendor = sign_in(("vendor", made.firms[0]))
    assert vendor.get("/models/injection-quality/live").status_code == 404  # never offered
    stranger = sign_in(("publisher", made.firms[1]))
    assert stranger.get("/models/injection-quality/live").status_code == 404
    assert stranger.get("/api/v1/models/injection-quality/live").status_code == 404
    with made.hub.db.work() as session:
        model_named(session, "injection-quality").visibility = "public"
    said = vendor.get("/api/v1/models/injection-quality/live").json["live"]
    assert {each["site"] for each in said} == {made.sites[0]}
    assert stranger.get("/api/v1/models/injection-quality/live").json["live"] == []
    assert "2차 협력사 0" not in stranger.get("/models/injection-quality/live").text
    assert stranger.get("/models/injection-quality/live.csv").text.count("\n") == 1


def test_the_command_says_the_same(hub, monkeypatch):
    made = chain(hub, 1)
    with hub.db.work() as session:
        model = model_named(session, "injection-quality")
        version = version_of(session, model.slug)
        live.runs(session, made.sites[0], model.id, version.id, None, BEGIN)
    monkeypatch.setenv("HUB_DATA", str(hub.settings.data))
    asked = ["live", "injection-quality", "--json"]
    found = json.loads(CliRunner().invoke(command, asked, catch_exceptions=False).output)
    assert [each["version"] for each in found] == ["1.0.0"]
    before = CliRunner().invoke(command, [*asked, "--at", "2026-10-01"], catch_exceptions=False)
    assert json.loads(before.output) == []
    nonsense = CliRunner().invoke(command, ["live", "injection-quality", "--at", "soon"])
    assert nonsense.exit_code == 2


def test_what_plants_report_fills_the_line(hub):
    made = chain(hub, 1)
    started(made, audience=Audience(tiers=(2, 3)))
    at = now()
    with hub.db.work() as session:
        rollout = session.exec(select(Rollout)).one()
        for each in session.exec(select(Delivery)).all():
            if each.state == "offered":
                deliveries.accept(session, each, "owner", at)
        steps.record(
            session, list(prepare_here(hub.settings.data)(steps.tick(session, rollout, at))), at
        )
        given = session.exec(select(Delivery).where(Delivery.metadata_version > 0)).first()
        for _ in range(2):  # told twice, it counts once
            deliveries.apply_report(session, given, "active", "", {}, at + DAY)
        number, site = given.id, given.site_id
    with hub.db.work() as session:
        (stay,) = session.exec(select(Stay)).all()
        assert (stay.site_id, stay.delivery_id, stay.until) == (site, number, None)
        row = session.get_one(Delivery, number)
        deliveries.apply_report(session, row, "rolled_back", "", {}, at + 2 * DAY)
    with hub.db.reading() as session:
        (stay,) = session.exec(select(Stay)).all()
        assert (stay.since, stay.until) == (at + DAY, at + 2 * DAY)
