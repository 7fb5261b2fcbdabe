"""Whose word counts for whom: what the database knows of it, for supplychain.visibility.

Looked up anew each time, so that a yes, a no, or an administrator's decision counts at once.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, false, true
from sqlalchemy.orm import Mapped
from sqlmodel import Session, and_, col, or_, select

from supplychain.services.firms import batches
from supplychain.services.merging import roots
from supplychain.standing import Statement, outcome
from supplychain.tables import Declaration, Description, Link
from supplychain.visibility import Ear, ear
from supplychain.vouching_tables import Voice, Vouching


def ear_of(session: Session, asker_id: int, same: dict[int, int] | None = None) -> Ear:
    """Whose statements a firm hears at this moment; `same` as merging.roots gives it."""
    unsure = select(Voice.firm_id, Voice.state).where(Voice.state != "confirmed")
    states = dict(session.exec(unsure).all())
    if not states:
        return Ear(asker_id)
    same = roots(session) if same is None else same
    selves = [asker_id, *(firm for firm, root in same.items() if root == asker_id)]
    said_yes = select(Vouching.firm_id, Vouching.by_id).where(
        Vouching.stance == "yes",
        or_(Vouching.firm_id == asker_id, Vouching.by_id == asker_id),
    )
    vouched = [(firm, same.get(by, by)) for firm, by in session.exec(said_yes)]
    return ear(asker_id, states, vouched, _named(session, selves))


def _named(session: Session, selves: list[int]) -> set[int]:
    """Those of the firms that are not confirmed which one firm named itself, in living words."""
    told = (
        select(Voice.firm_id)
        .join(Description, col(Description.firm_id) == Voice.firm_id)
        .where(Voice.state != "confirmed", col(Description.by_id).in_(selves))
        .where(col(Description.ended).is_(None))
    )
    found = set(session.exec(told.distinct()))
    for end in (Link.supplier_id, Link.buyer_id):
        held = (
            select(Voice.firm_id)
            .join(Link, col(end) == Voice.firm_id)
            .join(Declaration, col(Declaration.link_id) == Link.id)
            .where(Voice.state != "confirmed", col(Declaration.firm_id).in_(selves))
            .where(Declaration.stance == "holds", col(Declaration.ended).is_(None))
        )
        found.update(session.exec(held.distinct()))
    return found


# --- for queries


def unheard_words(ear: Ear, speaker: ColumnElement[int] | Mapped[int]) -> ColumnElement[bool]:
    """Whether a row's speaker is one whom the firm does not hear, for a query."""
    if ear.new or ear.suspended:
        heard = {ear.asker} | (frozenset() if ear.suspended else ear.vouched_by - ear.unheard)
        return speaker.not_in(heard)
    return speaker.in_(ear.unheard) if ear.unheard else false()


def heard_links(ear: Ear) -> ColumnElement[bool]:
    """Whether the firm hears anybody say that a living link holds."""
    if ear.hears_all:
        return true()
    # Of the query around it the link alone is meant: that may join declarations, too.
    return (
        exists()
        .where(
            col(Declaration.link_id) == Link.id,
            col(Declaration.stance) == "holds",
            col(Declaration.ended).is_(None),
            ~unheard_words(ear, col(Declaration.firm_id)),
        )
        .correlate(Link)
    )


def end_unheard(ear: Ear) -> ColumnElement[bool]:
    """Whether an end of a link says something of it that the firm does not hear."""
    if ear.hears_all:
        return false()
    return (
        exists()
        .where(
            col(Declaration.link_id) == Link.id,
            or_(
                col(Declaration.firm_id) == Link.supplier_id,
                col(Declaration.firm_id) == Link.buyer_id,
            ),
            col(Declaration.ended).is_(None),
            unheard_words(ear, col(Declaration.firm_id)),
        )
        .correlate(Link)
    )


# --- what a link has come to, as far as one hears


@dataclass(frozen=True)
class Heard:
    """A link's figures as a firm hears them."""

    share: float | None
    standing: str
    since: datetime


def as_heard(
    ear: Ear, link: Link, said: Collection[Statement], readable: Collection[int] | None = None
) -> Heard:
    """What a link has come to, by the living statements about it that a firm may read.

    `readable`: the firms whose words it may read; None: anybody's that it hears. The row's own
    figures where that is all of them.
    """
    heard = [each for each in said if ear.hears(each.firm)]
    ends = (link.supplier_id, link.buyer_id)
    missed = any(not ear.hears(each.firm) for each in said if each.firm in ends)
    standing = "open" if missed else link.standing
    if readable is None and len(heard) == len(said):
        return Heard(link.share, standing, link.since)
    read = [each for each in heard if readable is None or each.firm in readable]
    return Heard(
        outcome(*ends, read).share,
        standing,
        min((each.at for each in read), default=link.since),
    )


def links_as_heard(session: Session, ear: Ear, links: Iterable[Link]) -> dict[int, Heard]:
    """The same for several links of which the firm is an end."""
    rows = {link.id or 0: link for link in links}
    if ear.hears_all:
        return {n: Heard(link.share, link.standing, link.since) for n, link in rows.items()}
    said = statements(session, sorted(rows), roots(session))
    return {number: as_heard(ear, link, said.get(number, [])) for number, link in rows.items()}


def statements(
    session: Session, link_ids: list[int], same: dict[int, int]
) -> dict[int, list[Statement]]:
    """Living statements about links, each in the name of the firm that the speaker is."""
    said: dict[int, list[Statement]] = {}
    for some in batches(link_ids):
        living = select(
            Declaration.link_id, Declaration.firm_id, Declaration.stance, Declaration.share,
            Declaration.at,
        ).where(and_(col(Declaration.link_id).in_(some), col(Declaration.ended).is_(None)))  # type: ignore[call-overload] # fmt: skip
        for link_id, firm, stance, share, at in session.exec(
            living.order_by(col(Declaration.at), col(Declaration.id))
        ):
            statement = Statement(same.get(firm, firm), stance, share, at)
            said.setdefault(link_id, []).append(statement)
    return said
