"""Scenarios under a name: keep, open, compare, share."""

from dataclasses import replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlmodel import Session

from hub.accounts import record
from hub.scenario_rows import own_scenario, shared_scenario
from hub.web.asking import hub_here, say, who
from hub.web.pages import number_asked, page_of, page_of_list
from hub.web.what_if_answer import shown, told
from hub.web.what_if_frame import address, bp, own, question_in, question_words
from hub.web.what_if_words import headline
from supplychain.scenario_errors import NothingToShow, ScenarioError
from supplychain.scenario_tables import Scenario
from supplychain.services import scenarios
from supplychain.services.descriptions import described
from supplychain.services.merging import roots
from supplychain.services.scenario_chain import chain_seen
from supplychain.services.what_if import Answer, answer_in
from supplychain.tables import Firm

_MOST = 4  # scenarios side by side


@bp.get("/saved")
def saved() -> str:
    """The scenarios of the asker's firm, and what partners share with it."""
    with hub_here().db.reading() as session:
        firm = own(session)
        page = page_of(session, scenarios.scenarios_of(firm.id or 0), number_asked(), 20)
        shared = scenarios.shared_with(session, firm.id or 0)
        names = described(session, firm.id or 0, [row.firm_id for _there, row in shared])
        return render_template(
            "what_if/saved.html",
            lead=firm,
            page=page,
            asked={row.id: scenarios.asked_in(row) for row in page.items},
            shared=shared,
            names=names,
        )


@bp.post("/saved")
def save() -> ResponseReturnValue:
    """Keep the question under a name."""
    with hub_here().db.work() as session:
        firm = own(session, request.form.get("lead"))
        question = question_in(request.form)
        try:
            row = scenarios.save(
                session, firm.id or 0, request.form.get("name", ""), question, who().handle
            )
        except ScenarioError as error:
            flash(say(error), "error")
            return redirect(address(question, firm))
        record(session, who().handle, "scenario.saved", f"scenario {row.id}")
        number = row.id
    flash(_("Saved. Your colleagues find it under its name, too."), "success")
    return redirect(url_for(".scenario", scenario_id=number))


@bp.get("/saved/<int:scenario_id>")
def scenario(scenario_id: int) -> str:
    """A scenario, answered from what the firm sees now; its name, and with whom it is shared."""
    with hub_here().db.reading() as session:
        firm, row = own_scenario(session, who(), scenario_id)
        shares = [share.to_id for share in scenarios.shares_of(session, row)]
        partners = scenarios.partners_for(session, firm.id or 0)
        session.expunge(row)
        return render_template(
            "what_if/page.html",
            fault="",
            saved=row,
            shares=[each for each in partners if each.firm_id in shares],
            partners=[(e.firm_id, e.name) for e in partners if e.firm_id not in shares],
            **shown(session, firm, scenarios.asked_in(row)),
        )


@bp.post("/saved/<int:scenario_id>/<any(rename, delete, share, unshare):action>")
def change(scenario_id: int, action: str) -> ResponseReturnValue:
    """Give a scenario another name, take it away, share it with a partner or end that."""
    with hub_here().db.work() as session:
        _firm, row = own_scenario(session, who(), scenario_id)
        try:
            done = _change(session, row, action)
        except ScenarioError as error:
            flash(say(error), "error")
            return redirect(url_for(".scenario", scenario_id=scenario_id))
    flash(done, "success")
    there = url_for(".saved") if action == "delete" else None
    return redirect(there or url_for(".scenario", scenario_id=scenario_id))


def _change(session: Session, row: Scenario, action: str) -> str:
    told = request.form.get("to", "")
    to = int(told) if told.isdecimal() and len(told) < 10 else 0
    name = f"scenario {row.id}"
    if action == "rename":
        scenarios.change(session, row, request.form.get("name", ""))
        code = "scenario.changed"
        said = _("It has the new name.")
    elif action == "delete":
        scenarios.delete(session, row)
        code = "scenario.deleted"
        said = _("The scenario is gone.")
    elif action == "share":
        scenarios.share(session, row, to, who().handle)
        code = "scenario.shared"
        said = _("Shared. That firm finds it among its scenarios, as far as it may see.")
    else:
        scenarios.end_share(session, row, to)
        code = "scenario.unshared"
        said = _("It is not shared with that firm any more.")
    record(session, who().handle, code, name, **({"to": to} if to else {}))
    return str(said)


