"""The public application: the webhook as a bare route, everything else with OpenAPI descriptions."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, FastAPI
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount

from flovify import __version__
from flovify.api.connection_checks.routes import create_router as connection_check_router
from flovify.api.dead_letters.routes import create_router as dead_letter_router
from flovify.api.deps import Deps
from flovify.api.events.routes import create_router as event_router
from flovify.api.messages.routes import create_router as message_router
from flovify.api.subscriptions.routes import create_router as subscription_router
from flovify.common.errors import install_problem_handlers
from flovify.common.health import health_routes


def create_app(deps: Deps, intake_routes: Sequence[BaseRoute]) -> Starlette:
    """The public listener. The webhook stands first and outside FastAPI: it is the one route that must stay fast."""
    routes = [
        *intake_routes,
        *health_routes("/api", {"database": deps.database_ready}, service="api"),
        Mount("/", admin_app(deps)),
    ]
    app = Starlette(routes=routes)
    install_problem_handlers(app)
    return app


def admin_app(deps: Deps) -> FastAPI:
    """The routes for people and programs that carry a user's access token."""
    app = FastAPI(
        title="Flovify API",
        version=__version__,
        summary="Subscriptions, messages, events and dead letters of connected mailboxes.",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    for router in _routers(deps):
        app.include_router(router)
    install_problem_handlers(app)
    return app


def _routers(deps: Deps) -> Sequence[APIRouter]:
    return (
        subscription_router(
            deps.subscriptions, viewer=deps.viewer, operator=deps.operator, administrator=deps.administrator
        ),
        message_router(deps.messages, deps.viewer),
        connection_check_router(deps.checks, deps.operator),
        event_router(deps),
        dead_letter_router(deps),
    )
