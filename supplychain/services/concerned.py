"""Whose word a merge needs, and whom it concerns.

Firms are shared rows: what one lead firm decides could change what another one sees. Therefore

- a firm that named both of them apart, or that named one of them and would from then on read the
  word of a firm that speaks for itself (which would read of its link in turn), is asked: without
  its own yes they stay two for everybody;
- a firm that named only one of them goes on reading its own words for it, so nothing changes by
  name, and it is not asked. It may still split what was made;
- whoever said that they are two keeps them two, until it says otherwise.

Whoever names firms only after they were found to be one sees them as one: the list of merges tells
it so, and it may split them. Nobody learns who else was asked, nor how many.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from sqlmodel import Session, col, or_, select

from supplychain.services.firms import batches
from supplychain.tables import Declaration, Description, Likeness, Link

Groups = Mapping[int, Collection[int]]  # firm → the firms that were found to be it, as named


@dataclass
class Witness:
    """What a firm knows of the firms at hand: where it named them, and where it told a name."""

    named: set[int] = field(default_factory=set)
    told: set[int] = field(default_factory=set)


def witnesses(session: Session, groups: Groups) -> dict[int, Witness]:
    """Firms that name any of these in a living statement, themselves aside."""
    of = {number: root for root, numbers in groups.items() for number in numbers}
    found: dict[int, Witness] = defaultdict(Witness)
    for some in batches(sorted(of)):
        told = select(Description.told_firm_id, Description.by_id).where(
            col(Description.told_firm_id).in_(some), col(Description.ended).is_(None)
        )
        for number, firm in session.exec(told.where(Description.name != "").distinct()):
            found[firm].named.add(of[number])
            found[firm].told.add(of[number])
        declared = (
            select(Link.told_supplier_id, Link.told_buyer_id, Declaration.firm_id)
            .join(Declaration, col(Declaration.link_id) == Link.id)
            .where(col(Declaration.ended).is_(None))
            .where(or_(col(Link.told_supplier_id).in_(some), col(Link.told_buyer_id).in_(some)))
        )
        for supplier, buyer, firm in session.exec(declared):
            found[firm].named |= {of[end] for end in (supplier, buyer) if end in of}
    return {firm: seen for firm, seen in found.items() if firm not in of}


def not_agreed(
    session: Session, groups: Groups, target: int, *, speaking: bool, by: Collection[int]
) -> set[int]:
    """Firms without whose yes these groups stay apart.

    `by`: the firms that say that they are one. `speaking`: the target speaks for itself.
    """
    against = _said(session, groups, "different")
    agreed = _said(session, groups, "same")
    missing = {firm for firm in against if firm not in by}
    for firm, seen in witnesses(session, groups).items():
        if firm in by or firm in missing:
            continue
        changed = set(seen.named)
        if changed - {target} and (speaking or not seen.told >= changed):
            changed.add(target)
        if len(changed) > 1 and not _connected(changed, agreed.get(firm, [])):
            missing.add(firm)
    return missing


def kept_apart(session: Session, groups: Groups) -> bool:
    """Whether anybody said that two of these are different."""
    return bool(_said(session, groups, "different"))


def concerned(session: Session, groups: Groups) -> set[int]:
    """Whoever may take a merge of these back: who named one of them, and they themselves."""
    return set(witnesses(session, groups)) | {n for numbers in groups.values() for n in numbers}


def _said(session: Session, groups: Groups, state: str) -> dict[int, list[tuple[int, int]]]:
    """Firm → the pairs of these groups of which it said so."""
    of = {number: root for root, numbers in groups.items() for number in numbers}
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for some in batches(sorted(of)):
        said = select(Likeness.for_id, Likeness.low_id, Likeness.high_id).where(
            Likeness.state == state, col(Likeness.low_id).in_(some)
        )
        for firm, low, high in session.exec(said):
            if high in of and of[low] != of[high]:
                found[firm].append((of[low], of[high]))
    return found


def _connected(numbers: set[int], pairs: Iterable[tuple[int, int]]) -> bool:
    """Whether the pairs make one of all these.

    >>> _connected({1, 2, 3}, [(1, 2), (2, 3)]), _connected({1, 2, 3}, [(1, 2)])
    (True, False)
    """
    return any(numbers <= group for group in components(pairs)) or len(numbers) < 2


def components(pairs: Iterable[tuple[int, int]]) -> list[set[int]]:
    """What hangs together.

    >>> components([(1, 2), (3, 4), (2, 5)])
    [{1, 2, 5}, {3, 4}]
    """
    groups: list[set[int]] = []
    for pair in pairs:
        joined, apart = set(pair), []
        for group in groups:
            if group & joined:
                joined |= group
            else:
                apart.append(group)
        groups = [*apart, joined]
    return sorted(groups, key=min)
