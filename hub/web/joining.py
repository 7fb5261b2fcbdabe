"""After the account: the firm confirms its data, and joins. Left and resumed at will."""

from collections.abc import Iterable

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlmodel import Session, col, select

from hub import access, joining
from hub.access import Who
from hub.accounts import record
from hub.web.asked import TASKS, Task
from hub.web.asking import hub_here, say, who
from hub.web.formats import language
from supplychain.by_hand import Faults, ToldFirm, read_firm
from supplychain.identify import dashed
from supplychain.services.declarations import declare
from supplychain.services.descriptions import Facts, described
from supplychain.services.invitations import open_for_answer
from supplychain.services.joining import being_answered
from supplychain.services.partners import named_by
from supplychain.services.turns import take_turns
from supplychain.services.voices import ear_of
from supplychain.tables import Description, Firm, Invitation, Link
from supplychain.taxonomy import PROCESSES, REGIONS

bp = Blueprint("joining", __name__, url_prefix="/joining")

FIELDS = ("name", "brn", "region", "process", "employees", "sector", "country")


@bp.get("/<int:invitation_id>")
def firm(invitation_id: int) -> ResponseReturnValue:
    """Step 2: is this your firm? What the inviter said stands in the fields, marked."""
    with hub_here().db.reading() as rows:
        row = access.own_answer(rows, who(), invitation_id)
        if row.state == "accepted":
            return redirect(url_for("my_suppliers.listing", firm=row.firm_id, joining=row.id))
        open_for_answer(row)
        if row.asks_id is not None:
            return render_template("invited/asked.html", by_number=row.asks_id != row.firm_id)
        return _page(rows, row, _as_invited(rows, row), {})


@bp.post("/<int:invitation_id>")
def firm_told(invitation_id: int) -> ResponseReturnValue:
    """The firm's own word: it joins. A second tap finds it joined."""
    told, faults = read_firm(request.form)
    with hub_here().db.work() as rows:
        take_turns(rows)  # before the row, which a merge takes, too
        row = access.own_answer(rows, who(), invitation_id)
        if row.state == "accepted":
            return redirect(url_for(".firm", invitation_id=invitation_id))
        if faults:
            return _page(rows, row, request.form.to_dict(), faults), 422
        joined = joining.join(rows, row, told, who())
        if not joined.asked and request.form.get("supplies") in ("yes", "no"):
            _answer(rows, row, joined.firm, yes=request.form["supplies"] == "yes")
    return redirect(url_for(".firm", invitation_id=invitation_id))


@bp.post("/<int:invitation_id>/number")
def another_number(invitation_id: int) -> ResponseReturnValue:
    """The number was mistyped: back to the form, and nobody is asked to let the person in."""
    with hub_here().db.work() as rows:
        row = access.own_answer(rows, who(), invitation_id)
        row.asks_id = None
    return redirect(url_for(".firm", invitation_id=invitation_id))


def _answer(rows: Session, row: Invitation, own: Firm, *, yes: bool) -> None:
    """Whether the firm supplies the inviter, as the letter asks."""
    for link in rows.exec(
        named_by(own, ear_of(rows, own.id or 0)).where(Link.buyer_id == row.by_id)
    ):
        declare(rows, own, link, stance="holds" if yes else "denied", actor=who().handle)
        record(rows, who().handle, "link.answered", str(link.id), firm=own.id)


def _page(rows: Session, row: Invitation, values: dict[str, str], faults: Faults) -> str:
    told = _as_invited(rows, row)
    named = rows.exec(
        select(Link).where(
            Link.supplier_id == row.firm_id, Link.buyer_id == row.by_id, col(Link.ended).is_(None)
        )
    ).all()
    return render_template(
        "invited/firm.html",
        invitation=row,
        inviter=rows.get_one(Firm, row.by_id),
        values=values,
        named=named,
        items=", ".join(sorted({link.item for link in named if link.item})),
        marked={field for field in FIELDS if told.get(field) and told[field] == values.get(field)},
        errors=in_words(faults),
        **choices(),
    )


def _as_invited(rows: Session, row: Invitation) -> dict[str, str]:
    """What the inviter said; nothing of a firm that has joined by others in the meantime."""
    told = described(rows, row.by_id, [row.firm_id])[row.firm_id]
    if told.joined and row.firm_id not in who().firms(*access.SPEAKERS):
        return {}
    return values_of(told)


def in_words(faults: Faults) -> dict[str, str]:
    """Each fault as the sentence beside its field."""
    return {field: say(fault) for field, fault in faults.items()}


def values_of(told: Facts | Description | ToldFirm) -> dict[str, str]:
    """What is known of a firm, as a form shows it."""
    found = {field: getattr(told, field) for field in FIELDS}
    sector = f"{told.sector} ({told.sector_revision}차)" if told.sector_revision else told.sector
    found |= {"brn": dashed(told.brn), "sector": sector}
    return {field: "" if value is None else str(value) for field, value in found.items()}


def choices() -> dict[str, list[tuple[str, str]]]:
    """Regions and processes in the reader's language."""
    none = [("", str(_("– not told –")))]
    return {
        "regions": none + [(code, words.in_(language())) for code, words in REGIONS.items()],
        "processes": none + [(code, words.in_(language())) for code, words in PROCESSES.items()],
    }


def joining_tasks(session: Session, person: Who) -> Iterable[Task]:
    """Invitations that the person has begun to answer."""
    for row in being_answered(session, person.handle) if person.known else ():
        inviter = session.get_one(Firm, row.by_id).name
        if row.asks_id is None:
            yield Task(
                _("Confirm your firm's data"),
                _("%(inviter)s has invited you; two steps are left.", inviter=inviter),
                url_for("joining.firm", invitation_id=row.id),
                _("Go on"),
                "attention",
                10,
            )


TASKS.append(joining_tasks)
