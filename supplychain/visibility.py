"""Who may know which firm by name, and how the others are counted. Pure.

One up, one down: a firm sees itself and its direct partners. It sees, too, what it says itself
(in its own sheets), and what lies open to it: from its direct suppliers on, link by link, as far
as every firm on the way has opened itself to it. Of everybody else it learns how many there are,
in which tier, region and sector, and no name.

Whose word counts is said by an `Ear`: anybody can ask a person of their own to speak for a silent
firm, so who was asked in by one firm is not yet heard by the others, nor told what they say.

Counts of few firms are told less exactly, so that no number speaks of one or two firms: see
`counted`.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

FEWEST = 3  # a group of fewer firms is not told apart

# How a firm comes to see a link: it is one of its ends, the ends lie open to it, it said so itself.
Way = Literal["partner", "opened", "told"]


class Known(NamedTuple):
    """A living link, and the firms that say that it holds."""

    link: int
    supplier: int
    buyer: int
    held_by: frozenset[int]


class Outline(NamedTuple):
    """What is told of firms whose names are not. None: any, where a group of one was too small."""

    tier: int
    region: str | None
    sector: str | None


class Group(NamedTuple):
    """How many firms share an outline; None for one or two."""

    outline: Outline
    firms: int | None


@dataclass(frozen=True)
class Ear:
    """Whose statements one firm hears. What it does not hear is to it as if it had not been said.

    `new`: somebody speaks for it whom one firm asked in. Then it hears those alone that vouch for
    it (`vouched_by`). `unheard`: firms that are new and that it named itself, but does not vouch
    for, and firms whose voice is suspended. Its own word every firm hears, unless it is itself
    `suspended`: then it hears nobody else's.

    A second firm's yes counts between those two alone: whoever asks a person of their own to speak
    for one firm can do so for another, and let it say yes.

    >>> taken_over = Ear(7, new=True, vouched_by=frozenset({9}))
    >>> [firm for firm in (7, 8, 9) if taken_over.hears(firm)]
    [7, 9]
    """

    asker: int
    new: bool = False
    suspended: bool = False
    vouched_by: frozenset[int] = frozenset()
    unheard: frozenset[int] = frozenset()

    def hears(self, speaker: int) -> bool:
        """Whether that firm's word counts for this one."""
        if speaker == self.asker:
            return True
        known = not self.new or speaker in self.vouched_by
        return known and not self.suspended and speaker not in self.unheard

    @property
    def hears_all(self) -> bool:
        """Whether nobody is unheard, as in a chain whose firms are all known."""
        return not (self.new or self.suspended or self.unheard)


def ear(
    asker: int,
    states: Mapping[int, str],
    vouched: Collection[tuple[int, int]],
    named: Collection[int],
) -> Ear:
    """Whose statements a firm hears.

    `states`: firms that are not confirmed → "new" or "suspended". `vouched`: pairs of a firm and
    one that said yes to it. `named`: firms that the asker named itself.

    >>> who = {7: "new", 8: "suspended"}
    >>> lead = ear(1, who, [], named={7})
    >>> lead.hears(7), lead.hears(8), ear(1, who, [(7, 1)], named={7}).hears(7)
    (False, False, True)
    >>> ear(2, who, [(7, 1)], named=set()).hears(7)  # it is told of nothing but what 7 says
    True
    """
    own = states.get(asker, "")
    yes = {firm for firm, by in vouched if by == asker}
    return Ear(
        asker,
        new=own == "new",
        suspended=own == "suspended",
        vouched_by=frozenset(by for firm, by in vouched if firm == asker),
        unheard=frozenset(
            firm
            for firm, state in states.items()
            if firm != asker and (state == "suspended" or (firm in named and firm not in yes))
        ),
    )


@dataclass(frozen=True)
class Seen:
    """The firms and links that one firm may see by name, and how it comes to see each link."""

    firms: frozenset[int]
    links: dict[int, Way]


