"""`hub supply consents`, `voices` and `voice` from the command line."""

import json

import pytest
from click.testing import CliRunner

from hub.cli import hub as command
from supplychain.services.links import settle
from supplychain.tables import Declaration, Link, now
from supplychain.vouching_tables import Voice
from tests import make


@pytest.fixture
def said(hub, settings, monkeypatch):
    """A function: run a command with --json; what it says."""
    monkeypatch.setenv("HUB_DATA", str(settings.data))

    def run(*words: str):
        answer = CliRunner().invoke(command, ["supply", *words, "--json"])
        assert answer.exit_code == 0, answer.output
        return json.loads(answer.output)

    return run


@pytest.fixture
def two(hub) -> tuple[str, str]:
    lead, first = (make.firm(hub, name, name_key=name, joined_at=now()) for name in ("가", "나"))
    with hub.db.work() as session:
        link = Link(supplier_id=first, buyer_id=lead, item="클립")
        session.add(link)
        session.flush()
        session.add(Declaration(link_id=link.id, firm_id=first))
        settle(session, [link.id])
    return str(lead), str(first)


def test_opened_listed_and_closed(said, two) -> None:
    lead, first = two
    assert said("consents", "open", lead, "--for", first)["to"] == int(lead)
    [viewer] = said("consents", "list", "--for", first)["viewers"]
    assert (viewer["id"], viewer["sees"]) == (int(lead), True)
    assert viewer["opened_at"]
    assert said("consents", "close", lead, "--for", first)["withdrawn_at"]
    assert said("consents", "close", lead, "--for", first)["withdrawn_at"] is None


def test_asked_and_answered(said, two) -> None:
    lead, first = two
    number = said("consents", "ask", first, "--for", lead, "--note", "점검")["id"]
    came = said("consents", "requests", "--for", first)["received"]
    assert [(each["id"], each["note"]) for each in came] == [(number, "점검")]
    assert said("consents", "answer", str(number), "agree", "--for", first)["state"] == "agreed"
    assert said("consents", "requests", "--for", lead)["sent"][0]["state"] == "opened"


def test_voices_are_listed_and_decided(said, two, hub) -> None:
    _lead, first = two
    with hub.db.work() as session:
        session.add(Voice(firm_id=int(first)))
    [row] = said("voices")["voices"]
    assert (row["name"], row["state"]) == ("나", "new")
    assert said("voice", first, "suspend", "--note", "전화로 확인")["state"] == "suspended"
    assert said("voice", first, "confirm")["state"] == "confirmed"
    assert said("voices")["voices"] == []
