"""Where mails are handed over: the setting HUB_SMTP_URL, taken apart. Nothing is connected."""

from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}


@dataclass(frozen=True)
class MailServer:
    """A server for outgoing mail. `scheme`: "smtp", "smtps" or "smtp+starttls"."""

    scheme: str
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)


def mail_server(url: str) -> MailServer:
    """What smtp+starttls://user:password@host:port means; user and password are percent-encoded.

    Raises ValueError, which never repeats the password.

    >>> mail_server("smtp+starttls://hub%40firm.example:p%2Fw@mail.firm.example")
    MailServer(scheme='smtp+starttls', host='mail.firm.example', port=587, user='hub@firm.example')
    >>> mail_server("smtp://user:secret@mail.firm.example")
    Traceback (most recent call last):
    ValueError: a password needs smtps:// or smtp+starttls://, or a server on this machine
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("not an address such as smtps://user:password@host:465") from None
    if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError("begin with smtp://, smtps:// or smtp+starttls://, then host and port")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if password and parts.scheme == "smtp" and not _here(parts.hostname):
        raise ValueError(
            "a password needs smtps:// or smtp+starttls://, or a server on this machine"
        )
    return MailServer(parts.scheme, parts.hostname, port or _PORTS[parts.scheme], user, password)


def _here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
