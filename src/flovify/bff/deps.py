"""Everything the front door is made of, built once."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Self

from flovify.bff.proxy.routes import Calls
from flovify.bff.proxy.upstream import Upstream, create_upstream_session
from flovify.bff.proxy.webhook import WebhookDoor
from flovify.bff.security_headers import security_headers
from flovify.bff.session.cookies import SessionCookie
from flovify.bff.session.service import Sessions
from flovify.bff.settings import BffSettings
from flovify.common.clock import SystemClock

CONSOLE_CONNECTIONS = 200
WEBHOOK_CONNECTIONS = 200
# One for each browser that is open.
STREAM_CONNECTIONS = 1000


@dataclass(frozen=True)
class BffDeps:
    """The parts the application is given."""

    settings: BffSettings
    auth: Upstream
    api: Upstream
    sessions: Sessions
    cookie: SessionCookie
    calls: Calls
    webhook: WebhookDoor

    @classmethod
    async def open(cls, settings: BffSettings, stack: AsyncExitStack, stopping: asyncio.Event) -> Self:
        """Wire; nothing is called yet, for auth and api may come and go."""
        # Apart, so that slow downloads, open streams and a flood of notifications take each other no connection.
        console = await stack.enter_async_context(create_upstream_session(CONSOLE_CONNECTIONS))
        notifications = await stack.enter_async_context(create_upstream_session(WEBHOOK_CONNECTIONS))
        streams = await stack.enter_async_context(create_upstream_session(STREAM_CONNECTIONS))
        clock = SystemClock()
        hop = settings.hop_secret
        auth = Upstream(console, "auth", settings.flovify_auth_url, hop_secret=hop)
        api = Upstream(console, "api", settings.flovify_api_url, hop_secret=hop)
        streaming = Upstream(streams, "api", settings.flovify_api_url, hop_secret=hop)
        sessions, cookie = Sessions(auth, clock), SessionCookie(settings)
        headers = security_headers(https=settings.https)
        return cls(
            settings=settings,
            auth=auth,
            api=api,
            sessions=sessions,
            cookie=cookie,
            calls=Calls({"auth": auth, "api": api}, streaming, sessions, cookie, stopping),
            webhook=WebhookDoor(
                notifications,
                settings.flovify_api_url,
                headers,
                clock,
                hop_secret=hop,
                proxies=settings.trusted_proxies,
            ),
        )
