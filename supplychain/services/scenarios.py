"""Scenarios that a firm keeps under a name, and shares with partners.

A scenario is a question. Whoever opens it is answered from what its own firm sees at that moment:
of a shared one a partner reads the name and the question as far as its own sight goes, never the
owner's answer, and is refused where nothing of what stops is its to see.
"""

from collections.abc import Sequence

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from supplychain.scenario_errors import (
    NothingToShow,
    ScenarioNameMissing,
    ScenarioNameTaken,
    ScenarioNotFound,
    ShareRefused,
)
from supplychain.scenario_question import Question, question_of
from supplychain.scenario_tables import Scenario, ScenarioShare
from supplychain.services.descriptions import Facts, described
from supplychain.services.merging import roots
from supplychain.services.scenario_chain import chain_seen
from supplychain.services.sight import sight_of
from supplychain.services.what_if import Answer, answer_in
from supplychain.tables import now

_LONGEST = 100


def scenarios_of(firm_id: int) -> SelectOfScalar[Scenario]:
    """The scenarios of a firm, those changed last first."""
    own = select(Scenario).where(Scenario.firm_id == firm_id)
    return own.order_by(col(Scenario.changed_at).desc(), col(Scenario.id).desc())


def scenario_of(session: Session, firm_id: int, scenario_id: int) -> Scenario:
    """One of them. Raises ScenarioNotFound."""
    row = session.get(Scenario, scenario_id)
    if row is None or row.firm_id != firm_id:
        raise ScenarioNotFound(scenario=scenario_id)
    return row


def asked_in(row: Scenario) -> Question:
    """The question of a scenario."""
    return question_of(row.asked)


def save(session: Session, firm_id: int, name: str, question: Question, actor: str) -> Scenario:
    """Keep a question under a name; saved again, it is the one that there is.

    Raises ScenarioNameMissing, and ScenarioNameTaken where another question has the name.
    """
    name = _named(name)
    row = _called(session, firm_id, name)
    if row is not None:
        if asked_in(row) != question:
            raise ScenarioNameTaken(name=name)
        return row
    row = Scenario(firm_id=firm_id, name=name, asked=question.as_json(), actor=actor)
    session.add(row)
    session.flush()
    return row


def change(
    session: Session, row: Scenario, name: str | None = None, question: Question | None = None
) -> None:
    """Give a scenario another name, or ask something else under its name.

    Raises ScenarioNameMissing, ScenarioNameTaken.
    """
    if name is not None:
        name = _named(name)
        other = _called(session, row.firm_id, name)
        if other is not None and other.id != row.id:
            raise ScenarioNameTaken(name=name)
        row.name = name
    if question is not None:
        row.asked = question.as_json()
    row.changed_at = now()
    session.add(row)
    session.flush()


def delete(session: Session, row: Scenario) -> None:
    """Take a scenario away, and with it from the partners with which it was shared."""
    for share in session.exec(
        select(ScenarioShare).where(ScenarioShare.scenario_id == row.id)
    ).all():
        session.delete(share)
    session.flush()
    session.delete(row)
    session.flush()


def partners_for(session: Session, firm_id: int) -> list[Facts]:
    """Direct suppliers and customers that speak for themselves, by the names known to the firm."""
    told = described(session, firm_id, sight_of(session, firm_id).partners)
    joined = [facts for facts in told.values() if facts.joined]
    return sorted(joined, key=lambda facts: (facts.name, facts.firm_id))


def share(session: Session, row: Scenario, to_id: int, actor: str) -> ScenarioShare:
    """Let a partner open a scenario; shared again, it is the share that there is.

    Raises ShareRefused for a firm that is no direct partner or has not joined: one and the same
    answer, whether there is such a firm or not.
    """
    if to_id not in {facts.firm_id for facts in partners_for(session, row.firm_id)}:
        raise ShareRefused
    there = session.exec(
        select(ScenarioShare).where(
            ScenarioShare.scenario_id == row.id, ScenarioShare.to_id == to_id
        )
    ).first()
    if there is None:
        there = ScenarioShare(scenario_id=row.id or 0, to_id=to_id, actor=actor)
    elif there.ended is not None:
        there.ended, there.at, there.actor = None, now(), actor
    session.add(there)
    session.flush()
    return there


def end_share(session: Session, row: Scenario, to_id: int) -> None:
    """Take a share back; nothing happens where there is none."""
    for there in shares_of(session, row):
        if there.to_id == to_id:
            there.ended = now()
            session.add(there)
    session.flush()


def shares_of(session: Session, row: Scenario) -> Sequence[ScenarioShare]:
    """The living shares of a scenario, the oldest first."""
    living = select(ScenarioShare).where(
        ScenarioShare.scenario_id == row.id, col(ScenarioShare.ended).is_(None)
    )
    return session.exec(living.order_by(col(ScenarioShare.id))).all()


def shared_with(session: Session, firm_id: int) -> Sequence[tuple[ScenarioShare, Scenario]]:
    """What partners share with a firm, the newest first; no longer where they parted."""
    living = (
        select(ScenarioShare, Scenario)
        .join(Scenario, col(Scenario.id) == ScenarioShare.scenario_id)
        .where(ScenarioShare.to_id == firm_id, col(ScenarioShare.ended).is_(None))
        .order_by(col(ScenarioShare.at).desc(), col(ScenarioShare.id).desc())
    )
    found = session.exec(living).all()
    partners = sight_of(session, firm_id).partners if found else frozenset()
    return [(there, row) for there, row in found if row.firm_id in partners]


def shared_scenario(session: Session, firm_id: int, share_id: int) -> Scenario:
    """A scenario that a partner shares with a firm. Raises ScenarioNotFound."""
    for there, row in shared_with(session, firm_id):
        if there.id == share_id:
            return row
    raise ScenarioNotFound(scenario=share_id)


def answer_shared(session: Session, firm_id: int, row: Scenario) -> Answer:
    """The answer of a shared scenario from what the reader's firm sees itself.

    What stops and is not the reader's to see is left out and not counted. Raises NothingToShow
    where nothing is left.
    """
    question = asked_in(row)
    chain = chain_seen(session, firm_id, question.stock)
    found = answer_in(chain, question, roots(session))
    if not found.stopped:
        raise NothingToShow
    return found


def _named(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > _LONGEST:
        raise ScenarioNameMissing
    return name


def _called(session: Session, firm_id: int, name: str) -> Scenario | None:
    same = select(Scenario).where(Scenario.firm_id == firm_id, Scenario.name == name)
    return session.exec(same).first()
