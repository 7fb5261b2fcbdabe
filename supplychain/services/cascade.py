"""How far down the chain invitations got, as one inviter may know it."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session, col, select

from supplychain.errors import FirmNotInNetwork
from supplychain.inviting import Tier, by_tier, came_to
from supplychain.services.firms import batches
from supplychain.tables import Declaration, Firm, Invitation, Link
from supplychain.tiers import tiers_from


def tiers_of_own(session: Session, by_id: int) -> dict[int, int]:
    """Tiers of the firms that the inviter named itself, by what it said alone."""
    said = (
        select(Link.supplier_id, Link.buyer_id)
        .join(Declaration, col(Declaration.link_id) == Link.id)
        .where(
            Declaration.firm_id == by_id,
            Declaration.stance == "holds",
            col(Declaration.ended).is_(None),
        )
    )
    try:
        return tiers_from(by_id, set(session.exec(said).all()))
    except FirmNotInNetwork:
        return {}


def cascade(
    session: Session, by_id: int, own: Mapping[int, tuple[int, str]], at: datetime
) -> list[Tier]:
    """Firms invited below one inviter, tier by tier.

    `own`: for each firm that it invited itself, the tier (0: no longer in its chain) and what it
    came to. The firms that joined
    invite in their turn, one tier further; of theirs only numbers are told, and none where they are
    few (supplychain.inviting.by_tier). A firm counts once, where it is nearest.
    """
    counted = [(tier, firm, word) for firm, (tier, word) in own.items()]
    seen = {by_id, *own}
    frontier = {firm: tier for firm, (tier, word) in own.items() if tier and word == "joined"}
    while frontier:
        below: dict[int, int] = {}
        for inviter, firm, word in _invited_by(session, sorted(frontier), at):
            if firm in seen:
                continue
            tier = frontier[inviter] + 1
            counted.append((tier, firm, word))
            if word == "joined":
                below[firm] = min(tier, below.get(firm, tier))
        seen |= {firm for _, firm, _ in counted}
        frontier = below
    return by_tier(counted, own)


def _invited_by(session: Session, inviters: list[int], at: datetime) -> list[tuple[int, int, str]]:
    found = []
    for some in batches(inviters):
        rows = session.exec(
            select(Invitation, Firm.joined_at)
            .join(Firm, col(Firm.id) == Invitation.firm_id)
            .where(col(Invitation.by_id).in_(some))
            .order_by(col(Invitation.id))
        )
        for row, joined in rows:
            word = came_to(
                row.state, row.expires_at, at, joined=joined is not None, undelivered=False
            )
            found.append((row.by_id, row.firm_id, word))
    return found
