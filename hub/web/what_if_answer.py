"""An answer of what-if as a page, a drawing and a file."""

from typing import Any

import numpy as np
from flask import Response
from flask_babel import gettext as _
from sqlmodel import Session

from hub import access
from hub.web.asking import who
from hub.web.formats import percent
from hub.web.pages import number_asked, page_of_list
from hub.web.supply import stands
from hub.web.what_if_frame import (
    LINES,
    REPLACED,
    address,
    address_fields,
    assumed_words,
    choices,
    hidden_count,
    hidden_fields,
    question_words,
)
from hub.web.what_if_words import headline, more_lines
from supplychain.drawing import places
from supplychain.export import as_csv
from supplychain.identify import dashed
from supplychain.scenario_question import RANGES, Question
from supplychain.services.merging import roots
from supplychain.services.scenario_chain import chain_seen
from supplychain.services.what_if import Answer, Hit, answer_in
from supplychain.tables import Firm


def shown(session: Session, lead: Firm, question: Question) -> dict[str, Any]:
    """What the page of a question shows; the answer where something is to stop."""
    chain = chain_seen(session, lead.id or 0, question.stock)
    same = roots(session)
    numbers = sorted({same.get(number, number) for number in question.firms})
    found = answer_in(chain, question, same) if question.asks else None
    return {
        "lead": lead,
        "leads": [(firm.id, firm.name) for firm in access.own_firms(session, who())],
        "question": question,
        "chosen": [place for number in numbers if (place := chain.seen.at(number))],
        "choices": choices(chain),
        "replaced": [*REPLACED.items()],
        "lines": [*LINES.items()],
        "ranges": RANGES,
        "no_links": len(chain.seen.sight.lines.link) == 0,
        **(told(found, lead) if found else {"found": None}),
    }


def told(found: Answer, lead: Firm) -> dict[str, Any]:
    """What is shown of an answer."""
    question = found.question
    return {
        "found": found,
        "question": question,
        "headline": headline(found),
        "more_lines": more_lines(found),
        "asked_words": question_words(question, len(found.stopped)),
        "assumed_words": assumed_words(question),
        "page": page_of_list(found.hits, number_asked(), 25),
        "hidden": hidden_count(found.chain.seen.hidden),
        "chart": chart_of(found),
        "fields": address_fields(question, lead),
        "kept_fields": hidden_fields(question, lead),
        "address": lambda endpoint="what_if.page", **more: address(
            question, lead, endpoint, **more
        ),
    }


def chart_of(found: Answer) -> dict[str, Any]:
    """Own output of each day, and how many firms of each tier make less, for the figure."""
    lead = found.chain.seen.lead.id or 0
    tiers = [
        {"label": str(stands(tier)), "firms": firms} for tier, firms in found.by_tier().items()
    ]
    names = [str(_("Day")), str(_("Own output")), *(str(tier["label"]) for tier in tiers)]
    return {
        "days": found.course.horizon,
        "own": found.levels([lead])[lead],
        "tiers": tiers,
        "columns": [(name, "num") for name in names],
        "words": {
            "day": str(_("Day %(day)s", day="#")),
            "own": str(_("Own output")),
            "firms": str(_("Firms that make less than usual")),
            "output": str(_("Output")),
        },
    }


def drawing_of(found: Answer) -> dict[str, Any]:
    """The chain behind the asker, with the day on which each firm is first hit; 0 for never."""
    seen, at = found.chain.seen, found.chain.at
    numbers = list(seen.places)
    where = {number: index for index, number in enumerate(numbers)}
    tier = np.array([seen.places[number].tier for number in numbers], np.int64)
    ends = np.array([(where[a], where[b]) for a, b in seen.links], np.int64).reshape(-1, 2)
    x, y = places(tier, ends[:, 0], ends[:, 1])
    first = {number: max(0, int(found.course.first[at[number]])) for number in numbers}
    return {
        "firms": [
            [place.number, place.name, float(x[n]), float(y[n]), place.tier, first[place.number]]
            for n, place in enumerate(seen.places.values())
        ],
        "stopped": sorted(found.stopped & seen.places.keys()),
        "links": [pair for pair in seen.links if first[pair[0]] and first[pair[1]]],
    }


def hits_file(found: Answer) -> Response:
    """Every firm that is hit, as CSV."""
    header = [
        _("Firm"), _("Business registration number"), _("Tier"), _("Hit from day"), _("Days"),
        _("Lowest output"), _("Days of output missed"), _("Normal again on day"),
        _("Lacks most from"),
    ]  # fmt: skip
    rows = ([*_row(hit)] for hit in found.hits)
    named = {"Content-Disposition": "attachment; filename=hits.csv"}
    return Response(
        "".join(as_csv([str(h) for h in header], rows)), mimetype="text/csv", headers=named
    )


def _row(hit: Hit) -> tuple[str | int | float | None, ...]:
    place = hit.place
    through = str(_("stops itself")) if hit.stops else hit.through.name if hit.through else ""
    return (
        place.name,
        dashed(place.facts.brn),
        stands(place.tier),
        hit.first,
        hit.days,
        percent(hit.lowest, 0),
        round(hit.lost, 2),
        hit.back,
        through,
    )
