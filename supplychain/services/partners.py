"""A firm's direct partners, as it names them itself and as they name it."""

from collections.abc import Sequence

from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from supplychain.errors import LinkNotFound
from supplychain.services.firms import id_of
from supplychain.services.voices import heard_links
from supplychain.tables import Declaration, Description, Firm, Invitation, Link
from supplychain.visibility import Ear


def own_suppliers(firm: Firm) -> SelectOfScalar[Link]:
    """Links of which the firm itself says that it is supplied by them, newest first."""
    said = select(Declaration.link_id).where(
        Declaration.firm_id == firm.id,
        Declaration.stance == "holds",
        col(Declaration.ended).is_(None),
    )
    links = select(Link).where(
        Link.buyer_id == firm.id, col(Link.supplier_id) != firm.id, col(Link.id).in_(said)
    )
    return links.order_by(col(Link.id).desc())


def silent_suppliers(firm: Firm) -> SelectOfScalar[Firm]:
    """Own suppliers that do not speak for themselves yet, by the names that the firm told."""
    named = own_suppliers(firm).order_by(None).with_only_columns(col(Link.supplier_id))
    silent = select(Firm).where(col(Firm.id).in_(named), col(Firm.joined_at).is_(None))
    # Firm.name is what was first told, maybe by others: the order would tell of it.
    told = (
        select(func.min(Description.name))
        .where(Description.by_id == firm.id, Description.firm_id == Firm.id)
        .where(col(Description.ended).is_(None), Description.name != "")
        .correlate(Firm)
        .scalar_subquery()
    )
    return silent.order_by(told, col(Firm.id))


def own_supplier(session: Session, firm: Firm, link_id: int) -> Link:
    """One of them. Raises LinkNotFound."""
    link = session.exec(own_suppliers(firm).where(Link.id == link_id)).first()
    if link is None:
        raise LinkNotFound(link=link_id)
    return link


def named_by(firm: Firm, ear: Ear) -> SelectOfScalar[Link]:
    """Living links that name the firm as a supplier, those that it has not answered first.

    As far as it hears that they hold.
    """
    answered = select(Declaration.link_id).where(
        Declaration.firm_id == firm.id, col(Declaration.ended).is_(None)
    )
    links = select(Link).where(
        Link.supplier_id == firm.id, col(Link.buyer_id) != firm.id, col(Link.ended).is_(None)
    )
    links = links if ear.hears_all else links.where(heard_links(ear))
    return links.order_by(col(Link.id).in_(answered), col(Link.id).desc())


def unanswered(firm: Firm, ear: Ear) -> SelectOfScalar[Link]:
    """Those of them of which the firm has said neither yes nor no."""
    answered = select(Declaration.link_id).where(
        Declaration.firm_id == firm.id, col(Declaration.ended).is_(None)
    )
    return named_by(firm, ear).where(col(Link.id).not_in(answered))


def own_words(session: Session, firm: Firm, links: Sequence[Link]) -> dict[int, Declaration]:
    """What the firm itself says of each of these links, where it says anything."""
    living = select(Declaration).where(
        Declaration.firm_id == firm.id,
        col(Declaration.link_id).in_([link.id for link in links]),
        col(Declaration.ended).is_(None),
    )
    rows = session.exec(living.order_by(col(Declaration.at), col(Declaration.id)))
    return {row.link_id: row for row in rows}


def invited_by(session: Session, firm: Firm, firm_ids: Sequence[int]) -> dict[int, Invitation]:
    """The newest invitation of the firm to each of these."""
    sent = select(Invitation).where(
        Invitation.by_id == id_of(firm), col(Invitation.firm_id).in_(firm_ids)
    )
    return {row.firm_id: row for row in session.exec(sent.order_by(col(Invitation.sent_at)))}
