"""What one firm tells of the firms that it names, to be held against each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from supplychain.names import Named
from supplychain.services.descriptions import described
from supplychain.services.firms import batches
from supplychain.tables import Description, Firm
from supplychain.taxonomy import REGIONS

SCHEMES = ("lei", "duns", "corporate")
FIELDS = ("name", "country", "region", "brn", "sector", "process")


@dataclass(frozen=True)
class Told:
    """A firm as it was named: its number, the firm that it was found to be, what is said of it.

    `last` is the newest description of it, `own_word` whether it says so itself.
    """

    number: int
    root: int
    named: Named
    last: int
    own_word: bool


def told_by(session: Session, firm_id: int) -> list[Told]:
    """The firms that one firm names in living statements, each by its newest words.

    Of several that were found to be one, the one that was told last. Who has joined is known by
    its own word, where the firm may read that (supplychain.services.descriptions).
    """
    columns = [getattr(Description, name) for name in FIELDS]
    living = select(Description.told_firm_id, Description.firm_id, Description.id, *columns).where(
        Description.by_id == firm_id, col(Description.ended).is_(None)
    )
    roots: dict[int, int] = {}
    last: dict[int, int] = {}
    words: dict[int, dict[str, str]] = {}
    newest_first = living.order_by(col(Description.id).desc())
    for number, root, said_as, *values in session.execute(newest_first):
        roots.setdefault(number, root)
        last.setdefault(number, said_as)
        said = {name: value for name, value in zip(FIELDS, values, strict=True) if value}
        words[number] = said | words.get(number, {})
    by_root = {roots[number]: number for number in reversed(words) if "name" in words[number]}
    own = _own_words(session, firm_id, sorted(by_root))
    return [
        Told(
            number,
            root,
            own.get(root) or as_named(number, words[number]),
            last[number],
            root in own,
        )
        for root, number in sorted(by_root.items(), key=lambda item: item[1])
    ]


def as_named(number: int, words: Mapping[str, str | None]) -> Named:
    """What is told, in the form in which names are compared.

    Where a sheet has an address instead of a region, that is what is told of the region.
    """
    region = words.get("region") or ""
    return Named(
        id=number,
        name=words.get("name") or "",
        country=words.get("country") or "",
        region=region if region in REGIONS else "",
        brn=words.get("brn"),
        address="" if region in REGIONS else region,
        sector=words.get("sector") or "",
        process=words.get("process") or "",
    )


def _own_words(session: Session, asker_id: int, firm_ids: Sequence[int]) -> dict[int, Named]:
    """The word of firms that have joined, where the asker may read it."""
    joined: list[int] = []
    for some in batches(list(firm_ids)):
        speaking = select(Firm.id).where(col(Firm.id).in_(some), col(Firm.joined_at).is_not(None))
        joined += [number or 0 for number in session.exec(speaking)]
    return {
        number: as_named(number, {name: getattr(facts, name) for name in FIELDS})
        for number, facts in described(session, asker_id, joined).items()
        if facts.own_word
    }
