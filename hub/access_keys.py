"""Who may see which statements and keys: a publisher those of its firms, an administrator all."""

from collections.abc import Sequence

from sqlalchemy import or_, true
from sqlmodel import Session, col, false, select
from sqlmodel.sql.expression import SelectOfScalar

from hub.errors import NotAllowed
from hub.rules import Who
from sharing.key_errors import StatementNotFound
from sharing.key_tables import KeySet, KeyStatement
from sharing.tables import SharedModel
from supplychain.tables import Firm


def statements_seen(who: Who) -> SelectOfScalar[KeyStatement]:
    """What was and is to be signed, the newest first."""
    seen = [
        col(KeyStatement.firm_id).in_(who.firms("publisher")),
        true() if who.has("administrator") else false(),
    ]
    return select(KeyStatement).where(or_(*seen)).order_by(col(KeyStatement.id).desc())


def statement_seen(session: Session, who: Who, number: int) -> KeyStatement:
    """One of them. Raises StatementNotFound."""
    row = session.exec(statements_seen(who).where(KeyStatement.id == number)).first()
    if row is None:
        raise StatementNotFound(statement=number)
    return row


def key_firms(session: Session, who: Who) -> Sequence[Firm]:
    """The firms whose keys the asker may know of: those that publish, by name."""
    publishing = select(SharedModel.firm_id).union(select(KeySet.firm_id))
    seen = [col(Firm.id).in_(who.firms("publisher"))]
    if who.has("administrator"):
        seen.append(col(Firm.id).in_(publishing))
    return session.exec(select(Firm).where(or_(*seen)).order_by(Firm.name, col(Firm.id))).all()


def may_hold_keys_for(who: Who, firm_id: int) -> None:
    """Raise NotAllowed where the asker publishes for other firms only."""
    if not who.has("publisher", firm_id):
        raise NotAllowed
