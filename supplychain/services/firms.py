"""Find firms, and find or add the ones that a sheet names."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

from sqlmodel import Session, col, select

from supplychain.cells import NAME_LIMIT
from supplychain.errors import (
    FirmNotFound,
    NameAmbiguous,
    NameShared,
    NumberDiffers,
    SupplyChainError,
)
from supplychain.identify import registration_number
from supplychain.matching import name_key
from supplychain.rows import ReadFirm
from supplychain.tables import Firm, Site

_AT_ONCE = 500
T = TypeVar("T")


def firm_by_id(session: Session, firm_id: int) -> Firm:
    """Raises FirmNotFound."""
    firm = session.get(Firm, firm_id)
    if firm is None:
        raise FirmNotFound(firm=firm_id)
    return firm


def find_firm(session: Session, text: str) -> Firm:
    """The firm that a person means by a registration number, a name or our own number.

    Raises FirmNotFound, or NameAmbiguous where several bear the name.
    """
    try:
        condition = col(Firm.brn) == registration_number(text)
    except SupplyChainError:
        condition = col(Firm.name_key) == name_key(text)
    found = session.exec(select(Firm).where(condition)).all()
    if not found and text.isdecimal() and len(text) < 10:
        return firm_by_id(session, int(text))
    if not found:
        raise FirmNotFound(firm=text)
    if len(found) > 1:
        raise NameAmbiguous(name=text, count=len(found))
    return found[0]


def add_firm(session: Session, told: ReadFirm) -> Firm:
    """A new firm with its number."""
    firm = _new(told)
    session.add(firm)
    session.flush()
    return firm


def _new(told: ReadFirm) -> Firm:
    return Firm(
        name=told.name,
        name_key=told.key,
        brn=told.brn,
        country=told.country,
        region=told.region,
        process=told.process,
        employees=told.employees,
        sector=told.sector,
    )


class FirmBook:
    """The firms that a sheet may mean, looked up together; new ones are added to it.

    New firms have no number before `settle` has written all of them at once.

    Identity: the registration number where a row gives one, else the name's key within a country.
    """

    def __init__(self, session: Session, told: Iterable[ReadFirm]) -> None:
        self.session = session
        self.new = 0
        self._spellings: dict[int, set[str]] = {}
        self._told: list[tuple[Firm, ReadFirm]] = []
        self._by_brn: dict[str, Firm] = {}
        self._by_key: dict[str, list[Firm]] = {}
        wanted = list(told)
        for numbers in batches(sorted({firm.brn for firm in wanted if firm.brn})):
            for firm in session.exec(select(Firm).where(col(Firm.brn).in_(numbers))):
                self._keep(firm)
        for keys in batches(sorted({firm.key for firm in wanted})):
            for firm in session.exec(select(Firm).where(col(Firm.name_key).in_(keys))):
                self._keep(firm)

    def find(self, told: ReadFirm) -> Firm | None:
        """The firm that is meant, if it is known.

        Raises NameShared where the name alone does not tell which of several is meant.
        """
        firm = self._by_brn.get(told.brn) if told.brn else None
        return firm or self._by_name(told)

    def find_or_add(self, told: ReadFirm) -> tuple[Firm, bool]:
        """The firm, and whether the row told something new of it. Raises NameShared."""
        firm = self.find(told)
        if firm is None:
            firm = _new(told)
            self.new += 1
            news = True
        else:
            news = self._fill(firm, told)
        if news:
            self.session.add(firm)
            self._keep(firm)
            self._told.append((firm, told))
        # By the object's own identity: there may be no number yet, and the book keeps it alive.
        self._spellings.setdefault(id(firm), set()).add(told.name)
        return firm, news

    @property
    def spellings(self) -> list[set[str]]:
        """The names under which each firm was met."""
        return list(self._spellings.values())

    def settle(self) -> None:
        """Write what was met: firms, and a first plant where the sheet says what is done there.

        The plant is as the sheet tells it; the firm itself corrects it later.
        """
        self.session.flush()
        making = {id_of(firm): (firm, told) for firm, told in self._told if told.process}
        for ids in batches(sorted(making)):
            known = select(Site.firm_id).where(col(Site.firm_id).in_(ids))
            for firm_id in set(self.session.exec(known)):
                del making[firm_id]
        self.session.add_all(_first_site(firm, told) for firm, told in making.values())
        self._told.clear()

    def differs(self, told: ReadFirm) -> NumberDiffers | None:
        """A remark where the name is known, but only under other registration numbers."""
        others = [firm for firm in self._named(told) if firm.brn not in (None, told.brn)]
        return NumberDiffers() if told.brn and others and told.brn not in self._by_brn else None

    def _named(self, told: ReadFirm) -> list[Firm]:
        return [firm for firm in self._by_key.get(told.key, []) if firm.country == told.country]

    def _by_name(self, told: ReadFirm) -> Firm | None:
        named = self._named(told)
        if told.brn:
            # A firm that was known by name only has now told its number.
            named = [firm for firm in named if firm.brn is None]
        if len(named) > 1:
            raise NameShared
        return named[0] if named else None

    def _fill(self, firm: Firm, told: ReadFirm) -> bool:
        """Fill in what was not known. What a firm has said of itself is never overwritten."""
        changed = False
        for field in ("brn", "region", "process", "employees", "sector"):
            value = getattr(told, field)
            if value and not getattr(firm, field):
                setattr(firm, field, value)
                changed = True
        return changed

    def _keep(self, firm: Firm) -> None:
        if firm.brn:
            self._by_brn[firm.brn] = firm
        same = self._by_key.setdefault(firm.name_key, [])
        if all(firm is not other for other in same):
            same.append(firm)


def _first_site(firm: Firm, told: ReadFirm) -> Site:
    name = f"{firm.name} 본사 공장" if firm.country == "KR" else firm.name
    return Site(
        firm_id=id_of(firm),
        name=name[:NAME_LIMIT],
        region=firm.region,
        process=told.process,
        level=told.level or 0,
    )


def batches(values: list[T]) -> Iterator[list[T]]:
    """Values in handfuls that fit into one IN (…)."""
    rest = iter(values)
    while batch := list(islice(rest, _AT_ONCE)):
        yield batch


def id_of(firm: Firm) -> int:
    """The number of a firm that is in the database; raises FirmNotFound."""
    if firm.id is None:
        raise FirmNotFound(firm=firm.name)
    return firm.id
