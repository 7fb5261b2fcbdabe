"""A sheet that renews an earlier one, and a sheet that is taken back.

What the earlier one said ends, and lives again when the newer one is withdrawn.
"""

import re
import unicodedata
from pathlib import PurePath
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from supplychain.cells import plain
from supplychain.comparison import SHOWN, Coming, Line
from supplychain.services.descriptions import described
from supplychain.services.firms import batches
from supplychain.services.known import Known
from supplychain.services.links import settle
from supplychain.tables import Declaration, Description, Link, Sheet, now

# What people put into the name of a file to tell its versions apart. "1차", "tier 2" stay.
_VERSION = re.compile(
    r"\(\d+\)|\d{2,4}[.\-_/년 ]+\d{1,2}(?:[.\-_/월 ]+\d{1,2})?|(?<!\d)\d{4,8}(?!\d)"
    r"|\d{1,2}월(?:\d{1,2}일)?|\d분기|q[1-4](?!\w)|(?<![^\W_])v(?:er)?[.\s_]*\d+(?:\.\d+)*|최종본?|수정본?|복사본|사본|최신|업데이트"
    r"|(?<![^\W_])(?:final|copy|new|updated?|rev\.?\s*\d*)(?![^\W_])",
    re.IGNORECASE,
)


def list_name(file: str) -> str:
    """What the versions of one list have in common in their file's name.

    >>> {list_name(n) for n in ("협력사 명단_2026-11.xlsx", "협력사 명단 (최종) v2.csv")}
    {'협력사명단'}
    >>> list_name("1차 협력사.xlsx") == list_name("2차 협력사.xlsx")
    False
    """
    stem = PurePath(unicodedata.normalize("NFC", file)).stem
    return plain(_VERSION.sub(" ", stem))


def earlier_of(session: Session, sheet: Sheet) -> Sheet | None:
    """The sheet of the same firm that this one most likely renews: a like name, the same tab.

    The last one that was taken in, and that no other has renewed since; one of the same layout
    before one of another.
    """
    renewed = select(Sheet.replaces_id).where(
        col(Sheet.replaces_id).is_not(None), Sheet.state == "taken"
    )
    taken = (
        select(Sheet)
        .where(Sheet.lead_id == sheet.lead_id, Sheet.state == "taken", Sheet.id != sheet.id)
        .where(Sheet.tab == sheet.tab, col(Sheet.id).not_in(renewed))
        .order_by(col(Sheet.taken_at).desc(), col(Sheet.id).desc())
    )
    name = list_name(sheet.file_name)
    alike = [each for each in session.exec(taken) if list_name(each.file_name) == name]
    same = [each for each in alike if each.layout_key == sheet.layout_key]
    if not name:  # the name tells nothing but a date
        alike = []
    return next(iter([*same, *alike]), None)


def the_newest(session: Session, sheet: Sheet) -> int | None:
    """The sheet whose statements this one ends: the last that renewed the one it was told of."""
    number = sheet.replaces_id
    seen = {sheet.id}
    while number is not None and number not in seen:
        seen.add(number)
        newer = select(Sheet.id).where(Sheet.replaces_id == number, Sheet.state == "taken")
        later = session.exec(newer.where(Sheet.id != sheet.id)).first()
        if later is None:
            break
        number = later
    older = session.get(Sheet, number) if number is not None else None
    return older.id if older and older.state == "taken" and older.id != sheet.id else None


def note_gone(session: Session, known: Known, older: int, named: set[int], coming: Coming) -> None:
    """How many links of the older sheet its firm would no longer declare, and the first of them."""
    firm = known.lead_id
    living = select(Declaration.link_id, Declaration.sheet_id, Declaration.row).where(
        Declaration.firm_id == firm, col(Declaration.ended).is_(None)
    )
    told = known.look(living.where(Declaration.sheet_id == older).order_by(col(Declaration.row)))
    gone = {link: row for link, _, row in told if link not in named}
    for some in batches(list(gone)):
        for link, sheet_id, _ in known.look(living.where(col(Declaration.link_id).in_(some))):
            if sheet_id != older:
                gone.pop(link, None)
    shown = list(gone)[:SHOWN]
    coming.links_before, coming.links_gone = len(told), len(gone)
    coming.gone = _lines(session, firm, {link: gone[link] for link in shown})


def _lines(session: Session, firm: int, gone: dict[int, int | None]) -> list[Line]:
    links = session.exec(select(Link).where(col(Link.id).in_(gone))).all()
    ends = {number for link in links for number in (link.supplier_id, link.buyer_id)}
    names = described(session, firm, ends)
    held = select(Declaration.link_id).where(
        col(Declaration.link_id).in_(gone),
        col(Declaration.ended).is_(None),
        Declaration.stance == "holds",
        Declaration.firm_id != firm,
    )
    others = set(session.exec(held))
    by_row = sorted(links, key=lambda link: (gone[link.id or 0] or 0, link.id or 0))
    return [
        Line(
            row=gone[link.id or 0],
            supplier=names[link.supplier_id].name,
            buyer=names[link.buyer_id].name,
            item=link.item,
            before={} if link.share is None else {"share": link.share},
            ends=link.id not in others,
        )
        for link in by_row
    ]


def end_older(session: Session, older: int, sheet: Sheet) -> set[int]:
    """End what the older sheet says, because this one renews it; the links that it spoke of."""
    said = _links_of(session, Declaration.sheet_id == older)
    at = now()
    _change(session, Declaration, Declaration.sheet_id == older, ended=at, ended_by_id=sheet.id)
    _change(session, Description, Description.sheet_id == older, ended=at)
    return said


def revive(session: Session, sheet: Sheet) -> None:
    """End what a withdrawn sheet says, and let what it had ended live again.

    Where a newer sheet has renewed the withdrawn one, it takes its place instead.
    """
    at = now()
    own = col(Declaration.sheet_id) == sheet.id
    touched = _links_of(session, own)
    _change(session, Declaration, own, ended=at)
    _change(session, Description, Description.sheet_id == sheet.id, ended=at)
    connection = session.connection()
    # What has been taken back is not to live again when the newer sheet goes, too.
    connection.execute(update(Declaration).where(own).values(ended_by_id=None))
    ended_by_it = col(Declaration.ended_by_id) == sheet.id
    heir = session.exec(
        select(Sheet).where(Sheet.replaces_id == sheet.id, Sheet.state == "taken")
    ).first()
    if heir is not None:
        heir.replaces_id, sheet.replaces_id = sheet.replaces_id, None
        session.add_all((heir, sheet))
        connection.execute(update(Declaration).where(ended_by_it).values(ended_by_id=heir.id))
    else:
        touched |= _links_of(session, ended_by_it, living=False)
        connection.execute(
            update(Declaration).where(ended_by_it).values(ended=None, ended_by_id=None)
        )
        again = col(Description.sheet_id) == sheet.replaces_id
        if sheet.replaces_id is not None:
            connection.execute(update(Description).where(again).values(ended=None))
    session.flush()
    session.expire_all()
    settle(session, touched)


def _links_of(session: Session, condition: Any, *, living: bool = True) -> set[int]:
    said = select(Declaration.link_id).where(condition)
    if living:
        said = said.where(col(Declaration.ended).is_(None))
    return set(session.exec(said))


def _change(session: Session, table: Any, condition: Any, **values: object) -> None:
    living = update(table).where(condition, col(table.ended).is_(None))
    session.connection().execute(living.values(values))
