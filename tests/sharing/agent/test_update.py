"""From assigned to active, and everything that is refused on the way."""

import json
import pickle
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharing.agent import errors
from sharing.agent.errors import (
    HubUnreachable,
    MetadataExpired,
    MetadataRefused,
    NotForThisSite,
)
from sharing.agent.fetch import Transport
from sharing.agent.home import Running
from sharing.agent.state import Progress
from sharing.agent.update import FINAL, STEPS, decide
from sharing.agent.verify import Assignment
from sharing.manifest import Target
from sharing.recipe import MOST, written
from sharing.store import cut
from tests.fakes.agent_hub import target
from tests.sharing.agent import bundles

# --- the decision ---------------------------------------------------------------------------------

versions = st.sampled_from(["1.0.0", "1.1.0", "2.0.0"])
models = st.sampled_from(["a", "b"])
assigned = st.dictionaries(
    st.integers(1, 6),
    st.builds(Assignment, st.just(0), models, versions, st.just("install"), st.just({})),
).map(lambda found: {n: one._replace(delivery=n) for n, one in found.items()})
known = st.dictionaries(
    st.integers(1, 6),
    st.builds(
        Progress, st.just(0), models, versions, st.sampled_from([*STEPS, *FINAL]), st.integers(0, 9)
    ),
)

pytestmark = pytest.mark.parts  # real processes
running = st.lists(
    st.builds(Running, models, versions, st.integers(1, 6), st.just("")), max_size=2
).map(lambda found: {one.model: one for one in found})


@given(assigned, known, running)
def test_one_turn_for_each_model_and_never_for_what_ended(assignments, progress, active):
    plan = decide(assignments, progress, active)
    turned = [turn.assignment.model for turn in plan.turns]
    assert len(turned) == len(set(turned))
    for turn in plan.turns:
        one = turn.assignment
        same = [n for n, other in assignments.items() if other.model == one.model]
        assert one.delivery == max(same)
        before = progress.get(one.delivery)
        assert turn.step in STEPS
        assert before is None or before.version != one.version or before.step == turn.step
        assert before is None or before.version != one.version or before.step not in FINAL
    stopped = {gone.model for gone in plan.withdrawn}
    assert stopped == set(active) - {one.model for one in assignments.values()}


# --- the whole way --------------------------------------------------------------------------------


def test_from_assigned_to_active_and_told(far, site):
    far.assign(far.publish("tiny", "1.0.0", bundles.bundle()), delivery=11)
    site.once()
    assert site.version() == "1.0.0"
    assert far.states() == [
        (11, state) for state in ("downloading", "verifying", "probing", "active", "committed")
    ]
    figures = next(r for r in far.reports if r["state"] == "committed")["figures"]
    assert figures["difference"] < 1e-5
    assert figures["row_ms"] > 0
    assert not site.once().changed


def test_a_newer_version_replaces_and_can_be_taken_back(far, site):
    first = far.publish("tiny", "1.0.0", bundles.bundle())
    second = far.publish("tiny", "1.1.0", bundles.bundle("1.1.0", weight=2))
    far.assign(first, delivery=1)
    site.once()
    far.assign(second, delivery=2)
    site.once()
    assert site.version() == "1.1.0"
    asked = len([path for path, _ in far.asked if "/targets/" in path])
    far.assign(first, delivery=2, action="rollback")
    site.once()
    assert site.version() == "1.0.0"
    assert far.states()[-1] == (2, "rolled_back")
    assert asked == len([path for path, _ in far.asked if "/targets/" in path])


def test_a_model_that_is_assigned_no_more_stops(far, site):
    far.assign(far.publish("tiny", "1.0.0", bundles.bundle()), delivery=1)
    site.once()
    far.signing.assign(far.site, "tiny", [])
    site.once()
    assert site.version() is None
    assert not (site.home.folder / "bundles" / "tiny").exists()
    assert far.states()[-1] == (1, "rolled_back")


def asked_of(far, version):
    """The ranges of a version's model that were asked for."""
    place = f"/tuf/targets/tiny/{version}/"
    return [asked for path, asked in far.asked if path.startswith(place) and "onnx" in path]


