"""Who a rollout is for, and who does not fit and why. Pure: sites come in as values."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

# Why a site does not fit: code → sentence (the key of its translation).
MISFIT_TEXTS: Mapping[str, str] = {
    "not_in_chain": "is not in this supply chain",
    "own": "belongs to the lead firm itself",
    "not_chosen": "is not one of the firms that you chose",
    "left_out": "is left out by you",
    "tier": "is in another tier",
    "process": "runs another process",
    "no_process": "has not said which process it runs",
    "region": "is in another region",
    "sector": "is in another industry",
    "level": "has a lower smart-factory level",
    "schema": "lacks a value that the model needs",
    "no_operator": "has nobody with the certificates that the card asks for",
    "operators_untold": "does not tell whether it has certified people",
    "agreement_ended": "has ended the agreement about this model, or you have",
    "agreement_refused": "does not want this model",
    "no_agent": "has no connected PC yet",
    "hardware_unknown": "has a PC that has not told its memory, cores or system",
    "memory": "has a PC with too little memory",
    "cores": "has a PC with too few cores",
    "system": "has a PC with another system",
    "runs_it": "already runs this version",
    "on_its_way": "is part of another rollout of this model",
}

# A few steps, no free numbers: asking for them one by one tells no more of a PC than its size.
MEMORY_GB = (0, 2, 4, 8, 16, 32)
CORES = (0, 2, 4, 8)
SYSTEMS = ("windows", "linux", "macos")
Memory = Literal[0, 2, 4, 8, 16, 32]
Cores = Literal[0, 2, 4, 8]
System = Literal["windows", "linux", "macos"]
_GRADES = ("understand", "apply", "create")


class Audience(BaseModel):
    """Which sites are meant. Empty lists mean "any".

    `sectors` are beginnings of industry codes (C29). `firms` are the only ones where there are any;
    `without` never. `operators`: only where the firm tells that its people hold the certificates
    that the card asks for. A PC that told nothing of itself fits where `unknown_hardware` says so.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    tiers: tuple[int, ...] = (2, 3)
    process: str = ""
    regions: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    least_level: int = Field(0, ge=0, le=5)
    firms: tuple[int, ...] = ()
    without: tuple[int, ...] = ()
    connected: bool = False
    operators: bool = False
    least_memory_gb: Memory = 0
    least_cores: Cores = 0
    systems: tuple[System, ...] = ()
    unknown_hardware: bool = True

    @property
    def asks_hardware(self) -> bool:
        """Whether anything is asked of the PC."""
        return bool(self.least_memory_gb or self.least_cores or self.systems)


