"""Times to recover, stocks, capacities, margins: who said so, and what an asker may know of it.

A firm's own word goes to those to whom it tells of itself (supplychain.services.acquainted), and
wins over what the asker guessed. What others guessed is theirs.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlmodel import Session, col, or_, select

from supplychain.cells import plain
from supplychain.faults import AtLine, Faults
from supplychain.risk.errors import FactFirmUnknown, FactInvalid, FactsInvalid
from supplychain.risk.facts import ASSUMED, KINDS, LIMITS, Assumed, RiskFacts, Source, Told
from supplychain.risk.facts_file import FactLine, firms_called
from supplychain.risk_tables import RiskFact
from supplychain.services.acquainted import acquainted
from supplychain.services.firms import batches
from supplychain.services.merging import roots
from supplychain.services.sight import Sight
from supplychain.tables import now

Key = TypeVar("Key")


@dataclass(frozen=True)
class Saying:
    """One thing that a firm says: of a firm, or of that firm's goods at a buyer."""

    firm: int
    kind: str
    value: float
    buyer: int | None = None
    item: str = ""


def facts_of(
    session: Session, asker_id: int, firms: Collection[int], assumed: Assumed = ASSUMED
) -> RiskFacts:
    """What an asker may know of firms that it sees, and what counts where nothing is known.

    The caller gives firms that the asker sees by name. Stocks are told of deliveries between two
    of them: ask RiskFacts.stock for deliveries alone that the asker sees, too.
    """
    chosen = set(firms)
    alone: dict[int, dict[str, Told]] = {}
    stocks: dict[tuple[int, int, str], Told] = {}
    for row, source in _readable(session, asker_id, chosen):
        told = Told(row.value, source, row.at)
        if row.buyer_id is not None:
            _keep(stocks, (row.firm_id, row.buyer_id, row.item), told)
        else:
            _keep(alone.setdefault(row.firm_id, {}), row.kind, told)
    return RiskFacts(alone, stocks, assumed)


def sayings_of(session: Session, sight: Sight, firm_id: int) -> list[tuple[RiskFact, Source]]:
    """What an asker may read of one firm: both its word and the asker's own, the newest first.

    Of goods at a buyer only where the asker sees that delivery.
    """
    seen = {(x.supplier, x.buyer, item) for x in sight.links.values() for item in (x.item, "")}
    rows = [
        (row, source)
        for row, source in _readable(session, sight.asker, None)
        if firm_id in (row.firm_id, row.buyer_id)
        and (row.buyer_id is None or (row.firm_id, row.buyer_id, row.item) in seen)
    ]
    return rows[::-1]


def say_fact(session: Session, by_id: int, saying: Saying, actor: str) -> RiskFact:
    """Say something anew; the old word of the same firm about the same ends. Raises FactInvalid.

    Said again as it stands, nothing happens. Where several firms were found to be one, what was
    said of each of them ends; a split does not bring it back.
    """
    _check(saying)
    same = roots(session)
    before = _living(session, by_id, saying, same)
    kept = before[0] if before and before[0].value == saying.value else None
    _end(session, [row for row in before if row is not kept])
    if kept is not None:
        return kept
    new = RiskFact(
        firm_id=same.get(saying.firm, saying.firm),
        told_firm_id=saying.firm,
        buyer_id=None if saying.buyer is None else same.get(saying.buyer, saying.buyer),
        told_buyer_id=saying.buyer,
        item=saying.item,
        kind=saying.kind,
        value=saying.value,
        by_id=by_id,
        actor=actor,
    )
    session.add(new)
    session.flush()
    return new


def _check(saying: Saying) -> None:
    if saying.kind not in KINDS:
        raise FactInvalid(kind=saying.kind, value=saying.value)
    low, high = LIMITS[saying.kind]
    of_a_delivery = saying.buyer is not None
    if not low <= saying.value <= high or (of_a_delivery and saying.kind != "stock_days"):
        raise FactInvalid(kind=saying.kind, value=f"{saying.value:g}")


