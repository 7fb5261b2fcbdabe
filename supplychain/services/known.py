"""What the database knows of the firms and links that a sheet names, looked up many at once.

Every look is remembered with a digest of its answer, so that whoever writes later can ask whether
anything was written in between.
"""

from collections.abc import Collection, Iterable
from typing import Any

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
_WORD = _columns(Description, ("told_firm_id", "name_key", "country", *FACTS))


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
        self._add_firms(self.look(select(*_FIRM).where(Firm.id == self.lead_id)))
        return self._firms[self.lead_id]

    def firms(self, told: Collection[ReadFirm]) -> tuple[list[KnownFirm], dict[int, OwnWord]]:
        """Every firm that these may mean, and what the sheet's firm tells of each already."""
        brns = {firm.brn for firm in told if firm.brn} - self._brns
        keys = {firm.key for firm in told} - self._keys
        self._brns |= brns
        self._keys |= keys
        before = set(self._firms)
        for column, values in ((Firm.brn, brns), (Firm.name_key, keys)):
            for some in batches(sorted(values), _AT_ONCE):
                self._add_firms(self.look(select(*_FIRM).where(among(self.session, column, some))))
        self._add_by_number(self._told_before(brns, keys) - set(self._firms))
        self._add_by_number(
            {f.root for f in self._firms.values() if f.id not in before} - set(self._firms)
        )
        new = [firm for number, firm in self._firms.items() if number not in before]
        return [self._rooted(firm) for firm in new], self._words([firm.id for firm in new])

    def links(self, suppliers: Collection[int]) -> dict[LinkKey, KnownLink]:
        """The links of these suppliers, with what the sheet's firm says about each."""
        asked = set(suppliers) - self._suppliers
        self._suppliers |= asked
        found: dict[int, tuple[LinkKey, bool]] = {}
        for some in batches(sorted(asked), _AT_ONCE):
            known = select(
                Link.id, Link.told_supplier_id, Link.told_buyer_id, Link.item, Link.ended
            ).where(among(self.session, Link.told_supplier_id, some))
            for number, supplier, buyer, item, ended in self.look(known.order_by(col(Link.id))):
                found[number] = ((supplier, buyer, item), ended is not None)
        said = self._said(sorted(found))
        return {
            key: KnownLink(number, ended, number in said, *said.get(number, (False, None)))
            for number, (key, ended) in found.items()
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

    def _add_firms(self, rows: Iterable[Any]) -> None:
        for number, into, brn, key, country, joined, *facts in rows:
            named = dict(zip(_FIRM_FACTS, facts, strict=True))
            columns = tuple(named.get(name) for name in FACTS)
            firm = KnownFirm(number, into or number, brn, key, country, bool(joined), columns)
            self._firms.setdefault(number, firm)

    def _add_by_number(self, numbers: Collection[int]) -> None:
        """Firms by their numbers, and those that they were found to be."""
        while numbers:
            for some in batches(sorted(numbers), _AT_ONCE):
                self._add_firms(self.look(select(*_FIRM).where(among(self.session, Firm.id, some))))
            numbers = {self._firms[number].root for number in numbers} - set(self._firms)

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
            Description.by_id == self.lead_id, col(Description.ended).is_(None)
        )
        return living.order_by(col(Description.at).desc(), col(Description.id).desc())

    def _said(self, links: list[int]) -> dict[int, tuple[bool, float | None]]:
        """Link → whether the sheet's firm last said that it holds, and the share it last gave."""
        said: dict[int, tuple[bool, float | None]] = {}
        for some in batches(links, _AT_ONCE):
            living = select(Declaration.link_id, Declaration.stance, Declaration.share).where(
                Declaration.firm_id == self.lead_id,
                col(Declaration.ended).is_(None),
                among(self.session, Declaration.link_id, some),
            )
            for link, stance, share in self.look(
                living.order_by(col(Declaration.at), col(Declaration.id))
            ):
                before = said.get(link, (True, None))[1]
                said[link] = (stance == "holds", share if share is not None else before)
        return said


def _digest(rows: Iterable[Any]) -> int:
    return hash(tuple(tuple(row) for row in rows))


def _one_word(words: list[Any]) -> OwnWord:
    facts = tuple(
        next((word[place] for word in words if word[place] not in (None, "")), None)
        for place in range(2, 2 + len(FACTS))
    )
    brn = 2 + FACTS.index("brn")
    return OwnWord(
        frozenset((word[0], word[1]) for word in words),
        frozenset(word[brn] for word in words if word[brn]),
        facts,
    )
