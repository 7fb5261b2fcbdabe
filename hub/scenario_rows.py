"""Which scenarios a person may open, and where certified people work: rows beside hub.access."""

from sqlmodel import Session, col, select

from courses.tables import Certificate
from hub import access
from hub.access import Who
from hub.tables import Membership, User
from supplychain.scenario_errors import ScenarioNotFound
from supplychain.scenario_tables import Scenario
from supplychain.services import scenarios
from supplychain.services.sight import opened_to
from supplychain.tables import Firm, now


def own_scenario(session: Session, who: Who, scenario_id: int) -> tuple[Firm, Scenario]:
    """A scenario of a firm for which the asker speaks, and that firm. Raises ScenarioNotFound."""
    row = session.get(Scenario, scenario_id)
    for firm in access.own_firms(session, who):
        if row is not None and row.firm_id == firm.id:
            return firm, row
    raise ScenarioNotFound(scenario=scenario_id)


def shared_scenario(session: Session, who: Who, share_id: int) -> tuple[Firm, Scenario]:
    """One that a partner shares with the asker's firm, and that firm. Raises ScenarioNotFound."""
    for firm in access.own_firms(session, who):
        for there, row in scenarios.shared_with(session, firm.id or 0):
            if there.id == share_id:
                return firm, row
    raise ScenarioNotFound(scenario=share_id)


def certified_firms(session: Session, firm_id: int) -> set[int]:
    """Firms that opened themselves to this one, and where somebody holds a valid certificate.

    Who it is stays between that person and the firm.
    """
    living = (
        select(Membership.firm_id)
        .join(User, col(User.id) == Membership.user_id)
        .join(Certificate, col(Certificate.learner) == User.handle)
        .where(col(User.active), col(Certificate.revoked_at).is_(None))
        .where(Certificate.expires_at > now())
        .where(col(Membership.firm_id).in_(sorted(opened_to(session, [firm_id]))))
    )
    return {number for number in session.exec(living.distinct()) if number}
