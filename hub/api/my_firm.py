"""The API of one's own firm: its data, its suppliers, and who says that it supplies them."""

from datetime import datetime
from typing import Literal

from flask import Response
from flask_openapi import APIBlueprint, Tag
from pydantic import BaseModel, Field
from sqlmodel import Session, col

from hub.accounts import record
from hub.api.answers import LARGEST, Asked, Listing, answered
from hub.api.problems import problem
from hub.web.asking import hub_here, say, who
from supplychain.by_hand import Faults, read_firm, read_supplier
from supplychain.errors import LinkNotFound
from supplychain.services.declarations import answer_link, take_back
from supplychain.services.descriptions import described
from supplychain.services.own_word import name_supplier, say_of_itself
from supplychain.services.partners import named_by, own_supplier, own_suppliers, own_words
from supplychain.services.voices import ear_of, links_as_heard
from supplychain.tables import Firm, Link

_tag = Tag(name="own firm", description="What a firm says of itself and of its suppliers")
api = APIBlueprint("my_firm_api", __name__, url_prefix="/api/v1", abp_tags=[_tag])


class LinkPath(BaseModel):
    """The number of a link."""

    link: int = Field(ge=1, le=LARGEST)


class FirmTold(Asked):
    """A firm as people write it: a number with dashes, a region's name. Empty: not told."""

    name: str = Field(max_length=400)
    brn: str = Field("", max_length=40)
    country: str = Field("", max_length=10)
    region: str = Field("", max_length=200)
    process: str = Field("", max_length=80)
    employees: str = Field("", max_length=20)
    sector: str = Field("", max_length=40)


class SupplierTold(FirmTold):
    """A supplier, what it delivers, the part of what you buy of it in per cent, whom to ask."""

    item: str = Field("", max_length=400)
    share: str = Field("", max_length=20)
    email: str = Field("", max_length=300)
    contact: str = Field("", max_length=200)


class Answer(Asked):
    """Whether your firm supplies them."""

    answer: Literal["yes", "no"]


class FirmSaid(BaseModel):
    """Your firm as its partners read it. Not `joined`: what others told of it."""

    id: int
    name: str
    brn: str | None
    country: str
    region: str
    process: str
    employees: int | None
    sector: str
    joined: bool


class LinkSaid(BaseModel):
    """A delivery: the other firm, the item, what you said yourself ("holds", "denied") or null."""

    id: int
    partner: int
    name: str
    brn: str | None
    item: str
    share: float | None
    standing: str
    own: str | None
    since: datetime


class LinksSaid(BaseModel):
    """A page of them."""

    links: list[LinkSaid]
    after: int | None


@api.get("/own-firm", responses={200: FirmSaid})
def own_firm(query: Asked) -> Response:
    """What your firm says of itself."""
    with hub_here().db.reading() as session:
        return _firm_said(session, query.own(session))


@api.put("/own-firm", responses={200: FirmSaid})
def tell(body: FirmTold) -> Response:
    """Say who your firm is; what was said before is kept. The same again changes nothing."""
    told, faults = read_firm(_texts(body))
    if faults:
        return _refused(faults)
    with hub_here().db.work() as session:
        firm = body.own(session)
        say_of_itself(session, firm, told, who().handle)
        record(session, who().handle, "firm.described", str(firm.id))
        return _firm_said(session, firm)


@api.get("/own-suppliers", responses={200: LinksSaid})
def suppliers(query: Listing) -> Response:
    """The deliveries to your firm that it declares itself."""
    with hub_here().db.reading() as session:
        firm = query.own(session)
        links = own_suppliers(firm).where(col(Link.id) > query.after).order_by(None)
        rows = list(session.exec(links.order_by(col(Link.id)).limit(query.limit)))
        return _links_said(session, firm, rows, query.limit)


@api.post("/own-suppliers", responses={200: LinksSaid})
def declare_supplier(body: SupplierTold) -> Response:
    """Name a supplier of your firm. The same one named again changes nothing."""
    told, faults = read_supplier(_texts(body))
    if faults:
        return _refused(faults)
    with hub_here().db.work() as session:
        firm = body.own(session)
        link = name_supplier(session, firm, told, who().handle)
        record(session, who().handle, "supplier.declared", str(link.id), firm=firm.id)
        return _links_said(session, firm, [link], 2)


@api.delete("/own-suppliers/<int:link>", responses={204: None})
def end_supplier(path: LinkPath, query: Asked) -> Response:
    """They supply your firm no more; the link stays in the history."""
    with hub_here().db.work() as session:
        firm = query.own(session)
        take_back(session, firm, own_supplier(session, firm, path.link))
        record(session, who().handle, "supplier.ended", str(path.link), firm=firm.id)
    return Response(status=204)


@api.get("/own-customers", responses={200: LinksSaid})
def customers(query: Listing) -> Response:
    """The deliveries of your firm, whoever declares them."""
    with hub_here().db.reading() as session:
        firm = query.own(session)
        links = (
            named_by(firm, ear_of(session, firm.id or 0))
            .where(col(Link.id) > query.after)
            .order_by(None)
        )
        rows = list(session.exec(links.order_by(col(Link.id)).limit(query.limit)))
        return _links_said(session, firm, rows, query.limit)


@api.post("/own-customers/<int:link>", responses={200: LinksSaid})
def answer(path: LinkPath, body: Answer) -> Response:
    """Say whether your firm supplies them."""
    stance = "holds" if body.answer == "yes" else "denied"
    with hub_here().db.work() as session:
        firm = body.own(session)
        link = session.exec(
            named_by(firm, ear_of(session, firm.id or 0)).where(Link.id == path.link)
        ).first()
        if link is None:
            raise LinkNotFound(link=path.link)
        answer_link(session, firm, link, stance=stance, actor=who().handle)
        record(session, who().handle, "link.answered", str(link.id), firm=firm.id, stance=stance)
        return _links_said(session, firm, [link], 2)


def _texts(body: FirmTold) -> dict[str, str]:
    return {field: value for field, value in body.model_dump().items() if isinstance(value, str)}


def _refused(faults: Faults) -> Response:
    """Everything that is wrong with it, by field."""
    told = [{"place": field, "reason": say(fault)} for field, fault in faults.items()]
    detail = "; ".join(f"{fault['place']}: {fault['reason']}" for fault in told)
    return problem(422, "InvalidRequest", detail, faults=told)


def _firm_said(session: Session, firm: Firm) -> Response:
    facts = described(session, firm.id or 0, [firm.id or 0])[firm.id or 0]
    fields = {name: getattr(facts, name) for name in FirmSaid.model_fields if name != "id"}
    return answered(FirmSaid(id=firm.id or 0, **fields))


def _links_said(session: Session, firm: Firm, rows: list[Link], limit: int) -> Response:
    ends = {row.id: row.buyer_id if row.supplier_id == firm.id else row.supplier_id for row in rows}
    facts = described(session, firm.id or 0, set(ends.values()))
    own = own_words(session, firm, rows)
    heard = links_as_heard(session, ear_of(session, firm.id or 0), rows)
    said = [
        LinkSaid(
            id=row.id or 0,
            partner=ends[row.id],
            name=facts[ends[row.id]].name,
            brn=facts[ends[row.id]].brn,
            item=row.item,
            share=heard[row.id or 0].share,
            standing=heard[row.id or 0].standing,
            own=own[row.id or 0].stance if row.id in own else None,
            since=heard[row.id or 0].since,
        )
        for row in rows
    ]
    return answered(LinksSaid(links=said, after=said[-1].id if len(said) == limit else None))
