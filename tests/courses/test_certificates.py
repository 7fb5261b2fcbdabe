"""Certificates: what is signed is what is read, and nothing else is believed."""

import base64
import json
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from courses.certificates import (
    STATUS_BITS,
    Award,
    Competent,
    Issuer,
    enveloped,
    public_jwk,
    sign,
    sign_status,
    token_in,
    verify,
)
from courses.errors import CredentialUnreadable

ISSUER = Issuer(url="https://hub.example", name="상생허브", key=Ed25519PrivateKey.generate())
KEYS = {ISSUER.jwk["kid"]: ISSUER.key.public_key()}
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def award(**changes) -> Award:
    facts = {
        "number": uuid4(),
        "learner": "u-1",
        "holder": "정하늘",
        "course": "read-a-prediction",
        "title": "예측값 읽고 의심하기 / Reading a prediction",
        "description": "…",
        "criteria": "…",
        "hours": 2.0,
        "competences": (Competent(id="models:understand", name="모델 · 이해"),),
        "issued_at": NOW,
        "expires_at": NOW + timedelta(days=1000),
        "status_index": 94_567,
    }
    return Award(**{**facts, **changes})


@given(
    st.text(min_size=1, max_size=100),
    st.uuids(),
    st.integers(0, 20_000).map(lambda days: NOW + timedelta(days=days, seconds=days)),
    st.integers(2, 5000),
    st.integers(0, STATUS_BITS - 1),
)
@settings(max_examples=50)
def test_what_is_signed_is_what_is_read(
    holder: str, number: UUID, issued: datetime, days: int, place: int
) -> None:
    given_ = award(
        holder=holder, number=number, issued_at=issued,
        expires_at=issued + timedelta(days=days), status_index=place,
    )  # fmt: skip
    token = sign(given_, ISSUER)
    for form in (token, json.dumps(enveloped(token)), f"  {token}\n"):
        verdict = verify(token_in(form), KEYS, issued + timedelta(days=1))
        assert verdict.valid
        assert verdict.reading.holder == holder
        assert verdict.reading.number == str(number)
        assert verdict.reading.issued_at == issued
        assert verdict.reading.expires_at == given_.expires_at
        assert verdict.reading.competences == given_.competences


@given(st.data())
@settings(max_examples=200)
def test_a_single_changed_character_is_found(data) -> None:
    token = sign(award(number=UUID(int=1)), ISSUER)
    place = data.draw(st.integers(0, len(token) - 1))
    # The last character of a signature carries four bits that decode to nothing.
    other = data.draw(st.sampled_from("ABCDwxyz0189-_").filter(lambda one: one != token[place]))
    changed = token[:place] + other + token[place + 1 :]
    if base64.urlsafe_b64decode(changed.rsplit(".", 1)[1] + "==") == base64.urlsafe_b64decode(
        token.rsplit(".", 1)[1] + "=="
    ) and place > token.rindex("."):
        return
    assert verify(changed, KEYS, NOW).state == "not_genuine"


def test_dates_and_revocation_decide() -> None:
    token = sign(award(), ISSUER)
    assert verify(token, KEYS, NOW).state == "valid"
    assert verify(token, KEYS, NOW - timedelta(hours=1)).state == "not_yet"
    assert verify(token, KEYS, NOW + timedelta(days=1000)).state == "expired"
    assert verify(token, KEYS, NOW, revoked=True).state == "revoked"


def test_a_key_that_comes_with_the_token_is_not_believed() -> None:
    stranger = Ed25519PrivateKey.generate()
    real = jwt.decode(sign(award(), ISSUER), options={"verify_signature": False})
    headers = {"kid": ISSUER.key_address, "jwk": public_jwk(stranger.public_key())}
    forged = jwt.encode(real, stranger, algorithm="EdDSA", headers=headers)
    verdict = verify(forged, KEYS, NOW)
    assert verdict.state == "not_genuine"


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_another_algorithm_is_not_believed(algorithm: str) -> None:
    real = jwt.decode(sign(award(), ISSUER), options={"verify_signature": False})
    secret = None if algorithm == "none" else ISSUER.key.public_key().public_bytes_raw() * 2
    forged = jwt.encode(real, secret, algorithm=algorithm, headers={"kid": ISSUER.key_address})
    assert verify(forged, KEYS, NOW).state == "not_genuine"


