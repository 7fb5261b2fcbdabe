"""Certificates as Open Badges 3.0 credentials with an Ed25519 proof. Pure: no database, no files.

The form is VC-JWT (Open Badges 3.0, section 8.2): the payload is the credential itself, beside the
registered claims iss, sub, jti, nbf, exp; the header's kid leads to the issuer's public key.
Revocation is a W3C Bitstring Status List, signed the same way, so that a stranger's program can
check it without trusting our page. Signing and checking are PyJWT's, never our own.
"""

import base64
import gzip
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import NAMESPACE_URL, UUID, uuid5

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from joserfc.jwk import OKPKey
from jwt.algorithms import OKPAlgorithm
from jwt.types import Options
from pydantic import BaseModel, ConfigDict, ValidationError

from courses.errors import CredentialUnreadable

CONTEXTS = [
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    # names the schema validator below
    "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json",
]
_SCHEMA = {
    "id": "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/"
    "ob_v3p0_achievementcredential_schema.json",
    "type": "1EdTechJsonSchemaValidator2019",
}
_VC_JWT = "application/vc+jwt"
# The smallest list that the Bitstring Status List specification allows: large enough to hide in.
STATUS_BITS = 131_072
_LIST_LIFE = timedelta(days=1)
_SKEW = timedelta(seconds=60)
# Dates are judged by us, for an expired certificate is genuine all the same.
_GENUINE: Options = {
    "require": ["iss", "jti", "nbf"],
    "verify_exp": False,
    "verify_nbf": False,
    "verify_aud": False,
}

State = Literal["valid", "expired", "revoked", "not_yet", "not_genuine"]


class _Noun(BaseModel):
    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)


class Issuer(_Noun):
    """Who signs: the hub at `url` (no slash at the end), with its private key."""

    url: str
    name: str
    key: Ed25519PrivateKey

    @property
    def id(self) -> str:
        """The issuer's own address, where its profile is."""
        return f"{self.url}/issuers/hub"

    @property
    def jwk(self) -> dict[str, Any]:
        """The public key as a JSON Web Key, named by its thumbprint (RFC 7638)."""
        return public_jwk(self.key.public_key())

    @property
    def key_address(self) -> str:
        """Where the public key can be fetched (the kid of our tokens)."""
        return f"{self.id}/keys/{self.jwk['kid']}"

    @property
    def status_list(self) -> str:
        """Where the signed list of revoked certificates can be fetched."""
        return f"{self.id}/status"


class Competent(_Noun):
    """A competence that a certificate proves."""

    id: str
    name: str


class Award(_Noun):
    """What is said of whom."""

    number: UUID
    learner: str
    holder: str
    course: str
    title: str
    description: str
    criteria: str
    hours: float
    competences: tuple[Competent, ...]
    issued_at: datetime
    expires_at: datetime
    status_index: int


class Reading(_Noun):
    """What a credential says, as far as it can be read."""

    number: str
    holder: str
    course: str
    title: str
    issuer: str
    issuer_name: str
    issued_at: datetime
    expires_at: datetime | None
    competences: tuple[Competent, ...]


class Verdict(_Noun):
    """What came of a check: `reading` is None where nothing can be read."""

    state: State
    reading: Reading | None

    @property
    def valid(self) -> bool:
        """Whether it may be relied on."""
        return self.state == "valid"


def public_jwk(key: Ed25519PublicKey) -> dict[str, Any]:
    """An Ed25519 public key as JWK (RFC 8037) with its thumbprint as kid."""
    known: dict[str, Any] = OKPAlgorithm.to_jwk(key, as_dict=True)
    return {**known, "kid": OKPKey.import_key(known).thumbprint(), "alg": "EdDSA", "use": "sig"}


def profile(issuer: Issuer) -> dict[str, Any]:
    """The issuer's public profile (Open Badges 3.0, Profile)."""
    return {"id": issuer.id, "type": ["Profile"], "name": issuer.name, "url": issuer.url}


def achievement(url: str, award: Award) -> dict[str, Any]:
    """What was achieved (Open Badges 3.0, Achievement), the same for everyone who holds it."""
    return {
        "id": f"{url}/achievements/{award.course}",
        "type": ["Achievement"],
        "achievementType": "Course",
        "humanCode": award.course,
        "name": award.title,
        "description": award.description,
        "criteria": {"narrative": award.criteria},
        "creditsAvailable": award.hours,
        "alignment": [
            {
                "type": ["Alignment"],
                "targetCode": competence.id,
                "targetFramework": "Sangsaeng Hub",
                "targetName": competence.name,
                "targetUrl": f"{url}/learn/competences#{competence.id.replace(':', '-')}",
            }
            for competence in award.competences
        ],
    }


def credential(award: Award, issuer: Issuer) -> dict[str, Any]:
    """The unsigned credential of an award."""
    return {
        "@context": CONTEXTS,
        "id": f"urn:uuid:{award.number}",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": award.title,
        "issuer": profile(issuer),
        "validFrom": _iso(award.issued_at),
        "validUntil": _iso(award.expires_at),
        "credentialSubject": {
            # The same person has the same id in all certificates of one hub, and no address.
            "id": f"urn:uuid:{uuid5(NAMESPACE_URL, f'{issuer.id}/learners/{award.learner}')}",
            "type": ["AchievementSubject"],
            "identifier": [
                {
                    "type": "IdentityObject",
                    "hashed": False,
                    "identityHash": award.holder,
                    "identityType": "name",
                }
            ],
            "achievement": achievement(issuer.url, award),
        },
        "credentialStatus": {
            "id": f"{issuer.status_list}#{award.status_index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": str(award.status_index),
            "statusListCredential": issuer.status_list,
        },
        "credentialSchema": [_SCHEMA],
    }


