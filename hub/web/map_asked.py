"""What a reader of the supply map asks for in the address: one filter for drawing and table.

`tier`, `standing` and each measure of the map (`process`, `region`, `sector`, …) may be given more
than once: any of one name, and all names together. `q` is a part of a name or of a registration
number. What is not one of the map's own words is left out, so that an old address still works.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from hub.web.formats import tier
from hub.web.supply_map import STANDINGS, Measure, classes_of, measures_of
from supplychain.finding import MEASURES, found, is_word
from supplychain.services.network import Place, TierMap

_FIRST = ("region", "sector", "process", "level")  # the other measures are filtered by their legend


class Option(NamedTuple):
    """One word to choose, and how many firms it stands for."""

    code: str
    label: str
    firms: int
    chosen: bool


class Filter(NamedTuple):
    """One thing to filter by."""

    name: str
    title: str
    options: list[Option]
    shown: bool  # by a menu of its own, not only where it is asked for


def filters(
    seen: TierMap, asked: MultiDict[str, str], first: Mapping[str, Measure] | None = None
) -> list[Filter]:
    """All filters of the map, with the words that occur in it; `first`: of this map alone."""
    tiers: dict[str, int] = {}
    for place in seen.places.values():
        if place.tier:
            for number in place.also or [place.tier]:
                tiers[str(number)] = tiers.get(str(number), 0) + 1
    delivers = seen.delivers
    words = {code: sum(code in each for each in delivers.values()) for code in STANDINGS}
    return [
        _filter(
            asked, "tier", _("Tier"), [(n, tier(int(n)), tiers[n]) for n in sorted(tiers, key=int)]
        ),
        *_by_measures(seen, asked, first or {}),
        _filter(
            asked,
            "standing",
            _("Deliveries"),
            [(c, str(STANDINGS[c]), words[c]) for c in words if words[c]],
        ),
    ]


def _by_measures(
    seen: TierMap, asked: MultiDict[str, str], first: Mapping[str, Measure]
) -> Iterator[Filter]:
    measures = {**first, **measures_of(seen)}
    names = [*first, *_FIRST, *(name for name in measures if name not in (*first, *_FIRST))]
    for name in names:
        if name in measures:
            words = [
                (each["code"] or "-", each["label"], each["firms"])
                for each in classes_of(seen, measures[name])
            ]
            title = str(measures[name][0])
            yield _filter(asked, name, title, words, shown=name in (*first, *_FIRST))


def _filter(
    asked: MultiDict[str, str],
    name: str,
    title: str,
    words: list[tuple[str, str, int]],
    *,
    shown: bool = True,
) -> Filter:
    chosen = set(asked.getlist(name))
    return Filter(
        name,
        title,
        [Option(code, label, firms, code in chosen) for code, label, firms in words],
        shown,
    )


def fitting(
    seen: TierMap,
    asked: MultiDict[str, str],
    more: Mapping[str, Callable[[Place], str]] | None = None,
) -> list[Place]:
    """The firms that fit everything that is asked for, in the map's order.

    `more`: measures of this map alone, with any words.
    """
    wanted = {
        name: [code for code in asked.getlist(name) if is_word(name, code)]
        for name in ("tier", "standing", *MEASURES)
    } | {name: asked.getlist(name) for name in more or {}}
    return found(seen, asked.get("q", ""), wanted, more)
