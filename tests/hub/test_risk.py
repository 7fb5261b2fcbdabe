"""Long computations on a chain: asked, worked off in batches, stopped, kept, made stale."""

import json

import pytest
from click.testing import CliRunner
from sqlmodel import select

from hub import risk_job
from hub.jobs import lease
from hub.risk_job import here, parts_of, work_off
from supplychain.risk.errors import NetworkEmpty
from supplychain.risk.esri import esri
from supplychain.risk.exposure import exposed_at
from supplychain.risk.facts import ASSUMED
from supplychain.risk_tables import RiskFigure, RiskRun
from supplychain.services import risk
from supplychain.services.risk_chain import survivals_of
from supplychain.tables import Declaration, Link
from tests.make import firm


def chain(hub, size=12):
    """lead ← n firms of two sectors, in a row and across; the lead firm named every link."""
    lead = firm(hub, "한빛모빌리티(주)", sector="C30")
    firms = [firm(hub, f"협력사 {n}", sector=f"C{25 + n % 2}") for n in range(size)]
    pairs = [(one, lead) for one in firms[:4]]
    pairs += [(one, firms[n // 2]) for n, one in enumerate(firms) if n > 3]
    with hub.db.work() as session:
        for number, (supplier, buyer) in enumerate(pairs):
            link = Link(supplier_id=supplier, buyer_id=buyer, item="볼트", share=10.0 + number)
            link.told_supplier_id, link.told_buyer_id = supplier, buyer
            session.add(link)
            session.flush()
            session.add(Declaration(link_id=link.id, firm_id=lead, share=link.share))
    return lead, firms


def asked(hub, lead, kind="esri"):
    with hub.db.work() as session:
        return risk.ask(session, lead, "somebody", kind).id


def run_now(hub, number):
    with hub.db.reading() as session:
        run = session.get_one(RiskRun, number)
        session.expunge(run)
        return run


def test_what_is_kept_is_what_the_formula_says(either_hub):
    hub = either_hub
    lead, _ = chain(hub)
    number = asked(hub, lead)
    steps = []
    assert work_off(hub, number, here, lambda done, total: steps.append((done, total)))
    run = run_now(hub, number)
    assert (run.state, run.done, run.total, steps[-1]) == ("done", 13, 13, (13, 13))
    assert run.rests_on["links_with_share"] == run.rests_on["links"] == 12
    with hub.db.reading() as session:
        plain = esri(risk.chain_of(session, lead).net)
        kept = risk.esri_of(session, run)
        assert {str(number): figure for number, figure in kept.items()} == pytest.approx(plain)
        assert list(kept.values()) == sorted(plain.values(), reverse=True)
    assert asked(hub, lead) == number
    assert run_now(hub, number).state == "done"
    assert work_off(hub, number, here)  # as a command does that is given once more
    assert run_now(hub, number).state == "done"


def test_a_run_stops_between_batches_and_goes_on_from_there(hub, monkeypatch):
    monkeypatch.setattr(
        risk_job, "parts_of", lambda left, _: [left[n : n + 2] for n in range(0, len(left), 2)]
    )
    lead, _ = chain(hub)
    number = asked(hub, lead)

    def until_stopped(compute, told, parts):
        for each in here(compute, told, parts):
            yield each
            if run_now(hub, number).done == 4:
                with hub.db.work() as session:
                    risk.stop(session, session.get_one(RiskRun, number))

    assert work_off(hub, number, until_stopped)
    assert (run_now(hub, number).state, run_now(hub, number).done) == ("stopped", 4)
    assert not risk_job.work_through(hub)
    seen = []
    assert asked(hub, lead) == number
    assert work_off(hub, number, here, lambda done, _: seen.append(done))
    assert seen == [6, 8, 10, 12, 13]


def test_a_chain_that_changed_makes_what_was_computed_stale(hub):
    lead, _ = chain(hub)
    first = asked(hub, lead)
    work_off(hub, first, here)
    with hub.db.work() as session:
        session.exec(select(Link)).first().share = 77.0
    with hub.db.reading() as session:
        assert not risk.is_current(session, session.get_one(RiskRun, first))
    second = asked(hub, lead)
    with hub.db.work() as session:
        runs = session.exec(select(RiskRun)).all()
        assert [run.id for run in runs] == [second]
        assert session.exec(select(RiskFigure)).all() == []
        session.exec(select(Link)).first().share = 78.0
    work_off(hub, second, here)
    assert run_now(hub, second).state == "outdated"


def test_links_without_a_share_count_alike_and_are_counted(hub):
    lead, _ = chain(hub)
    with hub.db.work() as session:
        for link in session.exec(select(Link).where(Link.buyer_id == lead)):
            link.share = None if link.share == 10.0 else link.share
    with hub.db.reading() as session:
        told = risk.chain_of(session, lead)
        assert (told.basis.links_evenly, told.basis.links_with_share) == (4, 8)
        at = told.net.at(str(lead))
        assert told.net.weight[told.net.buyer == at].tolist() == [25.0] * 4


def test_a_chain_without_links_is_refused_and_another_worker_is_left_alone(hub):
    with hub.db.work() as session, pytest.raises(NetworkEmpty):
        risk.ask(session, firm(hub), "somebody")
    lead, _ = chain(hub)
    number = asked(hub, lead)
    lease(hub.db, f"risk:{number}", "another", 60)
    assert not work_off(hub, number, here)
    assert sum(map(len, parts_of(risk.np.arange(4_001), 10))) == 4_001


def test_the_api_asks_watches_and_stops(hub, sign_in):
    lead, firms = chain(hub)
    client = sign_in(("supply_manager", lead))
    client.application.config["WTF_CSRF_ENABLED"] = False
    assert client.get("/api/v1/risk").status_code == 404
    answer = client.post("/api/v1/risk")
    assert answer.status_code == 202
    assert (answer.json["state"], answer.json["done"], answer.json["total"]) == ("waiting", 0, 13)
    work_off(hub, asked(hub, lead), here)
    page = client.get("/api/v1/risk?limit=5").json
    assert (page["state"], page["current"], len(page["firms"]), page["after"]) == (
        "done",
        True,
        5,
        5,
    )
    rest = client.get("/api/v1/risk?limit=50&after=5").json
    assert (len(rest["firms"]), rest["after"]) == (8, None)
    assert client.post("/api/v1/risk/stop").json["state"] == "done"
    other = sign_in(("supply_manager", firms[0]))
    assert other.get(f"/api/v1/risk?lead={lead}").status_code == 404


def test_the_command_computes_a_chain_that_the_hub_knows(hub, monkeypatch):
    from hub.cli import hub as command

    lead, _ = chain(hub)
    monkeypatch.setenv("HUB_DATA", str(hub.settings.data))
    done = CliRunner().invoke(
        command, ["supply", "risk", "esri", "--lead", str(lead), "--json"],
        catch_exceptions=False,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert (said["state"], said["done"], len(said["firms"])) == ("done", 13, 13)
    refused = CliRunner().invoke(command, ["supply", "risk", "esri"])
    assert refused.exit_code == 2
    asked = ["supply", "risk", "tts", "--lead", str(lead), "--indirect", "--json"]
    done = CliRunner().invoke(command, asked, catch_exceptions=False)
    assert {told["tier"] for told in json.loads(done.stdout)["firms"].values()} == {2, 3}
    done = CliRunner().invoke(command, [*asked[:-1], "--at-least", "9000"], catch_exceptions=False)
    assert "No firm of these" in done.stdout
    assert "Where nobody told: back after 28 days" in done.stderr


@pytest.mark.parts
def test_ray_says_what_this_process_says_and_stops_when_it_is_told(hub, monkeypatch):
    from hub.distributed import stop_ray

    monkeypatch.setattr(
        risk_job, "parts_of", lambda left, _: [left[n : n + 4] for n in range(0, len(left), 4)]
    )
    lead, _ = chain(hub, size=40)
    numbers = [asked(hub, lead), asked(hub, lead, "tts")]
    until_four = risk.note

    def stopping(session, run, work, part, found):
        told = until_four(session, run, work, part, found)
        if run.kind == "tts" and run.done == 4:
            risk.stop(session, run)
        return told

    try:
        assert risk_job.work_through(hub)
        monkeypatch.setattr(risk, "note", stopping)
        assert risk_job.work_through(hub)
        assert (run_now(hub, numbers[1]).state, run_now(hub, numbers[1]).done) == ("stopped", 4)
        monkeypatch.setattr(risk, "note", until_four)
        assert asked(hub, lead, "tts") == numbers[1]
        assert risk_job.work_through(hub)
    finally:
        stop_ray()
    with hub.db.reading() as session:
        esri_run, tts_run = (session.get_one(RiskRun, number) for number in numbers)
        plain = esri(risk.chain_of(session, lead).net)
        assert (esri_run.state, tts_run.state) == ("done", "done")
        kept = risk.esri_of(session, esri_run)
        assert {str(number): figure for number, figure in kept.items()} == pytest.approx(plain)
        exposure = survivals_of(session, risk.chain_of(session, lead), ASSUMED).exposure
        here_too = exposed_at(exposure, range(len(exposure.firms)))
        lost = {n: told.lost for n, told in risk.survival_of(session, tts_run).items()}
        assert lost == pytest.approx(dict(zip(exposure.firms, here_too[:, 1], strict=True)))
