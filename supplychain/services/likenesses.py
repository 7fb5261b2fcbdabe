"""Are these two one firm? What each firm is asked about those that it names, and what it answers.

Each firm is asked by itself, on what it may see alone, and is never asked the same again. "same"
merges at once where nobody else has to agree (supplychain.services.concerned); else the answer is
noted, and the merge comes with the last yes.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sqlalchemy import exists
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from supplychain.merge_errors import (
    AnswerUnknown,
    BothSpeak,
    LikenessNotFound,
    MergeNotFound,
    OneFirmOnly,
)
from supplychain.services.concerned import components, concerned, not_agreed
from supplychain.services.firms import batches
from supplychain.services.merging import members, merge, roots, speakers, split, target_of
from supplychain.services.turns import take_turns
from supplychain.tables import Description, Likeness, Merge, now

ANSWERS = ("same", "different", "later")
ASKED = ("waiting", "later")


@dataclass
class Answered:
    """What came of answers: merges that were made, and pairs that wait for somebody else's yes."""

    merges: list[Merge] = field(default_factory=list)
    noted: list[Likeness] = field(default_factory=list)


def questions(for_id: int, state: str = "waiting") -> SelectOfScalar[Likeness]:
    """The pairs that a firm is asked about, the likeliest first.

    Only those of which it still names both, and that are still two.
    """
    low, high = aliased(Description), aliased(Description)
    both = exists().where(
        col(low.told_firm_id) == Likeness.low_id,
        col(high.told_firm_id) == Likeness.high_id,
        col(low.by_id) == for_id,
        col(high.by_id) == for_id,
        col(low.ended).is_(None),
        col(high.ended).is_(None),
        col(low.firm_id) != col(high.firm_id),
    )
    asked = select(Likeness).where(Likeness.for_id == for_id, Likeness.state == state, both)
    return asked.order_by(col(Likeness.score).desc(), col(Likeness.id))


def how_many(session: Session, for_id: int, state: str = "waiting") -> int:
    """How many pairs wait for a firm's answer."""
    asked = questions(for_id, state).order_by(None).subquery()
    return session.exec(select(func.count()).select_from(asked)).one()


def question(session: Session, for_id: int, likeness_id: int) -> Likeness:
    """One of a firm's pairs, answered or not. Raises LikenessNotFound."""
    row = session.get(Likeness, likeness_id)
    if row is None or row.for_id != for_id:
        raise LikenessNotFound
    return row


def decide(
    session: Session,
    for_id: int,
    likeness_ids: Collection[int],
    answer: str,
    *,
    actor: str,
    bound: Collection[int] = (),
) -> Answered:
    """Answer some of a firm's pairs at once, all or none of them.

    `bound` as for supplychain.services.merging.merge. The same answer given again changes
    nothing. Raises AnswerUnknown, LikenessNotFound, BothSpeak.
    """
    if answer not in ANSWERS:
        raise AnswerUnknown(answer=answer[:20])
    take_turns(session)
    rows = [question(session, for_id, number) for number in sorted(set(likeness_ids))]
    for row in rows:
        _mark(row, answer, actor)
    session.flush()
    if answer == "different":
        _answer_alike(session, for_id, rows, actor)
    return _join(session, rows, actor, bound) if answer == "same" else Answered()


def say_one(
    session: Session,
    for_id: int,
    firm_ids: Collection[int],
    *,
    actor: str,
    bound: Collection[int] = (),
) -> Answered:
    """A firm says of firms that it names that they are one, without having been asked.

    Raises OneFirmOnly, BothSpeak, and LikenessNotFound for firms that it does not name.
    """
    take_turns(session)
    named = _named_by(session, for_id, firm_ids)
    first, *others = sorted(set(firm_ids))
    if not others:
        raise OneFirmOnly
    if set(named) != set(firm_ids):
        raise LikenessNotFound
    rows = [ask(session, for_id, named[first], named[other], 1.0) for other in others]
    ids = [row.id or 0 for row in rows]
    return decide(session, for_id, ids, "same", actor=actor, bound=bound)


def reopen(session: Session, for_id: int, likeness_ids: Collection[int], actor: str) -> None:
    """Take answers back: the pairs wait again, and what the answers merged is split."""
    take_turns(session)
    for number in sorted(set(likeness_ids)):
        row = question(session, for_id, number)
        if row.merge_id is not None:
            made = row.merge_id
            split(session, made, actor)
            for other in session.exec(select(Likeness).where(Likeness.merge_id == made)):
                other.merge_id = None
        row.state, row.decided_by, row.decided_at = "waiting", "", None
    session.flush()


def split_apart(session: Session, for_id: int, merge_id: int, actor: str) -> Merge:
    """A firm that a merge concerns says that they are not one: split, and not merged again so.

    Raises MergeNotFound for a merge that does not concern it.
    """
    take_turns(session)
    row = merge_of(session, for_id, merge_id)
    if row.split_at is not None:
        return row
    split(session, merge_id, actor)
    for said in session.exec(select(Likeness).where(Likeness.merge_id == merge_id)):
        said.merge_id = None
        if said.for_id == for_id:
            _mark(said, "different", actor)
    into = _as_named(session, for_id, row.into_id)
    for number in row.firm_ids:
        apart = ask(session, for_id, into, _as_named(session, for_id, number), 0.0)
        _mark(apart, "different", actor)
    session.flush()
    return row


def merges_of(session: Session, for_id: int) -> list[Merge]:
    """The merges that concern a firm, the newest first; those that were split, too."""
    rows = session.exec(select(Merge).order_by(col(Merge.id).desc())).all()
    named = _told_by(session, for_id) | {for_id}
    return [row for row in rows if named & {row.into_id, *row.firm_ids} or row.by_id == for_id]


