"""What the drawing of the tier map needs: places, lines, and the measures that colour it."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from numpy.typing import NDArray

from hub.web.formats import language, region
from supplychain.drawing import places, with_groups
from supplychain.finding import BANDS, CHOKES, MEASURES
from supplychain.services.network import Place, TierMap
from supplychain.services.sight import STANDINGS as STANDING_CODES
from supplychain.taxonomy import LEVELS, PROCESSES, REGIONS, Words
from supplychain.visibility import Group, Outline

# Eight hues that colour-blind readers tell apart, none of them red: red is for danger. A class is
# told by hue and shape together; eight and five have no common factor, so forty pairs differ.
_HUES = ("#0b50d0", "#c25e00", "#00857a", "#7a3db8", "#6b7a00", "#a8326e", "#58616a", "#007fb5")
_SHAPES = ("circle", "square", "triangle", "diamond", "rectangle")
# Darker is higher: levels and sizes have an order.
_STEPS = ("#aeb6bf", "#8fb3f5", "#5b90ee", "#256ef4", "#0b50d0", "#052b7a")
_UNKNOWN = "#8a949e"

LARGEST = 150_000  # firms that a browser can draw

# Its title, a firm's code, and the words of the codes.
Measure = tuple[str, Callable[[Place], str], list[dict[str, str]]]

# In the order in which they ask for attention.
STANDINGS = {
    "contradicted": _l("Contradicted"),
    "open": _l("Not confirmed yet"),
    "confirmed": _l("Confirmed"),
}


def columns_of(seen: TierMap, first: Mapping[str, Measure] | None = None) -> dict[str, Any]:
    """The map by columns: what is told of the n-th firm stands at place n of each list.

    The asker's own firm stands at place 0. Links and circles name firms by place. For each measure
    a firm has the place of its class in `words`. `groups` are firms without a name, only counted.
    `first`: measures of this map alone, before all others.
    """
    firms, words = _firms(seen), {}
    measures = {**(first or {}), **measures_of(seen)}
    for name, (_title, code, classes) in measures.items():
        codes = [code(place) for place in seen.places.values()]
        words[name] = _counted(classes, codes)
        at = {each["code"]: number for number, each in enumerate(words[name])}
        firms[name] = [at.get(each, at.get("")) for each in codes]
    order = np.fromiter(seen.places, np.int64)
    by_number = np.argsort(order)
    supplier, buyer = (
        by_number[np.searchsorted(order, ends, sorter=by_number)]
        for ends in (seen.pairs.supplier, seen.pairs.buyer)
    )
    at = {number: place for place, number in enumerate(seen.places)}
    return {
        "lead": 0,
        "firms": firms,
        "words": words | {"standing": [_word(code) for code in STANDING_CODES]},
        "titles": {name: str(title) for name, (title, _, _) in measures.items()},
        "links": {
            "supplier": supplier.tolist(),
            "buyer": buyer.tolist(),
            "standing": seen.pairs.standing.tolist(),
        },
        "circles": [sorted(at[number] for number in circle) for circle in seen.circles],
        "groups": _groups(seen),
    }


def too_large(seen: TierMap) -> dict[str, Any]:
    """What stands in place of a drawing of more firms than anybody could read."""
    text = _(
        "%(count)s firms are too many to draw. The table below holds them all.",
        count=f"{len(seen.places):,}",
    )
    return {"too_large": True, "count": len(seen.places), "text": text}


def drawn(columns: dict[str, Any]) -> dict[str, Any]:
    """The same with places for everything: `x` and `y` of firms and groups."""
    firms, links, groups = columns["firms"], columns["links"], columns["groups"]
    tier = np.array(firms["tier"])
    x, y = places(tier, np.array(links["supplier"], int), np.array(links["buyer"], int))
    y, across, down = with_groups(tier, y, np.array(groups["tier"], int))
    return columns | {
        "firms": firms | {"x": _short(x), "y": _short(y)},
        "groups": groups | {"x": _short(across), "y": _short(down)},
    }


def _short(numbers: NDArray[np.float64]) -> list[float]:
    return [int(each) if each == int(each) else each for each in numbers.tolist()]


def _firms(seen: TierMap) -> dict[str, Any]:
    firms = list(seen.places.values())
    return {
        "id": list(seen.places),
        "name": [place.name for place in firms],
        "tier": [place.tier for place in firms],
        "also": {str(n): place.also for n, place in enumerate(firms) if len(place.also) > 1},
        "joined": [int(place.facts.joined) for place in firms],
        "suppliers": [place.suppliers for place in firms],
        "buyers": [place.buyers for place in firms],
    }


def _groups(seen: TierMap) -> dict[str, Any]:
    told = [in_words(group.outline) for group in seen.hidden]
    return {
        "label": [_crowd(group) for group in seen.hidden],
        "tier": [group.outline.tier for group in seen.hidden],
        "firms": [group.firms for group in seen.hidden],
        "region": [where for where, _ in told],
        "sector": [what for _, what in told],
    }


def _word(code: str) -> dict[str, str]:
    return {"code": code, "label": str(STANDINGS[code])}


def measures_of(seen: TierMap) -> dict[str, Measure]:
    """Name → what the map may be coloured and filtered by."""
    return {**_measures(), "sector": _sectors(seen)}


def classes_of(seen: TierMap, measure: Measure) -> list[dict[str, Any]]:
    """The words of a measure that occur, with how many firms; "" stands for what is not known."""
    _title, code, classes = measure
    return _used(classes, code, seen)


def _sectors(seen: TierMap) -> Measure:
    code = MEASURES["sector"]
    divisions = sorted({code(place) for place in seen.places.values()} - {""})
    return _("Industry"), code, _looks([(each, each) for each in divisions])


def in_words(outline: Outline) -> tuple[str, str]:
    """Region and industry of firms without a name, as far as they may be told."""
    where = _("Other regions") if outline.region is None else region(outline.region)
    what = _("Other industries") if outline.sector is None else outline.sector
    return str(where), str(what or _("Industry not known"))


def _crowd(group: Group) -> str:
    where, what = in_words(group.outline)
    count = (
        _("fewer than 3 firms")
        if group.firms is None
        else ngettext("%(num)s firm", "%(num)s firms", group.firms)
    )
    return f"{count} · {where} · {what}"


def _measures() -> dict[str, Measure]:
    titles = {
        "process": (_("Process"), _looks(_named(PROCESSES))),
        "region": (_("Region"), _looks(_named(REGIONS))),
        "level": (_("Smart-factory level"), _steps(_level_names())),
        "employees": (_("Employees"), _steps(_band_names())),
        "marks": (_("Where the chain is thin"), _marks()),
        "chokepoints": (_("Chokepoints: cut off without it"), _steps(_choke_names())),
    }
    return {name: (title, MEASURES[name], classes) for name, (title, classes) in titles.items()}


def _named(words: dict[str, Words]) -> list[tuple[str, str]]:
    return [(code, word.in_(language())) for code, word in words.items()]


def _looks(words: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [
        {
            "code": code,
            "label": label,
            "color": _HUES[index % len(_HUES)],
            "shape": _SHAPES[index % len(_SHAPES)],
        }
        for index, (code, label) in enumerate(words)
    ]


def _steps(names: list[tuple[str, str]]) -> list[dict[str, str]]:
    last = len(_STEPS) - 1
    return [
        {
            "code": code,
            "label": label,
            "color": _STEPS[index * last // max(1, len(names) - 1)],
            "shape": _SHAPES[index % len(_SHAPES)],
        }
        for index, (code, label) in enumerate(names)
    ]


def _level_names() -> list[tuple[str, str]]:
    return [(str(level), words.in_(language())) for level, words in LEVELS.items()]


def _band_names() -> list[tuple[str, str]]:
    return [
        (str(low), _("%(low)s or more", low=low) if high is None else f"{low}–{high}")
        for low, high in BANDS
    ]


def _choke_names() -> list[tuple[str, str]]:
    def named(low: int, high: int | None) -> str:
        if high is None:
            return str(_("%(low)s firms or more", low=low))
        if low < high:
            return str(_("%(low)s to %(high)s firms", low=low, high=high))
        return ngettext("%(num)s firm", "%(num)s firms", low) if low else str(_("No firm"))

    return [(str(low), named(low, high)) for low, high in CHOKES]


def _marks() -> list[dict[str, str]]:
    looks = (
        ("circle", _("Firms that supply each other in a circle"), "#c25e00", "triangle"),
        ("diamond", _("Stands behind two or more tier-1 firms"), "#7a3db8", "diamond"),
        ("several", _("Delivers at several tiers"), "#0b50d0", "square"),
        ("plain", _("None of these"), _UNKNOWN, "circle"),
    )
    return [{"code": c, "label": str(t), "color": hue, "shape": s} for c, t, hue, s in looks]


def _used(
    classes: list[dict[str, str]], code: Callable[[Place], str], seen: TierMap
) -> list[dict[str, Any]]:
    return _counted(classes, [code(place) for place in seen.places.values()])


def _counted(classes: list[dict[str, str]], codes: list[str]) -> list[dict[str, Any]]:
    """The classes that occur, with how often, and one for what is not known."""
    counts = Counter(codes)
    used: list[dict[str, Any]] = [
        {**each, "firms": counts[each["code"]]} for each in classes if counts[each["code"]]
    ]
    unknown = len(codes) - sum(counts[each["code"]] for each in used)
    if unknown:
        label = str(_("Not known"))
        used.append(
            {"code": "", "label": label, "color": _UNKNOWN, "shape": "circle", "firms": unknown}
        )
    return used
