"""The public application: the webhook as a bare route, everything else with OpenAPI descriptions."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, FastAPI
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount

from flovify import __version__
from flovify.api.accounts.routes import create_router as account_router
from flovify.api.connection_checks.routes import create_router as connection_check_router
from flovify.api.console_routes import console_routers
from flovify.api.coverage.routes import create_router as coverage_router
from flovify.api.deps import Deps
from flovify.api.events.routes import create_router as event_router
from flovify.api.messages.routes import create_router as message_router
from flovify.api.overview.routes import create_router as overview_router
from flovify.api.sandbox_panel.routes import create_router as sandbox_router
from flovify.api.subscriptions.routes import create_router as subscription_router
from flovify.api.system.routes import create_router as system_router
from flovify.common.audit.routes import create_router as audit_router
from flovify.common.caller import CallerAddresses, CallerMiddleware
from flovify.common.health import health_routes
from flovify.common.operation_ids import operation_id
from flovify.common.problem_model import PROBLEM_RESPONSES
from flovify.common.problems import install_problem_handlers
from flovify.common.setting_types import words


def create_app(deps: Deps, intake_routes: Sequence[BaseRoute]) -> Starlette:
    """The public listener. The webhook stands first and outside FastAPI: it is the one route that must stay fast."""
    routes = [
        *intake_routes,
        *health_routes("/api", deps.ready_checks, service="api"),
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
        responses=PROBLEM_RESPONSES,
        generate_unique_id_function=operation_id,
        separate_input_output_schemas=False,
    )
    app.add_middleware(CallerMiddleware, addresses=CallerAddresses(words(deps.settings.front_door_secret)))
    for router in _routers(deps):
        app.include_router(router)
    install_problem_handlers(app)
    return app


def _routers(deps: Deps) -> Sequence[APIRouter]:
    return (
        account_router(deps.accounts, deps.audit, deps.viewer),
        overview_router(deps.overview, deps.viewer),
        subscription_router(
            deps.actions,
            deps.views,
            deps.audit,
            viewer=deps.viewer,
            operator=deps.operator,
            administrator=deps.administrator,
        ),
        message_router(deps.messages, deps.audit, deps.viewer),
        connection_check_router(deps.checks, deps.operator),
        event_router(deps),
        coverage_router(deps.coverage, deps.viewer),
        *console_routers(deps.console, viewer=deps.viewer, operator=deps.operator, administrator=deps.administrator),
        audit_router("api", deps.audit, deps.audit.note_export, deps.administrator),
        system_router(deps.system, deps.audit, deps.operator),
        sandbox_router(deps.sandbox, deps.audit, viewer=deps.viewer, operator=deps.operator),
    )
