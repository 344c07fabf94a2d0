"""What the webhook takes, by its headers and its size alone."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.types import Receive, Scope

from flovify.api.intake.errors import Refused
from flovify.common import bodies

MAX_BODY_BYTES = 2**20
BODY_SECONDS = 2.0


async def read_body(scope: Scope, receive: Receive) -> bytes:
    """The whole body. Raises Refused: 415 for anything but UTF-8 JSON, 413 past the cap, 408 past the deadline.

    Raises Disconnected, too.
    """
    if not is_json(scope["headers"]):
        raise Refused(415)
    try:
        bodies.check_length(scope, MAX_BODY_BYTES)
        return await bodies.read_body(receive, MAX_BODY_BYTES, BODY_SECONDS)
    except (bodies.BodyTooLarge, bodies.BodyTooSlow) as error:
        raise Refused(error.status) from None


def is_json(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """`application/json`, at most with a charset, and that UTF-8 (RFC 8259, section 8.1)."""
    content_type = next((value for name, value in headers if name == b"content-type"), b"")
    if content_type == b"application/json":
        return True
    media_type, *parameters = content_type.lower().split(b";")
    if media_type.strip() != b"application/json":
        return False
    pairs = [parameter.strip().partition(b"=") for parameter in parameters]
    return all(value.strip(b'" ') in (b"utf-8", b"utf8") for name, _, value in pairs if name.strip() == b"charset")
