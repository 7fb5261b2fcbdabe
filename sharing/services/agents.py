"""Agents: how a PC joins a site, how it says who it is, and what it tells."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from sqlmodel import Session, col, delete, func, select

from sharing.errors import AgentRefused, CodeRefused, PublicKeyRefused
from sharing.rollout import WAITING
from sharing.services import deliveries
from sharing.tables import (
    Agent,
    AgentReport,
    Delivery,
    Deployment,
    EnrolmentCode,
    Rollout,
    SharedModel,
    SpentToken,
    Version,
)  # fmt: skip

AUDIENCE = "sangsaeng-hub"
CODE_MINUTES = 30
# Without the characters that are mistaken for one another on paper and on the telephone.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_LONGEST_TOKEN = timedelta(seconds=120)
_LEEWAY = timedelta(seconds=30)
_TIDY = 50  # one call of so many takes away what has run out
# Looks at the hub that all connected agents together take in a second: a quarter of a processor.
_LOOKS_A_SECOND = 100


class Said(NamedTuple):
    """One report of an agent, as it came."""

    seq: int
    delivery: int | None
    kind: str
    state: str
    reason: str
    figures: Mapping[str, Any]
    at: datetime


def make_code(session: Session, site_id: int, by: str, at: datetime) -> tuple[str, datetime]:
    """A fresh code for one PC of a site, XXXX-XXXX, and until when it works. Shown once."""
    session.exec(delete(EnrolmentCode).where(col(EnrolmentCode.expires_at) < at))
    code = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    until = at + timedelta(minutes=CODE_MINUTES)
    session.add(
        EnrolmentCode(
            code_hash=_hash(code), site_id=site_id, created_by=by, created_at=at, expires_at=until
        )
    )
    return f"{code[:4]}-{code[4:]}", until


def open_code(session: Session, code: str, at: datetime) -> EnrolmentCode | None:
    """The code's row while a PC may still use it."""
    row = session.exec(select(EnrolmentCode).where(EnrolmentCode.code_hash == _hash(code))).first()
    return row if row is not None and row.used_at is None and row.expires_at > at else None


def enrol(
    session: Session,
    code: str,
    public_key: str,
    name: str,
    runtime: Mapping[str, Any],
    at: datetime,
) -> Agent:
    """A new agent of the code's site. The same key with the same code again is the same agent.

    (An answer may be lost on the way.) Raises CodeRefused, PublicKeyRefused.
    """
    pem = _ed25519(public_key)
    row = session.exec(select(EnrolmentCode).where(EnrolmentCode.code_hash == _hash(code))).first()
    if row is None or row.expires_at <= at:
        raise CodeRefused(minutes=CODE_MINUTES)
    known = session.exec(
        select(Agent).where(
            Agent.public_key == pem, Agent.site_id == row.site_id, col(Agent.revoked).is_(False)
        )
    ).first()
    if row.used_at is not None and known is None:
        raise CodeRefused(minutes=CODE_MINUTES)
    row.used_at = row.used_at or at
    if known is not None:
        return known
    agent = Agent(
        id=f"a-{secrets.token_hex(8)}",
        site_id=row.site_id,
        public_key=pem,
        name=name.strip()[:100] or "PC",
        runtime={key: str(value)[:200] for key, value in runtime.items()},
        enrolled_at=at,
    )
    session.add(agent)
    session.flush()
    return agent


def authenticate(session: Session, token: str, at: datetime) -> Agent:
    """The agent that signed this token; notes that it was seen.

    EdDSA only, for us, in force, short, used for the first time. Raises AgentRefused; its code is
    `clock` where only the time does not fit.
    """
    agent = session.get(Agent, _issuer(token))
    if agent is None or agent.revoked:
        raise AgentRefused("unknown")
    claims = _claims(token, agent.public_key)
    until = datetime.fromtimestamp(int(claims["exp"]), UTC)
    _spend(session, f"{agent.id}:{claims['jti']}", until, at)
    agent.last_seen = at
    return agent


def recognise(session: Session, token: str) -> int:
    """The site of the agent that signed this token, for a call that only reads.

    Nothing is written, and said twice it does no harm. Raises AgentRefused.
    """
    found = session.exec(
        select(Agent.site_id, Agent.public_key).where(
            Agent.id == _issuer(token), col(Agent.revoked).is_(False)
        )
    ).first()
    if found is None:
        raise AgentRefused("unknown")
    site, public_key = found
    _claims(token, public_key)
    return site


def pace(session: Session) -> float:
    """Seconds between two looks of an agent at the hub, at the least, so that all have their turn.

    They may be thousands; one alone may look as often as it likes.
    """
    connected = select(func.count()).select_from(Agent).where(col(Agent.revoked).is_(False))
    return session.exec(connected).one() / _LOOKS_A_SECOND


def revoke(session: Session, agent: Agent) -> None:
    """Disconnect a PC: nothing that it says counts any more. What it runs, it keeps."""
    agent.revoked = True
    session.flush()


def take_reports(session: Session, agent: Agent, reports: Iterable[Said], at: datetime) -> int:
    """Take in what an agent says, in its order; the highest number that is safe here.

    A number that is known already changes nothing. Reports about another site's delivery are
    kept and have no effect. An agent may be faster than the hub: it reads the signed list before
    the wave has noted that it was signed. Such a report, and what follows it, has to come again.
    """
    told = sorted(reports, key=lambda one: one.seq)
    highest, known = _heard(session, agent, [said.seq for said in told])
    _held = _spoken_of(session, agent, told)  # a session forgets rows that nobody holds
    spoken_of: dict[int | None, Delivery] = {}
    for said in told:
        if said.seq not in known:
            if _too_early(session, agent, said):
                break
            delivery = _take(session, agent, said, at)
            if delivery is not None:
                spoken_of[delivery.id] = delivery
            known.add(said.seq)
        highest = max(highest, said.seq)
    for delivery in spoken_of.values():
        _runs_on(session, agent, delivery)
    return highest