def seen_by(
    asker: int,
    links: Iterable[Known],
    opened: Collection[int] = (),
    ear: Ear | None = None,
) -> Seen:
    """What a firm may see by name; `opened` are the firms that opened themselves to it.

    With an ear, links of which it hears nobody say that they hold are none, and what firms opened
    whom it does not hear stays closed.

    A link between two firms that lie open is shown where one of the two says so itself: what a
    third firm has put down about them is not theirs to show. A link from a firm to itself (its
    ends were found to be one) is none.

    >>> by = lambda *firms: frozenset(firms)
    >>> chain = [Known(1, 20, 10, by(20)), Known(2, 30, 20, by(20)), Known(3, 40, 30, by(30))]
    >>> sorted(seen_by(10, chain).firms), sorted(seen_by(30, chain).firms)
    ([10, 20], [20, 30, 40])
    >>> sorted(seen_by(10, chain, {20, 30}).firms), sorted(seen_by(10, chain, {30, 40}).firms)
    ([10, 20, 30], [10, 20])
    """
    real = [link for link in links if link.supplier != link.buyer]
    if ear is not None and not ear.hears_all:
        heard = ((link, frozenset(filter(ear.hears, link.held_by))) for link in real)
        real = [link._replace(held_by=by) for link, by in heard if by]
        opened = [firm for firm in opened if ear.hears(firm)]
    shown: dict[int, Way] = {}
    for link in real:
        if asker in (link.supplier, link.buyer):
            shown[link.link] = "partner"
        elif asker in link.held_by:
            shown[link.link] = "told"
    for link in _open_way(asker, real, frozenset(opened)):
        if shown.get(link.link) != "partner":
            shown[link.link] = "opened"
    named = (link for link in real if link.link in shown)
    ends = {end for link in named for end in (link.supplier, link.buyer)}
    return Seen(frozenset(ends | {asker}), shown)


def _open_way(asker: int, links: list[Known], opened: frozenset[int]) -> Iterable[Known]:
    """Links between open firms, reached from the asker through open firms alone.

    A way begins with a supplier that says so itself: who merely calls an open firm its supplier
    does not come past the firms in between.
    """
    behind: dict[int, list[Known]] = defaultdict(list)
    for link in links:
        if link.supplier in opened and link.supplier != asker:
            behind[link.buyer].append(link)
    frontier = [link for link in behind.pop(asker, []) if link.supplier in link.held_by]
    while frontier:
        buyers = {link.supplier for link in frontier}
        frontier = [
            link
            for buyer in buyers
            for link in behind.pop(buyer, ())
            if not link.held_by.isdisjoint((link.supplier, link.buyer))
        ]
        yield from frontier


def counted(outlines: Iterable[Outline]) -> list[Group]:
    """How many firms share each outline, nearest tier first, with small groups put together.

    Within a tier, groups of one or two firms are put together over the sectors of their region;
    what is then still small, over the whole tier; and where that remains small, the smallest of
    the other groups goes in with it. So the groups of a tier are disjoint, each counts three firms
    or more, and their sum, the tier's exact total, tells nothing that they do not. Only a tier
    that hides one or two firms in all has no number ("fewer than 3"), and its total is then not
    told either: total less named firms would be that number.

    >>> [tuple(g.outline) + (g.firms,) for g in counted([Outline(2, "KR-41", "C29")] * 3)]
    [(2, 'KR-41', 'C29', 3)]
    >>> some = [Outline(2, "KR-41", sector) for sector in ("C22", "C24", "C29")]
    >>> [tuple(g.outline) + (g.firms,) for g in counted([*some, Outline(3, "KR-48", "C22")])]
    [(2, 'KR-41', None, 3), (3, None, None, None)]
    """
    tiers: dict[int, Counter[tuple[str | None, str | None]]] = defaultdict(Counter)
    for outline in outlines:
        tiers[outline.tier][outline.region, outline.sector] += 1
    return [
        Group(Outline(tier, region, sector), firms)
        for tier, cells in sorted(tiers.items())
        for (region, sector), firms in _folded(cells)
    ]


Cell = tuple[str | None, str | None]


def _folded(cells: Counter[Cell]) -> list[tuple[Cell, int | None]]:
    whole = {cell: firms for cell, firms in cells.items() if firms >= FEWEST}
    regions: Counter[str | None] = Counter()
    for (region, _), firms in (cells - Counter(whole)).items():
        regions[region] += firms
    whole |= {(region, None): firms for region, firms in regions.items() if firms >= FEWEST}
    rest = sum(firms for firms in regions.values() if firms < FEWEST)
    if 0 < rest < FEWEST and whole:
        rest += whole.pop(min(whole, key=lambda cell: (whole[cell], _order(cell))))
    told: list[tuple[Cell, int | None]] = sorted(whole.items(), key=lambda item: _order(item[0]))
    return [*told, ((None, None), rest if rest >= FEWEST else None)] if rest else told


def _order(cell: Cell) -> tuple[bool, str, bool, str]:
    """What is told most exactly first; names have no part in it."""
    region, sector = cell
    return region is None, region or "", sector is None, sector or ""
