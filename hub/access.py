"""Who may see which rows: all of it here, one condition per line.

Rows that depend on the asker are reached through these functions. Who may call a page at all is
said in hub.rules, whose names are offered here too.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, false, or_, true
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select, SelectOfScalar

from courses.errors import CertificateNotFound
from courses.services import certificate_of, certificates_of
from courses.tables import Certificate, Enrolment
from hub.access_releases import domestic_first, released, stays_seen
from hub.accounts import seal_of
from hub.errors import NotAllowed, PersonNotFound, RoleNotHeld
from hub.rules import RULES, SPEAKERS, Rule, Who, anyone, nobody, role, signed_in
from hub.tables import AuditEntry, ColleagueInvitation, Mail, Membership, User
from labs.errors import AttemptNotFound
from labs.services import attempts_of, one_attempt
from labs.tables import Attempt
from sharing.errors import AgentNotFound, DeliveryNotFound, ModelNotFound, RolloutNotFound
from sharing.tables import Agent, Agreement, Delivery, Rollout, SharedModel, Version
from supplychain.alert_errors import AlertNotFound
from supplychain.errors import FirmNotFound, SheetNotFound
from supplychain.invitation_errors import InvitationNotFound
from supplychain.services.alert_running import got_alert
from supplychain.services.descriptions import Facts, described
from supplychain.services.joining import answer_of
from supplychain.services.merging import root_of
from supplychain.services.vouching import suspended
from supplychain.tables import Description, Firm, Invitation, Sheet, SheetFault, Site

__all__ = [
    "RULES", "SPEAKERS", "Rule", "Who", "anyone", "nobody", "role", "signed_in", "stays_seen",
]  # fmt: skip


def person(session: Session, handle: str, seal: str | None = None) -> Who | None:
    """The active person with that handle, with the roles as they are now.

    None, too, where the seal (hub.accounts.seal_of) of a session is of an older password.
    """
    user = session.exec(select(User).where(User.handle == handle, col(User.active))).first()
    if user is None or seal not in (None, seal_of(user)):
        return None
    rows = session.exec(
        select(Membership.role, Membership.firm_id, Firm.merged_into_id)
        .outerjoin(Firm)
        .where(Membership.user_id == user.id)
    )
    # A firm that was found to be another is that one, for its people, too.
    roles = frozenset(
        (name, root_of(session, firm) if firm and merged else firm) for name, firm, merged in rows
    )
    silent = suspended(session, {firm for _, firm in roles if firm})
    spoken = frozenset(held for held in roles if held[1] not in silent)
    return Who(user.id, user.handle, user.name, spoken)


def _if(condition: bool) -> ColumnElement[bool]:
    return true() if condition else false()


# --- rows: base pages


def own_account(session: Session, who: Who) -> User:
    """The asker's own account."""
    return session.exec(select(User).where(User.id == who.user_id)).one()


def own_roles(session: Session, who: Who) -> Sequence[tuple[str, str | None]]:
    """The asker's roles, with the name of the firm where a role is for one."""
    query = select(Membership.role, Firm.name).outerjoin(Firm).order_by(col(Membership.id))
    return session.exec(query.where(Membership.user_id == who.user_id)).all()


def every_person(who: Who, text: str = "") -> SelectOfScalar[User]:
    """All accounts, or those with the text in name or address; an administrator's."""
    query = select(User).order_by(User.name, col(User.id)).where(_if(who.has("administrator")))
    return (
        query.where(col(User.name).contains(text) | col(User.email).contains(text))
        if text
        else query
    )


def every_entry(who: Who, actor: str = "", action: str = "") -> SelectOfScalar[AuditEntry]:
    """The audit trail, newest first; an administrator's."""
    query = (
        select(AuditEntry).order_by(col(AuditEntry.id).desc()).where(_if(who.has("administrator")))
    )
    query = query.where(AuditEntry.actor == actor) if actor else query
    return query.where(AuditEntry.action == action) if action else query


