"""One small page for the first steps: set-up, sign-in, connected accounts, latest messages."""

from __future__ import annotations

from importlib import resources

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flovify.bff.security_headers import PAGE_POLICY

PAGES = ("/", "/setup", "/admin/tenants")
_ASSETS = {
    "page.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}


def page_routes() -> list[Route]:
    """The page under its addresses, and its assets."""
    folder = resources.files("flovify.bff.pages")
    html = folder.joinpath("page.html").read_bytes()
    page_headers = {"Content-Security-Policy": PAGE_POLICY}

    async def page(_request: Request) -> Response:
        return Response(html, media_type="text/html; charset=utf-8", headers=page_headers)

    def asset(name: str, media_type: str) -> Route:
        content = folder.joinpath(name).read_bytes()

        async def serve(_request: Request) -> Response:
            return Response(content, media_type=media_type)

        return Route(f"/static/{name}", serve)

    return [*[Route(path, page) for path in PAGES], *[asset(*item) for item in _ASSETS.items()]]
