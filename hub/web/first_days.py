"""What a firm that has just joined finds on its home: what comes next, and what happened to it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlmodel import Session, col, select

from hub import access
from hub.access import Who
from hub.tables import ColleagueInvitation
from hub.web.asked import Change, Task
from supplychain.services.partners import named_by
from supplychain.services.voices import ear_of
from supplychain.tables import Consent, Firm, Link, now

_FIRST_DAYS = timedelta(days=30)


def first_days_tasks(session: Session, person: Who) -> Iterable[Task]:
    """For a firm in its first days: its number, who sees it, a second person. Each until done."""
    for firm in access.own_firms(session, person):
        joined = firm.joined_at
        if joined is None or joined < now() - _FIRST_DAYS or not person.has("vendor", firm.id):
            continue
        if not firm.brn and firm.country == "KR":
            yield Task(
                _("Add your business registration number"),
                _("With it, nobody mistakes %(firm)s for a firm of the same name.", firm=firm.name),
                url_for("my_firm.firm", firm=firm.id),
                _("Add it"),
                "file",
                35,
            )
        if not _ever_opened(session, firm):
            yield Task(
                _("See who sees %(firm)s", firm=firm.name),
                _("Your direct partners see its name, nobody else does. You may open it further."),
                url_for("consents.viewers", firm=firm.id),
                _("Have a look"),
                "waiting",
                55,
            )
        if _alone(session, firm):
            yield Task(
                _("Ask a colleague in"),
                _("Then alerts are read when you are away."),
                url_for("colleagues.listing", firm=firm.id),
                _("Ask a colleague in"),
                "waiting",
                58,
            )


def firm_news(session: Session, person: Who, since: datetime) -> Iterable[Change]:
    """The firm joined, colleagues came in, customers named it."""
    for firm in access.own_firms(session, person):
        if firm.joined_at and firm.joined_at > since:
            told = _("%(firm)s has joined: its own word counts now.", firm=firm.name)
            yield Change(firm.joined_at, told, _own_page(person, firm))
        came = select(ColleagueInvitation).where(
            ColleagueInvitation.firm_id == firm.id, col(ColleagueInvitation.answered_at) > since
        )
        names = {user.handle: user.name for user in access.speak_for(session, firm.id or 0)}
        for row in session.exec(came):
            if row.answered_at and row.accepted_by in names:
                yield Change(
                    row.answered_at,
                    _(
                        "%(name)s speaks for %(firm)s now.",
                        name=names[row.accepted_by],
                        firm=firm.name,
                    ),
                    url_for("colleagues.listing", firm=firm.id),
                )
        yield from _named_lately(session, person, firm, since)


def _named_lately(session: Session, person: Who, firm: Firm, since: datetime) -> Iterable[Change]:
    """How many links name the firm as a supplier since then; the newest gives the day."""
    if not person.has("vendor", firm.id):
        return
    heard = named_by(firm, ear_of(session, firm.id or 0)).where(col(Link.since) > since)
    links = session.exec(heard.limit(100)).all()
    if links:
        told = ngettext(
            "%(num)s delivery of %(firm)s was named by a customer.",
            "%(num)s deliveries of %(firm)s were named by customers.",
            len(links),
            firm=firm.name,
        )
        here = url_for("my_suppliers.customers", firm=firm.id)
        yield Change(max(link.since for link in links), told, here)


def _own_page(person: Who, firm: Firm) -> str:
    if person.has("vendor", firm.id):
        return url_for("my_firm.firm", firm=firm.id)
    return url_for("colleagues.listing", firm=firm.id)


def _ever_opened(session: Session, firm: Firm) -> bool:
    given = select(Consent.id).where(Consent.firm_id == firm.id)
    return session.exec(given.limit(1)).first() is not None


def _alone(session: Session, firm: Firm) -> bool:
    asked = select(ColleagueInvitation.id).where(ColleagueInvitation.firm_id == firm.id)
    if session.exec(asked.limit(1)).first() is not None:
        return False
    return len(access.speak_for(session, firm.id or 0)) == 1
