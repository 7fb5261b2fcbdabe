"""Before a sheet is taken in: which of its firms look like ones that the firm already has.

Asked while a person waits, so it looks less closely than supplychain.services.looking does after:
among many known firms only at those whose names begin with nearly the same sound.
"""

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process
from sqlmodel import Session, col, select

from supplychain.likeness import Near, likeness
from supplychain.names import Named
from supplychain.romanised import romanised
from supplychain.rows import ReadFirm
from supplychain.services.lessons import weights
from supplychain.services.told import as_named
from supplychain.tables import Description, Firm

_FEW = 300  # known firms, up to which each is looked at
_CLOSEST = 3  # of those that begin alike, so many are compared with care
# Letters that one sound is written with: Hanbit and Hanvit, Gim and Kim.
_ALIKE = str.maketrans("vfktcqrz", "bpgdgglj")


_FIELDS = ("name", "country", "region", "brn")


@dataclass(frozen=True)
class LookAlike:
    """A firm of a sheet that looks like one that the asker has already named."""

    told: ReadFirm
    firm_id: int
    name: str
    probability: float


@dataclass(frozen=True)
class _Known:
    root: int
    key: str
    named: Named


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
    out: they will be found anyhow. Compares for so many seconds at most.
    """
    known = _known_to(session, asker_id)
    keys = {each.key for each in known}
    new = {one.key: one for one in told if one.key not in keys}
    if not known or not new:
        return []
    using, closest = weights(session), _Closest(known)
    until = time.monotonic() + seconds
    found = []
    for firm in new.values():
        asked = as_named(-1, vars(firm))
        scored = [
            (likeness(asked, each.named, using.coefficients).probability, each)
            for each in closest.to(asked, firm.key)
            if not (firm.brn and each.named.brn)
        ]
        best, each = max(scored, key=lambda pair: pair[0], default=(0.0, known[0]))
        if best >= using.least:
            found.append(LookAlike(firm, each.root, each.named.name, best))
        if time.monotonic() > until:
            break
    return sorted(found, key=lambda each: -each.probability)[:most]


class _Closest:
    """Known firms, ready to be asked which of them may be a given one."""

    def __init__(self, known: Sequence[_Known]) -> None:
        self._known = known
        self._near = Near([each.named for each in known]) if len(known) <= _FEW else None
        self._begin: dict[str, dict[int, str]] = defaultdict(dict)
        for place, each in enumerate(known if self._near is None else ()):
            self._begin[_beginning(each.key)][place] = each.key

    def to(self, asked: Named, key: str) -> Iterator[_Known]:
        if self._near is not None:
            return (self._known[other.id] for other in self._near.to(asked, _CLOSEST))
        letters = romanised(key)
        alike = {place: romanised(each) for place, each in self._begin[_beginning(key)].items()}
        best = process.extract(letters, alike, scorer=fuzz.ratio, limit=_CLOSEST)
        return (self._known[place] for _, _, place in best)


def _beginning(key: str) -> str:
    """How a name begins to sound.

    >>> _beginning("한빛정밀") == _beginning("hanvitjungmil")
    True
    """
    return romanised(key[:4])[:4].translate(_ALIKE)


def _known_to(session: Session, asker_id: int) -> list[_Known]:
    """Each firm that the asker names, as it named it last; ids are places in this list."""
    columns = [getattr(Description, name) for name in _FIELDS]
    living = (
        select(Description.told_firm_id, Description.firm_id, Firm.name_key, *columns)
        .join(Firm, col(Firm.id) == Description.told_firm_id)
        .where(Description.by_id == asker_id, col(Description.ended).is_(None))
        .where(Description.name != "")
        .order_by(col(Description.id))
    )
    found = {number: rest for number, *rest in session.execute(living)}
    return [
        _Known(root, key, as_named(place, dict(zip(_FIELDS, words, strict=True))))
        for place, (root, key, *words) in enumerate(found.values())
    ]
