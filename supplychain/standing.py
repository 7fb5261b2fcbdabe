"""What follows for a link from what firms say about it. Pure.

Supplier and buyer speak for their own link; what a third firm says (a lead firm's sheet about its
second tier) keeps a link on the map but neither confirms nor contradicts it.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, NamedTuple

Stance = Literal["holds", "denied"]

SHARES_AGREE = 5.0  # points of share by which two honest estimates may differ


class Statement(NamedTuple):
    """One living statement of a firm about a link; `share` in per cent of the buyer's purchases."""

    firm: int
    stance: str
    share: float | None
    at: datetime


class Outcome(NamedTuple):
    """`standing`: "open", "confirmed" or "contradicted"; `alive`: somebody says that it holds."""

    standing: str
    share: float | None
    alive: bool


def newest(statements: Iterable[Statement]) -> dict[int, Statement]:
    """Each firm's last word; of statements of one moment the later in order.

    A later word without a share leaves the share that the firm told before: it was not told anew.
    """
    words: dict[int, Statement] = {}
    for said in sorted(statements, key=lambda each: each.at):
        before = words.get(said.firm)
        still = before is not None and before.stance == said.stance == "holds"
        known = before.share if before is not None and still else None
        words[said.firm] = said if said.share is not None else said._replace(share=known)
    return words


def outcome(supplier: int, buyer: int, statements: Iterable[Statement]) -> Outcome:
    """What the living statements about one link come to.

    >>> from datetime import UTC, datetime
    >>> day = datetime(2026, 11, 2, tzinfo=UTC)
    >>> by_buyer, by_lead = Statement(2, "holds", 30.0, day), Statement(9, "holds", 10.0, day)
    >>> outcome(1, 2, [by_lead])
    Outcome(standing='open', share=10.0, alive=True)
    >>> outcome(1, 2, [by_lead, by_buyer, Statement(1, "holds", None, day)])
    Outcome(standing='confirmed', share=30.0, alive=True)
    >>> outcome(1, 2, [by_buyer, Statement(1, "denied", None, day)])
    Outcome(standing='contradicted', share=30.0, alive=True)
    """
    words = newest(statements)
    holding = {firm: said for firm, said in words.items() if said.stance == "holds"}
    ends = [words[firm] for firm in (supplier, buyer) if firm in words]
    return Outcome(_standing(ends, len(holding)), _share(buyer, holding), bool(holding))


def _standing(ends: list[Statement], holding: int) -> str:
    stances = {said.stance for said in ends}
    shares = [said.share for said in ends if said.share is not None]
    if "denied" in stances and holding:
        return "contradicted"
    if len(ends) < 2 or stances != {"holds"}:
        return "open"
    differ = len(shares) == len(ends) and max(shares) - min(shares) > SHARES_AGREE
    return "contradicted" if differ else "confirmed"


def _share(buyer: int, holding: dict[int, Statement]) -> float | None:
    """The buyer knows its own purchases; else whoever spoke last."""
    if buyer in holding and holding[buyer].share is not None:
        return holding[buyer].share
    told = [said for said in holding.values() if said.share is not None]
    return max(told, key=lambda said: said.at).share if told else None
