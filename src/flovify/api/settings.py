"""Settings of the api and of its worker."""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator

from flovify.api.alerts.settings import AlertSettings
from flovify.api.retention.models import Keep
from flovify.common.audit.settings import AuditKeySettings
from flovify.common.clouds import CLOUDS
from flovify.common.https_proxy import PROXY_HELP, HttpsProxyUrl
from flovify.common.retention_settings import RetentionSettings
from flovify.common.setting_types import (
    RANDOM,
    BaseUrl,
    DatabaseUrl,
    Port,
    RandomSecrets,
    RandomSecretsOrNone,
    Url,
    words,
)
from flovify.common.settings import ServiceSettings

_QUEUE_SCHEMES = {"postgres": (), "rabbitmq": ("amqp", "amqps"), "redis": ("redis", "rediss")}
GRAPH_HOSTS = tuple(cloud.graph_host for cloud in CLOUDS.values())


class ApiDatabaseSettings(ServiceSettings):
    """What it takes to reach the api's tables."""

    database_url: DatabaseUrl = Field(
        description="give the api role's, for example postgresql://flovify_api:password@localhost/flovify"
    )


class ApiAuditSettings(ApiDatabaseSettings, AuditKeySettings):
    """Enough to check the api's audit log."""


class ApiKeySettings(ApiDatabaseSettings):
    """What it takes to say which keys the subscriptions' secrets are hashed under."""

    ms365_client_state: RandomSecrets = Field(
        description=f"a secret of at least 16 characters; several by commas while one is being replaced; {RANDOM}"
    )

    @property
    def client_state_keys(self) -> tuple[str, ...]:
        """The keys of MS365_CLIENT_STATE, comma separated while one is being replaced; the first makes new hashes."""
        return words(self.ms365_client_state)


class ApiBaseSettings(ApiKeySettings):
    """What the api and the worker share."""

    service_secret: RandomSecrets = Field(
        description=f"the same value in auth, api and worker; several by commas while one is being replaced; {RANDOM}"
    )
    front_door_secret: RandomSecretsOrNone = Field(
        default=SecretStr(""), description=f"shared with the bff, whose word for a caller's address is taken; {RANDOM}"
    )
    auth_service_url: BaseUrl = Field(default="http://127.0.0.1:8011", description="auth's internal listener")
    ms365_webhook_url: Url = Field(
        description="the address Microsoft can reach, for example https://hooks.example.com/api/ms365/webhook"
    )
    ms365_lifecycle_url: Url = Field(
        default="", description="where lifecycle notifications go; default: MS365_WEBHOOK_URL"
    )
    microsoft_graph_url: BaseUrl = Field(default="https://graph.microsoft.com", description="Graph's host")
    flovify_https_proxy: HttpsProxyUrl = Field(default=SecretStr(""), description=PROXY_HELP)
    flovify_first_sync_days: int = Field(
        default=0, ge=0, le=365, description="how many days back a newly subscribed folder is fetched; 0: from now on"
    )
    queue_backend: Literal["postgres", "rabbitmq", "redis"] = Field(
        default="postgres",
        description="what keeps notifications for the worker: postgres, rabbitmq or redis",
    )
    queue_url: SecretStr = Field(
        default=SecretStr(""),
        description="of rabbitmq (amqp:// or amqps://, several nodes by commas) or redis (redis:// or rediss://); "
        "none with postgres",
    )

    @model_validator(mode="after")
    def _check_queue(self) -> ApiBaseSettings:
        urls, schemes = words(self.queue_url), _QUEUE_SCHEMES[self.queue_backend]
        if not schemes:
            if urls:
                raise ValueError("QUEUE_URL is for QUEUE_BACKEND=rabbitmq or redis; with postgres leave it out")
        elif not urls or any(urlsplit(url).scheme not in schemes for url in urls):
            begin = " or ".join(f"{scheme}://" for scheme in schemes)
            raise ValueError(f"QUEUE_URL must begin with {begin} when QUEUE_BACKEND={self.queue_backend}")
        elif self.queue_backend == "redis" and len(urls) > 1:
            raise ValueError("QUEUE_URL must be one address when QUEUE_BACKEND=redis")
        return self

    @model_validator(mode="after")
    def _check_production(self) -> ApiBaseSettings:
        if not self.production:
            return self
        given = {
            "MS365_WEBHOOK_URL": self.ms365_webhook_url,
            "MS365_LIFECYCLE_URL": self.lifecycle_url,
            "MICROSOFT_GRAPH_URL": self.microsoft_graph_url,
        }
        for name, value in given.items():
            if not value.startswith("https://"):
                raise ValueError(f"{name} must be https when FLOVIFY_ENV=production")
        if self.graph_stand_in:
            raise ValueError(f"MICROSOFT_GRAPH_URL must be one of Microsoft's in production: {', '.join(GRAPH_HOSTS)}")
        return self

    @property
    def service_secrets(self) -> tuple[str, ...]:
        """The values of SERVICE_SECRET: the first is sent to auth, all are accepted."""
        return words(self.service_secret)

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

    flovify_api_port: Port = Field(default=8002, description="public listener")
    flovify_api_internal_port: Port = Field(
        default=8012, description="internal listener: renewal, removal, metrics; never to be reached from outside"
    )
    flovify_data_dir: Path = Field(
        default=Path(".flovify"), description="where the built-in PostgreSQL is: the intake watches its room"
    )
    flovify_min_free_mb: int = Field(
        default=512, ge=0, description="with less room there, notifications are answered 503 and come again; 0: never"
    )
    flovify_max_waiting: int = Field(
        default=2_000_000, ge=0, description="with more events waiting, the same; 0: however many wait"
    )


class WorkerSettings(ApiBaseSettings, AuditKeySettings, RetentionSettings, AlertSettings):
    """Settings of `flovify worker`. A dead worker's mailboxes are another's after the lease, so keep it short.

    It seals the api's audit log: the process that answers strangers has not got the key.
    """

    flovify_worker_port: Port = Field(default=8003, description="health and metrics")
    flovify_worker_concurrency: int = Field(
        default=8, ge=1, le=256, description="mailboxes asked for at Microsoft at once by one process"
    )
    flovify_worker_lease_seconds: float = Field(
        default=15.0, ge=1, le=600, description="after this a dead worker's mailboxes are another's"
    )
    flovify_keep_events_days: int = Field(
        default=30, ge=0, description="days a settled event is kept after it was settled; 0: for ever"
    )
    flovify_keep_dead_letters_days: int = Field(
        default=30,
        ge=0,
        description="days until a dead letter is discarded by itself, and as many more until that cannot be undone; "
        "0: never",
    )
    flovify_keep_messages_days: int = Field(
        default=0, ge=0, description="days a message is kept after it was stored; 0: for ever"
    )

    @property
    def keep(self) -> Keep:
        """For how long each kind is kept."""
        return Keep(self.flovify_keep_events_days, self.flovify_keep_dead_letters_days, self.flovify_keep_messages_days)
