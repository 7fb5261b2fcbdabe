"""What a site runs of a model, as its reports say: one row a site and model."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from sharing import rollout as rules
from sharing.services import live
from sharing.tables import Delivery, Deployment, Version

_MOST = 2**31 - 1
_MOST_FIGURES = 40


def runs_at(session: Session, site_id: int, model_id: int) -> Deployment | None:
    """What a site runs of a model, as it last said."""
    return session.exec(
        select(Deployment).where(Deployment.site_id == site_id, Deployment.model_id == model_id)
    ).first()


def runs(
    session: Session, delivery: Delivery, version_id: int, figures: Mapping[str, Any], at: datetime
) -> None:
    """A site runs a version by a delivery. Word of a delivery that another followed is too late."""
    model_id = session.get_one(Version, version_id).model_id
    row = runs_at(session, delivery.site_id, model_id)
    if row is not None and _followed(session, row, delivery):
        return
    if row is None or row.version_id != version_id:
        live.runs(session, delivery.site_id, model_id, version_id, delivery.id, at)
    if row is None:
        row = Deployment(
            site_id=delivery.site_id, model_id=model_id, version_id=version_id, since=at, health=""
        )
        session.add(row)
    if row.version_id != version_id:
        row.version_id, row.since, row.predictions, row.figures = version_id, at, 0, {}
    row.delivery_id = delivery.id
    note(row, figures, at)


def note(row: Deployment, figures: Mapping[str, Any], at: datetime) -> None:
    """Keep what a site tells of what it runs."""
    row.reported_at = at
    row.health = str(figures.get("health", row.health or "ok"))[:20]
    row.predictions = max(row.predictions, counted(figures.get("predictions")))
    row.figures = {**row.figures, **kept(figures)}


def went_back(
    session: Session, delivery: Delivery, figures: Mapping[str, Any], at: datetime
) -> None:
    """A site is at the version before again, or at none where there was none."""
    if delivery.previous_version_id is not None:
        runs(session, delivery, delivery.previous_version_id, figures, at)
    else:
        runs_no_more(session, delivery, at)


def runs_no_more(session: Session, delivery: Delivery, at: datetime) -> None:
    """A site does not run what the delivery brought; what another one brought is left alone."""
    model_id = session.get_one(Version, delivery.version_id).model_id
    row = runs_at(session, delivery.site_id, model_id)
    if row is None or _followed(session, row, delivery):
        return
    if row.delivery_id == delivery.id or row.version_id == delivery.version_id:
        live.ended(session, row.site_id, row.model_id, at)
        session.delete(row)


def told_of(session: Session, wave_id: int) -> list[dict[str, Any]]:
    """The last figures of each site of a wave that runs what it brought."""
    rows = session.exec(
        select(Deployment.figures, Deployment.health)
        .join(Delivery, col(Delivery.id) == Deployment.delivery_id)
        .where(Delivery.wave_id == wave_id, col(Delivery.state).in_(rules.SUCCEEDED))
    )
    return [{"health": health, **figures} for figures, health in rows]


def counted(value: object) -> int:
    """A count as an agent told it; 0 where it told none. At most what the column holds.

    >>> counted(12), counted(-1), counted("many"), counted(10**12)
    (12, 0, 0, 2147483647)
    """
    return min(value, _MOST) if isinstance(value, int) and value >= 0 else 0


def kept(figures: Mapping[str, Any]) -> dict[str, Any]:
    """What of a site's figures is kept: numbers and short words, and those of its own aims.

    >>> kept({"predictions": 3, "facts": ["x"], "kpi": {"scrap": 0.1}, "bad": float("nan")})
    {'predictions': 3, 'kpi': {'scrap': 0.1}}
    """
    found: dict[str, Any] = {}
    for name, value in list(figures.items())[:_MOST_FIGURES]:
        if name == "kpi" and isinstance(value, Mapping):
            found[name] = kept({k: v for k, v in value.items() if k != "kpi"})
        elif _plain(value):
            found[str(name)[:40]] = value[:100] if isinstance(value, str) else value
    return found


def _plain(value: object) -> bool:
    if isinstance(value, float):
        return abs(value) < float("inf")
    return isinstance(value, str | bool) or (isinstance(value, int) and abs(value) <= _MOST)


def _followed(session: Session, row: Deployment, delivery: Delivery) -> bool:
    # The statements of a site are counted: what a later one brought is what counts.
    if row.delivery_id in (None, delivery.id):
        return False
    other = session.get_one(Delivery, row.delivery_id)
    return other.metadata_version > delivery.metadata_version
