"""The API of requests to be let see: whom one asked, who asks, and the answer."""

from datetime import datetime

from flask import Response
from flask_openapi import APIBlueprint, Tag
from pydantic import BaseModel, Field

from hub import seeing
from hub.accounts import record
from hub.api.answers import LARGEST, Asked, Listing, answered, page_of
from hub.web.asking import hub_here, who
from supplychain.services.sight_requests import wanted_of, wishes, withdraw

_tag = Tag(name="sight requests", description="Asking firms on the way to open themselves")
api = APIBlueprint("sight_requests_api", __name__, url_prefix="/api/v1", abp_tags=[_tag])


class RequestPath(BaseModel):
    """The number of a request."""

    request_id: int = Field(ge=1, le=LARGEST)


class Wish(Asked):
    """Whom to ask: a firm of your map that has joined, by its number."""

    to: int = Field(ge=1, le=LARGEST)
    note: str = Field("", max_length=400)


class Answer(Asked):
    """Whether your firm opens itself; `onward`: its own suppliers are asked, too."""

    agrees: bool
    onward: bool = False


class WishSaid(BaseModel):
    """A firm that can be asked. `state`: "", "waiting", "opened", "closed", "declined"."""

    firm: int
    name: str
    tier: int
    state: str
    asked_at: datetime | None
    request: int | None


class WishesSaid(BaseModel):
    """A page of them."""

    firms: list[WishSaid]
    after: int | None


class WantedSaid(BaseModel):
    """A request that waits for your firm's answer. `via`: the customer that passed it on."""

    id: int
    by: int
    name: str
    via: int | None
    via_name: str | None
    note: str
    asked_at: datetime


class AllWanted(BaseModel):
    """A page of them."""

    requests: list[WantedSaid]
    after: int | None


class Done(BaseModel):
    """A request and its state."""

    id: int
    state: str


@api.get("/sight-requests", responses={200: WishesSaid})
def sent(query: Listing) -> Response:
    """Suppliers with a name that have joined: whether they were asked, and what they said."""
    with hub_here().db.reading() as session:
        found = wishes(session, query.own(session).id or 0)
        page, after = page_of(found, lambda row: row.facts.firm_id, query)
        said = [
            WishSaid(
                firm=row.facts.firm_id,
                name=row.facts.name,
                tier=row.tier,
                state=row.state,
                asked_at=row.asked_at,
                request=row.request_id,
            )
            for row in page
        ]
    return answered(WishesSaid(firms=said, after=after))


@api.get("/sight-requests/received", responses={200: AllWanted})
def received(query: Listing) -> Response:
    """Requests that wait for your firm's answer."""
    with hub_here().db.reading() as session:
        found = wanted_of(session, query.own(session).id or 0)
        page, after = page_of(found, lambda row: row.request.id, query)
        said = [
            WantedSaid(
                id=row.request.id or 0,
                by=row.by.firm_id,
                name=row.by.name,
                via=row.via.firm_id if row.via else None,
                via_name=row.via.name if row.via else None,
                note=row.request.note,
                asked_at=row.request.asked_at,
            )
            for row in page
        ]
    return answered(AllWanted(requests=said, after=after))


@api.post("/sight-requests", responses={200: Done})
def ask(body: Wish) -> Response:
    """Ask a firm to open itself to yours. Asked twice, it is asked once."""
    with hub_here().db.work() as session:
        firm = body.own(session)
        settings, note = hub_here().settings, body.note.strip()
        row = seeing.ask(session, settings, firm.id or 0, body.to, who().handle, note)
        return answered(Done(id=row.id or 0, state=row.state))


@api.post("/sight-requests/<int:request_id>/answer", responses={200: Done})
def answer(path: RequestPath, body: Answer) -> Response:
    """Open your firm to whoever asked, or decline. The same answer again changes nothing."""
    with hub_here().db.work() as session:
        row = seeing.answer(
            session,
            hub_here().settings,
            body.own(session).id or 0,
            path.request_id,
            who().handle,
            agrees=body.agrees,
            onward=body.onward,
        )
        return answered(Done(id=row.id or 0, state=row.state))


@api.delete("/sight-requests/<int:request_id>", responses={204: None})
def take_back(path: RequestPath, query: Asked) -> Response:
    """Take a request back that waits; again changes nothing."""
    with hub_here().db.work() as session:
        firm = query.own(session)
        withdraw(session, firm.id or 0, path.request_id)
        record(session, who().handle, "sight.withdrawn", str(path.request_id), firm=firm.id)
    return Response(status=204)
