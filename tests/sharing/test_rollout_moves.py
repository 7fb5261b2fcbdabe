"""What becomes of a rollout, told one way at a time, over a real database."""

from datetime import timedelta

import pytest
from sqlmodel import select

from sharing import rollout as rules
from sharing.errors import NotInThisState, OfferClosed, SecondPersonNeeded
from sharing.package import Packed
from sharing.rollout import FigureGate, Part, Plan
from sharing.services import approvals, deliveries, rollouts, steps
from sharing.tables import Delivery, DeliveryEvent, Deployment, Rollout, Version, Wave
from tests.sharing.rollout_world import World


@pytest.fixture
def world(hub):
    made: list[World] = []

    def make(**plan) -> World:
        made.append(World(hub.db.engine, Plan(**{"min_sample": 2, **plan})))
        return made[-1]

    yield make
    for each in made:
        each.session.close()


def prepared(world) -> list[Delivery]:
    if world.rollout.state == "draft":
        world.steer("start")
    for row in world.rows():
        if row.state == "offered":
            deliveries.accept(world.session, row, "owner", world.at)
    world.work()
    return world.rows()


def report(world, row, *states: str, **figures: object) -> None:
    for state in states:
        deliveries.apply_report(world.session, row, state, "", figures, world.at)


def states(world) -> list[str]:
    return [row.state for row in world.rows()]


def waves(world) -> list[str]:
    rows = select(Wave).where(Wave.rollout_id == world.number).order_by(Wave.position)
    return [wave.state for wave in world.session.exec(rows)]


def test_too_many_errors_pause_it_and_going_on_forgives(world):
    world = world()
    rows = prepared(world)
    report(world, rows[0], "failed")
    report(world, rows[1], "active")
    world.work()
    assert (world.rollout.state, world.rollout.reason) == ("paused", rules.TOO_MANY_FAILED)
    assert waves(world) == ["error"]
    world.steer("resume")
    world.work()
    assert world.rollout.state == "running"
    report(world, rows[2], "failed")
    world.work()
    assert world.rollout.state == "paused"


def test_what_was_forgiven_in_one_wave_is_not_forgiven_in_the_next(world):
    world = world(waves=(Part(sites=2), Part()), min_sample=1, error_share=0.5)
    rows = prepared(world)
    report(world, rows[0], "failed")
    report(world, rows[1], "failed")
    world.work()
    world.steer("resume")
    world.work()
    world.work()
    assert waves(world) == ["finished", "running"]
    rows = prepared(world)
    report(world, rows[2], "failed")
    world.work()
    assert (world.rollout.state, waves(world)) == ("paused", ["finished", "error"])


def test_a_gate_waits_for_its_sample_and_looks_at_errors_first(world):
    world = world(min_sample=3, error_share=0.3, success_share=0.2)
    rows = prepared(world)
    report(world, rows[0], "failed")
    report(world, rows[1], "active")
    world.work()
    assert world.rollout.state == "running"  # enough have succeeded; too few have come to an end
    report(world, rows[2], "failed")
    world.work()
    assert (world.rollout.state, waves(world)) == ("paused", ["error"])


def test_errors_after_a_wave_was_through_still_count(world):
    world = world(waves=(Part(sites=2), Part()), success_share=0.5, min_sample=2)
    rows = prepared(world)
    report(world, rows[0], "active")
    world.work()
    assert waves(world)[0] == "finished"
    report(world, rows[1], "failed")
    report(world, rows[0], "failed")
    world.work()
    assert (world.rollout.state, waves(world)[0]) == ("paused", "error")


def test_sizes_then_shares_then_the_rest(world):
    world = world(waves=(Part(sites=1), Part(share=0.4), Part()))
    of = [row.wave_id for row in world.rows()]
    assert [of.count(wave) for wave in dict.fromkeys(of)] == [1, 2, 2]


def test_success_has_to_soak_from_when_it_was_enough(world):
    world = world(soak_minutes=30)
    for row in prepared(world):
        report(world, row, "active")
    world.work()
    world.at += timedelta(minutes=29)
    report(world, world.rows()[0], "committed")  # a later word does not begin the time anew
    world.work()
    assert world.rollout.state == "running"
    world.at += timedelta(minutes=1)
    world.work()
    assert world.rollout.state == "finished"


