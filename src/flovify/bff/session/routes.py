"""POST, GET and DELETE /bff/session."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from flovify import __version__
from flovify.bff.proxy.headers import caller_headers
from flovify.bff.session.cookies import SessionCookie
from flovify.bff.session.csrf import check_csrf
from flovify.bff.session.service import Access, Sessions
from flovify.bff.settings import BffSettings
from flovify.common.errors import InvalidRequest

PATH = "/bff/session"
MAX_BODY = 16 * 1024


class Credentials(msgspec.Struct, forbid_unknown_fields=True):
    email: str
    password: str


def session_routes(sessions: Sessions, cookie: SessionCookie, settings: BffSettings) -> list[Route]:
    """Signing in and out by cookie."""

    async def begin(request: Request) -> Response:
        """Sign in under a new session id; the one this browser had before is dead afterwards."""
        check_csrf(request)
        credentials = _credentials(await request.body())
        earlier = cookie.read(request)
        begun = await sessions.begin({**credentials, "device": cookie.read_device(request)}, caller_headers(request))
        if earlier:
            await sessions.replace(earlier)
        response = JSONResponse(_shown(begun.access, settings))
        cookie.put(response, begun.session_token)
        if begun.device_token:
            cookie.put_device(response, begun.device_token)
        return response

    async def show(request: Request) -> Response:
        check_csrf(request)
        access = await sessions.access(cookie.read(request), fresh=True)
        return JSONResponse(_shown(access, settings))

    async def end(request: Request) -> Response:
        """Sign out at auth first: while it cannot be told, the cookie stays and the answer is 503."""
        check_csrf(request)
        await sessions.end(cookie.read(request))
        response = Response(status_code=204)
        cookie.remove(response)
        return response

    endpoints = {"POST": begin, "GET": show, "DELETE": end}

    async def session(request: Request) -> Response:
        return await endpoints[request.method](request)

    route = Route(PATH, session, methods=list(endpoints))
    route.methods = set(endpoints)  # Starlette adds HEAD to GET
    return [route]


def _credentials(body: bytes) -> dict[str, Any]:
    try:
        return msgspec.structs.asdict(msgspec.json.decode(body, type=Credentials))
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        raise InvalidRequest('send {"email": "…", "password": "…"} as JSON, both as text') from None


def _shown(access: Access, settings: BffSettings) -> dict[str, Any]:
    """Who is signed in until when, and what the console must know of this installation."""
    return {
        "user": access.user,
        "expires_at": access.expires_at,
        "connecting": access.connecting,
        "version": __version__,
        "environment": settings.flovify_env,
        "sandbox": settings.sandbox,
        "https": settings.https,
    }
