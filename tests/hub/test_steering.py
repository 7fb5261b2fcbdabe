"""Steering as people do it: who may, what the audit trail says, twice is as good as once."""

import re

import pytest
from click.testing import CliRunner
from sqlmodel import col, select

from hub import steering
from hub.cli.rollouts import rollouts as command
from hub.errors import NotAllowed, PersonUnnamed
from hub.tables import AuditEntry
from sharing.errors import NotInThisState, SecondPersonNeeded
from sharing.rollout import Plan
from sharing.services import rollouts
from sharing.tables import Version
from tests.make import firm, person
from tests.sharing.chain import chain


def trail(session) -> list[tuple[str, str]]:
    rows = select(AuditEntry).where(col(AuditEntry.action).startswith("rollout"))
    return [(e.actor, e.action) for e in session.exec(rows.order_by(col(AuditEntry.id)))]


def made(session, lead, **how):
    version = session.exec(select(Version)).one()
    return steering.make_rollout(session, version, lead, "u-maker", key="k", **how)


@pytest.mark.parts
def test_a_rollout_waits_for_a_second_person_and_the_trail_says_who(either_hub):
    there = chain(either_hub)
    with either_hub.db.work() as session:
        row = made(session, there.lead, plan=Plan(approval=True), start=True)
        assert row.state == "awaiting_approval"
        assert made(session, there.lead, start=True).id == row.id
        with pytest.raises(NotInThisState):
            steering.steer(session, row, "start", "u-second")
        with pytest.raises(SecondPersonNeeded):
            steering.steer(session, row, "approve", "u-maker")
        for action in ("approve", "approve", "start", "start", "pause", "pause", "resume"):
            steering.steer(session, row, action, "u-second", "because")
        assert row.state == "running"
        steering.steer(session, row, "stop", "u-second", "enough")
        steering.steer(session, row, "stop", "u-second", "enough")
        session.flush()
        assert trail(session) == [
            ("u-maker", "rollout.created"), ("u-maker", "rollout.submitted"),
            *(("u-second", f"rollout.{done}")
              for done in ("approved", "started", "paused", "resumed", "stopping")),
        ]  # fmt: skip


def test_a_firm_that_wants_it_gets_it_whatever_a_plan_says(hub):
    there = chain(hub)
    with hub.db.work() as session:
        assert steering.want_approval(session, there.lead, "u-1", wanted=True)
        assert steering.want_approval(session, there.lead, "u-1", wanted=True)
        row = made(session, there.lead, plan=Plan(approval=False), start=True)
        assert (row.state, row.plan["approval"]) == ("awaiting_approval", True)
        assert not steering.want_approval(session, there.lead, "u-1", wanted=False)
        assert not steering.want_approval(session, there.lead, "u-1", wanted=False)
        assert steering.want_approval(session, there.lead, "u-2", wanted=True)  # no: it stays
        assert not steering.want_approval(session, there.lead, "u-2", wanted=False)
        assert steering.want_approval(session, there.lead, "u-1", wanted=False)
        session.flush()
        assert [done for _, done in trail(session) if "approval" in done] == [
            f"rollouts.approval-{what}"
            for what in ("wanted", "end-asked", "wanted", "end-asked", "ended")
        ]
        assert rollouts.at_work(session) == []


@pytest.mark.parts
def test_a_draft_of_before_does_not_go_round_it(either_hub):
    there = chain(either_hub)
    with either_hub.db.work() as session:
        row = made(session, there.lead)
        assert (row.state, row.plan["approval"]) == ("draft", False)
        assert steering.want_approval(session, there.lead, "u-1", wanted=True)
        with pytest.raises(NotInThisState):
            steering.steer(session, row, "start", "u-maker")
        steering.steer(session, row, "submit", "u-maker")
        assert row.state == "awaiting_approval"


def chosen(client, firm_id: int, wanted: str):
    page = client.get("/rollouts/approval/")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
    return client.post(
        f"/rollouts/approval/{firm_id}", data={"wanted": wanted, "csrf_token": token}
    )


def test_two_publishers_on_the_page(hub, sign_in):
    lead = firm(hub, "한빛모빌리티(주)")
    first, second = (sign_in(("publisher", lead)) for _ in range(2))
    assert "한 사람만으로" in first.get("/rollouts/approval/").text
    assert chosen(first, lead, "yes").status_code == 302
    chosen(first, lead, "no")
    assert "해제에 동의" not in first.get("/rollouts/approval/").text
    assert "해제에 동의" in second.get("/rollouts/approval/").text
    chosen(second, lead, "no")
    assert "한 사람만으로" in second.get("/rollouts/approval/").text


def test_nobody_chooses_for_another_firm(hub, sign_in):
    mine, theirs = firm(hub, "가"), firm(hub, "나")
    client = sign_in(("publisher", mine))
    assert chosen(client, theirs, "yes").status_code == 403
    assert client.get(f"/api/v1/rollouts/approval/{theirs}").status_code == 403
    assert client.get(f"/api/v1/rollouts/approval/{mine}").json == {
        "firm": mine, "wanted": False, "ending": False,
    }  # fmt: skip


def test_the_command_line_says_the_same(hub, monkeypatch):
    lead = firm(hub, "한빛모빌리티(주)")
    email = person(hub, ("publisher", lead)).email
    monkeypatch.setenv("HUB_DATA", str(hub.settings.data))
    run = CliRunner().invoke
    assert "one person is enough" in run(command, ["approval", str(lead)]).output
    told = run(command, ["approval", str(lead), "--want", "--as", email])
    assert "a second person approves" in told.output
    with hub.db.reading() as session:
        (line,) = session.exec(select(AuditEntry).where(AuditEntry.subject == f"firm:{lead}"))
    assert line.detail == {"via": "command line"}, "it was not that person who typed it"
    told = run(command, ["approval", str(lead), "--end", "--as", email])
    assert "another person has to agree" in told.output
    told = run(command, ["approval", str(lead), "--end"])
    assert isinstance(told.exception, PersonUnnamed), "the command line is no second person"
    assert "a second person approves" in run(command, ["approval", str(lead)]).output


def test_the_command_line_alone_is_no_second_person(hub, monkeypatch):
    there = chain(hub)
    email = person(hub, ("publisher", there.lead)).email
    other = person(hub, ("publisher", there.firms[0])).email
    monkeypatch.setenv("HUB_DATA", str(hub.settings.data))
    with hub.db.work() as session:
        number = str(made(session, there.lead, plan=Plan(approval=True), start=True).id)
    run = CliRunner().invoke
    assert isinstance(run(command, ["approve", number]).exception, PersonUnnamed)
    assert isinstance(run(command, ["approve", number, "--as", other]).exception, NotAllowed)
    assert "awaiting_approval" in run(command, ["show", number]).output
    assert run(command, ["approve", number, "--as", email]).exit_code == 0
    assert "ready" in run(command, ["show", number]).output
