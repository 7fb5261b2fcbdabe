"""What the pages of what-if share: their blueprint, the question in an address, its words."""

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlmodel import Session
from werkzeug.datastructures import MultiDict

from hub import access
from hub.web.asking import who
from hub.web.formats import process, region
from supplychain.scenario_question import Question, question_of
from supplychain.services.network import Count
from supplychain.services.scenario_chain import SeenChain, division_of
from supplychain.tables import Firm
from supplychain.visibility import Group

bp = Blueprint("what_if", __name__, url_prefix="/supply/what-if")

# field of an address → field of a question
_LISTS = {"firm": "firms", "region": "regions", "process": "processes", "sector": "sectors"}
_ONES = tuple(f.name for f in fields(Question) if f.name not in _LISTS.values())
REPLACED = {
    "nobody": _l("Nobody"),
    "several": _l("Those whose item another firm delivers, too"),
    "everybody": _l("Everybody"),
}
LINES = {
    "all": _l("Every item that is lacking"),
    "goods": _l("Goods only; services count by their number"),
}
_CHOKEPOINTS = 100


def own(session: Session, told: str | None = None) -> Firm:
    """The firm for which the asker asks."""
    return access.own_firm(session, who(), told or request.args.get("lead"))


def question_in(form: MultiDict[str, str]) -> Question:
    """The question of an address or a form. Raises QuestionInvalid."""
    told: dict[str, Any] = {field: form.getlist(name) for name, field in _LISTS.items()}
    for name, field in _LISTS.items():
        told[field] = [each for each in told[field] if each and (name != "firm" or _number(each))]
    return question_of(told | {name: form.get(name) for name in _ONES})


def _number(text: str) -> bool:
    return text.isdecimal() and len(text) < 10


def address_fields(question: Question, lead: Firm) -> dict[str, Any]:
    """The question as parameters of an address; what is usual is left out."""
    usual = Question()
    found: dict[str, Any] = {"lead": lead.id}
    for name, field in _LISTS.items():
        found[name] = list(getattr(question, field))
    for name in _ONES:
        value = getattr(question, name)
        if value != getattr(usual, name):
            found[name] = "yes" if value is True else f"{value:g}" if name == "stock" else value
    return {name: value for name, value in found.items() if value not in ([], None)}


def address(question: Question, lead: Firm, endpoint: str = "what_if.page", **more: Any) -> str:
    """Where a question is answered."""
    return url_for(endpoint, **(address_fields(question, lead) | more))


def hidden_fields(question: Question, lead: Firm) -> list[tuple[str, Any]]:
    """The same for a form, one pair for each value."""
    return [
        (name, each)
        for name, value in address_fields(question, lead).items()
        for each in (value if isinstance(value, list) else [value])
    ]


def choices(chain: SeenChain) -> dict[str, list[tuple[str, str]]]:
    """What the chain offers to choose from: regions, processes, industries, chokepoints."""
    facts = [place.facts for number, place in chain.seen.places.items() if place.tier]
    worst = list(chain.chokepoints.items())[:_CHOKEPOINTS]
    return {
        "region": _words({each.region for each in facts}, region),
        "process": _words({each.process for each in facts}, process),
        "sector": _words({division_of(each.sector) for each in facts}, industry),
        "behind": [
            ("", _("None")),
            *(
                (str(number), _("%(firm)s (%(count)s behind it)", firm=place.name, count=count))
                for number, count in worst
                for place in (chain.seen.places[number],)
            ),
        ],
    }


def _words(codes: Iterable[str], words: Any) -> list[tuple[str, str]]:
    return [("", _("None")), *sorted((code, words(code)) for code in codes if code)]


def industry(code: str) -> str:
    """A KSIC division."""
    return str(_("KSIC %(code)s", code=code))


def hidden_count(groups: Iterable[Group]) -> int | Count | None:
    """How many firms are not seen by name, as exactly as it may be told; 0 for none."""
    told = [group.firms for group in groups]
    known = sum(each or 0 for each in told)
    if all(each is not None for each in told):
        return known
    return Count(known, None) if known else None


def question_words(question: Question, stopped: int) -> str:
    """The question in a sentence."""
    days = {"days": question.days, "first": question.first, "count": f"{stopped:,}"}
    if stopped == 1:
        text = _("1 firm makes nothing for %(days)s days, from day %(first)s.", **days)
    else:
        text = _("%(count)s firms make nothing for %(days)s days, from day %(first)s.", **days)
    if question.ramp:
        text += " " + _(
            "After that it takes %(days)s days to the usual output.", days=question.ramp
        )
    return str(text)


def assumed_words(question: Question) -> list[str]:
    """What is assumed, a sentence each."""
    found = [
        _(
            "Where nobody has told it, an item in stock lasts %(days)s days.",
            days=f"{question.stock:g}",
        ),
        {
            "nobody": _("Nobody can be replaced; other suppliers of an item deliver their share."),
            "several": _(
                "Where another firm delivers the item, too, it takes over after %(days)s days.",
                days=question.after,
            ),
            "everybody": _(
                "Somebody else delivers after %(days)s days, whoever stops.", days=question.after
            ),
        }[question.replaced],
        {
            "all": _("Any item that is lacking slows its buyer's line."),
            "goods": _("Goods that are lacking slow a line, services only by their part."),
        }[question.line],
    ]
    if question.recovery:
        found.append(_("Where a firm has told how long it needs to recover, that counts."))
    return [str(each) for each in found]
