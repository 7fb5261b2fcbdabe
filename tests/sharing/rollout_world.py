"""A rollout with everybody in it: owners, plants with their own memory, the hub's signed lists.

The lists and what a plant remembers are kept apart from the database, as they are in life: a worker
may die between the signature and the note of it, a report may come twice, late or after a restart.
A plant behaves as sharing.agent.update does, one stored step at a time.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session, select

import hub.every_table  # noqa: F401 - the tables have to be known
from sharing import rollout as rules
from sharing.audience import Audience
from sharing.manifest import Target
from sharing.package import Order, Packed
from sharing.rollout import Plan
from sharing.services import agents, approvals, deliveries, recovered, rollouts, steps
from sharing.services.agents import Said
from sharing.services.recovered import Found
from sharing.tables import (
    Agent,
    Delivery,
    Deployment,
    Rollout,
    SharedModel,
    Version,
    VersionFile,
)  # fmt: skip
from supplychain.tables import Firm, Link, Site

START = datetime(2026, 11, 24, tzinfo=UTC)
STEPS = ("downloading", "verifying", "probing", "active", "committed")
FINAL = ("committed", "failed", "rolled_back")


@dataclass(frozen=True)
class Assigned:
    """What a plant's signed list names."""

    delivery: int
    version: str
    action: str


@dataclass
class Plant:
    """What a plant remembers: what runs, how far each delivery is, what it has still to tell."""

    agent: str
    running: str | None = None
    by: int = 0
    previous: str | None = None
    progress: dict[int, tuple[str, str]] = field(default_factory=dict)
    told: list[Said] = field(default_factory=list)
    confirmed: int = 0
    activations: Counter[tuple[int, str]] = field(default_factory=Counter)

    def say(self, delivery: int, state: str, at: datetime, kind: str = "delivery") -> None:
        figures = {"version": self.running, "health": "ok", "predictions": len(self.told)}
        self.told.append(Said(len(self.told) + 1, delivery, kind, state, "", figures, at))

    def look(self, assigned: Assigned | None, at: datetime, *, fails: bool = False) -> None:
        """One look at the signed list, and the one step that follows from it."""
        if assigned is None:
            if self.running is not None:
                self.running, self.previous = None, None
                self.progress[self.by] = ("", "rolled_back")
                self.say(self.by, "rolled_back", at)
            return
        version, done = self.progress.get(assigned.delivery, (None, ""))
        if version != assigned.version:
            done = ""
        if done in FINAL:
            return
        if fails:
            self._fail(assigned, at)
            return
        self._do(assigned, STEPS[STEPS.index(done) + 1 if done else 0], at)

    def _do(self, one: Assigned, step: str, at: datetime) -> None:
        if step == "active" and (self.running, self.by) != (one.version, one.delivery):
            self.previous, self.running, self.by = self.running, one.version, one.delivery
            self.activations[one.delivery, one.version] += 1
        if one.action == "install":
            self.say(one.delivery, step, at)
        elif step == "committed":  # of a return only the end is told
            step = "rolled_back"
            self.say(one.delivery, step, at)
        self.progress[one.delivery] = (one.version, step)

    def _fail(self, one: Assigned, at: datetime) -> None:
        state = "failed"
        if self.running is not None and self.by == one.delivery:
            state = "rolled_back" if self.previous else "failed"
            self.running, self.previous = self.previous, None
        self.progress[one.delivery] = (one.version, state)
        self.say(one.delivery, state, at)


