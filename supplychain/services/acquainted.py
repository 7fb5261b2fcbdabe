"""Which firms have made themselves known to another: to it they tell of themselves.

To name a firm is not enough. Whoever names one by a number that was guessed would else be told
whose number it is. So a firm's own word goes to those that it has to do with by its own word,
and between those that hear each other (supplychain.visibility.Ear).
"""

from collections.abc import Collection

from sqlmodel import Session, and_, col, or_, select

from supplychain.services.firms import batches
from supplychain.services.voices import ear_of, unheard_words
from supplychain.tables import Consent, Declaration, Description, Invitation, Link
from supplychain.vouching_tables import SightRequest


def acquainted(session: Session, asker_id: int) -> set[int]:
    """Firms that say that they deal with the asker, opened to it, were asked in by it, or asked it.

    Who asks the asker to open itself tells its name by that.
    Of those that asked it, the firm with which the invitations began, too: it was asked in that
    firm's name.
    """
    partners = (
        select(Declaration.firm_id)
        .join(Link, col(Link.id) == Declaration.link_id)
        .where(
            or_(
                and_(
                    col(Link.supplier_id) == asker_id,
                    col(Declaration.firm_id) == Link.buyer_id,
                ),
                and_(
                    col(Link.buyer_id) == asker_id,
                    col(Declaration.firm_id) == Link.supplier_id,
                ),
            ),
            Declaration.stance == "holds",
            col(Declaration.ended).is_(None),
        )
    )
    opened = select(Consent.firm_id).where(
        Consent.to_id == asker_id, col(Consent.withdrawn_at).is_(None)
    )
    came = select(Invitation.firm_id).where(
        Invitation.by_id == asker_id, Invitation.state == "accepted"
    )
    hosts = select(Invitation.by_id, Invitation.lead_id).where(
        Invitation.firm_id == asker_id, Invitation.state == "accepted"
    )
    wishing = select(SightRequest.by_id).where(
        SightRequest.firm_id == asker_id, col(SightRequest.state).in_(("waiting", "agreed"))
    )
    ear = ear_of(session, asker_id)
    found = {firm for each in (partners, opened, came) for firm in session.exec(each)}
    # In whose name a firm was asked in stood in the mail: it is known without having vouched.
    asked_by = {firm for pair in session.exec(hosts) for firm in pair}
    asked_by = asked_by.union(session.exec(wishing)) - ear.unheard
    return {firm for firm in found if ear.hears(firm)} | asked_by


def heard_of(session: Session, asker_id: int, firm_ids: Collection[int]) -> dict[int, str]:
    """Names under which others speak of these firms when they speak of links with the asker.

    Both ends of a link read what is said about it, so that they can say yes or no; but for what
    they do not hear.
    """
    found: dict[int, str] = {}
    heard = ~unheard_words(ear_of(session, asker_id), col(Description.by_id))
    for some in batches(sorted(firm_ids)):
        for mine, other in (
            (Link.supplier_id, Link.buyer_id),
            (Link.buyer_id, Link.supplier_id),
        ):
            told = (
                select(Description.firm_id, Description.name)
                .join(Link, col(other) == Description.firm_id)
                .join(
                    Declaration,
                    and_(
                        col(Declaration.link_id) == Link.id,
                        col(Declaration.firm_id) == Description.by_id,
                    ),
                )
                .where(col(mine) == asker_id, col(other).in_(some), Description.name != "")
                .where(col(Declaration.ended).is_(None), Declaration.stance == "holds")
                .where(col(Description.ended).is_(None), heard)
                .order_by(col(Description.at), col(Description.id))
            )
            found |= dict(session.exec(told).all())
    return found
