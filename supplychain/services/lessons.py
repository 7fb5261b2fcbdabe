"""What people's answers teach this hub about names: weights, and when a pair is worth asking."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from supplychain.likeness import ASK, SHIPPED, Coefficients, Decision, likeness, refit
from supplychain.names import Named
from supplychain.services.firms import batches
from supplychain.services.told import FIELDS, as_named
from supplychain.tables import Description, Likeness, MatchingWeights
from supplychain.threshold import threshold

LESSON = 20  # new answers that are worth learning from; later a quarter of those before


@dataclass(frozen=True)
class Weights:
    """What the hub has learnt about names so far; `id` is None as long as it has learnt nothing."""

    id: int | None
    coefficients: Coefficients
    least: float
    decisions: int = 0


def weights(session: Session) -> Weights:
    """The newest weights."""
    row = session.exec(select(MatchingWeights).order_by(col(MatchingWeights.id).desc())).first()
    if row is None:
        return Weights(None, SHIPPED, ASK)
    kept = row.coefficients
    pushes = kept["weights"]
    return Weights(
        row.id,
        Coefficients(float(str(kept["intercept"])), dict(pushes)),  # type: ignore[call-overload] # as `learn` kept it
        row.least,
        row.decisions,
    )


def learn(session: Session) -> Weights | None:
    """Fit the weights and the threshold to the answers, where there are enough new ones."""
    using = weights(session)
    rows = session.exec(
        select(Likeness)
        .where(col(Likeness.state).in_(("same", "different")), Likeness.score > 0)
        .order_by(col(Likeness.id))
    ).all()
    answers = {row.state for row in rows}
    new = len(rows) - using.decisions
    if new < max(LESSON, using.decisions // 4) or len(answers) < 2:
        return None
    known = _named(session, rows)
    decisions = [
        Decision(known[row.for_id, row.low_id], known[row.for_id, row.high_id], row.state == "same")
        for row in rows
        if (row.for_id, row.low_id) in known and (row.for_id, row.high_id) in known
    ]
    fitted = refit(SHIPPED, decisions)
    scored = [(likeness(each.a, each.b, fitted).probability, each.same) for each in decisions]
    least = threshold(using.least, scored)
    kept = {"intercept": fitted.intercept, "weights": dict(fitted.weights)}
    session.add(MatchingWeights(coefficients=kept, least=least, decisions=len(rows)))
    session.flush()
    return weights(session)


def _named(session: Session, rows: Sequence[Likeness]) -> dict[tuple[int, int], Named]:
    """(who names, whom) → as it was named, the last time; merged or not."""
    wanted: dict[int, set[int]] = defaultdict(set)
    for row in rows:
        wanted[row.for_id] |= {row.low_id, row.high_id}
    found: dict[tuple[int, int], Named] = {}
    for firm, numbers in wanted.items():
        for some in batches(sorted(numbers)):
            told = select(Description).where(
                Description.by_id == firm, col(Description.told_firm_id).in_(some)
            )
            for said in session.exec(told.order_by(col(Description.id))):
                words = said.model_dump(include=set(FIELDS))
                found[firm, said.told_firm_id] = as_named(said.told_firm_id, words)
    return found
