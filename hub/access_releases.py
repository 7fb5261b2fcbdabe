"""Who may see which versions, and which was live where and when. Part of hub.access."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, case, col, false, or_, select, true
from sqlmodel.sql.expression import Select

from hub.rules import Who
from sharing.card import HOME
from sharing.errors import VersionNotFound
from sharing.release_tables import Stay
from sharing.services.live import stays_of
from sharing.services.models import versions_of
from sharing.tables import SharedModel, Version
from supplychain.tables import Firm, Site


def domestic_first() -> tuple[Any, ...]:
    """The order of models: made in Korea, then those of which nobody said, then foreign ones.

    An order, and no more: nothing is hidden for where it comes from.
    """
    country = col(SharedModel.origin)
    return case((country == HOME, 0), (country == "", 1), else_=2), col(SharedModel.slug)


def released() -> ColumnElement[bool]:
    """Of a model: it has a version that others than its firm may know of."""
    out = select(Version.model_id).where(Version.state != "awaiting")
    return col(SharedModel.id).in_(out)


def versions_seen(session: Session, who: Who, model: SharedModel) -> list[Version]:
    """The versions of a model that the asker may see, the highest first.

    What awaits its signatures is no release yet: only the firm itself knows of it.
    """
    mine = model.firm_id in who.firms("publisher", "supply_manager")
    everything = mine or who.has("administrator")
    found = versions_of(session, model)
    return [each for each in found if everything or each.state != "awaiting"]


def version_seen(session: Session, who: Who, model: SharedModel, number: str = "") -> Version:
    """One of them, the highest where no number is given. Raises VersionNotFound."""
    for each in versions_seen(session, who, model):
        if number in ("", each.number):
            return each
    raise VersionNotFound(model=model.slug, version=number[:20] or "–")


def stays_seen(
    who: Who, model: SharedModel, at: datetime | None = None
) -> Select[Stay, Version, Site, Firm]:
    """Where a model that the asker may see was live when, as far as they may know.

    The firm that shares it knows of all: who takes a version agrees to be known to that firm.
    """
    mine = model.firm_id in who.firms("publisher", "supply_manager")
    seen = [
        true() if mine else false(),
        true() if who.has("administrator") else false(),
        col(Site.firm_id).in_(who.firms("vendor")),
    ]
    return stays_of(model.id or 0, at).where(or_(*seen))
