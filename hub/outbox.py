"""Mails that leave the hub: written beside what they tell of, sent by the worker.

`post` adds a row in the caller's transaction, so that there is no mail without its cause and no
cause without its mail. Sending follows *record the intent, commit, call out, record the result*:
`claim` takes one mail for a while, the carrier takes it away, `_note` keeps what came of it.

A crash between the second and the third leaves unknown whether the mail went. It is sent again
after the claim has run out, with the same Message-ID and date, which mail programs show once: an
invitation that never arrives is worse than one that arrives twice. Two workers never send the same
mail side by side: a claim counts `tries` up, and only its own count may note the result.
"""

import logging
import threading
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert, update
from sqlmodel import Session, col, func, select

from hub.carriers import Carrier, Folder, Smtp
from hub.errors import MailCutOff, MailDelayed, MailRefusedForGood, MailServerAway
from hub.jobs import Reconciler
from hub.mail_message import message_of
from hub.mails import Letter
from hub.tables import Mail
from hub.wiring import Hub
from supplychain.tables import now

log = logging.getLogger(__name__)

_CLAIM = timedelta(minutes=10)  # longer than any one mail takes
_PAUSES = tuple(timedelta(minutes=m) for m in (1, 5, 30, 120, 360))  # the last one again and again
_GIVE_UP = timedelta(days=5)  # what RFC 5321 4.5.4.1 calls usual
_LATE = timedelta(minutes=15)
_AT_ONCE = 500


def post(
    session: Session, key: str, to: str, locale: str, mail: Letter, *, reply_to: str = ""
) -> bool:
    """Put a mail on its way when the caller commits; False where one of this key was put before.

    `key` names what it is about, for ever: "invitation/7/1" is the first mail of invitation 7.
    """
    if session.exec(select(Mail.id).where(Mail.key == key)).first() is not None:
        return False
    session.add(
        Mail(key=key, to=to, locale=locale, subject=mail.subject, text=mail.text, reply_to=reply_to)
    )
    session.flush()
    return True


def post_new(session: Session, mails: Sequence[Mapping[str, str]]) -> None:
    """Put many mails on their way at once, each about something that is itself new.

    Each gives the columns key, to, reply_to, locale, subject and text.
    """
    for start in range(0, len(mails), _AT_ONCE):
        session.execute(insert(Mail), list(mails[start : start + _AT_ONCE]))


def withdraw(session: Session, keys: Iterable[str]) -> None:
    """Keep mails that have not gone yet from going."""
    wanted = list(keys)
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        session.execute(
            update(Mail)
            .where(col(Mail.key).in_(some), col(Mail.state) == "waiting")
            .values(state="withdrawn", text="")
        )


def mails_of(session: Session, keys: Collection[str]) -> dict[str, Mail]:
    """What became of the mails of these keys."""
    wanted = sorted(keys)
    return {
        mail.key: mail
        for start in range(0, len(wanted), _AT_ONCE)
        for mail in session.exec(
            select(Mail).where(col(Mail.key).in_(wanted[start : start + _AT_ONCE]))
        )
    }


def send_now(session: Session, mail_id: int) -> bool:
    """Try a waiting mail again at once; False where it is not waiting."""
    mail = session.get(Mail, mail_id, with_for_update=True)
    if mail is None or mail.state != "waiting":
        return False
    mail.due_at = now()
    session.add(mail)
    return True


@dataclass(frozen=True)
class Counts:
    """How many mails wait, of these how many are late, and how many were given up."""

    waiting: int
    late: int
    failed: int


def counts(session: Session) -> Counts:
    """How the outbox stands. Late is what is due and does not go: no worker, or no mail server.

    A mail that its receiver puts off is not late: it is tried again in its time.
    """
    found = dict(session.exec(select(Mail.state, func.count()).group_by(Mail.state)).all())
    late = select(func.count()).where(
        col(Mail.state) == "waiting", col(Mail.due_at) < now() - _LATE
    )
    return Counts(found.get("waiting", 0), session.exec(late).one(), found.get("failed", 0))


def folder_of(hub: Hub) -> Path:
    """Where mails lie as files while no mail server is set."""
    return hub.settings.data / "outbox"


def carrier_for(hub: Hub) -> Carrier:
    """The mail server that is set, else the folder in the data folder."""
    server = hub.settings.mail_server
    if server is None:
        return Folder(folder_of(hub))
    return Smtp(server, hub.settings.sender.rpartition("@")[2])


