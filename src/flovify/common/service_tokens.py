"""The credential between services: the `X-Service-Token` header on the internal listeners."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from starlette.requests import Request

from flovify.common.errors import FlovifyError, Unauthorized

HEADER = "X-Service-Token"


class ServiceTokenGuard:
    """Lets a request pass that carries exactly one known token.

    Several secrets are accepted while one is being replaced. Hashes are compared, in constant time and on bytes:
    `hmac.compare_digest` raises on non-ASCII text, and comparing lengths first would tell them.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        self._hashes = [_digest(secret.encode()) for secret in secrets if secret]
        if not self._hashes:
            raise ValueError("at least one service secret is needed")

    async def __call__(self, request: Request) -> None:
        """Raises Unauthorized without or with an unknown token; a doubled header is a 400."""
        sent = [value for name, value in request.scope["headers"] if name == b"x-service-token"]
        if len(sent) > 1:
            raise FlovifyError(f"send exactly one {HEADER} header", code="duplicate_header", http_status=400)
        given = _digest(sent[0] if sent else b"")
        matches = [hmac.compare_digest(given, known) for known in self._hashes]
        if not sent or not any(matches):
            raise Unauthorized(f"a valid {HEADER} header is needed")


def _digest(value: bytes) -> bytes:
    return hashlib.sha256(value).digest()
