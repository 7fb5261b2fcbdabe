"""Who is answered first: people, before however many agents."""

import threading
from collections import deque
from dataclasses import dataclass, field

import pytest
import requests
from waitress.server import create_server
from waitress.task import ThreadedTaskDispatcher

from hub.served import served
from hub.turns import Line, by_agent, people_first


@dataclass
class Asked:
    """A request of a connection."""

    path: str


@dataclass
class Waiting:
    """A connection with a request that was read."""

    path: str
    requests: list[Asked] = field(default_factory=list)
    cancelled: bool = False
    answered: bool = False

    def __post_init__(self):
        self.requests = [Asked(self.path)]

    def service(self):
        self.answered = True

    def cancel(self):
        self.cancelled = True


AGENT, PAGE = "/tuf/image/timestamp.json", "/models"


@pytest.mark.parametrize(
    ("path", "agents"),
    [
        ("/tuf/targets/m/1.0.0/x", True),
        ("/api/v1/agents/me", True),
        ("/api/v1/agents/me/reports", True),
        ("/api/v1/agents-of-somebody", False),
        ("/", False),
        ("/rollouts/1", False),
    ],
)
def test_what_agents_ask_is_known_by_its_address(path, agents):
    assert by_agent(Waiting(path)) is agents


def test_people_pass_agents_and_agents_never_have_all_threads():
    line = Line(2, threading.Condition())
    agents, pages = [Waiting(AGENT) for _ in range(5)], [Waiting(PAGE) for _ in range(3)]
    for each in (*agents, *pages):
        line.append(each)
    assert len(line) == 5
    first = [line.popleft() for _ in range(5)]
    assert first[:3] == pages
    assert not line  # three agents wait, and two are under way
    first[3].service()
    assert agents[0].answered
    assert len(line) == 1
    line.append(Waiting(PAGE))
    assert line.popleft().path == PAGE


def test_an_agent_whose_answer_fails_frees_its_place():
    line = Line(1, threading.Condition())
    broken = Waiting(AGENT)
    broken.service = lambda: 1 / 0
    line.append(broken)
    line.append(Waiting(AGENT))
    with pytest.raises(ZeroDivisionError):
        line.popleft().service()
    assert len(line) == 1


def test_whoever_still_waits_is_told_when_the_server_ends():
    dispatcher = ThreadedTaskDispatcher()
    people_first(dispatcher, 4)
    waiting = [Waiting(AGENT) for _ in range(4)] + [Waiting(PAGE)]
    for each in waiting:
        dispatcher.add_task(each)
    dispatcher.shutdown(timeout=0)
    assert all(each.cancelled for each in waiting)


def test_a_page_is_answered_while_agents_wait_at_a_real_server():
    """Every thread that agents may have is held by one; more of them wait; a page comes through."""
    let_go, under_way, order = threading.Event(), deque(), deque()

    def app(environ, start_response):
        if environ["PATH_INFO"] == AGENT:
            under_way.append(1)
            let_go.wait(60)
        order.append(environ["PATH_INFO"])
        start_response("200 OK", [("Content-Length", "2")])
        return [b"ok"]

    server = create_server(app, host="127.0.0.1", port=0, threads=8)
    people_first(server.task_dispatcher, 8)
    url = f"http://127.0.0.1:{server.effective_port}"
    agents = [
        threading.Thread(target=requests.get, args=(url + AGENT,), kwargs={"timeout": 60})
        for _ in range(12)
    ]
    with served(server):
        for each in agents:
            each.start()
        for _ in range(20):
            assert requests.get(url + PAGE, timeout=60).text == "ok"
        assert set(order) == {PAGE}
        assert len(under_way) <= 2
        let_go.set()
        for each in agents:
            each.join(60)
    assert order.count(AGENT) == 12
