"""Technology-data agreements of one's firm, either side: shown, downloaded, ended."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlmodel import Session

from hub import answering
from hub.web.asking import hub_here, say, who
from hub.web.pages import number_asked, page_of
from sharing import terms
from sharing.consent_errors import AgreementOver
from sharing.services import agreements
from sharing.tables import Agreement

bp = Blueprint("agreements", __name__, url_prefix="/agreements")


@bp.get("/")
def listing() -> str:
    """What my firm has agreed to, with whom, since when."""
    with hub_here().db.reading() as rows:
        page = page_of(rows, agreements.agreements_of(_firms()), number_asked(), size=25)
        told = [agreements.told(rows, row, viewer_of(row)) for row in page.items]
        return render_template("agreements/agreements.html", page=page, agreements=told)


@bp.get("/<int:number>")
def one(number: int) -> str:
    """Its text, and what happened to it."""
    with hub_here().db.reading() as rows:
        return _page(rows, agreements.agreement_of(rows, number, _firms()))


def _page(rows: Session, row: Agreement) -> str:
    return render_template(
        "agreements/agreement.html",
        one=agreements.told(rows, row, viewer_of(row)),
        parts=agreements.parts_of(rows, row, viewer_of(row)),
        side=side_of(row),
    )


@bp.get("/<int:number>.txt")
def download(number: int) -> Response:
    """The text as it was agreed to, with who agreed when, as a file."""
    with hub_here().db.reading() as rows:
        row = agreements.agreement_of(rows, number, _firms())
        text = written(rows, row)
    answer = Response(text, mimetype="text/plain; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="agreement-{number}.txt"'
    return answer


@bp.post("/<int:number>/end")
def end(number: int) -> ResponseReturnValue:
    """Leave it: no more offers, and the model is removed from the receiver's plants."""
    try:
        with hub_here().db.work() as rows:
            row = agreements.agreement_of(rows, number, _firms())
            answering.end(rows, row, side_of(row), who().handle, request.form.get("reason", ""))
    except AgreementOver as error:
        flash(say(error), "error")
        return redirect(url_for(".one", number=number))
    flash(_("Ended. The model is removed from the plants when their PCs next reach the hub."))
    return redirect(url_for(".one", number=number))


@bp.post("/<int:number>/reopen")
def reopen(number: int) -> ResponseReturnValue:
    """Take the end back: the model may be offered again."""
    try:
        with hub_here().db.work() as rows:
            row = agreements.agreement_of(rows, number, _firms())
            answering.reopen(rows, row, side_of(row), who().handle)
    except AgreementOver as error:
        flash(say(error), "error")
        return redirect(url_for(".one", number=number))
    flash(_("The model may be offered again. It needs a new consent."))
    return redirect(url_for(".one", number=number))


def _firms() -> set[int]:
    return who().firms("vendor", "publisher")


def side_of(row: Agreement) -> str:
    """On which side of it the asker is; the receiver's where on both."""
    return "receiver" if who().has("vendor", row.receiver_firm_id) else "provider"


def viewer_of(row: Agreement) -> int:
    """The firm for which the asker reads it."""
    return row.receiver_firm_id if side_of(row) == "receiver" else row.provider_firm_id


def written(rows: Session, row: Agreement) -> str:
    """The agreement as a text file. The other side's people are not named: firms agree."""
    told = agreements.told(rows, row, viewer_of(row))
    kept = [event.text for event in told.events if event.text]
    text = (
        kept[-1]
        if kept
        else terms.as_text(row.terms, agreements.parts_of(rows, row, viewer_of(row)))
    )
    names = {row.provider_firm_id: told.provider, row.receiver_firm_id: told.receiver}
    words = {
        "offered": "제안 / offered",
        "accepted": "동의 / accepted",
        "refused": "거절 / refused",
        "ended": "종료 / ended",
        "reopened": "종료 취소 / end taken back",
    }
    lines = [f"{row.provided_at:%Y-%m-%d %H:%M} UTC  {words['offered']}  {told.provider}"]
    lines += [
        f"{event.at:%Y-%m-%d %H:%M} UTC  {words.get(event.what, event.what)}  "
        f"{names[event.firm_id]}  ({event.terms})"
        for event in told.events
    ]
    return f"{text}\n\n---\n" + "\n".join(lines) + "\n"
