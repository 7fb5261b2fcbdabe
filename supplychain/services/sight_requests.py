"""One firm asks another to open itself to it; the other agrees or not, by one click.

Asked is who has a name already: a direct supplier, or a firm further away that opened itself or
that the asking firm named, where somebody speaks for it and the two hear each other. Who is asked
learns the asking firm's name, and nobody else learns anything. A customer may pass the request on
to its own suppliers, in the name of whoever asked: that one hears of it once they have agreed.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlmodel import Session, col, func, select

from supplychain.errors import FirmNotFound
from supplychain.inviting import note_of
from supplychain.services import consents
from supplychain.services.descriptions import Facts, described
from supplychain.services.firms import batches
from supplychain.services.network import named_tiers
from supplychain.services.sight import sight_of
from supplychain.services.voices import ear_of
from supplychain.tables import Consent, Firm, now
from supplychain.vouching_errors import RequestNotFound, RequestsEnough, RequestTooSoon
from supplychain.vouching_tables import SightRequest

MOST_A_DAY = 300
REST = timedelta(days=7)  # before the same firm is asked again
REST_AFTER_NO = timedelta(days=90)


class Wish(NamedTuple):
    """A firm that could be asked, or was: `state` "", "waiting", "agreed", "declined", "opened".

    "opened": it opened itself, asked or not. "closed": it agreed once and closed again.
    """

    facts: Facts
    tier: int
    state: str
    asked_at: datetime | None
    again: bool
    request_id: int | None


class Wanted(NamedTuple):
    """A request that came to a firm. `via`: by which of its customers it was passed on."""

    request: SightRequest
    by: Facts
    via: Facts | None
    may_pass: int


def wishes(session: Session, by_id: int) -> list[Wish]:
    """Suppliers near and far with a name, for which somebody speaks; nearest first."""
    sight = sight_of(session, by_id)
    tiers = {n: tier for n, tier in named_tiers(sight).items() if tier > 0}
    known = {number: tiers[number] for number in _speaking(session, by_id, tiers)}
    asked = {
        row.firm_id: row
        for row in session.exec(
            select(SightRequest).where(
                SightRequest.by_id == by_id, col(SightRequest.via_id).is_(None)
            )
        )
    }
    opened = _opened_to(session, by_id)
    facts = described(session, by_id, sorted(known))
    found = [_wish(facts[n], tier, asked.get(n), n in opened) for n, tier in known.items()]
    return sorted(found, key=lambda each: (each.tier, each.facts.name, each.facts.firm_id))


def _wish(facts: Facts, tier: int, row: SightRequest | None, opened: bool) -> Wish:
    state = row.state if row is not None and row.state != "withdrawn" else ""
    if opened:
        state = "opened"
    elif state == "agreed":
        state = "closed"
    again = state in ("", "closed") or (row is not None and _rested(row))
    return Wish(
        facts,
        tier,
        state,
        row.asked_at if row is not None and state else None,
        again and not opened,
        row.id if row is not None and state == "waiting" else None,
    )


def _rested(row: SightRequest) -> bool:
    if row.state == "declined":
        return (row.answered_at or row.asked_at) + REST_AFTER_NO <= now()
    return row.asked_at + REST <= now()


def ask(session: Session, by_id: int, firm_id: int, actor: str, note: str = "") -> SightRequest:
    """Ask a firm to open itself; asked twice, it is asked once.

    Raises FirmNotFound for a firm that is not to be asked, whether there is such a one or not;
    NoteRefused, RequestTooSoon, RequestsEnough.
    """
    words = note_of(note)[:400]
    wish = next((each for each in wishes(session, by_id) if each.facts.firm_id == firm_id), None)
    if wish is None:
        raise FirmNotFound(firm=firm_id)
    row = _row(session, firm_id, by_id)
    if row is not None and (row.state == "waiting" or wish.state == "opened"):
        if row.via_id is not None:  # it was passed on before; now it is asked for itself
            row.via_id = None
            session.add(row)
        return row
    if row is not None and row.state == "declined" and not _rested(row):
        raise RequestTooSoon
    _not_too_many(session, by_id)
    return _asked(session, row or SightRequest(firm_id=firm_id, by_id=by_id, times=0), actor, words)


def withdraw(session: Session, by_id: int, request_id: int) -> SightRequest:
    """Take a request back that waits; again changes nothing. Raises RequestNotFound."""
    row = session.get(SightRequest, request_id, with_for_update=True, populate_existing=True)
    if row is None or row.by_id != by_id or row.via_id is not None:
        raise RequestNotFound(request=request_id)
    if row.state == "waiting":
        row.state = "withdrawn"
        session.add(row)
        session.flush()
    return row


def wanted_of(session: Session, firm_id: int) -> list[Wanted]:
    """Requests that wait for a firm's answer, the oldest first."""
    waiting = select(SightRequest).where(
        SightRequest.firm_id == firm_id, SightRequest.state == "waiting"
    )
    rows = session.exec(waiting.order_by(col(SightRequest.asked_at), col(SightRequest.id))).all()
    ear = ear_of(session, firm_id)
    rows = [row for row in rows if row.by_id not in ear.unheard]
    others = {number for row in rows for number in (row.by_id, row.via_id) if number}
    facts = described(session, firm_id, others)
    behind = _behind(session, firm_id) if rows else set()
    return [
        Wanted(
            row,
            facts[row.by_id],
            facts.get(row.via_id or 0),
            len(behind - {row.by_id}),
        )
        for row in rows
    ]


