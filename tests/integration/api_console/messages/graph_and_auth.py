"""Graph and auth in one small server: any message that is asked for is there."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

from aiohttp import web


@dataclass
class GraphAndAuth:
    """`fetched` counts how often each message was asked for."""

    url: str = ""
    delay_seconds: float = 0.02
    fetched: Counter[str] = field(default_factory=Counter)

    async def token(self, _request: web.Request) -> web.Response:
        ends = datetime.now(UTC) + timedelta(hours=1)
        account = "5f0e1d2c-0000-4000-8000-000000000001"
        return web.json_response(
            {"access_token": "t", "expires_at": ends.isoformat(), "provider": "ms365", "external_account_id": account}
        )

    async def batch(self, request: web.Request) -> web.Response:
        asked = (await request.json())["requests"]
        await asyncio.sleep(self.delay_seconds)
        answers = [{"id": one["id"], "status": 200, "body": self._message(one["url"])} for one in asked]
        return web.json_response({"responses": answers})

    async def one(self, request: web.Request) -> web.Response:
        return web.json_response(self._message(request.path))

    def _message(self, url: str) -> dict[str, Any]:
        message_id = unquote(url.partition("/messages/")[2].partition("?")[0])
        self.fetched[message_id] += 1
        return {
            "@odata.etag": 'W/"1"',
            "id": message_id,
            "subject": f"about {message_id}",
            "receivedDateTime": "2026-11-20T10:00:00Z",
            "lastModifiedDateTime": "2026-11-20T10:00:00Z",
            "body": {"contentType": "text", "content": "hello"},
        }


@asynccontextmanager
async def graph_and_auth() -> AsyncIterator[GraphAndAuth]:
    made, app = GraphAndAuth(), web.Application()
    app.router.add_post("/auth/internal/tenant-token", made.token)
    app.router.add_post("/v1.0/$batch", made.batch)
    app.router.add_get("/v1.0/users/{user}/messages/{message}", made.one)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield made
    finally:
        await runner.cleanup()
