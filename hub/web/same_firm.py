"""Are these two one firm? A queue with the evidence side by side; merges, and how to split them."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext
from sqlmodel import Session

from hub import access
from hub.access import Who
from hub.accounts import record
from hub.same_firms import answer, reopen_pairs, split_up
from hub.web.asked import TASKS, Task
from hub.web.asking import hub_here, say, who
from hub.web.formats import pick
from hub.web.pages import number_asked, page_of, page_of_list
from supplychain.identify import REVISIONS, spaced
from supplychain.likeness import FEATURES
from supplychain.merge_errors import BothSpeak
from supplychain.numbers import read_numbers
from supplychain.services.likenesses import how_many, merges_of, questions
from supplychain.services.numbers import further_numbers, tell_numbers
from supplychain.services.pairs import Compared, compared, joined
from supplychain.tables import Firm, Likeness

bp = Blueprint("same_firm", __name__, url_prefix="/supply/same")

NUMBERS = {
    "brn": lazy_gettext("Business registration number"),
    "lei": lazy_gettext("LEI"),
    "duns": lazy_gettext("DUNS number"),
    "corporate": lazy_gettext("Corporate register number"),
}
_SIZE = 10


@bp.app_template_filter("further")
def further(value: str, scheme: str) -> str:
    """A further number as people write it; what is not one stays as it was typed."""
    complete = value.isalnum() and len(value) == {"duns": 9, "corporate": 13}.get(scheme)
    return spaced(scheme, value) if complete else value


@bp.get("")
def queue() -> str:
    """The pairs that wait for an answer, the likeliest first."""
    later = request.args.get("show") == "later"
    with hub_here().db.reading() as session:
        firm = _own(session)
        asked = questions(firm.id or 0, "later" if later else "waiting")
        page = page_of(session, asked, number_asked(), _SIZE)
        return render_template(
            "firms/same.html",
            **_frame(session, firm, "later" if later else "waiting"),
            page=page,
            pairs=compared(session, firm.id or 0, page.items),
            done=_done(session, firm),
            evidence=evidence_of,
        )


@bp.get("/merges")
def merges() -> str:
    """What was found to be one firm, and a way to take it back."""
    with hub_here().db.reading() as session:
        firm = _own(session)
        page = page_of_list(merges_of(session, firm.id or 0), number_asked(), 20)
        return render_template(
            "firms/same_merges.html",
            **_frame(session, firm, "merges"),
            page=page,
            rows=joined(session, firm.id or 0, page.items),
        )


@bp.post("")
def answer_now() -> ResponseReturnValue:
    """One answer for one pair or for several that were ticked."""
    ids = [int(n) for n in request.form.getlist("pair") if n.isdecimal() and len(n) < 10]
    word = request.form.get("answer", "")
    if not ids:
        flash(_("Tick at least one pair first."), "error")
        return _back()
    with hub_here().db.work() as session:
        try:
            came = answer(session, who(), request.form.get("firm"), ids, word)
        except BothSpeak as error:
            session.rollback()
            flash(say(error), "error")
            return _back()
        noted = len(came.noted)
    return _back(done=",".join(map(str, ids)), answer=word, noted=noted or None)


@bp.post("/undo")
def undo() -> ResponseReturnValue:
    """Take the last answers back."""
    ids = [int(n) for n in request.form.getlist("pair") if n.isdecimal() and len(n) < 10]
    with hub_here().db.work() as session:
        reopen_pairs(session, who(), request.form.get("firm"), ids)
    flash(_("Taken back. The question waits again."))
    return _back()


@bp.post("/merges/<int:merge_id>/split")
def split(merge_id: int) -> ResponseReturnValue:
    """Take a merge apart again."""
    with hub_here().db.work() as session:
        split_up(session, who(), request.form.get("firm"), merge_id)
    flash(_("They are separate firms again, and everything is back where it was."))
    return redirect(url_for(".merges", firm=request.form.get("firm") or None))


@bp.route("/numbers/<int:firm_id>", methods=["GET", "POST"])
def numbers(firm_id: int) -> ResponseReturnValue:
    """Further numbers of a firm, told by hand."""
    form = request.form if request.method == "POST" else None
    values, faults = read_numbers(form) if form is not None else ({}, {})
    with hub_here().db.work() as session:
        firm = _own(session)
        if form is not None and not faults:
            tell_numbers(session, firm.id or 0, firm_id, values, who().handle)
            record(session, who().handle, "firm.numbers-told", str(firm_id))
            flash(_("Saved."))
            return redirect(url_for("supply.firm", firm_id=firm_id, lead=firm.id))
        facts = access.named_firm(session, firm, firm_id)
        known = further_numbers(session, firm.id or 0, [facts.firm_id])[facts.firm_id]
        page = render_template(
            "firms/numbers.html",
            firm=firm,
            facts=facts,
            values=form if form is not None else known,
            errors={field: say(fault) for field, fault in faults.items()},
            revisions=[("", _("Not told")), *((n, _("revision %(n)s", n=n)) for n in REVISIONS)],
        )
        return page, 422 if faults else 200


def evidence_of(row: Likeness) -> list[tuple[str, bool]]:
    """(what was compared, whether it speaks for one firm), the strongest first."""
    number = row.evidence.get("same_number")
    if number:
        return [(str(_("The same %(number)s", number=NUMBERS[str(number)])), True)]
    features: Any = row.evidence.get("features", [])
    told = [each for each in features if each["feature"] in FEATURES and abs(each["push"]) > 0.1]
    return [(str(pick(FEATURES[each["feature"]])), each["push"] > 0) for each in told[:5]]


def _frame(session: Session, firm: Firm, here: str) -> dict[str, Any]:
    number = firm.id or 0
    return {
        "firm": firm,
        "firms": [(each.id, each.name) for each in access.own_firms(session, who())],
        "showing": here,
        "counts": {
            "waiting": how_many(session, number),
            "later": how_many(session, number, "later"),
        },
        "numbers": NUMBERS,
    }


def _own(session: Session) -> Firm:
    return access.own_firm(session, who(), request.values.get("firm"))


def _done(session: Session, firm: Firm) -> dict[str, Any] | None:
    """What was answered a moment ago, to be undone: still so, and the asker's own."""
    text = request.args.get("done", "")
    ids = [int(n) for n in text.split(",") if n.isdecimal() and len(n) < 10][:200]
    rows = [row for n in ids if (row := session.get(Likeness, n)) and row.for_id == firm.id]
    rows = [row for row in rows if row.state == request.args.get("answer")]
    if not rows:
        return None
    pairs = compared(session, firm.id or 0, rows[:1])
    return {
        "ids": [row.id for row in rows],
        "answer": rows[0].state,
        "noted": request.args.get("noted", "").isdecimal(),
        "names": _mentioned(pairs[0]),
        "more": len(rows) - 1,
    }


def _mentioned(pair: Compared) -> list[str]:
    """Both names, even where they are one firm now."""
    sides = pair.sides
    if sides[0].facts.firm_id != sides[1].facts.firm_id:
        return [side.facts.name for side in sides]
    return list(dict.fromkeys(each.name for each in sides[0].mentions))[:4]


def _back(**query: Any) -> ResponseReturnValue:
    show = "later" if request.form.get("show") == "later" else None
    return redirect(url_for(".queue", firm=request.form.get("firm") or None, show=show, **query))


def pairs_to_judge(session: Session, person: Who) -> list[Task]:
    """Firms that may be one, for whoever named both."""
    found = []
    for firm in access.own_firms(session, person):
        number = how_many(session, firm.id or 0)
        if number:
            title = ngettext(
                "%(num)s pair of firms may be one firm",
                "%(num)s pairs of firms may be one firm",
                number,
            )
            text = _("Among the firms that %(firm)s named.", firm=firm.name)
            here = url_for("same_firm.queue", firm=firm.id)
            found.append(Task(title, text, here, _("Look at them"), "attention", 40))
    return found


TASKS.append(pairs_to_judge)
