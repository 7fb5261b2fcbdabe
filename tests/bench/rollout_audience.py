"""Measures who would get a rollout, of 10,000 sites: the sifting, the page's live part, the API.

    .venv/bin/python -m tests.bench.rollout_audience [SITES]

Half of the sites have a connected PC that told its size, a tenth has said which values it lacks,
and every twentieth firm tells of certified people or has ended the agreement.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from hub.accounts import seal_of
from hub.app import create_app
from hub.publishing import publish_bundle
from hub.wiring import Hub
from sharing.audience import Audience, counted
from sharing.consent_tables import OperatorsTold, SiteMeasures
from sharing.services import models
from sharing.services.audience import preview
from sharing.tables import Agent, Agreement
from supplychain.tables import Site, now
from tests import make
from tests.bench.rollout_made import SLUG, chain, hub_in, machine
from tests.sharing.chain import sample_files

ASKED = "asked=yes&tier=2&connected=yes&operators=yes&memory=8&cores=4&known=yes&pace=careful"


def told_by_owners(hub: Hub, lead: int, sites: list[int]) -> None:
    """What agents and owners said of the sites."""
    with hub.db.work() as session:
        model = models.model_named(session, SLUG).id or 0
        for n, site in enumerate(sites):
            firm = session.get_one(Site, site).firm_id
            if n % 2:
                size = {"system": "Windows 11 AMD64", "cores": "4", "memory_gb": f"{4 + n % 8}"}
                session.add(Agent(id=f"a-{n}", site_id=site, public_key="x", name="PC",
                                  runtime=size))  # fmt: skip
            if n % 10 == 0:
                session.add(SiteMeasures(site_id=site, has=[], lacks=["melt_temp_c"]))
            if n % 20 == 1:
                session.add(OperatorsTold(firm_id=firm, tells=True, competences=["models:create"]))
            if n % 20 == 2:
                session.add(Agreement(model_id=model, provider_firm_id=lead, receiver_firm_id=firm,
                                      terms="t", ended_at=now()))  # fmt: skip


def timed(what: str, work: Callable[[], object], times: int = 5) -> None:
    """The middle of a few tries; and of the processor's time, which others' work does not touch."""
    took, worked = [], []
    for _ in range(times):
        begun, cpu = time.perf_counter(), time.process_time()
        work()
        took.append(time.perf_counter() - begun)
        worked.append(time.process_time() - cpu)
    middle, own = (sorted(each)[times // 2] for each in (took, worked))
    print(f"| {what} | {middle:.2f} s | {max(took):.2f} s | {own:.2f} s |", flush=True)


def main(sites: int) -> None:
    """Prints the table."""
    print(f"{machine()}, {sites:,} sites\n")
    print("| | middle | longest | of it the processor |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder, hub_in(Path(folder)) as hub:
        lead, plants = chain(hub, sites)
        publish_bundle(hub, sample_files(), lead, "publisher")
        told_by_owners(hub, lead, plants)

        def sifting() -> None:
            with hub.db.reading() as session:
                version = models.version_of(session, SLUG)
                counted(preview(session, version, lead, Audience(operators=True, connected=True)))

        timed("who fits, and why others do not", sifting)
        user = make.person(hub, ("publisher", lead))
        client = create_app(hub).test_client()
        with client.session_transaction() as session:
            session["_user_id"], session["_fresh"], session["seal"] = (
                user.handle,
                True,
                seal_of(user),
            )
        address = f"/rollouts/new/{SLUG}/1.0.0"
        timed("the live part of the page", lambda: client.get(f"{address}/preview?{ASKED}"))
        timed("the whole page", lambda: client.get(f"{address}?{ASKED}"))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
