"""Every setting of the hub: its name, type, default and meaning, in one place.

The environment is read once, by `Settings.from_environment`; everything else is handed a
`Settings`. A test holds README's table against this class.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from hub.errors import SettingInvalid
from hub.mail_server import MailServer, mail_server
from supplychain.addresses import address
from supplychain.invitation_errors import AddressInvalid

_SECRETS = ("database_url", "smtp_url")  # may hold a password, so they are never repeated


class Settings(BaseModel):
    """What an operator can change. Each field is read from HUB_<NAME>."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: Path = Field(
        Path("var"), description="Folder for database, keys, model store, lab homes."
    )
    host: str = Field("127.0.0.1", description="Address that the hub listens on.")
    port: int = Field(8800, ge=1, le=65535, description="Port of the pages and the API.")
    labs_port: int = Field(8801, ge=1, le=65535, description="Port of JupyterHub (its proxy).")
    labs_hub_port: int = Field(8802, ge=1, le=65535, description="JupyterHub's own port, loopback.")
    labs_proxy_port: int = Field(
        8803, ge=1, le=65535, description="Proxy's control port, loopback."
    )
    public_url: str = Field(
        "", description="Address that browsers and agents use; http://HOST:PORT."
    )
    labs_public_url: str = Field("", description="Address of JupyterHub; http://HOST:LABS_PORT.")
    database_url: str = Field(
        "", description="PostgreSQL address; SQLite in the data folder if empty."
    )
    ray_address: str = Field(
        "local", description="'local' starts Ray with the worker; else a cluster."
    )
    ray_cpus: int = Field(2, ge=1, description="Processors that a local Ray may use.")
    locale: str = Field(
        "ko", pattern="^(ko|en)$", description="Language where a reader has not chosen."
    )
    time_zone: str = Field("Asia/Seoul", description="Time zone of dates on pages.")
    max_upload_mb: int = Field(
        100, ge=1, description="Largest file that the hub takes, in megabytes."
    )
    session_hours: int = Field(12, ge=1, description="How long a sign-in lasts.")
    smtp_url: SecretStr = Field(
        SecretStr(""), description="smtps://user:password@host:465; a folder if empty."
    )
    mail_from: str = Field("", description="Address that the hub's mails come from.")
    invitation_days: int = Field(14, ge=1, le=90, description="How long an invitation is good.")
    hooks_private: bool = Field(
        False,
        description="Whether webhooks may go to the operator's own network, and by http to itself.",
    )
    store_url: str = Field(
        "",
        pattern="^(s3://.+)?$",
        description="s3://bucket/part for models and sheets; a folder in HUB_DATA if empty.",
    )
    store_endpoint: str = Field(
        "", description="Address of an S3-compatible service; Amazon's own if empty."
    )
    tick_seconds: float = Field(1.0, gt=0, description="How often the worker looks for work.")
    web_threads: int = Field(16, ge=2, description="Threads of the web server.")
    log_level: str = Field(
        "INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="How much is logged."
    )

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError(f"no time zone {name}")
        return name

    @field_validator("smtp_url")
    @classmethod
    def _mail_server(cls, url: SecretStr) -> SecretStr:
        if url.get_secret_value():
            mail_server(url.get_secret_value())
        return url

    @field_validator("mail_from")
    @classmethod
    def _an_address(cls, text: str) -> str:
        try:
            return address(text) if text else ""
        except AddressInvalid as error:
            raise ValueError("not an e-mail address") from error

    @classmethod
    def from_environment(
        cls, environ: Mapping[str, str] = os.environ, **given: object
    ) -> "Settings":
        """The settings that HUB_… variables ask for; `given` wins over them.

        Raises SettingInvalid, naming every variable that cannot be used.
        """
        asked: dict[str, object] = {
            name: environ[f"HUB_{name.upper()}"]
            for name in cls.model_fields
            if environ.get(f"HUB_{name.upper()}")
        }
        try:
            return cls.model_validate({**asked, **given})
        except ValidationError as error:
            faults = "; ".join(
                f"HUB_{name.upper()}={'…' if name in _SECRETS else repr(fault['input'])}: "
                + str(fault["msg"])
                for fault in error.errors()
                for name in (str(fault["loc"][0]),)
            )
            raise SettingInvalid(faults=faults) from error

    @property
    def url(self) -> str:
        """Where browsers and agents find the hub, without a slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def labs_url(self) -> str:
        """Where browsers find JupyterHub, without a slash at the end."""
        return (self.labs_public_url or f"http://{self.host}:{self.labs_port}").rstrip("/")

    @property
    def labs_apart(self) -> bool:
        """Whether browsers keep the hub's cookies from JupyterHub: they do not tell ports apart.

        On one machine alone there is nobody to keep them from.
        """
        hub, labs = urlsplit(self.url).hostname, urlsplit(self.labs_url).hostname
        return hub != labs or hub in ("127.0.0.1", "localhost", "::1")

    @property
    def https(self) -> bool:
        """Whether cookies may insist on an encrypted connection."""
        return urlsplit(self.url).scheme == "https"

    @property
    def mail_server(self) -> MailServer | None:
        """Where mails are handed over; None where they are kept in a folder."""
        url = self.smtp_url.get_secret_value()
        return mail_server(url) if url else None

    @property
    def sender(self) -> str:
        """Address that mails come from: as set, else the mail server's user, else of this host."""
        user = self.mail_server.user if self.mail_server else ""
        host = urlsplit(self.url).hostname or ""
        named = host if any(c.isalpha() for c in host) and "." in host else "localhost"
        return self.mail_from or (user if "@" in user else f"no-reply@{named}")

    @property
    def database(self) -> str:
        """SQLAlchemy address of the database."""
        if not self.database_url:
            return f"sqlite:///{(self.data / 'hub.sqlite').resolve()}"
        return self.database_url.replace("postgresql://", "postgresql+psycopg://", 1)
