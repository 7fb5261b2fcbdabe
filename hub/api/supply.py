"""The API of sheets, firms, links and tiers: each for one lead firm that the asker looks after."""

import io
from typing import Any

from flask import Response, request
from flask_openapi import APIBlueprint, Tag
from pydantic import BaseModel, Field

from hub import access
from hub.accounts import record
from hub.web.asking import hub_here, say, who
from supplychain.reading import read_sheet
from supplychain.services.network import Place, TierMap, tier_map
from supplychain.services.sheets import TakenIn, kept_faults, note_sheet, take_in_sheet
from supplychain.sheet import Limits
from supplychain.tables import Sheet, SheetFault

_tag = Tag(name="supply", description="Supplier sheets, firms, links and tiers")
api = APIBlueprint("supply_api", __name__, url_prefix="/api/v1", abp_tags=[_tag])


class Chain(BaseModel):
    """Whose chain: the number of a lead firm; the first of yours if not given."""

    lead: int | None = Field(None, ge=1, le=2**31 - 1)


class Listing(Chain):
    """Where a page begins: `after` as the page before gave it."""

    after: int = Field(0, ge=0, le=2**31 - 1)
    limit: int = Field(100, ge=1, le=1000)


class SheetAsked(Chain):
    """The file's name, the tab of a workbook, and whether only to look."""

    file: str = Field(min_length=1, max_length=200)
    tab: str = Field("", max_length=100)
    dry_run: bool = False


class FirmSaid(BaseModel):
    """A firm of the chain; `also` lists every tier at which it delivers."""

    id: int
    name: str
    brn: str | None
    tier: int
    also: list[int]
    region: str
    process: str
    employees: int | None
    level: int | None
    in_circle: bool


class LinkSaid(BaseModel):
    """A supplier and its buyer, by the numbers of the firms."""

    supplier: int
    buyer: int


class FaultSaid(BaseModel):
    """What was wrong with a cell; `rows` where the same stands in several."""

    row: int
    column: str
    value: str
    kind: str
    reason: str
    row_taken_in: bool
    rows: int


class SheetSaid(BaseModel):
    """What came of a sheet. Rows by what they told: new, changed, unchanged, faulty."""

    id: int | None
    file: str
    rows: dict[str, int]
    firms_new: int
    links_new: int
    faults: list[FaultSaid]


class Firms(BaseModel):
    """A page of firms; `after` asks for the next one, None at the end."""

    firms: list[FirmSaid]
    after: int | None


class Links(BaseModel):
    """A page of links; `after` asks for the next one, None at the end."""

    links: list[LinkSaid]
    after: int | None


class Hidden(BaseModel):
    """Firms that have not shown their names to you: only how many."""

    tier: int
    region: str
    sector: str
    firms: int


class Tiers(BaseModel):
    """How many firms stand in each tier, circles of supply, and who is only counted."""

    lead: int
    tiers: dict[str, int]
    links: int
    circles: list[list[int]]
    diamond_ratio: float | None
    hidden: list[Hidden]


@api.get("/firms", responses={200: Firms})
def firms(query: Listing) -> Response:
    """Firms of the chain that you may see by name, in the order of their numbers."""
    places = sorted(_seen(query).places.items())
    page = [place for number, place in places if number > query.after][: query.limit]
    said = [_firm_said(place) for place in page]
    return _json(Firms(firms=said, after=said[-1].id if len(said) == query.limit else None))


@api.get("/links", responses={200: Links})
def links(query: Listing) -> Response:
    """Links of the chain, in a steady order; `after` counts them."""
    page = _seen(query).links[query.after : query.after + query.limit]
    after = query.after + query.limit if len(page) == query.limit else None
    said = [LinkSaid(supplier=supplier, buyer=buyer) for supplier, buyer in page]
    return _json(Links(links=said, after=after))


@api.get("/tiers", responses={200: Tiers})
def tiers(query: Chain) -> Response:
    """Firms in each tier of the chain."""
    seen = _seen(query)
    return _json(
        Tiers(
            lead=seen.lead.id or 0,
            tiers={str(tier): count for tier, count in seen.counts.items()},
            links=len(seen.links),
            circles=[sorted(circle) for circle in seen.circles],
            diamond_ratio=seen.diamond_ratio,
            hidden=[
                Hidden(tier=each.tier, region=each.region, sector=each.sector, firms=count)
                for each, count in seen.hidden
            ],
        )
    )


@api.post("/sheets", responses={201: SheetSaid})
def take_in(query: SheetAsked) -> Response:
    """Take a sheet in: the body is the file. Sending it again changes nothing.

    422 where nothing of the file can be used; single bad rows are in the answer.
    """
    hub, content = hub_here(), request.get_data()
    limits = Limits(megabytes=hub.settings.max_upload_mb)
    reading = read_sheet(io.BytesIO(content), query.file, tab=query.tab, limits=limits)
    if not query.dry_run:
        hub.store.put(content)
    with hub.db.work() as session:
        lead = access.lead_firm(session, who(), str(query.lead or ""))
        sheet = note_sheet(
            session, lead, content, reading, file_name=query.file, actor=who().handle
        )
        taken = take_in_sheet(session, sheet, reading)
        said = _sheet_said(sheet, taken)
        if query.dry_run:
            said.id = None
            session.rollback()
        else:
            detail: dict[str, Any] = {"sheet": sheet.id, **taken.rows}
            record(session, who().handle, "sheet.taken-in", query.file, **detail)
    return _json(said, 201)


def _seen(query: Chain) -> TierMap:
    with hub_here().db.reading() as session:
        lead = access.lead_firm(session, who(), str(query.lead or ""))
        seen = tier_map(session, lead.id or 0)
        session.expunge_all()
        return seen


def _firm_said(place: Place) -> FirmSaid:
    told = place.firm.model_dump(include={"id", "name", "brn", "region", "process", "employees"})
    return FirmSaid(
        **told, tier=place.tier, also=place.also, level=place.level, in_circle=place.in_circle
    )


def _sheet_said(sheet: Sheet, taken: TakenIn) -> SheetSaid:
    return SheetSaid(
        id=sheet.id,
        file=sheet.file_name,
        rows={word: taken.rows[word] for word in ("new", "changed", "unchanged", "faulty")},
        firms_new=taken.firms_new,
        links_new=taken.links_new,
        faults=[_fault_said(fault) for fault in kept_faults(sheet, taken.faults)],
    )


def _fault_said(fault: SheetFault) -> FaultSaid:
    return FaultSaid(
        row=fault.row,
        column=fault.column,
        value=fault.value,
        kind=fault.kind,
        reason=say(fault.error),
        row_taken_in=not fault.refuses,
        rows=fault.rows,
    )


def _json(answer: BaseModel, status: int = 200) -> Response:
    return Response(answer.model_dump_json(), status, mimetype="application/json")
