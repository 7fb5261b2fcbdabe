"""The API of webhooks: addresses of your own programs that the hub tells of events."""

import json
from datetime import datetime
from typing import Any, Literal

from flask import Response, request
from flask_openapi import APIBlueprint, Tag
from pydantic import BaseModel, Field
from sqlmodel import Session, col

from hub import access, access_hooks, hooks
from hub.api.answers import LARGEST, Cursor, answered
from hub.api.listed import Shorter, rows_of
from hub.hook_tables import Hook, HookMessage
from hub.web.asking import hub_here, who
from sharing.services.rollouts import key_of

_tag = Tag(name="webhooks", description="Signed messages to your own programs")
api = APIBlueprint("hooks_api", __name__, url_prefix="/api/v1", abp_tags=[_tag])


class HookPath(BaseModel):
    """Which webhook."""

    hook_id: int = Field(ge=1, le=LARGEST)


class MessagePath(HookPath):
    """Which message to it."""

    message_id: int = Field(ge=1, le=LARGEST)


class HookAsked(BaseModel):
    """A webhook to add. No events named: all. `firm`: the first of yours if not given."""

    url: str = Field(min_length=1, max_length=500)
    events: list[str] = Field([], max_length=50)
    firm: int | None = Field(None, ge=1, le=LARGEST)


class HookChanged(BaseModel):
    """What to change of a webhook; what is not given stays."""

    events: list[str] | None = Field(None, max_length=50)
    state: Literal["on", "off"] | None = None


class HookSaid(BaseModel):
    """A webhook. `secret` is told once: where it is added, or renewed."""

    id: int
    firm: int
    url: str
    events: list[str]
    state: str
    note: str
    counts: dict[str, int]
    failing_since: datetime | None
    created_at: datetime
    secret: str | None = None


class MessageSaid(BaseModel):
    """A message: what was sent, and what the receiver answered last."""

    id: int
    event_id: str
    type: str
    state: str
    tries: int
    status: int | None
    problem: str
    happened_at: datetime
    due_at: datetime
    sent_at: datetime | None
    body: dict[str, Any]


class Hooks(BaseModel):
    """A page of webhooks; `after` asks for the next one, None at the end."""

    hooks: list[HookSaid]
    after: int | None


class Messages(BaseModel):
    """A page of messages in their order; `after` asks for the next one, None at the end."""

    messages: list[MessageSaid]
    after: int | None


@api.get("/hooks", responses={200: Hooks})
def listing(query: Shorter) -> Response:
    """The webhooks of your firms."""
    with hub_here().db.reading() as session:
        page, after = rows_of(session, access_hooks.own_hooks(who()), col(Hook.id), query)
        return answered(Hooks(hooks=[hook_said(session, each) for each in page], after=after))


@api.post("/hooks", responses={200: HookSaid, 201: HookSaid})
def add(body: HookAsked) -> Response:
    """Add a webhook. An address that the firm has already is answered with 200, and no secret.

    With an Idempotency-Key, asking again under it tells the secret again.
    """
    wanted = hooks.checked(hub_here(), body.url, body.events)
    key = key_of(who().handle, request.headers.get("Idempotency-Key", ""))
    with hub_here().db.work() as session:
        firm = body.firm or access.publishing_firms(session, who())[0].id or 0
        access.may_publish_for(who(), firm)
        hook, told = hooks.add(session, firm, body.url, wanted, who().handle, key)
        secret = hooks.secret_of(hub_here(), hook) if told else None
        return answered(hook_said(session, hook, secret), 201 if told else 200)


@api.get("/hooks/<int:hook_id>", responses={200: HookSaid})
def one(path: HookPath) -> Response:
    """One webhook."""
    with hub_here().db.reading() as session:
        return answered(hook_said(session, access_hooks.own_hook(session, who(), path.hook_id)))


@api.patch("/hooks/<int:hook_id>", responses={200: HookSaid})
def change(path: HookPath, body: HookChanged) -> Response:
    """Choose other events, or switch it on or off."""
    with hub_here().db.work() as session:
        hook = access_hooks.own_hook(session, who(), path.hook_id, alone=True)
        if body.events is not None:
            hooks.choose(session, hook, hooks.known(body.events), who().handle)
        if body.state is not None:
            hooks.switch(session, hook, who().handle, on=body.state == "on")
        return answered(hook_said(session, hook))


@api.delete("/hooks/<int:hook_id>")
def remove(path: HookPath) -> Response:
    """Remove a webhook with its log."""
    with hub_here().db.work() as session:
        hook = access_hooks.own_hook(session, who(), path.hook_id, alone=True)
        hooks.remove(session, hook, who().handle)
    return Response(status=204)


@api.post("/hooks/<int:hook_id>/secret", responses={200: HookSaid})
def renew(path: HookPath) -> Response:
    """Make a new secret; the old one is good for nothing from now on."""
    with hub_here().db.work() as session:
        hook = access_hooks.own_hook(session, who(), path.hook_id, alone=True)
        hooks.renew_secret(session, hook, who().handle)
        return answered(hook_said(session, hook, hooks.secret_of(hub_here(), hook)))


@api.post("/hooks/<int:hook_id>/test", responses={202: MessageSaid})
def ping(path: HookPath) -> Response:
    """Put a test message on its way; the Idempotency-Key header makes asking twice safe."""
    key = key_of(who().handle, request.headers.get("Idempotency-Key", ""))
    with hub_here().db.work() as session:
        hook = access_hooks.own_hook(session, who(), path.hook_id, alone=True)
        return answered(message_said(hooks.ping(session, hook, who().handle, key)), 202)


@api.get("/hooks/<int:hook_id>/messages", responses={200: Messages})
def messages(path: HookPath, query: Cursor) -> Response:
    """The log of a webhook, in order."""
    with hub_here().db.reading() as session:
        hook = access_hooks.own_hook(session, who(), path.hook_id)
        page, after = rows_of(session, hooks.log_of(hook), col(HookMessage.id), query)
        return answered(Messages(messages=[message_said(each) for each in page], after=after))


@api.post("/hooks/<int:hook_id>/messages/<int:message_id>/again", responses={202: MessageSaid})
def replay(path: MessagePath) -> Response:
    """Send one message once more, under the number that it had."""
    with hub_here().db.work() as session:
        hook = access_hooks.own_hook(session, who(), path.hook_id, alone=True)
        row = access_hooks.hook_message(session, hook, path.message_id)
        hooks.replay(session, hook, row, who().handle)
        return answered(message_said(row), 202)


def hook_said(session: Session, hook: Hook, secret: str | None = None) -> HookSaid:
    """A webhook as programs read it."""
    return HookSaid(
        id=hook.id or 0,
        firm=hook.firm_id,
        url=hook.url,
        events=hook.events,
        state=hook.state,
        note=hook.note,
        counts=hooks.counts_of(session, [hook])[hook.id or 0],
        failing_since=hook.failing_since,
        created_at=hook.created_at,
        secret=secret,
    )


def message_said(row: HookMessage) -> MessageSaid:
    """A message as programs read it."""
    return MessageSaid(
        id=row.id or 0,
        event_id=row.event_id,
        type=row.type,
        state=row.state,
        tries=row.tries,
        status=row.status,
        problem=row.problem,
        happened_at=row.happened_at,
        due_at=row.due_at,
        sent_at=row.sent_at,
        body=json.loads(row.body),
    )
