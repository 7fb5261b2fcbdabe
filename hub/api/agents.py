"""The API of agents: joining with a code, then signed calls (see sharing.services.agents)."""

import json
from datetime import datetime
from hashlib import sha256
from time import monotonic
from typing import Annotated, Any, Literal

from flask import Response, current_app, request
from flask_openapi import APIBlueprint, Tag
from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

from hub import accounts
from hub.api.problems import problem
from hub.web.asking import hub_here, say
from sharing.errors import AgentRefused, CodeRefused, FileNotStored
from sharing.services import agents
from sharing.tables import Agent
from supplychain.tables import Firm, Site, now

# How often an agent asks: while something is on its way to its site, and otherwise.
SOON_SECONDS, POLL_SECONDS = 2.0, 15.0
_MOST_FIGURES = 8_000  # characters of a report's figures: counts, versions, the facts of a failure
_ON_ITS_WAY = {"accepted", "prepared", "downloading", "verifying", "probing", "shadow"}

# flask.typing's own name for it cannot be read at run time, as flask-openapi does.
Answer = Response | dict[str, Any] | tuple[dict[str, Any], int]

_tag = Tag(name="agents", description="What an agent at a vendor's site asks and tells")
api = APIBlueprint("agents_api", __name__, url_prefix="/api/v1/agents", abp_tags=[_tag])


class EnrolAsked(BaseModel):
    """A PC that wants to join."""

    code: Annotated[str, Field(min_length=1, max_length=20)]
    public_key: Annotated[str, Field(max_length=1000, description="Ed25519, PEM")]
    name: Annotated[str, Field(max_length=100)] = "PC"
    runtime: dict[Annotated[str, Field(max_length=40)], Annotated[str, Field(max_length=200)]] = (
        Field(default_factory=dict, max_length=20)
    )


class Enrolled(BaseModel):
    """What the PC needs from now on: who it is, and the roots by which it judges signed lists."""

    agent: str
    site: int
    site_name: str
    firm_name: str
    image_root: dict[str, Any]
    director_root: dict[str, Any]
    poll_seconds: float


class DeliveryState(BaseModel):
    """A delivery of the site, as the hub sees it."""

    id: int
    model: str
    version: str
    state: str


class Me(BaseModel):
    """What the hub knows of the site. What it is to install, only the signed lists say.

    `lists` is another word whenever they may have changed: as long as it stays, an agent that has
    nothing on its way need not read them again, but for once an hour.
    """

    site: int
    poll_seconds: float
    lists: str
    deliveries: list[DeliveryState]
    now: datetime


def _few(figures: dict[str, Any]) -> dict[str, Any]:
    if len(json.dumps(figures)) > _MOST_FIGURES:
        raise ValueError(f"more than {_MOST_FIGURES} characters")
    return figures


class Report(BaseModel):
    """One thing that an agent tells; `seq` counts up from 1 and says the order."""

    seq: Annotated[int, Field(ge=1, le=2**31 - 1)]
    delivery: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    kind: Literal["delivery", "health", "alert"]
    state: Literal[
        "", "downloading", "verifying", "probing", "shadow", "active", "committed", "failed",
        "rolled_back",
    ] = ""  # fmt: skip
    reason: Annotated[str, Field(max_length=2000)] = ""
    figures: Annotated[dict[str, Any], AfterValidator(_few)] = Field(default_factory=dict)
    at: AwareDatetime


class Reports(BaseModel):
    """Reports in order."""

    reports: Annotated[list[Report], Field(min_length=1, max_length=500)]


class Accepted(BaseModel):
    """Everything up to this number is safe at the hub."""

    accepted_up_to: int


@api.post("/enrol", responses={201: Enrolled}, summary="Join a site with a short code")
def enrol(body: EnrolAsked) -> Answer:
    """Takes a code once. The private key stays on the PC; wrong codes are counted and slowed."""
    hub, address = hub_here(), request.remote_addr or ""
    try:
        with hub.db.work() as session:
            accounts.throttle(session, f"agent@{address}", address)
            agent = agents.enrol(
                session, body.code, body.public_key, body.name, body.runtime, now()
            )
            accounts.record(
                session, agent.id, "pc.connected", f"site {agent.site_id}", name=agent.name
            )
            site = session.get_one(Site, agent.site_id)
            told = Enrolled(
                agent=agent.id,
                site=agent.site_id,
                site_name=site.name,
                firm_name=session.get_one(Firm, site.firm_id).name,
                image_root=hub.signing.image_root(),
                director_root=hub.signing.director_root(agent.site_id),
                poll_seconds=POLL_SECONDS,
            )
    except CodeRefused:
        with hub.db.work() as session:
            accounts.note_failure(session, f"agent@{address}", address)
        raise
    return told.model_dump(mode="json"), 201


@api.get("/me", responses={200: Me}, summary="What the hub knows of this agent's site")
def me() -> Answer:
    """Also the sign of life that the vendor's page shows."""
    with hub_here().db.work() as session:
        agent = _caller(session)
        if isinstance(agent, Response):
            return agent
        rows = agents.open_deliveries(session, agent.site_id)
        told = Me(
            site=agent.site_id,
            poll_seconds=max(
                SOON_SECONDS if any(one.state in _ON_ITS_WAY for one, *_ in rows) else POLL_SECONDS,
                _pace(session),
            ),
            lists=_lists(agent.site_id),
            deliveries=[
                DeliveryState(id=one.id or 0, model=slug, version=number, state=one.state)
                for one, slug, number in rows
            ],
            now=now(),
        )
        return told.model_dump(mode="json")


@api.post("/me/reports", responses={200: Accepted}, summary="Tell what happened, in order")
def reports(body: Reports) -> Answer:
    """Said twice, it counts once."""
    with hub_here().db.work() as session:
        agent = _caller(session)
        if isinstance(agent, Response):
            return agent
        said = [agents.Said(**report.model_dump()) for report in body.reports]
        return Accepted(
            accepted_up_to=agents.take_reports(session, agent, said, now())
        ).model_dump()


def _pace(session: Any) -> float:
    """How far apart an agent's looks are because of all the others; counted once a minute."""
    kept: list[float] = current_app.extensions.setdefault("pace of agents", [0.0, 0.0])
    if kept[1] < monotonic():
        kept[:] = agents.pace(session), monotonic() + 60
    return round(kept[0], 1)


def _lists(site: int) -> str:
    signing = hub_here().signing
    try:
        files = [
            signing.file(name, "timestamp.json").stat() for name in ("image", f"director/{site}")
        ]
    except FileNotStored:
        return ""
    return sha256(repr([(at.st_mtime_ns, at.st_ino) for at in files]).encode()).hexdigest()[:16]


def _caller(session: Any) -> Agent | Response:
    token = request.authorization.token if request.authorization else None
    try:
        return agents.authenticate(session, token or "", now())
    except AgentRefused as error:
        return refusal(error)


def refusal(error: AgentRefused) -> Response:
    """Not by kind (403): an agent has to tell "your clock" from "you may not"."""
    return problem(401, "AgentRefused", say(error), code=error.code)