@bp.get("/shared/<int:share_id>")
def shared(share_id: int) -> ResponseReturnValue:
    """What a partner shares, answered from what the reader's own firm sees; else refused."""
    with hub_here().db.reading() as session:
        firm, row = shared_scenario(session, who(), share_id)
        by = described(session, firm.id or 0, [row.firm_id]).get(row.firm_id)
        try:
            found = scenarios.answer_shared(session, firm.id or 0, row)
        except NothingToShow as error:
            return render_template(
                "what_if/nothing.html", lead=firm, name=row.name, by=by, why=say(error)
            )
        return render_template(
            "what_if/shared.html", lead=firm, name=row.name, by=by, **told(found, firm)
        )


@bp.get("/compare")
def compare() -> str:
    """Two to four scenarios side by side, on the same axis."""
    asked = [each for each in request.args.getlist("scenario") if each.isdecimal()][:_MOST]
    with hub_here().db.reading() as session:
        firm, rows = _rows(session, asked)
        answers = _answers(session, firm, rows)
        return render_template(
            "what_if/compare.html",
            lead=firm,
            rows=rows,
            answers=answers,
            headline=headline,
            question_words=question_words,
            chart=_lines(answers),
            **_table(answers),
        )


def _rows(session: Session, asked: list[str]) -> tuple[Firm, list[Scenario]]:
    """The scenarios that are asked for, of one firm: that of the first."""
    rows: list[Scenario] = []
    firm = own(session)
    for number in dict.fromkeys(asked):
        owner, row = own_scenario(session, who(), int(number) if len(number) < 10 else 0)
        if not rows:
            firm = owner
        if row.firm_id == firm.id:
            rows.append(row)
    return firm, rows


def _answers(session: Session, firm: Firm, rows: list[Scenario]) -> list[tuple[str, Answer]]:
    """The answer of each; all of them look at as many days as the one that looks furthest."""
    asked = [scenarios.asked_in(row) for row in rows]
    chains = {each.stock: chain_seen(session, firm.id or 0, each.stock) for each in asked}
    same = roots(session)

    def answers(days: int) -> list[Answer]:
        return [answer_in(chains[each.stock], replace(each, horizon=days), same) for each in asked]

    found = answers(max((each.looks_at for each in asked), default=0))
    days = max((each.course.horizon for each in found), default=0)
    if any(each.course.horizon != days for each in found):  # one was told to need longer
        found = answers(days)
    return [(row.name, each) for row, each in zip(rows, found, strict=True)]


def _lines(answers: list[tuple[str, Answer]]) -> dict[str, Any]:
    days = max((found.course.horizon for _, found in answers), default=0)
    return {
        "days": days,
        "lines": [
            {"label": name, "own": found.levels([lead])[lead]}
            for name, found in answers
            for lead in (found.chain.seen.lead.id or 0,)
        ],
        "words": {"day": str(_("Day %(day)s", day="#")), "output": str(_("Own output"))},
    }


def _table(answers: list[tuple[str, Answer]]) -> dict[str, Any]:
    """Every firm that is hit in one of them: from which day in each."""
    first: dict[int, list[int | None]] = {}
    places = {}
    for at, (_name, found) in enumerate(answers):
        for hit in found.hits:
            places[hit.place.number] = hit.place
            first.setdefault(hit.place.number, [None] * len(answers))[at] = hit.first
    order = sorted(first, key=lambda n: (min(d for d in first[n] if d), places[n].name, n))
    names = [(name, "num") for name, _found in answers]
    return {
        "page": page_of_list(order, number_asked(), 25),
        "first": first,
        "places": places,
        "columns": [str(_("Firm")), str(_("Tier")), *names],
    }