def test_bad_figures_pause_it_and_are_forgiven_when_somebody_goes_on(world):
    gate = FigureGate(figure="scrap", at_most=0.02, share=0.4, min_sample=3)
    world = world(figures=(gate, FigureGate(figure="drift", min_sample=3)))
    for n, row in enumerate(prepared(world)[:4]):
        report(world, row, "active", kpi={"scrap": 0.01 if n else 0.2})
    world.work()
    assert world.rollout.state == "running"
    row = world.rows()[1]
    told = {"version": "2.0.0", "kpi": {"scrap": 0.3}, "health": "ok"}
    deliveries.apply_health(world.session, row, told, world.at, by="a")
    world.work()
    assert (world.rollout.state, world.rollout.reason) == ("paused", rules.BAD_FIGURES)
    world.steer("resume")
    world.work()
    assert (world.rollout.state, waves(world)) == ("running", ["running"])


def test_it_goes_back_by_itself_where_the_plan_says_so(world):
    world = world(on_error="rollback")
    rows = prepared(world)
    for row in rows[:3]:
        report(world, row, "active")
    report(world, rows[3], "failed")
    report(world, rows[4], "failed")
    world.work()
    assert world.rollout.state == "rolling_back"
    assert world.rollout.reason == rules.REASON_TEXTS["failed_back"]
    world.work()
    assert [row.action for row in rows] == ["rollback"] * 2 + ["withdraw"] * 3
    for row in rows[:3]:
        report(world, row, "rolled_back")
    world.work()
    assert world.rollout.state == "rolled_back"
    assert set(world.runs().values()) == {"1.0.0"}


def test_a_word_of_the_new_version_does_not_stop_the_way_back(world):
    world = world()
    rows = prepared(world)
    for row in rows:
        report(world, row, "active")
    world.steer("rollback")
    world.work()
    deadline = rows[0].deadline
    report(world, rows[0], "committed", "probing", predictions=7)  # it was sent before
    assert (rows[0].state, rows[0].deadline) == ("committed", deadline)
    for row in rows[1:]:
        report(world, row, "rolled_back")
    world.work()
    assert world.rollout.state == "rolling_back"
    world.at = deadline
    world.work()
    assert (rows[0].state, rows[0].reason) == ("failed", rules.SILENT)
    assert world.rollout.state == "rolled_back"


def test_who_was_on_the_way_and_further_than_we_knew_says_so_and_comes_back(world):
    world = world()
    row = prepared(world)[2]
    world.steer("rollback")
    world.work()
    assert (row.state, row.reason) == ("failed", rules.WITHDRAWN)
    report(world, row, "active")
    assert (row.state, world.runs()[row.site_id]) == ("active", "2.0.0")
    report(world, row, "rolled_back")
    assert row.state == "rolled_back"
    assert row.site_id not in world.runs()


def test_stopping_takes_back_what_has_not_arrived_and_leaves_what_runs(world):
    world = world()
    rows = prepared(world)
    report(world, rows[0], "active")
    world.steer("stop")
    world.work()
    world.work()
    assert (world.rollout.state, states(world)) == ("stopped", ["active", *["failed"] * 4])


def test_a_silent_plant_is_welcome_but_not_after_it_was_stopped(world):
    world = world()
    rows = prepared(world)
    world.at += timedelta(hours=80)
    world.work()
    assert {(row.state, row.reason) for row in rows} == {("failed", rules.SILENT)}
    report(world, rows[0], "active")
    assert rows[0].state == "active"
    world.steer("stop")
    world.work()
    world.work()
    assert world.rollout.state == "stopped"
    named = [world.lists[row.site_id] for row in rows]
    assert [one and one.action for one in named] == ["install", "rollback", None, None, None]


def test_what_may_be_signed_already_is_taken_back_before_it_ends(world):
    world = world()
    world.steer("start")
    deliveries.accept(world.session, world.row(0), "owner", world.at)
    world.work(dies_after=5)  # signed, and not written down
    row = world.row(0)
    with pytest.raises(OfferClosed):
        deliveries.decline(world.session, row, "owner", world.at)
    world.steer("stop")
    world.work(dies_after=0)
    assert (world.rollout.state, row.state) == ("stopping", "accepted")
    world.work()
    world.work()
    assert (world.rollout.state, row.state, row.action) == ("stopped", "failed", "rollback")
    steps.record(world.session, world.lost, world.at)  # at last; and too late
    assert (row.state, row.action) == ("failed", "rollback")


