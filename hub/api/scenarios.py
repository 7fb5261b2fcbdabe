"""The API of what-if: ask without keeping, keep under a name, share, and who could stand in."""

from datetime import datetime

from flask import Response
from flask_openapi import APIBlueprint, Tag
from pydantic import BaseModel, Field
from sqlmodel import Session, col, select

from hub import access
from hub.accounts import record
from hub.api.answers import LARGEST, Cursor, answered
from hub.api.scenario_answers import Asked, HiddenSaid, Said, answer_said, hidden_said
from hub.scenario_rows import certified_firms, own_scenario, shared_scenario
from hub.web.asking import hub_here, who
from hub.web.what_if_words import why
from supplychain.scenario_question import Question
from supplychain.scenario_tables import Scenario
from supplychain.services import scenarios
from supplychain.services.alternates import stand_ins
from supplychain.services.scenario_chain import chain_seen
from supplychain.services.what_if import answer, worst_singles
from supplychain.tables import Firm

_tag = Tag(name="what-if", description="What happens when firms stop, and who could stand in")
api = APIBlueprint("scenarios_api", __name__, url_prefix="/api/v1", abp_tags=[_tag])


class Of(BaseModel):
    """Whose chain: the number of a firm of yours; the first of them if not given."""

    lead: int | None = Field(None, ge=1, le=LARGEST)

    def own(self, session: Session) -> Firm:
        """The firm for which the asker speaks."""
        return access.own_firm(session, who(), str(self.lead or ""))


class Listing(Of, Cursor):
    """Whose, and where a page begins: `after` as the page before gave it."""


class SingleSaid(BaseModel):
    """A firm whose stop alone, `days` long, costs you `lost` days of output from day `first`."""

    id: int
    name: str
    tier: int
    days: int
    lost: float
    first: int
    direct: bool


class Singles(BaseModel):
    """The worst first.

    `deliveries_without_item`: all of them to one buyer count as the same item, so a stop hurts less
    here than it may.
    """

    firms: list[SingleSaid]
    after: int | None
    deliveries: int
    deliveries_without_item: int


class ScenarioSaid(BaseModel):
    """A question under a name."""

    id: int
    name: str
    asked: Asked
    made_at: datetime
    changed_at: datetime
    shared_with: list[int]


class Scenarios(BaseModel):
    """A page of scenarios; `after` asks for the next one, null at the end."""

    scenarios: list[ScenarioSaid]
    after: int | None


class Saving(Of):
    """A question to be kept."""

    name: str = Field(min_length=1, max_length=100)
    asked: Asked


class Changing(BaseModel):
    """A new name, a new question, or both."""

    name: str | None = Field(None, min_length=1, max_length=100)
    asked: Asked | None = None


class ScenarioPath(BaseModel):
    """The number of a scenario."""

    scenario_id: int = Field(ge=1, le=LARGEST)


class ToPath(ScenarioPath):
    """A scenario, and the partner firm."""

    to_id: int = Field(ge=1, le=LARGEST)


class SharePath(BaseModel):
    """The number under which a partner shares a scenario with you."""

    share_id: int = Field(ge=1, le=LARGEST)


class SharedSaid(BaseModel):
    """What a partner shares with you."""

    id: int
    name: str
    by: int
    since: datetime


class SharedList(BaseModel):
    """All of them, the newest first."""

    shared: list[SharedSaid]


class Alone(Listing):
    """`least`: days of output that a stop has to cost; `strangers`: no direct partners.

    `recovery`: where a firm has told how long it needs to recover, it stops so long.
    """

    days: int = Field(Question.days, ge=1, le=365)
    recovery: bool = False
    stock: float = Field(Question.stock, ge=0, le=365)
    least: float = Field(0.0, ge=0, le=365)
    strangers: bool = False


class StandIn(Of):
    """For which firm, or for which item."""

    firm: int | None = Field(None, ge=1, le=LARGEST)
    item: str = Field("", max_length=200)


class AlternateSaid(BaseModel):
    """A firm that could stand in; `why` gives the reasons in words, `reasons` as codes."""

    id: int
    name: str
    tier: int
    reasons: list[str]
    why: list[str]


class Alternates(BaseModel):
    """The best first, at most a hundred. `left_out` fit, but stop or are hit themselves."""

    items: list[str]
    alternates: list[AlternateSaid]
    left_out: int
    hidden: list[HiddenSaid]


@api.post("/what-if", responses={200: Said})
def ask(query: Of, body: Asked) -> Response:
    """Ask without keeping anything."""
    with hub_here().db.reading() as session:
        return answered(answer_said(answer(session, query.own(session).id or 0, body.question())))


@api.get("/what-if/alone", responses={200: Singles})
def alone(query: Alone) -> Response:
    """Which single firms could stop your line, the worst first."""
    question = Question(days=query.days, stock=query.stock, recovery=query.recovery)
    with hub_here().db.reading() as session:
        chain = chain_seen(session, query.own(session).id or 0, query.stock)
        partners = chain.seen.sight.partners
        found = [
            SingleSaid(
                id=one.place.number,
                name=one.place.name,
                tier=one.place.tier,
                days=one.days,
                lost=round(one.lost, 6),
                first=one.first,
                direct=one.place.number in partners,
            )
            for one in worst_singles(chain, question)
            if one.lost >= query.least and not (query.strangers and one.place.number in partners)
        ]
        links, without = len(chain.lines), chain.without_item
    rest = found[query.after :]
    after = query.after + query.limit if len(rest) > query.limit else None
    return answered(
        Singles(
            firms=rest[: query.limit],
            after=after,
            deliveries=links,
            deliveries_without_item=without,
        )
    )