class World:
    """One rollout of version 2 to some plants, of which the first two run version 1."""

    def __init__(self, engine: Engine, plan: Plan, sites: int = 5, *, begin: bool = True) -> None:
        self.engine, self.at = engine, START
        self.session = Session(engine)
        self.plants: dict[int, Plant] = {}
        self.lists: dict[int, Assigned | None] = {}
        self.numbers: Counter[int] = Counter()
        self.lost: list[Packed] = []
        self.lead = self.add(Firm(name="lead")).id
        slug = f"m-{self.lead}"  # several worlds may share a database
        model = self.add(SharedModel(slug=slug, firm_id=self.lead, process="press"))
        self.model = model.id
        self.old, self.new = (self.version(n) for n in ("1.0.0", "2.0.0"))
        for number in range(sites):
            self.join_firm("1.0.0" if number < 2 else None)
        self.session.commit()
        if begin:
            self.begin(plan)

    def begin(self, plan: Plan) -> None:
        """Make the rollout."""
        made = rollouts.create(
            self.session, self.session.get_one(Version, self.new), self.lead, "p",
            audience=Audience(tiers=(1,)), plan=plan, key=f"once-{self.new}",
        )  # fmt: skip
        self.number = made.id
        self.session.commit()

    def version(self, number: str) -> int:
        made = self.add(Version(model_id=self.model, number=number))
        self.add(VersionFile(version_id=made.id, path="f", sha256="0" * 64, length=1))
        return made.id

    def add(self, row):
        self.session.add(row)
        self.session.flush()
        return row

    def join_firm(self, runs: str | None = None) -> None:
        firm = self.add(Firm(name=f"f{len(self.plants)}"))
        self.add(Link(supplier_id=firm.id, buyer_id=self.lead))
        site = self.add(Site(firm_id=firm.id, name="s", process="press"))
        agent = self.add(
            Agent(id=f"a-{self.new}-{site.id}", site_id=site.id, public_key="k", name="PC")
        )
        plant = self.plants[site.id] = Plant(agent.id)
        if runs:
            self.add(Deployment(site_id=site.id, model_id=self.model, version_id=self.old))
            plant.running, plant.by, plant.progress[-1] = runs, -1, (runs, "committed")
            self.lists[site.id], self.numbers[site.id] = Assigned(-1, runs, "install"), 1

    @property
    def rollout(self) -> Rollout:
        return self.session.get_one(Rollout, self.number)

    def rows(self) -> list[Delivery]:
        return rollouts.deliveries_of(self.session, self.rollout)

    def row(self, n: int) -> Delivery:
        rows = self.rows()
        return rows[n % len(rows)]

    def steer(self, action: str, by: str = "p") -> None:
        if action == "submit":
            approvals.submit(self.session, self.rollout, by)
        elif action == "approve":
            approvals.approve(self.session, self.rollout, by, self.at)
        elif action == "refuse":
            approvals.refuse(self.session, self.rollout, "not yet")
        else:
            rollouts.steer(self.session, self.rollout, action, self.at)

    def restart(self) -> None:
        """Whatever was in memory is gone."""
        self.session.commit()
        self.session.close()
        self.session = Session(self.engine)

    def orders(self) -> list[Order]:
        return steps.tick(self.session, self.rollout, self.at)

    def sign(self, order: Order) -> Packed:
        """What a packer does: saying the same again changes nothing, the number only grows."""
        after = Assigned(order.delivery_id, order.version, order.action) if order.files else None
        if self.lists.get(order.site_id) != after or not self.numbers[order.site_id]:
            self.lists[order.site_id] = after
            self.numbers[order.site_id] += 1
        return Packed(order.delivery_id, order.action, self.numbers[order.site_id])

    def work(self, *, fails: bool = False, dies_after: int | None = None) -> None:
        """A round of the worker, which may fail at its first order, or die before its notes."""
        orders = self.orders()
        self.session.commit()
        answers = [
            Packed(o.delivery_id, o.action, reason="disk full") if fails and not n else self.sign(o)
            for n, o in enumerate(orders if dies_after is None else orders[:dies_after])
        ]
        if dies_after is not None:
            self.lost += answers
            return
        steps.record(self.session, answers, self.at)

    def deliver(self, site: int, *, again: bool = False, most: int = 9) -> None:
        """A plant tells what it has to tell; what is not confirmed comes again."""
        plant = self.plants[site]
        begin = max(0, plant.confirmed - 2) if again else plant.confirmed
        told = plant.told[begin : begin + most]
        agent = self.session.get_one(Agent, plant.agent)
        upto = agents.take_reports(self.session, agent, told, self.at)
        plant.confirmed = max(plant.confirmed, upto)

    def listed(self, site: int) -> dict[str, Target]:
        """A plant's signed list as the hub reads it."""
        one = self.lists.get(site)
        if one is None or one.delivery < 0:
            return {}
        slug = self.session.get_one(SharedModel, self.model).slug
        custom = {"site": site, **vars(one), "model": slug}
        return {f"{slug}/{one.version}/f": Target("f", "0" * 64, 1, custom)}

    def recover(self) -> list[Found]:
        """What hub.recovering does: every list is read."""
        found = []
        for site in self.lists:
            if self.numbers[site] and (self.lists[site] is None or self.lists[site].delivery > 0):
                listed, number = self.listed(site), self.numbers[site]
                found += recovered.recover(self.session, site, listed, number, self.at)
        self.session.commit()
        return found

    def tell_again(self) -> None:
        """What sharing.agent.again does: what the hub does not know of a delivery is told again."""
        for row in self.session.exec(select(Delivery)).all():
            plant = self.plants.get(row.site_id)
            version, step = plant.progress.get(row.id or 0, ("", "")) if plant else ("", "")
            same = version == self.session.get_one(Version, row.version_id).number
            if step in FINAL and step != row.state and (same or step == "rolled_back"):
                plant.say(row.id or 0, step, self.at)
                self.deliver(row.site_id)

    def settle(self) -> None:
        """Everybody is there, and everything that is to be told is told."""
        for _ in range(12):
            self.tell_again()
            for site, plant in self.plants.items():
                plant.look(self.lists.get(site), self.at)
                self.deliver(site)
        self.session.commit()

    def ends(self) -> None:
        """Nobody pauses it any more, and time passes: it ends by itself."""
        for _ in range(60):
            state = self.rollout.state
            if state in rules.ENDED:
                return
            if state == "paused":
                self.steer("resume")
            elif state == "awaiting_approval":
                self.steer("approve", "third")
            elif state in ("draft", "ready"):
                approval = self.rollout.plan["approval"] and state == "draft"
                self.steer("submit" if approval else "start")
            self.work()
            self.at += timedelta(days=8)
        raise AssertionError(self.rollout.state)

    def runs(self) -> dict[int, str]:
        """Site → version, as the database has it."""
        rows = self.session.exec(
            select(Deployment.site_id, Version.number)
            .join(Version, Version.id == Deployment.version_id)
            .where(Deployment.model_id == self.model)
        )
        return dict(rows.all())

    def really_runs(self) -> dict[int, str]:
        """Site → version, as it is."""
        return {site: plant.running for site, plant in self.plants.items() if plant.running}

    def events(self, row: Delivery) -> list[str]:
        return ["scheduled", *(e.state for e in deliveries.events_of(self.session, row))]