@dataclass(frozen=True, slots=True)
class Hardware:
    """A PC as its agent told; None and "" stand for what it did not tell."""

    memory_gb: float | None = None
    cores: int | None = None
    system: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A site with what decides whether it fits. `tier` is None outside the chain, 0 the lead.

    `lacks`: values that the model needs and the site says it does not have. `operators`: whether
    the firm's people hold the certificates that are asked for; None where the firm does not tell.
    `agreement`: "", "ended" or "refused". `hardware`: the PCs that are connected.
    """

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
    sector: str = ""
    lacks: tuple[str, ...] = ()
    operators: bool | None = None
    agreement: str = ""
    hardware: tuple[Hardware, ...] = ()


@dataclass(frozen=True)
class Sifted:
    """Who fits, in order of tier and name; who does not, each with the reasons (codes)."""

    fits: tuple[Candidate, ...]
    misfits: tuple[tuple[Candidate, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Reason:
    """One reason and how many sites it keeps out, by tier; `alone`: those with no other reason."""

    code: str
    tiers: Mapping[int, int]
    alone: int

    @property
    def sites(self) -> int:
        """How many."""
        return sum(self.tiers.values())


def misfits_of(audience: Audience, version: str, site: Candidate) -> tuple[str, ...]:
    """Every reason why a site does not fit; empty where it does.

    >>> site = Candidate(1, 1, "A", "B", tier=1, process="press")
    >>> misfits_of(Audience(tiers=(2, 3), process="injection"), "1.0.0", site)
    ('tier', 'process')
    """
    reasons = {
        "not_in_chain": site.tier is None,
        "own": site.tier == 0,
        "not_chosen": bool(audience.firms) and site.firm_id not in audience.firms,
        "left_out": site.firm_id in audience.without,
        "tier": bool(site.tier) and bool(audience.tiers) and site.tier not in audience.tiers,
        "no_process": bool(audience.process) and not site.process,
        "process": bool(site.process) and audience.process not in ("", site.process),
        "region": bool(audience.regions) and site.region not in audience.regions,
        "sector": bool(audience.sectors) and not site.sector.startswith(audience.sectors),
        "level": site.level < audience.least_level,
        "schema": bool(site.lacks),
        "no_operator": audience.operators and site.operators is False,
        "operators_untold": audience.operators and site.operators is None,
        "agreement_ended": site.agreement == "ended",
        "agreement_refused": site.agreement == "refused",
        "no_agent": audience.connected and not site.has_agent,
        "runs_it": site.running is not None and site.running == version,
        "on_its_way": site.on_its_way,
    }
    found = [code for code, holds in reasons.items() if holds]
    return (*found, *hardware_misfits(audience, site.hardware or (Hardware(),)))


def hardware_misfits(audience: Audience, hardware: Iterable[Hardware]) -> tuple[str, ...]:
    """What keeps the best of a site's PCs from fitting; nothing where one of them fits.

    >>> hardware_misfits(Audience(least_memory_gb=8), [Hardware(4.0, 4, "linux")])
    ('memory',)
    """
    if not audience.asks_hardware:
        return ()
    return min((_pc_misfits(audience, pc) for pc in hardware), key=len, default=())


def _pc_misfits(audience: Audience, pc: Hardware) -> tuple[str, ...]:
    asked = (
        ("memory", audience.least_memory_gb, pc.memory_gb),
        ("cores", audience.least_cores, pc.cores),
    )
    found = [
        code for code, least, told in asked if least and told is not None and _short(least, told)
    ]
    if audience.systems and pc.system and pc.system not in audience.systems:
        found.append("system")
    untold = any(least and told is None for _, least, told in asked)
    untold = untold or (bool(audience.systems) and not pc.system)
    if untold and not audience.unknown_hardware:
        found.append("hardware_unknown")
    return tuple(found)


def _short(least: float, told: float) -> bool:
    # a PC that is sold with 8 GB reports a little less: some of it is the system's own
    return told < least * 0.9


def covered(asked: Collection[str], held: Collection[str]) -> bool:
    """Whether certificates cover what a card asks for; a higher grade covers the lower ones.

    >>> covered(["models:apply"], ["models:create"]), covered(["models:apply"], ["data:apply"])
    (True, False)
    """
    best: dict[str, int] = {}
    for each in held:
        area, _, grade = each.partition(":")
        best[area] = max(best.get(area, -1), _grade(grade))
    return all(
        best.get(area, -1) >= _grade(grade)
        for area, _, grade in (each.partition(":") for each in asked)
    )


def _grade(word: str) -> int:
    return _GRADES.index(word) if word in _GRADES else len(_GRADES)


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


def counted(found: Sifted) -> list[Reason]:
    """The reasons, the one that keeps out the most sites first."""
    by: dict[str, Counter[int]] = {}
    alone: Counter[str] = Counter()
    for site, codes in found.misfits:
        for code in codes:
            by.setdefault(code, Counter())[site.tier or 0] += 1
        if len(codes) == 1:
            alone[codes[0]] += 1
    order = sorted(by, key=lambda code: (-by[code].total(), [*MISFIT_TEXTS].index(code)))
    return [Reason(code, dict(sorted(by[code].items())), alone[code]) for code in order]