@api.get("/alternates", responses={200: Alternates})
def alternates(query: StandIn) -> Response:
    """Who could stand in for a firm, or deliver an item, and why in this order."""
    with hub_here().db.reading() as session:
        lead = query.own(session).id or 0
        certified = certified_firms(session, lead)
        found = stand_ins(session, lead, query.firm, query.item, certified=certified)
        return answered(
            Alternates(
                items=found.items,
                alternates=[
                    AlternateSaid(
                        id=each.candidate.number,
                        name=found.places[each.candidate.number].name,
                        tier=found.places[each.candidate.number].tier,
                        reasons=list(each.reasons),
                        why=why(each),
                    )
                    for each in found.found[:100]
                ],
                left_out=len(found.left_out),
                hidden=[hidden_said(group) for group in found.hidden],
            )
        )


@api.get("/scenarios", responses={200: Scenarios})
def listing(query: Listing) -> Response:
    """The scenarios of your firm, by their numbers."""
    with hub_here().db.reading() as session:
        own = select(Scenario).where(Scenario.firm_id == query.own(session).id)
        page = own.where(col(Scenario.id) > query.after).order_by(col(Scenario.id))
        rows = session.exec(page.limit(query.limit)).all()
        said = [_scenario(session, row) for row in rows]
    after = said[-1].id if len(said) == query.limit else None
    return answered(Scenarios(scenarios=said, after=after))


@api.post("/scenarios", responses={201: ScenarioSaid})
def save(body: Saving) -> Response:
    """Keep a question under a name; sent again, it is the one that there is."""
    with hub_here().db.work() as session:
        firm = body.own(session)
        row = scenarios.save(session, firm.id or 0, body.name, body.asked.question(), who().handle)
        record(session, who().handle, "scenario.saved", f"scenario {row.id}")
        return answered(_scenario(session, row), 201)


@api.get("/scenarios/shared", responses={200: SharedList})
def shared_list(query: Of) -> Response:
    """What partners share with your firm."""
    with hub_here().db.reading() as session:
        found = scenarios.shared_with(session, query.own(session).id or 0)
        said = [
            SharedSaid(id=there.id or 0, name=row.name, by=row.firm_id, since=there.at)
            for there, row in found
        ]
        return answered(SharedList(shared=said))


@api.get("/scenarios/shared/<int:share_id>", responses={200: Said})
def shared(path: SharePath) -> Response:
    """The answer of a shared scenario, from what your own firm sees; 404 where that is nothing."""
    with hub_here().db.reading() as session:
        firm, row = shared_scenario(session, who(), path.share_id)
        found = scenarios.answer_shared(session, firm.id or 0, row)
        return answered(answer_said(found, asker_knows=False))


@api.get("/scenarios/<int:scenario_id>", responses={200: ScenarioSaid})
def one(path: ScenarioPath) -> Response:
    """A scenario of your firm."""
    with hub_here().db.reading() as session:
        _firm, row = own_scenario(session, who(), path.scenario_id)
        return answered(_scenario(session, row))


@api.get("/scenarios/<int:scenario_id>/answer", responses={200: Said})
def answer_of(path: ScenarioPath) -> Response:
    """What happens, from what your firm sees at this moment."""
    with hub_here().db.reading() as session:
        firm, row = own_scenario(session, who(), path.scenario_id)
        return answered(answer_said(answer(session, firm.id or 0, scenarios.asked_in(row))))


@api.patch("/scenarios/<int:scenario_id>", responses={200: ScenarioSaid})
def change(path: ScenarioPath, body: Changing) -> Response:
    """Give it another name, or ask something else under its name."""
    with hub_here().db.work() as session:
        _firm, row = own_scenario(session, who(), path.scenario_id)
        scenarios.change(session, row, body.name, body.asked.question() if body.asked else None)
        record(session, who().handle, "scenario.changed", f"scenario {row.id}")
        return answered(_scenario(session, row))


@api.delete("/scenarios/<int:scenario_id>", responses={204: None})
def delete(path: ScenarioPath) -> Response:
    """Take it away, from partners, too."""
    with hub_here().db.work() as session:
        _firm, row = own_scenario(session, who(), path.scenario_id)
        scenarios.delete(session, row)
        record(session, who().handle, "scenario.deleted", f"scenario {path.scenario_id}")
    return Response(status=204)


@api.put("/scenarios/<int:scenario_id>/shares/<int:to_id>", responses={200: ScenarioSaid})
def share(path: ToPath) -> Response:
    """Let a direct partner that has joined open it."""
    with hub_here().db.work() as session:
        _firm, row = own_scenario(session, who(), path.scenario_id)
        scenarios.share(session, row, path.to_id, who().handle)
        record(session, who().handle, "scenario.shared", f"scenario {row.id}", to=path.to_id)
        return answered(_scenario(session, row))


@api.delete("/scenarios/<int:scenario_id>/shares/<int:to_id>", responses={200: ScenarioSaid})
def unshare(path: ToPath) -> Response:
    """End that."""
    with hub_here().db.work() as session:
        _firm, row = own_scenario(session, who(), path.scenario_id)
        scenarios.end_share(session, row, path.to_id)
        record(session, who().handle, "scenario.unshared", f"scenario {row.id}", to=path.to_id)
        return answered(_scenario(session, row))


def _scenario(session: Session, row: Scenario) -> ScenarioSaid:
    return ScenarioSaid(
        id=row.id or 0,
        name=row.name,
        asked=Asked.model_validate(scenarios.asked_in(row).as_json()),
        made_at=row.made_at,
        changed_at=row.changed_at,
        shared_with=[there.to_id for there in scenarios.shares_of(session, row)],
    )
