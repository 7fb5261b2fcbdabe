"""The API of a plant's owner: offers, standing answers, time slots, agreements."""

from datetime import date, datetime
from typing import Any, Literal

from flask import Response
from flask_openapi import APIBlueprint, Tag
from pydantic import BaseModel, Field
from sqlmodel import Session, col

from hub import access, answering
from hub.api.answers import LARGEST, Cursor, answered, page_of
from hub.api.listed import rows_of
from hub.web.agreements import side_of, viewer_of
from hub.web.asking import hub_here, who
from sharing.consent_tables import StandingConsent
from sharing.services import agreements as agreement_service
from sharing.services import owners
from sharing.services import standing as standing_service
from sharing.services.plant import coming_of
from sharing.tables import Agreement, Delivery
from sharing.terms import Part
from supplychain.tables import Site

_tag = Tag(name="offers", description="Offers to your plants, and how you answer them")
api = APIBlueprint("offers_api", __name__, url_prefix="/api/v1", abp_tags=[_tag])


class Listing(Cursor):
    """Which of your offers: all, or those in one state; and where a page begins."""

    state: str = Field("", max_length=12)


class OfferPath(BaseModel):
    """Which offer."""

    delivery: int = Field(ge=1, le=LARGEST)


class ConsentPath(BaseModel):
    """Which standing answer."""

    consent: int = Field(ge=1, le=LARGEST)


class SitePath(BaseModel):
    """Which plant."""

    site: int = Field(ge=1, le=LARGEST)


class AgreementPath(BaseModel):
    """Which agreement."""

    number: int = Field(ge=1, le=LARGEST)


class AcceptAsked(BaseModel):
    """To accept is to agree to the agreement: its name has to be said, as the offer tells it."""

    terms: str = Field(max_length=40)


class DeclineAsked(BaseModel):
    """Why not: a code, and your own words."""

    why: Literal["", "later", "no_need", "no_values", "no_people", "terms", "other"] = ""
    reason: str = Field("", max_length=300)


class LetInAsked(BaseModel):
    """Take fixes like this offer without asking: of its model, or of its publisher."""

    delivery: int = Field(ge=1, le=LARGEST)
    scope: Literal["model", "publisher"] = "model"
    upto: Literal["patch", "minor"] = "patch"


class SlotSaid(BaseModel):
    """When versions may begin to run; equal times are the whole day, Monday is 0."""

    begin: str = Field("00:00", alias="from", max_length=5)
    end: str = Field("00:00", alias="to", max_length=5)
    zone: str = Field("Asia/Seoul", max_length=60)
    weekdays: list[int] = Field(default_factory=lambda: list(range(7)), max_length=7)
    not_before: date | None = None


class SlotAsked(BaseModel):
    """The slot; none at all is any time."""

    slot: SlotSaid | None = None


class PartSaid(BaseModel):
    """A clause of the agreement."""

    code: str
    title: dict[str, str]
    text: dict[str, str]


class AgreementSaid(BaseModel):
    """An agreement: between whom, under which text, how it stands."""

    id: int
    model: str
    provider: str
    receiver: str
    terms: str
    state: str
    accepted_at: datetime | None
    ended_at: datetime | None
    ended_by_side: str
    parts: list[PartSaid] | None = None


class OfferSaid(BaseModel):
    """An offer to a plant, or what became of it."""

    id: int
    model: str
    version: str
    provider: str
    site: int
    site_name: str
    state: str
    reason: str
    answer_by: datetime | None
    agreement: AgreementSaid | None
    card: dict[str, Any] | None = None


class Offers(BaseModel):
    """A page of offers; `after` asks for the next one, None at the end."""

    offers: list[OfferSaid]
    after: int | None


class ConsentSaid(BaseModel):
    """A standing answer and what it was used for."""

    id: int
    firm: int
    publisher: str
    model: str | None
    upto: str
    terms: str
    given_at: datetime
    withdrawn_at: datetime | None
    used_for: list[int]


class Consents(BaseModel):
    """A page of standing answers; `after` asks for the next one."""

    standing: list[ConsentSaid]
    after: int | None


class SiteSlot(BaseModel):
    """A plant and its slot; none is any time."""

    site: int
    name: str
    slot: dict[str, Any] | None


class Slots(BaseModel):
    """Your plants' slots; `after` asks for the next page."""

    slots: list[SiteSlot]
    after: int | None


class Agreements(BaseModel):
    """A page of agreements; `after` asks for the next one."""

    agreements: list[AgreementSaid]
    after: int | None


class EndAsked(BaseModel):
    """Why, for the other side."""

    reason: str = Field("", max_length=300)


@api.get("/offers", responses={200: Offers})
def offers(query: Listing) -> Response:
    """Offers to your plants, in the order in which they were made."""
    with hub_here().db.reading() as session:
        rows = access.own_deliveries(who())
        if query.state:
            rows = rows.where(Delivery.state == query.state)
        page, after = rows_of(session, rows, col(Delivery.id), query)
        said = [_offer(session, row) for row in page]
        return answered(Offers(offers=said, after=after))


@api.get("/offers/<int:delivery>", responses={200: OfferSaid})
def offer(path: OfferPath) -> Response:
    """One offer with its card and the agreement, clause by clause."""
    with hub_here().db.reading() as session:
        row = access.own_delivery(session, who(), path.delivery)
        return answered(_offer(session, row, whole=True))


@api.post("/offers/<int:delivery>/accept", responses={200: OfferSaid})
def accept(path: OfferPath, body: AcceptAsked) -> Response:
    """Accept an offer and its agreement. 422 where the agreement is another text than you name."""
    with hub_here().db.work() as session:
        row = access.own_delivery(session, who(), path.delivery)
        answering.accept_terms(session, row, who().handle, body.terms)
        return answered(_offer(session, row))