def _living(
    session: Session, by_id: int, saying: Saying, same: Mapping[int, int]
) -> list[RiskFact]:
    """What a firm says of this now, the newest first: of firms found to be one, all of it."""
    speaker = same.get(by_id, by_id)
    selves = [speaker, *(firm for firm, root in same.items() if root == speaker)]
    end = None if saying.buyer is None else same.get(saying.buyer, saying.buyer)
    buyer = col(RiskFact.buyer_id)
    query = select(RiskFact).where(
        RiskFact.firm_id == same.get(saying.firm, saying.firm),
        buyer.is_(None) if end is None else buyer == end,
        RiskFact.item == saying.item,
        RiskFact.kind == saying.kind,
        col(RiskFact.by_id).in_(selves),
        col(RiskFact.ended).is_(None),
    )
    return list(session.exec(query.order_by(col(RiskFact.at).desc(), col(RiskFact.id).desc())))


def _end(session: Session, rows: Sequence[RiskFact]) -> None:
    for row in rows:
        row.ended = now()
        session.add(row)
    session.flush()


def _readable(
    session: Session, asker_id: int, firms: set[int] | None
) -> Sequence[tuple[RiskFact, Source]]:
    """Living facts that the asker may read, with whose word each is, the oldest first."""
    same = roots(session)
    speaking = acquainted(session, asker_id) | {asker_id}
    found: list[tuple[RiskFact, Source]] = []
    living = select(RiskFact).where(col(RiskFact.ended).is_(None))
    selves = [asker_id, *(firm for firm, root in same.items() if root == asker_id)]
    for some in batches(sorted(speaking)):
        theirs = or_(col(RiskFact.firm_id).in_(some), col(RiskFact.buyer_id).in_(some))
        rows = session.exec(living.where(theirs, col(RiskFact.by_id).not_in(selves)))
        for row in rows:
            holder = row.firm_id if row.buyer_id is None else row.buyer_id
            if same.get(row.by_id, row.by_id) == holder and holder in speaking:
                found.append((row, "own"))
    for row in session.exec(living.where(col(RiskFact.by_id).in_(selves))):
        holder = row.firm_id if row.buyer_id is None else row.buyer_id
        found.append((row, "own" if holder == asker_id else "asker"))
    if firms is not None:
        found = [
            (row, source)
            for row, source in found
            if row.firm_id in firms and (row.buyer_id is None or row.buyer_id in firms)
        ]
    unique = {row.id: (row, source) for row, source in found}
    return sorted(unique.values(), key=lambda each: (each[0].at, each[0].id or 0))


def _keep(found: dict[Key, Told], key: Key, told: Told) -> None:
    """The firm's own word wins; of two of the same kind the newer one."""
    before = found.get(key)
    if before is None or told.source == "own" or before.source != "own":
        found[key] = told


def take_in_facts(
    session: Session,
    by_id: int,
    lines: Sequence[FactLine],
    firms: Mapping[int, tuple[str, str | None]],
    actor: str,
) -> int:
    """Say all that a file tells of these firms (number → name, registration number), or nothing.

    How many statements were new. Raises FactsInvalid with every line that names none of them.
    """
    called = firms_called(firms)
    numbers = [called.get(each.firm) or called.get(plain(each.firm)) for each in lines]
    faults = [
        AtLine(line=each.line, fault=FactFirmUnknown(firm=each.firm))
        for each, number in zip(lines, numbers, strict=True)
        if number is None
    ]
    if faults:
        raise FactsInvalid(faults=Faults.of(faults))
    new, same = 0, roots(session)
    for each, number in zip(lines, numbers, strict=True):
        saying = Saying(number or 0, each.kind, each.value)
        before = _living(session, by_id, saying, same)
        new += not before or before[0].value != each.value
        say_fact(session, by_id, saying, actor)
    return new


def own_sayings(session: Session, by_id: int) -> dict[tuple[int, int | None, str, str], float]:
    """(firm, buyer, item, kind) → what a firm itself says of it now, a guess or its own word."""
    living = select(RiskFact).where(RiskFact.by_id == by_id, col(RiskFact.ended).is_(None))
    return {
        (row.firm_id, row.buyer_id, row.item, row.kind): row.value
        for row in session.exec(living.order_by(col(RiskFact.at), col(RiskFact.id)))
    }


def unsay_fact(session: Session, by_id: int, saying: Saying) -> bool:
    """End what a firm says of something; whether it said anything."""
    rows = _living(session, by_id, saying, roots(session))
    _end(session, rows)
    return bool(rows)
