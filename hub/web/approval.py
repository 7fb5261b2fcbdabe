"""The page on which a firm says whether its rollouts want a second person's yes."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlmodel import Session, col, func, select

from hub import access
from hub.steering import want_approval
from hub.tables import Membership
from hub.web.asking import hub_here, who
from sharing.services.approvals import setting_of

bp = Blueprint("approval", __name__, url_prefix="/rollouts/approval")


@bp.get("/")
def setting() -> str:
    """How it is, for each firm for which the reader publishes."""
    with hub_here().db.reading() as session:
        firms = access.publishing_firms(session, who())
        rows = [
            (firm, setting_of(session, firm.id or 0), _publishers(session, firm.id or 0))
            for firm in firms
        ]
        return render_template("rollouts/approval.html", rows=rows, me=who().handle)


@bp.post("/<int:firm>")
def choose(firm: int) -> ResponseReturnValue:
    """Want it, or no more."""
    wanted = request.form.get("wanted") == "yes"
    with hub_here().db.work() as session:
        access.may_publish_for(who(), firm)
        done = want_approval(session, firm, who().handle, wanted=wanted)
    if not done:
        flash(_("Noted. It ends when a second person agrees."))
    elif wanted:
        flash(_("From now on every new rollout wants a second person's yes."))
    else:
        flash(_("From now on one person is enough for a new rollout."))
    return redirect(url_for(".setting"))


def _publishers(session: Session, firm_id: int) -> int:
    people = select(func.count(func.distinct(Membership.user_id))).where(
        col(Membership.firm_id) == firm_id, Membership.role == "publisher"
    )
    return session.exec(people).one()
