"""The console's calls: each from the table, to its one address at a service."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import aiohttp
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from flovify.bff.errors import BadAnswer
from flovify.bff.proxy.answers import PassedAnswer
from flovify.bff.proxy.headers import answer_headers, upstream_headers
from flovify.bff.proxy.streams import PassedStream
from flovify.bff.proxy.table import Way, fill, paths
from flovify.bff.proxy.upstream import Upstream
from flovify.bff.session.cookies import SessionCookie
from flovify.bff.session.csrf import check_csrf
from flovify.bff.session.service import Sessions
from flovify.common.errors import FlovifyError

MAX_BODY = 2**20
Endpoint = Callable[[Request], Awaitable[Response]]
MakeCall = Callable[[Way, Request], Awaitable[Response]]


def proxy_routes(calls: Calls) -> list[Route]:
    """Every way of the table, by path: a known path with another method is 405, anything else 404."""
    health = [Route(f"/bff/{name}/health", _health(upstream)) for name, upstream in calls.upstreams.items()]
    return [*health, *way_routes(paths(), calls.make)]


def way_routes(by_path: Mapping[str, Mapping[str, Way]], make: MakeCall) -> list[Route]:
    """A route for each pattern, with the methods that its ways have."""
    return [_route(path, ways, make) for path, ways in by_path.items()]


def _route(path: str, ways: Mapping[str, Way], make: MakeCall) -> Route:
    async def endpoint(request: Request) -> Response:
        return await make(ways[request.method], request)

    route = Route(path, endpoint, methods=list(ways))
    route.methods = set(ways)  # Starlette adds HEAD to GET, which the table does not have
    return route


def refuse_redirect(way: Way, response: aiohttp.ClientResponse) -> None:
    """Raises BadAnswer: redirects are not followed and not passed on."""
    if 300 <= response.status < 400 and response.status != 304:
        response.close()
        raise BadAnswer(way.service)


class Calls:
    """Makes the calls of the console's sessions."""

    def __init__(
        self,
        upstreams: Mapping[str, Upstream],
        streaming: Upstream,
        sessions: Sessions,
        cookie: SessionCookie,
        stopping: asyncio.Event,
    ) -> None:
        """`streaming` is the api over connections of its own; open streams end when `stopping` is set."""
        self.upstreams = upstreams
        self._streaming = streaming
        self._sessions = sessions
        self._cookie = cookie
        self._stopping = stopping

    async def make(self, way: Way, request: Request) -> Response:
        """The service's answer; redirects are not followed and not passed on."""
        check_csrf(request)
        path = fill(way, request.path_params)
        body = await request.body() if way.method != "GET" else b""
        response = await (self._as_anybody if way.public else self._as_session)(way, path, request, body)
        refuse_redirect(way, response)
        headers = answer_headers(response, way.kind)
        if way.kind == "stream" and response.status == 200:
            return PassedStream(response, headers, self._stopping)
        return PassedAnswer(response, headers)

    async def _as_anybody(self, way: Way, path: str, request: Request, body: bytes) -> aiohttp.ClientResponse:
        return await self._send(way, path, request, body, "")

    async def _as_session(self, way: Way, path: str, request: Request, body: bytes) -> aiohttp.ClientResponse:
        """As the session's user; an access token that is refused though it was kept here is replaced once."""
        session_token = self._cookie.read(request)
        token = (await self._sessions.access(session_token)).token
        response = await self._send(way, path, request, body, token)
        if response.status != 401:
            return response
        response.close()
        token = (await self._sessions.access(session_token, fresh=True)).token
        return await self._send(way, path, request, body, token)

    async def _send(self, way: Way, path: str, request: Request, body: bytes, token: str) -> aiohttp.ClientResponse:
        upstream = self._streaming if way.kind == "stream" else self.upstreams[way.service]
        url = upstream.url(path, request.scope["query_string"])
        headers = upstream_headers(request, token)
        return await upstream.send(way.method, url, headers, body or None, seconds=way.seconds)


def _health(upstream: Upstream) -> Endpoint:
    async def health(_request: Request) -> Response:
        try:
            await upstream.check(f"/{upstream.name}/health")
        except FlovifyError:
            return JSONResponse({"status": "unavailable", "service": upstream.name}, 503)
        return JSONResponse({"status": "ok", "service": upstream.name})

    return health
