"""Whom an alert can be passed to, how they are reached, and which names its text must not hold."""

from collections.abc import Collection, Iterable

from sqlmodel import Session, case, col, select

from supplychain.alert_errors import AlertNamesFirm
from supplychain.alert_tables import AlertSetting
from supplychain.cells import plain
from supplychain.matching import name_key
from supplychain.services.consents import nameable_by
from supplychain.services.descriptions import described
from supplychain.services.firms import batches
from supplychain.services.invitations import refused
from supplychain.services.merging import members
from supplychain.services.voices import ear_of, end_unheard, heard_links
from supplychain.tables import Declaration, Description, Firm, Invitation, Link, now

_SHORTEST_NAME = 3  # shorter names are words of the language, too


def next_firms(session: Session, firm_id: int, direction: str, *, sure: bool = False) -> set[int]:
    """The suppliers ("down") or customers ("up") of a firm, but for those it denies itself.

    Not those for whose people it does not vouch yet, nor those of whom it does not hear.
    `sure`: those alone of which the firm says itself that it trades with them, or which are
    confirmed: nobody gets what goes on by itself for having claimed to be a partner.
    """
    end, other = (
        (Link.buyer_id, Link.supplier_id)
        if direction == "down"
        else (Link.supplier_id, Link.buyer_id)
    )
    ear = ear_of(session, firm_id)
    standing_heard = case((end_unheard(ear), "open"), else_=col(Link.standing))
    living = select(Link.id, other, standing_heard).where(
        end == firm_id, other != firm_id, col(Link.ended).is_(None), heard_links(ear)
    )
    links = session.exec(living).all()
    said = _own_word(session, firm_id, [number or 0 for number, _, _ in links])
    return {
        partner
        for number, partner, standing in links
        if partner not in ear.unheard
        and said.get(number or 0, "") != "denied"
        and (not sure or said.get(number or 0) == "holds" or standing == "confirmed")
    }


def _own_word(session: Session, firm_id: int, links: list[int]) -> dict[int, str]:
    """Link → what the firm itself says of it at this moment."""
    selves = members(session, [firm_id])[firm_id]
    found: dict[int, str] = {}
    for some in batches(links):
        living = select(Declaration.link_id, Declaration.stance).where(
            col(Declaration.link_id).in_(some),
            col(Declaration.firm_id).in_(selves),
            col(Declaration.ended).is_(None),
        )
        for link, stance in session.exec(living.order_by(col(Declaration.id))):
            found[link] = "holds" if found.get(link) == "holds" else stance
    return found


def joined(session: Session, firm_ids: Iterable[int]) -> set[int]:
    """Those of the firms that speak for themselves."""
    found: set[int] = set()
    for some in batches(sorted(set(firm_ids))):
        found.update(
            number or 0
            for number in session.exec(
                select(Firm.id).where(col(Firm.id).in_(some), col(Firm.joined_at).is_not(None))
            )
        )
    return found


def addresses(
    session: Session, by_id: int, firm_ids: Collection[int]
) -> dict[int, tuple[str, str, str]]:
    """Firm → (e-mail address, person, language), as the firm that writes knows them itself.

    From its own lists, else from its own invitations; not where the owner wants no mails.
    """
    found: dict[int, tuple[str, str, str]] = {}
    for some in batches(sorted(firm_ids)):
        told = select(Description.firm_id, Description.email, Description.contact).where(
            Description.by_id == by_id,
            col(Description.firm_id).in_(some),
            col(Description.ended).is_(None),
            Description.email != "",
        )
        asked = select(
            Invitation.firm_id, Invitation.email, Invitation.contact, Invitation.locale
        ).where(
            Invitation.by_id == by_id,
            col(Invitation.firm_id).in_(some),
            Invitation.state != "withdrawn",
        )
        for firm, email, contact, locale in session.exec(asked.order_by(col(Invitation.id))):
            found[firm] = (email, contact, locale)
        for firm, email, contact in session.exec(told.order_by(col(Description.id))):
            found[firm] = (email, contact, found.get(firm, ("", "", "ko"))[2])
    return {firm: way for firm, way in found.items() if not refused(session, way[0])}


def goes_on_by_itself(session: Session, firm_id: int) -> bool:
    """Whether the firm lets alerts go on by themselves, where their sender asks for it."""
    row = session.get(AlertSetting, firm_id)
    return row is not None and row.by_itself


def let_go_on(session: Session, firm_id: int, actor: str, *, by_itself: bool) -> AlertSetting:
    """Choose it; choosing it again changes nothing."""
    row = session.get(AlertSetting, firm_id) or AlertSetting(firm_id=firm_id)
    if row.by_itself != by_itself:
        row.by_itself, row.actor, row.at = by_itself, actor, now()
    session.add(row)
    session.flush()
    return row


def names_nobody(session: Session, firm_id: int, *texts: str) -> None:
    """Raise AlertNamesFirm where a text holds the name of a firm that the writer knows.

    Its own name it may give away.
    """
    whole = plain(" ".join(texts))
    if not whole:
        return
    others = nameable_by(session, firm_id) - {firm_id}
    for facts in described(session, firm_id, others).values():
        key = plain(name_key(facts.name))
        if len(key) >= _SHORTEST_NAME and key in whole:
            raise AlertNamesFirm(firm=facts.name)