def _spoken_of(session: Session, agent: Agent, told: Iterable[Said]) -> list[Any]:
    """What the reports are about, read at once: deliveries, versions, rollouts, what runs."""
    rows = session.exec(
        select(Delivery, Version, Rollout, Deployment)
        .join(Version, col(Version.id) == Delivery.version_id)
        .join(Rollout, col(Rollout.id) == Delivery.rollout_id)
        .outerjoin(
            Deployment,
            (col(Deployment.site_id) == Delivery.site_id)
            & (col(Deployment.model_id) == Version.model_id),
        )
        .where(
            col(Delivery.id).in_({said.delivery for said in told if said.delivery}),
            Delivery.site_id == agent.site_id,
        )
    )
    return list(rows)


def open_deliveries(session: Session, site_id: int) -> list[tuple[Delivery, str, str]]:
    """Deliveries of a site that were accepted, with model and version, newest first."""
    rows = session.exec(
        select(Delivery, SharedModel.slug, Version.number)
        .join(Version, col(Version.id) == Delivery.version_id)
        .join(SharedModel, col(SharedModel.id) == Version.model_id)
        .where(
            Delivery.site_id == site_id,
            col(Delivery.state).not_in(("scheduled", "offered", "declined")),
        )
        .order_by(col(Delivery.id).desc())
        .limit(100)
    )
    return [(delivery, slug, number) for delivery, slug, number in rows]


def _too_early(session: Session, agent: Agent, said: Said) -> bool:
    delivery = session.get(Delivery, said.delivery) if said.delivery else None
    return (
        delivery is not None
        and delivery.site_id == agent.site_id
        and delivery.state in WAITING
        and not delivery.metadata_version
    )


def _take(session: Session, agent: Agent, said: Said, at: datetime) -> Delivery | None:
    delivery = session.get(Delivery, said.delivery) if said.delivery else None
    if delivery is not None and delivery.site_id != agent.site_id:
        delivery = None
    session.add(
        AgentReport(
            agent_id=agent.id,
            seq=said.seq,
            delivery_id=delivery.id if delivery else None,
            kind=said.kind,
            state=said.state,
            reason=said.reason[:500],
            figures=dict(said.figures),
            at=said.at,
            received_at=at,
        )
    )
    if delivery is None:
        return None
    if said.kind == "delivery":
        deliveries.apply_report(
            session, delivery, said.state, said.reason, said.figures, at, by=agent.id
        )
    elif said.kind == "health":
        deliveries.apply_health(session, delivery, said.figures, at, by=agent.id)
    return delivery


def _model_of(session: Session, delivery: Delivery) -> int:
    return session.get_one(Version, delivery.version_id).model_id


def _runs_on(session: Session, agent: Agent, delivery: Delivery) -> None:
    session.flush()
    row = deliveries.runs_at(session, agent.site_id, _model_of(session, delivery))
    if row is not None and row.delivery_id == delivery.id:
        row.agent_id = agent.id


def _heard(session: Session, agent: Agent, seqs: Sequence[int]) -> tuple[int, set[int]]:
    """The highest number that an agent has told, and which of these it has."""
    mine = AgentReport.agent_id == agent.id
    highest = session.exec(select(func.max(AgentReport.seq)).where(mine)).one() or 0
    if not seqs or seqs[0] > highest:
        return highest, set()
    rows = select(AgentReport.seq).where(mine, col(AgentReport.seq).between(seqs[0], seqs[-1]))
    return highest, set(session.exec(rows))


def _issuer(token: str) -> str:
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError as error:
        raise AgentRefused("token") from error
    return str(claims.get("iss", ""))[:40]


def _claims(token: str, public_key: str) -> dict[str, Any]:
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            _key(public_key),
            algorithms=["EdDSA"],
            audience=AUDIENCE,
            leeway=_LEEWAY,
            options={"require": ["iss", "iat", "exp", "jti"]},
        )
    except (jwt.ExpiredSignatureError, jwt.ImmatureSignatureError) as error:
        raise AgentRefused("clock") from error
    except jwt.PyJWTError as error:
        raise AgentRefused("token") from error
    if int(claims["exp"]) - int(claims["iat"]) > _LONGEST_TOKEN.total_seconds():
        raise AgentRefused("token")
    return claims


@lru_cache(maxsize=4096)
def _key(pem: str) -> Any:
    # An agent asks a dozen times in a row; reading its key takes as long as checking with it.
    return load_pem_public_key(pem.encode())


def _spend(session: Session, jti: str, until: datetime, at: datetime) -> None:
    if secrets.randbelow(_TIDY) == 0:
        session.exec(delete(SpentToken).where(col(SpentToken.expires_at) < at - _LEEWAY))
    key = hashlib.sha256(jti.encode()).hexdigest()
    if session.get(SpentToken, key) is not None:
        raise AgentRefused("replayed")
    session.add(SpentToken(jti=key, expires_at=until))
    session.flush()


def _ed25519(pem: str) -> str:
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise PublicKeyRefused from error
    if not isinstance(key, Ed25519PublicKey):
        raise PublicKeyRefused
    return pem.strip()


def _hash(code: str) -> str:
    """Of the code as a person may have typed it. Slow on purpose: a code has only 40 bits."""
    plain = "".join(code.upper().split()).replace("-", "")
    return hashlib.scrypt(plain.encode(), salt=b"sangsaeng enrolment", n=2**13, r=8, p=1).hex()[:64]
