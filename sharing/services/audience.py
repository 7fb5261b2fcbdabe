"""The sites of a lead firm's supply chain, with what decides whether a rollout is for them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlmodel import Session, col, or_, select

from sharing.audience import SYSTEMS, Audience, Candidate, Hardware, Sifted, covered, sifted
from sharing.consent_tables import OperatorsTold, SiteMeasures
from sharing.rollout import ON_THE_WAY
from sharing.tables import Agent, Agreement, Delivery, Deployment, Rollout, Version
from supplychain.services.bulk import plain_rows
from supplychain.services.descriptions import Facts, described
from supplychain.services.firms import batches
from supplychain.services.network import named_tiers
from supplychain.services.sight import sight_of
from supplychain.tables import Site

_MOST = 1_000_000  # a PC that tells more tells nonsense


def preview(session: Session, version: Version, lead_firm_id: int, audience: Audience) -> Sifted:
    """Who would get the version and who would not, and why. All of them are known by name."""
    return sifted(audience, version.number, candidates(session, version, lead_firm_id))


def candidates(session: Session, version: Version, lead_firm_id: int) -> list[Candidate]:
    """Every site of the firms that the lead firm sees by name in its chain.

    A site counts with its own facts where its firm speaks for itself; before that, with what the
    lead firm itself told of the firm, for others' sheets are not the lead firm's to read. What a
    PC, an owner or a certificate tells counts only for a firm that speaks for itself, too.
    """
    tiers = tiers_of(session, lead_firm_id)
    told = described(session, lead_firm_id, sorted(tiers))
    known = _known(session, version)
    return [
        _candidate(row, told[row[1]], tiers[row[1]], known)
        for some in batches(sorted(told))
        for row in plain_rows(
            session, select(*_SITE).where(col(Site.firm_id).in_(some)).order_by(col(Site.id))
        )
    ]


class _Known(NamedTuple):
    """By site: what it runs, whether it is busy, its PCs, what it lacks. By firm: the rest."""

    running: dict[int, str]
    busy: set[int]
    pcs: dict[int, tuple[Hardware, ...]]
    lacks: dict[int, tuple[str, ...]]
    operators: dict[int, bool]
    agreements: dict[int, str]


_SITE: list[Any] = [
    Site.id, Site.firm_id, Site.told_firm_id, Site.name, Site.region, Site.process, Site.level,
]  # fmt: skip


def _candidate(row: tuple[Any, ...], firm: Facts, tier: int, known: _Known) -> Candidate:
    number, firm_id, told_firm_id, name, region, process, level = row
    own = firm.own_word and told_firm_id == firm_id
    return Candidate(
        site_id=number,
        firm_id=firm_id,
        firm=firm.name,
        site=name if own else firm.name,
        tier=tier,
        process=(process if own else "") or firm.process,
        region=(region if own else "") or firm.region,
        level=level if own else firm.level or 0,
        running=known.running.get(number),
        on_its_way=number in known.busy,
        has_agent=number in known.pcs,
        sector=firm.sector,
        lacks=known.lacks.get(number, ()) if own else (),
        operators=known.operators.get(firm_id) if own else None,
        agreement=known.agreements.get(firm_id, ""),
        hardware=known.pcs.get(number, ()) if own else (),
    )


def _known(session: Session, version: Version) -> _Known:
    card = version.card
    return _Known(
        _running(session, version.model_id),
        _on_their_way(session, version.model_id),
        _pcs(session),
        _lacking(session, required(card)),
        _certified(session, [str(each) for each in card.get("competences") or []]),
        _agreements(session, version.model_id),
    )


def required(card: Mapping[str, Any]) -> set[str]:
    """The values without which a model does not run."""
    inputs = (card.get("schema") or {}).get("inputs") or []
    return {str(each["name"]) for each in inputs if not each.get("missing_allowed")}


def _pcs(session: Session) -> dict[int, tuple[Hardware, ...]]:
    rows = session.exec(select(Agent.site_id, Agent.runtime).where(col(Agent.revoked).is_(False)))
    found: dict[int, tuple[Hardware, ...]] = {}
    for site, runtime in rows:
        found[site] = (*found.get(site, ()), hardware_of(runtime or {}))
    return found


def hardware_of(runtime: Mapping[str, Any]) -> Hardware:
    """A PC's size as its agent told it.

    >>> hardware_of({"system": "Windows 11 AMD64", "cores": "4", "memory_gb": "7.9"})
    Hardware(memory_gb=7.9, cores=4, system='windows')
    >>> hardware_of({"system": "Plan 9", "cores": "many"})
    Hardware(memory_gb=None, cores=None, system='')
    """
    first = str(runtime.get("system", "")).split(" ")[0].lower()
    system = {"darwin": "macos"}.get(first, first)
    memory, cores = _number(runtime.get("memory_gb")), _number(runtime.get("cores"))
    return Hardware(
        memory, int(cores) if cores is not None else None, system if system in SYSTEMS else ""
    )


def _number(told: object) -> float | None:
    try:
        found = float(str(told))
    except ValueError:
        return None
    return found if 0 < found < _MOST else None


def _lacking(session: Session, needed: set[str]) -> dict[int, tuple[str, ...]]:
    if not needed:
        return {}
    rows = session.exec(select(SiteMeasures.site_id, SiteMeasures.lacks)).all()
    return {site: tuple(sorted(needed.intersection(lacks))) for site, lacks in rows if lacks}


def _certified(session: Session, asked: list[str]) -> dict[int, bool]:
    rows = session.exec(
        select(OperatorsTold.firm_id, OperatorsTold.competences).where(col(OperatorsTold.tells))
    )
    return {firm: covered(asked, held) for firm, held in rows}


def _agreements(session: Session, model_id: int) -> dict[int, str]:
    """Firm → how it stands to the agreement about a model, where that keeps offers away.

    Under whichever text: what a firm ended or refused is not offered to it under a newer one.
    """
    rows = session.exec(
        select(Agreement.receiver_firm_id, Agreement.ended_at, Agreement.refused_at).where(
            Agreement.model_id == model_id,
            or_(col(Agreement.ended_at).is_not(None), col(Agreement.refused_at).is_not(None)),
        )
    )
    return {firm: "ended" if ended else "refused" for firm, ended, _refused in rows}


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
