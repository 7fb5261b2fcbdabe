"""One signed call to an address that somebody outside has named.

Such an address may point into the operator's own network (server-side request forgery). So names
are resolved here, every address that a name has must be a public one, and the call goes to the very
address that was looked at: a name that changes in between changes nothing. No redirect is followed.
"""

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import NamedTuple
from urllib.parse import urlsplit

from standardwebhooks import Webhook

from hub.hook_errors import HookAddressRefused, HookUnreachable

_SECONDS = 10.0  # for each step of a call
_WHOLE = 20.0  # for all of it, however slowly an answer drips
_READ = 400  # of an answer, for the log
# All that is given out of IPv6 (RFC 4291, 2.4); the rest is a machine's own, a site's, translated.
_GIVEN_OUT = ip_network("2000::/3")
# Of it, addresses inside of which one of ours may be written.
_WRAPPED = ip_network("2002::/16")


class Answer(NamedTuple):
    """What a receiver answered."""

    status: int
    said: str


def headers_of(secret: str, event_id: str, body: str, at: datetime) -> dict[str, str]:
    """The head of a signed message, as the Standard Webhooks specification has it."""
    return {
        "content-type": "application/json",
        "user-agent": "sangsaeng-hub-webhooks",
        "webhook-id": event_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(event_id, at, body),
    }


def ends_of(url: str, *, private: bool) -> list[str]:
    """The network addresses of a URL, each of them allowed.

    `private`: addresses of the operator's own network are allowed, and http to this machine.
    Raises HookAddressRefused, HookUnreachable.
    """
    host, port, secure = _parts(url)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise HookUnreachable(address=host, reason=_reason(error)) from error
    ends = [str(each[4][0]) for each in found]
    addresses = [ip_address(end.partition("%")[0]) for end in ends]
    loopback = all(each.is_loopback for each in addresses)
    if not (secure or (private and loopback)):
        raise HookAddressRefused(address=url)
    if not private and not all(map(is_public, addresses)):
        raise HookAddressRefused(address=url)
    return ends


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is one of the public internet.

    >>> is_public(ip_address("1.1.1.1")), is_public(ip_address("10.0.0.1"))
    (True, False)
    >>> is_public(ip_address("::ffff:127.0.0.1")), is_public(ip_address("64:ff9b::7f00:1"))
    (False, False)
    >>> is_public(ip_address("fec0::1")), is_public(ip_address("::10.0.0.1"))
    (False, False)
    """
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address.teredo or address in _WRAPPED or address not in _GIVEN_OUT:
            return False
    return address.is_global and not address.is_multicast


def call(url: str, body: str, headers: Mapping[str, str], *, private: bool) -> Answer:
    """Post a body to an address. Raises HookAddressRefused, HookUnreachable."""
    ends = ends_of(url, private=private)
    host, port, secure = _parts(url)
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    for last, end in enumerate(ends, start=1 - len(ends)):
        line = _Line(host, port, end, secure=secure)
        watch = threading.Timer(_WHOLE, line.cut)
        watch.daemon = True
        try:
            watch.start()
            line.connect()
            line.request("POST", path, body.encode(), dict(headers))
            got = line.getresponse()
            return Answer(got.status, got.read(_READ).decode("utf-8", "replace"))
        except (OSError, http.client.HTTPException) as error:
            if line.reached or last == 0:  # what was reached may have taken the message in
                raise HookUnreachable(address=host, reason=_reason(error)) from error
        finally:
            watch.cancel()
            line.close()
    raise HookUnreachable(address=host, reason="")


class _Line(http.client.HTTPConnection):
    """A connection to one network address of a name; the certificate has to be the name's."""

    def __init__(self, host: str, port: int, end: str, *, secure: bool) -> None:
        super().__init__(host, port, timeout=_SECONDS)
        self._end, self._secure = end, secure
        self.default_port = 443 if secure else 80
        self.reached = False

    def connect(self) -> None:
        """Connect to that address and no other."""
        self.sock = socket.create_connection((self._end, self.port), timeout=_SECONDS)
        if self._secure:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self.host)
        self.reached = True

    def cut(self) -> None:
        """End a call that takes too long."""
        with suppress(OSError):
            if self.sock is not None:
                self.sock.shutdown(socket.SHUT_RDWR)


def _parts(url: str) -> tuple[str, int, bool]:
    """Host, port, and whether by TLS. Raises HookAddressRefused."""
    try:
        parts = urlsplit(url)
        host, secure = parts.hostname, parts.scheme == "https"
        port = parts.port or (443 if secure else 80)
    except ValueError as error:
        raise HookAddressRefused(address=url[:200]) from error
    plain = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    odd = parts.username is not None or parts.password is not None or bool(parts.fragment)
    if not host or odd or not plain or parts.scheme not in ("https", "http"):
        raise HookAddressRefused(address=url[:200])
    return host, port, secure


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "timeout"
    return str(getattr(error, "strerror", None) or error or type(error).__name__)[:200]
