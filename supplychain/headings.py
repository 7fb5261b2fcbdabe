"""Where a table begins, and what its columns are called: header rows of one to three lines. Pure.

Names are unique and never empty where a column holds something: a second "Name" is "Name (2)", a
column without a heading is called by its letter, "[D]". So a layout can name every column.
"""

import hashlib
import re
from dataclasses import dataclass
from itertools import pairwise

from supplychain.cells import plain
from supplychain.errors import ColumnUnknown
from supplychain.formulas import unguarded

WITHIN = 30  # a header row stands among the first ones
LINES = 3
REASON = "⚠"  # begins the heading of a column that the hub itself added, to say what is wrong
_NAME_LIMIT = 90
_SHOWN = 12
_LETTER = re.compile(r"\[[A-Z]{1,3}\]")


@dataclass(frozen=True)
class Heading:
    """The header of a table: `lines` rows from index `first`; none where the table has none.

    `names`: one for each column, empty for one that holds nothing or that the hub added.
    `parts`: what stands above each column, line by line.
    """

    first: int
    lines: int
    names: list[str]
    parts: list[list[str]]

    @property
    def body(self) -> int:
        """Index of the first row below."""
        return self.first + self.lines

    @property
    def single(self) -> list[list[str]]:
        """What stands above each column that has one word above it."""
        return [parts for parts in self.parts if len(parts) == 1]

    @property
    def columns(self) -> list[str]:
        """The names, without blanks."""
        return [name for name in self.names if name]

    @property
    def key(self) -> str:
        """What sheets of the same layout have in common, however they space their headings."""
        words = [plain(name) or name for name in self.columns]
        return hashlib.sha256("\x1f".join(words).encode()).hexdigest()


def heading_at(head: list[list[str]], first: int, lines: int, *, merged: bool) -> Heading:
    """The heading that stands there. `merged`: merged cells repeat their text, so a blank is one.

    >>> head = [["Supplier", "", "Item"], ["Name", "No.", ""], ["Acme", "1", "hub"]]
    >>> heading_at(head, 0, 2, merged=False).names
    ['Supplier Name', 'Supplier No.', 'Item']
    >>> heading_at(head, 2, 0, merged=False).names
    ['[A]', '[B]', '[C]']
    """
    width = max((len(row) for row in head), default=0)
    upper = [_line(head[row], width) for row in range(first, min(first + lines, len(head)))]
    if not merged:
        for above, below in pairwise(upper):
            _carry_on(above, below)
    parts = [[part for part in column if part] for column in zip(*upper, strict=True)]
    parts = parts or [[] for _ in range(width)]
    names: list[str] = []
    for place, words in enumerate(parts):
        name = tidy(unguarded(" ".join(dict.fromkeys(words))[:_NAME_LIMIT]))
        if not name and any(place < len(row) and row[place] for row in head[first + lines :]):
            name = f"[{letters(place)}]"
        names.append("" if name.startswith(REASON) else name)
    return Heading(first, lines, _unique(names), parts)


def heading_with(head: list[list[str]], columns: list[str], *, merged: bool) -> Heading:
    """The heading that has every one of the columns; raises ColumnUnknown."""
    wanted = {tidy(name) for name in columns}
    candidates = headings(head, merged=merged)
    if all(_LETTER.fullmatch(name) for name in wanted):
        # A blank line, too, would be a heading of letters; unless they are written, there is none.
        written = [each for each in candidates if wanted <= {part for [part] in each.single}]
        candidates = [*written, candidates[-1]]
    for heading in candidates:
        if wanted <= set(heading.names):
            return heading
    fullest = max(candidates, key=lambda each: len(wanted & set(each.names)), default=None)
    names = fullest.columns if fullest else []
    missing = [name for name in columns if tidy(name) not in names]
    raise ColumnUnknown(column=listed(missing), found=listed(names))


def headings(head: list[list[str]], *, merged: bool) -> list[Heading]:
    """Every heading that the table may have: of one line, of several, and none at all."""
    found = [
        heading_at(head, first, lines, merged=merged)
        for lines in range(1, LINES + 1)
        for first in range(min(WITHIN, len(head) - lines + 1))
    ]
    return [*found, without_heading(head, merged=merged)]


def without_heading(head: list[list[str]], *, merged: bool) -> Heading:
    """The heading of a table that has none: columns are called by their letters."""
    first = next((index for index, row in enumerate(head) if any(row)), 0)
    return heading_at(head, first, 0, merged=merged)


def letters(place: int) -> str:
    """A column as spreadsheet programs call it.

    >>> letters(0), letters(27)
    ('A', 'AB')
    """
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name


def listed(names: list[str]) -> str:
    """Names in a sentence; the first ones of many."""
    shown = [name[:40] for name in names if name]
    return ", ".join(shown[:_SHOWN]) + (" …" if len(shown) > _SHOWN else "") or "–"


def tidy(text: str) -> str:
    """A heading on one line."""
    return " ".join(text.split())


def _line(row: list[str], width: int) -> list[str]:
    return [unguarded(tidy(cell)) for cell in row] + [""] * (width - len(row))


def _carry_on(above: list[str], below: list[str]) -> None:
    """A group's heading stands over its first column only; it speaks for the blanks beside it."""
    group = ""
    for place, part in enumerate(above):
        if part:
            group = part
        elif below[place]:
            above[place] = group


def _unique(names: list[str]) -> list[str]:
    """A second of the same name gets a number.

    >>> _unique(["a", "a", "a (2)", "", ""])
    ['a', 'a (2)', 'a (2) (2)', '', '']
    """
    found: list[str] = []
    for name in names:
        unique, again = name, 1
        while unique and unique in found:
            again += 1
            unique = f"{name} ({again})"
        found.append(unique)
    return found
