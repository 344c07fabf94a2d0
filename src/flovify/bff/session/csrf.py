"""Calls come from our own pages or from programs, never from another site's page in somebody's browser.

Three independent locks: the cookie is SameSite=Strict, changes need a header no form can send, and Fetch Metadata
(W3C, `Sec-Fetch-Site`) and Origin must not speak against it.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request

from flovify.bff.errors import CsrfRefused

HEADER = "x-flovify"
_SAFE_METHODS = {"GET", "HEAD"}


def check_csrf(request: Request) -> None:
    """Raises CsrfRefused for a request that may have been made by another site."""
    safe = request.method in _SAFE_METHODS
    site = request.headers.get("sec-fetch-site", "same-origin")
    if site != "same-origin" and not (safe and site == "none"):
        raise CsrfRefused("the browser says that another site made this request")
    origin = request.headers.get("origin")
    # The scheme is left out: behind a proxy that ends TLS it is not known here.
    if origin is not None and urlsplit(origin).netloc.lower() != request.headers["host"].lower():
        raise CsrfRefused("the Origin header names another site")
    if not safe:
        _check_change(request)


def _check_change(request: Request) -> None:
    if request.headers.get(HEADER) != "1":
        raise CsrfRefused("the header X-Flovify is missing")
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    has_body = request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
    if has_body and media_type != "application/json":
        raise CsrfRefused("the body is not of type application/json")
