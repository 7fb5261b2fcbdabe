"""What takes a mail away: a mail server, or a folder where no server is set.

Foreign errors become one of four here: the mail is refused for good, or not now; the server cannot
be reached, or went away in the middle.
"""

import smtplib
import ssl
from contextlib import suppress
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from hub.errors import MailCutOff, MailDelayed, MailRefusedForGood, MailServerAway
from hub.mail_server import MailServer
from hub.mails import one_line

_SECONDS = 20.0  # that a server may take for one answer
_LONGEST_REASON = 200


class Carrier(Protocol):
    """Takes mails away, one after the other."""

    def carry(self, message: EmailMessage, name: str) -> None:
        """Take it, or raise MailRefusedForGood, MailDelayed, MailServerAway, MailCutOff.

        `name` is its own and always the same, with its time first.
        """

    def close(self) -> None:
        """Nothing more is coming."""


class Folder:
    """Keeps mails as files, for an installation without a mail server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def carry(self, message: EmailMessage, name: str) -> None:
        """Write the file whole or not at all; the same mail is the same file."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        half = self.folder / f".{name}.part"
        half.write_bytes(message.as_bytes())
        half.chmod(0o600)
        half.replace(self.folder / f"{name}.eml")

    def close(self) -> None:
        """Nothing is open."""


class Smtp:
    """A connection to a mail server, opened with the first mail and used for all that follow."""

    def __init__(self, server: MailServer, own_name: str, seconds: float = _SECONDS) -> None:
        self.server = server
        self.own_name = own_name
        self.seconds = seconds
        self._open: smtplib.SMTP | None = None

    def carry(self, message: EmailMessage, name: str) -> None:  # noqa: ARG002 - a file's name
        """Hand it over. Headers and body are ASCII, so any server takes them as they are."""
        try:
            connection = self._open = self._open or self._connected()
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise MailServerAway(server=self.server.host, reason=self._said(error)) from error
        sender, to = (message[name].addresses[0].addr_spec for name in ("From", "To"))
        try:
            connection.sendmail(sender, [to], message.as_bytes())
        except smtplib.SMTPRecipientsRefused as error:
            code, said = error.recipients[to]
            self._judge(code, said, error)
        except smtplib.SMTPDataError as error:
            self._judge(error.smtp_code, error.smtp_error, error)
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise MailCutOff(server=self.server.host, reason=self._said(error)) from error

    def close(self) -> None:
        """Say goodbye, where the server still listens."""
        connection, self._open = self._open, None
        if connection is not None:
            with suppress(OSError, smtplib.SMTPException):
                connection.quit()
            connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _connected(self) -> smtplib.SMTP:
        where = self.server
        trusted = ssl.create_default_context()
        if where.scheme == "smtps":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                where.host, where.port, self.own_name, timeout=self.seconds, context=trusted
            )
        else:
            connection = smtplib.SMTP(where.host, where.port, self.own_name, timeout=self.seconds)
        self._open = connection
        if where.scheme == "smtp+starttls":
            connection.starttls(context=trusted)
        if where.user:
            connection.login(where.user, where.password)
        return connection

    def _judge(self, code: int, said: bytes | str, error: Exception) -> None:
        """RFC 5321 4.2.1: 5yz is a no for good, 4yz (grey lists, full boxes) one for now."""
        text = said.decode(errors="replace") if isinstance(said, bytes) else said
        reason = self._plain(f"{code} {text}")
        if code == 421:  # the server closes the connection
            self.close()
        if 500 <= code < 600:
            raise MailRefusedForGood(reason=reason) from error
        raise MailDelayed(reason=reason) from error

    def _said(self, error: Exception) -> str:
        if isinstance(error, smtplib.SMTPResponseException):
            said = error.smtp_error
            text = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
            return self._plain(f"{error.smtp_code} {text}")
        if isinstance(error, OSError) and error.strerror:
            return self._plain(error.strerror)
        return self._plain(str(error) or type(error).__name__)

    def _plain(self, text: str) -> str:
        """A server's words on one line, without our password where it repeats it."""
        hidden = text.replace(self.server.password, "…") if self.server.password else text
        return one_line(hidden)[:_LONGEST_REASON]
