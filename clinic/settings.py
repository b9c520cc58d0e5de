"""The settings: the only reader of environment variables (prefix `OPTC_`)."""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from limits import parse
from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every setting with its default; with nothing set, everything runs on one machine.

    Read from environment variables and from a `.env` file in the working folder (the environment wins).
    Each one is listed with a comment in `.env.example`. Raises pydantic's `ValidationError` on a bad value.
    """

    model_config = SettingsConfigDict(env_prefix="OPTC_", env_file=".env", extra="ignore")

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    public_url: str = ""
    var_directory: Path = Path("var")
    keys_folder: str = ""
    database_url: str = ""
    engine_host: str = "127.0.0.1"
    engine_port: int = Field(default=5005, ge=1, le=65535)
    engines: int = Field(default=1, ge=1, le=16)
    engine_urls: str = ""
    engine_database_url: str = ""
    actions_host: str = "127.0.0.1"
    actions_port: int = Field(default=5055, ge=1, le=65535)
    actions_url: str = ""
    redis_url: str = ""
    metrics_token: str = ""
    engine_secret: str = ""
    signing_key: str = ""
    allowed_origins: str = ""
    message_limit: str = "20/minute"
    message_hour_limit: str = "200/hour"
    conversation_limit: str = "60/hour"
    session_limit: str = "30/hour"
    contact_limit: str = "10/hour"
    sign_in_limit: str = "10/minute"
    maximum_message_length: int = Field(default=500, ge=1, le=4000)
    engine_budget_seconds: float = Field(default=4.0, gt=0)
    session_days: int = Field(default=7, ge=1)
    console_idle_minutes: int = Field(default=15, ge=1)
    console_absolute_hours: int = Field(default=12, ge=1)
    console_second_step: Literal["", "required", "optional"] = ""
    call_within_hours: int = Field(default=24, ge=1)
    transcript_days: int = Field(default=30, ge=0)
    tracker_hours: int = Field(default=24, ge=0)
    lead_months: int = Field(default=24, ge=0)
    smtp_host: str = ""
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str = ""
    smtp_password: str = ""
    notice_from: str = ""
    notice_to: str = ""
    escalation_to: str = ""
    webhook_url: str = ""
    webhook_secret: str = ""
    trust_proxy_headers: bool = False
    profile_path: Path = Path("clinic/profile.yml")
    data_directory: Path = Path("data")
    releases_kept: int = Field(default=10, ge=2)
    warm_engines: bool = True

    @field_validator(
        "message_limit",
        "message_hour_limit",
        "conversation_limit",
        "session_limit",
        "contact_limit",
        "sign_in_limit",
    )
    @classmethod
    def _check_limit(cls, value: str) -> str:
        parse(value)  # raises ValueError; a mistyped limit must stop the start, not switch the limit off
        return value

    @field_validator("transcript_days", "tracker_hours", "lead_months", mode="before")
    @classmethod
    def _read_empty_as_keep(cls, value: object) -> object:
        return 0 if value == "" else value

    @field_validator("data_directory")
    @classmethod
    def _check_data_directory(cls, value: Path) -> Path:
        if value.resolve().name != "data":
            raise ValueError('the folder must be called "data": domain.yml and the tests are beside it')
        return value

    @field_validator("engine_urls")
    @classmethod
    def _check_engine_urls(cls, value: str) -> str:
        for url in _list(value):
            parts = urlsplit(url)
            if parts.scheme not in ("http", "https") or not parts.netloc:
                raise ValueError("every engine's address must start with http:// and name a host")
        return value

    @field_validator("public_url", "actions_url", "webhook_url")
    @classmethod
    def _check_url(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and not (parts.scheme in ("http", "https") and parts.netloc):
            raise ValueError("must start with http:// or https:// and name a host")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _check_notices(self) -> Settings:
        if self.smtp_host and not (self.notice_from and self.notice_to):
            raise ValueError("notices by mail need notice_from and notice_to beside smtp_host")
        if self.webhook_url and not self.webhook_secret:
            raise ValueError("webhook_url needs webhook_secret, so that the receiver can check the sender")
        return self

    @model_validator(mode="after")
    def _fill_addresses(self) -> Settings:
        if not self.public_url:
            self.public_url = self.own_url
        if not self.actions_url:
            self.actions_url = self.own_actions_url
        return self

    @property
    def engine_url(self) -> str:
        """Where the gateway reaches the engine, without a slash at the end."""
        return _url(self.engine_host, self.engine_port)

    @property
    def own_url(self) -> str:
        """Where this machine's own web process answers, without a slash at the end."""
        return _url(self.host, self.port)

    @property
    def own_actions_url(self) -> str:
        """Where this machine's own action server answers."""
        return _url(self.actions_host, self.actions_port)

    def own_engine_url(self, port: int) -> str:
        """Return where this machine's engine on `port` answers."""
        return _url(self.engine_host, port)

    @property
    def engine_addresses(self) -> list[str]:
        """Where the gateway reaches every engine: those set, else the ones this machine starts."""
        ports = range(self.engine_port, self.engine_port + self.engines)
        return _list(self.engine_urls) or [self.own_engine_url(port) for port in ports]

    @property
    def working_folder(self) -> Path:
        """The folder in which the content team works: data, domain.yml, config.yml, tests/conversations."""
        return self.data_directory.resolve().parent

    @property
    def engines_file(self) -> Path:
        """The file that names other engines while a new release takes over (see `docs/operations.md`)."""
        return self.var_directory / "engines.txt"

    @property
    def engines_read_directory(self) -> Path:
        """The folder in which each web process says which engines it uses, by its process id."""
        return self.var_directory / "engines-read"

    @property
    def releases_directory(self) -> Path:
        """The folder of the releases (see `content.releases`)."""
        return self.var_directory / "releases"

    @property
    def publishing_directory(self) -> Path:
        """The folder with the progress and the log of publishing (see `content.publishing`)."""
        return self.var_directory / "publishing"

    @property
    def resolved_database_url(self) -> str:
        """The database's URL: the one set, else a SQLite file in the var folder."""
        return self.database_url or f"sqlite:///{self.var_directory / 'clinic.db'}"

    @property
    def resolved_engine_database_url(self) -> str:
        """The URL of the engine's memory: the one set, else a SQLite file in the var folder."""
        return self.engine_database_url or f"sqlite:///{self.var_directory.resolve() / 'engine.db'}"

    @property
    def needs_second_step(self) -> bool:
        """Say whether staff must set up a second sign-in step; unset, they must where the site is https."""
        is_public = self.public_url.startswith("https://")
        return self.console_second_step == "required" or (not self.console_second_step and is_public)

    @property
    def keys_directory(self) -> Path:
        """The folder of the keys that are made at first start (see `clinic.keys`): the one set, or in var."""
        return Path(self.keys_folder) if self.keys_folder else self.var_directory / "keys"

    @property
    def origins(self) -> list[str]:
        """The websites that may embed the widget; empty means this server's own pages only."""
        return _list(self.allowed_origins)


def _list(value: str) -> list[str]:
    return [part.strip().rstrip("/") for part in value.split(",") if part.strip()]


def _url(host: str, port: int) -> str:
    if host in ("0.0.0.0", "::", ""):  # "listen everywhere" is not an address one can call
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
