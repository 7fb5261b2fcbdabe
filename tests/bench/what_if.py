"""Measures how soon the what-if page answers at 10,000 firms.

    .venv/bin/python -m tests.bench.what_if [--firms FIRMS] [--links LINKS] [--times TIMES]

A hub in a temporary folder with the chain of tests.bench.map_chain; the page is asked over HTTP as
its supply manager, several times, and the parts of its time are told apart: what the lead firm
sees from the database, the scenario itself, and every firm alone.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import text

from hub.accounts import create_user, grant
from hub.app import create_app
from hub.migrations import upgrade
from hub.settings import Settings
from hub.wiring import Hub, wire
from supplychain.scenario_question import Question
from supplychain.services.merging import roots
from supplychain.services.scenario_chain import chain_seen
from supplychain.services.what_if import answer_in, worst_singles
from tests.bench.map_chain import chain

PASSWORD = "a-long-password"  # of a hub that lives for a minute


def main() -> None:
    """Make the chain, ask, and print the table's rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--firms", type=int, default=10_000)
    parser.add_argument("--links", type=int, default=30_000)
    parser.add_argument("--times", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hub-what-if-") as folder:
        settings = Settings(data=Path(folder) / "var")
        settings.data.mkdir()
        upgrade(settings.database)
        hub = wire(settings)
        try:
            measure(hub, asked.firms, asked.links, asked.times)
        finally:
            hub.close()


def measure(hub: Hub, firms: int, links: int, times: int) -> None:
    """All figures, the median of several, after a first answer."""
    made = chain(firms, links)
    with hub.db.work() as session:
        made.put(session)
        session.execute(text("ANALYZE"))
        user = create_user(session, "bench@test.example", "bench", PASSWORD)
        grant(session, user, "supply_manager", made.lead)
    client = create_app(hub).test_client()
    client.application.config["WTF_CSRF_ENABLED"] = False
    client.post("/sign-in", data={"email": "bench@test.example", "password": PASSWORD})
    second = next(number for number, tier in made.tier.items() if tier == 2)
    print(f"{firms:,} firms, {links:,} links; load {os.getloadavg()[0]:.1f}; ms: clock, processor")
    for name, where in (
        ("the page, nothing asked", "/supply/what-if"),
        ("a firm stops for 14 days", f"/supply/what-if?firm={second}&days=14&stock=1"),
        ("a region stops for 14 days", "/supply/what-if?region=KR-48&days=14"),
        ("who could stop us alone", "/supply/what-if/alone?days=28"),
        ("who could stand in", f"/supply/what-if/alternates?firm={second}"),
        ("the drawing", f"/supply/what-if/drawing.json?firm={second}&days=14&stock=1"),
    ):
        size = got(client, where)
        tell(f"{name}, {size / 1000:.0f} kB", partial(got, client, where), times)
    with hub.db.reading() as session:
        tell("of it: seen from the database", lambda: chain_seen(session, made.lead).links, times)
        seen, same = chain_seen(session, made.lead), roots(session)
        region = Question(regions=("KR-48",))
        tell("of it: the scenario", lambda: answer_in(seen, region, same).hits, times)
        tell("of it: every firm alone", lambda: worst_singles(seen, Question(days=28)), times)


def got(client: Any, where: str) -> int:
    """Size of an answer."""
    answer = client.get(where)
    if answer.status_code != 200:
        raise SystemExit(f"{where}: {answer.status}")
    return len(answer.data)


def tell(name: str, run: Callable[[], object], times: int) -> None:
    """One line: the median by the clock, and of the processor's time."""
    clock, processor = [], []
    for _ in range(times):
        began = time.perf_counter(), time.process_time()
        run()
        clock.append(1000 * (time.perf_counter() - began[0]))
        processor.append(1000 * (time.process_time() - began[1]))
    print(f"{name:40} {statistics.median(clock):7.0f} {statistics.median(processor):7.0f}")


if __name__ == "__main__":
    main()
