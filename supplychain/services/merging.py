"""Firms that were found to be one. A merge is a pointer; all else follows, and can be taken back.

Merging B into A sets B.merged_into_id = A and nothing else: what was told of B stays told of B.
The columns without `told_` then name A, and name B again once the merge is split. Only a firm that
points nowhere gets a pointer, so that every merge can be split by itself, in whatever order.

A firm that speaks for itself is never merged away: it has joined, or has said something itself.
Whether other firms agree is supplychain.services.concerned's to ask.
"""

from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import CursorResult, update
from sqlmodel import Session, SQLModel, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from supplychain.errors import FirmNotFound
from supplychain.merge_errors import BothSpeak, MergeNotFound, OneFirmOnly, SpeaksForItself
from supplychain.risk_tables import RiskFact
from supplychain.services.firms import batches, firm_by_id, id_of, root_firm
from supplychain.services.links import settle
from supplychain.services.turns import take_turns
from supplychain.tables import (
    Consent,
    Declaration,
    Description,
    Firm,
    Invitation,
    Link,
    Merge,
    Sheet,
    Site,
    now,
)

# (table, column, what was told): all that follows from the pointers.
FOLLOWING: tuple[tuple[type[SQLModel], str, str], ...] = tuple(
    (table, name.removeprefix("told_"), name)
    for table in (Description, Site, Link, Invitation, RiskFact)
    for name in table.model_fields
    if name.startswith("told_")
)


def roots(session: Session) -> dict[int, int]:
    """Firm that was merged away → the firm that it was found to be; others are not in it."""
    merged = select(Firm.id, Firm.merged_into_id).where(col(Firm.merged_into_id).is_not(None))
    pointer = {number or 0: into or 0 for number, into in session.exec(merged)}
    return {number: _followed(pointer, number) for number in pointer}


def root_of(session: Session, firm_id: int) -> int:
    """The firm that this one was found to be; itself where it was not merged."""
    return id_of(root_firm(session, firm_by_id(session, firm_id)))


def members(session: Session, root_ids: Collection[int]) -> dict[int, set[int]]:
    """Root → the firms that were found to be it, itself included."""
    found = {number: {number} for number in root_ids}
    for number, root in roots(session).items():
        if root in found:
            found[root].add(number)
    return found


def merge(
    session: Session,
    into: int,
    others: Collection[int],
    *,
    by: int | None,
    actor: str,
    bound: Collection[int] = (),
) -> Merge:
    """Make the others one with `into`, all at once; `by` is the firm that says so, if one does.

    `bound`: firms that speak for themselves by what the caller alone knows (its people, its
    models). Said again, it is the merge that was made. Raises OneFirmOnly, FirmNotFound,
    SpeaksForItself and BothSpeak.
    """
    take_turns(session)
    known = roots(session)
    target = known.get(into, into)
    wanted = {known.get(other, other) for other in others} - {target}
    if not set(others) - {into}:
        raise OneFirmOnly
    if not wanted:
        return _made_before(session, known, target, set(others) | {into})
    firms = _firms(session, {target, *wanted})
    _refuse_speakers(session, firms, target, bound)
    for number in wanted:
        firms[number].merged_into_id = target
    row = Merge(into_id=target, firm_ids=sorted(wanted), by_id=by, actor=actor)
    session.add(row)
    session.flush()
    rederive(session, members(session, [target])[target])
    return row


def split(session: Session, merge_id: int, actor: str) -> Merge:
    """Take a merge back, the others as they are. Said again, nothing happens.

    Raises MergeNotFound.
    """
    take_turns(session)
    row = session.get(Merge, merge_id, populate_existing=True)
    if row is None:
        raise MergeNotFound(merge=merge_id)
    if row.split_at is not None:
        return row
    root = root_of(session, row.into_id)
    before = members(session, [root])[root]
    for firm in _firms(session, set(row.firm_ids)).values():
        if firm.merged_into_id == row.into_id:
            firm.merged_into_id = None
    row.split_at, row.split_by = now(), actor
    session.flush()
    rederive(session, before)
    return row


def rederive(session: Session, firm_ids: Collection[int] | None = None) -> int:
    """Make the columns without `told_` follow the pointers; how many were changed.

    For what was told of these firms, or of all. Standings of links follow, too.
    """
    session.flush()
    known = roots(session)
    chosen = set(known) if firm_ids is None else set(firm_ids)
    groups: dict[int, list[int]] = {}
    for number in chosen:
        groups.setdefault(known.get(number, number), []).append(number)
    touched = _links_told_of(session, chosen) if firm_ids is not None else set()
    changed = 0
    for table, column, told in FOLLOWING:
        for root, numbers in groups.items():
            changed += _point(session, table, column, told, numbers, root)
        if firm_ids is None:
            changed += _unpoint(session, table, column, told)
    if firm_ids is None and changed:
        touched = {number or 0 for number in session.exec(select(Link.id))}
    settle(session, touched)
    return changed


