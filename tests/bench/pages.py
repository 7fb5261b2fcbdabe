"""Measures how long every page and every call of the API takes for a lead firm of a long chain.

    .venv/bin/python -m tests.bench.pages [FIRMS] [WORST]

A chain of FIRMS (10,000) with half as many links again (tests.bench.map_chain), of which the lead
firm has invited everybody, has been asked of every tenth pair whether it is one firm and said so of
half of these. Each address is asked three times by a person who is signed in, as the lead firm and
as one of its suppliers; the median of the last two is told, the slowest first. WORST (12): how many
lines. Nothing is asserted.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import insert, text
from sqlmodel import Session, select

from hub.accounts import seal_of
from hub.app import create_app
from hub.migrations import upgrade
from hub.settings import Settings
from hub.tables import Mail
from hub.wiring import Hub, wire
from supplychain.services.merging import rederive
from supplychain.tables import Firm, Invitation, Likeness, Link, Merge, now
from tests import make
from tests.bench.map_chain import chain

_STATES = ("sent", "sent", "opened", "declined", "accepted")
# Files are as long as the chain, and pages that others own take an address of theirs.
_LEFT_OUT = ("/oidc/", "/static/", "/api/v1/static/", "/tuf/")


def invited(session: Session, lead: int, joined: set[int], firms: list[int]) -> None:
    """Invitations of the lead firm to everybody, each with its mail."""
    at = now()
    rows = [
        {
            "id": place, "by_id": lead, "firm_id": firm, "told_firm_id": firm, "lead_id": lead,
            "email": f"person{firm}@test.example", "contact": "김소연", "created_at": at,
            "sent_at": at - timedelta(minutes=place), "expires_at": at + timedelta(days=9),
            "state": "accepted" if firm in joined else _STATES[place % 4],
        }
        for place, firm in enumerate(firms, 1)
    ]  # fmt: skip
    mails = [
        {
            "key": f"invitation/{row['id']}/1", "to": row["email"], "subject": "x", "text": "",
            "state": "failed" if row["id"] % 50 == 0 else "sent", "created_at": at, "due_at": at,
        }
        for row in rows
    ]  # fmt: skip
    session.execute(insert(Invitation), rows)
    session.execute(insert(Mail), mails)


def alike(session: Session, lead: int, firms: list[int]) -> None:
    """Pairs that may be one firm; every second of them was merged."""
    pairs = list(zip(firms[0::10], firms[1::10], strict=False))
    asked = [
        {"for_id": lead, "low_id": low, "high_id": high, "score": 0.9, "evidence": {},
         "state": "same" if place % 2 else "waiting", "merge_id": place if place % 2 else None}
        for place, (low, high) in enumerate(pairs)
    ]  # fmt: skip
    made = [
        {"id": row["merge_id"], "into_id": row["low_id"], "firm_ids": [row["high_id"]],
         "by_id": lead, "at": now()}
        for row in asked if row["merge_id"]
    ]  # fmt: skip
    session.execute(insert(Merge), made)
    session.execute(insert(Likeness), asked)
    session.execute(
        text("UPDATE firm SET merged_into_id = :into WHERE id = :id"),
        [{"into": row["into_id"], "id": row["firm_ids"][0]} for row in made],
    )
    rederive(session)


def filled(hub: Hub, firms: int) -> tuple[int, int]:
    """Put the chain in; the lead firm and a supplier that has joined."""
    made = chain(firms, firms * 3 // 2)
    with hub.db.work() as session:
        made.put(session)
        joined = set(session.exec(select(Firm.id).where(Firm.joined_at != None)))  # noqa: E711
        others = [number for number in made.tier if number != made.lead]
        invited(session, made.lead, joined, others)
        alike(session, made.lead, [number for number in others if number not in joined])
        supplier = min(joined - {made.lead})
    return made.lead, supplier


def signed_in(hub: Hub, app, role: str, firm: int) -> FlaskClient:
    """Somebody who speaks for the firm."""
    user = make.person(hub, (role, firm))
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"], session["seal"] = user.handle, True, seal_of(user)
    return client


def addresses(hub: Hub, app, lead: int, firm: int) -> Iterator[str]:
    """Every address that can be asked, with numbers of rows of the chain in it."""
    with hub.db.reading() as session:
        link = session.exec(select(Link.id).where(Link.buyer_id == firm)).first()
    numbers = {
        "link_id": link or 1, "firm_id": firm, "firm": firm, "viewer": lead, "invitation_id": 1,
    }  # fmt: skip
    with app.test_request_context():
        for rule in sorted(app.url_map.iter_rules(), key=str):
            words = {"what": "firms", "kind": "csv"}
            known = {**numbers, **words}
            if "GET" in rule.methods and rule.arguments <= set(known):
                address = rule.build({name: known[name] for name in rule.arguments})
                if address and not address[1].startswith(_LEFT_OUT):
                    yield address[1]


def took(client: FlaskClient, address: str) -> tuple[int, float]:
    """Status and seconds of the last two of three."""
    seconds = []
    for _ in range(3):
        began = time.perf_counter()
        answer = client.get(address)
        answer.get_data()
        seconds.append(time.perf_counter() - began)
        answer.close()
    return answer.status_code, statistics.median(seconds[1:])


def main() -> None:
    """Print a table for each of the two."""
    given = [int(word) for word in sys.argv[1:]]
    firms, worst = (*given, *(10_000, 12)[len(given) :])
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        settings = Settings(data=Path(folder) / "var", labs_port=1)
        upgrade(settings.database)
        hub = wire(settings)
        lead, supplier = filled(hub, firms)
        app = create_app(hub)
        for role, firm in (("supply_manager", lead), ("vendor", supplier)):
            client = signed_in(hub, app, role, firm)
            other = supplier if firm == lead else lead
            found = [(*took(client, each), each) for each in addresses(hub, app, other, firm)]
            good = sorted((s, a) for status, s, a in found if status == 200)[::-1]
            print(f"\n{role}, {firms:,} firms, {len(good)} addresses\n\n| address | s |\n|---|---|")
            for seconds, address in good[:worst]:
                print(f"| {address} | {seconds:.2f} |")
        hub.close()


if __name__ == "__main__":
    main()
