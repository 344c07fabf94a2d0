"""Entra ID v2.0 under its own paths."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from flovify.sandbox.entra import tokens
from flovify.sandbox.entra.authorize import Authorize
from flovify.sandbox.entra.errors import EntraError, invalid_request
from flovify.sandbox.world import World

NO_STORE = {"Cache-Control": "no-store, no-cache", "Pragma": "no-cache"}
SHARED = ("common", "organizations", "consumers")


def entra_routes(world: World) -> list[Route]:
    """authorize, token, logout, the discovery documents and the keys."""
    authorize = Authorize(world)

    async def token(request: Request) -> Response:
        authority = request.path_params["authority"]
        try:
            _check_authority(world, authority)
            form = {name: str(value) for name, value in (await request.form()).items()}
            answer = tokens.answer(world, authority, origin_of(request), form, request.headers)
        except EntraError as error:
            return JSONResponse(error.body(world.clock.now()), status_code=error.status, headers=NO_STORE)
        return JSONResponse(answer, headers=NO_STORE)

    async def configuration(request: Request) -> Response:
        authority = request.path_params["authority"]
        try:
            _check_authority(world, authority)
        except EntraError as error:
            return JSONResponse(error.body(world.clock.now()), status_code=error.status)
        return JSONResponse(_configuration(world, origin_of(request), authority))

    async def keys(request: Request) -> Response:
        issuer = f"{origin_of(request)}/{{tenantid}}/v2.0"
        return JSONResponse({"keys": [world.key.published(issuer)]})

    async def logout(request: Request) -> Response:
        target = request.query_params.get("post_logout_redirect_uri", "")
        known = any(target in app.redirect_uris for app in world.directory.apps())
        if target and known:
            return RedirectResponse(target, 302)
        return HTMLResponse("<!doctype html><title>Signed out</title><p>You are signed out of the sandbox.</p>")

    async def instances(request: Request) -> Response:
        return JSONResponse(_instances(origin_of(request), request.query_params.get("authorization_endpoint", "")))

    prefix = "/{authority}"
    return [
        Route("/common/discovery/instance", instances),
        Route(f"{prefix}/oauth2/v2.0/authorize", authorize.get, methods=["GET"]),
        Route(f"{prefix}/oauth2/v2.0/authorize", authorize.post, methods=["POST"]),
        Route(f"{prefix}/oauth2/v2.0/token", token, methods=["POST"]),
        Route(f"{prefix}/oauth2/v2.0/logout", logout),
        Route(f"{prefix}/v2.0/.well-known/openid-configuration", configuration),
        Route(f"{prefix}/discovery/v2.0/keys", keys),
    ]


def origin_of(request: Request) -> str:
    """Scheme and host as the client sees them; under Microsoft's names that is Microsoft's origin."""
    return f"{request.url.scheme}://{request.headers.get('host', request.url.netloc)}".removesuffix(":443")


def _check_authority(world: World, authority: str) -> None:
    if authority not in SHARED and world.directory.organization(authority) is None:
        raise invalid_request(90002, f"Tenant '{authority}' not found. Check that you have the correct tenant ID.")


def _configuration(world: World, origin: str, authority: str) -> dict[str, Any]:
    """The discovery document; for `common` and `organizations` the issuer is a template (v2-protocols-oidc)."""
    tenant = "{tenantid}" if authority in SHARED else world.directory.organization(authority)
    base = f"{origin}/{authority}"
    graph = "graph.microsoft.com"
    return {
        "token_endpoint": f"{base}/oauth2/v2.0/token",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
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
        "msgraph_host": graph,
    }


def _instances(origin: str, asked: str) -> dict[str, Any]:
    """Which login hosts belong together; MSAL asks before it trusts one."""
    authority = asked.split("/")[3] if asked.count("/") >= 3 else "common"
    return {
        "tenant_discovery_endpoint": f"{origin}/{authority}/v2.0/.well-known/openid-configuration",
        "api-version": "1.1",
        "metadata": [
            {
                "preferred_network": "login.microsoftonline.com",
                "preferred_cache": "login.windows.net",
                "aliases": ["login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"],
            }
        ],
    }