def every_mail(who: Who, state: str = "") -> SelectOfScalar[Mail]:
    """The outbox, newest first; an administrator's."""
    query = select(Mail).order_by(col(Mail.id).desc()).where(_if(who.has("administrator")))
    return query.where(Mail.state == state) if state else query


def some_person(session: Session, who: Who, handle: str) -> User:
    """One account; an administrator's. Raises PersonNotFound."""
    query = select(User).where(User.handle == handle, _if(who.has("administrator")))
    user = session.exec(query).first()
    if user is None:
        raise PersonNotFound(email=handle)
    return user


def roles_of(
    session: Session, who: Who, users: Collection[int | None]
) -> dict[int, list[tuple[int, str, str | None]]]:
    """(membership, role, firm's name) of these accounts; an administrator's."""
    query = (
        select(Membership.user_id, Membership.id, Membership.role, Firm.name)
        .outerjoin(Firm)
        .where(col(Membership.user_id).in_(users), _if(who.has("administrator")))
        .order_by(col(Membership.id))
    )
    found: dict[int, list[tuple[int, str, str | None]]] = {user or 0: [] for user in users}
    for user, membership, name, firm in session.exec(query):
        found[user].append((membership or 0, name, firm))
    return found


def membership_of(session: Session, user: User, membership_id: int) -> Membership:
    """A role of that person. Raises RoleNotHeld."""
    row = session.get(Membership, membership_id)
    if row is None or row.user_id != user.id:
        raise RoleNotHeld
    return row


def firm_with(session: Session, brn: str) -> Firm:
    """The firm with that registration number, with or without dashes. Raises FirmNotFound."""
    firm = session.exec(select(Firm).where(Firm.brn == brn.replace("-", ""))).first()
    if firm is None:
        raise FirmNotFound(firm=brn)
    return session.get_one(Firm, root_of(session, firm.id or 0))


def actions_done(session: Session, who: Who) -> Sequence[str]:
    """Kinds of entries in the audit trail; an administrator's."""
    query = select(AuditEntry.action).where(_if(who.has("administrator")))
    return session.exec(query.distinct().order_by(AuditEntry.action)).all()


# --- rows: supply


def lead_firms(session: Session, who: Who) -> Sequence[Firm]:
    """The lead firms whose chains the asker looks after."""
    own = select(Firm).where(col(Firm.id).in_(who.firms("supply_manager"))).order_by(Firm.name)
    return session.exec(own).all()


def lead_firm(session: Session, who: Who, asked: str | None = None) -> Firm:
    """The one that is asked for by its number, else the first. Raises FirmNotFound."""
    for firm in lead_firms(session, who):
        if not asked or asked == str(firm.id):
            return firm
    raise FirmNotFound(firm=asked or "")


def own_firms(session: Session, who: Who) -> Sequence[Firm]:
    """The firms for which the asker may speak, by name; one that was merged away is its root."""
    found: dict[int, Firm] = {}
    for firm in session.exec(select(Firm).where(col(Firm.id).in_(who.firms(*SPEAKERS)))):
        root = root_of(session, firm.id or 0)
        found[root] = session.get_one(Firm, root)
    return sorted(found.values(), key=lambda firm: (firm.name, firm.id or 0))


def own_firm(session: Session, who: Who, asked: str | None = None) -> Firm:
    """The one that is asked for by its number, else the first. Raises FirmNotFound.

    A number that was merged away finds its root, too: an old address goes on working.
    """
    firms = own_firms(session, who)
    if not asked and firms:
        return firms[0]
    number = int(asked) if asked and asked.isdecimal() and len(asked) < 10 else 0
    wanted = root_of(session, number) if session.get(Firm, number) else None
    for firm in firms:
        if firm.id == wanted:
            return firm
    raise FirmNotFound(firm=asked or "")


def speak_for(session: Session, firm_id: int) -> Sequence[User]:
    """The people who speak for a firm; to be shown to its own people only."""
    query = (
        select(User)
        .join(Membership, col(Membership.user_id) == User.id)
        .where(Membership.firm_id == firm_id, col(Membership.role).in_(SPEAKERS), col(User.active))
        .distinct()
    )
    return session.exec(query.order_by(User.name, col(User.id))).all()


