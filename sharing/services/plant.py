"""What a plant's owner sees: offers, what is on its way, what runs, which PCs are connected."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from sharing import rollout as rules
from sharing.tables import (
    Agent,
    AgentReport,
    Delivery,
    DeliveryEvent,
    Deployment,
    SharedModel,
    Version,
)  # fmt: skip
from supplychain.tables import Firm, Site

# Three polls and a little: after that a PC counts as not connected.
QUIET = timedelta(minutes=2)


class Coming(NamedTuple):
    """A version on its way to a plant, offered to it, or kept from it."""

    delivery: Delivery
    version: Version
    model: SharedModel
    provider: Firm
    site: Site


class Runs(NamedTuple):
    """A model that runs at a plant; `heard` when its PC last said anything."""

    deployment: Deployment
    version: Version
    model: SharedModel
    site: Site
    heard: datetime | None


class Plant(NamedTuple):
    """All of it."""

    offers: list[Coming]
    under_way: list[Coming]
    running: list[Runs]
    ended: list[Coming]


class Pc(NamedTuple):
    """A connected PC: its site, whether it is heard, the last thing that worried it."""

    agent: Agent
    site: Site
    heard: bool
    alert: AgentReport | None


def plant_of(session: Session, sites: Collection[int]) -> Plant:
    """What concerns these sites."""
    coming = _coming(session, sites)

    def at(*states: str) -> list[Coming]:
        return [one for one in coming if one.delivery.state in states]

    return Plant(
        offers=at("offered"),
        under_way=at("accepted", *rules.ON_THE_WAY),
        running=_running(session, sites),
        ended=at("declined", *rules.FAILED)[:10],
    )


def coming_of(session: Session, delivery: Delivery) -> Coming:
    """A delivery with all that its page tells of."""
    version = session.get_one(Version, delivery.version_id)
    model = session.get_one(SharedModel, version.model_id)
    provider = session.get_one(Firm, model.firm_id)
    return Coming(delivery, version, model, provider, session.get_one(Site, delivery.site_id))


def last_event(session: Session, delivery: Delivery) -> DeliveryEvent | None:
    """The newest thing that happened to a delivery."""
    rows = select(DeliveryEvent).where(DeliveryEvent.delivery_id == delivery.id)
    return session.exec(rows.order_by(col(DeliveryEvent.id).desc()).limit(1)).first()


def connected(sites: Collection[int]) -> SelectOfScalar[Agent]:
    """Agents of these sites that are in force, the newest first."""
    return (
        select(Agent)
        .where(col(Agent.site_id).in_(sites), col(Agent.revoked).is_(False))
        .order_by(col(Agent.enrolled_at).desc(), col(Agent.id))
    )


def is_connected(session: Session, site_id: int) -> bool:
    """Whether any PC of the site may take what is assigned to it."""
    return session.exec(connected([site_id]).limit(1)).first() is not None


def pc_of(session: Session, agent: Agent, at: datetime) -> Pc:
    """A PC as its page shows it."""
    alert = session.exec(
        select(AgentReport)
        .where(AgentReport.agent_id == agent.id)
        .order_by(col(AgentReport.seq).desc())
        .limit(1)
    ).first()
    return Pc(
        agent,
        session.get_one(Site, agent.site_id),
        agent.last_seen is not None and at - agent.last_seen < QUIET,
        alert if alert is not None and alert.kind == "alert" else None,
    )


def _coming(session: Session, sites: Collection[int]) -> list[Coming]:
    rows = session.exec(
        select(Delivery, Version, SharedModel, Site)
        .join(Version, col(Version.id) == Delivery.version_id)
        .join(SharedModel, col(SharedModel.id) == Version.model_id)
        .join(Site, col(Site.id) == Delivery.site_id)
        .where(col(Delivery.site_id).in_(sites), Delivery.state != "scheduled")
        .order_by(col(Delivery.id).desc())
        .limit(200)
    )
    return [
        Coming(delivery, version, model, session.get_one(Firm, model.firm_id), site)
        for delivery, version, model, site in rows
    ]


def _running(session: Session, sites: Collection[int]) -> list[Runs]:
    rows = session.exec(
        select(Deployment, Version, SharedModel, Site)
        .join(Version, col(Version.id) == Deployment.version_id)
        .join(SharedModel, col(SharedModel.id) == Deployment.model_id)
        .join(Site, col(Site.id) == Deployment.site_id)
        .where(col(Deployment.site_id).in_(sites))
        .order_by(col(SharedModel.slug), col(Deployment.id))
    )
    return [
        Runs(deployment, version, model, site, _heard(session, deployment))
        for deployment, version, model, site in rows
    ]


def _heard(session: Session, deployment: Deployment) -> datetime | None:
    agent = session.get(Agent, deployment.agent_id) if deployment.agent_id else None
    return agent.last_seen if agent else None
