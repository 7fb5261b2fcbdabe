"""What is delivered and at which share, for thousands of links at once: what a computation reads.

The same that supplychain.services.sight tells of each link, without the rest of it.
"""

from typing import NamedTuple

import numpy as np
from sqlmodel import col, select

from supplychain.services.bulk import among, plain_rows
from supplychain.services.merging import roots
from supplychain.services.sight import WAYS, Lines, Sight
from supplychain.tables import Declaration, Link


class Delivered(NamedTuple):
    """A supplier delivers an item; `share` in per cent of what the buyer buys of it, if told."""

    supplier: int
    buyer: int
    item: str
    share: float | None


def delivered(sight: Sight, lines: Lines) -> list[Delivered]:
    """Item and share of links that a firm sees, as it may read them."""
    items = select(Link.id, Link.item, Link.share)
    rest = {
        number: (item, share)
        for number, item, share in plain_rows(
            sight.session, items.where(among(sight.session, Link.id, lines.link.tolist()))
        )
    }
    told: dict[int, float | None] = {}
    if sight.ear.hears_all:
        told = _own_words(sight, lines.where(lines.way == WAYS.index("told")))
        rest_of = lines.where(lines.way == WAYS.index("opened"))
    else:
        rest_of = lines
    told |= {number: line.share for number, line in sight.told(rest_of).items()}
    ends = zip(lines.link.tolist(), lines.supplier.tolist(), lines.buyer.tolist(), strict=True)
    return [
        Delivered(supplier, buyer, rest[number][0], told.get(number, rest[number][1]))
        for number, supplier, buyer in ends
    ]


def _own_words(sight: Sight, lines: Lines) -> dict[int, float | None]:
    """The share that the firm itself told of each link, by supplychain.standing's rule."""
    if not len(lines.link):
        return {}
    same = roots(sight.session)
    selves = [sight.asker, *(firm for firm, root in same.items() if root == sight.asker)]
    living = (
        select(Declaration.link_id, Declaration.stance, Declaration.share)
        .where(col(Declaration.firm_id).in_(selves), col(Declaration.ended).is_(None))
        .order_by(col(Declaration.at), col(Declaration.id))
    )
    asked = np.sort(lines.link)
    words: dict[int, tuple[str, float | None]] = dict.fromkeys(asked.tolist(), ("", None))
    for link, stance, share in plain_rows(sight.session, living):
        if link in words:
            before = words[link]
            still = before[1] if before[0] == stance == "holds" else None
            words[link] = (stance, share if share is not None else still)
    return {link: share if stance == "holds" else None for link, (stance, share) in words.items()}
