"""The front door as one application."""

from __future__ import annotations

from typing import Any

import aiohttp
from starlette.applications import Starlette

from flovify.bff.guards import Guards
from flovify.bff.pages.routes import page_routes
from flovify.bff.proxy.routes import Doors, proxy_routes
from flovify.bff.proxy.upstream import Upstream
from flovify.bff.session.cookies import SessionCookie
from flovify.bff.session.routes import session_routes
from flovify.bff.session.service import Sessions
from flovify.bff.settings import BffSettings
from flovify.common.clock import SystemClock
from flovify.common.errors import install_problem_handlers
from flovify.common.health import health_routes


def create_app(settings: BffSettings, session: aiohttp.ClientSession) -> Any:
    """Session, proxy, OAuth pass-through, webhook pass-through, page and health; guards around all of it."""
    auth = Upstream(session, "auth", settings.flovify_auth_url)
    api = Upstream(session, "api", settings.flovify_api_url)
    sessions, cookie = Sessions(auth, SystemClock()), SessionCookie(settings)

    async def auth_answers() -> None:
        await auth.status("/auth/health")

    async def api_answers() -> None:
        await api.status("/api/health")

    app = Starlette(
        routes=[
            *proxy_routes(Doors({"auth": auth, "api": api}, sessions, cookie)),
            *session_routes(sessions, cookie),
            *health_routes("/bff", {"auth": auth_answers, "api": api_answers}),
            *page_routes(),
        ]
    )
    app.router.redirect_slashes = False
    install_problem_handlers(app)
    return Guards(app, settings)
