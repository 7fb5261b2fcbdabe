"""What a comparison found, written in bulk: firms, plants, links, and who says all of it.

Numbers of new rows are taken beforehand, so that nothing has to be read back; whoever calls keeps
other writers of firms out (supplychain.services.turns).
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col, select

from supplychain.cells import NAME_LIMIT
from supplychain.comparison import Comparison, ToldLink
from supplychain.firm_book import FACTS, Party
from supplychain.services.firms import batches
from supplychain.services.links import settle
from supplychain.tables import Declaration, Description, Firm, Link, Sheet, Site, now

_AT_ONCE = 2_000
_FIRM_FACTS = [name for name in FACTS if name in Firm.model_fields]
_SITE_FACTS = ("process", "region", "level")
Rows = Iterable[dict[str, Any]]


class Writer:
    """Writes one sheet; everything in the caller's transaction."""

    def __init__(self, session: Session, sheet: Sheet, compared: Comparison) -> None:
        session.flush()
        self.session = session
        self.connection = session.connection()
        self.sheet = sheet
        self.compared = compared
        self.at = now()

    def write(self, older: Iterable[int]) -> None:
        """All that the sheet tells; `older` are links whose statements another sheet's end ended.

        Standings follow at the end.
        """
        book, links = self.compared.book, list(self.compared.links.values())
        self._firms(book.named)
        self._sites(book.named)
        new = [link for link in links if link.known is None]
        self._links(new)
        self._declarations(links)
        self._descriptions([party for party in book.named if party is not book.lead])
        settled = {link.known.id for link in links if link.known}
        settle(self.session, settled | set(older))
        self.session.expire_all()

    def _firms(self, named: list[Party]) -> None:
        new = [party for party in named if party.new]
        for party, number in zip(new, next_ids(self.connection, Firm, len(new)), strict=True):
            party.id = party.root = number
        put(self.connection, Firm, (self._new_firm(party) for party in new))
        self._fill([party for party in named if party.known and not party.joined])

    def _new_firm(self, party: Party) -> dict[str, Any]:
        told = _filled(party, _FIRM_FACTS, Firm)
        return told | {
            "id": party.id,
            "brn": party.brn,
            "name": party.name,
            "name_key": party.key,
            "country": party.country,
            "created_at": self.at,
        }

    def _fill(self, parties: list[Party]) -> None:
        """What was not known of a firm that has not joined. Nothing is written over."""
        for name in _FIRM_FACTS:
            place = FACTS.index(name)
            told = [
                {"number": party.id, "value": party.facts[place]}
                for party in parties
                if party.known
                and party.known.columns[place] in (None, "")
                and party.facts[place] is not None
                and (name != "brn" or party.facts[place] == party.brn)
            ]
            change = update(Firm).where(col(Firm.id) == bindparam("number"))
            if told:
                self.connection.execute(change.values({name: bindparam("value")}), told)

    def _sites(self, named: list[Party]) -> None:
        """A first plant where the sheet says what is done there; the firm corrects it later."""
        making = {
            party.root: party
            for party in named
            if party.facts[FACTS.index("process")] and not party.joined
        }
        known = [root for root, party in making.items() if not party.new]
        for some in batches(sorted(known), _AT_ONCE):
            have = select(Site.firm_id).where(col(Site.firm_id).in_(some))
            for firm_id in set(self.session.exec(have)):
                making.pop(firm_id, None)
        names = self._names([root for root in making if not making[root].new])
        put(
            self.connection,
            Site,
            (_first_site(party, names.get(root, party.name)) for root, party in making.items()),
        )

    def _names(self, firms: list[int]) -> dict[int, str]:
        return {
            number or 0: name
            for some in batches(sorted(firms), _AT_ONCE)
            for number, name in self.session.exec(
                select(Firm.id, Firm.name).where(col(Firm.id).in_(some))
            )
        }

    def _links(self, new: list[ToldLink]) -> None:
        for link, number in zip(new, next_ids(self.connection, Link, len(new)), strict=True):
            link.id = number
        put(
            self.connection,
            Link,
            (
                {
                    "id": link.id,
                    "supplier_id": link.supplier.root,
                    "buyer_id": link.buyer.root,
                    "told_supplier_id": link.supplier.id,
                    "told_buyer_id": link.buyer.id,
                    "item": link.item,
                    "share": link.share,  # the first statement is the only one
                    "standing": "open",
                    "since": self.at,
                }
                for link in new
            ),
        )

    def _declarations(self, links: list[ToldLink]) -> None:
        rows = (
            {
                "link_id": link.id,
                "firm_id": self.sheet.lead_id,
                "sheet_id": self.sheet.id,
                "row": link.row,
                "stance": "holds",
                "share": link.share,
                "note": "",
                "actor": self.sheet.actor,
                "at": self.at,
                "ended": None,
                "ended_by_id": None,
            }
            for link in links
        )
        put(self.connection, Declaration, rows, ("link_id", "firm_id", "sheet_id"))

    def _descriptions(self, parties: list[Party]) -> None:
        rows = (
            _filled(party, FACTS, Description)
            | {
                "firm_id": party.root,
                "told_firm_id": party.id,
                "by_id": self.sheet.lead_id,
                "sheet_id": self.sheet.id,
                "row": party.row,
                "name": party.name,
                "name_key": party.told_key,
                "country": party.told_country,
                "actor": self.sheet.actor,
                "at": self.at,
                "ended": None,
            }
            for party in parties
        )
        put(self.connection, Description, rows, ("told_firm_id", "by_id", "sheet_id"))


def next_ids(connection: Connection, table: type[SQLModel], count: int) -> list[int]:
    """Numbers for new rows, that nobody else gets."""
    if not count:
        return []
    if connection.dialect.name == "postgresql":
        name = f'"{table.__tablename__}"'
        block = select(func.nextval(func.pg_get_serial_sequence(name, "id")))
        numbers = block.select_from(func.generate_series(1, count))
        return sorted(connection.execute(numbers).scalars())
    # One writer at a time, and rows of these tables are never deleted.
    last = connection.execute(select(func.max(table.id))).scalar() or 0  # type: ignore[attr-defined] # every table has one
    return list(range(last + 1, last + count + 1))


def put(
    connection: Connection, table: type[SQLModel], rows: Rows, key: tuple[str, ...] = ()
) -> None:
    """Insert rows, many at a time. Those that a sheet told before, by its `key`, are told anew."""
    add: Any = insert(table)
    if key:
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        told_anew = dialect.insert(table)
        changed = {
            column.name: column for column in told_anew.excluded if column.name not in (*key, "id")
        }
        add = told_anew.on_conflict_do_update(
            index_elements=list(key),
            index_where=col(table.sheet_id).is_not(None),  # type: ignore[attr-defined] # both have one
            set_=changed,
        )
    for some in batches(rows, _AT_ONCE):
        connection.execute(add, some)


def _filled(party: Party, names: Iterable[str], table: type[SQLModel]) -> dict[str, Any]:
    """Facts as a table's columns; what was not told as the column's own default."""
    return {
        name: value if value is not None else table.model_fields[name].default
        for name, value in zip(FACTS, party.facts, strict=True)
        if name in names
    }


def _first_site(party: Party, name: str) -> dict[str, Any]:
    process, region, level = (party.facts[FACTS.index(fact)] for fact in _SITE_FACTS)
    return {
        "firm_id": party.root,
        "told_firm_id": party.id,
        "name": (f"{name} 본사 공장" if party.country == "KR" else name)[:NAME_LIMIT],
        "region": region or "",
        "process": process,
        "level": level or 0,
    }
