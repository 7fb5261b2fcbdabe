"""The evidence beside a question: two firms as the asker named them, where, with which partners.

Everything here the asker has told itself, or it is the word of a firm that has joined.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sqlmodel import Session, col, or_, select

from supplychain.services.descriptions import Facts, described
from supplychain.services.firms import batches
from supplychain.services.merging import roots
from supplychain.services.numbers import Numbers, further_numbers
from supplychain.tables import Declaration, Description, Likeness, Link, Merge, Sheet

_PARTNERS = 6  # shown of each side


@dataclass(frozen=True)
class Mention:
    """Where the asker named a firm: in a row of a sheet, or by hand."""

    name: str
    sheet: Sheet | None
    row: int | None


@dataclass
class Side:
    """One of the two. `partners` by name, `more` of them are not listed."""

    facts: Facts
    numbers: Numbers
    mentions: list[Mention] = field(default_factory=list)
    partners: list[str] = field(default_factory=list)
    more: int = 0


@dataclass
class Compared:
    """A question with its evidence. `deal`: the asker says that one of them supplies the other."""

    likeness: Likeness
    sides: tuple[Side, Side]
    common: list[str]
    deal: bool


@dataclass
class Joined:
    """A merge as one firm may read it; `strangers` are those of its firms that it does not name."""

    merge: Merge
    into: str | None
    names: list[str]
    strangers: int


def compared(session: Session, for_id: int, rows: Sequence[Likeness]) -> list[Compared]:
    """The rows of one firm's queue, each with its evidence."""
    known = roots(session)
    ends = {n: known.get(n, n) for row in rows for n in (row.low_id, row.high_id)}
    partners = _partners(session, for_id, set(ends.values()))
    everyone = set(ends.values()).union(*partners.values()) if rows else set()
    facts = described(session, for_id, everyone)
    numbers = further_numbers(session, for_id, set(ends.values()))
    mentions = _mentions(session, for_id, set(ends.values()))
    found = []
    for row in rows:
        low, high = ends[row.low_id], ends[row.high_id]
        both = partners[low] & partners[high]
        sides = [
            Side(facts[end], numbers[end], mentions[end], *_listed(partners[end], both, facts))
            for end in (low, high)
        ]
        common = sorted(facts[number].name for number in both)
        deal = high in partners[low] or low in partners[high]
        found.append(Compared(row, (sides[0], sides[1]), common, deal))
    return found


def joined(session: Session, for_id: int, merges: Sequence[Merge]) -> list[Joined]:
    """Merges by the names that the firm may read; the others are only counted."""
    ids = {number for each in merges for number in (each.into_id, *each.firm_ids)}
    names: dict[int, str] = {}
    for some in batches(sorted(ids)):
        told = select(Description).where(
            Description.by_id == for_id,
            col(Description.ended).is_(None),
            col(Description.told_firm_id).in_(some),
        )
        for said in session.exec(told.order_by(col(Description.at), col(Description.id))):
            names[said.told_firm_id] = said.name or names.get(said.told_firm_id, "")
    facts = described(session, for_id, ids & {for_id, *names})
    names |= {number: each.name for number, each in facts.items() if each.own_word}
    found = []
    for each in merges:
        known = [names[number] for number in each.firm_ids if names.get(number)]
        into = names.get(each.into_id)
        strangers = len(each.firm_ids) - len(known) + (into is None)
        found.append(Joined(each, into, known, strangers))
    return found


def _listed(partners: set[int], common: set[int], facts: dict[int, Facts]) -> tuple[list[str], int]:
    """Names of partners, the common ones first, and how many are left out."""
    ordered = sorted(partners, key=lambda number: (number not in common, facts[number].name))
    return [facts[number].name for number in ordered[:_PARTNERS]], max(0, len(ordered) - _PARTNERS)


def _partners(session: Session, for_id: int, firm_ids: Collection[int]) -> dict[int, set[int]]:
    """Firm → those that the asker says it supplies or is supplied by."""
    found: dict[int, set[int]] = defaultdict(set)
    for some in batches(sorted(firm_ids)):
        said = (
            select(Link.supplier_id, Link.buyer_id)
            .join(Declaration, col(Declaration.link_id) == Link.id)
            .where(Declaration.firm_id == for_id, Declaration.stance == "holds")
            .where(col(Declaration.ended).is_(None), Link.supplier_id != Link.buyer_id)
            .where(or_(col(Link.supplier_id).in_(some), col(Link.buyer_id).in_(some)))
        )
        for supplier, buyer in session.exec(said.distinct()):
            found[supplier].add(buyer)
            found[buyer].add(supplier)
    return defaultdict(set, {number: found[number] for number in firm_ids})


def _mentions(session: Session, for_id: int, firm_ids: Collection[int]) -> dict[int, list[Mention]]:
    found: dict[int, list[Mention]] = defaultdict(list)
    for some in batches(sorted(firm_ids)):
        told = (
            select(Description, Sheet)
            .outerjoin(Sheet, col(Sheet.id) == Description.sheet_id)
            .where(Description.by_id == for_id, col(Description.ended).is_(None))
            .where(col(Description.firm_id).in_(some))
        )
        for said, sheet in session.exec(told.order_by(col(Description.id).desc())):
            if said.name:
                found[said.firm_id].append(Mention(said.name, sheet, said.row))
    return found
