"""What would come of a sheet, row by row, against what is known already. Pure.

Whether a firm or a link is new is counted by what the sheet's own firm has told before: what
others told is not its to learn.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from supplychain.errors import CellFault, NameShared, NumberDiffers, ShareTwice, SuppliesItself
from supplychain.firm_book import FirmBook, KnownFirm, Party, Resolved
from supplychain.rows import FaultAt, ReadFirm, ReadLink, Row

_MANY = 10  # links; fewer that end are no sweep unless they are all
SHOWN = 200  # lines of each kind that are kept to be shown; all are counted
LinkKey = tuple[int, int, str]  # numbers of supplier and buyer as they were named, and the item
_STRONGEST_FIRST = ("new", "changed", "unchanged")


class KnownLink(NamedTuple):
    """A link of the database, with what is said about it now.

    `link_share` as it follows from all that is said; `said`, `holds`, `share`: the last word of
    the sheet's firm; `others`: whether anybody else says anything.
    """

    id: int
    ended: bool
    link_share: float | None
    said: bool
    holds: bool
    share: float | None
    others: bool


@dataclass(frozen=True)
class Line:
    """One link as a row tells it. `before` and `after` say what a change is, by field.

    `ends`: a link that is gone from the list ends with it, because nobody else declares it.
    """

    row: int | None
    supplier: str
    buyer: str
    item: str
    before: dict[str, object] = field(default_factory=dict)
    after: dict[str, object] = field(default_factory=dict)
    ends: bool = False


class ToldLink:
    """A link as the sheet tells it. `known`: as the database has it; `id` is 0 for a new one."""

    __slots__ = ("buyer", "id", "item", "known", "row", "share", "supplier")

    def __init__(
        self, supplier: Party, buyer: Party, told: ReadLink, row: int, known: KnownLink | None
    ) -> None:
        self.supplier = supplier
        self.buyer = buyer
        self.item = told.item
        self.share = told.share
        self.row = row
        self.known = known
        self.id = known.id if known else 0

    @property
    def stands(self) -> bool:
        """Whether nothing follows for the link: its only speaker says the same again."""
        known = self.known
        return (
            known is not None
            and known.said
            and known.holds
            and not known.ended
            and not known.others
            and known.link_share == self.share
        )


@dataclass
class Coming:
    """What would come of a sheet, or came of it.

    `rows` by "new", "changed", "unchanged", "faulty": a row counts once, new before changed before
    unchanged. `firms`, `links`: how many the sheet names; `…_new`: how many of them its firm had
    not told of before; `links_gone`: of the `links_before` of the older sheet those that this one
    no longer names.
    `new`, `changed`, `gone` show the first of them. `joined`: spellings taken for one firm.
    `compared`: all that is to be written, `basis`: what it was compared with
    (supplychain.services.sheets); None once it is written.
    """

    rows: Counter[str] = field(default_factory=Counter)
    firms: int = 0
    firms_new: int = 0
    links: int = 0
    links_new: int = 0
    links_before: int = 0
    links_gone: int = 0
    new: list[Line] = field(default_factory=list)
    changed: list[Line] = field(default_factory=list)
    gone: list[Line] = field(default_factory=list)
    faults: list[FaultAt] = field(default_factory=list)
    joined: list[list[str]] = field(default_factory=list)
    compared: "Comparison | None" = field(default=None, repr=False, compare=False)
    basis: object = field(default=None, repr=False, compare=False)

    @property
    def another(self) -> bool:
        """Whether nothing of the older sheet stands in this one: hardly its new version."""
        return 0 < self.links_before == self.links_gone

    @property
    def sweeping(self) -> bool:
        """Whether so much would end that somebody has to agree to the very number.

        >>> [Coming(links_before=b, links_gone=g).sweeping for b, g in ((3, 3), (3, 2), (30, 16))]
        [True, False, True]
        """
        most = self.links_gone >= _MANY and 2 * self.links_gone > self.links_before
        return self.another or most

    @property
    def refused(self) -> list[FaultAt]:
        """Faults because of which a row would not be taken in."""
        return [at for at in self.faults if at.fault.refuses]

    @property
    def doubts(self) -> list[FaultAt]:
        """Remarks about rows that would be taken in nevertheless."""
        return [at for at in self.faults if not at.fault.refuses]


class Comparison:
    """Rows in their order, against what is known of their firms and links."""

    def __init__(self, lead: KnownFirm, lead_name: str, share_columns: dict[str, str]) -> None:
        self.book = FirmBook(lead, lead_name)
        self.links: dict[LinkKey, ToldLink] = {}
        self.coming = Coming()
        self._known: dict[LinkKey, KnownLink] = {}
        self._share_columns = share_columns

    def resolve(self, row: Row) -> Resolved:
        """Which firms a row means; its faults are kept. Their links have to be known next."""
        read = Resolved(row.number, row.good)
        self.coming.faults += row.faults
        found = [self._find(told, read) for told in _parties(row.links)] if row.good else []
        meant = iter(found)
        for link in row.links if read.good else ():
            supplier = self.book.tell(link.supplier, next(meant), read)
            buyer = self.book.lead
            if link.buyer:
                buyer = self.book.tell(link.buyer, next(meant), read)
            if supplier is buyer:
                self._remark(read, link.supplier, SuppliesItself())
            else:
                read.links.append((supplier, buyer, link))
        return read

    def _find(self, told: ReadFirm, read: Resolved) -> Party | None:
        """The firm, with doubts that only the firms that are known already can raise."""
        try:
            found, differs = self.book.find(told)
        except NameShared as fault:
            read.good = False
            self._remark(read, told, fault)
            return None
        if differs:
            self._remark(read, told, NumberDiffers())
        return found

    def know(self, links: dict[LinkKey, KnownLink]) -> None:
        """Links of the database, by the numbers of supplier and buyer and by item."""
        self._known |= links

    def judge(self, row: Resolved) -> None:
        """Count what comes of the row."""
        if not row.good:
            self.coming.rows["faulty"] += 1
            return
        came = {self._declare(row, *link) for link in row.links}
        came |= {"changed"} if row.news else set()
        word = next((word for word in _STRONGEST_FIRST if word in came), "unchanged")
        self.coming.rows[word] += 1
        shown = {"new": self.coming.new, "changed": self.coming.changed}.get(word)
        if shown is not None and len(shown) < SHOWN and row.links:
            supplier, buyer, told = row.links[0]
            line = Line(row.number, supplier.name, buyer.name, told.item, row.before, row.after)
            shown.append(line)

    def done(self) -> Coming:
        """All of it, once every row was judged."""
        coming, named = self.coming, self.book.named
        coming.firms = len(named)
        coming.firms_new = sum(not party.word for party in named if party is not self.book.lead)
        coming.links = len(self.links)
        coming.joined = sorted(
            sorted({party.name, *party.others}) for party in named if party.others
        )
        return coming

    def _declare(self, row: Resolved, supplier: Party, buyer: Party, told: ReadLink) -> str:
        key = (supplier.id or -id(supplier), buyer.id or -id(buyer), told.item)
        link = self.links.get(key)
        if link is None:
            link = self.links[key] = ToldLink(
                supplier, buyer, told, row.number, self._known.get(key)
            )
            if link.known is None or not link.known.said:
                self.coming.links_new += 1
                return "new"
            alive = link.known.holds and not link.known.ended
            return self._share_came(row, link) if alive else "changed"
        if told.share in (None, link.share):
            return "unchanged"
        if link.share is None:
            link.share = told.share
            return self._share_came(row, link)
        column = self._share_columns.get(told.supplier.column, "")
        fault = ShareTwice(row=link.row)
        self.coming.faults.append(FaultAt(row.number, column, f"{told.share:g}", fault))
        return "unchanged"

    def _share_came(self, row: Resolved, link: ToldLink) -> str:
        """Whether the share is another one than the sheet's firm said before."""
        known = link.known
        if known is None or not known.said or link.share in (None, known.share):
            return "unchanged"
        row.before["share"], row.after["share"] = known.share, link.share
        return "changed"

    def _remark(self, row: Resolved, told: ReadFirm, fault: CellFault) -> None:
        self.coming.faults.append(FaultAt(row.number, told.column, told.name, fault))


def _parties(links: list[ReadLink]) -> Iterator[ReadFirm]:
    for link in links:
        yield link.supplier
        if link.buyer:
            yield link.buyer
