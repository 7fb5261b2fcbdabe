"""A real agent process against the real hub over HTTP, and one that is switched off midway."""

import json
import re
import signal
import threading
import time
import urllib.request

import numpy as np
import pytest
from sqlmodel import select

from hub.distributed import tick_rollouts
from labs.plants import FEATURES, injection_moulding
from sharing.package import Packer
from sharing.services import deliveries, rollouts
from sharing.tables import Agent as AgentRow
from sharing.tables import AgentReport, Delivery
from tests.fakes.agent_hub import CODE
from tests.sharing.agent import bundles
from tests.sharing.agent.conftest import ended
from tests.sharing.chain import chain, started

pytestmark = pytest.mark.parts


def until(condition, seconds=240.0):
    """Wait for something to become true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "did not come true in time"
        time.sleep(0.05)


def token_of(page: str) -> str:
    return re.search(r'name="csrf_token" value="([^"]+)"', page).group(1)


def test_from_offer_to_prediction_and_report(hub, app, address, agent, sign_in, tmp_path):
    made = chain(hub, tier2=1)
    number = started(made)
    vendor = sign_in(("vendor", made.firms[0]))
    packer = Packer(hub.settings.data)
    with hub.db.reading() as session:
        rollout = rollouts.rollout_by_id(session, number)
        mine = next(
            d.id for d in rollouts.deliveries_of(session, rollout) if d.site_id == made.sites[0]
        )

    page = vendor.get(f"/plant/offers/{mine}").text
    form = {"csrf_token": token_of(page)}
    refused = vendor.post(f"/plant/offers/{mine}/accept", data=form)
    assert refused.status_code == 422
    accepted = vendor.post(f"/plant/offers/{mine}/accept", data={**form, "agree": "yes"})
    assert accepted.headers["Location"] == "/plant/pcs"
    connect = vendor.post("/plant/pcs/connect", data={**form, "site": made.sites[0]})
    assert connect.status_code == 302
    connect = vendor.get("/plant/pcs").text
    code = re.search(r"--code ([0-9A-Z]{4}-[0-9A-Z]{4})", connect).group(1)

    assert "연결했습니다" in ended(agent("enrol", address, "--code", code, "--name", "line-1"))
    again = agent("enrol", address, "--code", code, "--again")
    assert "코드" in again.communicate(timeout=1200)[1]
    assert again.returncode == 3
    tick_rollouts(hub, lambda orders: map(packer.pack, orders))
    assert "운영 중: injection-quality 1.0.0" in ended(agent("once"))

    with hub.db.reading() as session:
        delivery = session.get_one(Delivery, mine)
        assert delivery.state == "committed"
        states = [event.state for event in deliveries.events_of(session, delivery)]
        assert states[-5:] == ["downloading", "verifying", "probing", "active", "committed"]
    shots = injection_moulding(seed=1, shots=40)
    rows = tmp_path / "shots.csv"
    shots[[*reversed(FEATURES)]].to_csv(rows, index=False)
    told = json.loads(ended(agent("predict", str(rows), "--json")))
    chances = np.array(told["figures"]["probability_defect"])
    assert chances.shape == (40,)
    assert ((chances >= 0) & (chances <= 1)).all()
    ended(agent("once"))
    with hub.db.reading() as session:
        runs = deliveries.runs_at(session, made.sites[0], 1)
        assert (runs.health, runs.predictions) == ("ok", 40)
        assert runs.agent_id == session.exec(select(AgentRow)).one().id
    page = vendor.get("/plant/models").text
    assert "injection-quality" in page or "1.0.0" in page
    assert "line-1" in vendor.get("/plant/pcs").text


def test_run_serves_while_the_hub_is_away(far, agent):
    ended(agent("enrol", far.url, "--code", CODE))
    working = agent("run", "--port", "0")
    port = int(re.search(r"127\.0\.0\.1:(\d+)/v2", working.stdout.readline()).group(1))
    far.assign(far.publish("tiny", "1.0.0", bundles.bundle()), delivery=1)
    until(lambda: far.states()[-1:] == [(1, "committed")])
    far.close()
    body = {"inputs": [{"name": "x", "shape": [1, 2], "datatype": "FP32", "data": [1.0, 0.5]}]}
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/v2/models/tiny/infer", json.dumps(body).encode()
    )
    with urllib.request.urlopen(request, timeout=120) as answer:
        assert json.loads(answer.read())["model_version"] == "1.0.0"
    status = json.loads(ended(agent("status", "--json")))
    assert status["models"][0]["predicted"] == 1
    second = agent("run", "--port", "0")
    assert "다른 현장 에이전트가 이미" in second.communicate(timeout=1200)[1]
    working.send_signal(signal.SIGTERM)
    assert "멈췄습니다" in ended(working)


def test_switched_off_in_the_middle_of_a_download(far, agent, tmp_path):
    ended(agent("enrol", far.url, "--code", CODE))
    far.assign(far.publish("tiny", "1.0.0", bundles.bundle()), delivery=1)
    ended(agent("once"))
    far.assign(
        far.publish("tiny", "1.1.0", bundles.bundle("1.1.0", weight=2, padding=2_000_000)),
        delivery=2,
    )
    far.hold = threading.Event()
    cut = agent("once")
    assert far.held.wait(240)
    until(lambda: any(p.stat().st_size for p in (tmp_path / "pc" / "parts").iterdir()))
    cut.kill()
    cut.communicate()
    assert not (tmp_path / "pc" / "bundles" / "tiny" / "1.1.0").exists()
    status = json.loads(ended(agent("status", "--json")))
    assert [one["version"] for one in status["models"]] == ["1.0.0"]
    assert status["deliveries"][-1]["step"] == "downloading"
    far.hold.set()
    far.hold = None
    assert "운영 중: tiny 1.1.0" in ended(agent("once"))
    assert any(begin for path, begin in far.asked if "1.1.0" in path and "model.onnx" in path)
    assert [state for number, state in far.states() if number == 2] == [
        "downloading",
        "verifying",
        "probing",
        "active",
        "committed",
    ]


def test_reports_count_once_and_only_for_the_own_site(hub):
    from sharing.services import agents
    from supplychain.tables import now

    made = chain(hub, tier2=2)
    number = started(made)
    with hub.db.work() as session:
        rows = rollouts.deliveries_of(session, rollouts.rollout_by_id(session, number))
        for row in rows:
            deliveries.accept(session, row, "owner", now())
            deliveries.move(session, row, "prepared", now(), by="hub")
            row.metadata_version = 1
        mine, other = (next(r for r in rows if r.site_id == s) for s in made.sites[:2])
        session.add(AgentRow(id="a-1", site_id=made.sites[0], public_key="k", name="pc"))
        session.flush()
        agent = session.get_one(AgentRow, "a-1")

        def said(seq, delivery, state):
            return agents.Said(seq, delivery, "delivery", state, "", {}, now())

        told = [
            said(2, mine.id, "active"),
            said(1, mine.id, "probing"),
            said(3, other.id, "active"),
        ]
        assert agents.take_reports(session, agent, told, now()) == 3
        assert agents.take_reports(session, agent, told[:1], now()) == 3
        assert (mine.state, other.state) == ("active", "prepared")
        assert len(session.exec(select(AgentReport)).all()) == 3
        # Before the wave has noted that it signed, the agent is asked to say it again.
        mine.state, mine.metadata_version = "accepted", 0
        fresh = [said(4, mine.id, "downloading"), said(5, mine.id, "committed")]
        assert agents.take_reports(session, agent, fresh, now()) == 3
        mine.state, mine.metadata_version = "prepared", 1
        assert agents.take_reports(session, agent, fresh, now()) == 5
        assert mine.state == "committed"
        states = [event.state for event in deliveries.events_of(session, mine)]
        assert states[-4:] == ["probing", "active", "downloading", "committed"]
