"""Connecting this PC to a hub, and saying who we are afterwards.

The key pair is made here; only its public half is sent.
"""

import ctypes
import email.utils
import os
import platform
import secrets
import socket
import sys
import time
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from sharing.agent.errors import (
    AgentUnknown,
    AlreadyEnrolled,
    CodeRefused,
    HubAnsweredWrongly,
    HubRefused,
    NotEnrolled,
)
from sharing.agent.fetch import Answer, Transport
from sharing.agent.home import Enrolment, Home, as_json, write_secret
from sharing.agent.state import State

AUDIENCE = "sangsaeng-hub"
TOKEN_SECONDS = 90  # the hub takes at most 120


def enrol(home: Home, url: str, code: str, *, name: str = "", again: bool = False) -> Enrolment:
    """Connect this PC to a hub with a short code.

    Raises AlreadyEnrolled, CodeRefused, HubRefused and what the transport raises. Of a try that
    failed only its key is kept: where the hub's answer was lost, the same code with the same key
    gets it again. An earlier enrolment stays in force until the new one is complete.
    """
    known = _known(home)
    if known and not again:
        raise AlreadyEnrolled(url=known.url, site=known.site_name)
    key = _pending(home)
    about_us = {
        "public_key": _public(key),
        "name": name or socket.gethostname()[:100] or "PC",
        "runtime": runtime(),
    }
    transport = Transport(url)
    try:
        answer = transport.ask("POST", "/api/v1/agents/enrol", {"code": code, **about_us})
    finally:
        transport.close()
    enrolment, roots = _understood(_accepted(answer, transport.url, code), transport.url)
    with home.lock(), State(home.state) as state:
        write_secret(home.key, _private(key))
        state.forget_hub()
        state.note("about_us", about_us)
        home.enrolled(enrolment, roots)
        home.pending_key.unlink(missing_ok=True)
    return enrolment


def _pending(home: Home) -> Ed25519PrivateKey:
    """The key of a try that got no answer, else a fresh one that is kept until there is one."""
    try:
        key = load_pem_private_key(home.pending_key.read_bytes(), password=None)
    except (FileNotFoundError, ValueError):
        key = None
    if isinstance(key, Ed25519PrivateKey):
        return key
    fresh = Ed25519PrivateKey.generate()
    write_secret(home.pending_key, _private(fresh))
    return fresh


def runtime() -> dict[str, str]:
    """What the publisher has to know of this PC: versions and size, and nothing of its user."""
    memory = memory_gb()
    size = {"cores": str(os.cpu_count() or ""), "memory_gb": f"{memory:.1f}" if memory else ""}
    return {
        "agent": version("sangsaeng-hub"),
        "python": platform.python_version(),
        "onnxruntime": version("onnxruntime"),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        **{name: told for name, told in size.items() if told},
    }


def memory_gb() -> float | None:
    """Main memory of this PC; None where the system does not tell."""
    if sys.platform == "win32":
        kilobytes = ctypes.c_ulonglong()
        found = ctypes.windll.kernel32.GetPhysicallyInstalledSystemMemory(ctypes.byref(kilobytes))
        return kilobytes.value / 2**20 if found else None
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    except (AttributeError, OSError, ValueError):
        return None


def _known(home: Home) -> Enrolment | None:
    try:
        return home.enrolment()
    except NotEnrolled:
        return None


def _accepted(answer: Answer, url: str, code: str) -> dict[str, Any]:
    if answer.status == HTTPStatus.CREATED:
        return answer.body
    if answer.body.get("title") == "CodeRefused":
        raise CodeRefused(code=code)
    if why := answer.body.get("detail"):
        raise HubRefused(why=str(why)[:300])
    raise HubAnsweredWrongly(url=url, status=answer.status)


def _understood(told: dict[str, Any], url: str) -> tuple[Enrolment, dict[str, bytes]]:
    try:
        enrolment = Enrolment(
            url=url,
            agent=str(told["agent"]),
            site=int(told["site"]),
            site_name=str(told["site_name"]),
            firm_name=str(told["firm_name"]),
            poll_seconds=float(told["poll_seconds"]),
        )
        return enrolment, {name: as_json(told[f"{name}_root"]) for name in ("image", "director")}
    except (KeyError, TypeError, ValueError) as error:
        raise HubAnsweredWrongly(url=url, status=HTTPStatus.CREATED) from error


class Caller:
    """Signed calls to the hub as this agent.

    Each call carries a fresh token (EdDSA, a minute and a half, one use). A PC whose clock is
    wrong corrects itself by the hub's, once per call, for its tokens only: whether signed lists
    have expired is judged by the PC's own clock.
    """

    def __init__(self, home: Home, transport: Transport) -> None:
        self._enrolment = home.enrolment()
        self._transport = transport
        key = load_pem_private_key(home.key.read_bytes(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise NotEnrolled
        self._key = key
        self._ahead = 0.0

    def ask(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """The answer's body; raises AgentUnknown, HubRefused and what the transport raises."""
        answer = self._once(method, path, body)
        if answer.status == HTTPStatus.UNAUTHORIZED and answer.body.get("code") == "clock":
            self._correct_clock(answer.date)
            answer = self._once(method, path, body)
        if answer.body.get("code") == "unknown":
            raise AgentUnknown(why=str(answer.body.get("detail", "")))
        if answer.status >= HTTPStatus.BAD_REQUEST:
            raise HubRefused(why=str(answer.body.get("detail", answer.status))[:300])
        return answer.body

    def _once(self, method: str, path: str, body: object) -> Answer:
        return self._transport.ask(method, path, body, self.signature)

    def signature(self) -> dict[str, str]:
        """A header that says who we are, for one call."""
        at = int(time.time() + self._ahead)
        claims = {
            "iss": self._enrolment.agent,
            "aud": AUDIENCE,
            "iat": at,
            "exp": at + TOKEN_SECONDS,
            "jti": secrets.token_urlsafe(16),
        }
        token = jwt.encode(claims, self._key, algorithm="EdDSA")
        return {"Authorization": f"Bearer {token}"}

    def _correct_clock(self, date: str) -> None:
        moment = email.utils.parsedate_to_datetime(date) if date else None
        if moment is not None:
            self._ahead = moment.timestamp() - time.time()


def _private(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _public(key: Ed25519PrivateKey) -> str:
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem.decode()