def merge_of(session: Session, for_id: int, merge_id: int) -> Merge:
    """One of them. Raises MergeNotFound for one that does not concern the firm."""
    row = session.get(Merge, merge_id)
    if row is None:
        raise MergeNotFound(merge=merge_id)
    groups = members(session, [row.into_id, *row.firm_ids])
    if for_id != row.by_id and for_id not in concerned(session, groups):
        raise MergeNotFound(merge=merge_id)
    return row


def ask(
    session: Session,
    for_id: int,
    one: int,
    other: int,
    score: float,
    evidence: dict[str, object] | None = None,
) -> Likeness:
    """The pair as this firm is asked about it; there is one row for it, answered or not."""
    low, high = sorted((one, other))
    row = session.exec(
        select(Likeness).where(
            Likeness.for_id == for_id, Likeness.low_id == low, Likeness.high_id == high
        )
    ).first()
    if row is None:
        row = Likeness(
            for_id=for_id, low_id=low, high_id=high, score=score, evidence=evidence or {}
        )
        session.add(row)
        session.flush()
    return row


def join_noted(session: Session, bound: Collection[int] = ()) -> Answered:
    """Make the merges that waited for somebody's yes and wait no more."""
    take_turns(session)
    noted = select(Likeness).where(Likeness.state == "same", col(Likeness.merge_id).is_(None))
    by_firm: dict[int, list[Likeness]] = {}
    for row in session.exec(noted.order_by(col(Likeness.id))):
        by_firm.setdefault(row.for_id, []).append(row)
    done = Answered()
    for rows in by_firm.values():
        for row in rows:
            try:
                came = _join(session, [row], row.decided_by, bound)
            except BothSpeak:
                continue
            done.merges += came.merges
            done.noted += came.noted
    return done


def _join(
    session: Session, rows: Sequence[Likeness], actor: str, bound: Collection[int]
) -> Answered:
    """Merge what the pairs, all of one firm, make one: each heap of them at once."""
    done, known = Answered(), roots(session)

    def root(number: int) -> int:
        return known.get(number, number)

    pairs = [(root(row.low_id), root(row.high_id)) for row in rows]
    for heap in components(pairs):
        mine = [row for row in rows if root(row.low_id) in heap]
        by = mine[0].for_id
        target = target_of(session, heap, bound)
        groups = members(session, heap)
        speaking = target in speakers(session, [target]) or target in bound
        if len(heap) > 1 and not_agreed(session, groups, target, speaking=speaking, by=[by]):
            done.noted += mine
            continue
        others = heap - {target} or {row.high_id for row in mine} | {row.low_id for row in mine}
        made = merge(session, target, others, by=by, actor=actor, bound=bound)
        for row in mine:
            row.merge_id = made.id
        if len(heap) > 1:
            _agreed_too(session, groups, made)
        done.merges.append(made)
    session.flush()
    return done


def _agreed_too(session: Session, groups: dict[int, set[int]], made: Merge) -> None:
    """Others had said the same and were waiting: this merge is theirs, too."""
    of = {number: root for root, numbers in groups.items() for number in numbers}
    for some in batches(sorted(of)):
        noted = select(Likeness).where(
            Likeness.state == "same",
            col(Likeness.merge_id).is_(None),
            col(Likeness.low_id).in_(some),
        )
        for row in session.exec(noted):
            if row.high_id in of and of[row.high_id] != of[row.low_id]:
                row.merge_id = made.id


def _answer_alike(session: Session, for_id: int, rows: Sequence[Likeness], actor: str) -> None:
    """Two that are different need not be told apart again under their other names."""
    known = roots(session)
    apart = {frozenset(known.get(n, n) for n in (row.low_id, row.high_id)) for row in rows}
    ends = {n for pair in members(session, {n for p in apart for n in p}).values() for n in pair}
    for some in batches(sorted(ends)):
        asked = select(Likeness).where(
            Likeness.for_id == for_id,
            col(Likeness.state).in_(ASKED),
            col(Likeness.low_id).in_(some),
        )
        for row in session.exec(asked):
            if frozenset(known.get(n, n) for n in (row.low_id, row.high_id)) in apart:
                _mark(row, "different", actor)
    session.flush()


def _mark(row: Likeness, answer: str, actor: str) -> None:
    if row.state != answer:
        row.state, row.decided_by, row.decided_at = answer, actor, now()


def _told_by(session: Session, for_id: int) -> set[int]:
    told = select(Description.told_firm_id).where(
        Description.by_id == for_id, col(Description.ended).is_(None)
    )
    return set(session.exec(told.distinct()))


def _named_by(session: Session, for_id: int, firm_ids: Collection[int]) -> dict[int, int]:
    """Firm → the number under which this firm named it; only those that it names."""
    found: dict[int, int] = {}
    for some in batches(sorted(set(firm_ids))):
        told = select(Description.firm_id, Description.told_firm_id).where(
            Description.by_id == for_id,
            col(Description.ended).is_(None),
            col(Description.firm_id).in_(some) | col(Description.told_firm_id).in_(some),
        )
        for firm_id, number in session.exec(told.order_by(col(Description.id))):
            found.setdefault(firm_id, number)
            found[number] = number
    return {number: found[number] for number in firm_ids if number in found}


def _as_named(session: Session, for_id: int, firm_id: int) -> int:
    return _named_by(session, for_id, [firm_id]).get(firm_id, firm_id)
