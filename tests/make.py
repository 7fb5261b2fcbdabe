"""Makes what tests need, through the services that the entry points use."""

import itertools

from hub.accounts import create_user, grant
from hub.tables import User
from hub.wiring import Hub
from supplychain.tables import Firm, Site

_numbers = itertools.count(1)

PASSWORD = "a-long-password"


def person(hub: Hub, *roles: tuple[str, int | None], name: str = "홍길동") -> User:
    """A person with these roles."""
    with hub.db.work() as session:
        user = create_user(session, f"person{next(_numbers)}@test.example", name, PASSWORD)
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
