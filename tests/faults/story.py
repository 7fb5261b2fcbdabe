"""Rollout after rollout to the same sites, while things go wrong; what is found is counted."""

import json
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from sqlmodel import select

from hub import backup
from hub.demo.stage import free_ports
from hub.migrations import upgrade
from hub.publishing import publish_bundle
from hub.settings import Settings
from hub.steering import make_rollout, steer
from hub.wiring import Hub, wire
from sharing import rollout as rules
from sharing.rollout import Plan
from sharing.services import deliveries, models, rollouts
from sharing.tables import Delivery, DeliveryEvent, Deployment, Rollout, Version
from supplychain.tables import now
from tests.faults.fleet import Fleet
from tests.faults.line import BadLine
from tests.faults.processes import HubProcesses
from tests.sharing.chain import chain, sample_files

MODEL = "injection-quality"
# What is killed at a point, and how often of a hundred.
KINDS = {"web": 45, "worker": 25, "ray actor": 30}


@dataclass
class Counted:
    """What was done, and what was found."""

    points: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    rollouts: int = 0
    restored: int = 0
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)
    died: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0

    def faults(self) -> int:
        return sum(map(len, (self.lost, self.twice, self.stuck, self.wrong))) + self.died.total()


class Story:
    """A hub with its processes, agents behind a bad line, and one person who steers it all."""

    def __init__(self, folder: Path, seed: int, sites: int, share: float, patience: float) -> None:
        port, line = free_ports(2)
        # found by the port, as everything else is: nothing listens there but what is started here
        self.settings = Settings(data=folder / "var", port=port, tick_seconds=0.2)
        self.settings.data.mkdir(parents=True)
        upgrade(self.settings.database)
        self.random, self.counted, self.patience = Random(seed), Counted(), patience
        self.hub: Hub = wire(self.settings)
        self.made = chain(self.hub, tier2=sites - 1, publish=False)
        self.processes = HubProcesses(self.settings)
        self.line = BadLine(line, port, seed, share)
        self.fleet: Fleet | None = None
        self._folder, self._line_port = folder, line
        self._versions: list[str] = []
        self._backups: list[tuple[int, Path]] = []

    def play(self, points: int, each: int, old_at=range(3, 1_000, 3), say=print) -> Counted:
        """So many points, `each` of them in one rollout; in some an old backup is put back."""
        self.processes.start()
        self._wait("the hub", self._answers, 300)
        calm, self.line.share = self.line.share, 0.0
        with self.line:
            self.fleet = Fleet(
                self.hub,
                f"http://127.0.0.1:{self._line_port}",
                self.made.sites,
                self._folder / "agents",
            )
            self.line.share = calm
            self.fleet.start()
            try:
                left, number = points, 0
                while left > 0:
                    number += 1
                    self._round(number, min(each, left), old=number in old_at)
                    say(f"rollout {number}: {self._so_far()}", flush=True)
                    left -= each
            finally:
                self.fleet.stop()
                self.processes.stop()
                self.hub.close()
        return self.counted

    def _so_far(self) -> str:
        found = self.counted
        return (
            f"{found.points.total()} points {dict(found.points)}, {found.restored} backups, "
            f"{dict(found.ended)}, {found.faults()} faults"
            f"{[*found.lost, *found.twice, *found.stuck, *found.wrong][:8] or ''}"
        )

    def _round(self, number: int, points: int, *, old: bool) -> None:
        began = time.monotonic()
        back = number % 4 == 0
        self._publish(number)
        self._begin(number)
        old_at = self.random.randrange(points) if old and self._backups else -1
        kept = self.random.randrange(points)
        for point in range(points):
            self._accept_some()
            time.sleep(self.random.uniform(0.05, 1.5))
            if point == kept:
                self._keep_copy(number)
            if point == old_at:
                self._restore(number)
            if back and point == points - 1:
                self._steer(number, "rollback")
            self._hit()
            self._look(number)
        self._settle(number, back=back)
        self.counted.slowest = max(self.counted.slowest, time.monotonic() - began)

    def _publish(self, number: int) -> None:
        files = dict(sample_files())
        card = json.loads(files["card.json"])
        files["card.json"] = json.dumps({**card, "version": f"1.{number}.0"}).encode()
        publish_bundle(self.hub, files, self.made.lead, "publisher")

    def _begin(self, number: int) -> None:
        plan = Plan(waves=(0.25, 0.75), error_share=1.0)
        with self.hub.db.work() as session:
            version = models.version_of(session, MODEL, f"1.{number}.0")
            key = f"round-{number}"
            make_rollout(
                session, version, self.made.lead, "publisher", plan=plan, key=key, start=True
            )
        self.counted.rollouts += 1

    def _steer(self, number: int, action: str) -> None:
        with self.hub.db.work() as session:
            rollout = rollouts.keyed(session, f"round-{number}")
            if rollout is not None and rules.moved(rollout.state, action):
                steer(session, rollout, action, "publisher")

    def _accept_some(self, most: int = 2) -> None:
        """Owners answer, a few at a time, so that something is under way at every point."""
        with self.hub.db.work() as session:
            offered = list(session.exec(select(Delivery).where(Delivery.state == "offered")))
            self.random.shuffle(offered)
            for row in offered[:most]:
                rollout = rollouts.rollout_by_id(session, row.rollout_id)
                if rollout.state in ("running", "paused"):
                    deliveries.accept(session, row, "owner", now())

    def _hit(self) -> None:
        kind = self.random.choices(list(KINDS), list(KINDS.values()))[0]
        self.counted.died.update(self.processes.died())
        if kind == "ray actor" and not self.processes.kill_actor():
            kind = "web"  # the worker is just coming up: there is none yet
        if kind != "ray actor":
            self.processes.kill(kind)
        self.counted.points[kind] += 1
        self.processes.start()

    def _keep_copy(self, number: int) -> None:
        file = self._folder / f"backup-{number}.sqlite"
        backup.backup(self.settings, file)
        self._backups.append((number, file))

    def _restore(self, number: int) -> None:
        """The database of an earlier moment, often of an earlier rollout; agents are ahead."""
        of, file = self.random.choice(self._backups[-2:])
        for name in ("web", "worker"):
            self.processes.kill(name)
        self.hub.close()
        backup.restore(self.settings, file)
        self.hub = wire(self.settings)
        self.counted.restored += 1
        self.processes.start()
        # What was under way then comes to its end; what people had done since, they do again.
        self._end(f"backup of rollout {of}")
        for later in range(of + 1, number + 1):
            self._publish(later)
        self._begin(number)
        self.counted.rollouts -= 1

    def _end(self, what: str) -> None:
        """Everybody answers, nothing is killed: all comes to its end in bounded time."""
        until = time.monotonic() + self.patience
        while time.monotonic() < until:
            self._accept_some(100)
            self.counted.died.update(self.processes.died())
            self.processes.start()
            if not self._open() and not self._differing():
                return
            time.sleep(0.3)
        self.counted.stuck += [f"{what}: {one}" for one in self._open()]
        self.counted.wrong += [f"{what}: {one}" for one in self._differing()]

    def _settle(self, number: int, *, back: bool) -> None:
        self._end(f"rollout {number}")
        self._look(number)
        self._count(number, back=back)

    def _open(self) -> list[str]:
        """What has not come to an end."""
        with self.hub.db.reading() as session:
            at_work = session.exec(select(Rollout).where(Rollout.state.not_in(rules.ENDED))).all()
            rows = session.exec(
                select(Delivery).where(
                    Delivery.state.not_in(("committed", "declined", *rules.FAILED))
                )
            ).all()
            return [
                *(f"rollout {one.id} is {one.state} {one.reason}" for one in at_work),
                *(f"delivery {row.id} of site {row.site_id} is {row.state}" for row in rows),
            ]

    def _differing(self) -> list[str]:
        """Sites of which the hub believes what is not so."""
        found = []
        with self.hub.db.reading() as session:
            believed = {
                row.site_id: session.get_one(Version, row.version_id).number
                for row in session.exec(select(Deployment))
            }
        for site in self.made.sites:
            runs = self.fleet.running(site, MODEL)
            truth = runs.version if runs else None
            if truth != believed.get(site):
                found.append(f"site {site} runs {truth}, the hub says {believed.get(site)}")
        return found

    def _look(self, number: int) -> None:
        """Holds at every moment: all deliveries are there, and nothing was activated twice."""
        with self.hub.db.reading() as session:
            rollout = rollouts.keyed(session, f"round-{number}")
            rows = rollouts.deliveries_of(session, rollout) if rollout else []
            sites = Counter(row.site_id for row in rows)
        for site in self.made.sites:
            if sites[site] != 1:
                self.counted.lost.append(f"rollout {number}: site {site} has {sites[site]}")

    def _count(self, number: int, *, back: bool) -> None:
        for site, home in self.fleet.homes.items():
            for line, times in home.activations().items():
                told = f"site {site}: {line} {times} times"
                if times > 1 and told not in self.counted.twice:
                    self.counted.twice.append(told)
        with self.hub.db.reading() as session:
            rollout = rollouts.keyed(session, f"round-{number}")
            rows = rollouts.deliveries_of(session, rollout)
            self.counted.ended.update(row.state for row in rows)
            self.counted.failed.update(row.reason for row in rows if row.state == "failed")
            for row in rows:
                events = select(DeliveryEvent).where(DeliveryEvent.delivery_id == row.id)
                seen = Counter(event.state for event in session.exec(events))
                if seen["committed"] > 1:
                    self.counted.twice.append(f"delivery {row.id}: {dict(seen)}")
            gone = "rolled_back" if back else "committed"
            for row in rows:
                if row.state not in (gone, "failed"):
                    self.counted.wrong.append(
                        f"rollout {number}, {rollout.state}: delivery {row.id} {row.state}"
                    )

    def _answers(self) -> bool:
        import urllib.error
        import urllib.request

        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.settings.port}/healthz"):
                return True
        except urllib.error.HTTPError:
            return True  # it answers; not all of its parts are up
        except OSError:
            return False

    def _wait(self, what: str, ready, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not ready():
            if time.monotonic() > until:
                raise TimeoutError(f"{what} did not come up in {seconds:g} s")
            time.sleep(0.2)
