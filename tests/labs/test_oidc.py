"""The hub as OpenID provider, asked as JupyterHub and as an attacker would."""

import base64
import hashlib
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from sqlmodel import select

from hub.oidc import CLIENT_ID, client_secret, refuse_from_now_on
from hub.oidc_tables import SignInCode, SignInToken
from hub.tables import User

VERIFIER = "v" * 64
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
)


@pytest.fixture
def asked(hub):
    return {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": f"{hub.settings.labs_url}/hub/oauth_callback",
        "scope": "openid profile email groups",
        "state": "xyz",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }


def code_from(answer) -> str:
    assert answer.status_code == 302, answer.text
    return parse_qs(urlsplit(answer.location).query)["code"][0]


def exchange(client, hub, asked, code, **changed):
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": asked["redirect_uri"],
        "code_verifier": VERIFIER,
        **changed,
    }
    return client.post("/oidc/token", data=form, auth=(CLIENT_ID, client_secret(hub.keys)))


def test_a_signed_in_trainee_comes_through(hub, client, sign_in, asked):
    trainee = sign_in(("trainee", None))
    code = code_from(trainee.get("/oidc/authorize", query_string=asked))
    tokens = exchange(client, hub, asked, code)
    assert tokens.status_code == 200, tokens.text
    held = tokens.json["access_token"]
    told = client.get("/oidc/userinfo", headers={"Authorization": f"Bearer {held}"}).json
    assert told["preferred_username"] == trainee.handle
    assert told["groups"] == ["trainees"]
    keys = KeySet.import_key_set(client.get("/oidc/jwks.json").json)
    claims = jwt.decode(tokens.json["id_token"], keys, ["RS256"]).claims
    assert (claims["sub"], claims["iss"]) == (trainee.handle, hub.settings.url)
    assert "d" not in client.get("/oidc/jwks.json").json["keys"][0]


def test_a_code_counts_once(hub, client, sign_in, asked):
    code = code_from(sign_in(("trainee", None)).get("/oidc/authorize", query_string=asked))
    assert exchange(client, hub, asked, code).status_code == 200
    assert exchange(client, hub, asked, code).json["error"] == "invalid_grant"


def test_a_stranger_is_sent_to_the_sign_in_page_and_back(client, asked):
    answer = client.get("/oidc/authorize", query_string=asked)
    assert answer.status_code == 302
    assert "/sign-in" in answer.location
    assert "oidc" in answer.location


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": "another"},
        {"redirect_uri": "http://evil.example/hub/oauth_callback"},
        {"response_type": "token"},
        {"code_challenge": ""},
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge_method": None},
        {"code_challenge_method": "plain"},
    ],
)
def test_what_is_wrong_gets_no_code(sign_in, asked, changed):
    answer = sign_in(("trainee", None)).get("/oidc/authorize", query_string={**asked, **changed})
    assert "code=" not in (answer.location or "")
    assert "evil" not in (answer.location or "")
    assert answer.status_code in (302, 400, 401)


@pytest.mark.parametrize(
    "changed",
    [{"code_verifier": "w" * 64}, {"code_verifier": ""}, {"redirect_uri": "http://evil.example"}],
)
def test_an_exchange_with_something_wrong_gives_no_token(hub, client, sign_in, asked, changed):
    code = code_from(sign_in(("trainee", None)).get("/oidc/authorize", query_string=asked))
    answer = exchange(client, hub, asked, code, **changed)
    assert answer.status_code == 400
    assert "access_token" not in answer.json


def test_a_wrong_secret_gives_no_token(client, sign_in, asked):
    code = code_from(sign_in(("trainee", None)).get("/oidc/authorize", query_string=asked))
    form = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER}
    answer = client.post("/oidc/token", data=form, auth=(CLIENT_ID, "guess"))
    assert answer.status_code == 401


def test_only_hashes_are_kept(hub, client, sign_in, asked):
    trainee = sign_in(("trainee", None))
    code = code_from(trainee.get("/oidc/authorize", query_string=asked))
    with hub.db.reading() as rows:
        assert rows.exec(select(SignInCode)).one().code_hash != code
    held = exchange(client, hub, asked, code).json["access_token"]
    with hub.db.reading() as rows:
        assert held not in rows.exec(select(SignInToken)).one().model_dump_json()


def test_a_disabled_account_is_refused(hub, client, sign_in, asked):
    trainee = sign_in(("trainee", None))
    waiting = code_from(trainee.get("/oidc/authorize", query_string=asked))
    code = code_from(trainee.get("/oidc/authorize", query_string=asked))
    held = exchange(client, hub, asked, code).json["access_token"]
    with hub.db.work() as rows:
        rows.exec(select(User).where(User.handle == trainee.handle)).one().active = False
    bearer = {"Authorization": f"Bearer {held}"}
    assert client.get("/oidc/userinfo", headers=bearer).status_code == 401
    assert exchange(client, hub, asked, waiting).status_code == 400
    with hub.db.work() as rows:
        refuse_from_now_on(rows, trainee.handle)
        rows.exec(select(User).where(User.handle == trainee.handle)).one().active = True
    assert client.get("/oidc/userinfo", headers=bearer).status_code == 401


def test_discovery_names_what_there_is(client):
    told = client.get("/.well-known/openid-configuration").json
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert told["grant_types_supported"] == ["authorization_code"]
