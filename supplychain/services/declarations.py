"""What firms say about links by hand, and the links on which they do not agree.

Nothing that was said is written over: whoever says something else ends the old statement.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, case, true
from sqlmodel import Session, and_, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from supplychain.errors import LinkNotFound, LinkNotYours, LinkToItself, StanceUnknown
from supplychain.services.firms import batches, id_of, root_firm
from supplychain.services.links import settle
from supplychain.services.turns import take_turns
from supplychain.services.voices import end_unheard, heard_links, unheard_words
from supplychain.services.vouching import answered_claim
from supplychain.tables import Declaration, Firm, Link, Sheet, now
from supplychain.visibility import Ear

STANCES = ("holds", "denied")


@dataclass(frozen=True)
class Words:
    """One statement about a link, with the sheet that it came with. `ended` ones are history."""

    declaration: Declaration
    sheet: Sheet | None


@dataclass
class Sides:
    """What is said about one link: by its supplier, by its buyer, by others; newest first."""

    link: Link
    supplier: list[Words] = field(default_factory=list)
    buyer: list[Words] = field(default_factory=list)
    others: list[Words] = field(default_factory=list)


def declare(
    session: Session,
    firm: Firm,
    link: Link,
    *,
    stance: str = "holds",
    share: float | None = None,
    note: str = "",
    actor: str = "",
) -> Declaration:
    """A firm says by hand that a link holds, or that it does not.

    For the two ends of a link, and for whoever declared it in a sheet. The same statement said
    again stays the one that it was. Raises LinkNotYours, StanceUnknown.
    """
    if stance not in STANCES:
        raise StanceUnknown(stance=stance[:20])
    take_turns(session)
    if not _concerns(session, firm, link):
        raise LinkNotYours
    share = None if stance == "denied" else share
    last = next(iter(_living(session, firm, [link.id or 0])), None)
    if last and (last.stance, last.share, last.note) == (stance, share, note):
        return last
    take_back(session, firm, link, settled=False)
    said = Declaration(
        link_id=link.id or 0,
        firm_id=id_of(firm),
        stance=stance,
        share=share,
        note=note[:400],
        actor=actor,
    )
    session.add(said)
    settle(session, [link.id or 0])
    return said


def answer_link(
    session: Session,
    firm: Firm,
    link: Link,
    *,
    stance: str,
    share: float | None = None,
    note: str = "",
    actor: str = "",
) -> Declaration:
    """An end of a link answers what is said about it.

    Who says yes to what a firm says for which somebody has lately come to speak vouches for it by
    that. Raises LinkNotYours, StanceUnknown.
    """
    if stance == "holds":
        answered_claim(session, id_of(firm), link, actor)
    return declare(session, firm, link, stance=stance, share=share, note=note, actor=actor)


def declare_supplier(
    session: Session,
    buyer: Firm,
    supplier: Firm,
    *,
    item: str = "",
    share: float | None = None,
    actor: str = "",
) -> Link:
    """A buyer names a supplier by hand; the link is added where nobody had named it.

    Raises LinkToItself.
    """
    ends = id_of(supplier), id_of(buyer)
    if root_firm(session, supplier).id == root_firm(session, buyer).id:
        raise LinkToItself
    link = session.exec(
        select(Link).where(
            Link.told_supplier_id == ends[0], Link.told_buyer_id == ends[1], Link.item == item
        )
    ).first()
    if link is None:
        link = Link(
            supplier_id=id_of(root_firm(session, supplier)),
            buyer_id=id_of(root_firm(session, buyer)),
            told_supplier_id=ends[0],
            told_buyer_id=ends[1],
            item=item,
        )
        session.add(link)
        session.flush()
    declare(session, root_firm(session, buyer), link, share=share, actor=actor)
    return link


def take_back(session: Session, firm: Firm, link: Link, *, settled: bool = True) -> int:
    """End everything that a firm says about a link; how many statements that were."""
    take_turns(session)
    living = _living(session, firm, [link.id or 0])
    for said in living:
        said.ended = now()
    session.flush()
    if settled and living:
        settle(session, [link.id or 0])
    return len(living)


def links_to_settle(
    firm_ids: Collection[int], standing: str = "", ear: Ear | None = None
) -> SelectOfScalar[Link]:
    """Living links of which these firms are an end, or about which they said something.

    Contradicted ones first. `standing` narrows them to one. With an ear: as far as it hears.
    """
    # Not EXISTS: asked for each link anew, a database may go through all that a firm ever said.
    said = col(Link.id).in_(
        select(Declaration.link_id).where(
            col(Declaration.firm_id).in_(firm_ids), col(Declaration.ended).is_(None)
        )
    )
    query = select(Link).where(
        or_(col(Link.supplier_id).in_(firm_ids), col(Link.buyer_id).in_(firm_ids), said),
        col(Link.supplier_id) != Link.buyer_id,
        col(Link.ended).is_(None),
    )
    word: Any = col(Link.standing)
    if ear is not None and not ear.hears_all:
        query = query.where(or_(heard_links(ear), said))
        word = case((end_unheard(ear), "open"), else_=word)
    if standing:
        query = query.where(word == standing)
    # "contradicted" before "confirmed" and "open": what has to be settled stands on top.
    return query.order_by((word != "contradicted"), word.desc(), col(Link.id))


def link_to_settle(
    session: Session, firm_ids: Collection[int], link_id: int, ear: Ear | None = None
) -> Link:
    """One of them, living or ended. Raises LinkNotFound for anybody else's."""
    link = session.get(Link, link_id)
    own = col(Declaration.firm_id).in_(firm_ids)
    heard = true() if ear is None else ~unheard_words(ear, col(Declaration.firm_id))
    if link is None or not (
        (
            {link.supplier_id, link.buyer_id} & set(firm_ids)
            and (ear is None or ear.hears_all or _said(session, [link_id], heard))
        )
        or _said(session, [link_id], own)
    ):
        raise LinkNotFound(link=link_id)
    return link


