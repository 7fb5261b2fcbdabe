"""What a comparison found, written in bulk: firms, plants, links, and who says all of it.

Whoever calls keeps other writers of firms out (supplychain.services.turns).
"""

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import bindparam, update
from sqlmodel import Session, SQLModel, col, select

from supplychain.cells import NAME_LIMIT
from supplychain.comparison import Comparison, ToldLink
from supplychain.firm_book import FACTS, Party
from supplychain.services.bulk import among, next_ids, put
from supplychain.services.firms import batches
from supplychain.services.links import settle
from supplychain.tables import Declaration, Description, Firm, Link, Sheet, Site, now

_AT_ONCE = 2_000
_BRN, _REGION, _PROCESS, _LEVEL = (
    FACTS.index(name) for name in ("brn", "region", "process", "level")
)


def _kept_by(table: type[SQLModel]) -> tuple[list[str], list[tuple[int, Any]]]:
    """Facts that a table has columns for: names, and places with what stands for "not told"."""
    names = [name for name in FACTS if name in table.model_fields]
    return names, [(FACTS.index(name), table.model_fields[name].default) for name in names]


_FIRM_NAMES, _FIRM_PLACES = _kept_by(Firm)
_TOLD_NAMES, _TOLD_PLACES = _kept_by(Description)


def _facts(party: Party, places: list[tuple[int, Any]]) -> tuple[Any, ...]:
    facts = party.facts
    return tuple(default if facts[at] is None else facts[at] for at, default in places)


class Writer:
    """Writes one sheet, in the caller's transaction."""

    def __init__(self, session: Session, sheet: Sheet, compared: Comparison) -> None:
        session.flush()
        self.session = session
        self.connection = session.connection()
        self.compared = compared
        self.at = now()
        self.again = sheet.withdrawn_at is not None
        self.by_id = sheet.lead_id
        self.told = {"sheet_id": sheet.id, "actor": sheet.actor, "at": self.at, "ended": None}

    def write(self, touched: Collection[int]) -> None:
        """All that the sheet tells. Standings follow at the end, of `touched` links, too."""
        book, links = self.compared.book, list(self.compared.links.values())
        self._firms(book.named)
        self._sites(book.named)
        self._links([link for link in links if link.known is None])
        self._declarations(links)
        self._descriptions([party for party in book.named if party is not book.lead])
        standing = {link.id for link in links if link.stands}
        known = {link.id for link in links if link.known}
        settle(self.session, known.union(touched) - standing)
        self.session.expire_all()

    def _firms(self, named: list[Party]) -> None:
        new = [party for party in named if party.new]
        for party, number in zip(new, next_ids(self.connection, Firm, len(new)), strict=True):
            party.id = party.root = number
        columns = ("id", "name", "name_key", "country", *_FIRM_NAMES)
        put(self.connection, Firm, columns, map(_new_firm, new), {"created_at": self.at})
        self._fill([party for party in named if party.known and not party.joined])

    def _fill(self, parties: list[Party]) -> None:
        """What was not known of a firm that has not joined. Nothing is written over."""
        for name, (place, _) in zip(_FIRM_NAMES, _FIRM_PLACES, strict=True):
            told = [
                {"number": party.id, "value": party.facts[place]}
                for party in parties
                if party.known
                and party.known.columns[place] in (None, "")
                and party.facts[place] is not None
                and (place != _BRN or party.facts[place] == party.brn)
            ]
            change = update(Firm).where(col(Firm.id) == bindparam("number"))
            if told:
                self.connection.execute(change.values({name: bindparam("value")}), told)

    def _sites(self, named: list[Party]) -> None:
        """A first plant where the sheet says what is done there; the firm corrects it later."""
        making = {
            party.root: party for party in named if party.facts[_PROCESS] and not party.joined
        }
        known = [root for root, party in making.items() if not party.new]
        for some in batches(sorted(known), _AT_ONCE):
            have = select(Site.firm_id).where(among(self.session, Site.firm_id, some))
            for firm_id in set(self.session.exec(have)):
                making.pop(firm_id, None)
        names = self._names([root for root, party in making.items() if not party.new])
        columns = ("firm_id", "told_firm_id", "name", "region", "process", "level")
        rows = (_first_site(party, names.get(root, party.name)) for root, party in making.items())
        put(self.connection, Site, columns, rows, {})

    def _names(self, firms: list[int]) -> dict[int, str]:
        return {
            number or 0: name
            for some in batches(sorted(firms), _AT_ONCE)
            for number, name in self.session.exec(
                select(Firm.id, Firm.name).where(among(self.session, Firm.id, some))
            )
        }

    def _links(self, new: list[ToldLink]) -> None:
        for link, number in zip(new, next_ids(self.connection, Link, len(new)), strict=True):
            link.id = number
        columns = (
            "id", "supplier_id", "buyer_id", "told_supplier_id", "told_buyer_id", "item", "share",
        )  # fmt: skip
        # The first statement about a link is its only one, so its share stands and it is open.
        put(self.connection, Link, columns, map(_new_link, new), {"since": self.at})

    def _declarations(self, links: list[ToldLink]) -> None:
        put(
            self.connection,
            Declaration,
            ("link_id", "row", "share"),
            ((link.id, link.row, link.share) for link in links),
            {"firm_id": self.by_id, "stance": "holds", **self.told},
            ("link_id", "firm_id", "sheet_id") if self.again else (),
        )

    def _descriptions(self, parties: list[Party]) -> None:
        columns = ("firm_id", "told_firm_id", "row", "name", "name_key", "country", *_TOLD_NAMES)
        rows: Iterator[tuple[Any, ...]] = map(_description, parties)
        key = ("told_firm_id", "by_id", "sheet_id") if self.again else ()
        put(self.connection, Description, columns, rows, {"by_id": self.by_id, **self.told}, key)


def _new_firm(party: Party) -> tuple[Any, ...]:
    return party.id, party.name, party.key, party.country, *_facts(party, _FIRM_PLACES)


def _new_link(link: ToldLink) -> tuple[Any, ...]:
    ends = (link.supplier.root, link.buyer.root, link.supplier.id, link.buyer.id)
    return link.id, *ends, link.item, link.share


def _description(party: Party) -> tuple[Any, ...]:
    told = (party.root, party.id, party.row, party.name, party.told_key, party.told_country)
    return *told, *_facts(party, _TOLD_PLACES)


def _first_site(party: Party, name: str) -> tuple[Any, ...]:
    facts = party.facts
    called = f"{name} 본사 공장" if party.country == "KR" else name
    told = (facts[_REGION] or "", facts[_PROCESS], facts[_LEVEL] or 0)
    return party.root, party.id, called[:NAME_LIMIT], *told
