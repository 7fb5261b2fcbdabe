"""Who may do what, and who may see which rows: all of it here, one condition per line.

`RULES` names, for every route, who may call it; a route that is not named is refused, and a test
looks for such. Rows that depend on the asker are reached through the functions below the rules.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, false, true
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from hub.errors import PersonNotFound, RoleNotHeld
from hub.tables import AuditEntry, Membership, User
from supplychain.errors import FirmNotFound
from supplychain.tables import Firm


@dataclass(frozen=True)
class Who:
    """The person who asks; `nobody` is a stranger."""

    user_id: int | None = None
    handle: str = ""
    name: str = ""
    roles: frozenset[tuple[str, int | None]] = frozenset()

    @property
    def known(self) -> bool:
        """Whether somebody is signed in."""
        return self.user_id is not None

    def has(self, role: str, firm_id: int | None = None) -> bool:
        """Whether the person has the role: for that firm, or for any where none is named."""
        return any(name == role and firm_id in (None, firm) for name, firm in self.roles)

    def firms(self, *roles: str) -> set[int]:
        """The firms for which the person has one of the roles; of any role where none is named."""
        return {f for name, f in self.roles if f is not None and (not roles or name in roles)}

    # What Flask-Login asks of a user object.
    @property
    def is_authenticated(self) -> bool:
        """Flask-Login's word for known."""
        return self.known

    @property
    def is_active(self) -> bool:
        """Disabled accounts are never loaded, so whoever is here is active."""
        return True

    @property
    def is_anonymous(self) -> bool:
        """Flask-Login's word for a stranger."""
        return not self.known

    def get_id(self) -> str:
        """What the session cookie holds."""
        return self.handle


nobody = Who()

Rule = Callable[[Who], bool]


def anyone(_: Who) -> bool:
    """Strangers too."""
    return True


def signed_in(who: Who) -> bool:
    """Whoever has an account."""
    return who.known


def role(*names: str) -> Rule:
    """Whoever has one of these roles, for whatever firm; the rows are narrowed further below."""

    def rule(who: Who) -> bool:
        return any(who.has(name) for name in names)

    return rule


RULES: dict[str, Rule] = {
    # --- frame
    "static": anyone,
    "healthz": anyone,
    "openapi.openapi": anyone,
    "openapi.doc_url": anyone,
    "openapi.static": anyone,
    # --- base pages (FACE)
    "home.home": anyone,
    "signin.sign_in": anyone,
    "signin.sign_in_now": anyone,
    "signin.language": anyone,
    "signin.sign_out": signed_in,
    "signin.account": signed_in,
    "signin.account_changed": signed_in,
    "signin.password_changed": signed_in,
    "admin.health": role("administrator"),
    "admin.health_now": role("administrator"),
    "admin.people": role("administrator"),
    "admin.one_person": role("administrator"),
    "admin.switch": role("administrator"),
    "admin.give_role": role("administrator"),
    "admin.take_role": role("administrator"),
    "admin.audit": role("administrator"),
    "programme.overview": role("officer"),
    # --- supply
    # --- models, rollouts
    # --- vendor, agents
    # --- labs, sign-in for JupyterHub
    "oidc.authorize": signed_in,
    "oidc.token": anyone,  # JupyterHub, by its client secret
    "oidc.userinfo": anyone,  # the holder of an access token
    "oidc.jwks": anyone,
    "oidc.discovery": anyone,
    "oidc.ended": anyone,
    # Notebooks come with the token of their own server: hub.api.labs asks JupyterHub whose it is.
    "labs_api.every_lab": anyone,
    "labs_api.opened": anyone,
    "labs_api.model_file": anyone,
    "labs_api.handed_in": anyone,
    "labs_api.mine": anyone,
    # --- learn
}


def person(session: Session, handle: str) -> Who | None:
    """The active person with that handle, with the roles as they are now."""
    user = session.exec(select(User).where(User.handle == handle, User.active)).first()
    if user is None:
        return None
    rows = session.exec(select(Membership).where(Membership.user_id == user.id))
    return Who(user.id, user.handle, user.name, frozenset((m.role, m.firm_id) for m in rows))


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
    query = select(User).order_by(User.name, User.id).where(_if(who.has("administrator")))
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
    return firm


def names_of(session: Session, who: Who, handles: Collection[str]) -> dict[str, str]:
    """Names by handle; an administrator's."""
    query = select(User.handle, User.name).where(col(User.handle).in_(handles))
    return dict(session.exec(query.where(_if(who.has("administrator")))).all())


def actions_done(session: Session, who: Who) -> Sequence[str]:
    """Kinds of entries in the audit trail; an administrator's."""
    query = select(AuditEntry.action).where(_if(who.has("administrator")))
    return session.exec(query.distinct().order_by(AuditEntry.action)).all()


# --- rows: supply

# --- rows: models, rollouts

# --- rows: vendor, agents

# --- rows: labs

# --- rows: learn