def test_a_download_that_breaks_off_goes_on_where_it_was(far, site):
    far.recipes = False
    far.assign(far.publish("tiny", "1.0.0", bundles.bundle(padding=400_000)), delivery=1)
    far.break_off_at = 150_000
    for _ in range(2):
        with pytest.raises(HubUnreachable):
            site.once()
    assert site.version() is None
    assert site.steps() == {1: "downloading"}
    far.break_off_at = None
    site.once()
    assert site.version() == "1.0.0"
    ranges = asked_of(far, "1.0.0")
    chunk = 64 * 1024  # what came of a chunk that broke off is not kept
    assert ranges == ["", f"bytes={2 * chunk}-", f"bytes={4 * chunk}-"]


def test_a_first_version_is_asked_for_once(far, site):
    far.assign(far.publish("tiny", "1.0.0", bundles.bundle(padding=1_000_000)), delivery=1)
    site.once()
    assert asked_of(far, "1.0.0") == [""]


def test_of_a_newer_version_only_what_differs_is_fetched(far, site):
    first = bundles.bundle(padding=2_000_000)
    second = bundles.bundle("1.1.0", weight=2, padding=2_000_000)
    far.assign(far.publish("tiny", "1.0.0", first), delivery=1)
    site.once()
    far.assign(far.publish("tiny", "1.1.0", second), delivery=2)
    site.once()
    assert site.version() == "1.1.0"
    figures = next(
        r["figures"] for r in far.reports if r["delivery"] == 2 and "fetched" in r["figures"]
    )
    assert figures["bytes"] > 2_000_000
    assert figures["fetched"] < 0.2 * figures["bytes"]


@pytest.mark.parametrize("harm", ["changed", "gone", "short"])
def test_a_file_here_that_is_not_what_it_was_gives_nothing_wrong(far, site, harm):
    far.assign(far.publish("tiny", "1.0.0", bundles.bundle(padding=1_000_000)), delivery=1)
    site.once()
    old = site.home.bundle("tiny", "1.0.0") / "model.onnx"
    content = old.read_bytes()
    if harm == "gone":
        old.unlink()
    else:
        old.write_bytes(content[:300_000] if harm == "short" else content[:-9] + b"changed!!")
    newer = bundles.bundle("1.1.0", weight=2, padding=1_000_000)
    far.assign(far.publish("tiny", "1.1.0", newer), delivery=2)
    site.once()
    assert site.version() == "1.1.0"
    fetched = site.home.bundle("tiny", "1.1.0") / "model.onnx"
    assert fetched.read_bytes() == newer["model.onnx"]


@pytest.mark.parametrize("told", [b"", b"nonsense", b"0" * 64 + b" 5\n", b"a" * 5_000_000])
def test_a_list_of_chunks_that_lies_costs_time_and_nothing_else(far, site, told):
    files = bundles.bundle(padding=600_000)
    targets = far.publish("tiny", "1.0.0", files)
    model = next(t for t in targets if t.path.endswith("onnx"))
    far.served[f"/tuf/recipes/tiny/1.0.0/{model.sha256}.model.onnx"] = told
    far.assign(targets, delivery=1)
    site.once()
    assert site.version() == "1.0.0"


def test_chunks_of_another_file_are_never_taken_for_this_one(far, site):
    files = bundles.bundle(padding=600_000)
    targets = far.publish("tiny", "1.0.0", files)
    model = next(t for t in targets if t.path.endswith("onnx"))
    other = bytes(len(files["model.onnx"]))
    far.served[f"/tuf/recipes/tiny/1.0.0/{model.sha256}.model.onnx"] = written(cut(other))
    far.assign(targets, delivery=1)
    site.once()
    assert site.version() == "1.0.0"


