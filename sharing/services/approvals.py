"""A second person's yes before a rollout starts, where the firm or its maker wants one."""

from datetime import datetime

from sqlmodel import Session, select

from sharing import rollout as rules
from sharing.errors import NotInThisState, SecondPersonNeeded
from sharing.rollout_tables import RolloutSetting
from sharing.services.deliveries import alone_with
from sharing.tables import Rollout


def act(rollout: Rollout, action: str, reason: str = "") -> None:
    """Put a rollout into the state after the action. Raises NotInThisState."""
    approval = bool(rollout.plan.get("approval"))
    state = rules.moved(rollout.state, action, approval=approval)
    if state is None:
        raise NotInThisState(rollout=rollout.id, state=rollout.state)
    rollout.state, rollout.reason = state, reason[:300]


def wants_approval(session: Session, firm_id: int) -> bool:
    """Whether every new rollout of a firm wants a second person's yes."""
    row = session.get(RolloutSetting, firm_id)
    return row is not None and row.approval


def setting_of(session: Session, firm_id: int) -> RolloutSetting:
    """How a firm wants its rollouts made; the usual where it said nothing."""
    return session.get(RolloutSetting, firm_id) or RolloutSetting(firm_id=firm_id)


def set_approval(session: Session, firm_id: int, by: str, at: datetime, *, wanted: bool) -> bool:
    """Want a second person's yes from now on, or no more; whether that is so now.

    One person is enough to want it, also for what lies there as a draft; to end it takes two, or
    one alone could go round it.
    """
    row = session.get(RolloutSetting, firm_id, with_for_update=True)
    if row is None:
        row = RolloutSetting(firm_id=firm_id)
        session.add(row)
    if not wanted and row.approval and row.ends_by in ("", by):
        row.ends_by = by
        return False
    if (row.approval, row.ends_by) != (wanted, ""):
        row.approval, row.ends_by, row.changed_by, row.changed_at = wanted, "", by, at
    drafts = select(Rollout).where(Rollout.lead_firm_id == firm_id, Rollout.state == "draft")
    for draft in session.exec(drafts.with_for_update()) if wanted else ():
        draft.plan = {**draft.plan, "approval": True}
    return True


def submit(session: Session, rollout: Rollout, by: str) -> bool:
    """Ask for a second person's yes; False where that was done before. Raises NotInThisState."""
    alone_with(session, rollout)
    if rollout.state in rules.DONE["submit"]:
        return False
    act(rollout, "submit")
    rollout.submitted_by = by
    return True


def approve(session: Session, rollout: Rollout, by: str, at: datetime) -> bool:
    """Say yes, as another person than its maker and than who submitted it.

    False where that was done before. Raises NotInThisState, SecondPersonNeeded.
    """
    alone_with(session, rollout)
    if rollout.state in rules.DONE["approve"]:
        return False
    if by in (rollout.created_by, rollout.submitted_by):
        raise SecondPersonNeeded(rollout=rollout.id)
    act(rollout, "approve")
    rollout.approved_by, rollout.approved_at = by, at
    return True


def refuse(session: Session, rollout: Rollout, reason: str = "") -> bool:
    """Give it back to its maker, with the reason. Raises NotInThisState."""
    alone_with(session, rollout)
    act(rollout, "refuse", reason)
    rollout.approved_by, rollout.approved_at = "", None
    return True
