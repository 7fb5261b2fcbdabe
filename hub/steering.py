"""Making and steering a rollout as one act: its rows and its line in the audit trail.

Used by pages, API and commands alike. Like services, it never commits.
"""

from sqlmodel import Session

from hub.accounts import record
from sharing.audience import Audience
from sharing.rollout import Plan
from sharing.services import rollouts
from sharing.tables import Rollout, Version
from supplychain.tables import now

# action → what the audit trail calls it. Stopping and going back take a while; the worker notes
# when they have come to their end.
_DONE = {
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
    """A new rollout, or the one of that key. `start` makes its offers too.

    Raises what rollouts.create and rollouts.start raise.
    """
    known = rollouts.keyed(session, key)
    made = known or rollouts.create(
        session, version, lead_firm_id, by, name=name, audience=audience, plan=plan, key=key
    )
    if known is None:
        record(session, by, "rollout.created", _subject(made))
    if start and made.state == "draft":
        steer(session, made, "start", by)
    return made


def steer(session: Session, rollout: Rollout, action: str, by: str, reason: str = "") -> None:
    """Start, pause, resume, stop a rollout, or take it back. Raises NotInThisState."""
    rollouts.steer(session, rollout, action, now(), reason)
    record(session, by, _DONE[action], _subject(rollout), **({"reason": reason} if reason else {}))


def note_progress(session: Session, rollout: Rollout, by: str) -> None:
    """A line for a state that a rollout came to by itself."""
    done = f"rollout.{rollout.state.replace('_', '-')}"
    record(session, by, done, _subject(rollout), reason=rollout.reason)


def _subject(rollout: Rollout) -> str:
    return f"rollout:{rollout.id}"
