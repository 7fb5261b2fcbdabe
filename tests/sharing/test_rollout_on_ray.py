"""A wave carried out by a real Ray, driven by the worker's own reconciler."""

import time

import pytest

from hub.distributed import prepare_on_ray, preparing, stop_ray, tick_rollouts
from sharing.services import deliveries, rollouts
from supplychain.tables import now
from tests.sharing.chain import chain, started


@pytest.mark.parts
def test_ray_prepares_whoever_accepted(hub):
    made = chain(hub, tier2=4)
    number = started(made)
    with hub.db.work() as session:
        rows = rollouts.deliveries_of(session, rollouts.rollout_by_id(session, number))
        assert len(rows) == 5
        for row in rows[:4]:
            deliveries.accept(session, row, "owner", now())
    try:
        # On a busy machine Ray may be too slow to start; the worker comes back, and so do we.
        until = time.monotonic() + 300
        while not tick_rollouts(hub, prepare_on_ray(hub)):
            assert time.monotonic() < until
    finally:
        stop_ray()
    with hub.db.reading() as session:
        rows = rollouts.deliveries_of(session, rollouts.rollout_by_id(session, number))
        assert [row.state for row in rows] == ["prepared"] * 4 + ["offered"]
        assert all(row.metadata_version for row in rows[:4])
        for row in rows[:4]:
            named = hub.signing.assigned(row.site_id)
            assert {t.custom["site"] for t in named.values()} == {row.site_id}
            assert set(named) == {
                f"injection-quality/1.0.0/{f}" for f in ("model.onnx", "card.json", "golden.json")
            }


class BusyRay:
    """A cluster on which nothing gets a processor."""

    def wait(self, waiting, *, num_returns, timeout):
        assert num_returns == 1
        assert 0 < timeout < 60
        return [], waiting


def test_a_cluster_that_gives_nothing_back_does_not_hold_the_worker(monkeypatch):
    monkeypatch.setattr(preparing, "_PATIENCE", 0.01)
    with pytest.raises(TimeoutError, match="1 sites"):
        list(preparing.ready(BusyRay(), {"reference": None}))
