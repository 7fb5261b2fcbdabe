"""The API of declarations: what the firms of a link say about it, and one's own answer."""

from datetime import datetime
from typing import Literal

from flask import Response
from flask_openapi import APIBlueprint, Tag
from pydantic import BaseModel, Field
from sqlmodel import col

from hub.accounts import record
from hub.api.answers import LARGEST, Asked, Listing, answered
from hub.web.asking import hub_here, who
from hub.web.declarations import Seen, seen_sides
from supplychain.services.declarations import (
    Words,
    answer_link,
    link_to_settle,
    links_to_settle,
    take_back,
)
from supplychain.services.voices import ear_of
from supplychain.tables import Link

_tag = Tag(name="declarations", description="What the two firms of a link say about it")
api = APIBlueprint("declarations_api", __name__, url_prefix="/api/v1", abp_tags=[_tag])


class Listed(Listing):
    """For which firm, which links, and where a page begins."""

    standing: Literal["", "open", "confirmed", "contradicted"] = ""


class LinkPath(BaseModel):
    """The number of a link."""

    link: int = Field(ge=1, le=LARGEST)


class Answer(Asked):
    """What a firm says: the link holds, does not, or nothing any more ("back").

    `share`: per cent of the buyer's purchases of the item.
    """

    stance: Literal["holds", "denied", "back"]
    share: float | None = Field(None, ge=0, le=100)
    note: str = Field("", max_length=400)


class SaidBy(BaseModel):
    """One living statement. Shares and notes are left out for a third firm."""

    stance: str
    share: float | None
    note: str
    at: datetime


class Declared(BaseModel):
    """A link with what its supplier, its buyer and you say about it now."""

    link: int
    supplier: int
    supplier_name: str
    buyer: int
    buyer_name: str
    item: str
    standing: str
    role: str
    supplier_says: SaidBy | None
    buyer_says: SaidBy | None
    you_say: SaidBy | None


class Declarations(BaseModel):
    """A page of links; `after` asks for the next one, None at the end."""

    links: list[Declared]
    after: int | None


@api.get("/declarations", responses={200: Declarations})
def declarations(query: Listed) -> Response:
    """Links of which your firm is an end, or which it named, in the order of their numbers."""
    with hub_here().db.reading() as session:
        firm = query.own(session)
        ear = ear_of(session, firm.id or 0)
        found = links_to_settle([firm.id or 0], query.standing, ear).order_by(None)
        page = found.where(col(Link.id) > query.after).order_by(col(Link.id)).limit(query.limit)
        links = list(session.exec(page))
        said = [_declared(each) for each in seen_sides(session, firm, links)]
    return answered(
        Declarations(links=said, after=said[-1].link if len(said) == query.limit else None)
    )


@api.post("/declarations/<int:link>", responses={200: Declared})
def answer(path: LinkPath, body: Answer) -> Response:
    """Answer for a link. The same answer again changes nothing."""
    with hub_here().db.work() as session:
        firm = body.own(session)
        link = link_to_settle(session, [firm.id or 0], path.link, ear_of(session, firm.id or 0))
        if body.stance == "back":
            take_back(session, firm, link)
        else:
            answer_link(
                session,
                firm,
                link,
                stance=body.stance,
                share=body.share,
                note=body.note.strip(),
                actor=who().handle,
            )
        detail = {"firm": firm.id, "stance": body.stance}
        record(session, who().handle, "link.answered", str(link.id), **detail)
        said = _declared(seen_sides(session, firm, [link])[0])
    return answered(said)


def _declared(seen: Seen) -> Declared:
    link, private = seen.link, not seen.role
    return Declared(
        link=link.id or 0,
        supplier=link.supplier_id,
        supplier_name=seen.supplier.name,
        buyer=link.buyer_id,
        buyer_name=seen.buyer.name,
        item=link.item,
        standing=seen.heard.standing,
        role=seen.role,
        supplier_says=_now(seen.sides.supplier, private=private),
        buyer_says=_now(seen.sides.buyer, private=private),
        you_say=_now([Words(seen.own, None)], private=False) if seen.own else None,
    )


def _now(words: list[Words], *, private: bool) -> SaidBy | None:
    told = next((each.declaration for each in words if each.declaration.ended is None), None)
    if told is None:
        return None
    share, note = (None, "") if private else (told.share, told.note)
    return SaidBy(stance=told.stance, share=share, note=note, at=told.at)
