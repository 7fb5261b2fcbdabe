"""Keys that let a person's own programs use the API. A token is shown once; its hash is kept.

A plain hash is enough: a token is 32 random bytes, which no list of passwords holds.
"""

import hashlib
import secrets
from datetime import timedelta

from sqlmodel import Session, select

from hub import access
from hub.tables import ApiToken, User
from supplychain.tables import now

_PREFIX = "sgh_"


def make_token(session: Session, user: User, name: str, days: int) -> str:
    """A new token of that person, good for so many days."""
    token = _PREFIX + secrets.token_urlsafe(32)
    session.add(
        ApiToken(
            user_id=user.id or 0,
            name=name[:60],
            token_hash=_hash(token),
            expires_at=now() + timedelta(days=days),
        )
    )
    return token


def person_of(session: Session, token: str) -> access.Who | None:
    """Whose token it is, where it is still good and the account active."""
    if not token.startswith(_PREFIX):
        return None
    row = session.exec(select(ApiToken).where(ApiToken.token_hash == _hash(token))).first()
    if row is None or row.expires_at < now():
        return None
    user = session.get(User, row.user_id)
    return access.person(session, user.handle) if user else None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
