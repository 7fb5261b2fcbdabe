"""Measures the board of a rollout to 10,000 sites: time in the server and bytes, changed or not.

.venv/bin/python -m tests.bench.rollout_board [SITES]
"""

import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import update
from sqlmodel import col

from hub.accounts import seal_of
from hub.app import create_app
from hub.publishing import publish_bundle
from hub.wiring import Hub
from sharing import rollout as rules
from sharing.audience import Audience
from sharing.rollout import Part, Plan
from sharing.services import models, rollouts
from sharing.tables import Delivery
from supplychain.tables import now
from tests import make
from tests.bench.rollout_made import SLUG, chain, hub_in, machine
from tests.sharing.chain import sample_files

TIMES = 7


def started(hub: Hub, sites: int) -> tuple[int, int]:
    """A rollout in which every state occurs; the lead firm and its number."""
    lead, _ = chain(hub, sites)
    publish_bundle(hub, sample_files(), lead, "publisher")
    plan = Plan(waves=(Part(sites=sites // 10), Part(share=0.3), Part()))
    with hub.db.work() as session:
        version = models.version_of(session, SLUG)
        row = rollouts.create(session, version, lead, "p", audience=Audience(tiers=(2,)), plan=plan)
        rollouts.start(session, row, now())
        number = row.id or 0
    dice = random.Random(1)
    share = 1 / len(rules.DELIVERY_STATES)
    with hub.db.work() as session:
        for state in rules.DELIVERY_STATES:
            some = [n for n in range(1, sites + 1) if dice.random() < share]
            for begin in range(0, len(some), 500):
                chosen = col(Delivery.id).in_(some[begin : begin + 500])
                session.execute(update(Delivery).where(chosen).values(state=state))
    return lead, number


def timed(client: FlaskClient, address: str, **how: object) -> tuple[float, int, int, str]:
    """Milliseconds (middle of seven), status, bytes, ETag."""
    spent, answer = [], None
    for _ in range(TIMES):
        began = time.perf_counter()
        answer = client.get(address, **how)  # type: ignore[arg-type]
        spent.append((time.perf_counter() - began) * 1000)
    assert answer is not None
    took, tag = statistics.median(spent), answer.headers.get("ETag", "")
    return took, answer.status_code, len(answer.data), tag


def main(sites: int) -> None:
    """Print the table."""
    print(machine())
    with tempfile.TemporaryDirectory() as folder, hub_in(Path(folder)) as hub:
        lead, number = started(hub, sites)
        user = make.person(hub, ("publisher", lead))
        client = create_app(hub).test_client()
        with client.session_transaction() as session:
            session["_user_id"], session["_fresh"] = user.handle, True
            session["seal"] = seal_of(user)
        live = f"/rollouts/{number}/live"
        print("| asked for | server | answer |\n|---|---|---|")
        for address in (f"/rollouts/{number}", live, f"{live}?page=200", "/rollouts/",
                        f"/rollouts/field/{SLUG}", f"/api/v1/rollouts/{number}"):  # fmt: skip
            took, status, size, _ = timed(client, address)
            print(f"| {address} | {took:.0f} ms | {status}, {size / 1000:.0f} kB |")
        tag = timed(client, live)[3]
        took, status, size, _ = timed(client, live, headers={"If-None-Match": tag})
        print(f"| {live}, unchanged | {took:.0f} ms | {status}, {size} B |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
