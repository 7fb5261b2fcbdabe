"""A rollout over a real database, whatever owners, plants, hub and time do in whatever order."""

import os
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine
from sqlalchemy.pool import StaticPool
from sqlmodel import SQLModel, create_engine

from sharing import rollout as rules
from sharing.errors import NotInThisState, OfferClosed, SecondPersonNeeded
from sharing.rollout import FigureGate, Part, Plan
from sharing.services import deliveries, rollouts, steps
from tests.sharing.rollout_world import World

PLANTS = 5
# A long run by hand: HUB_TEST_STORIES=2000 pytest tests/sharing/test_rollout_story.py
STORIES = int(os.environ.get("HUB_TEST_STORIES", "16"))
which = st.integers(0, PLANTS + 1)

PLANS = st.builds(
    Plan,
    min_sample=st.integers(1, 3),
    error_share=st.sampled_from([0.0, 0.2, 0.5]),
    success_share=st.sampled_from([0.5, 1.0]),
    soak_minutes=st.sampled_from([0, 60]),
    waves=st.sampled_from(
        [(1.0,), (0.4, 0.6), (Part(sites=1), Part(share=0.4), Part()), (Part(sites=2),)]
    ),
    figures=st.sampled_from([(), (FigureGate(figure="predictions", at_most=6, min_sample=1),)]),
    on_error=st.sampled_from(["pause", "rollback"]),
    approval=st.booleans(),
)


def in_memory() -> Engine:
    engine = create_engine(
        "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
    )
    SQLModel.metadata.create_all(engine)
    return engine


