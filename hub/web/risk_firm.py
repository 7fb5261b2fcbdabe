"""What rests on one firm, why, and what is known of its times and stocks; who knows, tells."""

from collections.abc import Mapping

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlmodel import Session

from hub import access
from hub.accounts import record
from hub.weak_kept import weak_of
from hub.web.asking import hub_here, say, who
from hub.web.risk_words import NAMES, days, in_words, shown
from supplychain.decoding import decode
from supplychain.errors import FirmNotFound, SupplyChainError
from supplychain.export import as_csv
from supplychain.risk.errors import NetworkEmpty
from supplychain.risk.facts import KINDS, RiskFacts
from supplychain.risk.facts_file import COLUMNS, amount, read_facts
from supplychain.services import risk
from supplychain.services.network import Place, tier_map
from supplychain.services.risk_facts import (
    Saying,
    facts_of,
    own_sayings,
    say_fact,
    take_in_facts,
    unsay_fact,
)
from supplychain.services.weak_points import (
    MEASURES,
    WeakPoints,
    cut_off_by,
    with_figures,
)
from supplychain.tables import Firm

bp = Blueprint("risk_firm", __name__, url_prefix="/supply/risk")

KIND_NAMES = {
    "ttr_days": _l("Days until it delivers again after it has stopped"),
    "stock_days": _l("Days for which finished goods at the firm last"),
    "capacity": _l("The most it can make, in % of today"),
    "margin": _l("Won lost with each day on which it makes nothing"),
}
SOURCES = {
    "own": _l("the firm's own word"),
    "asker": _l("your guess"),
    "assumed": _l("assumed"),
}
_MOST_BYTES = 4_000_000
_FIELDS = 50  # deliveries of a firm that can be told of on its page; the others by a file


@bp.get("/firms/<int:firm_id>")
def firm(firm_id: int) -> str:
    """All of it, on a page of its own."""
    with hub_here().db.reading() as session:
        lead = access.own_firm(session, who(), request.args.get("lead"))
        return _page(session, lead, firm_id)


@bp.app_template_global("rests_on")
def rests_on(lead: Firm, firm_id: int) -> list[str]:
    """What rests on a firm, in a few sentences, for its other pages."""
    with hub_here().db.reading() as session:
        try:
            weak, _place = _seen(session, lead, firm_id)
        except FirmNotFound:
            return []
        point = weak.points.get(firm_id) if weak else None
        return in_words(point, weak) if weak and point else []


@bp.post("/firms/<int:firm_id>/facts")
def tell(firm_id: int) -> ResponseReturnValue:
    """Say what is known of a firm and of its goods at buyers; an empty field takes it back."""
    with hub_here().db.work() as session:
        lead = access.own_firm(session, who(), request.form.get("lead"))
        weak, place = _seen(session, lead, firm_id)
        sayings = _fields(weak, place, own=firm_id == lead.id)
        values = {name: request.form.get(name, "").strip() for name in sayings}
        errors = {
            name: str(_("Give a number that can be, or leave the field empty."))
            for name, text in values.items()
            if text and amount(text, sayings[name].kind) is None
        }
        if errors:
            return _page(session, lead, firm_id, values, errors), 422
        for name, text in values.items():
            _say_or_unsay(session, lead, sayings[name], text)
        record(session, who().handle, "risk.told", place.name, firm=firm_id, by=lead.id)
        back = url_for(".firm", firm_id=firm_id, lead=lead.id)
    flash(_("Saved. Work the figures out anew to have it count."), "success")
    return redirect(back)


@bp.get("/facts.csv")
def known() -> Response:
    """What one's own firm says of every firm, as a file to fill in and give back."""
    with hub_here().db.reading() as session:
        lead = access.own_firm(session, who(), request.args.get("lead"))
        weak = with_figures(session, weak_of(hub_here().db, session, lead.id or 0))
        said = own_sayings(session, lead.id or 0)
        rows = [
            [number, point.place.name, *(said.get((number, None, "", kind)) for kind in KINDS)]
            for number, point in sorted(weak.points.items())
        ]
    named = {"Content-Disposition": "attachment; filename=facts.csv"}
    return Response("".join(as_csv(COLUMNS, rows)), mimetype="text/csv", headers=named)


@bp.post("/facts")
def take_in() -> ResponseReturnValue:
    """Say all that a file tells, or nothing of it."""
    file = request.files.get("facts")
    content = file.read(_MOST_BYTES) if file else b""
    name = (file.filename if file else "") or "CSV"
    try:
        with hub_here().db.work() as session:
            lead = access.own_firm(session, who(), request.form.get("lead"))
            lines = read_facts(decode(content, name)[0].splitlines())
            firms = _called(weak_of(hub_here().db, session, lead.id or 0))
            new = take_in_facts(session, lead.id or 0, lines, firms, who().handle)
            record(session, who().handle, "risk.facts-taken", lead.name, new=new)
    except SupplyChainError as error:
        flash(say(error), "error")
    else:
        flash(
            ngettext(
                "%(num)s new statement. Work the figures out anew to have it count.",
                "%(num)s new statements. Work the figures out anew to have them count.",
                new,
            ),
            "success",
        )
    return redirect(url_for("risk.page", lead=request.form.get("lead") or None) + "#facts")


