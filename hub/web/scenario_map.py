"""A saved scenario on the supply map: which firms are hit, and from which day."""

from collections.abc import Callable
from typing import NamedTuple

from flask import request
from flask_babel import gettext as _
from sqlmodel import Session

from hub.scenario_rows import own_scenario
from hub.web.asking import who
from hub.web.supply_map import Measure
from hub.web.what_if_words import headline
from supplychain.services import scenarios
from supplychain.services.merging import roots
from supplychain.services.network import Place, TierMap
from supplychain.services.scenario_chain import chain_seen
from supplychain.services.what_if import answer_in

HIT = "hit"  # the measure's name in an address
_LAST_DAYS = (7, 14, 28)
# The earlier, the darker; a shape of its own for each, so that colour is not alone.
_LOOKS = {
    "stops": ("#1e2124", "square"),
    "7": ("#7a2e00", "circle"),
    "14": ("#c25e00", "triangle"),
    "28": ("#f08a3c", "diamond"),
    "later": ("#f6bd8f", "rectangle"),
    "no": ("#d0d6dc", "circle"),
}


class OnMap(NamedTuple):
    """A scenario, the map that its firm sees, and from which day each firm is hit; 0: it stops."""

    number: int
    name: str
    headline: str
    seen: TierMap
    first: dict[int, int]

    def code(self, place: Place) -> str:
        """A firm's class: it stops, is hit by one of the days, later, or not at all."""
        day = self.first.get(place.number)
        if not day:
            return "no" if day is None else "stops"
        return next((str(last) for last in _LAST_DAYS if day <= last), "later")

    @property
    def measure(self) -> Measure:
        """What the map is coloured and filtered by."""
        begins = (1, *(last + 1 for last in _LAST_DAYS))
        days = {
            str(last): _("Hit from day %(first)s to %(last)s", first=first, last=last)
            for first, last in zip(begins, _LAST_DAYS, strict=False)
        }
        words = {
            "stops": _("Stops itself"),
            **days,
            "later": _("Hit after day %(day)s", day=_LAST_DAYS[-1]),
            "no": _("Not hit"),
        }
        classes = [
            {"code": code, "label": str(label), "color": _LOOKS[code][0], "shape": _LOOKS[code][1]}
            for code, label in words.items()
        ]
        return str(_("Hit in “%(name)s”", name=self.name)), self.code, classes

    @property
    def measures(self) -> dict[str, Measure]:
        """The same by its name, as the map takes it."""
        return {HIT: self.measure}

    def said(self, place: Place) -> str:
        """From when a firm is hit, in a few words."""
        day = self.first.get(place.number)
        if not day:
            return "–" if day is None else str(_("Stops itself"))
        return str(_("Day %(day)s", day=day))


def asked_scenario(session: Session) -> OnMap | None:
    """The saved scenario that the address names, as its firm sees it; None where it names none.

    Raises ScenarioNotFound.
    """
    told = request.args.get("scenario", "")
    if not told:
        return None
    number = int(told) if told.isdecimal() and len(told) < 10 else 0
    firm, row = own_scenario(session, who(), number)
    question = scenarios.asked_in(row)
    chain = chain_seen(session, firm.id or 0, question.stock)
    found = answer_in(chain, question, roots(session))
    first = {hit.place.number: hit.first for hit in found.hits} | dict.fromkeys(found.stopped, 0)
    return OnMap(number, row.name, headline(found), chain.seen, first)


def codes_of(scenario: OnMap | None) -> dict[str, Callable[[Place], str]]:
    """What a map may be filtered by beside its own measures."""
    return {HIT: scenario.code} if scenario else {}
