"""Keys and statements as programs read them; the pages and commands tell the same."""

from collections.abc import Iterable
from datetime import datetime

from pydantic import BaseModel
from sqlmodel import Session, select

from hub.keys import roles_of
from hub.wiring import Hub
from sharing.key_image import delegated, expiries, role_name
from sharing.key_statements import digest_of
from sharing.key_tables import KeySet, KeyStatement
from sharing.manifest import Current
from sharing.services import keys
from sharing.tables import SharedModel
from supplychain.tables import Firm


class GroupSaid(BaseModel):
    """Keys of which `threshold` have to sign; `signed` have."""

    threshold: int
    keys: list[str]
    signed: list[str]
    old: bool


class StatementSaid(BaseModel):
    """A statement to sign: its number here, its role and version there."""

    number: int
    role: str
    version: int
    firm: int | None
    state: str
    why: str
    digest: str
    made_at: datetime
    expires_at: datetime
    missing: int
    groups: list[GroupSaid]


class FirmKeysSaid(BaseModel):
    """Whose keys sign what a firm publishes. `coming`: keys that have not signed enough yet."""

    firm: int
    name: str
    held_by_hub: bool
    threshold: int
    keys: list[str]
    coming: list[str]
    coming_threshold: int
    expires: datetime | None
    waiting: int


class TopSaid(BaseModel):
    """Who holds root and top-level targets."""

    held_by_hub: bool
    threshold: int
    keys: list[str]
    expires: datetime


def statement_said(session: Session, row: KeyStatement, current: Current) -> StatementSaid:
    """A statement, and whose signatures it has."""
    groups = keys.groups(session, row, current) if row.state == "waiting" else []
    return StatementSaid(
        number=row.id or 0,
        role=row.role,
        version=row.number,
        firm=row.firm_id,
        state=row.state,
        why=row.why,
        digest=digest_of(row.body.encode()),
        made_at=row.made_at,
        expires_at=row.expires_at,
        missing=sum(group.missing for group in groups),
        groups=[
            GroupSaid(
                threshold=each.threshold,
                keys=sorted(each.keys),
                signed=sorted(each.signed),
                old=each.old,
            )
            for each in groups
        ],
    )


def firm_said(session: Session, hub: Hub, current: Current, firm: Firm) -> FirmKeysSaid:
    """Whose keys sign what this firm publishes, as agents see it now."""
    name = role_name(firm.id or 0)
    role = delegated(current).get(name)
    by_hub = role is None or all(hub.signing.keys.by_id(keyid) for keyid in role.keyids)
    newest = keys.key_set_of(session, firm.id or 0)
    coming = newest if newest is not None and newest.state == "waiting" else None
    return FirmKeysSaid(
        firm=firm.id or 0,
        name=firm.name,
        held_by_hub=by_hub,
        threshold=role.threshold if role else 1,
        keys=sorted(role.keyids) if role else [],
        coming=sorted(coming.keys) if coming else [],
        coming_threshold=coming.threshold if coming else 0,
        expires=expiries(current).get(name),
        waiting=len(keys.waiting(session, name)),
    )


def firms_said(
    session: Session, hub: Hub, current: Current, firms: Iterable[Firm]
) -> list[FirmKeysSaid]:
    """The same of several firms."""
    return [firm_said(session, hub, current, firm) for firm in firms]


def every_firm_said(session: Session, hub: Hub, current: Current) -> list[FirmKeysSaid]:
    """The same of every firm that publishes; for who works on the hub's own machine."""
    numbers = {*session.exec(select(SharedModel.firm_id)), *session.exec(select(KeySet.firm_id))}
    found = [session.get_one(Firm, number) for number in sorted(n for n in numbers if n)]
    return firms_said(session, hub, current, found)


def top_said(hub: Hub, current: Current) -> TopSaid:
    """Who holds the top."""
    top = roles_of(hub, current)
    return TopSaid(
        held_by_hub=top.held_here,
        threshold=top.threshold,
        keys=sorted(top.keyids),
        expires=top.expires,
    )
