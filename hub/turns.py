"""Whose turn it is at the web server: people before agents, and agents never at all threads.

A thousand agents may ask at one moment, as when a rollout starts or a plant's power comes back.
Each of their questions is short, and each waits in line for nothing but its turn; a person's page
passes them all. Nothing is refused and nobody has to ask again.
"""

import logging
from collections import deque
from threading import Condition
from typing import Any, Protocol

_OF_AGENTS = ("/tuf/", "/api/v1/agents/")


class Task(Protocol):
    """A request that waitress has read."""

    def service(self) -> None:
        """Answer it."""

    def cancel(self) -> None:
        """Give it up, when the server ends."""


class Line:
    """What waits for a thread, in the place of waitress's own queue, which asks it under its lock.

    At most `most` of the agents' requests are under way at a time. `free` is what threads without
    work wait for.
    """

    def __init__(self, most: int, free: Condition) -> None:
        self._most, self._free = most, free
        self._people: deque[Task] = deque()
        self._agents: deque[Task] = deque()
        self._under_way = 0

    def append(self, task: Task) -> None:
        """Stand in line."""
        (self._agents if by_agent(task) else self._people).append(task)

    def popleft(self) -> Task:
        """Whose turn it is."""
        if self._people:
            return self._people.popleft()
        self._under_way += 1
        return _Turn(self, self._agents.popleft())

    def __len__(self) -> int:
        """How many could begin now."""
        return len(self._people) + min(len(self._agents), max(self._most - self._under_way, 0))

    def ended(self) -> None:
        """An agent's request is answered: the next may begin, in any thread."""
        with self._free:
            self._under_way -= 1
            self._free.notify()


class _Turn:
    """An agent's request, which tells the line when it is over."""

    def __init__(self, line: Line, task: Task) -> None:
        self._line, self._task = line, task

    def service(self) -> None:
        try:
            self._task.service()
        finally:
            self._line.ended()

    def cancel(self) -> None:
        self._line._under_way -= 1  # noqa: SLF001 - waitress holds the lock
        self._task.cancel()


def by_agent(task: Any) -> bool:
    """Whether the next request on a connection is an agent's."""
    return bool(task.requests) and str(task.requests[0].path).startswith(_OF_AGENTS)


def people_first(dispatcher: Any, threads: int) -> None:
    """Let a waitress server's threads take turns in that way; before it serves."""
    # It would write a line for each request that waits: that many wait is no news here.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    dispatcher.queue = Line(max(threads // 4, 1), dispatcher.queue_cv)
