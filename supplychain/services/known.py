"""What the database knows of the firms and links that a sheet names, looked up many at once.

Every look is remembered with a digest of its answer, so that whoever writes later can ask whether
anything was written in between.
"""

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from sqlalchemy import Select
from sqlmodel import Session, SQLModel, col, select

from supplychain.comparison import KnownLink, LinkKey
from supplychain.firm_book import FACTS, KnownFirm, OwnWord
from supplychain.rows import ReadFirm
from supplychain.services.bulk import among
from supplychain.services.firms import batches
from supplychain.tables import Declaration, Description, Firm, Link

_AT_ONCE = 2_000


def _columns(table: type[SQLModel], names: Iterable[str]) -> list[Any]:
    return [getattr(table, name) for name in names if name in table.model_fields]


_FIRM_FACTS = [name for name in FACTS if name in Firm.model_fields]
_FIRM = _columns(
    Firm, ("id", "merged_into_id", "brn", "name_key", "country", "joined_at", *_FIRM_FACTS)
)
_LINK = _columns(Link, ("id", "told_supplier_id", "told_buyer_id", "item", "ended", "share"))
_FIRM_PLACES = [_FIRM_FACTS.index(name) if name in _FIRM_FACTS else None for name in FACTS]
_WORD = _columns(Description, ("told_firm_id", "name_key", "country", *FACTS))


class _Said(NamedTuple):
    """What is said about a link: by the sheet's firm (its last word), and by others at all."""

    said: bool
    holds: bool
    share: float | None
    others: bool


_SILENCE = _Said(said=False, holds=False, share=None, others=False)


