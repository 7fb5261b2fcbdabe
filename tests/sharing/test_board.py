"""What a publisher sees of a rollout: gates, squares, failures, adoption, versions in the field."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharing import rollout as rules
from sharing.rollout import Part, Plan
from sharing.services import board, deliveries, insight, models, rollouts
from sharing.tables import Wave
from supplychain.tables import now
from tests.sharing.chain import chain, started

STATES = st.dictionaries(st.sampled_from(rules.DELIVERY_STATES), st.integers(0, 30))


@given(
    states=STATES,
    plan=st.builds(
        Plan,
        error_share=st.floats(0, 1),
        min_sample=st.integers(1, 20),
        success_share=st.floats(0.05, 1),
    ),
    forgiven=st.integers(0, 5),
)
def test_a_gate_tells_how_many_may_fail_as_the_rules_judge(states, plan, forgiven) -> None:
    seen = board.WaveSeen(Wave(rollout_id=1, position=1, forgiven={"": forgiven}), Counter(states))
    gate = board.gate_of(seen, plan)
    then = {"active": gate.good, "failed": gate.bad}
    if gate.left is not None:
        for more in (gate.left, gate.left + 1):
            if more <= gate.still_open and not rules.too_many_failed(plan, states, forgiven):
                after = then | {"failed": gate.bad + more, "prepared": gate.still_open - more}
                assert rules.too_many_failed(plan, after, forgiven) == (more > gate.left)
    enough = then | {"active": gate.good + gate.more, "prepared": gate.still_open - gate.more}
    assert rules.enough(plan, enough)


@pytest.fixture
def made(either_hub):
    return chain(either_hub)


def played(made) -> int:
    """One runs it, one failed, one declined, one has not answered."""
    number = started(made, plan=Plan(waves=(Part(sites=2), Part()), min_sample=1))
    with made.hub.db.work() as session:
        rollout = rollouts.rollout_by_id(session, number)
        rows = rollouts.deliveries_of(session, rollout)
        at = now() - timedelta(hours=1)
        for row in rows[:2]:
            deliveries.accept(session, row, "owner", at)
            deliveries.move(session, row, "prepared", at, by="hub", figures={"bytes": 10.0})
            row.metadata_version = 1
        told = {"health": "ok", "predictions": 5}
        deliveries.apply_report(session, rows[0], "active", "", told, at + timedelta(minutes=5))
        failed = {"code": "ModelTooLarge", "facts": {"megabytes": "9", "most": "5"}}
        deliveries.apply_report(session, rows[1], "failed", "Too large.", failed, at)
    return number


def test_squares_are_packed_and_counted_by_wave(made) -> None:
    number = played(made)
    with made.hub.db.reading() as session:
        rollout = rollouts.rollout_by_id(session, number)
        found = board.board_of(session, rollout)
        first = rollouts.deliveries_of(session, rollout)[0].id
        assert board.packed(session, rollout) == [
            (1, "AF", [[first, 2]]),
            (2, "ss", [[first + 2, 2]]),
        ]
        assert found.counts == {
            "waiting": 2, "under_way": 0, "active": 1, "failed": 1, "declined": 0,
        }  # fmt: skip
        assert (found.sites, found.predictions) == (4, 5)
        assert [s.delivery.id for s in board.squares(session, rollout, ("failed",))] == [first + 1]
        assert len(board.squares(session, rollout, after=first, limit=2)) == 2


def test_a_mark_changes_with_whatever_changes(made) -> None:
    number = played(made)

    def mark() -> str:
        with made.hub.db.reading() as session:
            found = board.board_of(session, rollouts.rollout_by_id(session, number))
            return board.mark_of(session, found)

    marks = [mark()]
    assert mark() == marks[0]
    with made.hub.db.work() as session:
        row = rollouts.deliveries_of(session, rollouts.rollout_by_id(session, number))[0]
        deliveries.apply_report(session, row, "active", "", {"predictions": 9}, now())
    marks.append(mark())
    with made.hub.db.work() as session:
        row = rollouts.deliveries_of(session, rollouts.rollout_by_id(session, number))[0]
        deliveries.apply_report(session, row, "committed", "", {}, now())
    marks.append(mark())
    with made.hub.db.work() as session:
        rollouts.steer(session, rollouts.rollout_by_id(session, number), "pause", now(), "x")
    marks.append(mark())
    assert len(set(marks)) == 4


def test_steps_have_their_time_and_who_took_them(made) -> None:
    number = played(made)
    with made.hub.db.reading() as session:
        row = rollouts.deliveries_of(session, rollouts.rollout_by_id(session, number))[0]
        steps = insight.timeline(session, row, now())
    assert [step.state for step in steps] == ["offered", "accepted", "prepared", "active"]
    assert [step.by for step in steps] == ["publisher", "owner", "hub", "pc"]
    assert steps[2].lasted == timedelta(minutes=5)
    assert steps[3].lasted is None


def test_a_plant_that_was_not_asked_yet_has_no_steps(hub, sign_in) -> None:
    made = chain(hub)
    number = started(made, plan=Plan(waves=(Part(sites=1), Part())))
    with hub.db.reading() as session:
        row = rollouts.deliveries_of(session, rollouts.rollout_by_id(session, number))[-1]
        assert row.state == "scheduled"
        assert insight.timeline(session, row, now()) == []
    page = sign_in(("publisher", made.lead))
    assert page.get(f"/rollouts/{number}/deliveries/{row.id}").status_code == 200
    assert page.get(f"/api/v1/rollouts/{number}/sites/{row.id}").json["steps"] == []


def test_failures_are_grouped_and_adoption_follows_the_tiers(made) -> None:
    number = played(made)
    with made.hub.db.reading() as session:
        rollout = rollouts.rollout_by_id(session, number)
        (group,) = insight.failures(session, rollout)
        assert (group.code, group.sites, dict(group.states)) == ("ModelTooLarge", 1, {"failed": 1})
        second, third = insight.adoption(session, rollout)
        assert (second.tier, second.sites, [n for _, n in second.points]) == (2, 3, [1])
        assert (third.tier, third.sites, third.points) == (3, 1, [])
        health = insight.health(session, rollout, now())
        assert (health.states, health.predictions, health.silent) == ({"ok": 1}, 5, 0)
        later = insight.health(session, rollout, now() + timedelta(days=4))
        assert later.silent == 1


def test_versions_in_the_field_are_what_sites_run(made) -> None:
    played(made)
    with made.hub.db.reading() as session:
        (found,) = insight.fielded(session, models.model_named(session, "injection-quality"))
    assert (found.number, found.sites, found.tiers) == ("1.0.0", 1, {2: 1})
    assert found.health == {"ok": 1}


def test_the_pages_and_the_api_tell_the_same(hub, sign_in) -> None:
    made = chain(hub)
    number = played(made)
    page = sign_in(("publisher", made.lead))
    live = page.get(f"/rollouts/{number}/live")
    assert "1곳 중" in live.text or "2곳 중 1곳 실패" in live.text
    again = page.get(f"/rollouts/{number}/live", headers={"If-None-Match": live.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    page_two = page.get(f"/rollouts/{number}?show=failed").text
    assert "모델이 이 PC에 너무 큽니다" in page_two
    failures = page.get(f"/rollouts/{number}/failures").text
    assert "작은 버전" in failures
    assert "2차" in page.get(f"/rollouts/{number}/figures").text
    sheet = page.get("/rollouts/field/injection-quality.csv").get_data(as_text=True)
    assert "1.0.0" in sheet
    said = page.get(f"/api/v1/rollouts/{number}").json
    assert said["waves"][0]["gate"]["bad"] == 1
    assert said["actions"] == ["pause", "stop", "rollback"]
    sites = page.get(f"/api/v1/rollouts/{number}/sites?limit=3").json
    rest = page.get(f"/api/v1/rollouts/{number}/sites?after={sites['after']}").json
    assert len(sites["sites"]) + len(rest["sites"]) == 4
    delivery = sites["sites"][0]["delivery"]
    steps = page.get(f"/api/v1/rollouts/{number}/sites/{delivery}").json["steps"]
    assert steps[2]["seconds"] == 300
    events = page.get(f"/api/v1/rollouts/{number}/events?limit=2").json
    assert len(page.get(f"/api/v1/rollouts/{number}/events?after={events['after']}").json["events"])
    assert page.get(f"/api/v1/rollouts/{number}/failures").json["failures"][0]["sites"] == 1
    assert page.get(f"/api/v1/rollouts/{number}/figures").json["health"] == {"ok": 1}
    (fielded,) = page.get("/api/v1/models/injection-quality/field").json["versions"]
    assert fielded["tiers"] == {"2": 1}
    square = page.get(f"/rollouts/{number}/squares/{delivery}").json["text"]
    assert square.endswith("가동")
    stranger = sign_in(("publisher", made.firms[0]))
    for address in ("failures", "figures", "squares/1", "live"):
        assert stranger.get(f"/rollouts/{number}/{address}").status_code == 404
    assert stranger.get("/rollouts/field/injection-quality").status_code == 404


def test_the_command_line_tells_the_same(data_folder) -> None:
    import json
    from contextlib import closing

    from click.testing import CliRunner

    from hub.cli import hub as command
    from hub.settings import Settings
    from hub.wiring import wire

    def run(*words: str, code: int = 0):
        answer = CliRunner().invoke(command, ["rollouts", *words, "--json"])
        assert answer.exit_code == code, answer.output
        return json.loads(answer.output.splitlines()[0] if code else answer.output)

    with closing(wire(Settings.from_environment())) as hub:
        number = str(played(chain(hub)))
    assert run("show", number)["waves"][0]["gate"]["good"] == 1
    first = run("sites", number, "--limit", "3")
    assert len(run("sites", number, "--after", str(first["after"]))["sites"]) == 1
    assert run("sites", number, "--state", "failed")["sites"][0]["state"] == "failed"
    events = run("events", number, "--limit", "2")
    assert len(run("events", number, "--after", str(events["after"]))["events"]) == 6
    delivery = str(first["sites"][0]["delivery"])
    assert run("timeline", number, delivery)["steps"][-1]["state"] == "active"
    assert run("failures", number)["failures"][0]["code"] == "ModelTooLarge"
    assert run("figures", number)["tiers"][0]["running"] == 1
    assert run("versions", "injection-quality")["versions"][0]["sites"] == 1
    assert run("watch", number, "--for", "0", "--every", "0.1", code=6)["state"] == "running"
    assert run("pause", number)["state"] == "paused"
    assert run("watch", number)["state"] == "paused"
    made = run("create", "injection-quality", "--waves", "2, rest", "--soak", "5", "--approval")
    plan = made["plan"]
    assert (plan["soak_minutes"], len(plan["waves"]), plan["approval"]) == (5, 2, True)
    assert run("submit", str(made["id"]))["state"] == "awaiting_approval"
    assert run("refuse", str(made["id"]), "--reason", "no")["state"] == "draft"
    assert [each["id"] for each in run("list")] == [made["id"], int(number)]
    for words in (["show", number], ["sites", number], ["events", number], ["failures", number],
                  ["figures", number], ["timeline", number, delivery], ["list"]):  # fmt: skip
        assert CliRunner().invoke(command, ["rollouts", *words]).exit_code == 0, words
