"""Who may see which version was live where and when. Part of hub.access, one condition a line."""

from datetime import datetime
from typing import Any

from sqlmodel import case, col, false, or_, true
from sqlmodel.sql.expression import Select

from hub.rules import Who
from sharing.card import HOME
from sharing.release_tables import Stay
from sharing.services.live import stays_of
from sharing.tables import SharedModel, Version
from supplychain.tables import Firm, Site


def domestic_first() -> tuple[Any, ...]:
    """The order of models: made in Korea, then those of which nobody said, then foreign ones.

    An order, and no more: nothing is hidden for where it comes from.
    """
    country = col(SharedModel.origin)
    return case((country == HOME, 0), (country == "", 1), else_=2), col(SharedModel.slug)


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
