"""A map as files carry it: firms and links by name, and those who are only counted. Pure.

What a file says is what its reader may see on the map; supplychain.graphml and supplychain.aas
write it and read it back without loss.
"""

import re
from typing import NamedTuple

# What no XML file can hold, and line ends, which XML changes.
_UNWRITABLE = re.compile("[^ -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class ChartFirm(NamedTuple):
    """A firm of the map. `also`: every tier at which it delivers. Empty: nobody has told it."""

    number: int
    name: str
    brn: str
    tier: int
    also: tuple[int, ...]
    country: str
    region: str
    sector: str
    process: str
    employees: int | None
    level: int | None
    own_word: bool


class ChartLink(NamedTuple):
    """What a supplier delivers to a buyer.

    `share`: per cent of what the buyer needs of the item; `since`: a day, 2026-11-23.
    """

    number: int
    supplier: int
    buyer: int
    item: str
    share: float | None
    standing: str
    since: str


class ChartGroup(NamedTuple):
    """Firms without a name. `region`, `sector`: None for several put together, "" not known.

    `firms`: None for one or two.
    """

    tier: int
    region: str | None
    sector: str | None
    firms: int | None


class Chart(NamedTuple):
    """The map of one lead firm, its firms and links each in the order of their numbers."""

    lead: int
    firms: tuple[ChartFirm, ...]
    links: tuple[ChartLink, ...]
    hidden: tuple[ChartGroup, ...]


def writable(text: str) -> str:
    r"""A text without the characters that no XML file can hold: each becomes a blank.

    >>> writable("한빛\x00정밀\n(주)")
    '한빛 정밀 (주)'
    """
    return _UNWRITABLE.sub(" ", text)
