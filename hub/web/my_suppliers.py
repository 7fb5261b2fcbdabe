"""My suppliers: who supplies my firm, declared by form; and who says that my firm supplies them."""

import re
from collections.abc import Iterable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from hub import access, inviting
from hub.access import Who
from hub.accounts import record
from hub.web.asked import TASKS, Task
from hub.web.asking import LOCALES, hub_here, say, who
from hub.web.joining import choices, in_words, values_of
from hub.web.my_firm import firm_asked
from hub.web.pages import number_asked, page_of
from supplychain.by_hand import read_supplier
from supplychain.errors import LinkToItself, NameShared, SupplyChainError
from supplychain.invitation_errors import NoteRefused
from supplychain.services.declarations import (
    answer_link,
    declare,
    declare_supplier,
    take_back,
)
from supplychain.services.descriptions import described
from supplychain.services.invitations import Guest
from supplychain.services.own_word import describe, name_supplier, told_by_hand
from supplychain.services.partners import (
    invited_by,
    named_by,
    own_supplier,
    own_suppliers,
    own_words,
    silent_suppliers,
    unanswered,
)
from supplychain.services.turns import take_turns
from supplychain.services.voices import ear_of, links_as_heard
from supplychain.services.vouching import asked_of
from supplychain.tables import Firm, Link, now

bp = Blueprint("my_suppliers", __name__, url_prefix="/my-suppliers")


@bp.get("")
def listing() -> str:
    """Who supplies my firm, as it says itself; a form to name one more."""
    with hub_here().db.reading() as rows:
        return _page(rows, firm_asked(rows))


@bp.post("")
def declare_one() -> ResponseReturnValue:
    """Name a supplier. The same one named again changes nothing."""
    told, faults = read_supplier(request.form)
    errors = in_words(faults)
    with hub_here().db.work() as rows:
        firm = firm_asked(rows)
        if not errors:
            try:
                link = name_supplier(rows, firm, told, who().handle)
                record(rows, who().handle, "supplier.declared", str(link.id), firm=firm.id)
            except NameShared as error:
                errors = {"brn": say(error)}
            except LinkToItself as error:
                errors = {"name": say(error)}
        if errors:
            rows.rollback()
            return _page(rows, firm_asked(rows), request.form.to_dict(), errors), 422
        number = firm.id
    flash(_("%(name)s is named as your supplier.", name=told.firm.name))
    return redirect(url_for(".listing", firm=number, joining=_joining()))


@bp.get("/<int:link_id>")
def one(link_id: int) -> str:
    """What I said of a supplier, to be corrected or ended."""
    with hub_here().db.reading() as rows:
        firm = firm_asked(rows)
        return _one(rows, firm, own_supplier(rows, firm, link_id))


@bp.post("/<int:link_id>")
def correct(link_id: int) -> ResponseReturnValue:
    """Say it anew; what was said before is kept as history."""
    told, faults = read_supplier(request.form)
    with hub_here().db.work() as rows:
        firm = firm_asked(rows)
        take_turns(rows)
        link = own_supplier(rows, firm, link_id)
        if faults:
            return _one(rows, firm, link, request.form.to_dict(), in_words(faults)), 422
        supplier = rows.get_one(Firm, link.told_supplier_id)
        if rows.get_one(Firm, link.supplier_id).joined_at is None:
            describe(rows, firm, supplier, told.firm, who().handle)
        if told.item == link.item:
            declare(rows, firm, link, share=told.share, actor=who().handle)
        else:  # items tell links of the same two firms apart
            take_back(rows, firm, link)
            link = declare_supplier(
                rows, firm, supplier, item=told.item, share=told.share, actor=who().handle
            )
        record(rows, who().handle, "supplier.corrected", str(link.id), firm=firm.id)
        number = firm.id
    flash(_("Saved."))
    return redirect(url_for(".listing", firm=number))


@bp.post("/<int:link_id>/end")
def end(link_id: int) -> ResponseReturnValue:
    """They supply me no more. The link stays, ended, in the history."""
    with hub_here().db.work() as rows:
        firm = firm_asked(rows)
        link = own_supplier(rows, firm, link_id)
        take_back(rows, firm, link)
        record(rows, who().handle, "supplier.ended", str(link.id), firm=firm.id)
        number = firm.id
    flash(_("Ended. It stays in the history."))
    return redirect(url_for(".listing", firm=number))


@bp.get("/customers")
def customers() -> str:
    """Who says that my firm supplies them, and whether that is right."""
    with hub_here().db.reading() as rows:
        firm = firm_asked(rows)
        page = page_of(rows, _named(rows, firm), number_asked(), 20)
        ends = [link.buyer_id for link in page.items]
        return render_template(
            "my_firm/customers.html",
            firm=firm,
            firms=access.own_firms(rows, who()),
            page=page,
            facts=described(rows, firm.id or 0, ends),
            own=own_words(rows, firm, page.items),
            new={each.facts.firm_id for each in asked_of(rows, firm.id or 0) if each.open},
        )


@bp.post("/customers/<int:link_id>")
def answer(link_id: int) -> ResponseReturnValue:
    """Yes, we supply them; or no, we do not."""
    yes = request.form.get("answer") == "yes"
    with hub_here().db.work() as rows:
        firm = firm_asked(rows)
        link = rows.exec(_named(rows, firm).where(Link.id == link_id)).first()
        if link is not None:
            stance = "holds" if yes else "denied"
            answer_link(rows, firm, link, stance=stance, actor=who().handle)
            record(rows, who().handle, "link.answered", str(link.id), firm=firm.id, stance=stance)
        number = firm.id
    flash(_("Thank you. Your answer stands beside theirs."))
    return redirect(url_for(".customers", firm=number))