def own_answer(session: Session, who: Who, invitation_id: int) -> Invitation:
    """An invitation that the asker answers or has answered. Raises InvitationNotFound."""
    if not who.known:
        raise InvitationNotFound(invitation=invitation_id)
    return answer_of(session, who.handle, invitation_id)


def own_invitation(session: Session, who: Who, invitation_id: int) -> Invitation:
    """An invitation that one of the asker's firms has made. Raises InvitationNotFound."""
    row = session.get(Invitation, invitation_id)
    if row is None or row.by_id not in {firm.id for firm in own_firms(session, who)}:
        raise InvitationNotFound(invitation=invitation_id)
    return row


def firm_of_alert(session: Session, who: Who, alert_id: int) -> Firm:
    """The asker's firm that raised or got an alert. Raises AlertNotFound."""
    for firm in own_firms(session, who):
        if got_alert(session, firm.id or 0, alert_id):
            return firm
    raise AlertNotFound(alert=alert_id)


def colleagues(session: Session, firm: Firm, handles: Collection[str]) -> dict[str, str]:
    """Names of those people, by handle, who have a role for a firm that the asker speaks for."""
    query = (
        select(User.handle, User.name)
        .join(Membership, col(Membership.user_id) == User.id)
        .where(Membership.firm_id == firm.id, col(User.handle).in_(handles))
    )
    return dict(session.exec(query).all())


def named_firm(session: Session, own: Firm, firm_id: int) -> Facts:
    """A firm of which the asker's firm may tell something: itself, or one that it names.

    Raises FirmNotFound, also for one that has joined and speaks for itself.
    """
    named = session.get(Firm, firm_id)
    root = root_of(session, firm_id) if named else 0
    told = select(Description.id).where(
        Description.by_id == own.id, Description.firm_id == root, col(Description.ended).is_(None)
    )
    facts = described(session, own.id or 0, [root]).get(root)
    if facts is None or (root != own.id and (facts.joined or not session.exec(told).first())):
        raise FirmNotFound(firm=firm_id)
    return facts


def with_people(session: Session) -> set[int]:
    """Firms that have people, here or asked in, or models: none of them is merged away."""
    coming = select(ColleagueInvitation.firm_id).where(ColleagueInvitation.state == "sent")
    found = set(session.exec(coming.distinct()))
    for column in (Membership.firm_id, SharedModel.firm_id, Rollout.lead_firm_id):
        found |= {number for number in session.exec(select(column).distinct()) if number}
    accepted = select(Agreement.receiver_firm_id).where(col(Agreement.accepted_at).is_not(None))
    return found | set(session.exec(accepted.distinct()))


def own_sheets(lead: Firm) -> SelectOfScalar[Sheet]:
    """The sheets of a firm for which the asker may speak, newest first."""
    return select(Sheet).where(Sheet.lead_id == lead.id).order_by(col(Sheet.id).desc())


def own_sheet(session: Session, who: Who, sheet_id: int) -> Sheet:
    """One of them. Raises SheetNotFound for anybody else's."""
    row = session.get(Sheet, sheet_id)
    if row is None or row.lead_id not in who.firms(*SPEAKERS):
        raise SheetNotFound(sheet=sheet_id)
    return row


def sheets_of_file(sheet: Sheet) -> SelectOfScalar[Sheet]:
    """Every tab that was noted of the file of a sheet that the asker may see, by its number."""
    same = (Sheet.lead_id == sheet.lead_id, Sheet.sha256 == sheet.sha256)
    return select(Sheet).where(*same).order_by(col(Sheet.id))


def waiting_after(sheet: Sheet) -> SelectOfScalar[Sheet]:
    """Sheets of the same firm that wait for a look, beside one that the asker may see."""
    waiting = select(Sheet).where(Sheet.lead_id == sheet.lead_id, Sheet.state == "waiting")
    return waiting.where(Sheet.id != sheet.id).order_by(col(Sheet.id))


