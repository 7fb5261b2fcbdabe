"""Before a sheet is taken in: which of its firms look like ones that the firm already has."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from supplychain.likeness import Near, likeness
from supplychain.names import Named
from supplychain.rows import ReadFirm
from supplychain.services.firms import batches
from supplychain.services.lessons import weights
from supplychain.services.told import Told, told_by
from supplychain.tables import Firm


@dataclass(frozen=True)
class LookAlike:
    """A firm of a sheet that looks like one that the asker has already named."""

    told: ReadFirm
    firm_id: int
    name: str
    probability: float


def look_alikes(
    session: Session,
    asker_id: int,
    told: Iterable[ReadFirm],
    *,
    seconds: float = 0.5,
    most: int = 100,
) -> list[LookAlike]:
    """Firms of a sheet that look like ones that the asker has already named, the likeliest first.

    For the preview of a sheet. Firms that are known by their number or by the same name are left
    out: they will be found anyhow. Looks for so many seconds at most.
    """
    until = time.monotonic() + seconds
    mine = told_by(session, asker_id)
    if not mine:
        return []
    using, keys = weights(session), _keys(session, mine)
    near = Near([each.named._replace(id=place) for place, each in enumerate(mine)])
    found = []
    for firm in {one.key: one for one in told if one.key not in keys}.values():
        asked = Named(-1, firm.name, firm.country, firm.region, firm.brn, "", firm.sector)
        for other in near.to(asked, 1):
            probability = likeness(asked, other, using.coefficients).probability
            if probability >= using.least and not (firm.brn and other.brn):
                root = mine[other.id].root
                found.append(LookAlike(firm, root, other.name, probability))
        if time.monotonic() > until:
            break
    return sorted(found, key=lambda each: -each.probability)[:most]


def _keys(session: Session, mine: Sequence[Told]) -> set[str]:
    found: set[str] = set()
    for some in batches([each.number for each in mine]):
        found |= set(session.exec(select(Firm.name_key).where(col(Firm.id).in_(some))))
    return found
