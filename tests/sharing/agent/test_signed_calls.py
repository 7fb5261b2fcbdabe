"""Who may speak as an agent: codes, tokens, and what is refused."""

import time

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sharing.services import agents
from sharing.tables import Agent
from supplychain.tables import now
from tests.make import firm, site

ENROL, ME, REPORTS = "/api/v1/agents/enrol", "/api/v1/agents/me", "/api/v1/agents/me/reports"


def pem(key) -> str:
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, spki).decode()


@pytest.fixture
def code(hub):
    """A fresh code: (site) → code."""
    place = site(hub, firm(hub))

    def fresh():
        with hub.db.work() as session:
            return agents.make_code(session, place, "owner", now())[0]

    return fresh


@pytest.fixture
def key():
    return Ed25519PrivateKey.generate()


@pytest.fixture
def joined(client, code, key):
    """An agent's id."""
    answer = client.post(ENROL, json={"code": code(), "public_key": pem(key), "name": "pc"})
    assert answer.status_code == 201
    return answer.json["agent"]


@pytest.fixture
def ask(client, key, joined):
    """A signed call: claims override the usual ones."""

    def asked(path=ME, body=None, *, signer=None, algorithm="EdDSA", **claims):
        at = int(time.time())
        usual = {"iss": joined, "aud": "sangsaeng-hub", "iat": at, "exp": at + 60}
        told = {**usual, "jti": str(time.perf_counter_ns()), **claims}
        token = jwt.encode(
            {k: v for k, v in told.items() if v is not None},
            None if algorithm == "none" else signer or key,
            algorithm,
        )
        headers = {"Authorization": f"Bearer {token}"}
        if body is None:
            return client.get(path, headers=headers)
        return client.post(path, json=body, headers=headers)

    return asked


def test_a_code_works_once_and_is_forgiving_to_type(client, code, key):
    given = code()
    typed = f" {given.lower().replace('-', ' ')} "
    first = client.post(ENROL, json={"code": typed, "public_key": pem(key)})
    assert first.status_code == 201
    assert first.json["image_root"]["signed"]["_type"] == "root"
    again = client.post(ENROL, json={"code": given, "public_key": pem(key)})
    assert again.json["agent"] == first.json["agent"], "an answer was lost, not a code"
    other = client.post(
        ENROL, json={"code": given, "public_key": pem(Ed25519PrivateKey.generate())}
    )
    assert (other.status_code, other.json["title"]) == (403, "CodeRefused")


def test_guessing_is_slowed(client, code, key):
    for _ in range(8):
        wrong = client.post(ENROL, json={"code": "AAAA-AAAA", "public_key": pem(key)})
        assert wrong.json["title"] == "CodeRefused"
    right = client.post(ENROL, json={"code": code(), "public_key": pem(key)})
    assert right.json["title"] == "TooManyTries"


@pytest.mark.parametrize("public_key", ["x", pem(ec.generate_private_key(ec.SECP256R1()))])
def test_only_ed25519(client, code, public_key):
    answer = client.post(ENROL, json={"code": code(), "public_key": public_key})
    assert (answer.status_code, answer.json["title"]) == (422, "PublicKeyRefused")


def test_a_signed_call(hub, ask, joined):
    assert ask().json["deliveries"] == []
    with hub.db.reading() as session:
        assert session.get_one(Agent, joined).last_seen is not None


@pytest.mark.parametrize(
    ("code_told", "claims"),
    [
        ("unknown", {"iss": "a-none"}),
        ("token", {"aud": "another-hub"}),
        ("token", {"exp": int(time.time()) + 4000}),
        ("token", {"exp": 10**18}),
        ("token", {"exp": None}),
        ("token", {"jti": None}),
        ("clock", {"iat": 1, "exp": 100}),
        ("clock", {"iat": int(time.time()) + 4000, "exp": int(time.time()) + 4060}),
    ],
)
def test_calls_that_do_not_hold(ask, code_told, claims):
    answer = ask(**claims)
    assert (answer.status_code, answer.json["code"]) == (401, code_told)


def test_another_key_or_another_algorithm(ask, key):
    assert ask(signer=Ed25519PrivateKey.generate()).json["code"] == "token"
    raw = key.public_key().public_bytes_raw()
    assert ask(signer=raw, algorithm="HS256").json["code"] == "token"
    assert ask(algorithm="none").json["code"] == "token"


def test_a_token_is_good_once(ask):
    assert ask(jti="same").status_code == 200
    assert ask(jti="same").json["code"] == "replayed"


def test_a_disconnected_pc_is_told_so(hub, ask, joined):
    with hub.db.work() as session:
        agents.revoke(session, session.get_one(Agent, joined))
    assert ask().json["code"] == "unknown"


def test_reports_are_taken_in_order_and_once(ask):
    one = {"kind": "health", "at": "2026-11-24T00:00:00+00:00"}
    told = {"reports": [{"seq": 2, **one}, {"seq": 1, **one}]}
    assert ask(REPORTS, told).json == {"accepted_up_to": 2}
    assert ask(REPORTS, told).json == {"accepted_up_to": 2}
    assert ask(REPORTS, {"reports": [{"seq": 0, **one}]}).status_code == 422
    far = {"reports": [{"seq": 3, "delivery": 999, **one}]}
    assert ask(REPORTS, far).json == {"accepted_up_to": 3}


def test_reports_that_are_too_much(ask):
    one = {"kind": "health", "at": "2026-11-24T00:00:00+00:00"}
    for more in ({"seq": 2**31}, {"seq": 1, "figures": {"x": ["y" * 1000] * 10}}):
        assert ask(REPORTS, {"reports": [{**one, **more}]}).status_code == 422
