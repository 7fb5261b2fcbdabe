"""What if: choose what stops, see who is hit, when and for how long; who could stand in."""

from typing import Any

from flask import Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from hub.scenario_rows import certified_firms
from hub.web import scenarios  # its pages are of the same blueprint
from hub.web.asking import hub_here, say
from hub.web.pages import number_asked, page_of_list
from hub.web.what_if_answer import drawing_of, hits_file, shown
from hub.web.what_if_frame import (
    address,
    address_fields,
    bp,
    hidden_count,
    own,
    question_in,
)
from hub.web.what_if_words import REASONS, why
from supplychain.cells import plain
from supplychain.scenario_errors import QuestionInvalid
from supplychain.scenario_question import Question
from supplychain.services.alternates import stand_ins as stand_ins_for
from supplychain.services.network import tier_map
from supplychain.services.scenario_chain import chain_seen
from supplychain.services.what_if import answer, worst_singles

__all__ = ["bp", "scenarios"]

_FOUND = 12  # firms that a search offers


@bp.get("")
def page() -> ResponseReturnValue:
    """The question, and its answer where something is to stop."""
    fault = ""
    try:
        question = question_in(request.args)
    except QuestionInvalid as error:
        question, fault = Question(), say(error)
    with hub_here().db.reading() as session:
        told = shown(session, own(session), question)
    return render_template("what_if/page.html", fault=fault, **told), 422 if fault else 200


@bp.get("/firms")
def find() -> str:
    """Firms of the chain to choose from, by a part of their name or registration number."""
    text = plain(request.args.get("find", ""))
    chosen = {each for each in request.args.getlist("firm") if each.isdecimal()}
    with hub_here().db.reading() as session:
        seen = tier_map(session, own(session).id or 0)
    places = [*seen.places.values(), *seen.customers.values()]
    fitting = [
        place
        for place in places
        if text
        and text in plain(place.name) + "|" + (place.facts.brn or "")
        and str(place.number) not in chosen
    ]
    return render_template("what_if/found.html", found=fitting[:_FOUND], more=len(fitting) - _FOUND)


@bp.get("/drawing.json")
def drawing() -> ResponseReturnValue:
    """Where the firms that are hit stand on the map, and from which day."""
    question = question_in(request.args)
    with hub_here().db.reading() as session:
        return jsonify(drawing_of(answer(session, own(session).id or 0, question)))


@bp.get("/hits.csv")
def hits() -> Response:
    """Every firm that is hit, as a file for a spreadsheet program."""
    question = question_in(request.args)
    with hub_here().db.reading() as session:
        return hits_file(answer(session, own(session).id or 0, question))


@bp.get("/alone")
def alone() -> str:
    """Which single firms could stop the line of the asker, the worst first."""
    question = question_in(request.args)
    least = request.args.get("least", "1")
    least_days = min(int(least), 365) if least.isdecimal() and len(least) < 4 else 1
    strangers = request.args.get("who") == "strangers"
    with hub_here().db.reading() as session:
        lead = own(session)
        chain = chain_seen(session, lead.id or 0, question.stock)
        partners = chain.seen.sight.partners
        found = [
            single
            for single in worst_singles(chain, question)
            if single.lost >= least_days and not (strangers and single.place.number in partners)
        ]
        return render_template(
            "what_if/alone.html",
            lead=lead,
            question=question,
            page=page_of_list(found, number_asked(), 20),
            partners=partners,
            hidden=chain.seen.hidden,
            least=least_days,
            strangers=strangers,
            firms=len(chain.seen.places) - 1,
            without_item=chain.without_item,
            **_links(question, lead),
        )


@bp.get("/alternates")
def alternates() -> str:
    """Who could stand in for a firm, or deliver an item, and why in this order."""
    question = question_in(request.args)
    item = request.args.get("item", "")[:200]
    of = request.args.get("of", "")
    with hub_here().db.reading() as session:
        lead = own(session)
        found = _stand_ins(session, lead.id or 0, of, item, question)
        return render_template(
            "what_if/alternates.html",
            lead=lead,
            item=item,
            of=of,
            question=question,
            found=found,
            hidden=hidden_count(found.hidden),
            page=page_of_list(found.found, number_asked(), 20),
            why=why,
            reasons=REASONS,
            **_links(question, lead),
        )


def _stand_ins(session: Session, lead: int, of: str, item: str, question: Question) -> Any:
    """`firm` says what stops in the scenario; `of` whom to replace, the only one that stops."""
    firms = [of] if of else [str(each) for each in question.firms[:1]] if not item else []
    number = int(firms[0]) if firms and firms[0].isdecimal() and len(firms[0]) < 10 else None
    asked = question if question.asks else None
    return stand_ins_for(
        session, lead, number if firms else None, item, asked, certified_firms(session, lead)
    )


def _links(question: Question, lead: Any) -> dict[str, Any]:
    return {
        "fields": address_fields(question, lead),
        "address": lambda **more: address(question, lead, **more),
    }
