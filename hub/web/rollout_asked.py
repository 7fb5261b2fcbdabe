"""What the form of a new rollout asks for: its audience, its waves and gates; and as an address."""

from collections.abc import Iterable
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from pydantic import ValidationError
from werkzeug.datastructures import MultiDict

from sharing import audience as audiences
from sharing.audience import Audience
from sharing.rollout_plan import Part, Plan, waves_from
from supplychain.services.network import Place, division
from supplychain.taxonomy import LEVELS, PROCESSES, REGIONS

MOST_FIRMS = 300  # that an address names one by one
# how fast → (its waves, in words)
PACES: dict[str, tuple[tuple[Part, ...], Any]] = {
    "careful": (
        (Part(sites=5), Part(share=0.2), Part()),
        _l("Careful: first 5 plants, then a fifth of them, then the rest"),
    ),
    "half": ((Part(share=0.2), Part()), _l("In two steps: first a fifth, then the rest")),
    "all": ((Part(),), _l("All plants at once")),
    "own": ((), _l("My own steps")),
}


def audience_asked(process: str) -> Audience:
    """The audience that the address or the form asks for; what cannot be used is left out."""
    asked = request.values
    if "asked" not in asked:
        return Audience(process=process)
    words = {
        "process": asked.get("process", "") if asked.get("process") in PROCESSES else "",
        "tiers": _numbers(asked.getlist("tier"), 99),
        "regions": tuple(r for r in asked.getlist("region") if r in REGIONS),
        "sectors": tuple(s for s in asked.getlist("sector") if s and division(s) == s),
        "least_level": _one(asked.get("level"), LEVELS),
        "firms": _numbers(asked.getlist("firm"), 2**31 - 1),
        "without": _numbers(asked.getlist("without"), 2**31 - 1),
        "connected": asked.get("connected") == "yes",
        "operators": asked.get("operators") == "yes",
        "least_memory_gb": _one(asked.get("memory"), audiences.MEMORY_GB),
        "least_cores": _one(asked.get("cores"), audiences.CORES),
        "systems": tuple(s for s in asked.getlist("system") if s in audiences.SYSTEMS),
        "unknown_hardware": asked.get("known") != "yes",
    }
    try:
        return Audience.model_validate(words)
    except ValidationError:
        return Audience(process=process)


def _numbers(told: Iterable[str], most: int) -> tuple[int, ...]:
    numbers = (int(each) for each in told if each.isdecimal() and len(each) < 11)
    return tuple(sorted({number for number in numbers if 0 < number <= most}))


def _one(told: str | None, among: Iterable[int]) -> int:
    number = int(told) if told and told.isdecimal() and len(told) < 4 else 0
    return number if number in among else 0


def plan_asked() -> Plan:
    """The waves and gates that are asked for. Raises ValueError for what is none."""
    asked = request.values
    pace = asked.get("pace", "careful")
    own = pace == "own"
    waves = waves_from(asked.get("waves", "")) if own else PACES.get(pace, PACES["careful"])[0]
    words = {
        "waves": waves,
        "error_share": _number(asked, "errors", 20) / 100,
        "soak_minutes": _number(asked, "soak", 0) * 60,
        "answer_days": _number(asked, "days", 14),
        "on_error": "rollback" if asked.get("on_error") == "rollback" else "pause",
        "approval": asked.get("approval") == "yes",
    }
    return Plan.model_validate(words)


def _number(asked: MultiDict[str, str], name: str, otherwise: float) -> float:
    told = (asked.get(name) or "").strip()
    return float(told) if told else otherwise


def from_map(asked: MultiDict[str, str], fit: list[Place]) -> dict[str, Any]:
    """What was chosen on the map as the address of a new rollout.

    Tiers, regions, industries and one process stay what they are, so that firms that come to fit
    later join; whatever else was asked for (a name, a mark, a colour) becomes the firms themselves.
    """
    told: dict[str, Any] = {"asked": "yes"}
    for name in ("tier", "region", "sector", "process"):
        told[name] = [each for each in asked.getlist(name) if each != "-"]
    plain = {"tier", "region", "sector", "process", "lead", "rest", "csrf_token"}
    others = [name for name in asked if name not in plain and asked.get(name)]
    unknown = any("-" in asked.getlist(name) for name in ("region", "sector", "process"))
    if others or unknown or len(told["process"]) > 1:
        told = {"asked": "yes", "firm": [place.facts.firm_id for place in fit if place.tier]}
    return told
