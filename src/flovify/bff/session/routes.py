"""POST, GET and DELETE /bff/session."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from flovify.bff.proxy.bodies import read_body
from flovify.bff.session.cookies import SessionCookie
from flovify.bff.session.csrf import check_csrf
from flovify.bff.session.service import Access, Sessions
from flovify.common.errors import InvalidRequest

MAX_BODY = 16 * 1024
NO_STORE = {"Cache-Control": "no-store"}


def session_routes(sessions: Sessions, cookie: SessionCookie) -> list[Route]:
    """Signing in and out by cookie."""

    async def begin(request: Request) -> Response:
        check_csrf(request)
        credentials = _credentials(await read_body(request, MAX_BODY))
        earlier = cookie.read(request)
        session_token, access = await sessions.begin(credentials)
        if earlier:
            await sessions.end(earlier)
        response = JSONResponse(_shown(access), headers=NO_STORE)
        cookie.put(response, session_token)
        return response

    async def show(request: Request) -> Response:
        check_csrf(request)
        access = await sessions.access(cookie.read(request), fresh=True)
        return JSONResponse(_shown(access), headers=NO_STORE)

    async def end(request: Request) -> Response:
        check_csrf(request)
        await sessions.end(cookie.read(request))
        response = Response(status_code=204, headers=NO_STORE)
        cookie.remove(response)
        return response

    return [
        Route("/bff/session", begin, methods=["POST"]),
        Route("/bff/session", show, methods=["GET"]),
        Route("/bff/session", end, methods=["DELETE"]),
    ]


def _credentials(body: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError):
        raise InvalidRequest("send JSON with email and password") from None
    return {name: found[name] for name in ("email", "password") if name in found}


def _shown(access: Access) -> dict[str, Any]:
    return {"user": access.user, "expires_at": access.expires_at}
