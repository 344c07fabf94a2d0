"""Programs at the front door: what the console may ask of the api, by an API key instead of a session.

The key is passed on as it is, and the api judges it. No cookie is read, so no other site's page can use one; and
nothing but a key is let through, so that access tokens stay where they are.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flovify.bff.proxy.answers import PassedAnswer
from flovify.bff.proxy.api_ways import API_WAYS
from flovify.bff.proxy.headers import answer_headers, upstream_headers
from flovify.bff.proxy.routes import refuse_redirect, way_routes
from flovify.bff.proxy.table import paths
from flovify.bff.proxy.upstream import Upstream
from flovify.bff.proxy.way import Way, fill
from flovify.common import api_keys
from flovify.common.errors import Unauthorized
from flovify.common.jwt import bearer_token


def program_routes(api: Upstream) -> list[Route]:
    """The api's own paths, as its description names them."""

    async def make(way: Way, request: Request) -> Response:
        key = _key(request)
        body = await request.body() if way.method != "GET" else b""
        url = api.url(fill(way, request.path_params), request.scope["query_string"])
        response = await api.send(way.method, url, upstream_headers(request, key), body or None, seconds=way.seconds)
        refuse_redirect(way, response)
        return PassedAnswer(response, answer_headers(response, way.kind))

    answers = (way for way in API_WAYS if way.kind == "answer")
    return way_routes(paths(answers, lambda way: way.path), make)


def _key(request: Request) -> str:
    token = bearer_token(request)
    if not api_keys.is_well_formed(token):
        raise Unauthorized(
            "send an API key as `Authorization: Bearer flv_…`; an administrator makes one under Settings",
            code="api_key_invalid",
            headers={"WWW-Authenticate": "Bearer"},
        )
    return token
