"""A rollout over a real database, whatever owners, sites, hub and time do in whatever order."""

from datetime import UTC, datetime, timedelta
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
from sqlalchemy.pool import StaticPool
from sqlmodel import Session, SQLModel, create_engine, select

from sharing import rollout as rules
from sharing.errors import NotInThisState, OfferClosed
from sharing.package import Packed
from sharing.rollout import Plan
from sharing.services import deliveries, rollouts, steps
from sharing.tables import (
    Delivery,
    DeliveryEvent,
    Deployment,
    Rollout,
    SharedModel,
    Version,
    VersionFile,
)
from supplychain.tables import Firm, Link, Site

START = datetime(2026, 11, 24, tzinfo=UTC)
SITES = 5
which = st.integers(0, SITES - 1)


class Story(RuleBasedStateMachine):
    """One rollout of version 2 to five sites, two of which run version 1."""

    @initialize(waves=st.sampled_from([(1.0,), (0.4, 0.6), (0.2, 0.3, 0.5)]))
    def begin(self, waves):
        self.engine = create_engine(
            "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
        )
        SQLModel.metadata.create_all(self.engine)
        self.session = Session(self.engine)
        self.at = START
        self.lost: list[Packed] = []
        lead = self.add(Firm(name="lead"))
        model = self.add(SharedModel(slug="m", firm_id=lead.id, process="press"))
        old, new = (
            self.add(Version(model_id=model.id, number=number)) for number in ("1.0.0", "2.0.0")
        )
        for version in (old, new):
            self.add(VersionFile(version_id=version.id, path="f", sha256="0" * 64, length=1))
        for number in range(SITES):
            firm = self.add(Firm(name=f"f{number}"))
            self.add(Link(supplier_id=firm.id, buyer_id=lead.id))
            site = self.add(Site(firm_id=firm.id, name="s", process="press"))
            if number < 2:
                self.add(Deployment(site_id=site.id, model_id=model.id, version_id=old.id))
        from sharing.audience import Audience

        self.rollout = rollouts.create(
            self.session, new, lead.id, "p", audience=Audience(tiers=(1,)),
            plan=Plan(min_sample=2, waves=waves), key="once",
        )  # fmt: skip
        rollouts.start(self.session, self.rollout, self.at)

    def add(self, row):
        self.session.add(row)
        self.session.flush()
        return row

    def rows(self) -> list[Delivery]:
        return rollouts.deliveries_of(self.session, self.rollout)

    @rule(n=which)
    def owner_accepts(self, n):
        self.tried(lambda d: deliveries.accept(self.session, d, "owner", self.at), n)

    @rule(n=which)
    def owner_declines(self, n):
        self.tried(lambda d: deliveries.decline(self.session, d, "owner", self.at), n)

    def tried(self, answer, n):
        delivery = self.rows()[n]
        before = delivery.state
        try:
            answer(delivery)
        except OfferClosed:
            assert delivery.state == before

    @rule(n=which, state=st.sampled_from(rules.REPORTED), predictions=st.integers(0, 9))
    def site_reports(self, n, state, predictions):
        figures = {"predictions": predictions}
        deliveries.apply_report(self.session, self.rows()[n], state, "", figures, self.at)

    @rule(lose=st.booleans(), fail=st.booleans())
    def worker_ticks(self, lose, fail):
        orders = steps.tick(self.session, self.rollout, self.at)
        answers = [
            Packed(o.delivery_id, o.action, 2, "disk full" if fail and not i else "")
            for i, o in enumerate(orders)
        ]
        if lose:  # the worker died before it could write them down; late they may come twice
            self.lost += answers
        else:
            steps.record(self.session, answers, self.at)

    @precondition(lambda self: self.lost)
    @rule()
    def late_answers_come(self):
        steps.record(self.session, self.lost, self.at)
        self.lost = []

    @rule(hours=st.sampled_from([1, 80, 24 * 15]))
    def time_passes(self, hours):
        self.at += timedelta(hours=hours)

    @rule(action=st.sampled_from(["pause", "resume", "pause", "resume", "stop", "rollback"]))
    def publisher_steers(self, action):
        before = self.rollout.state
        try:
            rollouts.steer(self.session, self.rollout, action, self.at)
        except NotInThisState:
            assert self.rollout.state == before

    @invariant()
    def nothing_is_lost_and_nothing_is_forbidden(self):
        if not hasattr(self, "rollout"):
            return
        rows = self.rows()
        assert len(rows) == SITES
        assert self.rollout.state in rules.ROLLOUT_STATES
        for row in rows:
            path = ["scheduled", *(e.state for e in deliveries.events_of(self.session, row))]
            assert path[-1] == row.state
            assert all(rules.may_move(a, b) for a, b in pairwise(path)), path
            if row.state in (*rules.ON_THE_WAY, *rules.SUCCEEDED):
                assert row.metadata_version
                assert "accepted" in path  # nothing is installed without the owner's yes

    @invariant()
    def whoever_ended_stands_still(self):
        if hasattr(self, "rollout") and self.rollout.state in ("stopped", "finished"):
            waiting = [d for d in self.rows() if d.state in rules.WAITING]
            assert waiting == []

    def teardown(self):
        if not hasattr(self, "rollout"):
            return
        self.comes_to_an_end()
        self.session.close()
        self.engine.dispose()

    def comes_to_an_end(self):
        """Whatever happened: go on, let time pass, and it ends by itself."""
        if self.rollout.state == "paused":
            rollouts.resume(self.session, self.rollout)
        for _ in range(20):
            if self.rollout.state in ("finished", "stopped", "rolled_back"):
                return
            if self.rollout.state == "paused":
                rollouts.resume(self.session, self.rollout)
            orders = steps.tick(self.session, self.rollout, self.at)
            answers = [Packed(o.delivery_id, o.action, 2) for o in orders]
            steps.record(self.session, answers, self.at)
            self.at += timedelta(days=16)
        raise AssertionError(self.rollout.state)