def _called(weak: WeakPoints) -> dict[int, tuple[str, str | None]]:
    return {n: (place.name, place.facts.brn) for n, place in weak.chain.places.items()}


def _seen(session: Session, lead: Firm, firm_id: int) -> tuple[WeakPoints | None, Place]:
    """The chain, where there is one, and a firm of it: a firm of one's own always is.

    Raises FirmNotFound for others, whether there is such a firm or not.
    """
    try:
        weak = with_figures(session, weak_of(hub_here().db, session, lead.id or 0))
        place = weak.chain.places.get(firm_id)
    except NetworkEmpty:
        weak, place = None, None
    if place is None and firm_id == lead.id:
        place = tier_map(session, firm_id).places[firm_id]
    if place is None:
        raise FirmNotFound(firm=firm_id)
    return weak, place


def _fields(weak: WeakPoints | None, place: Place, *, own: bool) -> dict[str, Saying]:
    """What may be told on a firm's page: field → what it says, with no number yet."""
    kinds = KINDS if own else KINDS[:3]  # what a day costs is the firm's own to say
    fields = {kind: Saying(place.number, kind, 0.0) for kind in kinds}
    deliveries = (
        sorted(x for x in weak.chain.deliveries if x.supplier == place.number) if weak else []
    )
    for at, each in enumerate(deliveries[:_FIELDS]):
        item = weak.chain.names[each.item] if weak else ""
        fields[f"stock-{at}"] = Saying(place.number, "stock_days", 0.0, each.buyer, item)
    return fields


def _say_or_unsay(session: Session, lead: Firm, saying: Saying, text: str) -> None:
    value = amount(text, saying.kind) if text else None
    if value is None:
        unsay_fact(session, lead.id or 0, saying)
    else:
        said = Saying(saying.firm, saying.kind, value, saying.buyer, saying.item)
        say_fact(session, lead.id or 0, said, who().handle)


def _page(
    session: Session,
    lead: Firm,
    firm_id: int,
    values: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> str:
    weak, place = _seen(session, lead, firm_id)
    point = weak.points.get(firm_id) if weak else None
    assumed = risk.assumed_in(risk.runs_of(session, lead.id or 0).get("tts"))
    seen = weak.chain.places if weak else {firm_id: place}
    facts = facts_of(session, lead.id or 0, seen, assumed)
    said = own_sayings(session, lead.id or 0)
    fields = [
        {
            "name": name,
            "label": _label(seen, saying),
            "value": values[name] if values is not None else _number(_own(said, saying)),
            "counts": _counts(facts, saying),
            "error": (errors or {}).get(name, ""),
        }
        for name, saying in _fields(weak, place, own=firm_id == lead.id).items()
    ]
    return render_template(
        "risk/firm.html",
        lead=lead,
        place=place,
        point=point,
        words=in_words(point, weak) if weak and point else [],
        figures_of=[(NAMES[name], shown(point, name)) for name in MEASURES] if point else [],
        cut_off=cut_off_by(weak, firm_id) if weak and point and point.cut_off else [],
        fields=fields,
        own=place.number == lead.id,
    )


def _own(said: Mapping[tuple[int, int | None, str, str], float], saying: Saying) -> float | None:
    return said.get((saying.firm, saying.buyer, saying.item, saying.kind))


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6f}".rstrip("0").rstrip(".")


def _label(seen: Mapping[int, Place], saying: Saying) -> str:
    if saying.buyer is None:
        return str(KIND_NAMES[saying.kind])
    buyer = seen[saying.buyer].name
    if not saying.item:
        return str(_("Days for which its goods in stock at %(buyer)s last", buyer=buyer))
    return str(
        _("Days for which %(item)s in stock at %(buyer)s lasts", item=saying.item, buyer=buyer)
    )


def _counts(facts: RiskFacts, saying: Saying) -> str:
    """What counts now, and whose word it is."""
    told = facts.firm(saying.firm)
    found = (
        facts.stock(saying.firm, saying.buyer, saying.item)
        if saying.buyer is not None
        else {
            "ttr_days": told.ttr,
            "stock_days": told.stock,
            "capacity": told.capacity,
            "margin": told.margin,
        }[saying.kind]
    )
    if found is None:
        return str(_("Not known."))
    value = days(found.value) if saying.kind.endswith("_days") else _number(found.value)
    return str(
        _("What counts now: %(value)s (%(source)s).", value=value, source=SOURCES[found.source])
    )
