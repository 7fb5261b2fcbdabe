"""What follows for links from what is said about them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, update
from sqlmodel import Session, col, select

from supplychain.services.bulk import among
from supplychain.services.firms import batches
from supplychain.standing import Statement, outcome
from supplychain.tables import Declaration, Link, now

_AT_ONCE = 2_000
_LINK: list[Any] = [
    Link.id, Link.supplier_id, Link.buyer_id, Link.standing, Link.share, Link.ended,
]  # fmt: skip
_STATEMENT: list[Any] = [
    Declaration.link_id, Declaration.firm_id, Declaration.stance, Declaration.share, Declaration.at,
]  # fmt: skip


def settle(session: Session, link_ids: Iterable[int]) -> int:
    """Make share, standing and end of these links follow from their living declarations.

    Gives the number of links that changed. Whoever adds or ends a declaration calls this.
    """
    session.flush()
    at = now()
    changed: list[dict[str, Any]] = []
    for ids in batches(sorted(set(link_ids)), _AT_ONCE):
        said = _said(session, ids)
        known = select(*_LINK).where(among(session, Link.id, ids))
        for number, supplier, buyer, *before in session.connection().execute(known):
            follows = _follows(supplier, buyer, said.get(number, []), before[1], before[2] or at)
            if tuple(before) != follows:
                names = ("standing_now", "share_now", "ended_now")
                changed.append({"number": number, **dict(zip(names, follows, strict=True))})
    _write(session, changed)
    return len(changed)


def _said(session: Session, ids: list[int]) -> dict[int, list[Statement]]:
    """The living statements about each of these links, the older first."""
    living = (
        select(*_STATEMENT)
        .where(among(session, Declaration.link_id, ids), col(Declaration.ended).is_(None))
        .order_by(col(Declaration.at), col(Declaration.id))
    )
    said: dict[int, list[Statement]] = {}
    for link, *statement in session.connection().execute(living):
        said.setdefault(link, []).append(Statement(*statement))
    return said


def _follows(
    supplier: int, buyer: int, said: list[Statement], share: float | None, ended: datetime
) -> tuple[str, float | None, datetime | None]:
    came = outcome(supplier, buyer, said)
    return (came.standing, came.share, None) if came.alive else (came.standing, share, ended)


def _write(session: Session, changed: list[dict[str, Any]]) -> None:
    change = (
        update(Link)
        .where(col(Link.id) == bindparam("number"))
        .values(
            standing=bindparam("standing_now"),
            share=bindparam("share_now"),
            ended=bindparam("ended_now"),
        )
    )
    for some in batches(changed, _AT_ONCE):
        session.connection().execute(change, some)
    numbers = {each["number"] for each in changed}
    for row in list(session.identity_map.values()):  # what this session read of them before
        if isinstance(row, Link) and row.id in numbers:
            session.expire(row)
