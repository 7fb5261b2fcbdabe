"""Take a lead firm's sheets in: good rows become firms and links, bad rows stay as faults."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from sqlmodel import Session, func, select

from supplychain.comparison import Coming
from supplychain.errors import CellFault, NameShared, SuppliesItself
from supplychain.reading import Reading
from supplychain.rows import FaultAt, ReadFirm, ReadLink, Row
from supplychain.services.firms import FirmBook, id_of
from supplychain.services.links import LinkBook, ToldLink
from supplychain.tables import Firm, Sheet, SheetFault, now

_TURN = 0x5EE7  # a number of our own among the locks that applications may take
_STRONGEST_FIRST = ("new", "changed", "unchanged")


TakenIn = Coming
Tell = Callable[[int], None]  # told how many rows are done; what it raises stops the work


def note_sheet(
    session: Session, lead: Firm, content: bytes, reading: Reading, *, file_name: str, actor: str
) -> Sheet:
    """The sheet's row, waiting to be taken in; the same tab of the same file is the same row.

    One that was withdrawn, or failed, waits again.
    """
    digest = sha256(content).hexdigest()
    known = select(Sheet).where(Sheet.lead_id == lead.id, Sheet.sha256 == digest)
    sheet = session.exec(known).first()
    if sheet is None:
        sheet = Sheet(lead_id=id_of(lead), sha256=digest, file_name="", size=len(content))
    if sheet.state == "waiting":
        sheet.file_name, sheet.actor = file_name[-200:], actor
        sheet.kind, sheet.encoding = reading.table.kind, reading.table.encoding
        sheet.tab, sheet.rows = reading.table.tab[:100], len(reading.rows)
        sheet.layout = reading.layout.model_dump(exclude_none=True)
    session.add(sheet)
    session.flush()
    return sheet


def earlier_of(session: Session, sheet: Sheet) -> Sheet | None:
    """The sheet of the same firm that this one most likely renews: the same layout, a like name.

    The last one that was taken in, and that no other has renewed since.
    """
    raise NotImplementedError


def renew(session: Session, sheet: Sheet, older_id: int | None) -> None:
    """Choose which earlier sheet this one renews, or none. Only while it waits.

    Raises SheetNotFound for one of another firm or one that is not taken in.
    """
    raise NotImplementedError


def compare(session: Session, sheet: Sheet, reading: Reading, tell: Tell | None = None) -> Coming:
    """What would come of the sheet now. Only reads; the answer can be given to `take_in`."""
    raise NotImplementedError


def take_in(
    session: Session, sheet: Sheet, reading: Reading, coming: Coming | None = None
) -> Coming:
    """Write what the good rows say, keep the faults of the others; all of it or nothing.

    `coming` as `compare` gave it spares a second comparison where nothing was written since.
    A sheet that is taken in already is left as it is.
    """
    raise NotImplementedError


def withdraw(session: Session, sheet: Sheet, actor: str) -> None:
    """End what the sheet told, and let live again what it had ended. It can be taken in again."""
    raise NotImplementedError


def queue(session: Session, sheet: Sheet) -> None:
    """Leave a long sheet to the worker: "queued". Only one that waits."""
    raise NotImplementedError


def ask_to_stop(session: Session, sheet: Sheet) -> bool:
    """Back to "waiting" where nothing of it has been written yet; whether that was so."""
    raise NotImplementedError


def take_in_sheet(session: Session, sheet: Sheet, reading: Reading) -> TakenIn:
    """Add what the good rows say, keep the faults of the others.

    Idempotent: firms by registration number or name, links by supplier, buyer and item. The
    sheet's own counts tell of the first time that it was taken in.
    """
    _take_turns(session)
    taken = TakenIn()
    book = FirmBook(session, reading.firms())
    lead = session.get_one(Firm, sheet.lead_id)
    read = [_firms_of(book, lead, row) for row in reading.rows]
    book.settle()
    told = [_links_of(row) for row in read]
    links = LinkBook(session, sheet, {link.supplier_id for row in told for link in row})
    for row, row_links in zip(read, told, strict=True):
        taken.rows[_came_of(row, row_links, links)] += 1
    links.settle()
    taken.firms, taken.firms_new = len(book.spellings), book.new
    taken.links = len({link.key for row in told for link in row})
    taken.links_new = links.new
    taken.joined = sorted(sorted(names) for names in book.spellings if len(names) > 1)
    taken.faults = [fault for row in read for fault in row.faults]
    if sheet.state != "taken":
        _close(session, sheet, taken)
    return taken


def _take_turns(session: Session) -> None:
    """Wait while another sheet is taken in: firms known by name have no key to guard them.

    SQLite lets one writer in at a time anyhow.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(select(func.pg_advisory_xact_lock(_TURN)))


