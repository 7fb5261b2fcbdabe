"""Who may see a firm: to whom it has opened itself, since when, and what such a firm then sees.

A consent counts from the moment in which it is given, and no longer than it is withdrawn: nothing
keeps a copy of what follows from it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, or_, select

from supplychain.errors import FirmNotFound
from supplychain.services.descriptions import Facts, described
from supplychain.services.merging import root_of, roots
from supplychain.services.sight import SeenLink, sight_of
from supplychain.services.voices import ear_of, heard_links, links_as_heard, unheard_words
from supplychain.tables import Consent, Declaration, Invitation, Link, now
from supplychain.vouching_tables import SightRequest


@dataclass(frozen=True)
class Viewer:
    """A firm that may see another.

    `reasons`: "customer", "supplier", "inviter", "asks", "named", "opened".

    `since` is the earliest of them, `opened` the consent that lives, if there is one. `sees`: it
    sees the firm by name at this moment; who was opened to sees it once all in between agreed.
    """

    facts: Facts
    reasons: tuple[str, ...]
    since: datetime
    opened: Consent | None
    may_open: bool
    sees: bool


@dataclass(frozen=True)
class Viewers:
    """Everybody who may see a firm, and firms to which it could open itself.

    `strangers` counts firms that name it in their own sheets and that it may not know itself.
    """

    firm_id: int
    known: list[Viewer]
    strangers: int


@dataclass(frozen=True)
class Preview:
    """What another firm sees of a firm at this moment.

    `named`: it knows a name, by the firm's own word (`facts`) or as it wrote one down itself,
    which is not this firm's to read.
    """

    viewer: Facts
    named: bool
    facts: Facts | None
    links: list[SeenLink]
    names: dict[int, Facts]


def give(session: Session, firm_id: int, to_id: int, actor: str) -> Consent:
    """Let another firm see the name and the links; a consent that lives already stays as it is.

    Only firms that this one knows can be opened to. Raises FirmNotFound for any other, whether
    there is such a firm or not.
    """
    to_id = _known(session, firm_id, to_id)
    row = _living(session, firm_id, to_id)
    if row is None:
        row = Consent(firm_id=firm_id, to_id=to_id, given_by=actor)
        session.add(row)
        session.flush()
    return row


def withdraw(session: Session, firm_id: int, to_id: int, actor: str) -> Consent | None:
    """Close what was opened to a firm; None where nothing was."""
    row = _living(session, firm_id, to_id)
    if row is not None:
        row.withdrawn_at, row.withdrawn_by = now(), actor
        session.add(row)
        session.flush()
    return row


def living(session: Session, firm_id: int) -> list[Consent]:
    """What a firm has opened and not closed again, the newest first."""
    return [row for row in history(session, firm_id) if row.withdrawn_at is None]


def history(session: Session, firm_id: int) -> Sequence[Consent]:
    """Everything that a firm ever opened, the newest first."""
    rows = select(Consent).where(Consent.firm_id == firm_id)
    return session.exec(rows.order_by(col(Consent.given_at).desc(), col(Consent.id).desc())).all()


def targets(session: Session, firm_id: int) -> dict[int, datetime]:
    """Firms to which a firm can open itself, since when it knows them.

    Its customers, the firms with whose name it was invited (who invited it, and the firm from
    which the invitations started), and those that ask for it. It learns no name by this that it
    does not know.
    """
    found: dict[int, datetime] = {}
    own = (
        select(Link.buyer_id, Link.since)
        .where(Link.supplier_id == firm_id, Link.buyer_id != firm_id, col(Link.ended).is_(None))
        .where(heard_links(ear_of(session, firm_id)))
    )
    asked = _asking(session, firm_id)
    for other, since in [*session.exec(own), *_inviters(session, firm_id), *asked]:
        found[other] = min(since, found.get(other, since))
    found.pop(firm_id, None)
    return found


def viewers(session: Session, firm_id: int) -> Viewers:
    """Everybody who may see a firm: why, since when, and whether it does at this moment."""
    since = _reasons(session, firm_id)
    open_now = {_root(session, row): row for row in living(session, firm_id)}
    for other, row in open_now.items():
        since.setdefault(other, {})["opened"] = row.given_at
    may_open = targets(session, firm_id)
    for other, day in _inviters(session, firm_id):
        _earliest(since, other, "inviter", day)
    for other, day in _asking(session, firm_id):
        _earliest(since, other, "asks", day)
    since.pop(firm_id, None)
    nameable = nameable_by(session, firm_id)
    facts = described(session, firm_id, [other for other in since if other in nameable])
    known = [
        Viewer(
            facts=facts[other],
            reasons=tuple(sorted(reasons)),
            since=min(reasons.values()),
            opened=open_now.get(other),
            may_open=other in may_open,
            sees=bool({"customer", "supplier", "named"} & set(reasons))
            or firm_id in sight_of(session, other).firms,
        )
        for other, reasons in since.items()
        if other in facts
    ]
    known.sort(key=lambda viewer: (viewer.facts.name, viewer.facts.firm_id))
    return Viewers(firm_id, known, strangers=len(since) - len(known))


def nameable_by(session: Session, firm_id: int) -> frozenset[int]:
    """The firms whose names a firm may know: those that it sees, and those that invited it."""
    inviters = {other for other, _ in _inviters(session, firm_id)}
    inviters |= {other for other, _ in _asking(session, firm_id)}
    opened = {_root(session, row) for row in living(session, firm_id)}
    return sight_of(session, firm_id).firms | inviters | opened


def still_known(session: Session, firm_id: int, others: Collection[int]) -> dict[int, Facts]:
    """Facts of firms that a firm once had to do with, for its history.

    Without a name and all else where it may name them no longer, but for what it told itself.
    """
    nameable = nameable_by(session, firm_id)
    return {
        other: facts if other in nameable or facts.told else _nameless(facts)
        for other, facts in described(session, firm_id, others).items()
    }


def _nameless(facts: Facts) -> Facts:
    return Facts(
        firm_id=facts.firm_id,
        name="",
        brn=None,
        country="",
        region="",
        sector="",
        process="",
        employees=None,
        level=None,
        joined=False,
        own_word=False,
    )


def preview(session: Session, firm_id: int, viewer_id: int) -> Preview:
    """What a firm that this one knows sees of it. Raises FirmNotFound for any other firm.

    Partners of this firm that the other sees in it, this firm knows by itself.
    """
    if viewer_id not in nameable_by(session, firm_id) - {firm_id}:
        raise FirmNotFound(firm=viewer_id)
    theirs, own = sight_of(session, viewer_id), sight_of(session, firm_id)
    links = [
        link
        for number, link in sorted(theirs.links.items())
        if firm_id in (link.supplier, link.buyer) and number in own.links
    ]
    ends = {end for link in links for end in (link.supplier, link.buyer)} - {firm_id}
    named = firm_id in theirs.firms
    seen = described(session, viewer_id, [firm_id])[firm_id]
    return Preview(
        viewer=described(session, firm_id, [viewer_id])[viewer_id],
        named=named,
        facts=seen if named and seen.own_word else None,
        links=links,
        names=described(session, firm_id, sorted(ends)),
    )


def _known(session: Session, firm_id: int, to_id: int) -> int:
    if to_id not in targets(session, firm_id):
        raise FirmNotFound(firm=to_id)
    return to_id


def _living(session: Session, firm_id: int, to_id: int) -> Consent | None:
    """The living consent to a firm, under whatever number it was given."""
    return next((row for row in living(session, firm_id) if _root(session, row) == to_id), None)


def _root(session: Session, row: Consent) -> int:
    return root_of(session, row.to_id)


def _inviters(session: Session, firm_id: int) -> list[tuple[int, datetime]]:
    accepted = select(Invitation.by_id, Invitation.lead_id, Invitation.sent_at).where(
        Invitation.firm_id == firm_id, Invitation.state == "accepted"
    )
    same = roots(session)
    return [
        (same.get(other, other), since)
        for by, lead, since in session.exec(accepted)
        for other in (by, lead)
    ]


def _asking(session: Session, firm_id: int) -> list[tuple[int, datetime]]:
    """Who asked the firm to open itself, and told its name by that, since when."""
    asked = select(SightRequest.by_id, SightRequest.asked_at).where(
        SightRequest.firm_id == firm_id, col(SightRequest.state).in_(("waiting", "agreed"))
    )
    unheard = ear_of(session, firm_id).unheard
    return [(by, since) for by, since in session.exec(asked) if by not in unheard]


def _reasons(session: Session, firm_id: int) -> dict[int, dict[str, datetime]]:
    """Firm → why it sees this one without any consent, and since when."""
    ear = ear_of(session, firm_id)
    links = session.exec(
        select(Link).where(
            or_(col(Link.supplier_id) == firm_id, col(Link.buyer_id) == firm_id),
            col(Link.supplier_id) != col(Link.buyer_id),
            col(Link.ended).is_(None),
            heard_links(ear),
        )
    ).all()
    heard = links_as_heard(session, ear, links)
    found: dict[int, dict[str, datetime]] = {}
    for link in links:
        _earliest(found, link.buyer_id, "customer", heard[link.id or 0].since)
        _earliest(found, link.supplier_id, "supplier", heard[link.id or 0].since)
    same = roots(session)
    named = (
        select(Declaration.firm_id, Declaration.at)
        .join(Link, col(Link.id) == Declaration.link_id)
        .where(or_(col(Link.supplier_id) == firm_id, col(Link.buyer_id) == firm_id))
        .where(col(Link.ended).is_(None), col(Link.supplier_id) != col(Link.buyer_id))
        .where(col(Declaration.ended).is_(None), Declaration.stance == "holds")
        .where(~unheard_words(ear, col(Declaration.firm_id)))
    )
    partners = set(found)
    for speaker, at in session.exec(named):
        if same.get(speaker, speaker) not in partners:
            _earliest(found, same.get(speaker, speaker), "named", at)
    found.pop(firm_id, None)
    return found


def _earliest(
    found: dict[int, dict[str, datetime]], firm: int, reason: str, since: datetime
) -> None:
    reasons = found.setdefault(firm, {})
    reasons[reason] = min(since, reasons.get(reason, since))
