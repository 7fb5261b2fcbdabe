"""Closing one's own account: what happens with what, said before it is done."""

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import logout_user

from hub import access, leaving
from hub.errors import HubError, SignInRefused, TooManyTries
from hub.labs_process import end_labs_of
from hub.web.asking import hub_here, say, who
from hub.web.signin import checked

bp = Blueprint("leaving", __name__, url_prefix="/account/close")


@bp.get("")
def close() -> str:
    """What goes, what stays, and what has to be done first."""
    return _page()


@bp.post("")
def close_now() -> ResponseReturnValue:
    """Close it; the password is asked for, as it cannot be undone."""
    handle, chosen = who().handle, session.get("locale")
    try:
        with hub_here().db.reading() as rows:
            email = access.own_account(rows, who()).email
        checked(email, request.form.get("password", ""))
        with hub_here().db.work() as rows:
            leaving.close(rows, access.own_account(rows, who()))
    except SignInRefused:
        return _page(_("This is not your present password.")), 403
    except TooManyTries as error:
        return _page(say(error)), 429
    except HubError as error:
        return _page(say(error)), 422
    end_labs_of(hub_here(), handle)
    logout_user()
    session.clear()
    if chosen:
        session["locale"] = chosen
    flash(_("Your account is closed."))
    return redirect(url_for("home.home"))


def _page(error: str = "") -> str:
    with hub_here().db.reading() as rows:
        user = access.own_account(rows, who())
        return render_template(
            "close_account.html", user=user, alone=leaving.alone_for(rows, user), error=error
        )
