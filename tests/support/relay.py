"""A relay in front of the webhook that remembers what Microsoft's stand-in sent, so that a test can send it again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web
from yarl import URL


@dataclass
class Relay:
    """Where it listens, where it forwards to, and every notification body seen."""

    port: int
    target: str = ""
    bodies: list[dict[str, Any]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}/webhook"

    def item_for(self, subscription_id: str, change_type: str = "created") -> dict[str, Any] | None:
        """The first item seen for a subscription."""
        for body in self.bodies:
            for item in body["value"]:
                if item["subscriptionId"] == subscription_id and item.get("changeType") == change_type:
                    found: dict[str, Any] = item
                    return found
        return None


@asynccontextmanager
async def running_relay(port: int) -> AsyncIterator[Relay]:
    """Listen until the block ends; set `target` before the first notification is due."""
    relay = Relay(port)

    async with aiohttp.ClientSession(auto_decompress=False) as session:

        async def forward(request: web.Request) -> web.Response:
            content = await request.read()
            headers = {"Content-Type": request.headers["Content-Type"]} if "Content-Type" in request.headers else {}
            url = (
                f"{relay.target}?{request.rel_url.raw_query_string}"
                if request.rel_url.raw_query_string
                else relay.target
            )
            async with session.post(URL(url, encoded=True), data=content, headers=headers) as answer:
                if content and answer.status == 202:
                    relay.bodies.append(await request.json())
                return web.Response(body=await answer.read(), status=answer.status, content_type=answer.content_type)

        application = web.Application()
        application.router.add_post("/webhook", forward)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        try:
            yield relay
        finally:
            await runner.cleanup()