def renewed_by(sheet: Sheet) -> SelectOfScalar[Sheet]:
    """The sheet that was taken in instead of one that the asker may see, newest first."""
    newer = select(Sheet).where(Sheet.replaces_id == sheet.id, Sheet.state == "taken")
    return newer.order_by(col(Sheet.id).desc())


def faults_of(sheet: Sheet) -> SelectOfScalar[SheetFault]:
    """What was wrong in a sheet that the asker may see, row by row."""
    found = select(SheetFault).where(SheetFault.sheet_id == sheet.id)
    return found.order_by(col(SheetFault.row), col(SheetFault.id))


# --- rows: models, rollouts


def models_seen(who: Who) -> SelectOfScalar[SharedModel]:
    """The models that the asker may know of, by name."""
    offered = (
        select(Version.model_id)
        .join(Delivery, col(Delivery.version_id) == Version.id)
        .join(Site, col(Site.id) == Delivery.site_id)
        .where(Delivery.state != "scheduled", col(Site.firm_id).in_(who.firms("vendor")))
    )
    seen = [
        col(SharedModel.firm_id).in_(who.firms("publisher", "supply_manager")),
        released() & (col(SharedModel.visibility) == "public") & _if(who.known),
        released() & col(SharedModel.id).in_(offered),
        _if(who.has("administrator")),
    ]
    return select(SharedModel).where(or_(*seen)).order_by(*domestic_first())


def model_seen(session: Session, who: Who, slug: str) -> SharedModel:
    """One of them. Raises ModelNotFound."""
    row = session.exec(models_seen(who).where(SharedModel.slug == slug)).first()
    if row is None:
        raise ModelNotFound(model=slug[:60])
    return row


def publishing_firms(session: Session, who: Who) -> Sequence[Firm]:
    """The firms for which the asker may publish."""
    own = select(Firm).where(col(Firm.id).in_(who.firms("publisher")))
    return session.exec(own.order_by(Firm.name, col(Firm.id))).all()


def may_publish_for(who: Who, firm_id: int) -> None:
    """Raise NotAllowed where the asker publishes for other firms only."""
    if not who.has("publisher", firm_id):
        raise NotAllowed


def rollouts_seen(who: Who) -> SelectOfScalar[Rollout]:
    """The rollouts of the asker's firms, newest first; all of them for an administrator."""
    seen = [
        col(Rollout.lead_firm_id).in_(who.firms("publisher", "supply_manager")),
        _if(who.has("administrator")),
    ]
    return select(Rollout).where(or_(*seen)).order_by(col(Rollout.id).desc())


def rollout_seen(session: Session, who: Who, number: int) -> Rollout:
    """One of them. Raises RolloutNotFound."""
    row = session.exec(rollouts_seen(who).where(Rollout.id == number)).first()
    if row is None:
        raise RolloutNotFound(rollout=number)
    return row


def steered_rollout(session: Session, who: Who, number: int) -> Rollout:
    """A rollout that the asker may start, pause, stop or take back. Raises RolloutNotFound."""
    row = rollout_seen(session, who, number)
    may_publish_for(who, row.lead_firm_id)
    return row


# --- rows: vendor, agents


def own_sites(session: Session, who: Who) -> list[Site]:
    """The plants for which the asker answers as their vendor."""
    own = select(Site).where(col(Site.firm_id).in_(who.firms("vendor"))).order_by(col(Site.id))
    return list(session.exec(own))


def own_site(session: Session, who: Who, site_id: int) -> Site:
    """One of them; raises NotAllowed."""
    site = session.get(Site, site_id)
    if site is None or site.firm_id not in who.firms("vendor"):
        raise NotAllowed
    return site


def own_deliveries(who: Who) -> SelectOfScalar[Delivery]:
    """What was offered to the asker's plants."""
    rows = select(Delivery).join(Site, col(Site.id) == Delivery.site_id)
    return rows.where(Delivery.state != "scheduled", col(Site.firm_id).in_(who.firms("vendor")))


