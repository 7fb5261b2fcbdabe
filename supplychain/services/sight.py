"""What one firm may see by name: firms and links, and of each link what may be told of it.

Looked up anew each time, so that what a firm opens, closes or declares counts at once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, or_, select

from supplychain.services.firms import batches
from supplychain.services.merging import roots
from supplychain.standing import Statement, outcome
from supplychain.tables import Consent, Declaration, Link
from supplychain.visibility import Known, Way, seen_by

_STATEMENT: list[Any] = [
    Declaration.link_id, Declaration.firm_id, Declaration.stance, Declaration.share, Declaration.at,
]  # fmt: skip


@dataclass(frozen=True)
class SeenLink:
    """A link as one firm may see it.

    `way`: a "partner" reads what the link has come to. Who only named the link in its own sheets
    ("told") reads its own share, and what came of it; to whom the ends have "opened" themselves
    reads what the two say.
    """

    link_id: int
    supplier: int
    buyer: int
    item: str
    share: float | None
    standing: str
    since: datetime
    way: Way


@dataclass(frozen=True)
class Sight:
    """The firms and links that a firm may see by name."""

    asker: int
    firms: frozenset[int]
    links: dict[int, SeenLink]

    @property
    def partners(self) -> frozenset[int]:
        """Direct suppliers and customers."""
        own = [link for link in self.links.values() if link.way == "partner"]
        return frozenset({end for x in own for end in (x.supplier, x.buyer)} - {self.asker})


def sight_of(session: Session, asker_id: int) -> Sight:
    """What a firm may see by name, at this moment."""
    same = roots(session)
    selves = [asker_id, *(firm for firm, root in same.items() if root == asker_id)]
    opened = opened_to(session, selves)
    links = _links(session, asker_id, selves, opened)
    said = _said(session, same, list(links))
    known = [
        Known(
            number,
            link.supplier_id,
            link.buyer_id,
            frozenset(each.firm for each in said.get(number, ()) if each.stance == "holds"),
        )
        for number, link in sorted(links.items())
    ]
    seen = seen_by(asker_id, known, opened)
    return Sight(
        asker_id,
        seen.firms,
        {
            number: _as_seen(asker_id, links[number], said.get(number, []), way)
            for number, way in seen.links.items()
        },
    )


def opened_to(session: Session, selves: list[int]) -> set[int]:
    """The firms that opened themselves to a firm, under whatever number they knew it."""
    living = select(Consent.firm_id).where(
        col(Consent.to_id).in_(selves), col(Consent.withdrawn_at).is_(None)
    )
    return set(session.exec(living))


def _links(session: Session, asker_id: int, selves: list[int], opened: set[int]) -> dict[int, Link]:
    """Living links that may come into question: its own, those it named, those of open firms."""
    living = select(Link).where(
        col(Link.ended).is_(None), col(Link.supplier_id) != col(Link.buyer_id)
    )
    ends = or_(col(Link.supplier_id) == asker_id, col(Link.buyer_id) == asker_id)
    named = (
        living.join(Declaration, col(Declaration.link_id) == Link.id)
        .where(col(Declaration.firm_id).in_(selves), col(Declaration.ended).is_(None))
        .where(Declaration.stance == "holds")
    )
    found = [*session.exec(living.where(ends)), *session.exec(named)]
    for some in batches(sorted(opened)):
        theirs = session.exec(living.where(col(Link.supplier_id).in_(some)))
        found += [link for link in theirs if link.buyer_id in opened]
    return {link.id or 0: link for link in found}


def _said(
    session: Session, same: dict[int, int], link_ids: list[int]
) -> dict[int, list[Statement]]:
    """Living statements about links, each in the name of the firm that the speaker is."""
    said: dict[int, list[Statement]] = {}
    for some in batches(sorted(link_ids)):
        living = select(*_STATEMENT).where(
            col(Declaration.link_id).in_(some), col(Declaration.ended).is_(None)
        )
        for link_id, firm, stance, share, at in session.exec(
            living.order_by(col(Declaration.at), col(Declaration.id))
        ):
            statement = Statement(same.get(firm, firm), stance, share, at)
            said.setdefault(link_id, []).append(statement)
    return said


def _as_seen(asker: int, link: Link, said: list[Statement], way: Way) -> SeenLink:
    share, since = link.share, link.since
    if way != "partner":
        readable = {asker} if way == "told" else {link.supplier_id, link.buyer_id}
        heard = [each for each in said if each.firm in readable]
        share = outcome(link.supplier_id, link.buyer_id, heard).share
        since = min((each.at for each in heard), default=since)
    return SeenLink(
        link_id=link.id or 0,
        supplier=link.supplier_id,
        buyer=link.buyer_id,
        item=link.item,
        share=share,
        standing=link.standing,
        since=since,
        way=way,
    )


def standing_of(standings: Iterable[str]) -> str:
    """One word for several deliveries between the same two firms: the one that asks for most.

    >>> standing_of(["confirmed", "contradicted"]), standing_of(["confirmed", "open"])
    ('contradicted', 'open')
    """
    found = set(standings)
    return next((word for word in ("contradicted", "open") if word in found), "confirmed")
