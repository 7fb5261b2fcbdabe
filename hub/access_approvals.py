"""Who may approve a rollout."""

from hub.access import Who
from sharing.tables import Rollout


def may_approve(who: Who, rollout: Rollout) -> bool:
    """A publisher of the firm, but neither who made the rollout nor who asked for approval."""
    maker = who.handle in (rollout.created_by, rollout.submitted_by)
    return who.has("publisher", rollout.lead_firm_id) and not maker
