"""Entra ID v2.0 under its own paths."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from flovify.common.clouds import Cloud
from flovify.sandbox.directory.models import PERSONAL_TENANT
from flovify.sandbox.entra import tokens
from flovify.sandbox.entra.admin_consent import AdminConsent
from flovify.sandbox.entra.authorize import Authorize
from flovify.sandbox.entra.checks import CONSUMERS, SHARED, check_authority, read_authority
from flovify.sandbox.entra.errors import EntraError, invalid_request
from flovify.sandbox.entra.forms import read_form
from flovify.sandbox.world import World

NO_STORE = {"Cache-Control": "no-store, no-cache", "Pragma": "no-cache"}
MICROSOFT_NAMES = ("login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net")


def entra_routes(world: World) -> list[Route]:
    """authorize, admin consent, token, logout, the discovery documents and the keys."""
    authorize, admin = Authorize(world), AdminConsent(world)

    def refused(request: Request, error: EntraError) -> Response:
        body = error.body(world.clock.now(), _correlation_id(request))
        return JSONResponse(body, status_code=error.status, headers=NO_STORE)

    async def token(request: Request) -> Response:
        try:
            if request.method != "POST":
                raise invalid_request(
                    900561, f"The endpoint only accepts POST requests. Received a {request.method} request."
                )
            form = await read_form(request)
            answer = tokens.answer(world, authority_of(request), origin_of(request), form, request.headers)
        except EntraError as error:
            return refused(request, error)
        return JSONResponse(answer, headers=NO_STORE)

    async def configuration(request: Request) -> Response:
        authority = authority_of(request)
        try:
            check_authority(world.directory, authority)
        except EntraError as error:
            return refused(request, error)
        tenant_id = world.directory.organization(authority)
        return JSONResponse(_configuration(origin_of(request), authority, tenant_id, world.cloud))

    async def keys(request: Request) -> Response:
        issuer = f"{origin_of(request)}/{{tenantid}}/v2.0"
        return JSONResponse({"keys": [world.key.published(issuer)]})

    async def logout(request: Request) -> Response:
        target = request.query_params.get("post_logout_redirect_uri", "")
        known = any(target in app.redirect_uris for app in world.directory.registrations.all())
        if target and known:
            return RedirectResponse(target, 302)
        return HTMLResponse("<!doctype html><title>Signed out</title><p>You are signed out of the sandbox.</p>")

    async def instances(request: Request) -> Response:
        try:
            return JSONResponse(_instances(request))
        except EntraError as error:
            return refused(request, error)

    prefix = "/{authority}"
    return [
        Route(f"{prefix}/discovery/instance", instances),
        Route(f"{prefix}/oauth2/v2.0/authorize", authorize.get, methods=["GET"]),
        Route(f"{prefix}/oauth2/v2.0/authorize", authorize.post, methods=["POST"]),
        Route(f"{prefix}/oauth2/v2.0/token", token, methods=["GET", "POST"]),
        Route(f"{prefix}/oauth2/v2.0/logout", logout),
        Route(f"{prefix}/adminconsent", admin.get, methods=["GET"]),
        Route(f"{prefix}/adminconsent", admin.post, methods=["POST"]),
        Route(f"{prefix}/v2.0/adminconsent", admin.get, methods=["GET"]),
        Route(f"{prefix}/v2.0/adminconsent", admin.post, methods=["POST"]),
        Route(f"{prefix}/v2.0/.well-known/openid-configuration", configuration),
        Route(f"{prefix}/discovery/v2.0/keys", keys),
    ]


def origin_of(request: Request) -> str:
    """Scheme and host as the client sees them, with the cloud's prefix; under Microsoft's names Microsoft's origin."""
    origin = f"{request.url.scheme}://{request.headers.get('host', request.url.netloc)}".removesuffix(":443")
    return origin + str(request.scope.get("root_path", ""))


def authority_of(request: Request) -> str:
    """The first segment of the path: common, organizations, consumers, a tenant id or a domain."""
    return read_authority(str(request.path_params["authority"]))


def _correlation_id(request: Request) -> str:
    """The caller's own id for this request, if it is one; Entra repeats it in its errors."""
    try:
        return str(uuid.UUID(request.headers.get("client-request-id", "")))
    except ValueError:
        return ""


def _configuration(origin: str, authority: str, tenant_id: str | None, cloud: Cloud) -> dict[str, Any]:
    """The discovery document (v2-protocols-oidc).

    For `common` and `organizations` the issuer is a template; a domain's document names its tenant by id.
    """
    tenant = "{tenantid}" if authority in SHARED else PERSONAL_TENANT if authority == CONSUMERS else tenant_id
    base = f"{origin}/{tenant_id or authority}"
    return {
        "token_endpoint": f"{base}/oauth2/v2.0/token",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": f"{base}/discovery/v2.0/keys",
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": f"{origin}/{tenant}/v2.0",
        "request_uri_parameter_supported": False,
        "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
        "end_session_endpoint": f"{base}/oauth2/v2.0/logout",
        "claims_supported": [
            "sub",
            "iss",
            "aud",
            "exp",
            "iat",
            "nonce",
            "preferred_username",
            "name",
            "tid",
            "ver",
            "email",
        ],
        "tenant_region_scope": None,
        "cloud_instance_name": origin.partition("://")[2],
        "cloud_graph_host_name": "graph.windows.net",
        "msgraph_host": cloud.graph_host,
    }


def _instances(request: Request) -> dict[str, Any]:
    """Which login hosts belong together; MSAL asks before it trusts one. Raises EntraError for a foreign host."""
    asked = urlsplit(request.query_params.get("authorization_endpoint", ""))
    own = urlsplit(origin_of(request)).netloc
    if asked.netloc.lower() not in (*MICROSOFT_NAMES, own):
        raise EntraError("invalid_instance", 50049, "Unknown or invalid instance.")
    authority = asked.path.strip("/").partition("/")[0] or "common"
    return {
        "tenant_discovery_endpoint": f"{origin_of(request)}/{authority}/v2.0/.well-known/openid-configuration",
        "api-version": "1.1",
        "metadata": [
            {
                "preferred_network": "login.microsoftonline.com",
                "preferred_cache": "login.windows.net",
                "aliases": list(MICROSOFT_NAMES),
            }
        ],
    }
