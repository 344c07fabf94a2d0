"""The internal application: for services and scrapers only, on a listener of its own that no proxy reaches."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Mount

from flovify import __version__
from flovify.api.accounts.internal_routes import create_router as live_router
from flovify.api.connection_checks.routes import create_internal_router
from flovify.api.deps import Deps
from flovify.api.subscriptions.internal_routes import create_router as subscription_router
from flovify.api.tenants.internal_routes import create_router as tenant_router
from flovify.common.health import health_routes
from flovify.common.metrics import metrics_route
from flovify.common.problems import install_problem_handlers


def create_internal_app(deps: Deps) -> Starlette:
    """`/api/internal/*` behind X-Service-Token, `/metrics`, health and readiness."""
    inner = FastAPI(title="Flovify API, internal", version=__version__, openapi_url=None, docs_url=None, redoc_url=None)
    inner.include_router(subscription_router(deps.subscriptions, deps.views, deps.service_guard))
    inner.include_router(tenant_router(deps.tenants, deps.console.removal, deps.service_guard))
    inner.include_router(live_router(deps.directory, deps.console.live.announce, deps.service_guard))
    inner.include_router(create_internal_router(deps.checks, deps.service_guard))
    install_problem_handlers(inner)
    app = Starlette(
        routes=[
            *health_routes("/api", deps.ready_checks, service="api"),
            metrics_route(),
            Mount("/", inner),
        ]
    )
    install_problem_handlers(app)
    return app
