"""What a person does on a phone: taps and types, counted, so that the time can be told."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Locator, Page

# What people need on a phone: one letter 0.33 s (thumbs, Korean or Latin: 36 words a minute),
# one tap with looking for it 1.5 s, one letter read 0.06 s (a thousand Korean letters a minute).
LETTER, TAP, READ = 0.33, 1.5, 0.06


@dataclass
class Hands:
    """Counts what was done on one page, and how long the machine took meanwhile."""

    page: Page
    letters: int = 0
    taps: int = 0
    read: int = 0
    began: float = field(default_factory=time.monotonic)

    def tap(self, what: str | Locator) -> None:
        """Tap something, and wait for the page that it may bring."""
        self.taps += 1
        self._at(what).click()
        self.page.wait_for_load_state("load")

    def write(self, name: str, text: str) -> None:
        """Fill the field of that name."""
        place = self.page.locator(f"main [name='{name}']:visible").first
        if place.input_value() == text:
            return
        self.taps += 1
        self.letters += len(text)
        place.fill(text)

    def choose(self, name: str, value: str) -> None:
        """Choose from a list."""
        self.taps += 2
        self.page.locator(f"main select[name='{name}']:visible").select_option(value)

    def look(self) -> str:
        """Read what stands in the first window of the page; the text of the whole page."""
        told = self.page.locator("main").inner_text()
        self.read += min(len(told), 450)  # what a phone shows at once, and a little below it
        return told

    def seconds(self) -> float:
        """How long a person would have taken: reading, typing, tapping, and the machine's part."""
        machine = time.monotonic() - self.began
        return self.letters * LETTER + self.taps * TAP + self.read * READ + machine

    @contextmanager
    def aside(self) -> Iterator[None]:
        """What is done in between is no part of it: pictures."""
        stopped = time.monotonic()
        yield
        self.began += time.monotonic() - stopped

    def _at(self, what: str | Locator) -> Locator:
        if isinstance(what, Locator):
            return what
        return (
            self.page.locator("main")
            .get_by_role("button", name=what)
            .or_(self.page.locator("main").get_by_role("link", name=what))
            .first
        )
