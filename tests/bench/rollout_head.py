"""Measures how much of a 40 MB model is sent when only its head is new, and when all of it is.

    .venv/bin/python -m tests.bench.rollout_head [MEGABYTES]

An agent runs the first version; a second differs from it in its last two layers (a 25th of its
weights), a third in every weight. Each is published, assigned and taken as always, over HTTP.
Counted are the bodies of all answers to the agent, with signed lists and lists of chunks, by the
server. The second comes once as one file, of which the agent fetches the chunks that it lacks, and
once with its head as a file of its own.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from waitress.server import create_server

from hub.app import create_app
from hub.distributed import tick_rollouts
from hub.publishing import publish_bundle
from hub.served import served
from hub.wiring import Hub
from sharing.agent import enrol, run
from sharing.agent.home import Home
from sharing.agent.state import State
from sharing.package import prepare_here
from sharing.services import agents, deliveries, models, rollouts
from supplychain.tables import now
from tests.bench.rollout_made import (
    SLUG,
    bundle,
    chain,
    hub_in,
    machine,
    model,
    parted,
    weights,
)


class Counted:
    """The application, and how many bytes of body it has announced in its answers."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self.sent = 0

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        def begun(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            told = [value for name, value in headers if name.lower() == "content-length"]
            self.sent += int(told[0]) if told and environ["REQUEST_METHOD"] != "HEAD" else 0
            return start(status, headers, *more)

        answer: Iterable[bytes] = self._app(environ, begun)
        return answer


class Took(NamedTuple):
    """Bytes sent to the agent, of the bytes of the version's files; the agent's seconds."""

    sent: int
    whole: int
    seconds: float


class Measured:
    """A hub with one site, and its agent."""

    def __init__(self, hub: Hub, app: Counted, url: str, folder: Path) -> None:
        self._hub, self._app = hub, app
        self._lead, (self._site,) = chain(hub, 1)
        self._home = Home(folder)
        with hub.db.work() as session:
            code, _ = agents.make_code(session, self._site, "owner", now())
        enrol.enrol(self._home, url, code, name="PC")

    def take(self, files: dict[str, bytes]) -> Took:
        """Publish a version, roll it out, let the agent take it."""
        hub = self._hub
        version = publish_bundle(hub, files, self._lead, "publisher")
        with hub.db.work() as session:
            rollout = rollouts.create(
                session, models.version_of(session, SLUG, version.number), self._lead, "publisher"
            )
            rollouts.start(session, rollout, now())
            for delivery in rollouts.deliveries_of(session, rollout):
                deliveries.accept(session, delivery, "owner", now())
        tick_rollouts(hub, prepare_here(hub.settings.data))
        before, began = self._app.sent, time.perf_counter()
        with State(self._home.state) as state:
            run.once(self._home, state)
        took = Took(
            self._app.sent - before, sum(map(len, files.values())), time.perf_counter() - began
        )
        if self._home.active()[SLUG].version != version.number:
            raise RuntimeError(f"{version.number} is not active")
        tick_rollouts(hub, prepare_here(hub.settings.data))  # the rollout ends
        return took


def taken(versions: Mapping[str, dict[str, bytes]]) -> dict[str, Took]:
    """What each of these versions, one after the other, sends to a site; by name."""
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder, hub_in(Path(folder)) as hub:
        app = Counted(create_app(hub))
        server = create_server(app, host="127.0.0.1", port=0, threads=4)
        with served(server):
            url = f"http://127.0.0.1:{server.effective_port}"
            one = Measured(hub, app, url, Path(folder) / "pc")
            return {name: one.take(files) for name, files in versions.items()}


def measured(megabytes: float) -> dict[str, Took]:
    """What each way sends."""
    first, other, third = (weights(megabytes, seed) for seed in (1, 2, 3))
    head = [*first[:-2], *other[-2:]]
    return taken(
        {
            "the first version": bundle("1.0.0", model(first)),
            "a new head, in one file": bundle("1.1.0", model(head)),
            "trained anew from the start": bundle("2.0.0", model(third)),
        }
    ) | taken(
        {
            "the first version, its head a file of its own": bundle("1.0.0", *parted(first)),
            "a new head, a file of its own": bundle("1.1.0", *parted(head)),
        }
    )


def main(arguments: list[str]) -> None:
    """Print the table."""
    megabytes = float(arguments[0]) if arguments else 40.0
    print(f"{machine()}\n\n| {megabytes:g} MB | sent | of all | seconds of the agent |")
    print("|---|---|---|---|")
    for name, took in measured(megabytes).items():
        share = took.sent / took.whole
        print(f"| {name} | {took.sent / 1e6:.2f} MB | {share:.1%} | {took.seconds:.1f} |")


if __name__ == "__main__":
    main(sys.argv[1:])
