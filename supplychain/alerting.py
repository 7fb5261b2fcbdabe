"""How an alert travels along a chain, and what each firm on its way learns of it. Pure.

A firm passes an alert to firms that it trades with itself, and knows of each step only its own
two ends: who sent it here, whom it went to. What lies further on it sees by name where it may
name the firm anyway, else as a number, by tier; fewer than FEWEST are not even counted.

A tier here is the least number of steps from the firm that raised the alert.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from supplychain.alert_errors import (
    AlertNotAsked,
    AlertNotFound,
    AlertNotYours,
    AlertOver,
    AlertTooFar,
)
from supplychain.visibility import FEWEST

DIRECTIONS = ("down", "up")  # to suppliers, to customers
KINDS = ("stop", "late", "quality", "disaster", "material", "other")
URGENCIES = ("now", "days", "watch")
ASKS = ("deliver", "until", "affected")
DELIVERS = ("no", "partly", "yes", "unknown")

# What came of an alert at one firm, what asks for most first.
CAME_TO = ("no", "partly", "unknown", "yes", "answered", "acknowledged", "sent", "unreachable")
ANSWERS = CAME_TO[:5]

# How long a firm is left alone before it is asked again.
RESTS: Mapping[str, timedelta] = {
    "now": timedelta(hours=2),
    "days": timedelta(hours=24),
    "watch": timedelta(days=3),
}

Pair = tuple[int, int]  # who passed it on, to whom


@dataclass(frozen=True)
class Course:
    """How far an alert has got.

    `asked`: the tiers that are asked to answer; none named, all of them, to the end of the chain.
    Firms on the way to a tier that is asked pass the alert on. `causes`: firms that say that it
    comes from them → whether they say that it is over.
    """

    raiser: int
    asked: frozenset[int] = frozenset()
    by_itself: bool = False
    passed: frozenset[Pair] = frozenset()
    acknowledged: frozenset[int] = frozenset()
    answered: frozenset[int] = frozenset()
    causes: Mapping[int, bool] = field(default_factory=dict)
    state: str = "open"

    @property
    def reached(self) -> frozenset[int]:
        """Every firm that got it, but for the one that raised it."""
        return frozenset(to for _, to in self.passed)

    @property
    def reach(self) -> int | None:
        """The last tier that it goes to; None: the end of the chain."""
        return max(self.asked, default=None)

    @property
    def who_resolves(self) -> frozenset[int]:
        """The firms that have to say that it is over: those it comes from, else who raised it."""
        left = {firm for firm, over in self.causes.items() if not over}
        return frozenset(left) if self.causes else frozenset({self.raiser})

    def tiers(self) -> dict[int, int]:
        """Firm → tier; the firm that raised it is 0."""
        onward = self.onward()
        tiers, frontier = {self.raiser: 0}, [self.raiser]
        while frontier:
            found = {to for firm in frontier for to in onward.get(firm, ())} - tiers.keys()
            tiers |= dict.fromkeys(found, tiers[frontier[0]] + 1)
            frontier = sorted(found)
        return tiers

    def onward(self) -> dict[int, set[int]]:
        """Firm → the firms to which it passed the alert."""
        onward: dict[int, set[int]] = defaultdict(set)
        for firm, to in self.passed:
            onward[firm].add(to)
        return onward

    def asks(self, firm: int) -> bool:
        """Whether that firm is asked to answer."""
        return not self.asked or self.tiers().get(firm, 0) in self.asked

    def goes_on_from(self, tier: int) -> bool:
        """Whether firms of that tier pass it on."""
        return self.reach is None or tier < self.reach


def passed_on(course: Course, firm: int, to: Collection[int]) -> Course:
    """The firm passes the alert to firms it trades with. Who has it gets no second one.

    Not to the firm that raised it, nor back to where it came from. Raises AlertOver,
    AlertNotFound, AlertTooFar.

    >>> course = passed_on(Course(raiser=10), 10, {20, 21})
    >>> sorted(passed_on(course, 20, {10, 30}).reached)
    [20, 21, 30]
    """
    _here(course, firm)
    if not course.goes_on_from(course.tiers()[firm]):
        raise AlertTooFar
    others = set(to) - {firm, course.raiser}
    steps = {(firm, other) for other in others if (other, firm) not in course.passed}
    return replace(course, passed=course.passed | steps)


def gone_on(course: Course, nexts: Callable[[int], Collection[int]]) -> Course:
    """Pass it on wherever it goes on by itself: `nexts` gives whom such a firm passes it to.

    Tier by tier, so that each firm has the tier of its shortest way. Ends, as each firm passes
    it on once. `nexts` gives nothing for firms that want to decide themselves.

    >>> ring = {10: [20], 20: [30], 30: [20, 10]}
    >>> sent = passed_on(Course(raiser=10, by_itself=True), 10, {20})
    >>> sorted(gone_on(sent, lambda firm: ring[firm]).passed)
    [(10, 20), (20, 30)]
    """
    done: set[int] = {course.raiser}
    while course.by_itself:
        tiers = course.tiers()
        due = [n for n, tier in tiers.items() if n not in done and course.goes_on_from(tier)]
        if not due:
            break
        nearest = min(tiers[firm] for firm in due)
        passed = set(course.passed)
        for firm in sorted(firm for firm in due if tiers[firm] == nearest):
            done.add(firm)
            others = set(nexts(firm)) - {firm, course.raiser}
            passed |= {(firm, other) for other in others if (other, firm) not in passed}
        course = replace(course, passed=frozenset(passed))
    return course


def acknowledged(course: Course, firm: int) -> Course:
    """The firm has read it. Raises AlertOver, AlertNotFound."""
    _here(course, firm)
    return replace(course, acknowledged=course.acknowledged | {firm})


def answered(course: Course, firm: int, *, cause: bool = False) -> Course:
    """The firm answers, anew if it has answered; `cause`: it comes from this firm.

    Whoever answers has read it. Raises AlertOver, AlertNotFound, AlertNotAsked (a firm that says
    that it comes from itself is always heard).
    """
    _here(course, firm)
    if not cause and (firm == course.raiser or not course.asks(firm)):
        raise AlertNotAsked
    causes = {one: over for one, over in course.causes.items() if one != firm or cause}
    if cause:
        causes.setdefault(firm, False)
    return replace(
        course,
        acknowledged=course.acknowledged | {firm},
        answered=course.answered | ({firm} - {course.raiser}),
        causes=causes,
    )


def resolved(course: Course, firm: int) -> Course:
    """A firm that it comes from says that it is over; once all of them do, it is over everywhere.

    Raises AlertOver, AlertNotFound, AlertNotYours.
    """
    _here(course, firm)
    if firm not in course.who_resolves:
        raise AlertNotYours
    causes = {one: over or one == firm for one, over in course.causes.items()}
    over = all(causes.values())
    return replace(course, causes=causes, state="resolved" if over else course.state)


def withdrawn(course: Course, firm: int) -> Course:
    """The firm that raised it takes it back, everywhere. Raises AlertOver, AlertNotYours."""
    if firm != course.raiser:
        raise AlertNotYours
    _here(course, firm)
    return replace(course, state="withdrawn")


def _here(course: Course, firm: int) -> None:
    if firm != course.raiser and firm not in course.reached:
        raise AlertNotFound(alert="")
    if course.state != "open":
        raise AlertOver


# --- what a firm sees


@dataclass(frozen=True)
class Stand:
    """What came of it at one firm: a word of CAME_TO, and when it read it."""

    came_to: str
    acknowledged_at: datetime | None = None


@dataclass(frozen=True)
class TierSeen:
    """A tier as one firm sees it. `few`: one or two more, of whom nothing is told.

    `hidden` counts firms without a name, `came` what came of it at all that are counted, with
    `first` and `last` when they read it.
    """

    tier: int
    named: tuple[int, ...]
    hidden: int
    few: bool
    came: Mapping[str, int]
    first: datetime | None
    last: datetime | None

    @property
    def firms(self) -> int:
        """How many are counted here."""
        return len(self.named) + self.hidden

    @property
    def read(self) -> int:
        """How many have acknowledged it, or answered."""
        return sum(self.came.get(word, 0) for word in (*ANSWERS, "acknowledged"))

    @property
    def answers(self) -> int:
        """How many have answered."""
        return sum(self.came.get(word, 0) for word in ANSWERS)


def behind(course: Course, firm: int) -> dict[int, int]:
    """Firm that got it by way of this one → steps from here: those it wrote to, and on from there.

    On from others it counts only what has its shortest way through them, so that a circle does
    not show a firm what lies before it.
    """
    tiers, onward = course.tiers(), course.onward()
    steps = dict.fromkeys(onward.get(firm, ()), 1)
    frontier = {to for to in steps if tiers[to] == tiers.get(firm, 0) + 1}
    step = 1
    while frontier:
        step += 1
        frontier = {
            to for one in frontier for to in onward.get(one, ()) if tiers[to] == tiers[one] + 1
        } - steps.keys()
        steps |= dict.fromkeys(frontier, step)
    return {to: step for to, step in steps.items() if to not in (firm, course.raiser)}


def seen_from(
    course: Course, firm: int, nameable: Collection[int], stands: Mapping[int, Stand]
) -> list[TierSeen]:
    """What a firm sees of the way behind it, nearest tier first, counted from itself.

    >>> course = passed_on(passed_on(Course(raiser=1), 1, {2}), 2, {3, 4, 5})
    >>> first, second = seen_from(course, 1, {1, 2}, dict.fromkeys({2, 3, 4, 5}, Stand("sent")))
    >>> (first.named, first.hidden), (second.named, second.hidden, dict(second.came))
    (((2,), 0), ((), 3, {'sent': 3}))
    >>> seen_from(course, 1, {1, 2, 3}, dict.fromkeys({2, 3, 4, 5}, Stand("sent")))[1].few
    True
    """
    own = course.onward().get(firm, set())
    by_tier: dict[int, list[int]] = defaultdict(list)
    for one, step in behind(course, firm).items():
        by_tier[step].append(one)
    may = set(nameable) | own  # it wrote to these itself
    return [_tier(tier, by_tier[tier], may, stands) for tier in sorted(by_tier)]


def _tier(
    tier: int, firms: Iterable[int], may: Collection[int], stands: Mapping[int, Stand]
) -> TierSeen:
    ordered = sorted(firms)
    named = tuple(firm for firm in ordered if firm in may)
    hidden = [firm for firm in ordered if firm not in may]
    few = 0 < len(hidden) < FEWEST
    counted = [stands[firm] for firm in (named if few else ordered)]
    came = Counter(stand.came_to for stand in counted)
    moments = [each.acknowledged_at for each in counted if each.acknowledged_at]
    return TierSeen(
        tier=tier,
        named=named,
        hidden=0 if few else len(hidden),
        few=few,
        came={word: came[word] for word in CAME_TO if came[word]},
        first=min(moments, default=None),
        last=max(moments, default=None),
    )


def came_to(*, delivers: str, answered: bool, acknowledged: bool, reachable: bool) -> str:
    """One word of CAME_TO.

    >>> came_to(delivers="partly", answered=True, acknowledged=True, reachable=True)
    'partly'
    >>> came_to(delivers="", answered=False, acknowledged=False, reachable=False)
    'unreachable'
    """
    if answered:
        return delivers or "answered"
    if acknowledged:
        return "acknowledged"
    return "sent" if reachable else "unreachable"
