"""Whether anything that a chain rests on has changed: a few numbers, much cheaper than the chain.

Rows are ended and added, hardly ever written over; where they are (a link's share and standing, a
firm's own facts), sums over them move. It may miss a change that leaves all sums as they were, so
what is kept by it is kept for a short while only.
"""

from sqlalchemy import text
from sqlmodel import Session

_TOLD = (
    "SELECT count(*), max(id), count(ended), sum(share), sum(length(standing)) FROM link",
    "SELECT max(id), count(ended) FROM declaration",
    "SELECT max(id), count(ended) FROM description",
    "SELECT max(id), count(withdrawn_at) FROM consent",
    "SELECT max(id), count(split_at) FROM merge",
    "SELECT count(*) FROM invitation WHERE state = 'accepted'",
    "SELECT max(id), count(joined_at), sum(length(name)), sum(length(sector)) FROM firm",
    "SELECT max(id), sum(level) FROM site",
    "SELECT max(id), count(ended) FROM riskfact",
)

Revision = tuple[object, ...]


def revision(session: Session) -> Revision:
    """Numbers that stay the same while nothing has changed."""
    rows = (session.connection().execute(text(query)).one() for query in _TOLD)
    return tuple(number for row in rows for number in row)
