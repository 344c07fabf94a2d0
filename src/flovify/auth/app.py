"""auth's two applications: what browsers and programs may reach, and what only the other services may."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.routing import Route

from flovify import __version__
from flovify.auth.apps import routes as app_routes
from flovify.auth.connecting import link_pages, word_routes
from flovify.auth.connecting import routes as oauth_routes
from flovify.auth.connecting.answers import Answers
from flovify.auth.deps import AuthDeps
from flovify.auth.links import routes as link_routes
from flovify.auth.organizations import routes as organization_routes
from flovify.auth.tenants import routes as tenant_routes
from flovify.auth.tokens import internal_routes as token_routes
from flovify.auth.users import routes as user_routes
from flovify.auth.users.live_role import RequireLiveRole
from flovify.common.bodies import BodyLimit
from flovify.common.errors import install_problem_handlers
from flovify.common.health import health_routes
from flovify.common.metrics import metrics_endpoint

MAX_BODY_BYTES = 64 * 1024  # no request to auth has a long body


def create_app(deps: AuthDeps) -> FastAPI:
    """Sign-in, OAuth and connected accounts. No internal route, no metrics."""
    app = FastAPI(
        title="Flovify auth", version=__version__, docs_url=None, redoc_url=None, openapi_url="/auth/openapi.json"
    )
    viewer = RequireLiveRole(deps.verifier, deps.live_user, "viewer")
    administrator = RequireLiveRole(deps.verifier, deps.live_user, "administrator")
    app.include_router(user_routes.router(deps.users, deps.signer, viewer))
    answers = Answers(deps.settings.public_url, stand_in=deps.settings.stand_in)
    app.include_router(oauth_routes.router(deps.oauth, deps.consent, administrator, answers))
    app.include_router(link_pages.router(deps.links, deps.oauth, deps.consent, answers))
    app.include_router(link_routes.router(deps.links, deps.apps, deps.tenants, administrator))
    app.include_router(organization_routes.router(deps.organizations, deps.apps, viewer, administrator))
    app.include_router(word_routes.router(viewer))
    app.include_router(app_routes.router(deps.apps, deps.clock, administrator))
    app.include_router(tenant_routes.router(deps.tenants, deps.tokens, viewer, administrator))
    _finish(app, deps)
    return app


def create_internal_app(deps: AuthDeps) -> FastAPI:
    """Tokens for the other services, the public keys and the metrics."""
    app = FastAPI(title="Flovify auth, internal", version=__version__, docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(token_routes.router(deps.tokens, deps.audit, deps.guard))
    app.include_router(tenant_routes.internal_router(deps.tenants, deps.guard))
    app.include_router(user_routes.jwks_router(deps.signer), prefix="/auth")
    app.router.routes.append(Route("/metrics", metrics_endpoint))
    _finish(app, deps)
    return app


def _finish(app: FastAPI, deps: AuthDeps) -> None:
    app.add_middleware(BodyLimit, max_bytes=MAX_BODY_BYTES)
    app.router.routes.extend(health_routes("/auth", {"database": deps.check_database}))
    install_problem_handlers(app)
