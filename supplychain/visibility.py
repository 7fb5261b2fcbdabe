"""Who may know which firm by name. Pure.

One up, one down: a firm sees itself and its direct partners. A lead firm also sees what it
declared itself, in its own sheets. Of everybody else it learns how many there are, in which
tier, region and sector, and no name. (Opening one's name to a chosen lead firm comes later.)
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple


class Known(NamedTuple):
    """A link, and the firms that declared it."""

    supplier: int
    buyer: int
    declared_by: frozenset[int]


class Outline(NamedTuple):
    """What is told of a firm whose name is not."""

    tier: int
    region: str
    sector: str


@dataclass(frozen=True)
class Seen:
    """The firms and links that one firm may see by name."""

    firms: frozenset[int]
    links: frozenset[tuple[int, int]]


def seen_by(asker: int, links: Iterable[Known]) -> Seen:
    """The asker, its direct partners, and both ends of every link that the asker declared.

    >>> lead, third = frozenset({1}), frozenset({3})
    >>> chain = [Known(2, 1, lead), Known(3, 2, lead), Known(4, 3, third)]
    >>> sorted(seen_by(1, chain).firms), sorted(seen_by(3, chain).firms)
    ([1, 2, 3], [2, 3, 4])
    """
    shown = {
        (link.supplier, link.buyer)
        for link in links
        if asker in (link.supplier, link.buyer) or asker in link.declared_by
    }
    return Seen(frozenset({asker}.union(*shown)) if shown else frozenset({asker}), frozenset(shown))


def counted(outlines: Iterable[Outline]) -> list[tuple[Outline, int]]:
    """How many firms share each outline, nearest tier first.

    >>> counted([Outline(3, "KR-41", "C29"), Outline(3, "KR-41", "C29")])
    [(Outline(tier=3, region='KR-41', sector='C29'), 2)]
    """
    return sorted(Counter(outlines).items())
