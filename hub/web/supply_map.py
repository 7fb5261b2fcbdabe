"""What the drawing of the tier map needs: places, lines, and the measures that colour it."""

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from hub.web.formats import language, region
from supplychain.drawing import places, with_crowds
from supplychain.services.network import Place, TierMap, division
from supplychain.taxonomy import LEVELS, PROCESSES, REGIONS, Words
from supplychain.visibility import Group, Outline

# Eight hues that colour-blind readers tell apart, none of them red: red is for danger. A class is
# told by hue and shape together; eight and five have no common factor, so forty pairs differ.
_HUES = ("#0b50d0", "#c25e00", "#00857a", "#7a3db8", "#6b7a00", "#a8326e", "#58616a", "#007fb5")
_SHAPES = ("circle", "square", "triangle", "diamond", "rectangle")
# Darker is higher: levels and sizes have an order.
_STEPS = ("#aeb6bf", "#8fb3f5", "#5b90ee", "#256ef4", "#0b50d0", "#052b7a")
_UNKNOWN = "#8a949e"
_BANDS = ((1, 9), (10, 49), (50, 299), (300, None))


# In the order in which they ask for attention.
STANDINGS = {
    "contradicted": _l("Contradicted"),
    "open": _l("Not confirmed yet"),
    "confirmed": _l("Confirmed"),
}


def drawing_of(seen: TierMap) -> dict[str, Any]:
    """Nodes and edges with places, and for each measure its classes with colour and shape."""
    tiers = {number: place.tier for number, place in seen.places.items()}
    names = {number: place.name for number, place in seen.places.items()}
    crowds = [group.outline.tier for group in seen.hidden]
    where, beside = with_crowds(places(tiers, seen.links, names), tiers, crowds)
    measures = _measures()
    return {
        "lead": seen.lead.id,
        "nodes": [
            {
                "id": number,
                "label": place.name,
                "x": where[number][0],
                "y": where[number][1],
                "tier": place.tier,
                "suppliers": place.suppliers,
                "classes": {name: code(place) for name, (_, code, _) in measures.items()},
            }
            for number, place in seen.places.items()
        ],
        "crowds": [
            {
                "id": f"crowd-{index}",
                "label": _crowd(group),
                "x": beside[index][0],
                "y": beside[index][1],
                "tier": group.outline.tier,
                "firms": group.firms,
            }
            for index, group in enumerate(seen.hidden)
        ],
        "edges": [[*pair, standing] for pair, standing in sorted(seen.standings.items())],
        "standings": [{"code": code, "label": str(text)} for code, text in STANDINGS.items()],
        "measures": [
            {"name": name, "title": title, "classes": _used(classes, code, seen)}
            for name, (title, code, classes) in measures.items()
        ],
    }


