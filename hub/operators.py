"""Which competences a firm's people hold certificates of: asked here, told downwards as a value.

A firm has a handful of people; a list of its competences may point at one of them. So nothing of
it leaves the firm unless the firm itself says that it may (OperatorsTold), and then as competences
of the firm as a whole: no name, no number of people, no grade in a test. Whoever may offer models
to the firm then learns one thing, whether a card's competences are covered. Counts over firms that
do not tell are not given either: two audiences that differ by one firm would tell of that firm.
"""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, select

from courses.tables import Certificate
from hub.tables import Membership, User
from hub.wiring import Hub
from sharing.services import owners
from supplychain.tables import now


def competences_of(session: Session, firms: Collection[int], at: datetime) -> dict[int, set[str]]:
    """Firm → competences in the valid certificates of its active people."""
    rows = session.exec(
        select(Membership.firm_id, Certificate.competences)
        .join(User, col(User.id) == Membership.user_id)
        .join(Certificate, col(Certificate.learner) == User.handle)
        .where(
            col(Membership.firm_id).in_(firms),
            col(User.active),
            col(Certificate.revoked_at).is_(None),
            col(Certificate.expires_at) > at,
        )
    )
    found: dict[int, set[str]] = {}
    for firm, competences in rows:
        found.setdefault(firm or 0, set()).update(competences)
    return found


def tell(session: Session, firm_id: int, by: str) -> None:
    """The firm lets those whom it supplies know."""
    held = competences_of(session, [firm_id], now()).get(firm_id, set())
    owners.tell_operators(session, firm_id, held, by, now())


def keep_told(hub: Hub) -> bool:
    """Bring what firms tell up to date: a certificate is won, runs out, is revoked."""
    with hub.db.work() as session:
        rows = owners.telling(session)
        held = competences_of(session, [row.firm_id for row in rows], now())
        changed = False
        for row in rows:
            fresh = sorted(held.get(row.firm_id, set()))
            if row.competences != fresh:
                row.competences, changed = fresh, True
        return changed