def answer(
    session: Session,
    firm_id: int,
    request_id: int,
    actor: str,
    *,
    agrees: bool,
    onward: bool = False,
) -> tuple[SightRequest, list[SightRequest]]:
    """Open the firm to whoever asked, or not; with `onward` its suppliers are asked, too.

    The same answer again changes nothing. Gives the request, and those that were passed on. Raises
    RequestNotFound.
    """
    row = session.get(SightRequest, request_id, with_for_update=True, populate_existing=True)
    if row is None or row.firm_id != firm_id or row.state == "withdrawn":
        raise RequestNotFound(request=request_id)
    passed: list[SightRequest] = []
    if agrees:
        consents.give(session, firm_id, row.by_id, actor)
        if onward:
            passed = [
                each
                for number in sorted(_behind(session, firm_id) - {row.by_id})
                if (each := _passed(session, row, number, firm_id, actor)) is not None
            ]
    elif row.state == "agreed":
        consents.withdraw(session, firm_id, row.by_id, actor)
    word = "agreed" if agrees else "declined"
    if row.state != word:
        row.state, row.answered_by, row.answered_at = word, actor, now()
        session.add(row)
        session.flush()
    return row, passed


def _passed(
    session: Session, row: SightRequest, number: int, via: int, actor: str
) -> SightRequest | None:
    known = _row(session, number, row.by_id)
    if known is not None or number in _opened_to(session, row.by_id):
        return None  # asked already: it is theirs to answer
    one = SightRequest(firm_id=number, by_id=row.by_id, via_id=via, times=0)
    return _asked(session, one, actor, row.note)


def _asked(session: Session, row: SightRequest, actor: str, note: str) -> SightRequest:
    row.state, row.times, row.note = "waiting", row.times + 1, note
    row.asked_by, row.asked_at, row.answered_by, row.answered_at = actor, now(), "", None
    session.add(row)
    session.flush()
    return row


def _row(session: Session, firm_id: int, by_id: int) -> SightRequest | None:
    wanted = select(SightRequest).where(
        SightRequest.firm_id == firm_id, SightRequest.by_id == by_id
    )
    return session.exec(wanted.with_for_update()).first()


def _behind(session: Session, firm_id: int) -> set[int]:
    """Direct suppliers for which somebody speaks, as far as the two hear each other."""
    sight = sight_of(session, firm_id)
    return set(_speaking(session, firm_id, {n for n, t in named_tiers(sight).items() if t == 1}))


def _speaking(session: Session, by_id: int, firms: dict[int, int] | set[int]) -> list[int]:
    """Those that have joined and hear the asking firm, as it hears them."""
    ear, found = ear_of(session, by_id), list[int]()
    for some in batches(sorted(firms)):
        joined = select(Firm.id).where(col(Firm.id).in_(some), col(Firm.joined_at).is_not(None))
        found += [number or 0 for number in session.exec(joined.order_by(col(Firm.id)))]
    heard = [number for number in found if ear.hears(number) and number != by_id]
    if not ear.new:
        return heard
    return [number for number in heard if number in ear.vouched_by]


def _opened_to(session: Session, by_id: int) -> set[int]:
    living = select(Consent.firm_id).where(
        Consent.to_id == by_id, col(Consent.withdrawn_at).is_(None)
    )
    return set(session.exec(living))


def _not_too_many(session: Session, by_id: int) -> None:
    lately = (
        select(func.count())
        .select_from(SightRequest)
        .where(SightRequest.by_id == by_id, SightRequest.asked_at > now() - timedelta(days=1))
    )
    if session.exec(lately).one() >= MOST_A_DAY:
        raise RequestsEnough(most=MOST_A_DAY)
