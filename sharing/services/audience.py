"""The sites of a lead firm's supply chain, with what decides whether a rollout is for them."""

from sqlmodel import Session, col, select

from sharing.audience import Audience, Candidate, Sifted, sifted
from sharing.rollout import ON_THE_WAY
from sharing.tables import Agent, Delivery, Deployment, Rollout, Version
from supplychain.services.descriptions import described
from supplychain.services.firms import batches
from supplychain.services.network import named_tiers
from supplychain.services.sight import sight_of
from supplychain.tables import Site


def preview(session: Session, version: Version, lead_firm_id: int, audience: Audience) -> Sifted:
    """Who would get the version and who would not, and why. All of them are known by name."""
    return sifted(audience, version.number, candidates(session, version.model_id, lead_firm_id))


def candidates(session: Session, model_id: int, lead_firm_id: int) -> list[Candidate]:
    """Every site of the firms that the lead firm sees by name in its chain.

    A site counts with its own facts where its firm speaks for itself; before that, with what the
    lead firm itself told of the firm, for others' sheets are not the lead firm's to read.
    """
    tiers = tiers_of(session, lead_firm_id)
    told = described(session, lead_firm_id, sorted(tiers))
    running = _running(session, model_id)
    busy = _on_their_way(session, model_id)
    connected = set(session.exec(select(Agent.site_id).where(col(Agent.revoked).is_(False))))
    return [
        Candidate(
            site_id=site.id or 0,
            firm_id=site.firm_id,
            firm=firm.name,
            site=site.name if own else firm.name,
            tier=tiers[site.firm_id],
            process=(site.process if own else "") or firm.process,
            region=(site.region if own else "") or firm.region,
            level=site.level if own else firm.level or 0,
            running=running.get(site.id or 0),
            on_its_way=site.id in busy,
            has_agent=site.id in connected,
        )
        for some in batches(sorted(told))
        for site in session.exec(
            select(Site).where(col(Site.firm_id).in_(some)).order_by(col(Site.id))
        )
        for firm in (told[site.firm_id],)
        for own in (firm.own_word and site.told_firm_id == site.firm_id,)
    ]


def tiers_of(session: Session, lead_firm_id: int) -> dict[int, int]:
    """Firm → tier behind the lead firm, along the links that it sees; it is itself 0.

    What other firms declare pulls nobody into its audience, nor is anything offered to people for
    whom the lead firm does not vouch yet.
    """
    sight = sight_of(session, lead_firm_id)
    return {n: t for n, t in named_tiers(sight).items() if n not in sight.ear.unheard}


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
