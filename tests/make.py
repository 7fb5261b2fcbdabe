"""Makes what tests need, through the services that the entry points use."""

import itertools
from functools import cache

from hub.accounts import grant, hash_of
from hub.tables import User
from hub.wiring import Hub
from supplychain.tables import Firm, Site

_numbers = itertools.count(1)

PASSWORD = "a-long-password"


@cache
def _hash() -> str:
    # A password hash takes long on purpose; hundreds of people share this one.
    return hash_of(PASSWORD)


def person(hub: Hub, *roles: tuple[str, int | None], name: str = "홍길동") -> User:
    """A person with these roles, who signs in with PASSWORD."""
    with hub.db.work() as session:
        number = next(_numbers)
        user = User(
            handle=f"u-{number:010x}",
            email=f"person{number}@test.example",
            name=name,
            password_hash=_hash(),
        )
        session.add(user)
        session.flush()
        for role, firm_id in roles:
            grant(session, user, role, firm_id)
        session.flush()
        session.expunge(user)
    return user


def firm(hub: Hub, name: str = "시험정공(주)", **fields: object) -> int:
    """A firm; its id."""
    with hub.db.work() as session:
        row = Firm(name=name, **fields)
        session.add(row)
        session.flush()
        return row.id


def site(hub: Hub, firm_id: int, **fields: object) -> int:
    """A site of a firm; its id."""
    with hub.db.work() as session:
        row = Site(firm_id=firm_id, **{"name": "본사 공장", "process": "injection", **fields})
        session.add(row)
        session.flush()
        return row.id
