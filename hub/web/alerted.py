"""An alert as a firm meets it that has not joined: read and answered by a link, without an account.

An answer uses the link up; the page then says what was answered.
"""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlmodel import Session

from hub import alerting
from hub.accounts import record
from hub.web import by_link
from hub.web.alert_forms import answer_of
from hub.web.alert_words import ASKS, DELIVERS, deliver_options, kind
from hub.web.alerts import post_here
from hub.web.asking import hub_here, say
from supplychain.addresses import address_hash
from supplychain.alert_errors import AlertLinkUnknown
from supplychain.alert_tables import Alert, AlertReceipt
from supplychain.errors import SupplyChainError
from supplychain.services import alerts
from supplychain.services.alert_running import running_of
from supplychain.services.firms import firm_by_id
from supplychain.services.merging import roots
from supplychain.tables import MailRefusal

bp = Blueprint("alerted", __name__, url_prefix="/alerted")


@dataclass(frozen=True)
class Letter:
    """What the reader of a link may know: the alert, its own part, who wrote to it."""

    alert: Alert
    own: AlertReceipt
    sender: str
    asked: bool

    @property
    def open(self) -> bool:
        """Whether an answer is still taken by this link."""
        return self.alert.state == "open" and self.own.link_used_at is None

    @property
    def may_end(self) -> bool:
        """Whether it is for this reader to say that it is over."""
        answered = self.own.link_used_at is not None and self.own.resolved_at is None
        return self.alert.state == "open" and self.own.cause and answered


by_link.keep_secret(
    bp,
    AlertLinkUnknown,
    lambda error: render_template("alerts/no_link.html", sentence=say(error)),
)


@bp.get("/<token>")
def letter(token: str) -> str:
    """What happened, who asks, what is asked."""
    return _page(token)


@bp.post("/<token>/acknowledge")
def acknowledge(token: str) -> ResponseReturnValue:
    """Say that it was read, and answer later by the same link."""
    return _change(token, "alert.acknowledged", only_read=True)


@bp.post("/<token>/answer")
def answer(token: str) -> ResponseReturnValue:
    """Answer; the link is used up by it."""
    return _change(token, "alert.answered", only_read=False)


@bp.post("/<token>/over")
def over(token: str) -> ResponseReturnValue:
    """Say that it is over: the firm that it comes from may, after it has answered."""
    try:
        with hub_here().db.work() as rows:
            _receipt(rows, token)
            said = request.form.get("outcome", "")
            own = alerting.resolve_by_link(rows, post_here(), token[:200], said)
            record(rows, alerts.LINK, "alert.resolved", f"alert {own.alert_id}")
    except SupplyChainError as error:
        if isinstance(error, LookupError):
            raise
        return _page(token, say(error)), 422
    flash(_("Thank you. Your word is noted."))
    return redirect(url_for(".letter", token=token))


@bp.post("/<token>/never")
def never(token: str) -> ResponseReturnValue:
    """No more mails to this address, from no firm on the hub."""
    with hub_here().db.work() as rows:
        own = _receipt(rows, token)
        if own.email and rows.get(MailRefusal, address_hash(own.email)) is None:
            rows.add(MailRefusal(email_hash=address_hash(own.email)))
        record(rows, alerts.LINK, "alert.refused-mails", f"alert {own.alert_id}")
    flash(_("No firm on the hub can write to this address any more."))
    return redirect(url_for(".letter", token=token))


def _change(token: str, action: str, *, only_read: bool) -> ResponseReturnValue:
    try:
        with hub_here().db.work() as rows:
            _receipt(rows, token)
            said = None if only_read else answer_of(request.form)
            own = alerts.answer_by_link(rows, token[:200], said)
            record(rows, alerts.LINK, action, f"alert {own.alert_id}")
    except SupplyChainError as error:
        if isinstance(error, LookupError):
            raise
        return _page(token, say(error)), 422
    flash(_("Thank you. Your word is noted."))
    return redirect(url_for(".letter", token=token))


def _page(token: str, problem: str = "") -> str:
    with hub_here().db.reading() as rows:
        own = _receipt(rows, token)
        by_link.speak(own.locale)
        alert = rows.get_one(Alert, own.alert_id)
        course = running_of(rows, alert).course
        one = roots(rows).get(own.firm_id, own.firm_id)
        found = Letter(
            alert=alert,
            own=own,
            sender=firm_by_id(rows, own.asked_by_id or alert.by_id).name,
            asked=course.asks(one),
        )
        return render_template(
            "alerts/letter.html",
            token=token,
            letter=found,
            problem=problem,
            given=request.form,
            words={"asks": ASKS, "delivers": DELIVERS, "deliver_options": deliver_options()},
            kind=kind,
        )


def _receipt(rows: Session, token: str) -> AlertReceipt:
    return by_link.found_by(rows, alerts.receipt_by_secret, token, AlertLinkUnknown)
