"""The console's routes about messages over a real PostgreSQL, with a provider in memory and a stand-in for auth."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from starlette.types import Message

from flovify.api.console import Console
from flovify.api.console_routes import console_routers
from flovify.api.messages.models import Address, Attachment, NormalizedMessage
from flovify.api.messages.store import mark_deleted, publish, upsert_messages
from flovify.api.queue.models import NewEvent
from flovify.api.queue.store import PostgresQueue
from flovify.common.db import Pool
from flovify.common.errors import Forbidden, Unauthorized
from flovify.common.jwt import Principal
from flovify.common.problems import install_problem_handlers
from flovify.common.roles import ROLES
from tests.integration.api_flow.queue_conformance import new_event, take
from tests.integration.api_graph.memory_provider import MemoryProvider

PROVIDER = "memory"
TOKEN = "memory-token"


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: dict[str, str]
    text: str


class Role:
    """Lets those in whose header names the role or a higher one; who signs in is tested with the real verifier."""

    def __init__(self, role: str) -> None:
        self._rank = ROLES.index(role)

    async def __call__(self, request: Request) -> Principal:
        given = request.headers.get("X-Role")
        if given is None:
            raise Unauthorized("sign in")
        if ROLES.index(given) < self._rank:
            raise Forbidden("another role is needed")
        return Principal("u", f"{given}@example.org", given, "s", datetime.now(UTC) + timedelta(minutes=10))


def create_app(console: Console) -> FastAPI:
    app = FastAPI()
    roles = {name: Role(name) for name in ("viewer", "operator", "administrator")}
    for router in console_routers(console, **roles):  # type: ignore[arg-type]
        app.include_router(router)
    install_problem_handlers(app)
    return app


@dataclass
class House:
    pool: Pool
    console: Console
    provider: MemoryProvider
    app: FastAPI
    tenants: dict[uuid.UUID, Any]
    tenant: uuid.UUID = field(default_factory=uuid.uuid4)

    @property
    def queue(self) -> PostgresQueue:
        return PostgresQueue(self.pool)

    async def call(
        self, method: str, path: str, body: object = None, role: str | None = "operator", **query: Any
    ) -> Answer:
        sent: list[Message] = []
        headers = {"Content-Type": "application/json", **({"X-Role": role} if role else {})}
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": urlencode({key: str(value) for key, value in query.items()}).encode(),
            "headers": [(key.lower().encode(), value.encode()) for key, value in headers.items()],
            "client": ("127.0.0.1", 1),
            "server": ("localhost", 80),
        }

        async def receive() -> Message:
            content = json.dumps(body).encode() if body is not None else b""
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        content = b"".join(message.get("body", b"") for message in sent[1:])
        heads = {key.decode().lower(): value.decode() for key, value in sent[0]["headers"]}
        is_json = "json" in heads.get("content-type", "")
        text = content.decode()
        return Answer(sent[0]["status"], json.loads(text) if is_json and text else None, heads, text)

    async def get(self, path: str, role: str | None = "operator", **query: Any) -> Any:
        answer = await self.call("GET", path, role=role, **query)
        assert answer.status == 200, answer.text
        return answer.body

    async def post(self, path: str, body: object = None, status: int = 200, role: str = "operator") -> Any:
        answer = await self.call("POST", path, body, role=role)
        assert answer.status == status, answer.text
        return answer.body

    async def store(self, *messages: NormalizedMessage, tenant: uuid.UUID | None = None) -> list[uuid.UUID]:
        """Store messages as the worker does."""
        async with self.pool.acquire() as connection, connection.transaction():
            refs = await upsert_messages(
                connection, tenant or self.tenant, PROVIDER, messages, fetched_at=datetime.now(UTC)
            )
            await publish(connection, refs)
        by_id = {ref.provider_message_id: ref.id for ref in refs}
        return [by_id[message.provider_message_id] for message in messages]

    async def delete_at_provider(self, provider_message_id: str) -> None:
        async with self.pool.acquire() as connection:
            await mark_deleted(connection, self.tenant, PROVIDER, [provider_message_id], datetime.now(UTC))

    def event(self, message_id: str, tenant: uuid.UUID | None = None, **changes: Any) -> NewEvent:
        return new_event(tenant or self.tenant, provider=PROVIDER, message_id=message_id, **changes)

    async def dead(
        self, count: int = 1, reason: str = "bad_request", tenant: uuid.UUID | None = None
    ) -> list[uuid.UUID]:
        """Dead letters, as a worker leaves them."""
        ids = []
        for _ in range(count):
            event = self.event(f"message-{uuid.uuid4().hex}", tenant)
            await self.queue.enqueue([event])
            lease = await take(self.queue, limit=1)
            async with self.queue.settle(lease) as settlement:
                for taken in lease.events:
                    await settlement.bury(taken, reason, "poison", f"400 {reason} (request-id r-{event.id})")
            ids.append(event.id)
        return ids

    async def work(self, outcome: str = "stored", limit: int = 20) -> int:
        """Settle one mailbox's due events as a worker would; `outcome` dead buries them again. Says how many."""
        lease = await self.queue.take("worker", 30, limit)
        if lease is None:
            return 0
        async with self.queue.settle(lease) as settlement:
            if outcome == "dead":
                for event in lease.events:
                    await settlement.bury(event, "bad_request", "poison", "400 again")
            else:
                await settlement.finish([(event, outcome, None) for event in lease.events])
        return len(lease.events)

    async def states(self) -> dict[uuid.UUID, str]:
        """Where each event is: waiting, dead, or its outcome in the ledger."""
        rows = await self.pool.fetch(
            "SELECT id, state FROM api.inbox UNION ALL SELECT id, outcome FROM api.webhook_events"
        )
        return {row["id"]: row["state"] for row in rows}

    async def audited(self) -> list[tuple[str, str, dict[str, Any]]]:
        rows = await self.pool.fetch("SELECT actor, action, details FROM api.audit_log ORDER BY id")
        return [(row["actor"], row["action"], row["details"]) for row in rows]


def message(key: str, **changes: Any) -> NormalizedMessage:
    fields: dict[str, Any] = {
        "provider_message_id": key,
        "internet_message_id": f"<{key}@example.org>",
        "subject": f"about {key}",
        "from_": Address("Ada", "ada@example.org"),
        "received_at": datetime(2026, 11, 20, 10, 0, tzinfo=UTC),
        "preview": "hello",
        "body_text": "hello there",
        "last_modified_at": datetime(2026, 11, 20, 10, 0, tzinfo=UTC),
        "etag": "1",
    }
    return NormalizedMessage(**(fields | changes))


def picture(
    key: str, size: int = 100, content_type: str = "image/png", *, inline: bool = True, content_id: str | None = None
) -> Attachment:
    return Attachment(key, f"{key}.png", content_type, size, inline, content_id)
