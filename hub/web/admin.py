"""For the administrator: what is up, who is here, who did what."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlmodel import Session

from hub import access, accounts
from hub.errors import NotAllowed
from hub.health import parts
from hub.labs_process import end_labs_of
from hub.oidc import groups_of
from hub.tables import User
from hub.web.asking import hub_here, who
from hub.web.pages import number_asked, page_of
from supplychain.tables import now

bp = Blueprint("admin", __name__, url_prefix="/admin")


@bp.get("/health")
def health() -> str:
    """What is up and what is late; the same facts as /healthz."""
    return render_template("admin/health.html", parts=parts(hub_here()), asked_at=now())


@bp.get("/health/now")
def health_now() -> str:
    """The live part of it."""
    return render_template("admin/health_now.html", parts=parts(hub_here()), asked_at=now())


@bp.get("/people")
def people() -> str:
    """Everybody with an account."""
    text = request.args.get("q", "").strip()
    with hub_here().db.reading() as rows:
        page = page_of(rows, access.every_person(who(), text), number_asked())
        roles = access.roles_of(rows, who(), [user.id for user in page.items])
        return render_template("admin/people.html", page=page, roles=roles, text=text)


@bp.get("/people/<handle>")
def one_person(handle: str) -> str:
    """One account: its roles, and what may be changed."""
    with hub_here().db.reading() as rows:
        user = access.some_person(rows, who(), handle)
        return render_template(
            "admin/person.html",
            user=user,
            roles=access.roles_of(rows, who(), [user.id])[user.id or 0],
            role_codes=accounts.ROLES,
            firm_roles=accounts.FIRM_ROLES,
        )


@bp.post("/people/<handle>/switch")
def switch(handle: str) -> ResponseReturnValue:
    """Let a person in, or keep them out from the next request on."""
    active = request.form.get("active") == "yes"
    with hub_here().db.work() as rows:
        user = _somebody_else(access.some_person(rows, who(), handle))
        user.active = active
        done = "account.enabled" if active else "account.disabled"
        accounts.record(rows, who().handle, done, user.handle)
    if not active:
        end_labs_of(hub_here(), handle)
    flash(_("The account is enabled.") if active else _("The account is disabled."))
    return _back(handle)


@bp.post("/people/<handle>/roles")
def give_role(handle: str) -> ResponseReturnValue:
    """Give a role, for a firm where the role is a firm's."""
    role, brn = request.form.get("role", ""), request.form.get("firm", "").strip()
    with hub_here().db.work() as rows:
        user = access.some_person(rows, who(), handle)
        firm = access.firm_with(rows, brn) if role in accounts.FIRM_ROLES and brn else None
        accounts.grant(rows, user, role, firm.id if firm else None)
        accounts.record(
            rows, who().handle, "role.given", handle, role=role, firm=firm.name if firm else None
        )
    flash(_("The role is given."))
    return _back(handle)


@bp.post("/people/<handle>/roles/<int:membership>/take")
def take_role(handle: str, membership: int) -> ResponseReturnValue:
    """Take a role away; nobody takes away their own administrator role."""
    with hub_here().db.work() as rows:
        user = access.some_person(rows, who(), handle)
        row = access.membership_of(rows, user, membership)
        if row.role == "administrator":
            _somebody_else(user)
        before = _groups(rows, handle)
        accounts.revoke(rows, row)
        rows.flush()
        lost = before - _groups(rows, handle)
        accounts.record(rows, who().handle, "role.taken", handle, role=row.role)
    if lost:  # JupyterHub asks again who the person is, and lets them in or not
        end_labs_of(hub_here(), handle)
    flash(_("The role is taken away."))
    return _back(handle)


@bp.get("/audit")
def audit() -> str:
    """Who did what, newest first."""
    actor, action = (request.args.get(name, "").strip() for name in ("actor", "action"))
    with hub_here().db.reading() as rows:
        page = page_of(rows, access.every_entry(who(), actor, action), number_asked())
        return render_template(
            "admin/audit.html",
            page=page,
            names=access.names_of(rows, who(), {entry.actor for entry in page.items}),
            actions=access.actions_done(rows, who()),
            actor=actor,
            action=action,
        )


def _groups(rows: Session, handle: str) -> set[str]:
    return set(groups_of(access.person(rows, handle) or access.nobody))


def _somebody_else(user: User) -> User:
    # An administrator who locks themselves out would need the command line to come back.
    if user.id == who().user_id:
        raise NotAllowed
    return user


def _back(handle: str) -> ResponseReturnValue:
    return redirect(url_for("admin.one_person", handle=handle))
