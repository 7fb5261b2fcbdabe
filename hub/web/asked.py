"""What the home page shows: tasks and changes, and the lists to which rooms add their own."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from hub.access import Who


@dataclass(frozen=True)
class Task:
    """Something that a person is asked to do; a lower `rank` stands higher.

    Ranks in use: 10 somebody waits for an answer, 20 something failed, 30 continue what was
    begun, 40 keep an eye on, 50 a good next step.
    """

    title: str
    text: str
    href: str
    label: str
    kind: str = "waiting"
    rank: int = 50


@dataclass(frozen=True)
class Change:
    """Something that happened, and where to see it."""

    at: datetime
    text: str
    href: str = ""


TASKS: list[Callable[[Session, Who], Iterable[Task]]] = []
CHANGES: list[Callable[[Session, Who, datetime], Iterable[Change]]] = []
