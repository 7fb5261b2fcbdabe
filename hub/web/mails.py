"""The outbox, for the administrator: what waits, what failed and why, and where files lie."""

from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from hub import access, outbox
from hub.accounts import record
from hub.web.asking import hub_here, who
from hub.web.pages import number_asked, page_of, page_of_list
from hub.web.states import state_of

bp = Blueprint("mails", __name__, url_prefix="/admin/mails")

STATES = ("waiting", "failed", "sent", "withdrawn")


class Kept(NamedTuple):
    """A mail that lies in the folder of the outbox."""

    name: str
    size: int
    written: float


@bp.get("")
def listing() -> str:
    """Mails by state, newest first; without a mail server, the files as well."""
    hub, state = hub_here(), request.args.get("state", "")
    files = kept_files()
    with hub.db.reading() as session:
        return render_template(
            "admin/mails.html",
            page=page_of(session, access.every_mail(who(), state), number_asked()),
            counts=outbox.counts(session),
            states=[("", _("All")), *((each, state_of(each).label) for each in STATES)],
            state=state,
            server=hub.settings.mail_server,
            sender=hub.settings.sender,
            address=hub.settings.url,
            only_here=urlsplit(hub.settings.url).hostname in ("127.0.0.1", "localhost", "::1"),
            folder=outbox.folder_of(hub),
            files=page_of_list(files, number_asked("files")),
        )


@bp.get("/files/<name>")
def file(name: str) -> ResponseReturnValue:
    """One of the files: whoever has it can answer in the firm's name, so it is noted."""
    known = {each.name for each in kept_files()}
    if name not in known:
        raise NotFound
    with hub_here().db.work() as session:
        record(session, who().handle, "mail.fetched", name)
    named = {"Content-Disposition": f"attachment; filename={name}"}
    content = (outbox.folder_of(hub_here()) / name).read_bytes()
    return Response(content, mimetype="message/rfc822", headers=named)


@bp.post("/<int:mail_id>/send")
def send_now(mail_id: int) -> ResponseReturnValue:
    """Try a waiting mail again at once."""
    with hub_here().db.work() as session:
        done = outbox.send_now(session, mail_id)
        if done:
            record(session, who().handle, "mail.tried-again", f"mail {mail_id}")
    if done:
        flash(_("The mail is tried again within a minute."))
    return redirect(url_for(".listing", state=request.form.get("state") or None))


def kept_files() -> list[Kept]:
    """The files in the folder of the outbox, the newest first."""
    folder: Path = outbox.folder_of(hub_here())
    if not folder.is_dir():
        return []
    found = [
        Kept(each.name, each.stat().st_size, each.stat().st_mtime)
        for each in folder.glob("*.eml")
        if each.is_file()
    ]
    return sorted(found, reverse=True)