@bp.get("/invite")
def invite() -> str:
    """Step 4, and any time later: ask the suppliers to speak for themselves."""
    with hub_here().db.reading() as rows:
        return _invite_page(rows, firm_asked(rows))


@bp.post("/invite")
def invite_now() -> ResponseReturnValue:
    """Invite everyone beside whom an address stands; one bad address keeps the others waiting."""
    errors: dict[str, str] = {}
    with hub_here().db.work() as rows:
        firm = firm_asked(rows)
        account = access.own_account(rows, who())
        sending = inviting.sending_for(
            hub_here().settings, firm, account, actor=who().handle, whole_chain=False
        )
        sent = 0
        for supplier, email in _given(rows, firm):
            try:
                guest = Guest(email, locale=_mail_language(), note=request.form.get("note", ""))
                sent += inviting.invite(rows, sending, supplier, guest).secret is not None
            except NoteRefused as error:
                errors["note"] = say(error)
            except SupplyChainError as error:
                errors[f"email-{supplier}"] = say(error)
        if errors:
            rows.rollback()
            return _invite_page(rows, firm_asked(rows), request.form.to_dict(), errors), 422
        record(rows, who().handle, "suppliers.invited", str(firm.id), invitations=sent)
        number = firm.id
    if sent:
        flash(
            ngettext(
                "%(num)s invitation is on its way.", "%(num)s invitations are on their way.", sent
            )
        )
    onward = ".invite" if _joining() is None else "home.home"
    return redirect(url_for(onward, firm=number if _joining() is None else None))


def _given(rows: Session, firm: Firm) -> list[tuple[int, str]]:
    """Own silent suppliers beside which the form gives an address."""
    found = {
        int(field[6:]): text.strip()
        for field, text in request.form.items()
        if re.fullmatch(r"email-[0-9]{1,9}", field) and text.strip()
    }
    asked = silent_suppliers(firm).where(col(Firm.id).in_(found))
    return [(each.id or 0, found[each.id or 0]) for each in rows.exec(asked)]


def _mail_language() -> str:
    asked = request.form.get("locale", "")
    return asked if asked in LOCALES else LOCALES[0]


def _invite_page(
    rows: Session,
    firm: Firm,
    values: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> str:
    page = page_of(rows, silent_suppliers(firm), number_asked(), 30)
    ids = [each.id or 0 for each in page.items]
    told = {
        f"email-{each.id}": said.email
        for each in page.items
        if (said := told_by_hand(rows, firm, each)) is not None
    }
    return render_template(
        "my_firm/invite.html",
        firm=firm,
        firms=access.own_firms(rows, who()),
        page=page,
        facts=described(rows, firm.id or 0, ids),
        invited=invited_by(rows, firm, ids),
        now=now(),
        values=values or told,
        errors=errors or {},
        joining=_joining(),
    )


def _joining() -> str | None:
    """The invitation whose steps the person is still on, for the way on to step 4."""
    asked = request.values.get("joining", "")
    return asked if asked.isdecimal() and len(asked) < 10 else None


def _page(
    rows: Session,
    firm: Firm,
    values: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> str:
    page = page_of(rows, own_suppliers(firm), number_asked(), 30)
    suppliers = [link.supplier_id for link in page.items]
    return render_template(
        "my_firm/suppliers.html",
        firm=firm,
        firms=access.own_firms(rows, who()),
        page=page,
        facts=described(rows, firm.id or 0, suppliers),
        own=own_words(rows, firm, page.items),
        heard=links_as_heard(rows, ear_of(rows, firm.id or 0), page.items),
        invited=invited_by(rows, firm, suppliers),
        values=values or {},
        errors=errors or {},
        joining=_joining(),
        unanswered=_count(rows, firm),
        **choices(),
    )


def _one(
    rows: Session,
    firm: Firm,
    link: Link,
    values: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> str:
    facts = described(rows, firm.id or 0, [link.supplier_id])[link.supplier_id]
    said = told_by_hand(rows, firm, rows.get_one(Firm, link.told_supplier_id))
    own = own_words(rows, firm, [link]).get(link.id or 0)
    known: dict[str, Any] = values_of(said or facts) | {
        "item": link.item,
        "share": "" if own is None or own.share is None else f"{own.share:g}",
        "email": said.email if said else "",
        "contact": said.contact if said else "",
    }
    return render_template(
        "my_firm/supplier.html",
        firm=firm,
        link=link,
        facts=facts,
        values=values or known,
        errors=errors or {},
        **choices(),
    )


def _named(rows: Session, firm: Firm) -> SelectOfScalar[Link]:
    return named_by(firm, ear_of(rows, firm.id or 0))


def _count(rows: Session, firm: Firm) -> int:
    query = unanswered(firm, ear_of(rows, firm.id or 0)).order_by(None).subquery()
    return rows.exec(select(func.count()).select_from(query)).one()


def supplier_tasks(session: Session, person: Who) -> Iterable[Task]:
    """Customers whose word waits for an answer; no supplier named yet."""
    for firm in access.own_firms(session, person):
        waiting = _count(session, firm)
        if waiting:
            yield Task(
                ngettext(
                    "%(num)s customer named you: is it right?",
                    "%(num)s customers named you: is it right?",
                    waiting,
                ),
                _("Your yes or no stands beside what they say."),
                url_for("my_suppliers.customers", firm=firm.id),
                _("Answer"),
                "attention",
                20,
            )
        named = firm.joined_at is None or not person.has("vendor", firm.id)
        if not named and session.exec(own_suppliers(firm).limit(1)).first() is None:
            yield Task(
                _("Name the firms that supply you"),
                _("Three lines in a form, or a sheet that you have already."),
                url_for("my_suppliers.listing", firm=firm.id),
                _("Name them"),
                "file",
                30,
            )


TASKS.append(supplier_tasks)
