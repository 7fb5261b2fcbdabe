"""What a firm once said that the columns of a layout hold, for its next sheet of that layout."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, func, select

from supplychain.columns import Layout
from supplychain.headings import Heading
from supplychain.reading import Reading
from supplychain.services.firms import batches
from supplychain.tables import Sheet, SheetLayout, now


def remembered(session: Session, firm_id: int, keys: Collection[str]) -> SheetLayout | None:
    """What the firm said of a layout that has one of these keys; the last said, if of several.

    A sheet of that layout that was taken in says it, too, unless the layout was forgotten since.
    """
    found: list[SheetLayout] = []
    for some in batches(sorted(keys)):
        said = select(SheetLayout).where(SheetLayout.firm_id == firm_id)
        found += session.exec(said.where(col(SheetLayout.key).in_(some)))
    last = max(found, key=lambda each: each.used_at, default=None)
    if last is None:
        return _taken(session, firm_id, keys)
    return last if last.layout else None


def _taken(session: Session, firm_id: int, keys: Collection[str]) -> SheetLayout | None:
    for some in batches(sorted(keys)):
        taken = select(Sheet).where(Sheet.lead_id == firm_id, Sheet.state == "taken")
        same = taken.where(col(Sheet.layout_key).in_(some)).order_by(col(Sheet.taken_at).desc())
        sheet = session.exec(same).first()
        if sheet and sheet.layout:
            return SheetLayout(firm_id=firm_id, key=sheet.layout_key, layout=sheet.layout)
    return None


def as_remembered(known: SheetLayout, heading: Heading) -> Layout:
    """What was said, in the words of a heading with the same key: only spaces and signs differ."""
    names = dict(zip(known.columns, heading.columns, strict=False))
    return Layout.model_validate(known.layout).renamed(names)


def remember(session: Session, firm_id: int, heading: Heading, layout: Layout, actor: str) -> None:
    """Keep what the columns hold, in place of what was said before."""
    said: dict[str, Any] = {
        "columns": heading.columns,
        "layout": layout.model_dump(exclude_none=True),
        "actor": actor[:60],
        "used_at": now(),
    }
    connection = session.connection()
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    row = dialect.insert(SheetLayout).values(firm_id=firm_id, key=heading.key, **said)
    connection.execute(row.on_conflict_do_update(index_elements=["firm_id", "key"], set_=said))


def choose(session: Session, sheet: Sheet, reading: Reading, actor: str) -> int:
    """Read a sheet that waits by these columns from now on, and remember them for its layout.

    Other sheets of the layout that wait for their columns get them, too: how many those are.
    """
    sheet.layout = reading.layout.model_dump(exclude_none=True)
    sheet.layout_key, sheet.rows = reading.heading.key, len(reading.rows)
    remember(session, sheet.lead_id, reading.heading, reading.layout, actor)
    waiting = select(Sheet).where(Sheet.lead_id == sheet.lead_id, Sheet.state == "waiting")
    same = waiting.where(Sheet.layout_key == sheet.layout_key, Sheet.id != sheet.id)
    others = [each for each in session.exec(same) if each.layout is None]
    for each in (sheet, *others):
        each.layout = sheet.layout
        session.add(each)
    session.flush()
    return len(others)


@dataclass(frozen=True)
class Remembered:
    """A layout as its firm chose it: (field, column) for each, and how many sheets had it."""

    row: SheetLayout
    holds: list[tuple[str, str]]
    sheets: int


def layouts_of(session: Session, firm_id: int) -> list[Remembered]:
    """Every layout that would be used for a next sheet, the last used first."""
    said = session.exec(select(SheetLayout).where(SheetLayout.firm_id == firm_id)).all()
    known = {row.key for row in said}
    taken = select(Sheet).where(Sheet.lead_id == firm_id, Sheet.state == "taken")
    by_sheet: dict[str, SheetLayout] = {}
    for sheet in session.exec(taken.order_by(col(Sheet.taken_at))):
        if sheet.layout and sheet.layout_key not in known:
            by_sheet[sheet.layout_key] = SheetLayout(
                firm_id=firm_id,
                key=sheet.layout_key,
                layout=sheet.layout,
                actor=sheet.actor,
                used_at=sheet.taken_at or now(),
            )
    counted = select(Sheet.layout_key, func.count()).where(Sheet.lead_id == firm_id)
    sheets = Counter(dict(session.exec(counted.group_by(Sheet.layout_key)).all()))
    rows = [row for row in (*said, *by_sheet.values()) if row.layout]
    rows.sort(key=lambda row: row.used_at, reverse=True)
    return [Remembered(row, _holds(row.layout), sheets[row.key]) for row in rows]


def forget(session: Session, firm_id: int, key: str, actor: str) -> bool:
    """Forget what the columns hold; whether anything was remembered.

    An empty row stays: sheets of that layout that were taken in are not to say it again.
    """
    if key not in {each.row.key for each in layouts_of(session, firm_id)}:
        return False
    same = select(SheetLayout).where(SheetLayout.firm_id == firm_id, SheetLayout.key == key)
    row = session.exec(same).first() or SheetLayout(firm_id=firm_id, key=key)
    row.layout, row.columns, row.actor, row.used_at = {}, [], actor[:60], now()
    session.add(row)
    session.flush()
    return True


def _holds(said: dict[str, object]) -> list[tuple[str, str]]:
    """Field → column, of every link of a layout."""
    found: list[tuple[str, str]] = []
    for link in Layout.model_validate(said).links:
        parties = [("supplier", link.supplier)]
        parties += [] if link.buyer == "lead" else [("buyer", link.buyer)]
        for side, party in parties:
            columns = party.model_dump(exclude={"given"}, exclude_none=True)
            found += [(f"{side}.{name}", column) for name, column in columns.items()]
        found += [(f"link.{name}", getattr(link, name)) for name in ("item", "share")]
    return [(field, column) for field, column in found if column]
