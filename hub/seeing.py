"""Requests to be let see together with their mails: both in one transaction, or neither."""

from collections.abc import Iterable

from sqlmodel import Session

from hub import access
from hub.accounts import record
from hub.inviting import addressed
from hub.mails import letter, one_line
from hub.outbox import post
from hub.settings import Settings
from supplychain.services import sight_requests
from supplychain.services.descriptions import described
from supplychain.vouching_tables import SightRequest

_MOST = 200  # asked at once


def ask(
    session: Session, settings: Settings, by_id: int, firm_id: int, actor: str, note: str = ""
) -> SightRequest:
    """Ask a firm to open itself, and write to its people; raises what the service does."""
    row = sight_requests.ask(session, by_id, firm_id, actor, note)
    _write(session, settings, [row])
    record(session, actor, "sight.asked", str(row.id), firm=by_id)
    return row


def ask_all(session: Session, settings: Settings, by_id: int, actor: str, note: str = "") -> int:
    """Ask every firm that has not been asked yet; how many."""
    open_ones = [each for each in sight_requests.wishes(session, by_id) if each.state == ""]
    for each in open_ones[:_MOST]:
        ask(session, settings, by_id, each.facts.firm_id, actor, note)
    return len(open_ones[:_MOST])


def answer(
    session: Session,
    settings: Settings,
    firm_id: int,
    request_id: int,
    actor: str,
    *,
    agrees: bool,
    onward: bool = False,
) -> SightRequest:
    """Agree or decline; suppliers to whom it is passed on are written to."""
    row, passed = sight_requests.answer(
        session, firm_id, request_id, actor, agrees=agrees, onward=onward
    )
    _write(session, settings, passed)
    record(session, actor, f"sight.{row.state}", str(row.id), firm=firm_id)
    if agrees:
        record(session, actor, "firm.opened", str(firm_id), to=row.by_id)
    return row


def _write(session: Session, settings: Settings, rows: Iterable[SightRequest]) -> None:
    for row in rows:
        names = described(
            session, row.firm_id, [n for n in (row.by_id, row.via_id, row.firm_id) if n]
        )
        for user in access.speak_for(session, row.firm_id):
            english = user.locale == "en"
            name = addressed(one_line(user.name), user.locale)
            by, via = names[row.by_id].name, names[row.via_id].name if row.via_id else ""
            passed = f"{via} has passed this request on." if english else f"{via}에서 전달했습니다."
            gaps = {
                "greeting": f"Dear {name}," if english else f"{name}, 안녕하세요.",
                "by": one_line(by) or "–",
                "firm": one_line(names[row.firm_id].name),
                "via": one_line(passed) if via else "",
                "note": "\n".join(f"> {line}" for line in row.note.splitlines() if line.strip()),
                "link": f"{settings.url}/who-sees-us?firm={row.firm_id}",
            }
            key = f"sight/{row.id}/{row.times}/{user.handle}"
            locale = "en" if english else "ko"
            post(session, key, user.email, locale, letter("sight", locale, gaps))
