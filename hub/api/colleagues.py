"""The API of who speaks for a firm: listed, asked in, removed."""

from datetime import datetime
from typing import Literal

from flask import Response
from flask_openapi import APIBlueprint, Tag
from pydantic import BaseModel, Field
from sqlmodel import Session

from hub import access, colleagues
from hub.api.answers import LARGEST, Asked, answered
from hub.labs_process import end_labs_of
from hub.web.asking import hub_here, who
from hub.web.colleagues import asking_of, removed

_tag = Tag(name="own firm", description="What a firm says of itself and of its suppliers")
api = APIBlueprint("colleagues_api", __name__, url_prefix="/api/v1/colleagues", abp_tags=[_tag])


class Colleague(Asked):
    """Whom to ask in: an e-mail address, a name, the language of the mail."""

    email: str = Field(max_length=300)
    name: str = Field("", max_length=100)
    locale: Literal["ko", "en"] = "ko"


class Invited(Asked):
    """The number of an invitation."""

    invitation: int = Field(ge=1, le=LARGEST)


class Person(Asked):
    """A person's handle, as the list gives it."""

    person: str = Field(max_length=60)


class PersonSaid(BaseModel):
    """Somebody who speaks for the firm."""

    person: str
    name: str
    email: str


class InvitedSaid(BaseModel):
    """Somebody who was asked in and has not answered."""

    id: int
    email: str
    name: str
    expires_at: datetime


class Colleagues(BaseModel):
    """Who speaks for the firm, and who was asked to."""

    people: list[PersonSaid]
    invited: list[InvitedSaid]


@api.get("", responses={200: Colleagues})
def listing(query: Asked) -> Response:
    """Who speaks for your firm, and whose answer is waited for."""
    return answered(_said(query))


@api.post("", responses={201: Colleagues})
def ask_in(body: Colleague) -> Response:
    """Ask a colleague in by a mail with a link. At most once a day for the same person."""
    with hub_here().db.work() as rows:
        asking = asking_of(rows, body.own(rows))
        colleagues.ask_in(rows, asking, body.email, name=body.name, locale=body.locale)
    return answered(_said(body), 201)


@api.post("/take-back", responses={200: Colleagues})
def take_back(query: Invited) -> Response:
    """Take an invitation back: its link opens no more."""
    with hub_here().db.work() as rows:
        colleagues.take_back(rows, query.own(rows), query.invitation, who().handle)
    return answered(_said(query))


@api.post("/remove", responses={200: Colleagues})
def remove(query: Person) -> Response:
    """Somebody speaks for the firm no more. 422 for the last one."""
    with hub_here().db.work() as rows:
        lost = removed(rows, query.own(rows), query.person)
        said = _of(rows, query)
    if lost:
        end_labs_of(hub_here(), query.person)
    return answered(said)


def _said(asked: Asked) -> Colleagues:
    with hub_here().db.reading() as rows:
        return _of(rows, asked)


def _of(rows: Session, asked: Asked) -> Colleagues:
    firm = asked.own(rows).id or 0
    return Colleagues(
        people=[
            PersonSaid(person=each.handle, name=each.name, email=each.email)
            for each in access.speak_for(rows, firm)
        ],
        invited=[
            InvitedSaid(
                id=each.id or 0, email=each.email, name=each.name, expires_at=each.expires_at
            )
            for each in colleagues.asked_in(rows, firm)
        ],
    )
