"""E-mail addresses as people type them into forms and sheets. Pure."""

import hashlib
import re
import unicodedata

from supplychain.invitation_errors import AddressInvalid

_LONGEST = 254  # RFC 5321 4.5.3.1.3, without the angle brackets
_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])")
_AROUND = re.compile(r"^[^<>]*<([^<>]*)>\s*$")


def address(text: str) -> str:
    """One address, in small letters, as mail servers take it. Raises AddressInvalid.

    A name around it is left out, and a Korean domain becomes what the network knows it by. Before
    the @ only ASCII: what else there may be (RFC 6531) most servers of plants do not deliver.

    >>> address(" 홍길동 <Gildong.Hong@Hanbit.example>")
    'gildong.hong@hanbit.example'
    >>> address("kim＠한빛.example")
    'kim@xn--xx3br43b.example'
    """
    plain = unicodedata.normalize("NFKC", text).strip().removeprefix("mailto:")
    inside = _AROUND.match(plain)
    local, at, domain = (inside[1] if inside else plain).strip().lower().rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        at = ""
    known = at and len(local) <= 64 and _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain)
    if not known or len(f"{local}@{domain}") > _LONGEST:
        raise AddressInvalid(email=text.strip()[:100])
    return f"{local}@{domain}"


def address_hash(email: str) -> str:
    """What is kept of an address whose owner wants no mails."""
    return hashlib.sha256(email.strip().lower().encode()).hexdigest()
