"""A real `flovify serve api` (or worker) over a test's database, and notifications for it."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flovify.api.subscriptions import client_state
from flovify.common.db import Pool
from tests.support.net import free_ports
from tests.support.processes import Process, spawn

KEY = "client-state-key-of-the-tests"
AUDIT_KEY = "audit-key-of-the-tests"
OLD_KEY = "the-old-key-0123456789"
GRAPH_TENANT = "8b7d1f5e-1b7e-4c38-9a6e-0f4f5b1f7a11"
PATH = "/api/ms365/webhook"


def api_environment(dsn: str, **extra: str) -> dict[str, str]:
    """What the api and the worker need; auth and Graph are nowhere unless `extra` names them."""
    return {
        "DATABASE_URL": dsn,
        "SERVICE_SECRET": "svc-" + secrets.token_urlsafe(24),
        "AUTH_SERVICE_URL": "http://127.0.0.1:9",
        "MS365_WEBHOOK_URL": "http://localhost/api/ms365/webhook",
        "MS365_CLIENT_STATE": KEY,
        "AUDIT_KEY": AUDIT_KEY,
        "MICROSOFT_GRAPH_URL": "http://127.0.0.1:9",
        **extra,
    }


@dataclass
class Api:
    """A running api."""

    process: Process
    port: int
    internal_port: int

    @property
    def webhook(self) -> str:
        return f"http://127.0.0.1:{self.port}{PATH}"

    @property
    def metrics(self) -> str:
        return f"http://127.0.0.1:{self.internal_port}/metrics"


@contextmanager
def running_api(environment: Mapping[str, str]) -> Iterator[Api]:
    """`flovify serve api`, ready."""
    port, internal = free_ports(2)
    ports = {"FLOVIFY_API_PORT": str(port), "FLOVIFY_API_INTERNAL_PORT": str(internal)}
    with spawn(["serve", "api"], {**environment, **ports}, f"http://127.0.0.1:{port}/api/ready", 60) as process:
        yield Api(process, port, internal)


@contextmanager
def running_worker(environment: Mapping[str, str]) -> Iterator[Process]:
    """`flovify worker`, ready."""
    (port,) = free_ports(1)
    with spawn(
        ["worker"], {**environment, "FLOVIFY_WORKER_PORT": str(port)}, f"http://127.0.0.1:{port}/ready", 60
    ) as p:
        yield p


@dataclass
class Subscribed:
    """A subscription row and its secret."""

    row_id: uuid.UUID = field(default_factory=uuid.uuid4)
    tenant_id: uuid.UUID = field(default_factory=uuid.uuid4)
    subscription_id: str | None = field(default_factory=lambda: str(uuid.uuid4()))
    secret: str = ""

    def __post_init__(self) -> None:
        self.secret = self.secret or client_state.make(self.row_id)

    async def insert(self, pool: Pool, key: str = KEY) -> Subscribed:
        await pool.execute(
            "INSERT INTO api.webhook_subscriptions (id, tenant_id, provider, subscription_id, resource, change_types, "
            "expires_at, status, client_state_hash, external_tenant_id) "
            "VALUES ($1, $2, 'ms365', $3, 'users/x/messages', '{created}', now() + interval '1 day', $4, $5, $6)",
            self.row_id,
            self.tenant_id,
            self.subscription_id,
            "active" if self.subscription_id else "creating",
            client_state.digest(self.secret, key),
            GRAPH_TENANT,
        )
        return self

    def item(self, message_id: str = "AAMk=", change_type: str = "created", etag: str = 'W/"1"', **more: Any) -> Any:
        """A notification as Graph sends it; `more` replaces fields, and takes those out that are given as `...`."""
        item: dict[str, Any] = {
            "subscriptionId": self.subscription_id,
            "subscriptionExpirationDateTime": "2026-11-25T11:00:00.0000000+05:30",
            "changeType": change_type,
            "resource": f"Users/u/Messages/{message_id}",
            "resourceData": {
                "@odata.type": "#Microsoft.Graph.Message",
                "@odata.id": f"Users/u/Messages/{message_id}",
                "@odata.etag": etag,
                "id": message_id,
            },
            "clientState": self.secret,
            "tenantId": GRAPH_TENANT,
        }
        return {key: value for key, value in (item | more).items() if value is not ...}

    def lifecycle(self, event: str) -> Any:
        """A lifecycle notification."""
        return self.item(changeType=..., resource=..., resourceData=..., lifecycleEvent=event)