def columns_of(seen: TierMap) -> dict[str, Any]:
    """The map by columns: what is told of the n-th firm stands at place n of each list.

    Firms are in `firms`, with their number (`id`); links and circles name them by place. For each
    measure in `words` a firm has the place of its class there. `crowds` are firms without a name,
    only counted.
    """
    places_ = list(seen.places.values())
    at = {place.number: index for index, place in enumerate(places_)}
    tiers = {number: place.tier for number, place in seen.places.items()}
    names = {number: place.name for number, place in seen.places.items()}
    crowds = [group.outline.tier for group in seen.hidden]
    where, beside = with_crowds(places(tiers, seen.links, names), tiers, crowds)
    measures = {**_measures(), "sector": _sectors(seen)}
    words = {name: _used(classes, code, seen) for name, (_, code, classes) in measures.items()}
    firms: dict[str, Any] = {
        "id": [place.number for place in places_],
        "name": [place.name for place in places_],
        "x": [where[place.number][0] for place in places_],
        "y": [where[place.number][1] for place in places_],
        "tier": [place.tier for place in places_],
        "also": {at[p.number]: p.also for p in places_ if len(p.also) > 1},
        "joined": [int(place.facts.joined) for place in places_],
        "suppliers": [place.suppliers for place in places_],
        "buyers": [place.buyers for place in places_],
    }
    for name, (_title, code, _classes) in measures.items():
        index = {each["code"]: number for number, each in enumerate(words[name])}
        firms[name] = [index.get(code(place), index.get("")) for place in places_]
    standings = list(STANDINGS)
    return {
        "firms": firms,
        "words": words
        | {"standing": [{"code": code, "label": str(text)} for code, text in STANDINGS.items()]},
        "titles": {name: title for name, (title, _, _) in measures.items()},
        "links": {
            "supplier": [at[supplier] for supplier, _ in seen.links],
            "buyer": [at[buyer] for _, buyer in seen.links],
            "standing": [standings.index(word) for _, word in sorted(seen.standings.items())],
        },
        "circles": [sorted(at[number] for number in circle) for circle in seen.circles],
        "groups": {
            "label": [_crowd(group) for group in seen.hidden],
            "x": [x for x, _ in beside],
            "y": [y for _, y in beside],
            "tier": crowds,
            "firms": [group.firms for group in seen.hidden],
            "region": [in_words(group.outline)[0] for group in seen.hidden],
            "sector": [in_words(group.outline)[1] for group in seen.hidden],
        },
    }


def _sectors(seen: TierMap) -> "Measure":
    divisions = sorted({division(place.facts.sector) for place in seen.places.values()} - {""})
    return _("Industry"), lambda place: division(place.facts.sector), _coded(divisions)


def _coded(codes: list[str]) -> list[dict[str, str]]:
    return [
        {
            "code": code,
            "label": code,
            "color": _HUES[index % len(_HUES)],
            "shape": _SHAPES[index % len(_SHAPES)],
        }
        for index, code in enumerate(codes)
    ]


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


Measure = tuple[str, Callable[[Place], str], list[dict[str, str]]]


def _measures() -> dict[str, Measure]:
    return {
        "process": (_("Process"), lambda place: place.facts.process, _named(PROCESSES)),
        "region": (_("Region"), lambda place: place.facts.region, _named(REGIONS)),
        "level": (_("Smart-factory level"), _level, _steps(_level_names())),
        "employees": (_("Employees"), _band, _steps(_band_names())),
        "marks": (_("Where the chain is thin"), _mark, _marks()),
    }


def _named(words: dict[str, Words]) -> list[dict[str, str]]:
    return [
        {
            "code": code,
            "label": word.in_(language()),
            "color": _HUES[index % len(_HUES)],
            "shape": _SHAPES[index % len(_SHAPES)],
        }
        for index, (code, word) in enumerate(words.items())
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


def _level(place: Place) -> str:
    return "" if place.level is None else str(place.level)


def _level_names() -> list[tuple[str, str]]:
    return [(str(level), words.in_(language())) for level, words in LEVELS.items()]


def _band(place: Place) -> str:
    people = place.facts.employees
    if people is None:
        return ""
    return next((str(low) for low, high in _BANDS if high is None or people <= high), "")


def _band_names() -> list[tuple[str, str]]:
    return [
        (str(low), _("%(low)s or more", low=low) if high is None else f"{low}–{high}")
        for low, high in _BANDS
    ]


def _mark(place: Place) -> str:
    if place.in_circle:
        return "circle"
    if place.serves > 1:
        return "diamond"
    return "several" if len(place.also) > 1 else "plain"


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
    """The classes that occur, with how often, and one for what is not known."""
    counts: dict[str, int] = {}
    for place in seen.places.values():
        counts[code(place)] = counts.get(code(place), 0) + 1
    known = {each["code"] for each in classes}
    unknown = sum(count for value, count in counts.items() if value not in known)
    used = [{**each, "firms": counts[each["code"]]} for each in classes if each["code"] in counts]
    if unknown:
        label = str(_("Not known"))
        used.append(
            {"code": "", "label": label, "color": _UNKNOWN, "shape": "circle", "firms": unknown}
        )
    return used