def test_any_story_keeps_the_rules():
    run_state_machine_as_test(
        Story,
        settings=settings(
            max_examples=12,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.fixture
def story():
    told = Story()
    told.begin(waves=(1.0,))
    yield told
    told.session.close()
    told.engine.dispose()


def prepared(story) -> list[Delivery]:
    for row in story.rows():
        deliveries.accept(story.session, row, "owner", story.at)
    story.worker_ticks(lose=False, fail=False)
    return story.rows()


def report(story, row, *states: str, **figures: object) -> None:
    for state in states:
        deliveries.apply_report(story.session, row, state, "", figures, story.at)


def test_too_many_errors_pause_it_and_going_on_forgives(story):
    rows = prepared(story)
    report(story, rows[0], "failed")
    report(story, rows[1], "active")
    story.worker_ticks(lose=False, fail=False)
    assert (story.rollout.state, story.rollout.reason) == ("paused", rules.TOO_MANY_FAILED)
    rollouts.resume(story.session, story.rollout)
    story.worker_ticks(lose=False, fail=False)
    assert story.rollout.state == "running"
    report(story, rows[2], "failed")
    story.worker_ticks(lose=False, fail=False)
    assert story.rollout.state == "paused"


def test_it_finishes_when_everybody_has_answered_and_arrived(story):
    for row in prepared(story):
        report(story, row, "downloading", "verifying", "probing", "active", predictions=3)
    story.worker_ticks(lose=False, fail=False)
    assert story.rollout.state == "finished"
    runs = story.session.exec(select(Deployment)).all()
    assert {(r.version_id, r.predictions) for r in runs} == {(2, 3)}


def test_going_back_names_the_older_version_again_or_none(story):
    rows = prepared(story)
    for row in rows:
        report(story, row, "active")
    rollouts.roll_back(story.rollout, "smells of smoke")
    orders = steps.tick(story.session, story.rollout, story.at)
    assert [(o.action, o.version, len(o.files)) for o in orders] == [
        *[("rollback", "1.0.0", 1)] * 2, *[("withdraw", "2.0.0", 0)] * 3,
    ]  # fmt: skip
    steps.record(story.session, [Packed(o.delivery_id, o.action, 3) for o in orders], story.at)
    assert {row.state for row in rows} == {"active"}  # until the sites say so themselves
    for row in rows:
        report(story, row, "rolled_back")
    story.worker_ticks(lose=False, fail=False)
    assert (story.rollout.state, story.rollout.reason) == ("rolled_back", "smells of smoke")
    assert {r.version_id for r in story.session.exec(select(Deployment))} == {1}


def test_stopping_takes_back_what_has_not_arrived_and_leaves_what_runs(story):
    rows = prepared(story)
    report(story, rows[0], "active")
    rollouts.stop(story.rollout)
    story.worker_ticks(lose=False, fail=False)
    story.worker_ticks(lose=False, fail=False)
    assert story.rollout.state == "stopped"
    assert [row.state for row in rows] == ["active", *["failed"] * 4]


def test_a_site_that_was_silent_is_welcome_when_it_comes_back(story):
    rows = prepared(story)
    story.time_passes(80)
    story.worker_ticks(lose=False, fail=False)
    assert {(row.state, row.reason) for row in rows} == {("failed", rules.SILENT)}
    report(story, rows[0], "active")
    assert rows[0].state == "active"


def test_saying_a_thing_twice_leaves_one_trace(story):
    row = prepared(story)[0]
    report(story, row, "downloading", "downloading", "active", "active", "downloading")
    events = story.session.exec(select(DeliveryEvent).where(DeliveryEvent.delivery_id == row.id))
    assert [e.state for e in events] == [
        "offered", "accepted", "prepared", "downloading", "active",
    ]  # fmt: skip
    again = rollouts.create(story.session, story.session.get(Version, 2), 1, "p", key="once")
    assert again is story.rollout
    assert len(story.session.exec(select(Rollout)).all()) == 1
