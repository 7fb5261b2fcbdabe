"""A real mail server on this machine, that can be told to refuse, to wait and to hang up."""

# ruff: noqa: ARG002, N802 - aiosmtpd finds its handlers by these names and arguments

import ssl
import threading
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "hub", "pass w/rd:@%"


class _AnyPort(Controller):
    """Listens on whatever port is free, and finds itself there."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class MailServer:
    """Keeps what it takes. `answers`: address → what it says to RCPT, one after the other."""

    def __init__(
        self,
        *,
        tls: ssl.SSLContext | None = None,
        implicit_tls: bool = False,
        login: bool = False,
    ) -> None:
        self.taken: list[EmailMessage] = []
        self.envelopes: list[Envelope] = []
        self.answers: dict[str, list[str]] = {}
        self.after_data: list[str | Callable[[SMTP], None]] = []
        self.connections = 0
        self.got_one = threading.Event()
        self.controller = _AnyPort(
            self,
            hostname="127.0.0.1",
            port=0,
            ssl_context=tls if implicit_tls else None,
            tls_context=None if implicit_tls else tls,
            require_starttls=bool(tls and not implicit_tls),
            auth_required=login,
            auth_require_tls=bool(tls) and not implicit_tls,
            authenticator=self._knows if login else None,
        )

    def __enter__(self) -> Self:
        self.controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.controller.stop()

    @property
    def port(self) -> int:
        return self.controller.port

    def _knows(self, server, session, envelope, mechanism, data) -> AuthResult:
        right = isinstance(data, LoginPassword) and data == LoginPassword(
            USER.encode(), PASSWORD.encode()
        )
        return AuthResult(success=right, handled=right)

    async def handle_EHLO(self, server, session: Session, envelope, hostname, responses):
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope: Envelope, address, options):
        said = self.answers.get(address)
        if said:
            answer = said.pop(0)
            if answer:
                return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session, envelope: Envelope):
        if self.after_data:
            answer = self.after_data.pop(0)
            if callable(answer):
                answer(server)
                return "421 gone"
            return answer
        self.envelopes.append(envelope)
        self.taken.append(message_from_bytes(envelope.content, policy=policy.default))
        self.got_one.set()
        return "250 taken"


def hang_up(server: SMTP) -> None:
    """Close the connection without a word, as a server does that is shot down."""
    server.transport.abort()
