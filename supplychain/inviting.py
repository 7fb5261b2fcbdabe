"""What an invitation has come to, and how far down the chain invitations got. Pure.

Nothing marks an invitation as over: that follows from its date.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from math import ceil

from supplychain.invitation_errors import NoteRefused, WrittenLately

REST = timedelta(hours=24)  # between two mails to the same person for the same thing
NOTE_LIMIT = 1000
# Mails that one firm can have written in a day: a chain's size for a lead firm, a plant's for a
# vendor, so that nobody uses the hub to write to the world.
MOST_A_DAY, MOST_A_DAY_WHOLE_CHAIN = 300, 20_000
FEWEST = 3  # a group of fewer firms that may not be named is not broken down

# What an invitation has come to, the furthest first.
CAME_TO = ("joined", "opened", "silent", "declined", "undelivered", "expired", "withdrawn")
_LINK = ("://", "www.")


def came_to(
    state: str, expires_at: datetime, at: datetime, *, joined: bool = False, undelivered: bool
) -> str:
    """One of CAME_TO. `joined`: somebody speaks for the firm, by this invitation or another's.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    >>> came_to("sent", noon + timedelta(days=1), noon, undelivered=False)
    'silent'
    >>> came_to("opened", noon, noon, undelivered=False)
    'expired'
    """
    if state == "accepted" or (joined and state != "withdrawn"):
        return "joined"
    if state in ("declined", "withdrawn"):
        return state
    if undelivered:
        return "undelivered"
    if expires_at <= at:
        return "expired"
    return "opened" if state == "opened" else "silent"


def last_moment(at: datetime, days: int, zone: tzinfo) -> datetime:
    """The end of the day that comes so many days later, where the reader lives.

    >>> from datetime import UTC
    >>> str(last_moment(datetime(2026, 11, 24, 12, tzinfo=UTC), 14, UTC))
    '2026-12-08 23:59:59+00:00'
    """
    day = (at.astimezone(zone) + timedelta(days=days)).date()
    return datetime.combine(day, time(23, 59, 59), tzinfo=zone)


def rested(sent_at: datetime, at: datetime) -> None:
    """Raise WrittenLately where the person was written to a short while ago."""
    left = sent_at + REST - at
    if left > timedelta(0):
        raise WrittenLately(hours=ceil(left / timedelta(hours=1)))


def note_of(text: str) -> str:
    """What the inviter adds, without control characters. Raises NoteRefused for a web address.

    A mail of the hub's carries one link, the hub's own: nobody is led elsewhere in its name.
    """
    kept = "".join(c for c in text.replace("\r\n", "\n") if c == "\n" or c.isprintable())
    if any(sign in kept.lower() for sign in _LINK):
        raise NoteRefused
    return kept.strip()[:NOTE_LIMIT]


@dataclass(frozen=True)
class Tier:
    """Firms invited in one tier, by what it came to; `folded`: too few to say more."""

    tier: int
    invited: int
    came: Mapping[str, int]
    folded: bool = False

    @property
    def opened(self) -> int:
        """How many looked at the invitation, whatever they answered."""
        return sum(self.came.get(word, 0) for word in ("opened", "joined", "declined"))


def by_tier(firms: Iterable[tuple[int, int, str]], own: Iterable[int] = ()) -> list[Tier]:
    """(tier, firm, what it came to) → tiers, nearest first. A firm counts once, at its furthest.

    Firms outside `own` may not be named: fewer than FEWEST of them in a tier are only counted
    as "a few" together with nobody, so that what a single one answered is not told.

    >>> [tier] = by_tier([(1, 7, "silent"), (1, 7, "joined"), (1, 8, "declined")], own=[7, 8])
    >>> tier.invited, dict(tier.came), tier.opened
    (2, {'joined': 1, 'declined': 1}, 2)
    >>> by_tier([(2, 9, "declined")])
    [Tier(tier=2, invited=0, came={}, folded=True)]
    """
    best: dict[int, tuple[int, str]] = {}
    for tier, firm, word in firms:
        known = best.get(firm, (tier, word))
        best[firm] = (min(tier, known[0]), min(word, known[1], key=CAME_TO.index))
    named = set(own)
    found: dict[int, Counter[str]] = {}
    others: dict[int, Counter[str]] = {}
    for firm, (tier, word) in best.items():
        (found if firm in named else others).setdefault(tier, Counter())[word] += 1
    tiers = []
    for tier in sorted(found | others):
        counted, more = found.get(tier, Counter()), others.get(tier, Counter())
        few = 0 < more.total() < FEWEST
        whole = counted if few else counted + more
        came = {word: whole[word] for word in CAME_TO if whole[word]}
        tiers.append(Tier(tier, whole.total() - whole["withdrawn"], came, folded=few))
    return tiers