def test_pieces_that_came_before_a_break_are_not_asked_for_again(far, site):
    files = bundles.bundle(padding=1_500_000)
    far.assign(far.publish("tiny", "1.0.0", files), delivery=1)
    far.break_off_at = 600_000
    with pytest.raises(HubUnreachable):
        site.once()
    far.break_off_at = None
    site.once()
    assert site.version() == "1.0.0"
    ranges = asked_of(far, "1.0.0")
    assert len(ranges) == 2
    again = int(ranges[1].split("=")[1].split("-")[0])
    assert 600_000 - MOST <= again <= 600_000


def test_a_line_that_was_closed_while_it_lay_idle_is_no_hub_that_is_gone(far, site):
    far.assign(far.publish("tiny", "1.0.0", bundles.bundle()), delivery=1)
    far.closes_before = {"GET"}
    site.once()
    assert site.version() == "1.0.0"
    assert far.states()[-1] == (1, "committed")
    assert len(far.signatures) > len(far.asked), "no line was used twice"
    assert len(far.signatures) == len(set(far.signatures)), "a signature is good for one call"


def test_what_changes_something_is_not_said_again_by_itself(far):
    transport = Transport(far.url)
    try:
        transport.ask("GET", "/api/v1/agents/me")
        far.closes_before = {"POST"}
        with pytest.raises(HubUnreachable):
            transport.ask("POST", "/api/v1/agents/me/reports", {"reports": [{"seq": 1}]})
    finally:
        transport.close()
    assert (far.posts, far.reports) == (1, [])


# --- what is refused ------------------------------------------------------------------------------


def refused(far, site, delivery=1) -> str:
    """The name of the reason that was told, once nothing runs."""
    assert site.version() is None
    assert not (site.home.folder / "bundles" / "tiny" / "1.0.0").exists()
    assert far.states()[-1] == (delivery, "failed")
    told = far.reports[-1]
    assert told["reason"]
    return told["figures"]["code"]


@pytest.mark.parametrize(
    ("reason", "files"),
    [
        ("NotOnnx", {"model__onnx": pickle.dumps({"weights": [1, 2, 3]})}),
        ("NotOnnx", {"model__onnx": b"PK\x03\x04" + b"\0" * 200}),
        ("CustomOperator", {"model__onnx": bundles.custom_operator()}),
        ("ExternalData", {"model__onnx": bundles.external_data()}),
        ("CardUnreadable", {"card__json": b"{}"}),
        ("CardUnreadable", {"golden__json": b"[1"}),
        ("GoldenMismatch", {"golden__json": json.dumps(bundles.golden(shift=0.01)).encode()}),
        ("GoldenMismatch", {"model__onnx": bundles.model(weight=float("nan"))}),
        (
            "SchemaMismatch",
            {
                "card__json": json.dumps(
                    {"schema": {**bundles.card()["schema"], "inputs": [{"name": "a"}]}}
                ).encode()
            },
        ),
    ],
)
def test_a_version_that_may_not_run(far, site, reason, files):
    far.assign(far.publish("tiny", "1.0.0", bundles.bundle(**files)), delivery=1)
    site.once()
    assert refused(far, site) == reason
    assert not site.once().changed


def test_an_incomplete_bundle(far, site):
    targets = far.publish("tiny", "1.0.0", bundles.bundle())
    far.assign(targets[:2], delivery=1)
    site.once()
    assert refused(far, site) == "BundleIncomplete"


def test_what_the_publisher_did_not_release(far, site):
    targets = far.publish("tiny", "1.0.0", bundles.bundle())
    other = bundles.bundle(weight=3)
    far.targets["tiny/1.0.0/model.onnx"] = other["model.onnx"]
    far.assign([target("tiny/1.0.0/model.onnx", other["model.onnx"]), *targets[1:]], delivery=1)
    site.once()
    assert refused(far, site) == "SourcesDisagree"


def test_a_changed_file_is_thrown_away_every_time(far, site):
    far.assign(far.publish("tiny", "1.0.0", bundles.bundle()), delivery=1)
    good = far.targets["tiny/1.0.0/model.onnx"]
    far.targets["tiny/1.0.0/model.onnx"] = good[:-1] + bytes([good[-1] ^ 1])
    for _ in range(5):
        site.once()
    assert refused(far, site) == "FileDamaged"


