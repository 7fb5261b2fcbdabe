"""Which version of a model was live where and when: one query, one page, one file."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext as _
from sqlmodel import col

from hub import access
from hub.web.asking import hub_here, who
from hub.web.formats import moment
from hub.web.pages import number_asked, page_of
from sharing.services.live import Row, counted, in_order, lines_from, sites_in
from supplychain.export import Cell, as_csv
from supplychain.tables import Site, now

bp = Blueprint("live", __name__, url_prefix="/models")
_SITES = 40  # lines on a page


@bp.get("/<slug>/live")
def where(slug: str) -> str:
    """Which version was live where and when; at one moment, if the address names a day."""
    at = _moment_asked()
    with hub_here().db.reading() as session:
        model = access.model_seen(session, who(), slug)
        seen = access.stays_seen(who(), model, at)
        page = page_of(session, sites_in(seen), number_asked(), _SITES)
        chosen = [row[0] for row in page.items]
        rows = list(session.exec(access.stays_seen(who(), model).where(col(Site.id).in_(chosen))))
        lines, begin = lines_from(rows, now())
        return render_template(
            "models/live.html",
            model=model,
            page=page,
            lines=lines,
            begin=begin,
            end=now(),
            at=at,
            mark=_share(at, begin),
            day=request.args.get("at", "") if at else "",
            counts=counted(session, access.stays_seen(who(), model, at or now())),
            numbers=sorted({row[1].number for row in rows}, key=in_order),
        )


@bp.get("/<slug>/live.csv")
def as_file(slug: str) -> Response:
    """The same as a file, a row for each stretch of time."""
    with hub_here().db.reading() as session:
        model = access.model_seen(session, who(), slug)
        rows = list(session.exec(access.stays_seen(who(), model, _moment_asked())))
    header = [
        _("Firm"), _("Plant"), _("Process"), _("Version"), _("Live from"), _("Live until"),
        _("Delivery"),
    ]  # fmt: skip
    named = {"Content-Disposition": f"attachment; filename={model.slug}-live.csv"}
    text = "".join(as_csv(header, (_cells(row) for row in rows)))
    return Response(text, mimetype="text/csv", headers=named)


def end_of_day(text: str, zone: str) -> datetime | None:
    """The last moment of a day (2026-12-01), or the moment itself (2026-12-01T09:00).

    None for nonsense. Times without a zone are those of the hub.

    >>> end_of_day("2026-12-01", "Asia/Seoul").isoformat()
    '2026-12-01T23:59:59+09:00'
    >>> end_of_day("yesterday", "Asia/Seoul") is None
    True
    """
    try:
        found = datetime.fromisoformat(text.strip())
        if len(text.strip()) <= len("2026-12-01"):
            found = datetime.combine(date.fromisoformat(text.strip()), found.time().max)
            found = found.replace(microsecond=0)
        return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))
    except (ValueError, OverflowError):
        return None


def _moment_asked() -> datetime | None:
    return end_of_day(request.args.get("at", ""), hub_here().settings.time_zone)


def _share(at: datetime | None, begin: datetime) -> float | None:
    if at is None or at < begin:
        return None
    return min(1.0, (at - begin).total_seconds() / max((now() - begin).total_seconds(), 1.0))


def _cells(row: Row) -> list[Cell]:
    stay, version, site, firm = row
    until = moment(stay.until) if stay.until else ""
    return [
        firm.name, site.name, site.process, version.number, moment(stay.since), until,
        stay.delivery_id,
    ]  # fmt: skip
