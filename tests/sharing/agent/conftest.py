"""An agent's home, and a small hub that it talks to over HTTP."""

import pytest

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
