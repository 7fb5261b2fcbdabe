"""The API of who has joined: whether one knows them, and whose voice counts."""

from datetime import datetime
from typing import Literal

from flask import Response
from flask_openapi import APIBlueprint, Tag
from pydantic import BaseModel, Field

from hub.accounts import record
from hub.api.answers import LARGEST, Asked, Cursor, Listing, answered, page_of
from hub.web.asking import hub_here, who
from supplychain.errors import FirmNotFound
from supplychain.services.vouching import Known, answer, asked_of, decide, joined_firms

_tag = Tag(name="vouching", description="Who has come to speak for a firm, and who knows them")
api = APIBlueprint("vouching_api", __name__, url_prefix="/api/v1", abp_tags=[_tag])


class FirmPath(BaseModel):
    """The number of the firm that somebody has come to speak for."""

    firm_id: int = Field(ge=1, le=LARGEST)


class Said(Asked):
    """Whether your firm knows who speaks for it. `since`: as it was listed when you looked."""

    stance: Literal["yes", "no", "later"]
    note: str = Field("", max_length=400)
    since: datetime | None = None


class Decision(BaseModel):
    """What an administrator decides. `since`: as it was listed when you looked."""

    state: Literal["new", "confirmed", "suspended"]
    note: str = Field("", max_length=400)
    since: datetime | None = None


class JoinedSaid(BaseModel):
    """A firm that has joined, asked in by another. `stance`: "", "yes", "no", "later".

    `supplier`, `customer`: what it is to yours.
    """

    id: int
    name: str
    since: datetime
    stance: str
    supplier: bool
    customer: bool


class AllJoined(BaseModel):
    """A page of them."""

    firms: list[JoinedSaid]
    after: int | None


class StateListing(Cursor):
    """`state`: "new", "confirmed", "suspended"; all if not given."""

    state: Literal["", "new", "confirmed", "suspended"] = ""


class VoiceSaid(BaseModel):
    """Whose voice counts: how many firms say that they know who speaks for it, and that not."""

    id: int
    name: str
    brn: str | None
    state: str
    since: datetime | None
    known_by: int
    unknown_to: int


class Voices(BaseModel):
    """A page of them."""

    voices: list[VoiceSaid]
    after: int | None


@api.get("/joined", responses={200: AllJoined})
def joined(query: Listing) -> Response:
    """Firms of which yours is asked whether it knows who speaks for them, by number."""
    with hub_here().db.reading() as session:
        found = asked_of(session, query.own(session).id or 0)
        page, after = page_of(found, lambda row: row.facts.firm_id, query)
        said = [
            JoinedSaid(
                id=row.facts.firm_id,
                name=row.facts.name,
                since=row.since,
                stance=row.stance,
                supplier=row.supplies,
                customer=row.buys,
            )
            for row in page
        ]
    return answered(AllJoined(firms=said, after=after))


@api.post("/joined/<int:firm_id>", responses={204: None})
def say(path: FirmPath, body: Said) -> Response:
    """Say whether your firm knows who speaks for another. The same again changes nothing."""
    with hub_here().db.work() as session:
        firm = body.own(session)
        answer(
            session,
            firm.id or 0,
            path.firm_id,
            body.stance,
            who().handle,
            note=body.note.strip(),
            seen=body.since,
        )
        record(session, who().handle, f"voice.{body.stance}", str(path.firm_id), firm=firm.id)
    return Response(status=204)


@api.get("/voices", responses={200: Voices})
def voices(query: StateListing) -> Response:
    """For an administrator: firms that have joined, and how many know who speaks for them."""
    with hub_here().db.reading() as session:
        rows = joined_firms(session, query.state, after=query.after, limit=query.limit)
        said = [_voice_said(row) for row in rows]
    return answered(Voices(voices=said, after=said[-1].id if len(said) == query.limit else None))


@api.post("/voices/<int:firm_id>", responses={200: VoiceSaid})
def decide_voice(path: FirmPath, body: Decision) -> Response:
    """For an administrator: confirm a voice, suspend it, or have those asked that know the firm."""
    with hub_here().db.work() as session:
        decide(session, path.firm_id, body.state, body.note.strip(), seen=body.since)
        record(session, who().handle, f"voice.{body.state}", str(path.firm_id))
        found = joined_firms(session, after=path.firm_id - 1, limit=1)
        said = next((_voice_said(each) for each in found if each.firm.id == path.firm_id), None)
        if said is None:
            raise FirmNotFound(firm=path.firm_id)
    return answered(said)


def _voice_said(row: Known) -> VoiceSaid:
    return VoiceSaid(
        id=row.firm.id or 0,
        name=row.firm.name,
        brn=row.firm.brn,
        state=row.state,
        since=row.since,
        known_by=row.yes,
        unknown_to=row.no,
    )
