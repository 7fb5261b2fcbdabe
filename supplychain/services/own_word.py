"""What a firm says by hand: of itself, and of those that supply it.

Nothing that was said is written over: the old statement ends, the new one stands beside it.
"""

from datetime import timedelta

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from supplychain.by_hand import ToldFirm, ToldSupplier
from supplychain.errors import LinkToItself, NameShared, NumberTaken
from supplychain.matching import name_key
from supplychain.services.declarations import declare_supplier
from supplychain.services.firms import id_of
from supplychain.services.merging import root_of
from supplychain.services.turns import take_turns
from supplychain.tables import Description, Firm, Link, Site, now
from supplychain.vouching_errors import NumbersEnough

MOST_NUMBERS_A_DAY = 5

# What Firm and Description have in common.
FACTS = ("name", "country", "region", "sector", "sector_revision", "process", "employees")


def said_of_itself(firm: Firm) -> SelectOfScalar[Description]:
    """Everything that the firm has said of itself by hand, newest first."""
    own = select(Description).where(
        Description.told_firm_id == firm.id,
        Description.by_id == firm.id,
        col(Description.sheet_id).is_(None),
    )
    return own.order_by(col(Description.at).desc(), col(Description.id).desc())


def say_of_itself(session: Session, firm: Firm, told: ToldFirm, actor: str) -> Description:
    """The firm's own word: its columns hold it from now on. The same said again changes nothing.

    A number that another row of a silent firm bears is kept as said; whoever names both is asked
    whether they are one. A number left out leaves the firm the one by which it is known. Raises
    NumberTaken where that firm speaks for itself, NumbersEnough.
    """
    take_turns(session)
    _not_too_many_numbers(session, firm, told)
    said = _say(session, firm, firm, told, actor)
    for field in FACTS:
        setattr(firm, field, getattr(told, field))
    firm.name_key = name_key(told.name)
    firm.joined_at = firm.joined_at or now()
    other = bearer_of(session, told.brn) if told.brn else None
    if other is not None and other.id != firm.id:
        if other.joined_at is not None:
            raise NumberTaken
    else:
        firm.brn = told.brn or firm.brn
    session.add(firm)
    _first_site(session, firm)
    session.flush()
    return said


def _not_too_many_numbers(session: Session, firm: Firm, told: ToldFirm) -> None:
    """Each number that is not refused tells that nobody speaks for it."""
    if firm.joined_at is None or not told.brn or told.brn == firm.brn:
        return
    day = now() - timedelta(days=1)
    own = said_of_itself(firm).where(Description.at > day, col(Description.brn).is_not(None))
    if len({said.brn for said in session.exec(own)}) > MOST_NUMBERS_A_DAY:
        raise NumbersEnough(most=MOST_NUMBERS_A_DAY)


def bearer_of(session: Session, brn: str) -> Firm | None:
    """The firm that is known under that number, whatever it was found to be."""
    firm = session.exec(select(Firm).where(Firm.brn == brn)).first()
    return session.get_one(Firm, root_of(session, id_of(firm))) if firm else None


def name_supplier(session: Session, buyer: Firm, told: ToldSupplier, actor: str) -> Link:
    """A buyer names a supplier by hand, and says what it knows of it.

    The supplier is known by its number, else by its name within the country, else it is new.
    Raises NameShared, LinkToItself.
    """
    take_turns(session)
    firm = _named(session, told.firm) or _new(session, told.firm)
    if root_of(session, id_of(firm)) == root_of(session, id_of(buyer)):
        raise LinkToItself
    _say(session, buyer, firm, told.firm, actor)
    return declare_supplier(session, buyer, firm, item=told.item, share=told.share, actor=actor)


def describe(session: Session, by: Firm, firm: Firm, told: ToldFirm, actor: str) -> None:
    """A firm corrects what it tells of another; it is seen by the teller alone."""
    take_turns(session)
    _say(session, by, firm, told, actor)


def told_by_hand(session: Session, by: Firm, firm: Firm) -> Description | None:
    """What a firm last told of another by hand."""
    return _by_hand(session, id_of(by), id_of(firm))


def _named(session: Session, told: ToldFirm) -> Firm | None:
    if told.brn:
        known = session.exec(select(Firm).where(Firm.brn == told.brn)).first()
        if known is not None:
            return known
    same = select(Firm).where(Firm.name_key == name_key(told.name), Firm.country == told.country)
    if told.brn:  # one that was known by name only has now told its number
        same = same.where(col(Firm.brn).is_(None), col(Firm.joined_at).is_(None))
    found = session.exec(same.order_by(col(Firm.id))).all()
    roots = {root_of(session, id_of(firm)) for firm in found}
    if len(roots) > 1:
        raise NameShared
    if not found:
        return None
    firm = found[0]
    if told.brn and len(found) == 1 and firm.merged_into_id is None:
        firm.brn = told.brn
        session.add(firm)
    return firm


def _new(session: Session, told: ToldFirm) -> Firm:
    facts = {field: getattr(told, field) for field in FACTS}
    firm = Firm(brn=told.brn, name_key=name_key(told.name), **facts)
    session.add(firm)
    session.flush()
    return firm


def _say(session: Session, by: Firm, firm: Firm, told: ToldFirm, actor: str) -> Description:
    old = _by_hand(session, id_of(by), id_of(firm))
    facts = {field: getattr(told, field) for field in (*FACTS, "brn", "email", "contact")}
    if old is not None:
        if all(getattr(old, field) == value for field, value in facts.items()):
            return old
        old.ended = now()
        session.add(old)
        session.flush()
        # Further numbers are told on their own (supplychain.services.numbers) and stay said.
        facts |= {field: getattr(old, field) for field in ("lei", "duns", "corporate")}
    said = Description(
        firm_id=root_of(session, id_of(firm)),
        told_firm_id=id_of(firm),
        by_id=id_of(by),
        actor=actor,
        **facts,
    )
    session.add(said)
    session.flush()
    return said


def _by_hand(session: Session, by_id: int, firm_id: int) -> Description | None:
    living = select(Description).where(
        Description.told_firm_id == firm_id,
        Description.by_id == by_id,
        col(Description.sheet_id).is_(None),
        col(Description.ended).is_(None),
    )
    return session.exec(living).first()


def _first_site(session: Session, firm: Firm) -> None:
    """A plant for a firm that has none, so that something can be offered to it."""
    known = session.exec(select(Site.id).where(Site.firm_id == firm.id).limit(1)).first()
    if known is None:
        name = f"{firm.name} 본사 공장" if firm.country == "KR" else firm.name
        site = Site(firm_id=id_of(firm), name=name[:200], region=firm.region, process=firm.process)
        session.add(site)
