"""The worker: looks for what is due, again and again. Several may run; a lease lets one act."""

import logging
import signal
import threading
from importlib import import_module

from hub.jobs import Reconciler, holder_here, lease, release
from hub.wiring import Hub

log = logging.getLogger(__name__)

# Modules that offer RECONCILERS; one that fails never stops the others.
ROOMS = (
    "hub.recovering", "hub.distributed", "hub.outbox", "hub.sheets_job", "hub.likeness_job",
    "hub.risk_job", "hub.store_job", "hub.hooks_job", "hub.owners_job",
)  # fmt: skip
_LEASE_SECONDS = 15.0


def reconcilers() -> list[Reconciler]:
    """All kinds of work there are."""
    return [each for room in ROOMS for each in import_module(room).RECONCILERS]


class Worker:
    """Runs the reconcilers in turn until it is stopped."""

    def __init__(self, hub: Hub, work: list[Reconciler] | None = None) -> None:
        self.hub = hub
        self.work = reconcilers() if work is None else work
        self.holder = holder_here()
        self._stop = threading.Event()
        self._beat = threading.Thread(target=self._keep_lease, name="lease", daemon=True)
        self._ours = threading.Event()

    def stop(self) -> None:
        """End after the step that is under way."""
        self._stop.set()

    def run(self) -> None:
        """Work until stopped."""
        self._beat.start()
        busy = False
        while not self._stop.wait(0 if busy else self.hub.settings.tick_seconds):
            busy = self.tick() if self._ours.is_set() else False
        self._beat.join(timeout=_LEASE_SECONDS)

    def tick(self) -> bool:
        """One round; whether anything was done."""
        done = False
        for each in self.work:
            try:
                done = each.tick(self.hub) or done
            except Exception:  # one kind of work that fails must not stop the others
                log.exception("%s failed; it is tried again", each.name)
        return done

    def _keep_lease(self) -> None:
        fence = None
        while not self._stop.is_set():
            try:
                fence = lease(self.hub.db, "worker", self.holder, _LEASE_SECONDS)
            except Exception:  # the database may be away for a while
                log.exception("the worker's lease could not be renewed")
                fence = None
            (self._ours.set if fence is not None else self._ours.clear)()
            self._stop.wait(_LEASE_SECONDS / 3)
        if fence is not None:
            release(self.hub.db, "worker", fence)


def run_worker(hub: Hub) -> None:
    """A worker in this process, until SIGINT or SIGTERM."""
    worker = Worker(hub)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: worker.stop())
    worker.run()
