"""Where two firms say different things about one link: side by side, and a way to settle it."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlmodel import Session
from sqlmodel.sql.expression import SelectOfScalar

from hub import access
from hub.accounts import record
from hub.web.asking import hub_here, say, who
from hub.web.pages import number_asked, page_of
from supplychain.cells import share
from supplychain.errors import CellFault
from supplychain.services.consents import still_known
from supplychain.services.declarations import (
    Sides,
    answer_link,
    link_to_settle,
    links_to_settle,
    partners_of,
    sides,
    take_back,
)
from supplychain.services.descriptions import Facts
from supplychain.services.voices import Heard, ear_of, links_as_heard
from supplychain.tables import Declaration, Firm, Link

bp = Blueprint("declarations", __name__, url_prefix="/declarations")

STANDINGS = {
    "": lazy_gettext("All"),
    "contradicted": lazy_gettext("Contradicted"),
    "open": lazy_gettext("Not confirmed yet"),
    "confirmed": lazy_gettext("Confirmed"),
}


@dataclass(frozen=True)
class Seen:
    """One link as a firm may see it. `role`: "supplier", "buyer", or "" for a third firm.

    A third firm that named the link sees what its ends answered and when, not shares and notes:
    those are between the two. `names` has no entry for a speaker whom the firm may not know.
    """

    sides: Sides
    heard: Heard
    supplier: Facts
    buyer: Facts
    role: str
    own: Declaration | None
    names: dict[int, Facts]

    @property
    def link(self) -> Link:
        """The link itself."""
        return self.sides.link


@bp.get("")
def listing() -> str:
    """Links on which firms disagree, then those that only one side has named."""
    standing = request.args.get("standing", "")
    standing = standing if standing in STANDINGS else ""
    with hub_here().db.reading() as session:
        firm = access.own_firm(session, who(), request.args.get("firm"))
        page = page_of(session, _links(session, firm, standing), number_asked(), 20)
        return render_template(
            "firms/declarations.html",
            firm=firm,
            page=page,
            seen=seen_sides(session, firm, list(page.items)),
            standing=standing,
            standings=STANDINGS,
        )


@bp.get("/<int:link_id>")
def one(link_id: int) -> str:
    """Who said what about a link, and when: everything, ended statements too."""
    with hub_here().db.reading() as session:
        firm = access.own_firm(session, who(), request.args.get("firm"))
        link = link_to_settle(session, [firm.id or 0], link_id, ear_of(session, firm.id or 0))
        return _page(session, firm, link)


@bp.post("/<int:link_id>")
def answer(link_id: int) -> ResponseReturnValue:
    """Say that a link holds (with a share), that it does not, or take back what was said."""
    stance = request.form.get("stance", "")
    with hub_here().db.work() as session:
        firm = access.own_firm(session, who(), request.form.get("firm"))
        link = link_to_settle(session, [firm.id or 0], link_id, ear_of(session, firm.id or 0))
        if stance == "back":
            take_back(session, firm, link)
        else:
            try:
                told = share(request.form.get("share", "")) if stance == "holds" else None
            except CellFault as fault:
                return _page(session, firm, link, say(fault)), 422
            note = request.form.get("note", "").strip()
            by = who().handle
            answer_link(session, firm, link, stance=stance, share=told, note=note, actor=by)
        record(session, who().handle, "link.answered", str(link.id), firm=firm.id, stance=stance)
        heard = links_as_heard(session, ear_of(session, firm.id or 0), [link])
        standing = heard[link_id].standing
    flash(_("Saved. The link is now: %(standing)s.", standing=STANDINGS[standing]), "success")
    return redirect(url_for(".listing", firm=request.form.get("firm") or None))


def seen_sides(session: Session, firm: Firm, links: list[Link]) -> list[Seen]:
    """These links as a firm sees them: it is an end of each, or has named it."""
    ear = ear_of(session, firm.id or 0)
    said, heard = sides(session, links, ear), links_as_heard(session, ear, links)
    speakers = {words.declaration.firm_id for each in said for words in each.others}
    ends = {end for link in links for end in (link.supplier_id, link.buyer_id)}
    known = partners_of(session, firm.id or 0) | {firm.id or 0}
    facts = still_known(session, firm.id or 0, sorted(ends | (speakers & known)))
    closed = str(_("Name not open to you"))  # of a link that has ended, or that it named no longer
    names = {n: each if each.name else each._replace(name=closed) for n, each in facts.items()}
    return [_seen(firm.id or 0, each, heard[each.link.id or 0], names) for each in said]


def _links(session: Session, firm: Firm, standing: str) -> SelectOfScalar[Link]:
    return links_to_settle([firm.id or 0], standing, ear_of(session, firm.id or 0))


def _seen(firm_id: int, said: Sides, heard: Heard, names: dict[int, Facts]) -> Seen:
    link = said.link
    role = {link.supplier_id: "supplier", link.buyer_id: "buyer"}.get(firm_id, "")
    if not role:
        # What other third firms know is theirs.
        said.others = [words for words in said.others if words.declaration.firm_id == firm_id]
    mine = {"supplier": said.supplier, "buyer": said.buyer}.get(role, said.others)
    own = next((words.declaration for words in mine if words.declaration.ended is None), None)
    return Seen(said, heard, names[link.supplier_id], names[link.buyer_id], role, own, names)


def _page(session: Session, firm: Firm, link: Link, error: str = "") -> str:
    seen: dict[str, Any] = {"seen": seen_sides(session, firm, [link])[0]}
    return render_template(
        "firms/declaration.html", firm=firm, standings=STANDINGS, error=error, **seen
    )
