"""The sites of a lead firm's supply chain, with what decides whether a rollout is for them."""

from sqlmodel import Session, col, select

from sharing.audience import Audience, Candidate, Sifted, sifted
from sharing.rollout import ON_THE_WAY
from sharing.tables import Agent, Delivery, Deployment, Rollout, Version
from supplychain.errors import FirmNotInNetwork
from supplychain.tables import Firm, Link, Site
from supplychain.tiers import tiers_from


def preview(session: Session, version: Version, lead_firm_id: int, audience: Audience) -> Sifted:
    """Who would get the version and who would not, and why. Only sites of the chain are named."""
    return sifted(audience, version.number, candidates(session, version.model_id, lead_firm_id))


def candidates(session: Session, model_id: int, lead_firm_id: int) -> list[Candidate]:
    """Every site of the lead firm's chain."""
    tiers = tiers_of(session, lead_firm_id)
    running = _running(session, model_id)
    busy = _on_their_way(session, model_id)
    connected = set(session.exec(select(Agent.site_id).where(col(Agent.revoked).is_(False))))
    rows = session.exec(select(Site, Firm).join(Firm, col(Firm.id) == Site.firm_id))
    return [
        Candidate(
            site_id=site.id or 0,
            firm_id=site.firm_id,
            firm=firm.name,
            site=site.name,
            tier=tiers[site.firm_id],
            process=site.process or firm.process,
            region=site.region or firm.region,
            level=site.level,
            running=running.get(site.id or 0),
            on_its_way=site.id in busy,
            has_agent=site.id in connected,
        )
        for site, firm in rows
        if site.firm_id in tiers
    ]


def tiers_of(session: Session, lead_firm_id: int) -> dict[int, int]:
    """Firm → tier behind the lead firm, which itself is 0."""
    rows = session.exec(select(Link.supplier_id, Link.buyer_id).where(col(Link.ended).is_(None)))
    try:
        return tiers_from(lead_firm_id, [(supplier, buyer) for supplier, buyer in rows])
    except FirmNotInNetwork:
        return {lead_firm_id: 0}


def _running(session: Session, model_id: int) -> dict[int, str]:
    rows = session.exec(
        select(Deployment.site_id, Version.number)
        .join(Version, col(Version.id) == Deployment.version_id)
        .where(Deployment.model_id == model_id)
    )
    return dict(rows.all())


def _on_their_way(session: Session, model_id: int) -> set[int]:
    open_states = ("scheduled", "offered", "accepted", *ON_THE_WAY)
    return set(
        session.exec(
            select(Delivery.site_id)
            .join(Rollout, col(Rollout.id) == Delivery.rollout_id)
            .join(Version, col(Version.id) == Delivery.version_id)
            .where(
                Version.model_id == model_id,
                col(Delivery.state).in_(open_states),
                col(Rollout.state).in_(("running", "paused")),
            )
        )
    )