def test_a_way_back_that_cannot_be_signed_is_tried_again_and_given_up_one_day(world):
    world = world()
    rows = prepared(world)
    for row in rows:
        report(world, row, "active")
    world.steer("rollback")
    world.work(fails=True)
    assert (rows[0].state, rows[0].action, rows[0].tries) == ("active", "install", 1)
    for _ in range(steps.MOST_TRIES):
        world.work(fails=True)
    assert (rows[0].state, rows[0].reason) == ("failed", rules.NOT_MADE)


def test_a_plant_that_begins_again_and_again_is_not_waited_for(world):
    world = world(arrive_days=5, silent_hours=999)
    rows = prepared(world)
    for day in range(1, 6):
        world.at += timedelta(days=1)
        report(world, rows[0], "downloading", "verifying")
        world.work()
        assert (rows[0].state, rows[0].reason) == (
            ("verifying", "") if day < 5 else ("failed", rules.LATE)
        )
    assert world.rollout.state == "paused"


def test_events_of_a_plant_that_never_rests_are_capped(world, monkeypatch):
    monkeypatch.setattr(deliveries, "MOST_EVENTS", 10)
    world = world()
    row = prepared(world)[0]
    for _ in range(20):
        report(world, row, "downloading", "verifying")
    assert len(deliveries.events_of(world.session, row)) < 14
    report(world, row, "active")
    assert row.state == "active"


def test_a_version_that_is_withdrawn_goes_nowhere_any_more(world):
    world = world()
    rows = prepared(world)
    report(world, rows[0], "active")
    world.session.get_one(Version, world.new).state = "withdrawn"
    world.work()
    assert (world.rollout.state, world.rollout.reason) == ("stopping", rules.WITHDRAWN)
    world.work()
    world.work()
    assert world.rollout.state == "stopped"


def test_nobody_goes_back_to_a_version_that_was_withdrawn(world):
    world = world()
    for row in prepared(world):
        report(world, row, "active")
    world.session.get_one(Version, world.old).state = "withdrawn"
    world.steer("rollback")
    assert {order.action for order in world.orders()} == {"withdraw"}


def test_what_a_later_rollout_brought_is_left_alone(world):
    world = world()
    rows = prepared(world)
    for row in rows:
        report(world, row, "active")
    world.work()
    third = world.version("3.0.0")
    later = rollouts.create(
        world.session, world.session.get_one(Version, third), world.lead, "p",
        audience=rules_audience(), key=f"later-{third}",
    )  # fmt: skip
    rollouts.start(world.session, later, world.at)
    one = next(d for d in rollouts.deliveries_of(world.session, later))
    deliveries.accept(world.session, one, "owner", world.at)
    answers = [world.sign(o) for o in steps.tick(world.session, later, world.at)]
    steps.record(world.session, answers, world.at)
    report(world, one, "active")
    report(world, rows[0], "committed")  # of the version before: too late
    assert world.runs()[one.site_id] == "3.0.0"
    world.steer("rollback")
    world.work()
    assert world.lists[one.site_id].version == "3.0.0"
    assert {row.site_id for row in rows if row.action == "install"} == {one.site_id}
    for row in rows[1:]:
        report(world, row, "rolled_back")
    world.work()
    assert world.rollout.state == "rolled_back"


def rules_audience():
    from sharing.audience import Audience

    return Audience(tiers=(1,))


def test_late_joiners_take_part_and_others_only_once(world):
    world = world(waves=(Part(sites=2), Part()))
    world.steer("start")
    world.join_firm()
    assert rollouts.join(world.session, world.rollout, world.at) == 1
    assert rollouts.join(world.session, world.rollout, world.at) == 0
    assert states(world) == ["offered"] * 2 + ["scheduled"] * 4
    world.steer("pause")
    world.join_firm()
    assert rollouts.join(world.session, world.rollout, world.at) == 0
    assert world.rollout.state == "paused"


def test_words_that_were_lost_are_made_up_for_by_how_it_is(world):
    world = world()
    row = prepared(world)[0]
    well = {"version": "2.0.0", "health": "ok", "predictions": 3}
    deliveries.apply_health(world.session, row, well, world.at, by="a-1")
    assert (row.state, world.runs()[row.site_id]) == ("active", "2.0.0")
    world.steer("rollback")
    world.work()
    back = {"version": "1.0.0", "health": "ok"}
    deliveries.apply_health(world.session, row, back, world.at, by="a-1")
    assert (row.state, world.runs()[row.site_id]) == ("rolled_back", "1.0.0")


