"""What if: a question put to the chain that a firm sees, and the answer in its names."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from sqlmodel import Session

from supplychain.risk.alone import each_alone
from supplychain.risk.network import Ints
from supplychain.risk.scenario import Course, Stop, replaced_after, run
from supplychain.scenario_question import RANGES, Question
from supplychain.services.merging import roots
from supplychain.services.network import Place
from supplychain.services.scenario_chain import Basis, SeenChain, chain_seen, division_of


@dataclass(frozen=True)
class Hit:
    """A firm that makes less than usual: from day `first`, `days` days in all, `lost` of output.

    `lowest`: its output on the worst day, 0 to 1. `back`: the first day of normal output, None
    where that lies beyond the days that were looked at. `stops`: it is one of those that stop;
    `through`: else the supplier that it lacks most on its first day.
    """

    place: Place
    first: int
    days: int
    lost: float
    lowest: float
    back: int | None
    stops: bool
    through: Place | None


@dataclass(frozen=True)
class Lack:
    """An item that the asker lacks: from which day, and how many days of it in the end."""

    item: str
    first: int
    days: float
    suppliers: list[Place]


@dataclass(frozen=True)
class Answer:
    """What came of a question. `left_out`: chosen firms that the asker does not see."""

    chain: SeenChain
    question: Question
    stopped: frozenset[int]
    left_out: int
    course: Course
    basis: Basis

    @cached_property
    def hits(self) -> list[Hit]:
        """Every firm that is hit, those that stop themselves last; the first to be hit first."""
        course = self.course
        through = course.through()
        found = [
            Hit(
                place=self.chain.place(at),
                first=int(course.first[at]),
                days=int(course.days_hit[at]),
                lost=float(course.lost[at]),
                lowest=float(course.deepest[at]),
                back=int(course.recovered[at]) if course.recovered[at] > 0 else None,
                stops=self.chain.numbers[at] in self.stopped,
                through=self.chain.place(int(through[at])) if through[at] >= 0 else None,
            )
            for at in np.flatnonzero(course.first > 0).tolist()
        ]
        return sorted(
            found, key=lambda hit: (hit.stops, hit.first, -hit.lost, hit.place.tier, hit.place.name)
        )

    @cached_property
    def own(self) -> Hit | None:
        """The asker itself, where it is hit."""
        lead = self.chain.seen.lead.id
        return next((hit for hit in self.hits if hit.place.number == lead), None)

    @property
    def others(self) -> list[Hit]:
        """Firms that are hit and neither stop themselves nor are the asker."""
        return [h for h in self.hits if not h.stops and h.place.number != self.chain.seen.lead.id]

    @cached_property
    def lacks(self) -> list[Lack]:
        """What the asker lacks, the first item first."""
        chain, net = self.chain, self.course.needs
        called = dict(chain.items.values())
        at = chain.at[chain.seen.lead.id or 0]
        hit = [
            (int(item), int(supplier))
            for supplier, buyer, item in chain.links
            if buyer == at and self.course.first[supplier] > 0
        ]
        kinds = self._kinds
        return [
            Lack(
                called[kind],
                first,
                days,
                [chain.place(supplier) for item, supplier in hit if item == kind],
            )
            for number, first, days in self.course.lacking(at)
            for kind in (int(kinds[int(net.start[number])]),)
        ]

    @property
    def _kinds(self) -> Ints:
        """The item of each link, in the order in which the arrays have them."""
        links = self.chain.links
        found: Ints = links[np.lexsort((links[:, 0], links[:, 2], links[:, 1])), 2]
        return found

    def levels(self, numbers: Collection[int]) -> dict[int, list[float]]:
        """Output of each day, 0 to 1, of some firms."""
        at = self.chain.at
        return {n: np.round(self.course.level[:, at[n]], 3).tolist() for n in numbers if n in at}

    def by_tier(self) -> dict[int, list[int]]:
        """Tier → how many firms make less than usual on each day; customers stand under -1."""
        tiers = np.array([self.chain.place(at).tier for at in range(len(self.chain.numbers))])
        short = self.course.level < 1 - 1e-6
        return {
            int(tier): short[:, tiers == tier].sum(1).tolist()
            for tier in np.unique(tiers).tolist()
            if tier and short[:, tiers == tier].any()
        }


def answer(session: Session, asker_id: int, question: Question) -> Answer:
    """What happens in the chain that the asker sees. Raises FirmNotFound."""
    return answer_in(chain_seen(session, asker_id, question.stock), question, roots(session))


def answer_in(chain: SeenChain, question: Question, same: dict[int, int]) -> Answer:
    """The same in a chain that is at hand; `same`: firms that were found to be another."""
    stopped, left_out = _stopped(chain, question, same)
    net, basis = chain.needs(question.line)
    lengths = _lengths(chain, question, sorted(stopped))
    stops = [
        Stop(tuple(places), question.first, days, question.ramp) for days, places in lengths.items()
    ]
    horizon = _looks_at(question, lengths)
    limit = replaced_after(net, stops, question.replaced, question.after)
    course = run(net, stops, horizon, limit)
    return Answer(chain, question, stopped, left_out, course, basis)


def _stopped(
    chain: SeenChain, question: Question, same: dict[int, int]
) -> tuple[frozenset[int], int]:
    """The firms that stop, and how many of the chosen ones the asker does not see.

    The asker's own firm stops where it is chosen itself, not with its region or industry.
    """
    chosen = {same.get(number, number) for number in question.firms}
    found = {number for number in chosen if number in chain.at}
    left_out = len(chosen) - len(found)
    lead = chain.seen.lead.id
    for number, place in chain.seen.places.items():
        facts = place.facts
        if number != lead and (
            facts.region in question.regions
            or facts.process in question.processes
            or (division_of(facts.sector) or "-") in question.sectors
        ):
            found.add(number)
    if question.behind is not None:
        point = same.get(question.behind, question.behind)
        if point in chain.seen.places and point != lead:
            found |= {point, *chain.behind(point)}
        else:
            left_out += 1
    return frozenset(found), left_out


def _lengths(chain: SeenChain, question: Question, firms: Collection[int]) -> dict[int, list[int]]:
    """Days → the firms (positions) that stop so long: as asked, or as they told that they need."""
    found: dict[int, list[int]] = {}
    for number in firms:
        needed = chain.facts.firm(number).ttr if question.recovery else None
        days = max(1, round(needed.value)) if needed and needed.known else question.days
        found.setdefault(days, []).append(chain.at[number])
    return found


def _looks_at(question: Question, lengths: Collection[int]) -> int:
    """Days to look at: long enough for who needs longest, up to the most that can be asked."""
    longest = question.first + max(lengths, default=0) + question.ramp + 30
    return max(question.looks_at, min(longest, RANGES["horizon"][1]))


@dataclass(frozen=True)
class Single:
    """What one firm's stop alone, `days` long, does to the asker."""

    place: Place
    first: int
    lost: float
    days: int


def worst_singles(chain: SeenChain, question: Question) -> list[Single]:
    """Each firm of the chain stopping alone, as the question says: those that reach the asker.

    The one that costs most days first; of two the one that is felt first, then by name.
    """
    net, _ = chain.needs(question.line)
    lead = chain.seen.lead.id or 0
    lengths = _lengths(chain, question, [n for n in chain.seen.places if n != lead])
    horizon = _looks_at(question, lengths)
    singles = []
    for days, places in lengths.items():
        found = each_alone(
            net,
            np.array(places, np.int64),
            chain.at[lead],
            Stop((), question.first, days, question.ramp),
            horizon,
            (question.replaced, question.after),
        )
        singles += [
            Single(chain.place(int(at)), int(first), float(lost), days)
            for at, first, lost in zip(found.firms, found.first, found.lost, strict=True)
            if lost > 0
        ]
    return sorted(singles, key=lambda each: (-round(each.lost, 6), each.first, each.place.name))
