"""What an asker may read of a firm's facts: its own word, else what the asker itself told of it."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlmodel import Session, col, select

from supplychain.services.acquainted import acquainted, heard_of
from supplychain.services.firms import batches
from supplychain.tables import Description, Firm

_FIELDS = ("brn", "country", "region", "sector", "sector_revision", "process", "employees", "level")


@dataclass(frozen=True)
class Facts:
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
    firms = {
        firm.id or 0: firm
        for some in batches(sorted(set(firm_ids)))
        for firm in session.exec(select(Firm).where(col(Firm.id).in_(some)))
    }
    near = {asker_id}
    if any(firm.joined_at for firm in firms.values()):
        near |= acquainted(session, asker_id)
    speaking = {n for n, firm in firms.items() if n == asker_id or (firm.joined_at and n in near)}
    told = _told_by(session, asker_id, sorted(firms.keys() - speaking))
    unnamed = firms.keys() - speaking - {n for n, rows in told.items() if any(r.name for r in rows)}
    heard = heard_of(session, asker_id, unnamed)
    return {
        number: _own_word(firm)
        if number in speaking
        else _as_told(firm, told.get(number, []), heard.get(number, ""))
        for number, firm in firms.items()
    }


def _told_by(session: Session, asker_id: int, firms: list[int]) -> dict[int, list[Description]]:
    """Living descriptions by one firm, the newest first."""
    found: dict[int, list[Description]] = {}
    for some in batches(firms):
        living = (
            select(Description)
            .where(Description.by_id == asker_id, col(Description.ended).is_(None))
            .where(col(Description.firm_id).in_(some))
            # what was told of the firm itself before what was told of one that was found to be it
            .order_by(
                col(Description.told_firm_id) != col(Description.firm_id),
                col(Description.at).desc(),
                col(Description.id).desc(),
            )
        )
        for row in session.exec(living):
            found.setdefault(row.firm_id, []).append(row)
    return found


def _own_word(firm: Firm) -> Facts:
    facts = firm.model_dump(include={"name", *_FIELDS})
    return Facts(
        firm_id=firm.id or 0, level=None, joined=firm.joined_at is not None, own_word=True, **facts
    )


def _as_told(firm: Firm, told: list[Description], heard: str) -> Facts:
    def first(field: str) -> object:
        return next((value for row in told if (value := getattr(row, field))), None)

    # A firm that speaks for itself is called as others call it, until it speaks to the asker.
    name = first("name") or heard or ("" if firm.joined_at else firm.name)
    facts = {field: first(field) for field in ("brn", "process", "employees")}
    return Facts(
        firm_id=firm.id or 0,
        name=str(name),
        brn=facts["brn"],  # type: ignore[arg-type] # the column's own type
        country=str(first("country") or firm.country),
        region=str(first("region") or firm.region),
        sector=str(first("sector") or firm.sector),
        process=str(facts["process"] or ""),
        employees=facts["employees"],  # type: ignore[arg-type] # the column's own type
        level=next((row.level for row in told if row.level is not None), None),
        joined=firm.joined_at is not None,
        own_word=False,
        told=first("name") is not None,
    )
