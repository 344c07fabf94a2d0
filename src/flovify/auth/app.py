"""auth's two applications: what browsers and programs may reach, and what only the other services may."""

from __future__ import annotations

from fastapi import FastAPI

from flovify import __version__
from flovify.auth.api_keys import routes as api_key_routes
from flovify.auth.apps import routes as app_routes
from flovify.auth.connecting import link_pages, word_routes
from flovify.auth.connecting import routes as oauth_routes
from flovify.auth.connecting.answers import Answers
from flovify.auth.deps import AuthDeps
from flovify.auth.links import routes as link_routes
from flovify.auth.organizations import routes as organization_routes
from flovify.auth.people import routes as people_routes
from flovify.auth.readings import internal_routes as reading_routes
from flovify.auth.sessions import internal_routes as revocation_routes
from flovify.auth.sessions import routes as session_routes
from flovify.auth.system import routes as system_routes
from flovify.auth.tenants import internal_routes as known_tenant_routes
from flovify.auth.tenants import routes as tenant_routes
from flovify.auth.tokens import internal_routes as token_routes
from flovify.auth.users import routes as user_routes
from flovify.auth.users.live_role import RequireLiveRole
from flovify.common.audit.routes import create_router as audit_router
from flovify.common.caller import CallerAddresses, CallerMiddleware
from flovify.common.health import health_routes
from flovify.common.metrics import metrics_route
from flovify.common.operation_ids import operation_id
from flovify.common.problem_model import PROBLEM_RESPONSES
from flovify.common.problems import install_problem_handlers
from flovify.common.roles import ROLES
from flovify.common.setting_types import words


def create_app(deps: AuthDeps) -> FastAPI:
    """Sign-in, OAuth and connected accounts. No internal route, no metrics."""
    app = FastAPI(
        title="Flovify auth",
        version=__version__,
        summary="Signing in, users, connecting accounts and their tokens.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/auth/openapi.json",
        responses=PROBLEM_RESPONSES,
        generate_unique_id_function=operation_id,
        separate_input_output_schemas=False,
    )
    viewer, operator, administrator = (
        RequireLiveRole(deps.verifier, deps.live_user, deps.audit.note_denied, role) for role in ROLES
    )
    app.include_router(user_routes.router(deps.users, deps.signer, viewer, connecting=deps.settings.connecting))
    app.include_router(people_routes.router(deps.people, viewer, administrator))
    app.include_router(session_routes.router(deps.sessions, deps.audit, viewer))
    answers = Answers(deps.settings.public_url, stand_in=deps.settings.stand_in)
    app.include_router(oauth_routes.router(deps.oauth, deps.consent, administrator, answers))
    app.include_router(link_pages.router(deps.links, deps.oauth, deps.consent, answers))
    app.include_router(link_routes.router(deps.links, deps.apps, deps.tenants, administrator))
    app.include_router(organization_routes.router(deps.organizations, deps.apps, viewer, administrator))
    app.include_router(word_routes.router(viewer))
    app.include_router(app_routes.router(deps.apps, deps.clock, administrator))
    app.include_router(tenant_routes.router(deps.tenants, deps.tokens, viewer, administrator))
    app.include_router(audit_router("auth", deps.audit, deps.audit.note_export, administrator))
    app.include_router(system_routes.router(deps.system, operator))
    app.include_router(api_key_routes.router(deps.api_keys, administrator))
    _finish(app, deps)
    return app


def create_internal_app(deps: AuthDeps) -> FastAPI:
    """Tokens for the other services, the public keys and the metrics."""
    app = FastAPI(title="Flovify auth, internal", version=__version__, docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(token_routes.router(deps.tokens, deps.audit, deps.guard))
    app.include_router(known_tenant_routes.router(deps.tenants, deps.blocked, deps.apps, deps.guard))
    app.include_router(revocation_routes.router(deps.sessions, deps.guard))
    app.include_router(api_key_routes.internal_router(deps.api_keys, deps.guard))
    app.include_router(reading_routes.router(deps.readings, deps.guard))
    app.include_router(user_routes.jwks_router(deps.signer), prefix="/auth")
    app.router.routes.insert(0, metrics_route(deps.readings.families))
    _finish(app, deps)
    return app


def _finish(app: FastAPI, deps: AuthDeps) -> None:
    app.add_middleware(CallerMiddleware, addresses=CallerAddresses(words(deps.settings.front_door_secret)))
    # First: they are asked all the time, and FastAPI makes each router's routes ready when a request passes by it.
    app.router.routes[:0] = health_routes("/auth", {"database": deps.check_database})
    install_problem_handlers(app)