def send_due(hub: Hub, carrier: Carrier) -> int:
    """Send what is due; how many went.

    Raises MailServerAway or MailCutOff once there is no sense in going on.
    """
    gone = 0
    while (mail := claim(hub)) is not None:
        try:
            carrier.carry(message_of(mail, hub.settings.sender, hub.settings.url), _name(mail))
        except MailRefusedForGood as error:
            _note(hub, mail, "failed", str(error.facts["reason"]))
        except MailDelayed as error:
            _later(hub, mail, str(error.facts["reason"]))
        except MailCutOff as error:
            _later(hub, mail, str(error.facts["reason"]))
            raise
        except MailServerAway as error:
            _give_back(hub, mail, str(error.facts["reason"]))
            raise
        except ValueError as error:  # a header that cannot be written: nothing will mend that
            _note(hub, mail, "failed", str(error))
        except OSError as error:  # the folder cannot be written
            _give_back(hub, mail, error.strerror or type(error).__name__)
            raise MailServerAway(server="outbox", reason=error.strerror) from error
        else:
            gone += 1
            _note(hub, mail, "sent", "")
    return gone


def claim(hub: Hub) -> Mail | None:
    """The mail that has been due for longest, for the next ten minutes nobody else's."""
    with hub.db.work() as session:
        due = select(Mail).where(Mail.state == "waiting", Mail.due_at <= now())
        oldest = due.order_by(col(Mail.due_at), col(Mail.id)).limit(1)
        mail = session.exec(oldest.with_for_update(skip_locked=True)).first()
        if mail is None:
            return None
        mail.tries, mail.due_at = mail.tries + 1, now() + _CLAIM
        session.add(mail)
        session.flush()
        session.refresh(mail)
        session.expunge(mail)
        return mail


class Sender:
    """Sends beside the worker's other work: a mail server that is slow holds up nothing else."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._again_at = 0.0
        self._failures = 0

    def tick(self, hub: Hub) -> bool:
        """Begin to send where something is due and nobody sends; never waits for it."""
        busy = self._thread is not None and self._thread.is_alive()
        if busy or time.monotonic() < self._again_at or not _due(hub):
            return False
        self._thread = threading.Thread(target=self.send, args=(hub,), name="mail", daemon=True)
        self._thread.start()
        return True

    def send(self, hub: Hub) -> None:
        """Send what is due; while the server is away, try ever more seldom."""
        try:
            with closing(carrier_for(hub)) as carrier:
                send_due(hub, carrier)
            self._failures = 0
        except Exception as error:  # noqa: BLE001 - the worker lives on, whatever a server does
            self._failures += 1
            pause = min(600.0, 15.0 * 2.0 ** min(self._failures, 6))
            self._again_at = time.monotonic() + pause
            log.warning("mails wait, again in %d s: %s", pause, error)


def _due(hub: Hub) -> bool:
    with hub.db.reading() as session:
        due = select(Mail.id).where(Mail.state == "waiting", Mail.due_at <= now())
        return session.exec(due.limit(1)).first() is not None


def _name(mail: Mail) -> str:
    """Name of the file of a mail; sorted, they stand in the order in which they were written."""
    about = "".join(c if c.isascii() and c.isalnum() else "-" for c in mail.key)
    return f"{mail.created_at:%Y%m%dT%H%M%S.%f}-{about[:60]}"


def _later(hub: Hub, mail: Mail, reason: str) -> None:
    """Try again after a pause, or give up on what has waited for days."""
    pause = _PAUSES[min(mail.tries, len(_PAUSES)) - 1]
    over = mail.created_at + _GIVE_UP < now() + pause
    _note(hub, mail, "failed" if over else "waiting", reason, pause)


def _give_back(hub: Hub, mail: Mail, reason: str) -> None:
    """The mail was not even tried: it stays due, and as the oldest of all it is the next again."""
    over = mail.created_at + _GIVE_UP < now()
    _note(hub, mail, "failed" if over else "waiting", reason, mail.created_at - now(), tried=False)


def _note(
    hub: Hub,
    mail: Mail,
    state: str,
    problem: str,
    pause: timedelta = timedelta(),
    *,
    tried: bool = True,
) -> None:
    """Keep what came of a claim; too late where another has claimed the mail since."""
    with hub.db.work() as session:
        row = session.get(Mail, mail.id, with_for_update=True)
        if row is None or row.tries != mail.tries or row.state != "waiting":
            return
        row.state, row.problem, row.due_at = state, problem[:400], now() + pause
        row.tries -= not tried
        if state == "sent":
            row.sent_at = now()
        if state != "waiting":
            row.text = ""
        session.add(row)


_sender = Sender()
RECONCILERS = (Reconciler("mail", _sender.tick),)
