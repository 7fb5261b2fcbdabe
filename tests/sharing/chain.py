"""A small supply chain with a published model, made through the services."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from hub.publishing import publish_bundle
from hub.wiring import Hub
from sharing.services import models, rollouts
from supplychain.tables import Consent, Declaration, Link, now
from tests.make import firm, site

SAMPLE = Path(__file__).parents[2] / "infra" / "sample" / "model"


@cache
def sample_files() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(SAMPLE.iterdir())}


@dataclass
class Chain:
    """Lead ← one firm of tier 1 ← firms of tier 2 ← one firm of tier 3; everybody moulds."""

    hub: Hub
    lead: int = 0
    sites: list[int] = field(default_factory=list)
    firms: list[int] = field(default_factory=list)


def chain(hub: Hub, tier2: int = 3, *, publish: bool = True) -> Chain:
    made = Chain(hub, lead=firm(hub, "한빛모빌리티(주)"))
    told = {"process": "injection", "joined_at": now()}
    first = firm(hub, "1차 협력사", joined_at=now())
    seconds = [firm(hub, f"2차 협력사 {n}", **told) for n in range(tier2)]
    third = firm(hub, "3차 협력사", **told)
    links = [(first, made.lead), *((s, first) for s in seconds), (third, seconds[0])]
    with hub.db.work() as session:
        rows = [Link(supplier_id=s, buyer_id=b) for s, b in links]
        session.add_all(rows)
        session.flush()
        # All of them say so, and have opened themselves to the lead firm.
        session.add_all(Declaration(link_id=row.id, firm_id=row.supplier_id) for row in rows)
        ends = {row.supplier_id for row in rows}
        session.add_all(Consent(firm_id=each, to_id=made.lead) for each in ends)
    made.firms = [*seconds, third]
    site(hub, first)
    made.sites = [site(hub, each) for each in made.firms]
    if publish:
        publish_bundle(hub, sample_files(), made.lead, "publisher")
    return made


def started(made: Chain, **how: object) -> int:
    """A running rollout of the sample model to the chain; its number."""
    with made.hub.db.work() as session:
        version = models.version_of(session, "injection-quality")
        rollout = rollouts.create(session, version, made.lead, "publisher", **how)
        rollouts.start(session, rollout, now())
        return rollout.id
