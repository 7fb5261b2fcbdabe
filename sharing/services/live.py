"""Which version of a model was live where and when, kept as the sites report it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlmodel import Session, col, func, or_, select
from sqlmodel.sql.expression import Select, SelectOfScalar

from sharing.release_tables import Stay
from sharing.tables import Version
from supplychain.tables import Firm, Site

Row = tuple[Stay, Version, Site, Firm]


class Span(NamedTuple):
    """A stretch of a site's line: from and to as shares (0-1) of the time that is shown."""

    start: float
    stop: float
    row: Row


class Line(NamedTuple):
    """What one site ran of a model, in order."""

    site: Site
    firm: Firm
    spans: list[Span]


def runs(
    session: Session,
    site_id: int,
    model_id: int,
    version_id: int,
    delivery_id: int | None,
    at: datetime,
) -> None:
    """A site runs a version from now on. Saying it again changes nothing."""
    last = _last(session, site_id, model_id)
    if last is not None and last.until is None and last.version_id == version_id:
        return
    since = at if last is None else max(at, last.until or last.since)
    if last is not None and last.until is None:
        last.until = since
    session.add(
        Stay(
            site_id=site_id,
            model_id=model_id,
            version_id=version_id,
            delivery_id=delivery_id,
            position=last.position + 1 if last is not None else 1,
            since=since,
        )
    )


def ended(session: Session, site_id: int, model_id: int, at: datetime) -> None:
    """A site runs no version of the model any more."""
    last = _last(session, site_id, model_id)
    if last is not None and last.until is None:
        last.until = max(at, last.since)


def stays_of(model_id: int, at: datetime | None = None) -> Select[Stay, Version, Site, Firm]:
    """Which version was live where and when: one query; only what was live at a moment, if given.

    Firm, site, time. Who may see which rows is the asker's business (hub.access).
    """
    found = (
        select(Stay, Version, Site, Firm)
        .join(Version, col(Version.id) == Stay.version_id)
        .join(Site, col(Site.id) == Stay.site_id)
        .join(Firm, col(Firm.id) == Site.firm_id)
        .where(Stay.model_id == model_id)
    )
    if at is not None:
        still = or_(col(Stay.until).is_(None), col(Stay.until) > at)
        found = found.where(col(Stay.since) <= at, still)
    return found.order_by(Firm.name, col(Site.id), col(Stay.position))


def sites_in(found: Select[Stay, Version, Site, Firm]) -> Select[Any, Any]:
    """The sites of such rows, by firm: number and firm's name."""
    sites = found.with_only_columns(col(Site.id), col(Firm.name)).distinct()
    return cast("Select[Any, Any]", sites.order_by(None).order_by(Firm.name, col(Site.id)))


def counted(
    session: Session, found: Select[Stay, Version, Site, Firm]
) -> list[tuple[str, int, datetime]]:
    """Version, at how many sites, since when at the first of them; the highest version first."""
    told = found.order_by(None).with_only_columns(
        col(Version.number), func.count(func.distinct(Stay.site_id)), func.min(Stay.since)
    )
    rows = session.exec(cast("Any", told.group_by(col(Version.number))))
    return sorted(rows, key=lambda row: in_order(row[0]), reverse=True)


def in_order(number: str) -> list[int]:
    """A version's number as it is sorted.

    >>> sorted(["1.10.0", "1.9.0"], key=in_order)
    ['1.9.0', '1.10.0']
    """
    return [int(part) for part in number.split(".")]


def lines_from(rows: Sequence[Row], now: datetime) -> tuple[list[Line], datetime]:
    """Rows as lines of one time axis, a line for each site; and the moment at which it begins."""
    begin = min((row[0].since for row in rows), default=now)
    whole = max((now - begin).total_seconds(), 1.0)
    lines: dict[int, Line] = {}
    for row in rows:
        stay, _, site, firm = row
        start = (stay.since - begin).total_seconds() / whole
        stop = ((stay.until or now) - begin).total_seconds() / whole
        line = lines.setdefault(stay.site_id, Line(site, firm, []))
        line.spans.append(Span(round(start, 4), round(max(start, stop), 4), row))
    return list(lines.values()), begin


def _last(session: Session, site_id: int, model_id: int) -> Stay | None:
    found: SelectOfScalar[Stay] = (
        select(Stay)
        .where(Stay.site_id == site_id, Stay.model_id == model_id)
        .order_by(col(Stay.position).desc())
        .limit(1)
    )
    return session.exec(found).first()
