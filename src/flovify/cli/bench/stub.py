"""Graph and auth with a fixed answer time, so that a drain measures the worker and not the sandbox."""

from __future__ import annotations

import asyncio
import math
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
_TEXT = {"contentType": "text", "content": "A short message of a bench. " * 20}
_PARAGRAPH = (
    '<p class="MsoNormal" style="margin:0 0 8pt">A <b>message</b> of a bench &amp; its <a href="x">link</a>.</p>'
)
# About 9 kB, as a mail of an office is.
_HTML = {"contentType": "html", "content": f"<html><body>{_PARAGRAPH * 90}</body></html>"}


async def batch(request: Request) -> Response:
    asked = msgspec.json.decode(await request.body())["requests"]
    # Outlook works on four of a batch at a time (graph/throttling-limits, 2026-10-01), where that is asked for.
    turns = math.ceil(len(asked) / request.app.state.at_a_time) if request.app.state.at_a_time else 1
    await asyncio.sleep(request.app.state.seconds * turns)
    responses = [
        {"id": item["id"], "status": 200, "body": _message(item["url"], request.app.state.body)} for item in asked
    ]
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


def _message(url: str, body: dict[str, str]) -> dict[str, object]:
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
        "body": body,
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
    """Arguments: the port; seconds for a batch, or for as many of it as are done at a time; text or html; how many."""
    given = dict(enumerate(sys.argv))
    app = Starlette(
        routes=[
            Route("/v1.0/$batch", batch, methods=["POST"]),
            Route("/auth/internal/tenant-token", token, methods=["POST"]),
            Route("/health", health),
        ]
    )
    app.state.seconds = float(given.get(2, FETCH_SECONDS))
    app.state.body = _HTML if given.get(3) == "html" else _TEXT
    app.state.at_a_time = int(given.get(4, 0))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve([Listener(app, "127.0.0.1", int(given[1]))]))


if __name__ == "__main__":
    main()
