"""The front door as one application."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.types import ASGIApp

from flovify.bff.deps import BffDeps
from flovify.bff.guards import Guards
from flovify.bff.pages.routes import page_routes
from flovify.bff.proxy.oauth import oauth_routes
from flovify.bff.proxy.routes import proxy_routes
from flovify.bff.session.routes import session_routes
from flovify.common.errors import install_problem_handlers
from flovify.common.health import health_routes


def create_app(deps: BffDeps) -> ASGIApp:
    """Session, proxy, OAuth and webhook pass-through, page and health; guards around all of it."""
    upstreams = {"auth": deps.auth, "api": deps.api}
    checks = {"auth": lambda: deps.auth.check("/auth/health"), "api": lambda: deps.api.check("/api/health")}
    app = Starlette(
        routes=[
            *session_routes(deps.sessions, deps.cookie),
            *proxy_routes(upstreams, deps.sessions, deps.cookie),
            *oauth_routes(deps.auth, deps.sessions, deps.cookie),
            *health_routes("/bff", checks),
            *page_routes(),
        ]
    )
    app.router.redirect_slashes = False
    install_problem_handlers(app)
    return Guards(app, deps.webhook, deps.settings)
