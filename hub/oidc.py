"""The hub as OpenID provider: one sign-in for its pages and for JupyterHub.

OpenID Connect Core 1.0, authorization code flow with PKCE (RFC 7636), for one client that we
configure ourselves; no consent page, since both sides are ours. The protocol is Authlib's.
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.integrations.flask_oauth2.requests import FlaskJsonRequest
from authlib.oauth2 import OAuth2Error, ResourceProtector
from authlib.oauth2.rfc6749 import ClientMixin
from authlib.oauth2.rfc6749.errors import InvalidRequestError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6750 import BearerTokenValidator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import OpenIDCode
from flask import Blueprint, Response, current_app, jsonify, redirect, request, session, url_for
from flask import Flask as _Flask
from flask.typing import ResponseReturnValue
from flask_login import logout_user
from joserfc.jwk import RSAKey
from sqlmodel import Session, col, delete, select

from hub.access import Who, person
from hub.accounts import record
from hub.oidc_tables import CODE_LIVES, SignInCode, SignInToken, digest
from hub.settings import Settings
from hub.tables import User
from hub.web.asking import hub_here, who
from hub.wiring import secret
from sharing.keyfile import kept
from supplychain.tables import now

CLIENT_ID = "jupyterhub"
SCOPE = "openid profile email groups"
# RS256 is the one algorithm that every client must understand (OpenID Connect Core, 15.1).
ALGORITHM = "RS256"
# A vendor's operators practise too, on what arrives at their plant.
GROUPS = {
    "trainee": "trainees",
    "vendor": "trainees",
    "instructor": "instructors",
    "administrator": "admins",
}

bp = Blueprint("oidc", __name__)


@dataclass(frozen=True)
class JupyterHubClient(ClientMixin):
    """The one client: JupyterHub, at the address that the settings give."""

    client_id: str
    client_secret: str
    redirect_uri: str

    def get_client_id(self) -> str:
        """Authlib asks; so with the methods below."""
        return self.client_id

    def get_default_redirect_uri(self) -> str:
        """Where codes are sent."""
        return self.redirect_uri

    def get_allowed_scope(self, scope: str) -> str:
        """The part of what is asked that there is to have."""
        return " ".join(word for word in (scope or "").split() if word in SCOPE.split())

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Exactly the one address, never a prefix."""
        return redirect_uri == self.redirect_uri

    def check_client_secret(self, client_secret: str) -> bool:
        """Compared in constant time."""
        return secrets.compare_digest(self.client_secret, client_secret)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """The secret in the header, as JupyterHub sends it."""
        return method == "client_secret_basic" and endpoint == "token"

    def check_response_type(self, response_type: str) -> bool:
        """The code flow alone."""
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        """No refresh tokens: a session ends with the hub's."""
        return grant_type == "authorization_code"


def client_secret(keys: Path) -> str:
    """The secret that the hub and its JupyterHub share."""
    return secret(keys, "jupyterhub-client")


def _client(client_id: str) -> JupyterHubClient | None:
    hub = hub_here()
    if client_id != CLIENT_ID:
        return None
    callback = f"{hub.settings.labs_url}/hub/oauth_callback"
    return JupyterHubClient(CLIENT_ID, client_secret(hub.keys), callback)


def signing_key(keys: Path) -> RSAKey:
    """The key of the identity statements; made at first need, kept in the folder of keys."""
    pem = kept(keys / "oidc.pem", lambda: RSAKey.generate_key(2048).as_pem(private=True))
    key = RSAKey.import_key(pem, {"alg": ALGORITHM, "use": "sig"})
    key.ensure_kid()
    return key


def groups_of(asker: Who) -> list[str]:
    """The groups that JupyterHub lets in, and those it lets do more."""
    return sorted({group for role, group in GROUPS.items() if asker.has(role)})


def claims_of(rows: Session, handle: str, scope: str) -> dict[str, object] | None:
    """What JupyterHub may know of a person (Core, 5.1); None for an unknown or disabled one."""
    asker = person(rows, handle)
    user = rows.exec(select(User).where(User.handle == handle)).first()
    if asker is None or user is None:
        return None
    claims: dict[str, object] = {"sub": handle, "preferred_username": handle}
    if "profile" in scope.split():
        claims |= {"name": user.name, "locale": user.locale}
    if "email" in scope.split():
        claims |= {"email": user.email, "email_verified": False}
    if "groups" in scope.split():
        claims["groups"] = groups_of(asker)
    return claims


