"""Settings of the api and of its worker."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator

from flovify.common.clouds import CLOUDS
from flovify.common.settings import ServiceSettings

GRAPH_HOSTS = tuple(cloud.graph_host for cloud in CLOUDS.values())
_RANDOM = "make one with: openssl rand -base64 32"


class ApiBaseSettings(ServiceSettings):
    """What the api and the worker share."""

    database_url: SecretStr = Field(
        description="give the api role's, for example postgresql://flovify_api:password@localhost/flovify"
    )
    service_secret: SecretStr = Field(
        description=f"the same value in auth, api and worker; several by commas while one is being replaced; {_RANDOM}"
    )
    auth_service_url: str = "http://127.0.0.1:8011"
    ms365_webhook_url: str = Field(
        description="the address Microsoft can reach, for example https://hooks.example.com/api/ms365/webhook"
    )
    ms365_lifecycle_url: str = ""
    ms365_client_state: SecretStr = Field(description=f"a secret of at least 16 characters; {_RANDOM}")
    microsoft_graph_url: str = "https://graph.microsoft.com"
    queue_backend: Literal["postgres"] = "postgres"
    queue_url: SecretStr = SecretStr("")

    @model_validator(mode="after")
    def _check(self) -> ApiBaseSettings:
        _check_database_url(self.database_url.get_secret_value())
        for value in self.service_secrets or ("",):
            _check_secret("SERVICE_SECRET", value)
        for value in self.client_state_keys or ("",):
            _check_secret("MS365_CLIENT_STATE", value)
        _check_url("AUTH_SERVICE_URL", self.auth_service_url, https=False)
        _check_url("MS365_WEBHOOK_URL", self.ms365_webhook_url, https=self.production)
        if self.ms365_lifecycle_url:
            _check_url("MS365_LIFECYCLE_URL", self.ms365_lifecycle_url, https=self.production)
        _check_url("MICROSOFT_GRAPH_URL", self.microsoft_graph_url, https=self.production)
        if self.production and urlsplit(self.microsoft_graph_url).hostname not in GRAPH_HOSTS:
            raise ValueError(f"MICROSOFT_GRAPH_URL must be one of Microsoft's in production: {', '.join(GRAPH_HOSTS)}")
        return self

    @property
    def client_state_keys(self) -> tuple[str, ...]:
        """The keys of MS365_CLIENT_STATE, comma separated while one is being replaced; the first makes new hashes."""
        return _several(self.ms365_client_state)

    @property
    def service_secrets(self) -> tuple[str, ...]:
        """The values of SERVICE_SECRET: the first is sent to auth, all are accepted."""
        return _several(self.service_secret)

    @property
    def graph_stand_in(self) -> str:
        """MICROSOFT_GRAPH_URL where that is none of Microsoft's hosts: it then stands in for Graph of every cloud."""
        return "" if urlsplit(self.microsoft_graph_url).hostname in GRAPH_HOSTS else self.microsoft_graph_url

    @property
    def lifecycle_url(self) -> str:
        """Where Graph sends lifecycle notifications: the webhook itself unless MS365_LIFECYCLE_URL is set."""
        return self.ms365_lifecycle_url or self.ms365_webhook_url


class ApiSettings(ApiBaseSettings):
    """Settings of `flovify serve api`."""

    flovify_api_port: int = Field(default=8002, ge=1, le=65535)
    flovify_api_internal_port: int = Field(default=8012, ge=1, le=65535)


class WorkerSettings(ApiBaseSettings):
    """Settings of `flovify worker`. A dead worker's mailboxes are another's after the lease, so keep it short."""

    flovify_worker_port: int = Field(default=8003, ge=1, le=65535)
    flovify_worker_concurrency: int = Field(default=8, ge=1, le=256)
    flovify_worker_lease_seconds: float = Field(default=15.0, ge=1, le=600)


def _several(value: SecretStr) -> tuple[str, ...]:
    parts = value.get_secret_value().split(",")
    return tuple(part.strip() for part in parts if part.strip())


def _check_database_url(value: str) -> None:
    if urlsplit(value).scheme not in ("postgresql", "postgres"):
        raise ValueError("DATABASE_URL must look like postgresql://user:password@host:5432/flovify")


def _check_secret(name: str, value: str) -> None:
    if len(value) < 16 or len(set(value)) < 6:
        raise ValueError(f"{name} must be a random secret of at least 16 characters; {_RANDOM}")


def _check_url(name: str, value: str, *, https: bool) -> None:
    allowed = ("https",) if https else ("https", "http")
    hint = f"{name} must be a full {' or '.join(allowed)} URL without user name or fragment"
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        raise ValueError(hint) from None
    if parts.scheme not in allowed or not parts.hostname or parts.username is not None or parts.fragment:
        raise ValueError(f"{hint}, for example {allowed[0]}://host.example/path")
