"""Changes come from our own pages only: SameSite=Strict, a header no form can send, and Fetch Metadata."""

from __future__ import annotations

from starlette.requests import Request

from flovify.bff.errors import CsrfRefused

HEADER = "x-flovify"
_SAFE_METHODS = {"GET", "HEAD"}


def check_csrf(request: Request) -> None:
    """Raises CsrfRefused for a request that changes something and may come from another site."""
    site = request.headers.get("sec-fetch-site")
    if request.method in _SAFE_METHODS:
        if site in {None, "same-origin", "none"}:
            return
        raise CsrfRefused
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    has_body = request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
    if (
        request.headers.getlist(HEADER) != ["1"]
        or site not in {None, "same-origin"}
        or (content_type != "application/json" if has_body else content_type not in {"", "application/json"})
    ):
        raise CsrfRefused
