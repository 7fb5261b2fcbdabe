"""The API of the outbox, for administrators."""

from flask import Response
from flask_openapi import APIBlueprint, Tag
from pydantic import BaseModel, Field
from sqlmodel import col

from hub import access, outbox
from hub.accounts import record
from hub.api.answers import LARGEST, Cursor, answered
from hub.tables import Mail
from hub.web.asking import hub_here, who

_tag = Tag(name="mails", description="The outbox")
api = APIBlueprint("mails_api", __name__, url_prefix="/api/v1", abp_tags=[_tag])


class Newest(Cursor):
    """Where a page begins: `after` as the page before gave it; newest first."""

    state: str = Field("", pattern="^(waiting|sent|failed|withdrawn)?$")
    after: int = Field(LARGEST, ge=0, le=LARGEST)


class One(BaseModel):
    """A mail by its number."""

    mail_id: int = Field(ge=1, le=LARGEST)


class MailSaid(BaseModel):
    """A mail without its text, which may hold a secret link. `problem`: the server's words."""

    id: int
    to: str
    subject: str
    state: str
    tries: int
    problem: str
    created_at: str
    due_at: str
    sent_at: str | None


class Mails(BaseModel):
    """A page of mails; `after` asks for the next one, None at the end."""

    waiting: int
    late: int
    failed: int
    mails: list[MailSaid]
    after: int | None


class Tried(BaseModel):
    """Whether the mail was still waiting, and is tried again at once."""

    again: bool


@api.get("/mails", responses={200: Mails})
def listing(query: Newest) -> Response:
    """Mails, newest first, and how many wait or failed."""
    with hub_here().db.reading() as session:
        found = access.every_mail(who(), query.state).where(col(Mail.id) < query.after)
        rows = session.exec(found.limit(query.limit + 1)).all()
        counts = outbox.counts(session)
        said = [_said(mail) for mail in rows[: query.limit]]
    answer = Mails(
        waiting=counts.waiting,
        late=counts.late,
        failed=counts.failed,
        mails=said,
        after=said[-1].id if len(rows) > query.limit else None,
    )
    return answered(answer)


@api.post("/mails/<int:mail_id>/send", responses={200: Tried})
def send_now(path: One) -> Response:
    """Try a waiting mail again at once."""
    with hub_here().db.work() as session:
        again = outbox.send_now(session, path.mail_id)
        if again:
            record(session, who().handle, "mail.tried-again", f"mail {path.mail_id}")
    return answered(Tried(again=again))


def _said(mail: Mail) -> MailSaid:
    return MailSaid(
        id=mail.id or 0,
        to=mail.to,
        subject=mail.subject,
        state=mail.state,
        tries=mail.tries,
        problem=mail.problem,
        created_at=mail.created_at.isoformat(),
        due_at=mail.due_at.isoformat(),
        sent_at=mail.sent_at.isoformat() if mail.sent_at else None,
    )
