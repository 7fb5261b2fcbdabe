"""First steps and news that no room tells by itself."""

from collections.abc import Iterable
from datetime import datetime

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlmodel import Session, col

from hub import access
from hub.access import Who
from hub.web.asked import Change, Task
from hub.web.formats import pick
from hub.web.states import state_of
from sharing.tables import Rollout, SharedModel
from supplychain.tables import Sheet

_MOST = 12  # of each kind; the page shows no more in all


def sheet_tasks(session: Session, person: Who) -> Iterable[Task]:
    """A first sheet to upload, sheets whose preview waits, sheets with rows to mend."""
    for lead in access.lead_firms(session, person):
        sheets = session.exec(access.own_sheets(lead).limit(_MOST)).all()
        if not sheets:
            yield Task(
                _("Upload your first supplier sheet"),
                _("From it comes the supply map of %(firm)s.", firm=lead.name),
                url_for("sheets.upload"),
                _("Upload"),
                "file",
                30,
            )
        for sheet in sheets:
            yield from _sheet_task(sheet)


def _sheet_task(sheet: Sheet) -> Iterable[Task]:
    here = url_for("sheets.sheet", sheet_id=sheet.id)
    if sheet.state == "waiting":
        yield Task(
            _("Look at the preview and take the sheet in"),
            sheet.file_name,
            here,
            _("To the preview"),
            "waiting",
            30,
        )
    elif sheet.rows_faulty:
        yield Task(
            ngettext(
                "%(num)s row could not be taken in",
                "%(num)s rows could not be taken in",
                sheet.rows_faulty,
            ),
            _("%(file)s: mend them and upload the sheet again.", file=sheet.file_name),
            here,
            _("See which"),
            "attention",
            45,
        )


def publishing_task(session: Session, person: Who) -> Iterable[Task]:
    """A first model to publish."""
    firms = access.publishing_firms(session, person)
    own = access.models_seen(person).where(col(SharedModel.firm_id).in_([f.id for f in firms]))
    if firms and not session.exec(own.limit(1)).first():
        yield Task(
            _("Publish your first model"),
            _("An ONNX model with its card; the hub checks it before anybody can see it."),
            url_for("models.publish"),
            _("Publish"),
            "file",
            50,
        )


def standing_tasks(_session: Session, person: Who) -> Iterable[Task]:
    """What the officer and the administrator look at every day."""
    if person.has("officer"):
        yield Task(
            _("See how far the programme is"),
            _("By tier, region and smart-factory level."),
            url_for("programme.overview"),
            _("Open"),
            "moving",
            60,
        )
    if person.has("administrator"):
        yield Task(
            _("See whether every part works"),
            _("Database, worker, model store, labs."),
            url_for("admin.health"),
            _("Open"),
            "moving",
            60,
        )


def sheet_news(session: Session, person: Who, since: datetime) -> Iterable[Change]:
    """Sheets that were taken in."""
    for lead in access.lead_firms(session, person):
        taken = access.own_sheets(lead).where(col(Sheet.taken_at) > since).limit(_MOST)
        for sheet in session.exec(taken):
            if sheet.taken_at:
                yield Change(
                    sheet.taken_at,
                    _(
                        "%(file)s was taken in: %(firms)s new firms, %(links)s new links.",
                        file=sheet.file_name,
                        firms=sheet.firms_new,
                        links=sheet.links_new,
                    ),
                    url_for("sheets.sheet", sheet_id=sheet.id),
                )


def rollout_news(session: Session, person: Who, since: datetime) -> Iterable[Change]:
    """Rollouts that began or ended."""
    recent = access.rollouts_seen(person).where(col(Rollout.created_at) > since).limit(_MOST)
    for rollout in session.exec(recent):
        here = url_for("rollouts.board", number=rollout.id)
        if rollout.started_at:
            yield Change(
                rollout.started_at, _("Rollout “%(name)s” was started.", name=rollout.name), here
            )
        if rollout.finished_at:
            ended = _(
                "Rollout “%(name)s”: %(state)s.",
                name=rollout.name,
                state=str(state_of(rollout.state).label),
            )
            yield Change(rollout.finished_at, ended, here)


def plant_news(session: Session, person: Who, since: datetime) -> Iterable[Change]:
    """What became of models that were offered to the person's plants."""
    found = access.own_deliveries_since(session, person, since, _MOST)
    for delivery, version, site in found:
        told = _(
            "%(model)s at %(site)s: %(state)s.",
            model=pick(version.card.get("title")) or version.number,
            site=site.name,
            state=str(state_of(delivery.state).label),
        )
        yield Change(delivery.changed_at, told, url_for("vendor.offer", delivery=delivery.id))


def certificate_news(session: Session, person: Who, since: datetime) -> Iterable[Change]:
    """Certificates that were awarded."""
    for row in access.own_certificates(session, person)[:_MOST]:
        if row.issued_at > since:
            yield Change(
                row.issued_at,
                _("You were awarded a certificate."),
                url_for("certificates.mine"),
            )


FIRST_STEPS = (sheet_tasks, publishing_task, standing_tasks)
NEWS = (sheet_news, rollout_news, plant_news, certificate_news)
