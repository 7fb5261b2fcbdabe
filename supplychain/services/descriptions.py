"""What an asker may read of a firm's facts: its own word, else what the asker itself told of it."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlmodel import Session, col, select

from supplychain.services.acquainted import acquainted, heard_of
from supplychain.services.bulk import among, plain_rows
from supplychain.services.firms import batches
from supplychain.tables import Description, Firm

_AT_ONCE = 20_000
# Columns, not rows of tables: a map of ten thousand firms reads them all.
_FIRM: list[Any] = [
    Firm.id, Firm.name, Firm.brn, Firm.country, Firm.region, Firm.sector, Firm.process,
    Firm.employees, Firm.sector_revision, col(Firm.joined_at).is_not(None),
]  # fmt: skip
_TOLD: list[Any] = [
    Description.firm_id, Description.name, Description.brn, Description.country,
    Description.region, Description.sector, Description.process, Description.employees,
    Description.level,
]  # fmt: skip


class Facts(NamedTuple):
    """What is known of a firm to one asker. `own_word`: the firm itself says so; `told`: the asker.

    The name is there for whoever may see the firm by name (supplychain.visibility decides that).
    """

    firm_id: int
    name: str
    brn: str | None
    country: str
    region: str
    sector: str
    process: str
    employees: int | None
    level: int | None
    joined: bool
    own_word: bool
    sector_revision: int | None = None
    told: bool = False


def described(session: Session, asker_id: int, firm_ids: Collection[int]) -> dict[int, Facts]:
    """Facts of firms, by their numbers, as the asker may read them.

    The firm's own word where it has joined and has to do with the asker by its own word
    (supplychain.services.acquainted), or asks about itself; else what the asker's own living
    statements tell, the newest first and field by field; of the rest only country, region and
    sector, and the name under which somebody spoke of a link between the two. Never what else
    another firm's sheet said. Numbers of no firm are left out.
    """
    wanted = sorted(set(firm_ids))
    firms = {firm.firm_id: firm for firm in _firms(session, wanted)}
    near = {asker_id}
    if any(firm.joined for firm in firms.values()):
        near |= acquainted(session, asker_id)
    speaking = {n for n, firm in firms.items() if n == asker_id or (firm.joined and n in near)}
    told = _told_by(session, asker_id, sorted(firms.keys() - speaking))
    unnamed = [n for n in firms.keys() - speaking if not any(row.name for row in told.get(n, ()))]
    heard = heard_of(session, asker_id, unnamed)
    return {
        number: firm
        if number in speaking
        else _as_told(firm, told.get(number, ()), heard.get(number, ""))
        for number, firm in firms.items()
    }


class _Said(NamedTuple):
    """What one description tells."""

    name: str
    brn: str | None
    country: str
    region: str
    sector: str
    process: str
    employees: int | None
    level: int | None


def _firms(session: Session, firms: list[int]) -> list[Facts]:
    """Each firm's own columns."""
    return [
        Facts(*row[:8], None, bool(row[9]), True, row[8])
        for some in batches(firms, _AT_ONCE)
        for row in plain_rows(session, select(*_FIRM).where(among(session, Firm.id, some)))
    ]


def _told_by(session: Session, asker_id: int, firms: list[int]) -> dict[int, list[_Said]]:
    """Living descriptions by one firm, the newest first."""
    found: dict[int, list[_Said]] = {}
    for some in batches(firms, _AT_ONCE):
        living = (
            select(*_TOLD)
            .where(Description.by_id == asker_id, col(Description.ended).is_(None))
            .where(among(session, Description.firm_id, some))
            # what was told of the firm itself before what was told of one that was found to be it
            .order_by(
                col(Description.told_firm_id) != col(Description.firm_id),
                col(Description.at).desc(),
                col(Description.id).desc(),
            )
        )
        for row in plain_rows(session, living):
            found.setdefault(row[0], []).append(_Said._make(row[1:]))
    return found


def _as_told(firm: Facts, told: Sequence[_Said], heard: str) -> Facts:
    said = told[0] if len(told) == 1 else _first_of(told)
    # A firm that speaks for itself is called as others call it, until it speaks to the asker.
    return Facts(
        firm_id=firm.firm_id,
        name=said.name or heard or ("" if firm.joined else firm.name),
        brn=said.brn or None,
        country=said.country or firm.country,
        region=said.region or firm.region,
        sector=said.sector or firm.sector,
        process=said.process,
        employees=said.employees or None,
        level=said.level,
        joined=firm.joined,
        own_word=False,
        told=bool(said.name),
    )


def _first_of(told: Sequence[_Said]) -> _Said:
    """What several descriptions tell, field by field; level 0 tells something, 0 people do not."""
    columns = list(zip(*told, strict=True)) or [()] * len(_Said._fields)
    *words, levels = columns
    level = next((each for each in levels if each is not None), None)
    firsts: list[Any] = [next(filter(None, column), None) for column in words]
    for at, name in enumerate(_Said._fields[:-1]):
        if firsts[at] is None and name not in ("brn", "employees"):
            firsts[at] = ""
    return _Said._make([*firsts, level])
