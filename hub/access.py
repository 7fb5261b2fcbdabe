"""Who may do what, and who may see which rows: all of it here, one condition per line.

`RULES` names, for every route, who may call it; a route that is not named is refused, and a test
looks for such. Rows that depend on the asker are reached through the functions below the rules.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlmodel import Session, select

from hub.tables import Membership, User


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
    # --- supply
    # --- models, rollouts
    # --- vendor, agents
    # --- labs, sign-in for JupyterHub
    # --- learn
}


def person(session: Session, handle: str) -> Who | None:
    """The active person with that handle, with the roles as they are now."""
    user = session.exec(select(User).where(User.handle == handle, User.active)).first()
    if user is None:
        return None
    rows = session.exec(select(Membership).where(Membership.user_id == user.id))
    return Who(user.id, user.handle, user.name, frozenset((m.role, m.firm_id) for m in rows))


# --- rows: supply

# --- rows: models, rollouts

# --- rows: vendor, agents

# --- rows: labs

# --- rows: learn