def test_a_damaged_file_once_is_fetched_again(far, site):
    far.assign(far.publish("tiny", "1.0.0", bundles.bundle()), delivery=1)
    good = far.targets["tiny/1.0.0/model.onnx"]
    far.targets["tiny/1.0.0/model.onnx"] = good[:-9]
    site.once()
    assert site.version() is None
    far.targets["tiny/1.0.0/model.onnx"] = good
    site.once()
    assert site.version() == "1.0.0"


def test_endless_data(far, site):
    far.assign(far.publish("tiny", "1.0.0", bundles.bundle()), delivery=1)
    far.targets["tiny/1.0.0/model.onnx"] += b"\0" * 2_000_000
    site.once()
    assert site.version() is None
    assert all(part.stat().st_size < 1_000_000 for part in site.home.parts.iterdir())


@pytest.fixture
def running_one(far, site):
    """A site on which version 1.0.0 runs."""
    far.assign(far.publish("tiny", "1.0.0", bundles.bundle()), delivery=1)
    site.once()
    return site


def refuses_lists(far, site, error: type[errors.AgentError]) -> None:
    for _ in range(2):
        with pytest.raises(error):
            site.once()
    assert site.version() == "1.0.0"
    alerts = [r for r in far.reports if r["kind"] == "alert"]
    assert [r["figures"]["code"] for r in alerts] == [error.__name__]


def test_another_sites_assignment(far, running_one):
    elsewhere = [Target(t.path, t.sha256, t.length) for t in far.signing.listed().values()]
    far.assign(elsewhere, delivery=2, site=8)
    refuses_lists(far, running_one, NotForThisSite)


def test_lists_of_another_signer(far, running_one, tmp_path):
    from tests.fakes.agent_hub import AgentHub

    other = AgentHub(tmp_path / "other")
    try:
        for _ in range(5):
            other.publish("tiny", "9.0.0", bundles.bundle())
            other.signing.list_files(list)
        for file in (tmp_path / "other" / "image").glob("*.json"):
            far.served[f"/tuf/image/{file.name}"] = file.read_bytes()
        refuses_lists(far, running_one, MetadataRefused)
    finally:
        other.close()


def test_older_lists_than_before(far, running_one):
    folder = far.signing.folder / "director" / "7"
    old = (folder / "timestamp.json").read_bytes()
    far.assign(far.publish("tiny", "1.1.0", bundles.bundle("1.1.0")), delivery=2)
    running_one.once()
    assert running_one.version() == "1.1.0"
    far.served["/tuf/director/7/timestamp.json"] = old
    with pytest.raises(MetadataRefused):
        running_one.once()
    assert running_one.version() == "1.1.0"


def test_lists_that_ran_out(far, running_one, monkeypatch):
    far.now -= timedelta(days=400)
    far.assign(far.publish("tiny", "1.1.0", bundles.bundle("1.1.0")), delivery=2)
    refuses_lists(far, running_one, MetadataExpired)


def test_a_clock_that_was_set_back(far, running_one):
    """By it, lists of long ago would be in force for ever."""
    kept = running_one.home.trusted_at
    now = datetime.fromisoformat(kept.read_text("utf-8"))
    far.assign(far.publish("tiny", "1.1.0", bundles.bundle("1.1.0")), delivery=2)
    kept.write_text((now + timedelta(days=2)).isoformat(), "utf-8")
    refuses_lists(far, running_one, errors.ClockBehind)
    # somewhat fast, and put right; or the PC was switched off while it wrote
    for harmless in ((now + timedelta(hours=20)).isoformat(), "2026-1", "2026-12-01"):
        kept.write_text(harmless, "utf-8")
        running_one.once()
    assert running_one.version() == "1.1.0"


def test_nonsense_in_the_directors_list(far, running_one):
    targets = far.publish("tiny", "1.1.0", bundles.bundle("1.1.0"))
    far.assign(targets, delivery=2, version="../../1.1.0")
    refuses_lists(far, running_one, MetadataRefused)
