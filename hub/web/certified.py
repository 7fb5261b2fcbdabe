"""Which competences a card asks for, and which of them the asker's own firm has."""

from collections.abc import Mapping
from typing import Any

from flask_babel import get_locale
from sqlmodel import Session

from courses.competences import FRAME
from hub.operators import competences_of
from sharing.audience import covered
from supplychain.tables import now


def asked_of(session: Session, firm_id: int, card: Mapping[str, Any]) -> list[tuple[str, bool]]:
    """(competence in words, whether the firm's people hold a certificate of it)."""
    asked = [str(each) for each in card.get("competences") or []]
    held = competences_of(session, [firm_id], now()).get(firm_id, set()) if asked else set()
    return [(competence_in_words(each), covered([each], held)) for each in asked]


def competence_in_words(code: str) -> str:
    """A competence as a person reads it."""
    known = FRAME.competences.get(code)
    return known.name.in_(str(get_locale())) if known else code
