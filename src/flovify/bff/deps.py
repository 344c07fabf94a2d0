"""Everything the front door is made of, built once."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Self

from flovify.bff.proxy.upstream import Upstream, create_upstream_session
from flovify.bff.proxy.webhook import WebhookDoor
from flovify.bff.security_headers import security_headers
from flovify.bff.session.cookies import SessionCookie
from flovify.bff.session.service import Sessions
from flovify.bff.settings import BffSettings
from flovify.common.clock import SystemClock

CONSOLE_CONNECTIONS = 200
WEBHOOK_CONNECTIONS = 200


@dataclass(frozen=True)
class BffDeps:
    """The parts the application is given."""

    settings: BffSettings
    auth: Upstream
    api: Upstream
    sessions: Sessions
    cookie: SessionCookie
    webhook: WebhookDoor

    @classmethod
    async def open(cls, settings: BffSettings, stack: AsyncExitStack) -> Self:
        """Wire; nothing is called yet, for auth and api may come and go."""
        # Apart, so that neither slow downloads nor a flood of notifications takes the other's connections.
        console = await stack.enter_async_context(create_upstream_session(CONSOLE_CONNECTIONS))
        notifications = await stack.enter_async_context(create_upstream_session(WEBHOOK_CONNECTIONS))
        clock = SystemClock()
        auth = Upstream(console, "auth", settings.flovify_auth_url)
        headers = security_headers(https=settings.https)
        return cls(
            settings=settings,
            auth=auth,
            api=Upstream(console, "api", settings.flovify_api_url),
            sessions=Sessions(auth, clock),
            cookie=SessionCookie(settings),
            webhook=WebhookDoor(notifications, settings.flovify_api_url, headers, clock),
        )