@pytest.mark.parametrize(
    "change", [{"iss": "https://x"}, {"jti": "urn:uuid:1"}, {"sub": "urn:x"}, {"type": ["X"]}]
)
def test_claims_must_say_what_the_credential_says(change: dict) -> None:
    real = jwt.decode(sign(award(), ISSUER), options={"verify_signature": False})
    headers = {"kid": ISSUER.key_address}
    odd = jwt.encode({**real, **change}, ISSUER.key, algorithm="EdDSA", headers=headers)
    assert verify(odd, KEYS, NOW).state == "not_genuine"


def test_our_list_of_revocations_is_no_certificate() -> None:
    assert verify(sign_status([1], ISSUER, NOW), KEYS, NOW).state == "not_genuine"


@pytest.mark.parametrize(
    "pasted", ["", "hello", "{}", "[1]", '{"id": 3}', "a b.c.d", "{" * 5000, "가.나"]
)
def test_what_is_no_credential_is_told(pasted: str) -> None:
    with pytest.raises(CredentialUnreadable):
        token_in(pasted)


@given(st.text(max_size=80))
def test_whatever_is_pasted_gets_a_verdict(text: str) -> None:
    try:
        token = token_in(text)
    except CredentialUnreadable:
        return
    assert verify(token, KEYS, NOW).state == "not_genuine"


class TestIndependently:
    """Checked by openbadgeslib, which shares no code of ours."""

    @pytest.fixture
    def pem(self) -> bytes:
        return ISSUER.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def current(self, **changes) -> Award:
        now = datetime.now(UTC).replace(microsecond=0)
        return award(
            issued_at=now - timedelta(hours=1), expires_at=now + timedelta(days=1), **changes
        )

    def test_it_is_accepted_and_read(self, pem: bytes) -> None:
        from openbadgeslib.ob3 import OB3Verifier

        given_ = self.current()
        read = OB3Verifier(pem).verify(sign(given_, ISSUER))
        assert read.issuer.id == "https://hub.example/issuers/hub"
        assert read.id == f"urn:uuid:{given_.number}"
        assert read.achievement.name == given_.title
        assert read.identifiers[0].identity_hash == "정하늘"
        assert [one.target_code for one in read.achievement.alignments] == ["models:understand"]
        assert read.expiration_date == given_.expires_at

    def test_another_key_and_an_expired_one_are_refused(self, pem: bytes) -> None:
        from openbadgeslib.ob3 import OB3VerificationError, OB3Verifier

        other = ISSUER.model_copy(update={"key": Ed25519PrivateKey.generate()})
        with pytest.raises(OB3VerificationError, match="signature"):
            OB3Verifier(pem).verify(sign(self.current(), other))
        past = datetime.now(UTC) - timedelta(days=2)
        expired = award(issued_at=past, expires_at=past + timedelta(days=1))
        with pytest.raises(OB3VerificationError, match="expired"):
            OB3Verifier(pem).verify(sign(expired, ISSUER))

    def test_revocation_is_seen_through_the_signed_list(self, pem: bytes) -> None:
        from openbadgeslib.ob3 import OB3VerificationError, OB3Verifier

        token, served = sign(self.current(status_index=77), ISSUER), []

        def fetch(revoked: list[int]):
            def download(address: str) -> bytes:
                served.append(address)
                return sign_status(revoked, ISSUER, datetime.now(UTC)).encode()

            return download

        OB3Verifier(pem).verify(token, check_status=True, download=fetch([76, 78]))
        with pytest.raises(OB3VerificationError, match="revocation"):
            OB3Verifier(pem).verify(token, check_status=True, download=fetch([77]))
        assert set(served) == {"https://hub.example/issuers/hub/status"}

    def test_an_old_list_is_not_believed(self, pem: bytes) -> None:
        from openbadgeslib.ob3 import OB3VerificationError, OB3Verifier

        old = sign_status([], ISSUER, datetime.now(UTC) - timedelta(days=3)).encode()
        with pytest.raises(OB3VerificationError, match="expired"):
            OB3Verifier(pem).verify(
                sign(self.current(), ISSUER), check_status=True, download=lambda _: old
            )
