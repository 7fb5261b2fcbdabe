"""Look for firms that may be one among those that a firm names.

Searching takes a while and writes nothing; what was found is kept in a short transaction after.
Each firm's firms are compared by what it tells itself, or by their own word where they have
joined: nothing of another firm's sheets goes into what one is asked.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import insert
from sqlmodel import Session, col, func, select

from supplychain.likeness import likely, likeness
from supplychain.merge_errors import BothSpeak
from supplychain.services.concerned import kept_apart, not_agreed, witnesses
from supplychain.services.lessons import Weights
from supplychain.services.likenesses import ASKED, ask
from supplychain.services.merging import members, merge, roots, speakers, target_of
from supplychain.services.told import SCHEMES, told_by
from supplychain.services.turns import take_turns
from supplychain.tables import Description, Firm, Likeness, LikenessLook, Merge, now


class Found(NamedTuple):
    """A pair worth a look, by the numbers of the firms as named; `low` < `high`."""

    low: int
    high: int
    probability: float
    features: list[dict[str, Any]]


def due(session: Session, using: Weights) -> list[tuple[int, int]]:
    """(firm, its last description) for each firm among whose firms something may be new.

    It told more, or one of those that it names has joined, or the weights are new.
    """
    last = select(Description.by_id, func.max(Description.id)).group_by(col(Description.by_id))
    told = {firm: int(number or 0) for firm, number in session.exec(last)}
    looks = {look.firm_id: look for look in session.exec(select(LikenessLook))}
    joined = set(
        session.exec(
            select(Description.by_id)
            .join(Firm, col(Firm.id) == Description.firm_id)
            .join(LikenessLook, col(LikenessLook.firm_id) == Description.by_id)
            .where(col(Firm.joined_at) > LikenessLook.at, col(Description.ended).is_(None))
            .distinct()
        )
    )
    return [
        (firm, number)
        for firm, number in sorted(told.items())
        if firm in joined
        or firm not in looks
        or number > looks[firm].description_id
        or looks[firm].weights_id != using.id
    ]


def found_for(session: Session, firm_id: int, using: Weights) -> list[Found]:
    """Pairs worth a look among the firms that this one names; only reads.

    After a first look only pairs with a firm of which something new was told, or which speaks for
    itself; all of them again when the weights are new.
    """
    told = told_by(session, firm_id)
    look = session.get(LikenessLook, firm_id)
    after = look.description_id if look and look.weights_id == using.id else 0
    new = [place for place, each in enumerate(told) if each.last > after or each.own_word]
    speaking = speakers(session, {each.root for each in told})
    firms = [each.named._replace(id=place) for place, each in enumerate(told)]
    found = []
    for pair in likely(firms, using.coefficients, using.least, set(new) if after else None):
        low, high = told[pair.low], told[pair.high]
        if low.root != high.root and not {low.root, high.root} <= speaking:
            evidence = likeness(low.named, high.named, using.coefficients).evidence
            first, second = sorted((low.number, high.number))
            features = [each._asdict() for each in evidence]
            found.append(Found(first, second, pair.probability, features))
    return found


def keep(session: Session, firm_id: int, found: Sequence[Found], upto: int, using: Weights) -> int:
    """Put what was found into the firm's queue; how many pairs are new.

    Pairs that were answered stay so. What the firm has stopped naming is not shown anyhow.
    """
    take_turns(session)
    rows = select(Likeness).where(Likeness.for_id == firm_id)
    known = {(row.low_id, row.high_id): row for row in session.exec(rows)}
    new = []
    for pair in found:
        row = known.get((pair.low, pair.high))
        evidence: dict[str, object] = {"features": pair.features}
        if row is None:
            told = Likeness(
                for_id=firm_id,
                low_id=pair.low,
                high_id=pair.high,
                score=pair.probability,
                evidence=evidence,
            )
            new.append(told.model_dump(exclude={"id"}))
        elif row.state in ASKED and "same_number" not in row.evidence:
            row.score, row.evidence = pair.probability, evidence
    if new:
        session.execute(insert(Likeness), new)
    look = session.get(LikenessLook, firm_id) or LikenessLook(firm_id=firm_id)
    look.description_id, look.weights_id, look.at = upto, using.id, now()
    session.add(look)
    session.flush()
    return len(new)


def join_exact(session: Session, firm_id: int, bound: Collection[int] = ()) -> list[Merge]:
    """Firms that bear one and the same number are one, where nobody has to be asked.

    Looks at what this firm has told since it was last looked at. Where somebody else has to agree,
    or another number speaks against it, those who name both are asked.
    """
    take_turns(session)
    look = session.get(LikenessLook, firm_id)
    after = look.description_id if look else 0
    done = []
    for scheme in ("brn", *SCHEMES):
        for value in _borne_twice(session, firm_id, scheme, after):
            made = _join_bearers(session, scheme, value, bound)
            if made is not None:
                done.append(made)
    return done


def _borne_twice(session: Session, firm_id: int, scheme: str, after: int) -> list[str]:
    """Numbers that the firm has told lately and that some other firm bears as well."""
    column = getattr(Description, scheme)
    living = col(Description.ended).is_(None)
    told = select(column).where(
        Description.by_id == firm_id, col(Description.id) > after, living, column.is_not(None)
    )
    if scheme == "brn":
        twice = told.join(Firm, col(Firm.brn) == column).where(Firm.id != Description.firm_id)
    else:
        several = func.count(col(Description.firm_id).distinct()) > 1
        twice = select(column).where(column.in_(told), living).group_by(column).having(several)
    return sorted(session.exec(twice.distinct()))


def _join_bearers(
    session: Session, scheme: str, value: str, bound: Collection[int]
) -> Merge | None:
    column = getattr(Description, scheme)
    told = select(Description).where(column == value, col(Description.ended).is_(None))
    said_by: dict[int, set[int]] = defaultdict(set)
    for said in session.exec(told):
        said_by[said.by_id].add(said.firm_id)
    bearers = {firm for firms in said_by.values() for firm in firms}
    if scheme == "brn":
        known = roots(session)
        owners = session.exec(select(Firm.id).where(Firm.brn == value))
        bearers |= {known.get(number or 0, number or 0) for number in owners}
    if len(bearers) < 2:
        return None
    groups = members(session, bearers)
    try:
        target = target_of(session, bearers, bound)
    except BothSpeak:
        return None
    if kept_apart(session, groups):
        return None
    seen = witnesses(session, groups)
    # Who told the number of every one of these that it names has said by that that they are one.
    by = {firm for firm, firms in said_by.items() if firm not in seen or seen[firm].named <= firms}
    speaking = target in speakers(session, [target]) or target in bound
    differ = scheme != "brn" and _numbers_differ(session, groups)
    if differ or not_agreed(session, groups, target, speaking=speaking, by=by):
        _ask_who_names_both(session, seen, bearers, scheme)
        return None
    return merge(session, target, bearers - {target}, by=None, actor="", bound=bound)


def _numbers_differ(session: Session, groups: dict[int, set[int]]) -> bool:
    """Several registration numbers: several places of one corporation, or a slip."""
    ids = {number for numbers in groups.values() for number in numbers}
    told = select(Firm.brn).where(col(Firm.id).in_(ids), col(Firm.brn).is_not(None))
    return len(set(session.exec(told))) > 1


def _ask_who_names_both(
    session: Session, firms: Collection[int], bearers: Collection[int], scheme: str
) -> None:
    for firm in sorted(firms):
        told = select(Description.told_firm_id, Description.firm_id).where(
            Description.by_id == firm,
            col(Description.ended).is_(None),
            col(Description.firm_id).in_(bearers),
        )
        number = {root: named for named, root in session.exec(told)}
        first, *others = [number[root] for root in sorted(number)] or [0]
        for other in others:
            ask(session, firm, first, other, 0.99, {"same_number": scheme})
