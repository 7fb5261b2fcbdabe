"""What an asker may read of a firm's facts: its own word, else what the asker itself told of it."""

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlmodel import Session, col, select

from supplychain.services.acquainted import acquainted, heard_of
from supplychain.services.bulk import among, plain_rows
from supplychain.services.firms import batches
from supplychain.services.voices import ear_of
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
    rows = _firms(session, sorted(set(firm_ids)))
    joined = {number for number, row in rows.items() if row[_JOINED]}
    near = acquainted(session, asker_id) if joined else set()
    unheard = ear_of(session, asker_id).unheard if joined else frozenset()
    speaking = {n for n in rows if n == asker_id or (n in joined and n in near)}
    told = _told_by(session, asker_id, sorted(rows.keys() - speaking))
    named = {number for number, said in told.items() if said[1]}
    heard = heard_of(session, asker_id, rows.keys() - speaking - named)
    return {
        number: _own_word(row)
        if number in speaking
        else _as_told(
            _silent(row) if number in unheard else row,
            told.get(number, _NOTHING),
            heard.get(number, ""),
        )
        for number, row in rows.items()
    }


def _silent(row: "Row") -> "Row":
    """Without the region and sector that somebody gave whom the asker does not hear."""
    return (*row[:_REGION], "", "", *row[_SECTOR + 1 :])


Row = tuple[Any, ...]
_NAME, _COUNTRY, _REGION, _SECTOR, _JOINED = 1, 3, 4, 5, 9  # in _FIRM
_NOTHING: Row = (0, "", None, "", "", "", "", None, None)  # as _TOLD


def _firms(session: Session, firms: list[int]) -> dict[int, Row]:
    """Each firm's own columns."""
    return {
        row[0]: row
        for some in batches(firms, _AT_ONCE)
        for row in plain_rows(session, select(*_FIRM).where(among(session, Firm.id, some)))
    }


def _told_by(session: Session, asker_id: int, firms: list[int]) -> dict[int, Row]:
    """What one firm's living descriptions tell of each, the newest first and field by field."""
    found: dict[int, list[Row]] = {}
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
            found.setdefault(row[0], []).append(row)
    return {number: rows[0] if len(rows) == 1 else _joined(rows) for number, rows in found.items()}


def _joined(rows: list[Row]) -> Row:
    """Several descriptions as one; level 0 tells something, nought employees do not."""
    *words, levels = zip(*rows, strict=True)
    level = next((each for each in levels if each is not None), None)
    return (*(next(filter(None, column), column[0]) for column in words), level)


def _own_word(firm: Row) -> Facts:
    number, name, brn, country, region, sector, process, employees, revision, joined = firm
    return Facts(
        number, name, brn, country, region, sector, process, employees, None, bool(joined),
        own_word=True, sector_revision=revision,
    )  # fmt: skip


def _as_told(firm: Row, said: Row, heard: str) -> Facts:
    _, name, brn, country, region, sector, process, employees, level = said
    # A firm that speaks for itself is called as others call it, until it speaks to the asker.
    return Facts(
        firm[0],
        name or heard or ("" if firm[_JOINED] else firm[_NAME]),
        brn or None,
        country or firm[_COUNTRY],
        region or firm[_REGION],
        sector or firm[_SECTOR],
        process,
        employees or None,
        level,
        bool(firm[_JOINED]),
        False,
        None,
        bool(name),
    )
