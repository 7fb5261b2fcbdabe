import threading
from datetime import timedelta

from hub.db import Database
from hub.jobs import Reconciler, lease, release, still_ours
from hub.tables import Lease
from hub.worker import Worker
from supplychain.tables import now


def expire(db: Database, name: str) -> None:
    with db.work() as session:
        session.get(Lease, name).expires_at = now() - timedelta(seconds=1)


def test_a_lease_has_one_holder_until_it_expires(either_hub) -> None:
    db = either_hub.db
    first = lease(db, "wave", "a", 60)
    assert first == 1
    assert lease(db, "wave", "b", 60) is None
    assert lease(db, "wave", "a", 60) == first
    expire(db, "wave")
    assert lease(db, "wave", "b", 60) == 2
    with db.work() as session:
        assert not still_ours(session, "wave", first)
        assert still_ours(session, "wave", 2)


def test_a_lease_given_back_is_free_at_once(hub) -> None:
    fence = lease(hub.db, "wave", "a", 60)
    release(hub.db, "wave", fence)
    assert lease(hub.db, "wave", "b", 60) == fence + 1
    release(hub.db, "wave", fence)  # too late: no longer ours
    assert lease(hub.db, "wave", "c", 60) is None


def test_many_ask_at_once_and_one_gets_it(either_hub) -> None:
    got: list[int | None] = []
    with either_hub.db.work() as session:
        session.add(Lease(name="wave", holder="", fence=0, expires_at=now()))
    asking = [
        threading.Thread(target=lambda n=n: got.append(lease(either_hub.db, "wave", str(n), 60)))
        for n in range(8)
    ]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert sorted(x for x in got if x is not None) == [1]


def test_work_that_fails_does_not_stop_the_other(hub) -> None:
    seen: list[str] = []

    def fails(_hub: object) -> bool:
        seen.append("fails")
        raise ValueError

    def works(_hub: object) -> bool:
        seen.append("works")
        return True

    worker = Worker(hub, [Reconciler("fails", fails), Reconciler("works", works)])
    assert worker.tick() is True
    assert seen == ["fails", "works"]


def test_a_worker_works_while_it_has_the_lease_and_gives_it_back(hub) -> None:
    worked = threading.Event()
    worker = Worker(hub, [Reconciler("once", lambda _: worked.set() or False)])
    running = threading.Thread(target=worker.run)
    running.start()
    assert worked.wait(120)
    worker.stop()
    running.join(120)
    assert not running.is_alive()
    assert lease(hub.db, "worker", "next", 5) is not None