def slipped(session: Session) -> bool:
    """Whether rows do not follow the pointers: written beside a merge by who had read before it."""
    known = roots(session)
    merged = select(Firm.id).where(col(Firm.merged_into_id).is_not(None))
    for table, column, told in FOLLOWING:
        was, now_is = getattr(table, told), getattr(table, column)
        rows = select(was, now_is).where(or_(now_is != was, was.in_(merged)))
        if any(now != known.get(then, then) for then, now in session.exec(rows)):
            return True
    return False


def speakers(session: Session, firm_ids: Collection[int]) -> set[int]:
    """Which of these firms speak for themselves: they have joined, or said something."""
    found: set[int] = set()
    for some in batches(sorted(firm_ids)):
        joined = select(Firm.id).where(col(Firm.id).in_(some), col(Firm.joined_at).is_not(None))
        found |= {number or 0 for number in session.exec(joined)}
        for column in (
            Sheet.lead_id,
            Declaration.firm_id,
            Description.by_id,
            Invitation.by_id,
            Consent.firm_id,
            Consent.to_id,
        ):
            said: SelectOfScalar[int] = select(column).where(col(column).in_(some)).distinct()
            found |= set(session.exec(said))
    return found


def target_of(session: Session, firm_ids: Collection[int], bound: Collection[int] = ()) -> int:
    """Which of these firms the others should become part of.

    Whoever speaks for itself, else whoever has a registration number, else the one known longest.
    Raises BothSpeak.
    """
    known = roots(session)
    firms = _firms(session, {known.get(number, number) for number in firm_ids})
    speaking = speakers(session, firms) | (set(bound) & set(firms))
    if len(speaking) > 1:
        raise BothSpeak
    return min(firms, key=lambda n: (n not in speaking, firms[n].brn is None, n))


def _refuse_speakers(
    session: Session, firms: dict[int, Firm], target: int, bound: Collection[int]
) -> None:
    speaking = speakers(session, firms) | (set(bound) & set(firms))
    if len(speaking) > 1:
        raise BothSpeak
    if speaking - {target}:
        raise SpeaksForItself


def _firms(session: Session, firm_ids: Collection[int]) -> dict[int, Firm]:
    """The rows as they are now, whatever this session read before. Raises FirmNotFound."""
    found: dict[int, Firm] = {}
    for some in batches(sorted(firm_ids)):
        rows = select(Firm).where(col(Firm.id).in_(some)).with_for_update()
        for firm in session.exec(rows.execution_options(populate_existing=True)):
            found[firm.id or 0] = firm
    for number in firm_ids:
        if number not in found:
            raise FirmNotFound(firm=number)
    return found


def _made_before(
    session: Session, known: dict[int, int], target: int, firm_ids: Collection[int]
) -> Merge:
    """The newest living merge on the way from one of these firms to what they were found to be."""
    group = {target, *(number for number, root in known.items() if root == target)}
    living = select(Merge).where(col(Merge.into_id).in_(group), col(Merge.split_at).is_(None))
    rows = session.exec(living.order_by(col(Merge.id).desc())).all()
    into = {number: row for row in rows for number in row.firm_ids}
    on_the_way = [row for number in firm_ids for row in _way(into, number)]
    return max(on_the_way, key=lambda row: row.id or 0)


def _way(into: dict[int, Merge], number: int) -> Iterator[Merge]:
    while number in into:
        yield into[number]
        number = into[number].into_id


def _links_told_of(session: Session, firm_ids: Collection[int]) -> set[int]:
    found: set[int] = set()
    for some in batches(sorted(firm_ids)):
        ends = or_(col(Link.told_supplier_id).in_(some), col(Link.told_buyer_id).in_(some))
        found |= {number or 0 for number in session.exec(select(Link.id).where(ends))}
    return found


def _point(
    session: Session, table: type[SQLModel], column: str, told: str, numbers: Sequence[int], to: int
) -> int:
    changed = 0
    for some in batches(sorted(numbers)):
        rows = update(table).where(getattr(table, told).in_(some), getattr(table, column) != to)
        done = session.connection().execute(rows.values({column: to}))
        changed += _count(done)
    _forget(session, table)
    return changed


def _unpoint(session: Session, table: type[SQLModel], column: str, told: str) -> int:
    """Rows told of a firm that was not merged name that firm."""
    merged = select(Firm.id).where(col(Firm.merged_into_id).is_not(None))
    was, now_is = getattr(table, told), getattr(table, column)
    rows = update(table).where(was.not_in(merged), now_is != was).values({column: was})
    changed = _count(session.connection().execute(rows))
    _forget(session, table)
    return changed


def _count(done: object) -> int:
    return done.rowcount if isinstance(done, CursorResult) else 0


def _forget(session: Session, table: type[SQLModel]) -> None:
    """Rows of the table that this session has read are read anew when they are next asked for."""
    for row in session.identity_map.values():
        if isinstance(row, table):
            session.expire(row)


def _followed(pointer: dict[int, int], number: int) -> int:
    while number in pointer:
        number = pointer[number]
    return number