@dataclass
class _ReadRow:
    """A row whose firms are known. Nothing of a row that is not good reaches the database."""

    number: int
    good: bool
    faults: list[FaultAt]
    links: list[tuple[Firm, Firm, ReadLink]] = field(default_factory=list)
    news: bool = False


def _firms_of(book: FirmBook, lead: Firm, row: Row) -> _ReadRow:
    faults = [*row.faults, *_doubts(book, row)]
    good = not any(at.fault.refuses for at in faults)
    read = _ReadRow(row.number, good, faults)
    for link in row.links if read.good else ():
        supplier, told = book.find_or_add(link.supplier)
        buyer, told_too = book.find_or_add(link.buyer) if link.buyer else (lead, False)
        read.news = read.news or told or told_too
        if supplier is buyer:
            read.faults.append(_at(row, link.supplier, SuppliesItself()))
        else:
            read.links.append((supplier, buyer, link))
    return read


def _doubts(book: FirmBook, row: Row) -> Iterable[FaultAt]:
    """What only the firms that we know already can tell: names that several bear."""
    for told in _parties(row.links) if row.good else ():
        try:
            book.find(told)
        except NameShared as fault:
            yield _at(row, told, fault)
            continue
        if differs := book.differs(told):
            yield _at(row, told, differs)


def _parties(links: list[ReadLink]) -> Iterable[ReadFirm]:
    for link in links:
        yield link.supplier
        if link.buyer:
            yield link.buyer


def _at(row: Row, told: ReadFirm, fault: CellFault) -> FaultAt:
    return FaultAt(row.number, told.column, told.name, fault)


def _links_of(row: _ReadRow) -> list[ToldLink]:
    return [
        ToldLink(id_of(supplier), id_of(buyer), link.item, link.share, row.number)
        for supplier, buyer, link in row.links
    ]


def _came_of(row: _ReadRow, told: list[ToldLink], links: LinkBook) -> str:
    if not row.good:
        return "faulty"
    came = {links.declare(link) for link in told} | ({"changed"} if row.news else set())
    return next((word for word in _STRONGEST_FIRST if word in came), "unchanged")


def _close(session: Session, sheet: Sheet, taken: TakenIn) -> None:
    """Write on the sheet what came of it, and keep its faults."""
    sheet.state, sheet.taken_at = "taken", now()
    sheet.rows = taken.rows.total()
    sheet.rows_new, sheet.rows_changed = taken.rows["new"], taken.rows["changed"]
    sheet.rows_unchanged, sheet.rows_faulty = taken.rows["unchanged"], taken.rows["faulty"]
    sheet.firms_new, sheet.links_new = taken.firms_new, taken.links_new
    session.add(sheet)
    session.add_all(kept_faults(sheet, taken.faults))
    session.flush()


def kept_faults(sheet: Sheet, faults: list[FaultAt]) -> list[SheetFault]:
    """Faults as they are kept; a remark that repeats stands once, with the number of its rows."""
    kept: dict[tuple[object, ...], SheetFault] = {}
    for at in faults:
        kind = type(at.fault).__name__
        same = (at.column[:100], kind, at.row if at.fault.refuses else at.value)
        if same in kept:
            kept[same].rows += at.row != kept[same].row
            continue
        kept[same] = SheetFault(
            sheet_id=sheet.id or 0,
            row=at.row,
            column=at.column[:100],
            value=at.value,
            kind=kind,
            facts=at.fault.facts,
            refuses=at.fault.refuses,
        )
    return list(kept.values())
