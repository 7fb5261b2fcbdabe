"""People, their passwords and roles, and the trail of who did what.

Passwords are kept as argon2 hashes (OWASP's first choice; argon2-cffi's defaults follow RFC 9106).
Services here never commit.
"""

import hashlib
import secrets
from datetime import timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlmodel import Session, func, or_, select

from hub.errors import (
    AddressTaken,
    PasswordWeak,
    RoleNeedsFirm,
    RoleUnknown,
    SignInRefused,
    TooManyTries,
)
from hub.tables import AuditEntry, Membership, SignInFailure, User
from supplychain.tables import now

FIRM_ROLES = ("supply_manager", "publisher", "vendor")
ROLES = (*FIRM_ROLES, "trainee", "instructor", "officer", "administrator")

SHORTEST_PASSWORD = 10
_ADDRESS = 45  # characters of the longest, an IPv4 address inside an IPv6 one; a proxy may say more
_TRIES, _WINDOW = 8, timedelta(minutes=15)


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobodys_hash() -> str:
    # Checked for unknown addresses too, so that the time of an answer tells nothing.
    return _hasher().hash(secrets.token_hex())


def create_user(session: Session, email: str, name: str, password: str, locale: str = "ko") -> User:
    """A new person. Raises AddressTaken, PasswordWeak."""
    address = email.strip().lower()
    if session.exec(select(User).where(User.email == address)).first():
        raise AddressTaken(email=address)
    user = User(
        handle=f"u-{secrets.token_hex(5)}",
        email=address,
        name=name.strip(),
        password_hash=hash_of(password),
        locale=locale,
    )
    session.add(user)
    session.flush()
    return user


def hash_of(password: str) -> str:
    """Argon2 hash of a password that is long enough; raises PasswordWeak."""
    if len(password) < SHORTEST_PASSWORD:
        raise PasswordWeak(least=SHORTEST_PASSWORD)
    return _hasher().hash(password)


def change_password(user: User, password: str) -> None:
    """Give a person another password; raises PasswordWeak."""
    user.password_hash = hash_of(password)


def seal_of(user: User) -> str:
    """What a session remembers of the password, so that it ends when the password changes."""
    return hashlib.sha256(user.password_hash.encode()).hexdigest()[:16]


def grant(session: Session, user: User, role: str, firm_id: int | None = None) -> Membership:
    """Give a role; giving it again changes nothing. Raises RoleUnknown, RoleNeedsFirm."""
    if role not in ROLES:
        raise RoleUnknown(role=role, roles=", ".join(ROLES))
    if role in FIRM_ROLES and firm_id is None:
        raise RoleNeedsFirm(role=role)
    # One at a time for each person: a role without a firm has no key that the database could guard.
    session.exec(select(User.id).where(User.id == user.id).with_for_update()).one()
    row = session.exec(
        select(Membership).where(
            Membership.user_id == user.id, Membership.role == role, Membership.firm_id == firm_id
        )
    ).first()
    if row is None:
        row = Membership(user_id=user.id or 0, firm_id=firm_id, role=role)
        session.add(row)
        session.flush()
    return row


def revoke(session: Session, membership: Membership) -> None:
    """Take a role away."""
    session.delete(membership)


def throttle(session: Session, email: str, address: str) -> None:
    """Raise TooManyTries where this account or this address has failed too often lately."""
    since = now() - _WINDOW
    failures = session.exec(
        select(func.count())
        .select_from(SignInFailure)
        .where(
            or_(
                SignInFailure.email == email.strip().lower(),
                SignInFailure.address == address[:_ADDRESS],
            ),
            SignInFailure.at > since,
        )
    ).one()
    if failures >= _TRIES:
        raise TooManyTries(minutes=int(_WINDOW.total_seconds() // 60))


def note_failure(session: Session, email: str, address: str) -> None:
    """Count a failed sign-in, and forget those that no longer matter."""
    session.add(SignInFailure(email=email.strip().lower()[:254], address=address[:_ADDRESS]))
    for old in session.exec(
        select(SignInFailure).where(SignInFailure.at < now() - 2 * _WINDOW).limit(100)
    ):
        session.delete(old)


def check_password(session: Session, email: str, password: str) -> User:
    """The person with that address and password. Raises SignInRefused, without saying why."""
    user = session.exec(select(User).where(User.email == email.strip().lower())).first()
    try:
        _hasher().verify(user.password_hash if user else _nobodys_hash(), password)
    except (VerificationError, InvalidHashError) as error:
        raise SignInRefused from error
    if user is None or not user.active:
        raise SignInRefused
    return user


def strengthened(session: Session, checked: User, password: str) -> User:
    """The account whose password was just checked, its hash renewed where it is of an older kind.

    Apart from the check, which only reads: hashing must not keep writers waiting each time.
    """
    user = session.exec(select(User).where(User.id == checked.id)).one()
    if user.password_hash == checked.password_hash and _hasher().check_needs_rehash(
        user.password_hash
    ):
        user.password_hash = _hasher().hash(password)
    return user


def record(session: Session, actor: str, action: str, subject: str, **detail: object) -> None:
    """Add a line to the audit trail, in the transaction of what it tells of."""
    session.add(AuditEntry(actor=actor, action=action, subject=subject[:200], detail=detail))
