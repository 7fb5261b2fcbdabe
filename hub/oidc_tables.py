"""Rows of the OpenID provider: codes that may be exchanged once, and tokens that were given out.

Only hashes are kept: whoever reads the database can sign in nowhere with it.
"""

from datetime import datetime, timedelta
from hashlib import sha256

from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, TokenMixin
from sqlmodel import Field, SQLModel

from supplychain.tables import UtcTime, now

CODE_LIVES = timedelta(minutes=5)  # RFC 6749, 4.1.2: at most ten


def digest(value: str) -> str:
    """What is kept of a code or token: both are long and random, so a plain hash will do."""
    return sha256(value.encode()).hexdigest()


class SignInCode(SQLModel, AuthorizationCodeMixin, table=True):
    """An authorization code on its way from the hub through the browser to JupyterHub."""

    id: int | None = Field(default=None, primary_key=True)
    code_hash: str = Field(unique=True, max_length=64)
    client_id: str = Field(max_length=48)
    learner: str = Field(max_length=40)
    redirect_uri: str = ""
    scope: str = ""
    nonce: str | None = None
    code_challenge: str = ""
    code_challenge_method: str = "S256"
    issued_at: datetime = Field(default_factory=now, sa_type=UtcTime, index=True)

    def get_redirect_uri(self) -> str:
        """Authlib asks; so with the methods below."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """Scope that was asked for."""
        return self.scope

    def get_nonce(self) -> str | None:
        """Nonce of the client, if it sent one."""
        return self.nonce

    def get_auth_time(self) -> int:
        """When the person agreed, in seconds since 1970."""
        return int(self.issued_at.timestamp())

    def get_acr(self) -> None:
        """No classes of authentication here."""

    def get_amr(self) -> None:
        """No methods of authentication here."""

    @property
    def expired(self) -> bool:
        """Whether it may no longer be exchanged."""
        return self.issued_at + CODE_LIVES < now()


class SignInToken(SQLModel, TokenMixin, table=True):
    """An access token with which JupyterHub may ask who its user is."""

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(unique=True, max_length=64)
    client_id: str = Field(max_length=48)
    learner: str = Field(max_length=40, index=True)
    scope: str = ""
    expires_at: datetime = Field(sa_type=UtcTime, index=True)
    revoked: bool = False

    def check_client(self, client: object) -> bool:
        """Whether it was given to that client."""
        return self.client_id == getattr(client, "client_id", None)

    def get_scope(self) -> str:
        """Scope that was granted."""
        return self.scope

    def get_expires_in(self) -> int:
        """Seconds that are left."""
        return int((self.expires_at - now()).total_seconds())

    def is_expired(self) -> bool:
        """Whether its time is over."""
        return self.expires_at < now()

    def is_revoked(self) -> bool:
        """Whether it was taken back (the account was disabled)."""
        return self.revoked
