"""What one firm may see by name: firms and links, and of each link what may be told of it.

Looked up anew each time, so that what a firm opens, closes or declares counts at once. Tens of
thousands of links come as arrays; what may be told of a link besides (item, share, since when) is
looked up for those that somebody reads.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import chain
from typing import Any, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session, case, col, or_, select

from supplychain.services.bulk import among, plain_rows
from supplychain.services.firms import batches
from supplychain.services.merging import roots
from supplychain.services.voices import ear_of, end_unheard, heard_links
from supplychain.standing import Statement, outcome
from supplychain.tables import Consent, Declaration, Link
from supplychain.visibility import Ear, Known, Way, seen_by

Int64s = NDArray[np.int64]

STANDINGS = ("open", "confirmed", "contradicted")
WAYS: tuple[Way, ...] = get_args(Way)
_AT_ONCE = 20_000
_CODE = case({word: code for code, word in enumerate(STANDINGS)}, value=Link.standing, else_=0)
_LINE: list[Any] = [Link.id, Link.supplier_id, Link.buyer_id, _CODE]
_STATEMENT: list[Any] = [
    Declaration.link_id, Declaration.firm_id, Declaration.stance, Declaration.share, Declaration.at,
]  # fmt: skip


class SeenLink(NamedTuple):
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


class Lines(NamedTuple):
    """Links by columns, in the order of their numbers; `standing` and `way` are places in lists."""

    link: Int64s
    supplier: Int64s
    buyer: Int64s
    standing: Int64s
    way: Int64s

    def where(self, those: NDArray[np.bool_]) -> "Lines":
        """Some of them."""
        return Lines(*(column[those] for column in self))


@dataclass(frozen=True)
class Sight:
    """The firms and links that a firm may see by name."""

    asker: int
    lines: Lines
    ear: Ear
    session: Session = field(repr=False, compare=False)

    @cached_property
    def firms(self) -> frozenset[int]:
        """Every firm that has a name here."""
        ends = np.unique(np.concatenate([self.lines.supplier, self.lines.buyer]))
        return frozenset({self.asker, *ends.tolist()})

    @property
    def partners(self) -> frozenset[int]:
        """Direct suppliers and customers."""
        own = self.lines.where(self.lines.way == WAYS.index("partner"))
        return frozenset({*own.supplier.tolist(), *own.buyer.tolist()} - {self.asker})

    @cached_property
    def links(self) -> dict[int, SeenLink]:
        """All links with what may be told of them."""
        return self.told(self.lines)

    def of(self, firm_id: int) -> dict[int, SeenLink]:
        """The links of one firm."""
        lines = self.lines
        return self.told(lines.where((lines.supplier == firm_id) | (lines.buyer == firm_id)))

    def told(self, lines: Lines) -> dict[int, SeenLink]:
        """Some of its links, by their numbers, with what may be told of them."""
        return _told(self.session, self.ear, lines)


def sight_of(session: Session, asker_id: int) -> Sight:
    """What a firm may see by name, at this moment."""
    same = roots(session)
    selves = [asker_id, *(firm for firm, root in same.items() if root == asker_id)]
    ear = ear_of(session, asker_id, same)
    rows = [*_own(session, ear), *_named(session, ear, selves)]
    opened = _opened(session, ear, same, opened_to(session, selves))
    numbers = np.fromiter(chain.from_iterable((*rows, *opened.values())), np.int64)
    columns = numbers.reshape(-1, len(_LINE)).T
    number, first = np.unique(columns[0], return_index=True)
    _, supplier, buyer, standing = columns[:, first]
    way = np.full(len(number), WAYS.index("told"))
    way[np.isin(number, np.array([*opened], np.int64))] = WAYS.index("opened")
    way[(supplier == asker_id) | (buyer == asker_id)] = WAYS.index("partner")
    return Sight(asker_id, Lines(number, supplier, buyer, standing, way), ear, session)


def opened_to(session: Session, selves: list[int]) -> set[int]:
    """The firms that opened themselves to a firm, under whatever number they knew it."""
    living = select(Consent.firm_id).where(
        col(Consent.to_id).in_(selves), col(Consent.withdrawn_at).is_(None)
    )
    return set(session.exec(living))


Row = tuple[Any, ...]


def _living(ear: Ear) -> Any:
    # What an end says unheard neither confirms nor contradicts.
    code = _CODE if ear.hears_all else case((end_unheard(ear), 0), else_=_CODE)
    columns: list[Any] = [*_LINE[:-1], code]
    return select(*columns).where(
        col(Link.ended).is_(None), col(Link.supplier_id) != col(Link.buyer_id)
    )


def _own(session: Session, ear: Ear) -> list[Row]:
    """Links of which the firm is an end, and of which it hears that they hold."""
    ends = or_(col(Link.supplier_id) == ear.asker, col(Link.buyer_id) == ear.asker)
    own = _living(ear).where(ends)
    own = own if ear.hears_all else own.where(heard_links(ear))
    return plain_rows(session, own)


def _named(session: Session, ear: Ear, selves: list[int]) -> list[Row]:
    """Links that the firm says to hold."""
    named = (
        _living(ear)
        .join(Declaration, col(Declaration.link_id) == Link.id)
        .where(col(Declaration.firm_id).in_(selves), col(Declaration.ended).is_(None))
        .where(Declaration.stance == "holds")
    )
    return plain_rows(session, named)


def _opened(session: Session, ear: Ear, same: dict[int, int], opened: set[int]) -> dict[int, Row]:
    """Links between firms that lie open to the asker, and its own ones that lead there."""
    rows: dict[int, Row] = {}
    for some in batches(sorted(opened), _AT_ONCE):
        theirs = _living(ear).where(among(session, Link.supplier_id, some))
        for row in plain_rows(session, theirs):
            if row[2] in opened or row[2] == ear.asker:
                rows[row[0]] = row
    held = _held(session, same, sorted(rows))
    known = (
        Known(link, supplier, buyer, frozenset(held.get(link, ())))
        for link, (_, supplier, buyer, _) in sorted(rows.items())
    )
    seen = seen_by(ear.asker, known, opened, ear).links
    return {link: rows[link] for link, way in seen.items() if way == "opened"}


def _held(session: Session, same: dict[int, int], links: list[int]) -> dict[int, set[int]]:
    """Link → firms that say that it holds."""
    found: dict[int, set[int]] = {}
    for some in batches(links, _AT_ONCE):
        living = select(Declaration.link_id, Declaration.firm_id).where(
            among(session, Declaration.link_id, some),
            col(Declaration.ended).is_(None),
            Declaration.stance == "holds",
        )
        for link, firm in plain_rows(session, living):
            found.setdefault(link, set()).add(same.get(firm, firm))
    return found


def _told(session: Session, ear: Ear, lines: Lines) -> dict[int, SeenLink]:
    rest: dict[int, tuple[str, float | None, datetime]] = {}
    for some in batches(lines.link.tolist(), _AT_ONCE):
        asked = select(Link.id, Link.item, Link.share, Link.since)
        for number, *facts in session.connection().execute(
            asked.where(among(session, Link.id, some))
        ):
            rest[number] = (facts[0], facts[1], facts[2])
    others = lines.where(lines.way != WAYS.index("partner")) if ear.hears_all else lines
    said = _said(session, others.link.tolist())
    found: dict[int, SeenLink] = {}
    for number, supplier, buyer, standing, way in zip(
        *(column.tolist() for column in lines), strict=True
    ):
        item, share, since = rest[number]
        missed = any(not ear.hears(each.firm) for each in said.get(number, ()))
        if WAYS[way] != "partner" or missed:
            ways = {"told": {ear.asker}, "opened": {supplier, buyer}, "partner": None}
            readable = ways[WAYS[way]]
            heard = [
                each
                for each in said.get(number, ())
                if ear.hears(each.firm) and (readable is None or each.firm in readable)
            ]
            share = outcome(supplier, buyer, heard).share
            since = min((each.at for each in heard), default=since)
        found[number] = SeenLink(
            number, supplier, buyer, item, share, STANDINGS[standing], since, WAYS[way]
        )
    return found


def _said(session: Session, link_ids: Collection[int]) -> dict[int, list[Statement]]:
    """Living statements about links, each in the name of the firm that the speaker is."""
    said: dict[int, list[Statement]] = {}
    same = roots(session) if link_ids else {}
    for some in batches(sorted(link_ids), _AT_ONCE):
        living = select(*_STATEMENT).where(
            among(session, Declaration.link_id, some), col(Declaration.ended).is_(None)
        )
        for link_id, firm, stance, share, at in session.connection().execute(
            living.order_by(col(Declaration.at), col(Declaration.id))
        ):
            statement = Statement(same.get(firm, firm), stance, share, at)
            said.setdefault(link_id, []).append(statement)
    return said


def standing_of(standings: Iterable[str]) -> str:
    """One word for several deliveries between the same two firms: the one that asks for most.

    >>> standing_of(["confirmed", "contradicted"]), standing_of(["confirmed", "open"])
    ('contradicted', 'open')
    """
    found = set(standings)
    return next((word for word in ("contradicted", "open") if word in found), "confirmed")