def partners_of(session: Session, firm_id: int) -> set[int]:
    """The firms that a firm supplies or is supplied by, as somebody says."""
    living = select(Link.supplier_id, Link.buyer_id).where(
        or_(col(Link.supplier_id) == firm_id, col(Link.buyer_id) == firm_id),
        col(Link.ended).is_(None),
    )
    return {end for ends in session.exec(living) for end in ends} - {firm_id}


def sides(session: Session, links: Sequence[Link], ear: Ear | None = None) -> list[Sides]:
    """Who said what when about these links, side by side; with an ear, as far as it hears."""
    found = {link.id or 0: Sides(link) for link in links}
    for words in _said(session, list(found), col(Declaration.id) > 0):
        if ear is not None and not ear.hears(words.declaration.firm_id):
            continue
        one = found[words.declaration.link_id]
        whose = {one.link.supplier_id: one.supplier, one.link.buyer_id: one.buyer}
        whose.get(words.declaration.firm_id, one.others).append(words)
    return list(found.values())


def _said(session: Session, link_ids: list[int], which: ColumnElement[bool]) -> list[Words]:
    query = (
        select(Declaration, Sheet)
        .outerjoin(Sheet, col(Sheet.id) == Declaration.sheet_id)
        .where(which)
        .order_by(col(Declaration.at).desc(), col(Declaration.id).desc())
    )
    return [
        Words(said, sheet)
        for ids in batches(link_ids)
        for said, sheet in session.exec(query.where(col(Declaration.link_id).in_(ids)))
    ]


def _living(session: Session, firm: Firm, link_ids: list[int]) -> Sequence[Declaration]:
    query = select(Declaration).where(
        and_(
            col(Declaration.link_id).in_(link_ids),
            Declaration.firm_id == firm.id,
            col(Declaration.ended).is_(None),
        )
    )
    return session.exec(
        query.order_by(col(Declaration.at).desc(), col(Declaration.id).desc())
    ).all()


def _concerns(session: Session, firm: Firm, link: Link) -> bool:
    if firm.id in (link.supplier_id, link.buyer_id):
        return True
    return bool(_said(session, [link.id or 0], col(Declaration.firm_id) == firm.id))
