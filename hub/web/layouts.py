"""The columns that a firm once chose for its sheets: see them, and have them forgotten."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hub import access
from hub.accounts import record
from hub.web.asking import hub_here, who
from hub.web.pages import number_asked, page_of_list
from hub.web.sheet_words import FIELD_LABELS
from supplychain.services import layouts

bp = Blueprint("layouts", __name__, url_prefix="/supply/layouts")


@bp.get("")
def listing() -> str:
    """Each layout: its columns, what they hold, who chose it when, how many sheets had it."""
    with hub_here().db.reading() as rows:
        firm = access.own_firm(rows, who(), request.args.get("firm"))
        found = layouts.layouts_of(rows, firm.id or 0)
        page = page_of_list(found, number_asked(), 20)
        people = access.colleagues(rows, firm, {each.row.actor for each in page.items})
        return render_template(
            "supply/layouts.html", firm=firm, page=page, people=people, labels=FIELD_LABELS
        )


@bp.post("/forget")
def forget() -> ResponseReturnValue:
    """Forget one: the next sheet of that layout is asked about anew."""
    key = request.form.get("key", "")[:64]
    with hub_here().db.work() as rows:
        firm = access.own_firm(rows, who(), request.form.get("firm"))
        if layouts.forget(rows, firm.id or 0, key, who().handle):
            record(rows, who().handle, "sheet.layout-forgotten", key, firm=firm.id)
        number = firm.id
    flash(_("Forgotten. The next sheet with these columns is asked about anew."))
    return redirect(url_for(".listing", firm=number))
