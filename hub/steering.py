"""Making and steering a rollout as one act: its rows and its line in the audit trail.

Used by pages, API and commands alike. Like services, it never commits.
"""

from sqlmodel import Session

from hub.accounts import record
from sharing.audience import Audience
from sharing.rollout import Plan
from sharing.services import approvals, rollouts
from sharing.tables import Rollout, Version
from supplychain.tables import now

# action → what the audit trail calls it. Stopping and going back take a while; the worker notes
# when they have come to their end.
_DONE = {
    "submit": "rollout.submitted",
    "approve": "rollout.approved",
    "refuse": "rollout.refused",
    "start": "rollout.started",
    "pause": "rollout.paused",
    "resume": "rollout.resumed",
    "stop": "rollout.stopping",
    "rollback": "rollout.going-back",
}


def make_rollout(
    session: Session,
    version: Version,
    lead_firm_id: int,
    by: str,
    *,
    name: str = "",
    audience: Audience | None = None,
    plan: Plan | None = None,
    key: str = "",
    start: bool = False,
) -> Rollout:
    """A new rollout, or the one of that key. `start` makes its offers, or asks for approval.

    Raises what rollouts.create and rollouts.start raise.
    """
    known = rollouts.keyed(session, key)
    made = known or rollouts.create(
        session, version, lead_firm_id, by, name=name, audience=audience, plan=plan, key=key
    )
    if known is None:
        record(session, by, "rollout.created", _subject(made))
    if start and made.state == "draft":
        steer(session, made, "submit" if made.plan.get("approval") else "start", by)
    return made


def steer(
    session: Session, rollout: Rollout, action: str, by: str, reason: str = "", via: str = ""
) -> None:
    """Do one of sharing.rollout.ACTIONS, by name. What was done already changes nothing.

    `via`: through whom, where somebody else says that `by` does it; the audit trail says so.
    Raises NotInThisState, VersionWithdrawn, SecondPersonNeeded.
    """
    match action:
        case "submit":
            done = approvals.submit(session, rollout, by)
        case "approve":
            done = approvals.approve(session, rollout, by, now())
        case "refuse":
            done = approvals.refuse(session, rollout, reason)
        case _:
            done = rollouts.steer(session, rollout, action, now(), reason)
    if done:
        told = {name: word for name, word in (("reason", reason), ("via", via)) if word}
        record(session, by, _DONE[action], _subject(rollout), **told)


def want_approval(session: Session, firm_id: int, by: str, *, wanted: bool, via: str = "") -> bool:
    """Want a second person's yes for every rollout of a firm, or no more; whether it is so now.

    To end it takes two people: the first one's word is only noted. `via` as in `steer`.
    """
    row = approvals.setting_of(session, firm_id)
    before = row.approval, row.ends_by
    done = approvals.set_approval(session, firm_id, by, now(), wanted=wanted)
    row = approvals.setting_of(session, firm_id)
    if (row.approval, row.ends_by) != before:
        ended = "rollouts.approval-ended" if done else "rollouts.approval-end-asked"
        what = "rollouts.approval-wanted" if wanted else ended
        record(session, by, what, f"firm:{firm_id}", **({"via": via} if via else {}))
    return done


def note_progress(session: Session, rollout: Rollout, by: str) -> None:
    """A line for a state that a rollout came to by itself."""
    done = f"rollout.{rollout.state.replace('_', '-')}"
    record(session, by, done, _subject(rollout), reason=rollout.reason)


def _subject(rollout: Rollout) -> str:
    return f"rollout:{rollout.id}"
