"""Webhooks: where programs of a firm are told of events, and the log of what went there."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hub import access, access_hooks, hooks
from hub.errors import HubError
from hub.hook_events import DELIVERY_EVENTS, ROLLOUT_EVENTS, VERSION_EVENTS, WAVE_EVENTS
from hub.web.asking import hub_here, say, who
from hub.web.hook_words import event_in_words
from hub.web.pages import number_asked, page_of
from supplychain.tables import Firm

bp = Blueprint("hooks", __name__, url_prefix="/rollouts/hooks")
bp.record_once(lambda state: state.app.jinja_env.filters.update(event=event_in_words))

GROUPS = (ROLLOUT_EVENTS, WAVE_EVENTS, DELIVERY_EVENTS, VERSION_EVENTS)


@bp.get("")
def listing() -> str:
    """The webhooks of my firms, and a form for another one."""
    return _listing()


@bp.post("")
def add() -> ResponseReturnValue:
    """Add one; its secret is shown on the page that answers, and never again."""
    form = request.form
    url, events = form.get("url", "").strip(), form.getlist("event")
    try:
        wanted = hooks.checked(hub_here(), url, events)
        with hub_here().db.work() as session:
            firm = _firm(session, form.get("firm", ""))
            hook, told = hooks.add(session, firm, url, wanted, who().handle)
            number = hook.id or 0
            secret = hooks.secret_of(hub_here(), hook) if told else ""
    except HubError as error:
        return _listing(fault=say(error), url=url, events=events), 422
    if not told:
        flash(_("There is a webhook for this address already."))
        return redirect(url_for(".one", hook_id=number))
    return _one(number, secret=secret)


@bp.get("/<int:hook_id>")
def one(hook_id: int) -> str:
    """One webhook: what it is told, how it stands, its log."""
    return _one(hook_id)


@bp.post("/<int:hook_id>/events")
def choose(hook_id: int) -> ResponseReturnValue:
    """Choose of which events it is told."""
    named = [each for group in GROUPS for each in group if each in request.form.getlist("event")]
    with hub_here().db.work() as session:
        hook = access_hooks.own_hook(session, who(), hook_id, alone=True)
        hooks.choose(session, hook, hooks.known(named), who().handle)
    flash(_("Saved."))
    return redirect(url_for(".one", hook_id=hook_id))


@bp.post("/<int:hook_id>/<any(on, off):state>")
def switch(hook_id: int, state: str) -> ResponseReturnValue:
    """Switch it on or off."""
    with hub_here().db.work() as session:
        hook = access_hooks.own_hook(session, who(), hook_id, alone=True)
        hooks.switch(session, hook, who().handle, on=state == "on")
    return redirect(url_for(".one", hook_id=hook_id))


@bp.post("/<int:hook_id>/test")
def ping(hook_id: int) -> ResponseReturnValue:
    """Send a test message."""
    try:
        with hub_here().db.work() as session:
            hook = access_hooks.own_hook(session, who(), hook_id, alone=True)
            hooks.ping(session, hook, who().handle)
        flash(_("A test message is on its way. Look at the log in a moment."))
    except HubError as error:
        if isinstance(error, LookupError):
            raise
        flash(say(error), "error")
    return redirect(url_for(".one", hook_id=hook_id))


@bp.post("/<int:hook_id>/secret")
def renew(hook_id: int) -> str:
    """A new secret, shown on the page that answers, and never again."""
    with hub_here().db.work() as session:
        hook = access_hooks.own_hook(session, who(), hook_id, alone=True)
        hooks.renew_secret(session, hook, who().handle)
        secret = hooks.secret_of(hub_here(), hook)
    return _one(hook_id, secret=secret)


@bp.post("/<int:hook_id>/remove")
def remove(hook_id: int) -> ResponseReturnValue:
    """Remove it with its log."""
    with hub_here().db.work() as session:
        hook = access_hooks.own_hook(session, who(), hook_id, alone=True)
        hooks.remove(session, hook, who().handle)
    flash(_("The webhook was removed."))
    return redirect(url_for(".listing"))


@bp.post("/<int:hook_id>/messages/<int:message_id>/again")
def replay(hook_id: int, message_id: int) -> ResponseReturnValue:
    """Send one message once more."""
    try:
        with hub_here().db.work() as session:
            hook = access_hooks.own_hook(session, who(), hook_id, alone=True)
            row = access_hooks.hook_message(session, hook, message_id)
            hooks.replay(session, hook, row, who().handle)
        flash(_("The message is sent again."))
    except HubError as error:
        if isinstance(error, LookupError):
            raise
        flash(say(error), "error")
    return redirect(url_for(".one", hook_id=hook_id))


def _firm(session: Any, asked: str) -> int:
    firms = access.publishing_firms(session, who())
    number = int(asked) if asked.isdecimal() and len(asked) < 10 else firms[0].id or 0
    access.may_publish_for(who(), number)
    return number


def _listing(**more: Any) -> str:
    with hub_here().db.reading() as session:
        found = access_hooks.firms_with_hooks(session, who())
        firms = access.publishing_firms(session, who())
        return render_template(
            "hooks/hooks.html",
            hooks=found,
            counts=hooks.counts_of(session, found),
            firms=firms,
            names={firm.id: firm.name for firm in firms},
            groups=GROUPS,
            most=hooks.MOST,
            **{"fault": "", "url": "", "events": [], **more},
        )


def _one(hook_id: int, secret: str = "") -> str:
    with hub_here().db.reading() as session:
        hook = access_hooks.own_hook(session, who(), hook_id)
        state = request.args.get("state", "")
        return render_template(
            "hooks/hook.html",
            hook=hook,
            secret=secret,
            firm=session.get_one(Firm, hook.firm_id),
            counts=hooks.counts_of(session, [hook])[hook_id],
            page=page_of(session, hooks.log_of(hook, state), number_asked(), size=25),
            state=state,
            groups=GROUPS,
        )
