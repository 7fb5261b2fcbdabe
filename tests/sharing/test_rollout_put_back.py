"""The database of yesterday, while plants and their signed lists are of today."""

import pytest
from hypothesis.stateful import precondition, rule
from sqlmodel import select

from hub.backup import backup, restore
from sharing import rollout as rules
from sharing.audience import Audience
from sharing.rollout import Plan
from sharing.services import deliveries, rollouts
from sharing.tables import Delivery, Rollout, Version
from tests.sharing.rollout_world import World
from tests.sharing.test_rollout_story import STORIES, Story, in_memory, told


class Yesterday:
    """A world whose database can be put back."""

    def __init__(self, hub, tmp_path, *, begin: bool = True) -> None:
        self.hub, self.file = hub, tmp_path / "yesterday.sqlite"
        self.world = World(hub.db.engine, Plan(), begin=begin)

    def save(self) -> None:
        self.world.session.commit()
        backup(self.hub.settings, self.file)

    def put_back(self) -> list[str]:
        self.world.session.commit()
        self.world.session.close()
        self.hub.db.engine.dispose()
        restore(self.hub.settings, self.file)
        self.world.restart()
        return [one.what for one in self.world.recover()]

    def accept_and_arrive(self) -> None:
        world = self.world
        if world.rollout.state == "draft":
            world.steer("start")
        for row in world.rows():
            if row.state == "offered":
                deliveries.accept(world.session, row, "owner", world.at)
        world.work()
        world.settle()

    def ends_right(self) -> None:
        world = self.world
        world.settle()
        assert world.runs() == world.really_runs()
        for plant in world.plants.values():
            assert all(count == 1 for count in plant.activations.values())
        for _ in range(3):
            world.ends()
        assert world.recover() == []


@pytest.fixture
def day(hub, tmp_path):
    made: list[Yesterday] = []

    def make(**how) -> Yesterday:
        made.append(Yesterday(hub, tmp_path, **how))
        return made[-1]

    yield make
    for each in made:
        each.world.session.close()


def test_plants_that_went_on_meanwhile_are_where_they_are(day):
    day = day()
    day.world.steer("start")
    day.save()
    day.accept_and_arrive()
    assert day.put_back() == ["adopted"] * 5
    assert {row.state for row in day.world.rows()} == {"prepared"}
    assert day.world.recover() == []
    day.ends_right()
    assert {row.state for row in day.world.rows()} == {"committed"}
    assert day.world.rollout.state == "finished"


def test_a_rollout_that_had_not_begun_waits_for_people(day):
    day = day()
    day.save()
    day.accept_and_arrive()
    day.put_back()
    assert (day.world.rollout.state, day.world.rollout.reason) == ("paused", rules.PUT_BACK)
    day.ends_right()
    assert day.world.rollout.state == "finished"


def test_deliveries_that_were_never_heard_of_keep_their_numbers(day):
    day = day(begin=False)
    day.save()
    day.world.begin(Plan())
    day.accept_and_arrive()
    known = {row.id: row.site_id for row in day.world.rows()}
    assert day.put_back() == ["restored"] * 5
    rows = day.world.session.exec(select(Delivery)).all()
    assert {row.id: row.site_id for row in rows} == known
    made = day.world.session.exec(select(Rollout)).one()
    assert (made.state, made.lead_firm_id) == ("running", day.world.lead)
    day.world.number = made.id
    day.ends_right()
    assert {row.state for row in day.world.rows()} == {"committed"}
    assert day.world.rollout.state == "finished"
    day.world.join_firm()
    assert rollouts.join(day.world.session, made, day.world.at) == 0


def test_a_way_back_that_was_forgotten_stays_a_way_back(day):
    day = day()
    day.accept_and_arrive()
    day.save()
    day.world.steer("rollback")
    day.world.work()
    day.world.settle()
    day.world.work()
    assert day.world.rollout.state == "rolled_back"
    assert day.put_back() == ["adopted"] * 5
    assert [row.action for row in day.world.rows()] == ["rollback"] * 2 + ["withdraw"] * 3
    day.ends_right()
    assert set(day.world.runs().values()) == {"1.0.0"}
    assert {row.state for row in day.world.rows()} == {"rolled_back"}


def test_a_version_that_is_forgotten_runs_on_and_no_number_is_given_twice(day):
    day = day()
    day.accept_and_arrive()
    day.save()
    third = day.world.version("3.0.0")
    version = day.world.session.get_one(Version, third)
    audience = Audience(tiers=(1,))
    later = rollouts.create(day.world.session, version, day.world.lead, "p", audience=audience)
    rollouts.start(day.world.session, later, day.world.at)
    number, day.world.number = day.world.number, later.id
    day.accept_and_arrive()
    highest = max(row.id for row in day.world.rows())
    assert set(day.put_back()) == {"unknown"}
    assert set(day.world.really_runs().values()) == {"3.0.0"}
    day.world.number = number
    version = day.world.session.get_one(Version, day.world.version("3.1.0"))
    made = rollouts.create(day.world.session, version, day.world.lead, "p", audience=audience)
    assert min(row.id for row in rollouts.deliveries_of(day.world.session, made)) > highest


class PutBack(Story):
    """A story in which the database is put back now and then."""

    saved = None

    @rule()
    def somebody_saves_the_database(self):
        self.world.session.commit()
        driver = self.world.engine.raw_connection().driver_connection
        self.saved = driver.serialize(), self.approved, len(self.world.plants)

    @precondition(lambda self: self.saved and self.saved[2] == len(self.world.plants))
    @rule()
    def it_is_put_back(self):
        self.world.session.commit()
        self.world.session.close()
        self.world.engine.raw_connection().driver_connection.deserialize(self.saved[0])
        self.world.restart()
        self.world.lost = []
        self.world.recover()
        # what was begun was begun with a second person's yes, even if nobody remembers
        self.approved = self.saved[1] or self.world.rollout.started_at is not None


def test_any_story_keeps_the_rules_when_the_database_is_put_back():
    told(PutBack, max(STORIES // 2, 8), 25)


@pytest.mark.parts
def test_numbers_are_raised_on_both_databases(either_hub):
    from sharing.services.many import raise_numbers

    world = World(either_hub.db.engine, Plan())
    raise_numbers(world.session, 700)
    world.join_firm()
    world.steer("start")
    assert rollouts.join(world.session, world.rollout, world.at) == 1
    assert max(row.id for row in world.rows()) > 700
    raise_numbers(world.session, 5)
    world.session.close()
    assert in_memory().dialect.name == "sqlite"
