"""Calls to the sandbox's application without a server: a request in, status, headers and body out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flovify.sandbox.app import create_app
from flovify.sandbox.settings import SandboxSettings
from flovify.sandbox.world import create_world

CLIENT_ID = "0f0e0d0c-0b0a-4908-8706-050403020100"
CLIENT_SECRET = "unit-secret"
REDIRECT = "http://localhost:9/callback"
SALES = "sales@contoso.example"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


def memory_app() -> Any:
    """A sandbox that keeps nothing, with one application and one mailbox."""
    world = create_world(
        SandboxSettings.model_validate(
            {
                "flovify_sandbox_memory": True,
                "flovify_sandbox_client_id": CLIENT_ID,
                "flovify_sandbox_client_secret": CLIENT_SECRET,
                "flovify_sandbox_redirect_uris": REDIRECT,
            }
        )
    )
    world.directory.add_user(SALES, "Contoso Sales")
    return create_app(world)


async def call(
    app: Any,
    method: str,
    path: str,
    *,
    query: bytes = b"",
    body: bytes = b"",
    headers: dict[str, str] | None = None,
) -> Answer:
    sent: list[dict[str, Any]] = []
    given = {"host": "localhost", **(headers or {})}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": quote(path).encode(),
        "query_string": query,
        "root_path": "",
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in given.items()],
        "server": ("localhost", 80),
        "client": ("127.0.0.1", 1),
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    found = {name.decode().lower(): value.decode("latin-1") for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], found, b"".join(part.get("body", b"") for part in sent[1:]))
