"""Further numbers of firms (LEI, DUNS, 법인등록번호, KSIC with its revision): read and told.

Read like all other facts: the firm's own word where it has joined, else what the asker itself told.
"""

from collections.abc import Collection, Mapping

from sqlmodel import Session, col, select

from supplychain.errors import FirmNotFound
from supplychain.numbers import FIELDS
from supplychain.services.descriptions import described
from supplychain.services.firms import batches
from supplychain.services.merging import root_of
from supplychain.services.turns import take_turns
from supplychain.tables import Description, Firm, now

Numbers = dict[str, object]  # only what was told
_SAID_ANEW = {"id", "told_firm_id", "firm_id", "by_id", "actor", "at", "ended", "sheet_id", "row"}


def further_numbers(
    session: Session, asker_id: int, firm_ids: Collection[int]
) -> dict[int, Numbers]:
    """Firm → its further numbers, as the asker may read them."""
    found: dict[int, Numbers] = {number: {} for number in firm_ids}
    facts = described(session, asker_id, found)
    speaking = {number for number, each in facts.items() if each.own_word}
    for some in batches(sorted(found)):
        told = select(Description).where(
            col(Description.firm_id).in_(some),
            col(Description.ended).is_(None),
            (col(Description.by_id) == asker_id) | (col(Description.by_id) == Description.firm_id),
        )
        for said in session.exec(told.order_by(col(Description.at), col(Description.id))):
            firm = said.firm_id
            if said.by_id == (firm if firm in speaking else asker_id):
                found[firm] |= _told(said)
    return found


def tell_numbers(
    session: Session, by_id: int, firm_id: int, numbers: Mapping[str, object], actor: str
) -> Description:
    """A firm says by hand which further numbers itself or a firm that it names has.

    What it had said by hand of that firm is said anew with them. Raises FirmNotFound for a firm
    that it does not name, and for one that has joined: that one speaks for itself.
    """
    take_turns(session)
    number = _named(session, by_id, firm_id)
    old = session.exec(
        select(Description).where(
            Description.told_firm_id == number,
            Description.by_id == by_id,
            col(Description.sheet_id).is_(None),
            col(Description.ended).is_(None),
        )
    ).first()
    wanted = {field: numbers.get(field) for field in FIELDS} | {
        "sector": numbers.get("sector") or ""
    }
    if old is not None:
        if all(getattr(old, field) == value for field, value in wanted.items()):
            return old
        old.ended = now()
        session.flush()
    kept = old.model_dump(exclude=_SAID_ANEW) if old is not None else {}
    said = Description(
        **(kept | wanted),
        told_firm_id=number,
        firm_id=root_of(session, number),
        by_id=by_id,
        actor=actor,
    )
    session.add(said)
    session.flush()
    return said


def _told(said: Description) -> Numbers:
    told = {field: value for field in FIELDS if (value := getattr(said, field))}
    if "sector" in told:
        told.setdefault("sector_revision", None)  # a newer code takes the older revision with it
    return told


def _named(session: Session, by_id: int, firm_id: int) -> int:
    """The number under which a firm names another; its own for itself."""
    root = root_of(session, firm_id)
    if root == by_id:
        return root
    firm = session.get_one(Firm, root)
    told = select(Description.told_firm_id).where(
        Description.by_id == by_id,
        Description.firm_id == root,
        col(Description.ended).is_(None),
    )
    number = session.exec(told.order_by(col(Description.id).desc())).first()
    if number is None or firm.joined_at is not None:
        raise FirmNotFound(firm=firm_id)
    return number
