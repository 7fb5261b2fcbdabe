"""Who could stand in for a firm, and why in which order. Pure.

A candidate delivers the same item, or works in the same industry by the same process. It is left
out where it stops or is hit in the scenario, or stands behind the failed firm only. The order is
a plain rule, one reason after the other: see `order_of`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

SIZES = (10, 50, 300)  # small, medium and large firms begin here


@dataclass(frozen=True)
class Wanted:
    """What is to be replaced: items, process and industry of a firm, and where it stands."""

    items: frozenset[str]
    process: str
    industry: str
    region: str


@dataclass(frozen=True)
class Candidate:
    """A firm that might stand in, as the asker may know it.

    `to_us`: it delivers to the asker already; `to_buyers`: to so many of those that the failed firm
    delivered to. `fragile`: it has suppliers in common with the failed firm. `certified`: somebody
    there holds a certificate of this hub; None where that is not known.
    """

    number: int
    name: str
    items: frozenset[str]
    process: str
    industry: str
    region: str
    level: int | None
    employees: int | None
    joined: bool
    to_us: bool = False
    to_buyers: int = 0
    fragile: int = 0
    certified: bool | None = None


@dataclass(frozen=True)
class Alternate:
    """A candidate that fits; `same_items` are those that it delivers already."""

    candidate: Candidate
    same_items: tuple[str, ...]
    same_process: bool
    other_region: bool

    @property
    def reasons(self) -> tuple[str, ...]:
        """Codes of what speaks for it, in the order in which they count."""
        one = self.candidate
        told = (
            ("to_us", one.to_us),
            ("to_buyers", one.to_buyers > 0),
            ("item", bool(self.same_items)),
            ("process", self.same_process and not self.same_items),
            ("apart", not one.fragile),
            ("level", bool(one.level)),
            ("region", self.other_region),
            ("joined", one.joined),
            ("certified", bool(one.certified)),
            ("size", one.employees is not None),
        )
        return tuple(code for code, holds in told if holds)


def alternates(wanted: Wanted, candidates: Iterable[Candidate]) -> list[Alternate]:
    """Those that fit, in order.

    >>> wanted = Wanted(frozenset({"bolt"}), "forging", "25", "KR-48")
    >>> new = Candidate(1, "new", frozenset(), "forging", "25", "KR-31", 3, 90, joined=True)
    >>> known = Candidate(2, "known", frozenset({"bolt"}), "", "", "KR-48", None, None,
    ...                   joined=False, to_us=True)
    >>> other = Candidate(3, "other", frozenset({"oil"}), "", "", "", None, None, joined=True)
    >>> [(each.candidate.name, each.reasons) for each in alternates(wanted, [new, known, other])]
    [('known', ('to_us', 'item', 'apart')),
     ('new', ('process', 'apart', 'level', 'region', 'joined', 'size'))]
    """
    found = []
    for one in candidates:
        items = tuple(sorted(one.items & wanted.items))
        # An industry that is not known of either is not held against a firm of the same process.
        known = one.industry and wanted.industry
        process = bool(wanted.process) and one.process == wanted.process
        process = process and (not known or one.industry == wanted.industry)
        if items or process:
            apart = bool(one.region and wanted.region and one.region != wanted.region)
            found.append(Alternate(one, items, process, apart))
    return sorted(found, key=order_of)


def order_of(each: Alternate) -> tuple[object, ...]:
    """What counts, one after the other; the next only where the one before is equal.

    1. delivers to the asker already, then to more buyers of the failed firm; 2. the same item
    before the same process alone; 3. fewer suppliers in common with the failed firm; 4. the higher
    smart-factory level; 5. another region than the failed firm's; 6. has joined; 7. somebody
    certified; 8. more employees; then by name.
    """
    one = each.candidate
    return (
        not one.to_us,
        -one.to_buyers,
        not each.same_items,
        one.fragile,
        -(one.level or 0),
        not each.other_region,
        not one.joined,
        not one.certified,
        -(one.employees or 0),
        one.name,
        one.number,
    )