@api.post("/offers/<int:delivery>/decline", responses={200: OfferSaid})
def decline(path: OfferPath, body: DeclineAsked) -> Response:
    """Decline an offer; it can still be accepted while it stands."""
    with hub_here().db.work() as session:
        row = access.own_delivery(session, who(), path.delivery)
        answering.decline(session, row, who().handle, body.why, body.reason)
        return answered(_offer(session, row))


@api.get("/standing-answers", responses={200: Consents})
def standing(query: Cursor) -> Response:
    """What is accepted for you without asking, with those that were withdrawn."""
    with hub_here().db.reading() as session:
        rows = standing_service.consents_of(who().firms("vendor"), living=False)
        page, after = rows_of(session, rows, col(StandingConsent.id), query)
        said = [_consent(session, row) for row in page]
        return answered(Consents(standing=said, after=after))


@api.post("/standing-answers", responses={201: ConsentSaid})
def let_in(body: LetInAsked) -> Response:
    """From now on take fixes without asking; the same again is the same."""
    with hub_here().db.work() as session:
        row = access.own_delivery(session, who(), body.delivery)
        firm = access.own_site(session, who(), row.site_id).firm_id
        made = answering.let_in(session, firm, row, body.scope, body.upto, who().handle)
        return answered(_consent(session, made), 201)


@api.post("/standing-answers/<int:consent>/withdraw", responses={200: ConsentSaid})
def withdraw(path: ConsentPath) -> Response:
    """Be asked again."""
    with hub_here().db.work() as session:
        row = standing_service.consent_by_id(session, path.consent, who().firms("vendor"))
        answering.withdraw(session, row, who().handle)
        return answered(_consent(session, row))


@api.get("/time-slots", responses={200: Slots})
def slots(query: Cursor) -> Response:
    """When versions may begin to run at your plants."""
    with hub_here().db.reading() as session:
        page, after = page_of(access.own_sites(session, who()), lambda site: site.id, query)
        said = [_slot(session, site) for site in page]
        return answered(Slots(slots=said, after=after))


@api.put("/time-slots/<int:site>", responses={200: SiteSlot})
def set_slot(path: SitePath, body: SlotAsked) -> Response:
    """Set a plant's slot; without one, versions begin to run as soon as they are ready."""
    with hub_here().db.work() as session:
        site = access.own_site(session, who(), path.site)
        told = body.slot.model_dump(mode="json", by_alias=True) if body.slot else None
        answering.set_slot(session, site, told, who().handle)
        return answered(_slot(session, site))


@api.get("/agreements", responses={200: Agreements})
def agreements(query: Cursor) -> Response:
    """The agreements of your firms, either side."""
    with hub_here().db.reading() as session:
        rows = agreement_service.agreements_of(who().firms("vendor", "publisher"))
        page, after = rows_of(session, rows, col(Agreement.id), query)
        said = [_agreement(session, row) for row in page]
        return answered(Agreements(agreements=said, after=after))


@api.post("/agreements/<int:number>/end", responses={200: AgreementSaid})
def end_agreement(path: AgreementPath, body: EndAsked) -> Response:
    """Leave an agreement: no more offers, and the model is removed from the receiver's plants."""
    with hub_here().db.work() as session:
        firms = who().firms("vendor", "publisher")
        row = agreement_service.agreement_of(session, path.number, firms)
        answering.end(session, row, side_of(row), who().handle, body.reason)
        return answered(_agreement(session, row))


def _offer(session: Session, row: Delivery, *, whole: bool = False) -> OfferSaid:
    coming = coming_of(session, row)
    agreement = session.get(Agreement, row.agreement_id) if row.agreement_id else None
    return OfferSaid(
        id=row.id or 0,
        model=coming.model.slug,
        version=coming.version.number,
        provider=coming.provider.name,
        site=row.site_id,
        site_name=coming.site.name,
        state=row.state,
        reason=row.reason,
        answer_by=row.deadline if row.state == "offered" else None,
        agreement=_agreement(session, agreement, whole=whole) if agreement else None,
        card=coming.version.card if whole else None,
    )


def _agreement(session: Session, row: Agreement, *, whole: bool = False) -> AgreementSaid:
    told = agreement_service.told(session, row, viewer_of(row))
    parts = agreement_service.parts_of(session, row, viewer_of(row)) if whole else None
    return AgreementSaid(
        id=row.id or 0,
        model=told.model.slug,
        provider=told.provider,
        receiver=told.receiver,
        terms=row.terms,
        state=told.state,
        accepted_at=row.accepted_at,
        ended_at=row.ended_at,
        ended_by_side=row.ended_side,
        parts=[_part(part) for part in parts] if parts is not None else None,
    )


def _part(part: Part) -> PartSaid:
    return PartSaid(code=part.code, title=part.title._asdict(), text=part.text._asdict())


def _consent(session: Session, row: StandingConsent) -> ConsentSaid:
    told = standing_service.told(session, row)
    return ConsentSaid(
        id=row.id or 0,
        firm=row.firm_id,
        publisher=told.publisher.name,
        model=told.model.slug if told.model else None,
        upto=row.upto,
        terms=row.terms,
        given_at=row.given_at,
        withdrawn_at=row.withdrawn_at,
        used_for=[use.delivery_id for use, *_ in told.uses],
    )


def _slot(session: Session, site: Site) -> SiteSlot:
    return SiteSlot(site=site.id or 0, name=site.name, slot=owners.slot_of(session, site.id or 0))
