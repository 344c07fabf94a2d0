"""The opaque form of a place in a list, as callers get it with a page and give it back for the next."""

from __future__ import annotations

import base64

from flovify.common.errors import InvalidRequest


def encode(plain: bytes) -> str:
    """`plain` as a cursor, fit for a URL."""
    return base64.urlsafe_b64encode(plain).rstrip(b"=").decode()


def decode(cursor: str) -> bytes:
    """What `encode` was given. Raises InvalidRequest for what is no base64; what it says is for the caller to check."""
    try:
        return base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
    except ValueError:
        raise invalid() from None


def invalid() -> InvalidRequest:
    """The refusal of a cursor that we did not make."""
    return InvalidRequest("`after` is no cursor: give back a `next` as you got it", code="invalid_cursor")
