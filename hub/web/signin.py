"""Signing in and out, the reader's language, one's own account."""

from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_user, logout_user

from hub import access
from hub.accounts import (
    SHORTEST_PASSWORD,
    change_password,
    check_password,
    note_failure,
    record,
    seal_of,
    strengthened,
    throttle,
)
from hub.errors import PasswordWeak, SignInRefused, TooManyTries
from hub.labs_process import sign_out_address
from hub.tables import User
from hub.web.asking import LOCALES, hub_here, say, who

bp = Blueprint("signin", __name__)


@bp.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    """The form; whoever is signed in already goes on."""
    if who().known:
        return redirect(_next())
    return render_template("sign_in.html", next=_next(), error="", email="")


@bp.post("/sign-in")
def sign_in_now() -> ResponseReturnValue:
    """Let a person in, or say that the address or password is not right."""
    email = request.form.get("email", "").strip()
    try:
        person = checked(email, request.form.get("password", ""))
    except (SignInRefused, TooManyTries) as error:
        status = 429 if isinstance(error, TooManyTries) else 403
        return _form_again(email, say(error)), status
    begin_session(person, request.form.get("password", ""))
    return redirect(_next())


def begin_session(person: User, password: str) -> None:
    """Sign a person in whose password was just checked."""
    with hub_here().db.work() as rows:
        seal = seal_of(strengthened(rows, person, password))
        record(rows, person.handle, "person.signed-in", person.handle, address=request.remote_addr)
    chosen = session.get("locale")
    session.clear()  # nothing that a stranger's session held goes on living
    session.permanent = True
    session["locale"] = chosen or person.locale
    session["seal"] = seal
    login_user(access.Who(person.id, person.handle, person.name))


def checked(email: str, password: str) -> User:
    """The person with that address and password; a failure is counted."""
    hub, address = hub_here(), request.remote_addr or ""
    try:
        # Hashing takes long on purpose; no writer has to wait for it.
        with hub.db.reading() as rows:
            throttle(rows, email, address)
            user = check_password(rows, email, password)
            rows.expunge(user)
            return user
    except SignInRefused:
        with hub.db.work() as rows:
            note_failure(rows, email, address)
        raise


def _form_again(email: str, error: str) -> str:
    return render_template("sign_in.html", next=_next(), error=error, email=email)


def _next() -> str:
    """Where to go on: an address of our own, home otherwise."""
    asked = request.values.get("next", "")
    return asked if is_ours(asked) else url_for("home.home")


def is_ours(address: str) -> bool:
    r"""Whether an address stays on this host whatever a browser makes of it.

    >>> [is_ours(a) for a in ("/learn?x=1", "//evil.example", "/\\evil.example", "http://evil", "")]
    [True, False, False, False, False]
    """
    if any(ord(sign) <= 32 or sign == "\\" for sign in address):
        return False
    parts = urlsplit(address)
    return not parts.scheme and not parts.netloc and address.startswith("/") and address[:2] != "//"


@bp.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """Forget the person; the language stays."""
    chosen = session.get("locale")
    with hub_here().db.work() as rows:
        record(rows, who().handle, "person.signed-out", who().handle)
    onward = sign_out_address(hub_here().settings, was_there="labs" in session)
    logout_user()
    session.clear()
    if chosen:
        session["locale"] = chosen
    return redirect(onward or url_for("home.home"))


@bp.post("/language")
def language() -> ResponseReturnValue:
    """Change the language of pages, for this session and for the account."""
    asked = request.form.get("locale", "")
    if asked in LOCALES:
        session["locale"] = asked
        _remember(asked)
    return redirect(_next())


def _remember(locale: str) -> None:
    if not who().known:
        return
    with hub_here().db.work() as rows:
        access.own_account(rows, who()).locale = locale


@bp.get("/account")
def account() -> ResponseReturnValue:
    """What the hub knows of the person, and what they may change."""
    return _account()


def _account(errors: dict[str, str] | None = None) -> str:
    with hub_here().db.reading() as rows:
        return render_template(
            "account.html",
            user=access.own_account(rows, who()),
            roles=access.own_roles(rows, who()),
            least=SHORTEST_PASSWORD,
            errors=errors or {},
        )


@bp.post("/account")
def account_changed() -> ResponseReturnValue:
    """Change name and language."""
    name = request.form.get("name", "").strip()[:100]
    asked = request.form.get("locale", "")
    if not name:
        return _account({"name": _("Please enter a name.")}), 422
    with hub_here().db.work() as rows:
        user = access.own_account(rows, who())
        user.name = name
        user.locale = asked if asked in LOCALES else user.locale
        session["locale"] = user.locale
        record(rows, user.handle, "account.changed", user.handle)
    flash(_("Saved."))
    return redirect(url_for("signin.account"))


@bp.post("/account/password")
def password_changed() -> ResponseReturnValue:
    """Change the password; the present one is asked for, and guessing it is throttled."""
    new = request.form.get("new_password", "")
    try:
        person = checked(_own_email(), request.form.get("password", ""))
        with hub_here().db.work() as rows:
            user = access.own_account(rows, who())
            change_password(user, new)
            record(rows, person.handle, "password.changed", person.handle)
            session["seal"] = seal_of(user)  # this session goes on, all others end
    except PasswordWeak as error:
        return _account({"new_password": say(error)}), 422
    except SignInRefused:
        return _account({"password": _("This is not your present password.")}), 403
    except TooManyTries as error:
        return _account({"password": say(error)}), 429
    flash(_("Your password is changed."))
    return redirect(url_for("signin.account"))


def _own_email() -> str:
    with hub_here().db.reading() as rows:
        return access.own_account(rows, who()).email
