"""Find firms, and add one."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

from sqlmodel import Session, col, select

from supplychain.errors import FirmNotFound, NameAmbiguous, SupplyChainError
from supplychain.identify import registration_number
from supplychain.matching import name_key
from supplychain.rows import ReadFirm
from supplychain.tables import Firm

_AT_ONCE = 500
_TOLD = ("region", "process", "employees", "sector", "sector_revision")
T = TypeVar("T")


def firm_by_id(session: Session, firm_id: int) -> Firm:
    """Raises FirmNotFound."""
    firm = session.get(Firm, firm_id)
    if firm is None:
        raise FirmNotFound(firm=firm_id)
    return firm


def find_firm(session: Session, text: str) -> Firm:
    """The firm that a person means by a registration number, a name or our own number.

    One that was found to be another gives that other. Raises FirmNotFound, or NameAmbiguous where
    several bear the name.
    """
    try:
        condition = col(Firm.brn) == registration_number(text)
    except SupplyChainError:
        condition = col(Firm.name_key) == name_key(text)
    named = session.exec(select(Firm).where(condition).order_by(col(Firm.id))).all()
    found = {id_of(root): root for root in (root_firm(session, firm) for firm in named)}
    if not found and text.isdecimal() and len(text) < 10:
        return root_firm(session, firm_by_id(session, int(text)))
    if not found:
        raise FirmNotFound(firm=text)
    if len(found) > 1:
        raise NameAmbiguous(name=text, count=len(found))
    return next(iter(found.values()))


def root_firm(session: Session, firm: Firm) -> Firm:
    """The firm that this one was found to be; itself where it was not merged."""
    while firm.merged_into_id is not None:
        firm = firm_by_id(session, firm.merged_into_id)
    return firm


def add_firm(session: Session, told: ReadFirm) -> Firm:
    """A new firm with its number."""
    firm = Firm(name=told.name, name_key=told.key, brn=told.brn, country=told.country)
    for name in _TOLD:
        setattr(firm, name, getattr(told, name))
    session.add(firm)
    session.flush()
    return firm


def batches(values: Iterable[T], at_once: int = _AT_ONCE) -> Iterator[list[T]]:
    """Values in handfuls that fit into one IN (…)."""
    rest = iter(values)
    while batch := list(islice(rest, at_once)):
        yield batch


def id_of(firm: Firm) -> int:
    """The number of a firm that is in the database; raises FirmNotFound."""
    if firm.id is None:
        raise FirmNotFound(firm=firm.name)
    return firm.id
