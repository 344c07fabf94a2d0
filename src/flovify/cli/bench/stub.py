"""Graph and auth with a fixed answer time, so that a drain measures the worker and not the sandbox."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime, timedelta

import msgspec
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from flovify.common.server import Listener, serve

FETCH_SECONDS = 0.05


async def batch(request: Request) -> Response:
    asked = msgspec.json.decode(await request.body())["requests"]
    await asyncio.sleep(FETCH_SECONDS)
    responses = [{"id": item["id"], "status": 200, "body": _message(item["url"])} for item in asked]
    return Response(msgspec.json.encode({"responses": responses}), media_type="application/json")


async def token(request: Request) -> Response:
    """A token of the tenant's own account: Graph's limits, and our keeping to them, are an account's."""
    tenant_id = msgspec.json.decode(await request.body())["tenant_id"]
    return JSONResponse(
        {
            "access_token": "bench",
            "expires_at": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
            "provider": "ms365",
            "token_type": "delegated",
            "scopes": ["Mail.Read"],
            "external_tenant_id": "00000000-0000-0000-0000-000000000001",
            "external_account_id": tenant_id,
            "account_email": "bench@example.org",
            "status": "active",
        }
    )


def _message(url: str) -> dict[str, object]:
    message_id = url.partition("/messages/")[2].partition("?")[0]
    person = {"emailAddress": {"name": "Ada Example", "address": "ada@example.org"}}
    return {
        "@odata.etag": f'W/"{message_id[-8:]}"',
        "id": message_id,
        "subject": f"Bench {message_id[-8:]}",
        "receivedDateTime": "2026-01-01T00:00:00Z",
        "sentDateTime": "2026-01-01T00:00:00Z",
        "lastModifiedDateTime": "2026-01-01T00:00:00Z",
        "internetMessageId": f"<{message_id[-8:]}@example.org>",
        "conversationId": "c",
        "parentFolderId": "f",
        "from": person,
        "sender": person,
        "toRecipients": [person],
        "ccRecipients": [],
        "bccRecipients": [],
        "replyTo": [],
        "bodyPreview": "A short message.",
        "body": {"contentType": "text", "content": "A short message of a bench. " * 20},
        "importance": "normal",
        "isRead": False,
        "isDraft": False,
        "hasAttachments": False,
        "attachments": [],
        "internetMessageHeaders": [{"name": "Subject", "value": "Bench"}],
    }


async def health(_request: Request) -> Response:
    return Response(b"ok")


def main() -> None:
    app = Starlette(
        routes=[
            Route("/v1.0/$batch", batch, methods=["POST"]),
            Route("/auth/internal/tenant-token", token, methods=["POST"]),
            Route("/health", health),
        ]
    )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve([Listener(app, "127.0.0.1", int(sys.argv[1]))]))


if __name__ == "__main__":
    main()
