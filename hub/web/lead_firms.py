"""For the administrator: lead firms, and how one begins."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlmodel import Session

from hub import access, lead_firms
from hub.errors import HubError
from hub.web.asking import hub_here, say, who
from hub.web.formats import language
from hub.web.guests import LANGUAGES
from hub.web.pages import number_asked, page_of_list
from supplychain.errors import CellFault, NameMissing, NameTooLong, SupplyChainError
from supplychain.tables import now

bp = Blueprint("lead_firms", __name__, url_prefix="/admin/lead-firms")


@bp.get("")
def listing() -> str:
    """Lead firms with their people, and a form to begin one."""
    with hub_here().db.reading() as rows:
        return _page(rows)


@bp.post("")
def make() -> ResponseReturnValue:
    """A firm, and its first supply manager by a link in a mail."""
    with hub_here().db.work() as rows:
        told = lead_firms.Beginning(
            **{
                name: request.form.get(name, "").strip()
                for name in ("name", "brn", "email", "person", "locale")
            }
        )
        account = access.own_account(rows, who())
        try:
            firm, row = lead_firms.make(rows, hub_here().settings, told, account, who().handle)
        except (SupplyChainError, HubError) as error:
            rows.rollback()
            return _page(rows, {_field(error): say(error)}), 422
        flash(
            _(
                "%(firm)s is made. A mail is on its way to %(email)s.",
                firm=firm.name,
                email=row.email,
            )
        )
    return redirect(url_for(".listing"))


def _field(error: Exception) -> str:
    """Beside which field the sentence of an error stands."""
    if isinstance(error, (NameMissing, NameTooLong)):
        return "name"
    return "brn" if isinstance(error, CellFault) else "email"


def _page(rows: Session, errors: dict[str, str] | None = None) -> str:
    return render_template(
        "admin/lead_firms.html",
        page=page_of_list(lead_firms.lead_firms(rows), number_asked()),
        values={"locale": language(), **request.form.to_dict()},
        errors=errors or {},
        languages=LANGUAGES,
        days=hub_here().settings.invitation_days,
        at=now(),
    )