def sign(award: Award, issuer: Issuer) -> str:
    """The award as a signed VC-JWT."""
    document = credential(award, issuer)
    claims = {
        "iss": issuer.id,
        "sub": document["credentialSubject"]["id"],
        "jti": document["id"],
        "nbf": int(award.issued_at.timestamp()),
        "exp": int(award.expires_at.timestamp()),
    }
    return _signed({**document, **claims}, issuer)


def sign_status(revoked: Iterable[int], issuer: Issuer, at: datetime) -> str:
    """The list of revoked certificates, as a signed VC-JWT that is good for a day.

    A copy that is older than that must not be believed: it could hide a later revocation.
    """
    claims = {
        "@context": CONTEXTS[:1],
        "id": issuer.status_list,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer.id,
        "validFrom": _iso(at),
        "validUntil": _iso(at + _LIST_LIFE),
        "credentialSubject": {
            "id": f"{issuer.status_list}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": encoded_bits(revoked),
        },
        "iss": issuer.id,
        "jti": issuer.status_list,
        "nbf": int(at.timestamp()),
        "exp": int((at + _LIST_LIFE).timestamp()),
    }
    return _signed(claims, issuer)


def encoded_bits(places: Iterable[int]) -> str:
    """Bits at `places` set, as the specification encodes them: gzip, base64url, a leading u.

    >>> encoded_bits([0]) != encoded_bits([1]), encoded_bits([5]) == encoded_bits([5, 5])
    (True, True)
    """
    bits = bytearray(STATUS_BITS // 8)
    for place in places:
        bits[place // 8] |= 0x80 >> (place % 8)
    packed = gzip.compress(bytes(bits), mtime=0)
    return "u" + base64.urlsafe_b64encode(packed).decode().rstrip("=")


def _signed(claims: Mapping[str, Any], issuer: Issuer) -> str:
    headers = {"kid": issuer.key_address, "typ": "JWT"}
    return jwt.encode(dict(claims), issuer.key, algorithm="EdDSA", headers=headers)


def verify(
    token: str, keys: Mapping[str, Ed25519PublicKey], at: datetime, *, revoked: bool = False
) -> Verdict:
    """Check a VC-JWT against the issuer's public keys (by thumbprint) at a moment.

    The kid only chooses among keys that we trust already; a key that comes with the token is never
    used. `revoked` is what the caller knows of that certificate.
    """
    try:
        kid = str(jwt.get_unverified_header(token).get("kid", ""))
        key = keys[kid.rsplit("/", 1)[-1]]
        claims = jwt.decode(token, key, algorithms=["EdDSA"], options=_GENUINE)
        reading = _read(claims)
    except (jwt.InvalidTokenError, KeyError, ValueError, TypeError):
        return Verdict(state="not_genuine", reading=_read_unproven(token))
    return Verdict(state=_state(reading, at, revoked=revoked), reading=reading)


def _state(reading: Reading, at: datetime, *, revoked: bool) -> State:
    if revoked:
        return "revoked"
    if reading.issued_at > at + _SKEW:
        return "not_yet"
    if reading.expires_at is not None and reading.expires_at <= at:
        return "expired"
    return "valid"


def _read_unproven(token: str) -> Reading | None:
    try:
        return _read(jwt.decode(token, options={"verify_signature": False}))
    except (jwt.InvalidTokenError, KeyError, ValueError, TypeError):
        return None


def _read(claims: Mapping[str, Any]) -> Reading:
    """Raises KeyError, TypeError or ValueError where it is no Open Badges 3.0 credential of ours.

    The registered claims must say what the credential says (section 8.2.4).
    """
    subject, issuer = claims["credentialSubject"], claims["issuer"]
    if "OpenBadgeCredential" not in claims["type"]:
        raise ValueError("type")
    same = (claims["iss"], claims["jti"], claims["sub"]) == (
        issuer["id"],
        claims["id"],
        subject["id"],
    )
    if not same:
        raise ValueError("claims")
    what, until = subject["achievement"], claims.get("validUntil")
    try:
        return Reading(
            number=str(claims["id"]).removeprefix("urn:uuid:"),
            holder=subject["identifier"][0]["identityHash"],
            course=str(what["humanCode"]),
            title=what["name"],
            issuer=issuer["id"],
            issuer_name=issuer["name"],
            issued_at=datetime.fromisoformat(claims["validFrom"]),
            expires_at=datetime.fromisoformat(until) if until else None,
            competences=tuple(
                Competent(id=one["targetCode"], name=one["targetName"])
                for one in what.get("alignment", ())
            ),
        )
    except (ValidationError, IndexError, AttributeError) as error:
        raise ValueError("credential") from error


def enveloped(token: str) -> dict[str, Any]:
    """The signed token as JSON (W3C Verifiable Credentials 2.0, section 4.13)."""
    return {
        "@context": CONTEXTS[0],
        "id": f"data:{_VC_JWT},{token}",
        "type": "EnvelopedVerifiableCredential",
    }


def token_in(pasted: str) -> str:
    r"""The VC-JWT in what somebody pasted: the token itself, or JSON that envelops it.

    Raises CredentialUnreadable.

    >>> token_in(' {"id": "data:application/vc+jwt,a.b.c"} '), token_in("a.b.c\n")
    ('a.b.c', 'a.b.c')
    """
    text = pasted.strip()
    if text.startswith("{"):
        try:
            text = str(json.loads(text)["id"]).removeprefix(f"data:{_VC_JWT},")
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise CredentialUnreadable from error
    if text.count(".") != 2 or any(mark.isspace() for mark in text):
        raise CredentialUnreadable
    return text


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
