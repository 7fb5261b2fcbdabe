"""How far a programme has come, in numbers that tell nothing of a single firm. Pure.

Cells that count few firms are withheld, as statistical offices do (primary suppression), and so
is the next smallest of a row where the row's total would give the withheld one away (secondary
suppression); see Statistics Korea's and Eurostat's handbooks on disclosure control.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LEAST = 5


TOGETHER = "together"


@dataclass(frozen=True)
class Row:
    """A line of a table: counts in columns, None where a count is withheld, and their total."""

    name: str
    cells: tuple[int | None, ...]
    total: int | None


def rows(counts: Mapping[str, Sequence[int]], least: int = LEAST) -> list[Row]:
    """Lines that can be shown; those with a small total are taken together, as the last one.

    >>> [(r.name, r.cells) for r in rows({"41": [12, 30, 7], "49": [2, 1, 0], "50": [1, 6, 0]})]
    [('41', (12, 30, 7)), ('together', (None, None, 0))]
    """
    small = [name for name, line in counts.items() if 0 < sum(line) < least]
    rest = sorted((n for n in counts if sum(counts[n]) >= least), key=lambda n: sum(counts[n]))
    # A single small line would be the whole less the others.
    while small and rest and (len(small) < 2 or sum(sum(counts[n]) for n in small) < least):
        small.append(rest.pop(0))
    shown = [row(name, line, least) for name, line in counts.items() if name not in small]
    if not small:
        return shown
    return [
        *shown,
        row(TOGETHER, [sum(c) for c in zip(*(counts[n] for n in small), strict=True)], least),
    ]


def row(name: str, counts: Sequence[int], least: int = LEAST) -> Row:
    """One line.

    >>> row("KR-41", [12, 30, 7]).cells
    (12, 30, 7)
    >>> row("KR-49", [12, 30, 2]).cells
    (None, 30, None)
    """
    hidden = withheld(counts, least)
    cells = tuple(None if i in hidden else count for i, count in enumerate(counts))
    return Row(name, cells, told(sum(counts), least))


def told(count: int, least: int = LEAST) -> int | None:
    """A count on its own, None where it is small."""
    return None if 0 < count < least else count


def withheld(counts: Sequence[int], least: int = LEAST) -> set[int]:
    """Positions of the counts that a reader must not see. Zeros are shown.

    >>> sorted(withheld([12, 30, 2, 0]))
    [0, 2]
    >>> sorted(withheld([3, 3, 40]))
    [0, 1]
    """
    hidden = {i for i, count in enumerate(counts) if 0 < count < least}
    rest = sorted((count, i) for i, count in enumerate(counts) if count >= least)
    # One hidden cell is the total less the rest; several small ones are too, when all are 1.
    while hidden and rest and (len(hidden) < 2 or sum(counts[i] for i in hidden) < least):
        hidden.add(rest.pop(0)[1])
    return hidden
