"""An agent's home, and a small hub that it talks to over HTTP."""

import os
import subprocess
import sys

import pytest
from waitress.server import create_server

from hub.served import served
from sharing.agent import enrol, run
from sharing.agent.home import Home
from sharing.agent.state import State
from tests.fakes.agent_hub import CODE, AgentHub


@pytest.fixture
def far(tmp_path):
    """The hub."""
    hub = AgentHub(tmp_path / "tuf")
    yield hub
    hub.close()


class Site:
    """An enrolled agent: its home, and one look at the hub."""

    def __init__(self, home: Home) -> None:
        self.home = home

    def once(self):
        with State(self.home.state) as state:
            return run.once(self.home, state)

    def steps(self) -> dict[int, str]:
        with State(self.home.state) as state:
            return {number: one.step for number, one in state.progress().items()}

    def reason(self, delivery: int) -> str:
        with State(self.home.state) as state:
            return state.progress()[delivery].reason

    def version(self, model="tiny") -> str | None:
        running = self.home.active().get(model)
        return running.version if running else None


@pytest.fixture
def site(far, tmp_path) -> Site:
    home = Home(tmp_path / "home")
    enrol.enrol(home, far.url, CODE, name="line-1")
    return Site(home)


@pytest.fixture
def agent(tmp_path):
    """Starts `hub-agent …` in a home of its own: (arguments) → process."""
    running = []

    def start(*arguments):
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "sharing.agent", *arguments, "--lang", "ko"],
            env={**os.environ, "HUB_AGENT_HOME": str(tmp_path / "pc"), "PYTHONUTF8": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        running.append(process)
        return process

    yield start
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()


def ended(process) -> str:
    """What a process wrote, once it has ended well."""
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return out


@pytest.fixture
def address(app):
    """Address of the hub, served as in production."""
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    with served(server):
        yield f"http://127.0.0.1:{server.effective_port}"
