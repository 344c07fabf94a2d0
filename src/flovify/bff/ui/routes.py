"""The console: one page under all its addresses, and the files it loads."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from flovify.bff.ui.build import Build, BuiltFile
from flovify.bff.ui.policy import new_nonce, page_policy
from flovify.common.errors import NotFound

PAGES = (
    "/",
    "/setup",
    "/sign-in",
    "/invitation",
    "/admin/tenants",
    "/admin/tenants/{id}",
    "/admin/tenants/{id}/{tab}",
    "/subscriptions",
    "/subscriptions/{id}",
    "/messages",
    "/messages/{id}",
    "/events",
    "/dead-letters",
    "/dead-letters/replays/{id}",
    "/audit",
    "/settings",
    "/settings/{section}",
    "/sandbox",
)
HASHED = "/assets/"
_SERVICES = ("/bff", "/auth", "/api", "/assets")
_FOR_EVER = "public, max-age=31536000, immutable"
_A_WHILE = "public, max-age=3600"
_NOT_BUILT = (
    b"<!doctype html><html lang=en><meta charset=utf-8><title>Flovify</title>"
    b"<h1>The console is not built yet</h1><p>Stop Flovify and start it with <code>make up</code>, which builds it. "
    b"Webhooks, the worker and the API work without it."
)


def console_routes(build: Build) -> list[Route]:
    """The page and the files of this build."""

    async def page(_request: Request) -> Response:
        return _page(build)

    async def file(request: Request) -> Response:
        found = build.files.get(request.scope["path"])
        if found is None:
            raise NotFound("there is no such file in this version of the console; load the page again")
        return _file(found, request)

    top = [path for path in build.files if not path.startswith(HASHED)]
    return [*[Route(path, page) for path in PAGES], *[Route(path, file) for path in (f"{HASHED}{{name:path}}", *top)]]


def not_found(build: Build) -> ASGIApp:
    """For what has no route: a person who mistyped an address gets the console, which says so; a program a problem."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_navigation(scope):
            raise NotFound("there is nothing at this address")
        await _page(build, 404)(scope, receive, send)

    return answer


def _page(build: Build, status: int = 200) -> Response:
    if not build.page:
        return Response(_NOT_BUILT, 503, media_type="text/html; charset=utf-8")
    nonce = new_nonce()
    headers = {"Content-Security-Policy": page_policy(nonce)}
    return Response(build.page_with(nonce), status, media_type="text/html; charset=utf-8", headers=headers)


def _file(file: BuiltFile, request: Request) -> Response:
    encoding, content = file.best(request.headers.get("accept-encoding", ""))
    # The name of a file below assets holds a hash of what is in it.
    keep = _FOR_EVER if request.scope["path"].startswith(HASHED) else _A_WHILE
    headers = {"Cache-Control": keep, "Vary": "Accept-Encoding", **({"Content-Encoding": encoding} if encoding else {})}
    return Response(content, media_type=file.media_type, headers=headers)


def _is_navigation(scope: Any) -> bool:
    request = Request(scope)
    wants_page = request.method in ("GET", "HEAD") and "text/html" in request.headers.get("accept", "")
    return wants_page and not f"{request.url.path}/".startswith(tuple(f"{name}/" for name in _SERVICES))
