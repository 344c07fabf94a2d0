"""The front door as one application."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.types import ASGIApp

from flovify.bff.deps import BffDeps
from flovify.bff.guards import Guards
from flovify.bff.proxy.oauth import oauth_routes
from flovify.bff.proxy.programs import program_routes
from flovify.bff.proxy.routes import proxy_routes
from flovify.bff.session.routes import session_routes
from flovify.bff.ui.build import Build
from flovify.bff.ui.routes import console_routes, not_found
from flovify.common.health import health_routes
from flovify.common.metrics import metrics_route
from flovify.common.problems import install_problem_handlers


def create_app(deps: BffDeps, build: Build) -> ASGIApp:
    """Session, proxy, OAuth and webhook pass-through, console and health; guards around all of it."""
    checks = {"auth": lambda: deps.auth.check("/auth/health"), "api": lambda: deps.api.check("/api/health")}
    app = Starlette(
        routes=[
            *session_routes(deps.sessions, deps.cookie, deps.settings),
            *proxy_routes(deps.calls),
            *program_routes(deps.api),
            *oauth_routes(deps.auth, deps.sessions, deps.cookie),
            *health_routes("/bff", checks),
            *console_routes(build),
        ]
    )
    app.router.redirect_slashes = False
    app.router.default = not_found(build)
    install_problem_handlers(app)
    return Guards(app, deps.webhook, deps.settings)


def create_internal_app() -> Starlette:
    """`/metrics` and `/bff/health`, for scrapers."""
    app = Starlette(routes=[*health_routes("/bff", {}), metrics_route()])
    install_problem_handlers(app)
    return app
