"""Between two batches a wave looks whether it is still wanted."""

import pytest

from hub.distributed import waves
from hub.jobs import lease
from hub.steering import steer
from hub.tables import Lease
from sharing.package import prepare_here
from sharing.services import deliveries, rollouts
from supplychain.tables import now
from tests.sharing.chain import chain, started


@pytest.fixture
def under_way(hub, monkeypatch):
    """A rollout with four sites to prepare, one in a batch."""
    monkeypatch.setattr(waves, "_BATCH", 1)
    made = chain(hub, tier2=3)
    number = started(made)
    with hub.db.work() as session:
        for row in rollouts.deliveries_of(session, rollouts.rollout_by_id(session, number)):
            deliveries.accept(session, row, "owner", now())
    return number


def states(hub, number: int) -> list[str]:
    with hub.db.reading() as session:
        rows = rollouts.deliveries_of(session, rollouts.rollout_by_id(session, number))
        return sorted(row.state for row in rows)


def interrupted(hub, act):
    """Prepares as usual; after the first site something happens."""

    def prepare(orders):
        for done, answer in enumerate(prepare_here(hub.settings.data)(orders)):
            if done == 1:
                act()
            yield answer

    return prepare


def test_a_pause_leaves_what_is_not_begun(hub, under_way):
    def pause():
        with hub.db.work() as session:
            steer(session, rollouts.rollout_by_id(session, under_way), "pause", "publisher")

    assert waves.tick_rollouts(hub, interrupted(hub, pause))
    # the answer that was under way is written down; the two after it are not asked for
    assert states(hub, under_way) == ["accepted", "accepted", "prepared", "prepared"]


def test_a_rollout_that_has_changed_hands_is_left_to_the_other(hub, under_way, monkeypatch):
    def overtaken():
        monkeypatch.setattr(waves, "holder_here", lambda: "late:1")
        with hub.db.work() as session:
            from hub.tables import Lease

            session.get_one(Lease, f"rollout:{under_way}").expires_at = now()
        assert lease(hub.db, f"rollout:{under_way}", "other:2", 60)

    assert waves.tick_rollouts(hub, interrupted(hub, overtaken))
    assert states(hub, under_way) == ["accepted", "accepted", "accepted", "prepared"]
    assert not waves.tick_rollouts(hub, prepare_here(hub.settings.data))


def test_a_wave_whose_sites_take_long_keeps_its_lease(hub, under_way):
    def long_after():
        with hub.db.work() as session:
            session.get_one(Lease, waves.lease_of(under_way)).expires_at = now()
        assert waves.keep_leases(hub)
        assert lease(hub.db, waves.lease_of(under_way), "another", 1) is None

    assert waves.tick_rollouts(hub, interrupted(hub, long_after))
    assert states(hub, under_way) == ["prepared"] * 4
    assert not waves.keep_leases(hub)
