"""Reading what a client sent: query strings and form bodies, each parameter at most once."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.requests import Request

from flovify.sandbox.entra.errors import invalid_request

MAX_FORM_BYTES = 1024 * 1024
_FORM = "application/x-www-form-urlencoded"


def read_query(request: Request) -> dict[str, str]:
    """The query string. Raises EntraError for a parameter that is there twice."""
    return _once(request.query_params.multi_items())


async def read_form(request: Request) -> dict[str, str]:
    """The form body; a body of another content type counts as empty, as at Entra. Raises EntraError."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        return {}
    text = (await _capped_body(request)).decode("utf-8", "replace")
    return _once(parse_qsl(text, keep_blank_values=True))


async def _capped_body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM_BYTES:
            raise invalid_request(9002313, "Invalid request. Request is malformed or invalid.")
    return bytes(body)


def _once(pairs: list[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found:
            raise invalid_request(
                9000411, f"The request is not properly formatted. The parameter '{name}' is duplicated."
            )
        found[name] = value
    return found
