"""Weak points of chains, kept between two looks at a page: worked out anew when something changed.

Kept for each hub of this process; a minute at most, since a revision may miss a change.
"""

from dataclasses import dataclass, field
from time import monotonic
from weakref import WeakKeyDictionary

from sqlmodel import Session

from hub.db import Database
from supplychain.risk.errors import RiskError
from supplychain.risk_tables import RiskRun
from supplychain.services import risk
from supplychain.services.revision import Revision, revision
from supplychain.services.weak_points import WeakPoints, weak_points

_SECONDS = 60.0
_MOST = 8  # chains


@dataclass
class _Kept:
    revision: Revision
    until: float
    weak: WeakPoints
    current: dict[str, bool] = field(default_factory=dict)  # by the key of a run


_kept: WeakKeyDictionary[Database, dict[int, _Kept]] = WeakKeyDictionary()


def weak_of(db: Database, session: Session, lead_id: int) -> WeakPoints:
    """Weak points of a chain as it is. Raises FirmNotFound, NetworkEmpty."""
    return _of(db, session, lead_id).weak


def still_current(db: Database, session: Session, run: RiskRun) -> bool:
    """Whether the chain is still the one that a run is about."""
    try:
        kept = _of(db, session, run.lead_id)
    except RiskError:  # nothing is left of it
        return False
    if run.key not in kept.current:
        kept.current[run.key] = risk.is_current(session, run, kept.weak.chain)
    return kept.current[run.key]


def _of(db: Database, session: Session, lead_id: int) -> _Kept:
    now_is = revision(session)
    chains = _kept.setdefault(db, {})
    kept = chains.get(lead_id)
    if kept is None or kept.revision != now_is or kept.until < monotonic():
        kept = _Kept(now_is, monotonic() + _SECONDS, weak_points(session, lead_id))
        for oldest in list(chains)[: max(0, len(chains) + 1 - _MOST)]:
            chains.pop(oldest, None)
        chains[lead_id] = kept
    return kept