def test_a_plant_that_stopped_using_it_runs_it_no_more(world):
    world = world()
    row = prepared(world)[3]
    report(world, row, "active")
    assert world.runs()[row.site_id] == "2.0.0"
    report(world, row, "failed")
    assert row.site_id not in world.runs()


def test_saying_a_thing_twice_leaves_one_trace(world):
    world = world()
    row = prepared(world)[0]
    report(world, row, "downloading", "downloading", "active", "active", "downloading")
    events = world.session.exec(select(DeliveryEvent).where(DeliveryEvent.delivery_id == row.id))
    assert [e.state for e in events] == [
        "offered", "accepted", "prepared", "downloading", "active",
    ]  # fmt: skip
    version = world.session.get_one(Version, world.new)
    again = rollouts.create(world.session, version, world.lead, "p", key=world.rollout.key)
    assert again is world.rollout
    assert len(world.session.exec(select(Rollout)).all()) == 1


def test_it_finishes_when_everybody_has_answered_and_arrived(world):
    world = world()
    for row in prepared(world):
        report(world, row, "downloading", "verifying", "probing", "active", predictions=3)
    world.work()
    assert world.rollout.state == "finished"
    runs = world.session.exec(select(Deployment)).all()
    assert {(r.version_id, r.predictions) for r in runs} == {(world.new, 3)}


def test_a_second_person_says_yes_or_why_not(world):
    world = world(approval=True)
    with pytest.raises(NotInThisState):
        world.steer("start")
    world.steer("submit", "p")
    assert approvals.submit(world.session, world.rollout, "p") is False
    with pytest.raises(SecondPersonNeeded):
        world.steer("approve", "p")
    approvals.refuse(world.session, world.rollout, "not before the holidays")
    assert (world.rollout.state, world.rollout.reason) == ("draft", "not before the holidays")
    world.steer("submit", "q")
    for person in ("p", "q"):  # who made it, and who asked
        with pytest.raises(SecondPersonNeeded):
            world.steer("approve", person)
    world.steer("approve", "r")
    assert (world.rollout.state, world.rollout.approved_by) == ("ready", "r")
    assert approvals.approve(world.session, world.rollout, "p", world.at) is False
    world.steer("start")
    assert set(states(world)) == {"offered"}


def test_a_firm_wants_a_second_person_until_two_have_ended_that(world):
    world = world()
    session, firm = world.session, world.lead
    assert approvals.set_approval(session, firm, "p", world.at, wanted=True)
    version = session.get_one(Version, world.new)
    audience = rules_audience()
    made = rollouts.create(session, version, firm, "p", audience=audience, plan=Plan(), key="x")
    assert made.plan["approval"] is True
    for _ in range(2):
        assert not approvals.set_approval(session, firm, "p", world.at, wanted=False)
        assert approvals.wants_approval(session, firm)
    assert approvals.set_approval(session, firm, "q", world.at, wanted=False)
    assert not approvals.wants_approval(session, firm)
    assert made.plan["approval"] is True


def test_who_failed_is_tried_again_by_a_new_rollout(world):
    world = world(error_share=0.9)
    rows = prepared(world)
    for row in rows[1:]:
        report(world, row, "active")
    report(world, rows[0], "failed")
    world.work()
    assert world.rollout.state == "finished"
    version = world.session.get_one(Version, world.new)
    audience = rules_audience()
    again = rollouts.create(world.session, version, world.lead, "p", audience=audience)
    assert [d.site_id for d in rollouts.deliveries_of(world.session, again)] == [rows[0].site_id]


def test_an_answer_for_nobody_changes_nothing(world):
    world = world()
    steps.record(world.session, [Packed(10**6, "install", 3)], world.at)
    steps.record(world.session, [], world.at)
    assert set(states(world)) == {"scheduled"}


def test_the_work_of_a_tick_does_not_grow_with_the_plants(hub):
    from sqlalchemy import event

    asked: list[str] = []
    event.listen(hub.db.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    counts = []
    for sites in (5, 60):
        made = World(hub.db.engine, Plan(), sites)
        for does in (lambda w: w.steer("start"), prepared, World.work):
            del asked[:]
            does(made)
            counts.append(len([s for s in asked if not s.startswith(("SAVEPOINT", "RELEASE"))]))
        made.session.close()
    start, _accepting, idle, start_many, _, idle_many = counts
    assert start_many <= start + 2
    assert idle_many <= idle + 2
