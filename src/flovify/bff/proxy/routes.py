"""The routes through the front door: the console's calls, the OAuth flow, the webhook, health."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import aiohttp
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from yarl import URL

from flovify.bff.errors import NotSignedIn, UpstreamAway
from flovify.bff.proxy.bodies import read_body
from flovify.bff.proxy.headers import answer_headers, upstream_headers
from flovify.bff.proxy.table import TABLE, Way, fill
from flovify.bff.proxy.upstream import AWAY, Upstream
from flovify.bff.session.cookies import SessionCookie
from flovify.bff.session.csrf import check_csrf
from flovify.bff.session.service import Sessions
from flovify.common.errors import NotFound

MAX_BODY = 2**20
CHUNK = 64 * 1024
PROVIDERS = {"ms365"}
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Doors:
    """What the routes need."""

    upstreams: dict[str, Upstream]
    sessions: Sessions
    cookie: SessionCookie


def proxy_routes(doors: Doors) -> list[Route]:
    """Every way through; anything else is a 404."""
    calls = [Route(f"/bff{way.path}", _call(doors, way), methods=[way.method]) for way in TABLE]
    oauth = OAuthDoor(doors)
    return [
        Route("/bff/auth/health", _health(doors.upstreams["auth"], "/auth/health")),
        Route("/bff/api/health", _health(doors.upstreams["api"], "/api/health")),
        *calls,
        Route("/bff/auth/oauth/{provider}/authorize", oauth.authorize_url, methods=["GET"]),
        Route("/auth/oauth/{provider}/{step}", oauth.pass_on, methods=["GET"]),
        Route("/api/ms365/webhook", _webhook(doors.upstreams["api"]), methods=_ALL),
    ]


_ALL = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]


def _call(doors: Doors, way: Way) -> Endpoint:
    """One of the console's calls, as its session."""

    async def call(request: Request) -> Response:
        check_csrf(request)
        path = fill(way, request.path_params)
        token = "" if way.public else (await doors.sessions.access(doors.cookie.read(request))).token
        body = await read_body(request, MAX_BODY) if way.method not in {"GET", "DELETE"} else None
        upstream = doors.upstreams[way.service]
        url = upstream.url(path, request.scope["query_string"].decode("latin-1"))
        response = await upstream.send(way.method, url, upstream_headers(request, token), body or None)
        if response.status == 401 and not way.public:
            # The session may have ended at auth while its access token was still kept here.
            response.release()
            await doors.sessions.access(doors.cookie.read(request), fresh=True)
            raise NotSignedIn
        return _streamed(response)

    return call


class OAuthDoor:
    """The OAuth flow under the console's own host, so that one port is enough."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors
        self._auth = doors.upstreams["auth"]

    async def authorize_url(self, request: Request) -> Response:
        """Where to send the browser, as JSON; the flow's cookie comes with it."""
        check_csrf(request)
        token = (await self._doors.sessions.access(self._doors.cookie.read(request))).token
        headers = {**upstream_headers(request, token), "accept": "application/json"}
        response = await self._auth.send("GET", self._url(request, "authorize"), headers)
        return _streamed(response, cookies=True)

    async def pass_on(self, request: Request) -> Response:
        """Authorize with the session's access token (or the caller's own), callback with the flow's cookie only."""
        step = request.path_params["step"]
        if step not in {"authorize", "callback"}:
            raise NotFound("there is nothing here")
        headers = upstream_headers(request)
        if step == "authorize":
            headers["Authorization"] = await self._authorization(request)
        elif flow := request.cookies.get(self._doors.cookie.tx_name):
            headers["Cookie"] = f"{self._doors.cookie.tx_name}={flow}"
        response = await self._auth.send("GET", self._url(request, step), headers)
        return _streamed(response, cookies=True)

    async def _authorization(self, request: Request) -> str:
        own = request.headers.getlist("authorization")
        if len(own) == 1 and not self._doors.cookie.read(request):
            return own[0]
        return f"Bearer {(await self._doors.sessions.access(self._doors.cookie.read(request))).token}"

    def _url(self, request: Request, step: str) -> URL:
        provider = request.path_params["provider"]
        if provider not in PROVIDERS:
            raise NotFound("there is no such provider")
        return self._auth.url(f"/auth/oauth/{provider}/{step}", request.scope["query_string"].decode("latin-1"))


def _webhook(api: Upstream) -> Endpoint:
    """Microsoft's notifications, body and query byte for byte; the api judges them."""

    async def webhook(request: Request) -> Response:
        body = await read_body(request, MAX_BODY)
        headers = {name: request.headers[name] for name in ("content-type",) if name in request.headers}
        url = api.url("/api/ms365/webhook", request.scope["query_string"].decode("latin-1"))
        response = await api.send(request.method, url, {"Accept-Encoding": "identity", **headers}, body)
        try:
            content = await response.read()
        except AWAY:
            raise UpstreamAway(api.name) from None
        answer = Response(content, status_code=response.status)
        for name, value in answer_headers(response):
            answer.headers[name] = value
        return answer

    return webhook


def _health(upstream: Upstream, path: str) -> Endpoint:
    async def health(_request: Request) -> Response:
        status = await upstream.status(path)
        good = status == 200
        body = {"status": "ok" if good else "unavailable", "service": upstream.name}
        return JSONResponse(body, 200 if good else 503, headers={"Cache-Control": "no-store"})

    return health


def _streamed(response: aiohttp.ClientResponse, *, cookies: bool = False) -> Response:
    """The service's answer as it comes, with the headers that may pass."""

    async def chunks() -> AsyncIterator[bytes]:
        try:
            async for chunk in response.content.iter_chunked(CHUNK):
                yield chunk
        finally:
            response.release()

    answer = StreamingResponse(chunks(), status_code=response.status)
    answer.raw_headers = [
        (name.encode("latin-1"), value.encode("latin-1")) for name, value in answer_headers(response, cookies=cookies)
    ]
    return answer
