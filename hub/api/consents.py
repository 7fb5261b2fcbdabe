"""The API of who sees a firm: viewers, what each of them sees, opening and closing."""

from datetime import datetime

from flask import Response
from flask_openapi import APIBlueprint, Tag
from pydantic import BaseModel, Field
from sqlmodel import Session

from hub.accounts import record
from hub.api.answers import LARGEST, Asked, Listing, answered
from hub.web.asking import hub_here, who
from supplychain.services import consents
from supplychain.services.descriptions import described
from supplychain.services.merging import root_of
from supplychain.tables import Consent, Firm

_tag = Tag(name="consents", description="Who may see a firm by name")
api = APIBlueprint("consents_api", __name__, url_prefix="/api/v1", abp_tags=[_tag])


class ViewerPath(BaseModel):
    """The number of the firm that looks."""

    viewer: int = Field(ge=1, le=LARGEST)


class Opening(Asked):
    """The number of the firm to open to: a customer, or one in whose name you were invited."""

    to: int = Field(ge=1, le=LARGEST)


class ViewerSaid(BaseModel):
    """A firm that may see yours, or to which you may open it. `sees`: it does so now, by name.

    `reasons`: "customer", "supplier", "named" (in its own list), "inviter", "opened".
    """

    id: int
    name: str
    reasons: list[str]
    since: datetime
    opened_at: datetime | None
    may_open: bool
    sees: bool


class ViewersSaid(BaseModel):
    """A page of them; `strangers` more have named your firm in lists of their own."""

    viewers: list[ViewerSaid]
    strangers: int
    after: int | None


class ConsentSaid(BaseModel):
    """What was opened to a firm, and closed again. `name` null: not yours to know any more."""

    id: int
    to: int | None
    name: str | None
    given_at: datetime
    withdrawn_at: datetime | None


class History(BaseModel):
    """A page of it, in the order in which it was opened."""

    consents: list[ConsentSaid]
    after: int | None


class SeenLinkSaid(BaseModel):
    """A delivery of yours as the other firm sees it."""

    supplier: int
    buyer: int
    item: str
    share: float | None
    standing: str


class PreviewSaid(BaseModel):
    """What a firm sees of yours. Not `named`: it only counts it.

    `name` and the rest null: it reads nothing of your own word, but what it wrote down itself.
    """

    viewer: int
    named: bool
    name: str | None
    brn: str | None
    region: str | None
    process: str | None
    employees: int | None
    links: list[SeenLinkSaid]


@api.get("/viewers", responses={200: ViewersSaid})
def viewers(query: Listing) -> Response:
    """Firms that may see yours by name, and those to which you may open it."""
    with hub_here().db.reading() as session:
        found = consents.viewers(session, query.own(session).id or 0)
        rows = sorted(found.known, key=lambda viewer: viewer.facts.firm_id)
        page = [row for row in rows if row.facts.firm_id > query.after][: query.limit]
        said = [_viewer_said(viewer) for viewer in page]
        after = said[-1].id if len(said) == query.limit else None
        return answered(ViewersSaid(viewers=said, strangers=found.strangers, after=after))


@api.get("/viewers/<int:viewer>", responses={200: PreviewSaid})
def preview(path: ViewerPath, query: Asked) -> Response:
    """What a firm that you know sees of yours at this moment."""
    with hub_here().db.reading() as session:
        seen = consents.preview(session, query.own(session).id or 0, path.viewer)
        facts = seen.facts
        return answered(
            PreviewSaid(
                viewer=seen.viewer.firm_id,
                named=seen.named,
                name=facts.name if facts else None,
                brn=facts.brn if facts else None,
                region=facts.region if facts else None,
                process=facts.process if facts else None,
                employees=facts.employees if facts else None,
                links=[
                    SeenLinkSaid(
                        supplier=link.supplier,
                        buyer=link.buyer,
                        item=link.item,
                        share=link.share,
                        standing=link.standing,
                    )
                    for link in seen.links
                ],
            )
        )


@api.get("/consents", responses={200: History})
def history(query: Listing) -> Response:
    """Everything that your firm ever opened, and closed again."""
    with hub_here().db.reading() as session:
        firm = query.own(session)
        rows = sorted(consents.history(session, firm.id or 0), key=lambda row: row.id or 0)
        page = [row for row in rows if (row.id or 0) > query.after][: query.limit]
        said = _consents_said(session, firm, page)
        return answered(
            History(consents=said, after=said[-1].id if len(said) == query.limit else None)
        )


@api.post("/consents", responses={200: ConsentSaid})
def give(body: Opening) -> Response:
    """Open your firm to another, from this moment; again changes nothing."""
    with hub_here().db.work() as session:
        firm = body.own(session)
        row = consents.give(session, firm.id or 0, body.to, who().handle)
        record(session, who().handle, "firm.opened", str(firm.id), to=body.to)
        return answered(_consents_said(session, firm, [row])[0])


@api.delete("/consents/<int:viewer>", responses={204: None})
def withdraw(path: ViewerPath, query: Asked) -> Response:
    """Close what was opened to a firm, from this moment; again changes nothing."""
    with hub_here().db.work() as session:
        firm = query.own(session)
        if consents.withdraw(session, firm.id or 0, path.viewer, who().handle) is not None:
            record(session, who().handle, "firm.closed", str(firm.id), to=path.viewer)
    return Response(status=204)


def _viewer_said(viewer: consents.Viewer) -> ViewerSaid:
    return ViewerSaid(
        id=viewer.facts.firm_id,
        name=viewer.facts.name,
        reasons=list(viewer.reasons),
        since=viewer.since,
        opened_at=viewer.opened.given_at if viewer.opened else None,
        may_open=viewer.may_open,
        sees=viewer.sees,
    )


def _consents_said(session: Session, firm: Firm, rows: list[Consent]) -> list[ConsentSaid]:
    others = {row.id: root_of(session, row.to_id) for row in rows}
    nameable = consents.nameable_by(session, firm.id or 0) & set(others.values())
    names = described(session, firm.id or 0, nameable)
    return [
        ConsentSaid(
            id=row.id or 0,
            to=others[row.id] if others[row.id] in names else None,
            name=names[others[row.id]].name if others[row.id] in names else None,
            given_at=row.given_at,
            withdrawn_at=row.withdrawn_at,
        )
        for row in rows
    ]
