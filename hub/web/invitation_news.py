"""What invitations give an inviter to do, and who answered."""

from collections.abc import Iterable
from datetime import datetime

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlmodel import Session, col, select

from hub import access
from hub.access import Who
from hub.invitation_lines import standing
from hub.web.asked import Change, Task
from supplychain.services.descriptions import described
from supplychain.tables import Description, Invitation, now

_MOST = 12
_PATIENCE_DAYS = 7


def invitation_tasks(session: Session, person: Who) -> Iterable[Task]:
    """Addresses to correct, silent firms to remind, suppliers to invite at all."""
    for firm in access.own_firms(session, person):
        counts = standing(session, firm.id or 0, now())
        if counts["undelivered"]:
            yield Task(
                ngettext(
                    "%(num)s invitation was not delivered",
                    "%(num)s invitations were not delivered",
                    counts["undelivered"],
                ),
                _("Correct the address, or take it back."),
                url_for("invitations.listing", firm=firm.id, state="undelivered"),
                _("See the invitations"),
                "bad",
                20,
            )
        if counts["expired"]:
            yield Task(
                ngettext(
                    "%(num)s invited firm did not answer in time",
                    "%(num)s invited firms did not answer in time",
                    counts["expired"],
                ),
                _("Remind them, or ring them."),
                url_for("invitations.listing", firm=firm.id, state="expired"),
                _("See the invitations"),
                "attention",
                40,
            )
        if not counts and _named_somebody(session, firm.id or 0):
            yield Task(
                _("Invite your suppliers"),
                _("They confirm their own data and name their suppliers in turn."),
                url_for("guests.sheet", firm=firm.id),
                _("Invite"),
                "waiting",
                45,
            )


def invitation_news(session: Session, person: Who, since: datetime) -> Iterable[Change]:
    """Who joined, and who said no."""
    for firm in access.own_firms(session, person):
        answered = (
            select(Invitation)
            .where(Invitation.by_id == firm.id, col(Invitation.answered_at) > since)
            .where(col(Invitation.state).in_(("accepted", "declined")))
            .order_by(col(Invitation.answered_at).desc())
        )
        rows = session.exec(answered.limit(_MOST)).all()
        names = described(session, firm.id or 0, [row.firm_id for row in rows])
        for row in rows:
            name = names[row.firm_id].name
            told = (
                _("%(firm)s has joined.", firm=name)
                if row.state == "accepted"
                else _("%(firm)s has declined the invitation.", firm=name)
            )
            if row.answered_at:
                here = url_for("invitations.one", invitation_id=row.id)
                yield Change(row.answered_at, told, here)


def _named_somebody(session: Session, firm_id: int) -> bool:
    told = select(Description.id).where(
        Description.by_id == firm_id,
        Description.firm_id != firm_id,
        col(Description.ended).is_(None),
    )
    return session.exec(told.limit(1)).first() is not None
