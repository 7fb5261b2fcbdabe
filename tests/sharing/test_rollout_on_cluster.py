"""Waves on a Ray cluster of several nodes on this machine, with a token, while parts of it die."""

import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import pytest
from sqlmodel import select

from hub.wiring import secret, wire
from sharing.services import deliveries
from sharing.tables import Delivery, DeliveryEvent
from supplychain.tables import now
from tests.faults.cluster import ClusterProcess
from tests.faults.processes import HubProcesses
from tests.sharing.chain import chain, started

PATIENCE = 240.0
PART = 100


@pytest.fixture
def cluster_hub(hub, monkeypatch):
    """A hub whose worker hands its waves to a cluster."""

    secret(hub.keys, "ray")
    told = {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN_PATH": str((hub.keys / "ray").resolve()),
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_enable_metrics_collection": "0",
        "HUB_DATA": str(hub.settings.data.resolve()),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(Path.cwd()),
    }
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    with (
        tempfile.TemporaryDirectory(prefix="hub-c-", dir="/tmp", ignore_cleanup_errors=True) as at,
        ClusterProcess(at) as cluster,
    ):
        theirs = wire(hub.settings.model_copy(update={"ray_address": cluster.address}))
        yield theirs, cluster
        theirs.close()


# Three nodes, a head and a worker on one machine come and go for minutes: by a command of its own.
@pytest.mark.skipif(
    not os.environ.get("HUB_TEST_CLUSTER"), reason="set HUB_TEST_CLUSTER=1 to run it"
)
@pytest.mark.parts
def test_a_wave_ends_right_whatever_dies_on_the_way(cluster_hub):
    hub, cluster = cluster_hub
    made = chain(hub, tier2=3 * PART - 1)
    number = started(made)
    worker = HubProcesses(hub.settings)
    worker.start("worker")
    try:
        accept(hub, number, PART)
        wait(lambda: prepared(hub, number) > 0)
        cluster.tell("kill-a-node")
        wait(lambda: prepared(hub, number) == PART)

        accept(hub, number, PART)
        wait(lambda: prepared(hub, number) > PART)
        worker.kill("worker")
        worker.start("worker")
        wait(lambda: prepared(hub, number) == 2 * PART)

        accept(hub, number, PART)
        wait(lambda: prepared(hub, number) > 2 * PART or at_work(hub, number))
        cluster.tell("restart-head")
        wait(lambda: prepared(hub, number) == 3 * PART)
    finally:
        worker.stop()
    with hub.db.reading() as session:
        rows = session.exec(select(Delivery).where(Delivery.rollout_id == number)).all()
        assert Counter(row.state for row in rows) == {"prepared": 3 * PART}
        events = session.exec(select(DeliveryEvent).where(DeliveryEvent.state == "prepared")).all()
        assert len({event.delivery_id for event in events}) == len(events) == 3 * PART
        for row in rows:
            named = hub.signing.assigned(row.site_id)
            assert {t.custom["delivery"] for t in named.values()} == {row.id}


def accept(hub, number: int, most: int) -> None:
    with hub.db.work() as session:
        rows = select(Delivery).where(Delivery.rollout_id == number, Delivery.state == "offered")
        for row in session.exec(rows.order_by(Delivery.id).limit(most)).all():
            deliveries.accept(session, row, "owner", now())


def prepared(hub, number: int) -> int:
    with hub.db.reading() as session:
        rows = select(Delivery).where(Delivery.rollout_id == number, Delivery.state == "prepared")
        return len(session.exec(rows).all())


def at_work(hub, number: int) -> bool:
    from hub.distributed.jobs import wave_lease
    from hub.jobs import held_by

    with hub.db.reading() as session:
        return bool(held_by(session, wave_lease(number))[0])


def wait(done) -> None:
    until = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < until
        time.sleep(0.02)
