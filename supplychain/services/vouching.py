"""Who vouches for whom: who asked a firm in does, the others are asked, and the hub looks on.

Somebody has come to speak for a firm that others know, too. Each of these is asked whether this
is their supplier or customer; until it says yes, the two hear nothing of each other
(supplychain.visibility.Ear). None is told who asked the firm in, or who else was asked.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import true
from sqlmodel import Session, col, func, or_, select

from supplychain.errors import FirmNotFound
from supplychain.matching import name_key
from supplychain.services.descriptions import Facts, described
from supplychain.services.firms import batches
from supplychain.services.merging import roots
from supplychain.services.voices import ear_of, heard_links
from supplychain.tables import Declaration, Description, Firm, Invitation, Link, now
from supplychain.vouching_errors import SpeakersChanged
from supplychain.vouching_tables import Voice, Vouching

Stance = Literal["yes", "no", "later"]
STANCES: tuple[Stance, ...] = ("yes", "no", "later")
STATES = ("new", "confirmed", "suspended")
# What Firm and Description have in common.
FACTS = ("name", "country", "region", "sector", "sector_revision", "process", "employees")


class Asked(NamedTuple):
    """A firm that somebody has come to speak for, and what one that knows it says of that.

    `supplies`, `buys`: what it is to the firm that is asked, as that one said or heard.
    """

    facts: Facts
    since: datetime
    stance: str
    supplies: bool
    buys: bool

    @property
    def open(self) -> bool:
        """Whether an answer is still wanted."""
        return self.stance in ("", "later")


@dataclass(frozen=True)
class Known:
    """A firm that has joined, as an administrator sees it: how, and how many vouch for it."""

    firm: Firm
    state: str
    since: datetime | None
    yes: int
    no: int
    waiting: int
    note: str


def came_in(session: Session, invitation: Invitation) -> None:
    """Somebody speaks for a silent firm from now on: who asked them in vouches, nobody else does.

    And the firm vouches for who asked it in, in case that one is new itself.
    """
    firm_id = invitation.firm_id
    row = session.get(Voice, firm_id) or Voice(firm_id=firm_id)
    row.state, row.actor, row.note, row.at = "new", invitation.accepted_by, "", now()
    session.add(row)
    for earlier in session.exec(select(Vouching).where(Vouching.firm_id == firm_id)):
        session.delete(earlier)  # they were of whoever spoke for it before
    session.flush()
    _vouch(session, firm_id, invitation.by_id, "yes", invitation.actor)
    _vouch(session, invitation.by_id, firm_id, "yes", invitation.accepted_by)


def asked_by_another(session: Session, invitation: Invitation) -> None:
    """Another firm had asked the same person: it meant whoever has come, and vouches, too.

    Not where the firm's people let somebody in: they may be others than the inviter knows.
    """
    row = session.get(Voice, invitation.firm_id)
    if row is not None and row.state == "new" and row.actor == invitation.accepted_by:
        _vouch(session, invitation.firm_id, invitation.by_id, "yes", invitation.actor)
        _vouch(session, invitation.by_id, invitation.firm_id, "yes", invitation.accepted_by)


def asked_of(session: Session, firm_id: int, *, only: int | None = None) -> list[Asked]:
    """Firms of which a firm is asked whether it knows them, unanswered ones first."""
    said = {
        row.firm_id: row for row in session.exec(select(Vouching).where(Vouching.by_id == firm_id))
    }
    since = _new_ones(session, firm_id, only)
    facts = described(session, firm_id, sorted(since))
    suppliers, buyers = _ends(session, firm_id, sorted(since))
    found = [
        Asked(
            facts[number],
            at,
            said[number].stance if number in said else "",
            supplies=number in suppliers,
            buys=number in buyers,
        )
        for number, at in since.items()
        if number in facts
    ]
    return sorted(found, key=lambda each: (not each.open, each.facts.name, each.facts.firm_id))


def answer(
    session: Session,
    firm_id: int,
    about: int,
    stance: Stance,
    actor: str,
    *,
    note: str = "",
    seen: datetime | None = None,
) -> Vouching:
    """A firm says whether it knows who speaks for another. The same again changes nothing.

    `seen`: since when somebody spoke for it when the firm looked. Raises FirmNotFound for a firm
    of which it is not asked, whether there is such a one or not; SpeakersChanged.
    """
    since = _new_ones(session, firm_id, about)
    if about not in since:
        raise FirmNotFound(firm=about)
    if seen is not None and seen != since[about]:
        raise SpeakersChanged
    return _vouch(session, about, firm_id, stance, actor, note)


def answered_claim(session: Session, firm_id: int, link: Link, actor: str) -> None:
    """Who says yes to a link of which a new firm tells it knows that firm by that."""
    other = link.buyer_id if link.supplier_id == firm_id else link.supplier_id
    row = session.get(Voice, other)
    if row is None or row.state != "new" or not ear_of(session, firm_id).hears(other):
        return
    claimed = select(Declaration.id).where(
        Declaration.link_id == link.id,
        Declaration.firm_id == other,
        Declaration.stance == "holds",
        col(Declaration.ended).is_(None),
    )
    if session.exec(claimed.limit(1)).first() is not None:
        _vouch(session, other, firm_id, "yes", actor)


def _vouch(
    session: Session, firm_id: int, by_id: int, stance: Stance, actor: str, note: str = ""
) -> Vouching:
    wanted = select(Vouching).where(Vouching.firm_id == firm_id, Vouching.by_id == by_id)
    row = session.exec(wanted.with_for_update()).first()
    if row is None:
        row = Vouching(firm_id=firm_id, by_id=by_id, stance="")
    if (row.stance, row.note) != (stance, note[:400]):
        row.stance, row.note, row.actor, row.at = stance, note[:400], actor, now()
    session.add(row)
    session.flush()
    return row


def _new_ones(session: Session, firm_id: int, only: int | None = None) -> dict[int, datetime]:
    """New firms that a firm named, or with which it hears that it has a link, since when."""
    new = select(Voice.firm_id, Voice.at).where(Voice.state == "new", Voice.firm_id != firm_id)
    new = new if only is None else new.where(Voice.firm_id == only)
    since = dict(session.exec(new).all())
    if not since:
        return {}
    same = roots(session)
    selves = [firm_id, *(firm for firm, root in same.items() if root == firm_id)]
    known: set[int] = set()
    for some in batches(sorted(since)):
        told = select(Description.firm_id).where(
            col(Description.firm_id).in_(some),
            col(Description.by_id).in_(selves),
            col(Description.ended).is_(None),
        )
        known.update(session.exec(told.distinct()))
    suppliers, buyers = _ends(session, firm_id, sorted(since))
    return {number: at for number, at in since.items() if number in known | suppliers | buyers}


def _ends(session: Session, firm_id: int, among: Collection[int]) -> tuple[set[int], set[int]]:
    """Those that supply the firm, and those that it supplies, as far as it hears."""
    suppliers: set[int] = set()
    buyers: set[int] = set()
    heard = heard_links(ear_of(session, firm_id)) if among else true()
    for some in batches(sorted(among)):
        for mine, other, found in (
            (Link.buyer_id, Link.supplier_id, suppliers),
            (Link.supplier_id, Link.buyer_id, buyers),
        ):
            living = select(other).where(mine == firm_id, col(other).in_(some), heard)
            found.update(session.exec(living.where(col(Link.ended).is_(None)).distinct()))
    return suppliers, buyers


# --- for an administrator


def joined_firms(
    session: Session, state: str = "", *, after: int = 0, limit: int = 50
) -> list[Known]:
    """Firms that have joined or were suspended, by number: whose word counts for how many."""
    joined = (
        select(Firm, Voice)
        .outerjoin(Voice, col(Voice.firm_id) == Firm.id)
        .where(col(Firm.id) > after)
        .where(or_(col(Firm.joined_at).is_not(None), col(Voice.firm_id).is_not(None)))
    )
    if state == "confirmed":
        joined = joined.where(or_(col(Voice.state) == state, col(Voice.firm_id).is_(None)))
    elif state:
        joined = joined.where(col(Voice.state) == state)
    rows = session.exec(joined.order_by(col(Firm.id)).limit(limit)).all()
    counts = _counts(session, [firm.id or 0 for firm, _ in rows])
    return [_known(firm, voice, counts) for firm, voice in rows]


def _known(firm: Firm, voice: Voice | None, counts: dict[int, dict[str, int]]) -> Known:
    said = counts.get(firm.id or 0, {})
    return Known(
        firm,
        voice.state if voice else "confirmed",
        voice.at if voice else firm.joined_at,
        said.get("yes", 0),
        said.get("no", 0),
        said.get("later", 0),
        voice.note if voice else "",
    )


def _counts(session: Session, firm_ids: list[int]) -> dict[int, dict[str, int]]:
    counted = (
        select(Vouching.firm_id, Vouching.stance, func.count())
        .where(col(Vouching.firm_id).in_(firm_ids))
        .group_by(col(Vouching.firm_id), col(Vouching.stance))
    )
    found: dict[int, dict[str, int]] = {}
    for firm, stance, number in session.exec(counted):
        found.setdefault(firm, {})[stance] = number
    return found


def objections(session: Session, firm_id: int) -> list[tuple[Vouching, str]]:
    """Who said no to a firm, and under which name the hub knows that one; for an administrator."""
    against = (
        select(Vouching, Firm.name)
        .join(Firm, col(Firm.id) == Vouching.by_id)
        .where(Vouching.firm_id == firm_id, Vouching.stance == "no")
    )
    return list(session.exec(against.order_by(col(Vouching.at), col(Vouching.id))).all())


def decide(
    session: Session, firm_id: int, state: str, note: str = "", *, seen: datetime | None = None
) -> Voice:
    """An administrator has looked at who speaks for a firm. The same again changes nothing.

    "confirmed": everybody hears it. "suspended": it is silent again, as before somebody spoke for
    it, and can be asked in anew. "new": those that know it are asked. `seen`: since when it was so
    when the administrator looked. Raises FirmNotFound where nobody ever spoke for the firm,
    SpeakersChanged.
    """
    firm = session.get(Firm, firm_id)
    row = session.get(Voice, firm_id)
    if firm is None or state not in STATES or (firm.joined_at is None and row is None):
        raise FirmNotFound(firm=firm_id)
    since = row.at if row else firm.joined_at
    if seen is not None and seen != since:
        raise SpeakersChanged
    before = row.state if row else "confirmed"
    row = row or Voice(firm_id=firm_id, state="")
    if (row.state, row.note) != (state, note[:400]):
        row.state, row.note, row.at = state, note[:400], now()
    session.add(row)
    if "suspended" in (before, state) and before != state:
        _speaks(session, firm, speaks=state != "suspended")
    session.flush()
    return row


def suspended(session: Session, firm_ids: Collection[int]) -> set[int]:
    """Those of the firms whose voice an administrator has suspended: nobody speaks for them."""
    found: set[int] = set()
    for some in batches(sorted(firm_ids)):
        rows = select(Voice.firm_id).where(col(Voice.firm_id).in_(some), Voice.state == "suspended")
        found.update(session.exec(rows))
    return found


def _speaks(session: Session, firm: Firm, *, speaks: bool) -> None:
    """A firm's columns hold its own word while it speaks, else what was first told of it."""
    own = col(Description.by_id) == firm.id
    said = select(Description).where(
        Description.firm_id == firm.id, own if speaks else ~own, Description.name != ""
    )
    order = col(Description.id).desc() if speaks else col(Description.id)
    word = session.exec(said.order_by(order).limit(1)).first()
    for field in FACTS if word else ():
        setattr(firm, field, getattr(word, field))
    firm.name_key = name_key(firm.name)
    firm.joined_at = (firm.joined_at or now()) if speaks else None
    session.add(firm)