class Story(RuleBasedStateMachine):
    """What may happen, in any order."""

    engine: Engine | None = None  # the same for every story, or a new one for each

    @initialize(plan=PLANS)
    def begin(self, plan):
        self.own = self.engine is None
        self.world = World(in_memory() if self.own else self.engine, plan, PLANTS)
        self.approved = False

    def plant(self, n):
        sites = sorted(self.world.plants)
        return sites[n % len(sites)]

    @rule(n=which)
    def owner_accepts(self, n):
        self.tried(lambda d: deliveries.accept(self.world.session, d, "owner", self.world.at), n)

    @rule()
    def all_owners_accept(self):
        for n in range(len(self.world.rows())):
            self.owner_accepts(n)

    @rule(n=which)
    def owner_declines(self, n):
        self.tried(lambda d: deliveries.decline(self.world.session, d, "owner", self.world.at), n)

    def tried(self, answer, n):
        delivery = self.world.row(n)
        before = delivery.state
        try:
            answer(delivery)
        except OfferClosed:
            assert delivery.state == before

    @rule(n=which, fails=st.booleans())
    def plant_looks(self, n, fails):
        site = self.plant(n)
        self.world.plants[site].look(self.world.lists.get(site), self.world.at, fails=fails)

    @rule(rounds=st.integers(1, 5))
    def all_plants_look(self, rounds):
        for site, plant in self.world.plants.items():
            for _ in range(rounds):
                plant.look(self.world.lists.get(site), self.world.at)

    @rule(n=which, again=st.booleans(), most=st.integers(1, 4))
    def plant_tells(self, n, again, most):
        self.world.deliver(self.plant(n), again=again, most=most)

    @rule()
    def all_plants_tell(self):
        for site in self.world.plants:
            self.world.deliver(site)

    @rule(n=which)
    def plant_tells_how_it_is(self, n):
        site = self.plant(n)
        plant = self.world.plants[site]
        if plant.running and plant.by > 0:
            plant.say(plant.by, "", self.world.at, kind="health")

    @rule(n=which, state=st.sampled_from(rules.REPORTED))
    def word_from_nowhere(self, n, state):
        """A report of another PC of that plant, or one that a bad program makes up."""
        row = self.world.row(n)
        if state in rules.ON_THE_WAY:  # what it claims to run is its own affair
            deliveries.apply_report(self.world.session, row, state, "", {}, self.world.at)

    @rule(fails=st.booleans())
    def worker_works(self, fails):
        self.world.work(fails=fails)

    @rule(after=st.integers(0, 5))
    def worker_dies(self, after):
        self.world.work(dies_after=after)

    @precondition(lambda self: self.world.lost)
    @rule()
    def late_answers_come(self):
        steps.record(self.world.session, self.world.lost, self.world.at)
        self.world.lost = []

    @rule()
    def hub_restarts(self):
        self.world.restart()

    @rule(hours=st.sampled_from([1, 80, 24 * 15]))
    def time_passes(self, hours):
        self.world.at += timedelta(hours=hours)

    @rule(runs=st.booleans())
    @precondition(lambda self: len(self.world.plants) < PLANTS + 2)
    def firm_comes_late(self, runs):
        self.world.join_firm("1.0.0" if runs else None)
        before = len(self.world.rows())
        joined = rollouts.join(self.world.session, self.world.rollout, self.world.at)
        assert len(self.world.rows()) == before + joined

    @rule(action=st.sampled_from(rules.ACTIONS), by=st.sampled_from(["p", "second"]))
    def publisher_steers(self, action, by):
        before = self.world.rollout.state
        try:
            self.world.steer(action, by)
        except (NotInThisState, SecondPersonNeeded):
            assert self.world.rollout.state == before
            return
        if action == "approve" and before == "awaiting_approval":
            assert by == "second"
            self.approved = True
        if action == "refuse":
            self.approved = False
        again = rules.DONE[action]
        assert self.world.rollout.state in again or action == "refuse"

    @invariant()
    def nothing_is_lost_and_nothing_is_forbidden(self):
        if not hasattr(self, "world"):
            return
        rows = self.world.rows()
        assert PLANTS <= len(rows) <= len(self.world.plants)
        assert len({row.site_id for row in rows}) == len(rows)
        assert self.world.rollout.state in rules.ROLLOUT_STATES
        for row in rows:
            path = self.world.events(row)
            assert path[-1] == row.state
            assert all(rules.may_move(a, b) for a, b in pairwise(path)), path
            if row.state in (*rules.ON_THE_WAY, *rules.SUCCEEDED):
                assert row.metadata_version
                assert "accepted" in path  # nothing is installed without the owner's yes
            if row.state in ("offered", *rules.ON_THE_WAY) and row.action == "install":
                assert row.deadline is not None  # nobody is waited for without end

    @invariant()
    def nothing_begins_twice(self):
        if not hasattr(self, "world"):
            return
        for plant in self.world.plants.values():
            assert all(count == 1 for count in plant.activations.values()), plant.activations

    @invariant()
    def nothing_starts_without_a_second_persons_yes(self):
        if not hasattr(self, "world"):
            return
        row = self.world.rollout
        if row.plan["approval"] and not self.approved:
            assert row.started_at is None
            assert not self.world.numbers.keys() - self.world.lists.keys()
            assert {d.state for d in self.world.rows()} <= {"scheduled", "failed"}

    @invariant()
    def whoever_ended_stands_still(self):
        if not hasattr(self, "world") or self.world.rollout.state not in rules.ENDED:
            return
        rows = self.world.rows()
        assert [d for d in rows if d.state in rules.WAITING] == []
        if self.world.rollout.state == "finished":
            return
        for row in rows:  # what was taken back is on no plant's list
            named = self.world.lists.get(row.site_id)
            if named is not None and named.delivery == row.id and named.action == "install":
                assert row.state in rules.SUCCEEDED or row.tries >= steps.MOST_TRIES

    def teardown(self):
        if not hasattr(self, "world"):
            return
        self.world.ends()
        self.whoever_ended_stands_still()
        self.world.settle()
        self.nothing_is_lost_and_nothing_is_forbidden()
        self.nothing_begins_twice()
        assert self.world.runs() == self.world.really_runs()
        self.world.session.close()
        if self.own:
            self.world.engine.dispose()


def told(machine: type[Story], stories: int, length: int) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=stories,
            stateful_step_count=length,
            deadline=None,
            derandomize=STORIES <= 16,
            database=None,
            print_blob=False,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_any_story_keeps_the_rules():
    told(Story, STORIES, 30)


@pytest.mark.parts
def test_any_story_keeps_the_rules_on_both_databases(either_hub):
    machine = type("Kept", (Story,), {"engine": either_hub.db.engine})
    told(machine, max(STORIES // 8, 3), 20)
