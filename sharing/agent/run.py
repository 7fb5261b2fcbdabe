"""The agent at work: ask the hub, bring on what it assigned, report; and answer predictions."""

import logging
import random
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from logging.handlers import RotatingFileHandler
from math import inf
from pathlib import Path
from time import monotonic, time
from typing import Any, NamedTuple

from sharing.agent import report
from sharing.agent.again import tell_again
from sharing.agent.answer import Active
from sharing.agent.enrol import Caller
from sharing.agent.errors import (
    AgentBusy,
    AgentError,
    Unexpected,
    UpdateRefused,
)
from sharing.agent.fetch import Fetcher, Transport
from sharing.agent.home import Home
from sharing.agent.serve import serve
from sharing.agent.state import State, moment, wall_clock
from sharing.agent.update import FINAL, Update
from sharing.agent.watch import Watch, work
from sharing.agent.watch_words import BEGUN

log = logging.getLogger(__name__)

_TOGETHER = 1.0  # seconds within which steps are told in one call
_BELIEVED = 3600.0  # seconds for which the hub's word is enough that its lists are as they were
_LONGEST_PAUSE = 60.0  # seconds between tries while the hub does not answer: four usual rounds


class Cycle(NamedTuple):
    """What one look at the hub came to; `pause`: seconds that it asks to be left alone."""

    changed: bool
    reported: int
    pause: float


def once(home: Home, state: State) -> Cycle:
    """Ask, update, report: one time. Raises whatever kept it from getting through."""
    enrolment = home.enrolment()
    transport = Transport(enrolment.url)
    try:
        caller = Caller(home, transport)
        asked = caller.ask("GET", "/api/v1/agents/me")
        reported, at = report.send(caller, state), -inf

        def told() -> None:
            nonlocal reported, at
            if monotonic() < at + _TOGETHER:
                return  # it goes with the next one, or with the last of this look
            with suppress(AgentError):  # it stays in the outbox
                reported += report.send(caller, state)
            at = monotonic()

        changed = False
        if not _as_before(state, asked):
            changed = _update(home, state, Fetcher(transport, home.parts, caller.signature), told)
            state.note("lists", None if changed else [asked.get("lists"), time()])
        report.health(home, state)
        if not changed:
            tell_again(state, asked.get("deliveries") or ())
        reported += report.send(caller, state)
        state.note("seen", moment())
        return Cycle(changed, reported, _pause(asked, enrolment.poll_seconds))
    finally:
        transport.close()


def _as_before(state: State, asked: Mapping[str, Any]) -> bool:
    """Whether the signed lists need not be read.

    The hub says they are as they were when all was done, and that is not long ago. It could keep
    newer ones from us anyhow; for how long, their signatures say.
    """
    lists, at = state.noted("lists") or ("", 0.0)
    if not lists or lists != asked.get("lists") or not 0 <= time() - at < _BELIEVED:
        return False
    return all(known.step in FINAL for known in state.progress().values())


def _pause(asked: Any, usual: float) -> float:
    """The hub's wish within reason: never so often that it would hurt, never silent for an hour."""
    try:
        return min(max(float(asked["poll_seconds"]), 1.0), 3600.0)
    except (KeyError, TypeError, ValueError):
        return usual


def _update(home: Home, state: State, fetcher: Fetcher, told: Callable[[], None]) -> bool:
    try:
        changed = Update(home, state, fetcher, told).run()
    except UpdateRefused as error:
        # Nothing on the lists can be believed: what runs goes on, and the hub hears of it.
        report.alert(state, error)
        state.note("lists", None)
        told()
        raise
    state.note("alert", None)
    return changed


def run(
    home: Home,
    port: int,
    language: str,
    say: Callable[[str, Any], None],
    watched: Path | None = None,
) -> None:
    """Work until Ctrl-C or SIGTERM. `say` gets an English sentence with gaps, and its facts.

    `watched`: the folder whose files are predicted.

    Raises NotEnrolled, AgentBusy, ServingPortTaken.
    """
    enrolment = home.enrolment()
    with State(home.state) as state, logged(home), home.lock("serving"):
        active = Active(home, state)
        server = serve(active, language, port)
        stop = threading.Event()
        loops = [threading.Thread(target=_loop, args=(home, state, stop, say), daemon=True)]
        if watched is not None:
            folder = Watch(home, state, watched, language, active=active, halt=stop.is_set)
            loops.append(threading.Thread(target=work, args=(folder, stop, say), daemon=True))
        signal.signal(signal.SIGTERM, _end)
        say(
            "Connected to %(url)s as “%(site)s”. Predictions at http://127.0.0.1:%(port)s/v2. "
            "Ctrl-C ends it.",
            {"url": enrolment.url, "site": enrolment.site_name, "port": server.effective_port},
        )
        if watched is None:
            state.note("watched", None)
        else:
            say(BEGUN, {"folder": folder.folder})
        for loop in loops:
            loop.start()
        try:
            server.run()  # ends on KeyboardInterrupt and SystemExit, after running requests
        finally:
            stop.set()
            server.close()
            # A step under way is begun again next time; waiting long would look like hanging.
            for loop in loops:
                loop.join(timeout=5)


def _end(_number: int, _frame: object) -> None:
    raise SystemExit(0)


def _loop(home: Home, state: State, stop: threading.Event, say: Callable[[str, Any], None]) -> None:
    failures, last = 0, ""
    while not stop.is_set():
        pause = home.enrolment().poll_seconds
        try:
            cycle = once(home, state)
            failures, pause = 0, cycle.pause
            if cycle.changed:
                for one in home.active().values():
                    say(
                        "Active: %(model)s %(version)s.",
                        {"model": one.model, "version": one.version},
                    )
            if cycle.changed or last:
                say("Up to date at %(at)s.", {"at": wall_clock(moment())})
            last = ""
        except AgentError as error:
            failures = 0 if isinstance(error, AgentBusy) else failures + 1
            last = _say_once(error, last, say)
        except Exception as error:
            log.exception("cycle failed")
            failures += 1
            last = _say_once(Unexpected(kind=type(error).__name__, log=home.log), last, say)
        state.note("trouble", last)
        # Each agent waits a little differently: a hub that comes back is not asked by all at once.
        stop.wait(min(pause * 2 ** min(failures, 10), max(_LONGEST_PAUSE, pause)) * _jitter())


def _jitter() -> float:
    return random.uniform(0.8, 1.2)  # noqa: S311 - spreads load, guards nothing


def _say_once(error: AgentError, last: str, say: Callable[[str, Any], None]) -> str:
    if str(error) != last:
        log.warning("%s", error)
        say(error.text, error.facts)
    return str(error)


@contextmanager
def logged(home: Home) -> Iterator[None]:
    """Keep what the agent notes in its own log."""
    handler = RotatingFileHandler(home.log, maxBytes=1_000_000, backupCount=3, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    ours = logging.getLogger("sharing.agent")
    ours.addHandler(handler)
    ours.setLevel(logging.INFO)
    try:
        yield
    finally:
        ours.removeHandler(handler)
        handler.close()