class _CodeGrant(AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic",)

    def save_authorization_code(self, code: str, request: Any) -> None:
        asked: Mapping[str, str] = request.payload.data
        with hub_here().db.work() as rows:
            rows.exec(delete(SignInCode).where(col(SignInCode.issued_at) < now() - CODE_LIVES))
            rows.add(
                SignInCode(
                    code_hash=digest(code),
                    client_id=request.client.client_id,
                    learner=request.user.handle,
                    redirect_uri=request.payload.redirect_uri or "",
                    scope=request.scope,
                    nonce=asked.get("nonce"),
                    code_challenge=asked.get("code_challenge", ""),
                    code_challenge_method=asked.get("code_challenge_method", ""),
                )
            )

    def query_authorization_code(self, code: str, client: JupyterHubClient) -> SignInCode | None:
        """Take the code out: it counts once, also where two ask at the same moment."""
        with hub_here().db.work() as rows:
            row = rows.exec(
                select(SignInCode)
                .where(
                    SignInCode.code_hash == digest(code), SignInCode.client_id == client.client_id
                )
                .with_for_update()
            ).first()
            if row is None:
                return None
            rows.delete(row)
            rows.flush()
            rows.expunge(row)
            return None if row.expired else row

    def delete_authorization_code(self, authorization_code: SignInCode) -> None:
        """Gone already, see above."""

    def authenticate_user(self, authorization_code: SignInCode) -> Who | None:
        with hub_here().db.reading() as rows:
            return person(rows, authorization_code.learner)


class _PkceWithS256(CodeChallenge):
    """Authlib asks only clients without a secret for a challenge; ours has to bring one too."""

    DEFAULT_CODE_CHALLENGE_METHOD = "S256"
    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        super().validate_code_challenge(grant, redirect_uri)
        asked: Mapping[str, str] = grant.request.payload.data
        if not asked.get("code_challenge") or asked.get("code_challenge_method") != "S256":
            raise InvalidRequestError("'code_challenge' by 'S256' is needed")


class _IdToken(OpenIDCode):
    def exists_nonce(self, nonce: str, request: Any) -> bool:  # noqa: ARG002 -- Authlib's form
        with hub_here().db.reading() as rows:
            return (
                rows.exec(select(SignInCode).where(SignInCode.nonce == nonce)).first() is not None
            )

    def resolve_client_private_key(self, client: Any) -> RSAKey:  # noqa: ARG002 -- as above
        return signing_key(hub_here().keys)

    def get_client_algorithm(self, client: Any) -> str:  # noqa: ARG002 -- as above
        return ALGORITHM

    def get_encode_header(self, client: Any) -> dict[str, str]:  # noqa: ARG002 -- as above
        return {"alg": ALGORITHM, "kid": signing_key(hub_here().keys).kid or ""}

    def get_client_claims(self, client: JupyterHubClient) -> dict[str, object]:
        return {"iss": hub_here().settings.url, "aud": [client.client_id]}

    def generate_user_info(self, user: Who, scope: str) -> dict[str, object]:
        with hub_here().db.reading() as rows:
            return claims_of(rows, user.handle, scope) or {}


class _Tokens(BearerTokenValidator):
    def authenticate_token(self, token_string: str) -> SignInToken | None:
        with hub_here().db.reading() as rows:
            found = select(SignInToken).where(SignInToken.token_hash == digest(token_string))
            row = rows.exec(found).first()
            if row is not None:
                rows.expunge(row)
            return row


def _save_token(token: dict[str, Any], asked: Any) -> None:
    with hub_here().db.work() as rows:
        rows.exec(delete(SignInToken).where(col(SignInToken.expires_at) < now()))
        rows.add(
            SignInToken(
                token_hash=digest(token["access_token"]),
                client_id=asked.client.client_id,
                learner=asked.user.handle,
                scope=token.get("scope", ""),
                expires_at=now() + timedelta(seconds=token["expires_in"]),
            )
        )
        record(rows, asked.user.handle, "lab.signed-in", asked.client.client_id)


def register_provider(app: _Flask) -> None:
    """Put the provider's endpoints into the application."""
    from hub.app import csrf  # noqa: PLC0415 -- hub.app calls us while it is being loaded

    settings: Settings = app.extensions["hub"].settings
    if not settings.https:
        # Authlib refuses http unless told otherwise; plants and laptops have it.
        os.environ.setdefault("AUTHLIB_INSECURE_TRANSPORT", "1")
    seconds = settings.session_hours * 3600
    app.config["OAUTH2_TOKEN_EXPIRES_IN"] = {"authorization_code": seconds}
    app.config["OAUTH2_SCOPES_SUPPORTED"] = SCOPE.split()
    server = AuthorizationServer(app, query_client=_client, save_token=_save_token)
    server.register_grant(_CodeGrant, [_PkceWithS256(required=True), _IdToken(require_nonce=False)])
    protector = ResourceProtector()
    protector.register_token_validator(_Tokens())
    app.extensions["oidc"] = (server, protector)
    app.register_blueprint(bp)
    csrf.exempt("hub.oidc.token")
    csrf.exempt("hub.oidc.userinfo")


def _parts() -> tuple[AuthorizationServer, ResourceProtector]:
    server, protector = current_app.extensions["oidc"]
    return server, protector


@bp.get("/oidc/authorize")
def authorize() -> ResponseReturnValue:
    """Send the signed-in person back to JupyterHub with a code."""
    server, _ = _parts()
    try:
        grant = server.get_consent_grant(end_user=who())
    except OAuth2Error as error:
        return server.handle_error_response(request, error)  # type: ignore[no-any-return]
    session["labs"] = True
    return server.create_authorization_response(grant_user=who(), grant=grant)  # type: ignore[no-any-return]


@bp.post("/oidc/token")
def token() -> ResponseReturnValue:
    """Exchange a code for tokens."""
    server, _ = _parts()
    return server.create_token_response()  # type: ignore[no-any-return]


@bp.route("/oidc/userinfo", methods=["GET", "POST"])
def userinfo() -> ResponseReturnValue:
    """Tell who the holder of an access token is; refused once the account is disabled."""
    server, protector = _parts()
    try:
        held = protector.validate_request(["openid"], FlaskJsonRequest(request))
    except OAuth2Error as error:
        return server.handle_error_response(request, error)  # type: ignore[no-any-return]
    with hub_here().db.reading() as rows:
        claims = claims_of(rows, held.learner, held.scope)
    if claims is None:
        return jsonify({"error": "invalid_token"}), 401
    return jsonify(claims)


@bp.get("/oidc/jwks.json")
def jwks() -> Response:
    """The public half of the key that signs identity statements."""
    return jsonify({"keys": [signing_key(hub_here().keys).as_dict(private=False)]})


@bp.get("/.well-known/openid-configuration")
def discovery() -> Response:
    """What a client needs to know (OpenID Connect Discovery 1.0, section 3)."""
    base = hub_here().settings.url
    return jsonify(
        {
            "issuer": base,
            "authorization_endpoint": f"{base}/oidc/authorize",
            "token_endpoint": f"{base}/oidc/token",
            "userinfo_endpoint": f"{base}/oidc/userinfo",
            "end_session_endpoint": f"{base}/oidc/ended",
            "jwks_uri": f"{base}/oidc/jwks.json",
            "scopes_supported": SCOPE.split(),
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "code_challenge_methods_supported": ["S256"],
            "claims_supported": ["sub", "preferred_username", "name", "locale", "email", "groups"],
        }
    )


@bp.get("/oidc/ended")
def ended() -> ResponseReturnValue:
    """JupyterHub's sign-out ends here, and ends the hub's session too."""
    logout_user()
    session.pop("labs", None)
    return redirect(url_for("home.home"))


def refuse_from_now_on(rows: Session, handle: str) -> None:
    """Take back all tokens of a person whose account was disabled."""
    for held in rows.exec(select(SignInToken).where(SignInToken.learner == handle)):
        held.revoked = True