class Known:
    """Looks things up for one sheet of one firm."""

    def __init__(self, session: Session, lead_id: int) -> None:
        self.session = session
        self.lead_id = lead_id
        self._looks: list[tuple[Select[Any], int]] = []
        self._brns: set[str] = set()
        self._keys: set[str] = set()
        self._firms: dict[int, KnownFirm] = {}
        self._suppliers: set[int] = set()
        self._silent = not self.look(self._own(Description.id).limit(1))

    def lead(self) -> KnownFirm:
        """The sheet's own firm."""
        self._numbered({self.lead_id})
        return self._firms[self.lead_id]

    def firms(self, told: Collection[ReadFirm]) -> tuple[list[KnownFirm], dict[int, OwnWord]]:
        """Every firm that these may mean, and what the sheet's firm tells of each already."""
        brns = {firm.brn for firm in told if firm.brn} - self._brns
        keys = {firm.key for firm in told} - self._keys
        self._brns |= brns
        self._keys |= keys
        new = self._alike(Firm.brn, brns) + self._alike(Firm.name_key, keys)
        new += self._numbered(self._told_before(brns, keys))
        new += self._numbered({firm.root for firm in new})
        return [self._rooted(firm) for firm in new], self._words([firm.id for firm in new])

    def links(self, suppliers: Collection[int]) -> dict[LinkKey, KnownLink]:
        """The links of these suppliers, with what the sheet's firm says about each."""
        asked = set(suppliers) - self._suppliers
        self._suppliers |= asked
        found: dict[int, tuple[LinkKey, bool, float | None]] = {}
        for some in batches(sorted(asked), _AT_ONCE):
            known = select(*_LINK).where(among(self.session, Link.told_supplier_id, some))
            for number, *key, ended, share in self.look(known.order_by(col(Link.id))):
                found[number] = ((key[0], key[1], key[2]), ended is not None, share)
        said = self._said(sorted(found))
        return {
            key: KnownLink(number, ended, share, *said.get(number, _SILENCE))
            for number, (key, ended, share) in found.items()
        }

    def still(self, session: Session) -> bool:
        """Whether every look would give the same answer now."""
        connection = session.connection()
        return all(_digest(connection.execute(query).all()) == seen for query, seen in self._looks)

    def look(self, query: Any) -> list[Any]:
        """Rows of the database, in an order that the query gives; remembered for `still`."""
        rows = list(self.session.connection().execute(query).all())
        self._looks.append((query, _digest(rows)))
        return rows

    def _alike(self, column: Any, values: Collection[Any]) -> list[KnownFirm]:
        """Firms with one of these values, as far as they were not met before."""
        new: list[KnownFirm] = []
        for some in batches(sorted(values), _AT_ONCE):
            query = select(*_FIRM).where(among(self.session, column, some)).order_by(col(Firm.id))
            for number, into, brn, key, country, joined, *facts in self.look(query):
                if number not in self._firms:
                    columns = tuple(facts[at] if at is not None else None for at in _FIRM_PLACES)
                    firm = KnownFirm(
                        number, into or number, brn, key, country, joined is not None, columns
                    )
                    self._firms[number] = firm
                    new.append(firm)
        return new

    def _numbered(self, numbers: Collection[int]) -> list[KnownFirm]:
        """Firms by their numbers, and those that they were found to be."""
        new: list[KnownFirm] = []
        while numbers := {number for number in numbers if number not in self._firms}:
            found = self._alike(Firm.id, numbers)
            new += found
            numbers = {firm.root for firm in found}
        return new

    def _rooted(self, firm: KnownFirm) -> KnownFirm:
        """With the firm at the end of the way of pointers."""
        root = firm.root
        while self._firms[root].root != root:
            root = self._firms[root].root
        return firm if root == firm.root else firm._replace(root=root)

    def _told_before(self, brns: set[str], keys: set[str]) -> set[int]:
        """Firms that the sheet's firm has called so, or given these numbers."""
        found: set[int] = set()
        for column, values in ((Description.brn, brns), (Description.name_key, keys)):
            for some in batches([] if self._silent else sorted(values), _AT_ONCE):
                found |= {
                    number
                    for (number,) in self.look(
                        self._own(Description.told_firm_id).where(among(self.session, column, some))
                    )
                }
        return found

    def _words(self, firms: list[int]) -> dict[int, OwnWord]:
        """What the sheet's firm tells of these, the newest first."""
        told: dict[int, list[Any]] = {}
        for some in batches([] if self._silent else sorted(firms), _AT_ONCE):
            living = self._own(*_WORD).where(among(self.session, Description.told_firm_id, some))
            for number, *word in self.look(living):
                told.setdefault(number, []).append(word)
        return {number: _one_word(words) for number, words in told.items()}

    def _own(self, *columns: Any) -> Any:
        living = select(*columns).where(
            _unindexed(Description.by_id) == self.lead_id, col(Description.ended).is_(None)
        )
        return living.order_by(col(Description.at).desc(), col(Description.id).desc())

    def _said(self, links: list[int]) -> dict[int, _Said]:
        """Link → what the sheet's firm says about it, and whether others say anything."""
        said: dict[int, _Said] = {}
        for some in batches(links, _AT_ONCE):
            living = select(
                Declaration.link_id, Declaration.firm_id, Declaration.stance, Declaration.share
            ).where(
                among(self.session, Declaration.link_id, some), col(Declaration.ended).is_(None)
            )
            in_turn = living.order_by(col(Declaration.at), col(Declaration.id))
            for link, firm, stance, share in self.look(in_turn):
                before = said.get(link, _SILENCE)
                if firm != self.lead_id:
                    said[link] = before._replace(others=True)
                    continue
                last = share if share is not None else before.share
                said[link] = _Said(True, stance == "holds", last, before.others)
        return said


def _unindexed(column: Any) -> Any:
    """A column for whose sake no index is to be chosen: the other condition is the narrow one.

    A firm with long sheets has said most of what there is.
    """
    return column + 0


def _digest(rows: Iterable[Any]) -> int:
    return hash(tuple(tuple(row) for row in rows))


def _one_word(words: list[Any]) -> OwnWord:
    """Several descriptions of one firm, the newest first, field by field."""
    facts = [None if value == "" else value for value in words[0][2:]]
    for word in words[1:]:
        for place, value in enumerate(word[2:]):
            if facts[place] is None and value != "":
                facts[place] = value
    brn = 2 + FACTS.index("brn")
    return OwnWord(
        frozenset((word[0], word[1]) for word in words),
        frozenset(word[brn] for word in words if word[brn]),
        tuple(facts),
    )
