"""Who a rollout is for, and who does not fit and why. Pure: sites come in as values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

# Why a site does not fit: code → sentence (the key of its translation).
MISFIT_TEXTS: Mapping[str, str] = {
    "not_in_chain": "is not in this supply chain",
    "own": "belongs to the lead firm itself",
    "tier": "is in another tier",
    "process": "runs another process",
    "no_process": "has not said which process it runs",
    "region": "is in another region",
    "level": "has a lower smart-factory level",
    "runs_it": "already runs this version",
    "on_its_way": "is part of another rollout of this model",
}


class Audience(BaseModel):
    """Which sites are meant. Empty lists mean "any"."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tiers: tuple[int, ...] = (2, 3)
    process: str = ""
    regions: tuple[str, ...] = ()
    least_level: int = 0


@dataclass(frozen=True)
class Candidate:
    """A site with what decides whether it fits. `tier` is None outside the chain, 0 the lead."""

    site_id: int
    firm_id: int
    firm: str
    site: str
    tier: int | None
    process: str
    region: str = ""
    level: int = 0
    running: str | None = None
    on_its_way: bool = False
    has_agent: bool = False


@dataclass(frozen=True)
class Sifted:
    """Who fits, in order of tier and name; who does not, each with the reasons (codes)."""

    fits: tuple[Candidate, ...]
    misfits: tuple[tuple[Candidate, tuple[str, ...]], ...]


def misfits_of(audience: Audience, version: str, site: Candidate) -> tuple[str, ...]:
    """Every reason why a site does not fit; empty where it does.

    >>> site = Candidate(1, 1, "A", "B", tier=1, process="press")
    >>> misfits_of(Audience(tiers=(2, 3), process="injection"), "1.0.0", site)
    ('tier', 'process')
    """
    reasons = {
        "not_in_chain": site.tier is None,
        "own": site.tier == 0,
        "tier": bool(site.tier) and bool(audience.tiers) and site.tier not in audience.tiers,
        "no_process": bool(audience.process) and not site.process,
        "process": bool(site.process) and audience.process not in ("", site.process),
        "region": bool(audience.regions) and site.region not in audience.regions,
        "level": site.level < audience.least_level,
        "runs_it": site.running is not None and site.running == version,
        "on_its_way": site.on_its_way,
    }
    return tuple(code for code, holds in reasons.items() if holds)


def sifted(audience: Audience, version: str, sites: Iterable[Candidate]) -> Sifted:
    """Sites parted into those that fit and those that do not, nearest tier first."""
    fits, others = [], []
    for site in sorted(sites, key=lambda s: (s.tier is None, s.tier or 0, s.firm, s.site)):
        reasons = misfits_of(audience, version, site)
        if reasons:
            others.append((site, reasons))
        else:
            fits.append(site)
    return Sifted(tuple(fits), tuple(others))
