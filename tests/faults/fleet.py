"""Real agents, one thread each: they ask, fetch, verify, probe, activate and report over HTTP."""

import threading
from collections import Counter
from pathlib import Path

from hub.wiring import Hub
from sharing.agent.enrol import enrol
from sharing.agent.errors import AgentError
from sharing.agent.home import Home, Running
from sharing.agent.run import once
from sharing.agent.state import State
from sharing.services import agents
from supplychain.tables import now


class CountedHome(Home):
    """An agent's folder that remembers each time that something was activated in it."""

    def activate(self, running: Running) -> None:
        with (self.folder / "activations.log").open("a") as log:
            log.write(f"{running.delivery} {running.model} {running.version}\n")
        super().activate(running)

    def activations(self) -> Counter[str]:
        log = self.folder / "activations.log"
        return Counter(log.read_text().splitlines() if log.exists() else ())


class Fleet:
    """An agent for each site, all behind one address."""

    def __init__(self, hub: Hub, url: str, sites: list[int], folder: Path) -> None:
        self.homes = {site: CountedHome(folder / f"agent-{site}") for site in sites}
        self.looks: Counter[str] = Counter()
        self.broken: list[str] = []
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        for site, home in self.homes.items():
            with hub.db.work() as session:
                code, _ = agents.make_code(session, site, "owner", now())
            enrol(home, url, code)

    def start(self) -> None:
        for site, home in self.homes.items():
            thread = threading.Thread(target=self._run, args=(site, home), name=f"agent {site}")
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def running(self, site: int, model: str) -> Running | None:
        """What a site really runs."""
        return self.homes[site].active().get(model)

    def waiting(self) -> int:
        """Reports that no hub has confirmed yet."""
        total = 0
        for home in self.homes.values():
            with State(home.state) as state:
                total += state.waiting()
        return total

    def _run(self, site: int, home: CountedHome) -> None:
        with State(home.state) as state:
            while not self._stop.is_set():
                try:
                    once(home, state)
                    self.looks["through"] += 1
                except AgentError as error:
                    self.looks[type(error).__name__] += 1
                except Exception as error:  # noqa: BLE001 - counted, and told in the end
                    self.broken.append(f"site {site}: {error!r}")
                self._stop.wait(1.0)