def own_delivery(session: Session, who: Who, delivery_id: int) -> Delivery:
    """One of them; raises DeliveryNotFound."""
    row = session.exec(own_deliveries(who).where(Delivery.id == delivery_id)).first()
    if row is None:
        raise DeliveryNotFound(delivery=delivery_id)
    return row


def own_deliveries_since(
    session: Session, who: Who, since: datetime, most: int
) -> Sequence[tuple[Delivery, Version, Site]]:
    """Deliveries to the asker's plants that changed since then, newest first."""
    query = (
        select(Delivery, Version, Site)
        .join(Version, col(Version.id) == Delivery.version_id)
        .join(Site, col(Site.id) == Delivery.site_id)
        .where(
            Delivery.changed_at > since,
            Delivery.state != "scheduled",
            col(Site.firm_id).in_(who.firms("vendor")),
        )
        .order_by(col(Delivery.changed_at).desc())
    )
    return session.exec(query.limit(most)).all()


def own_agent(session: Session, who: Who, agent_id: str) -> Agent:
    """An agent at one of the asker's plants; raises AgentNotFound."""
    row = session.exec(
        select(Agent)
        .join(Site, col(Site.id) == Agent.site_id)
        .where(Agent.id == agent_id, col(Site.firm_id).in_(who.firms("vendor")))
    ).first()
    if row is None:
        raise AgentNotFound(agent=agent_id)
    return row


# --- rows: labs


def own_attempts(who: Who, lab: str) -> SelectOfScalar[Attempt]:
    """The asker's own hand-ins for a lab, the newest first."""
    return attempts_of(who.handle, lab)


def own_attempt(session: Session, who: Who, lab: str, number: int) -> Attempt:
    """One of the asker's own hand-ins. Raises AttemptNotFound."""
    return one_attempt(session, who.handle, lab, number)


def some_attempt(session: Session, who: Who, lab: str, learner: str, number: int) -> Attempt:
    """Somebody's hand-in, for those who teach. Raises AttemptNotFound."""
    if not (who.has("instructor") or who.has("administrator")):
        raise AttemptNotFound(number=number)
    return one_attempt(session, learner, lab, number)


def all_attempts(who: Who, lab: str) -> SelectOfScalar[Attempt]:
    """Everybody's hand-ins for a lab, for those who teach; the newest first."""
    return (
        select(Attempt)
        .where(Attempt.lab == lab)
        .where(_if(who.has("instructor") or who.has("administrator")))
        .order_by(col(Attempt.handed_in_at).desc(), col(Attempt.id).desc())
    )


def names_of(session: Session, who: Who, handles: Collection[str]) -> dict[str, str]:
    """Names of people by handle, for those who teach or look after the hub."""
    query = (
        select(User.handle, User.name)
        .where(col(User.handle).in_(handles))
        .where(_if(who.has("instructor") or who.has("administrator")))
    )
    return dict(session.exec(query).all())


# --- rows: learn


def own_courses(session: Session, who: Who) -> Sequence[str]:
    """The courses that the asker has begun, in that order."""
    query = select(Enrolment.course).where(Enrolment.learner == who.handle)
    return session.exec(query.order_by(col(Enrolment.id))).all()


def own_certificates(session: Session, who: Who) -> Sequence[Certificate]:
    """The asker's own certificates, newest first."""
    return certificates_of(session, who.handle)


def own_certificate(session: Session, who: Who, number: UUID) -> Certificate:
    """One of the asker's own certificates. Raises CertificateNotFound for anybody else's."""
    row = certificate_of(session, number)
    if row.learner != who.handle:
        raise CertificateNotFound
    return row


def cohort(who: Who, course: str) -> Select[Enrolment, str]:
    """(enrolment, name) of everybody in a course, seen longest ago first; an instructor's."""
    return (
        select(Enrolment, User.name)
        .join(User, col(User.handle) == Enrolment.learner)
        .where(Enrolment.course == course, _if(who.has("instructor")))
        .order_by(col(Enrolment.seen_at), col(Enrolment.id))
    )
