"""The credential between services: the `X-Service-Token` header on the internal listeners."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from starlette.requests import Request

from flovify.common.errors import FlovifyError, Unauthorized

HEADER = "X-Service-Token"


class KnownSecrets:
    """Secrets of which any one may be shown; several while one is being replaced. Empty ones count for nothing.

    Hashes are compared, in constant time and on bytes: `hmac.compare_digest` raises on non-ASCII text, and comparing
    lengths first would tell them.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        self._hashes = [_digest(secret.encode()) for secret in secrets if secret]

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self._hashes)

    def fit(self, shown: bytes) -> bool:
        """Whether it is one of them."""
        given = _digest(shown)
        matches = [hmac.compare_digest(given, known) for known in self._hashes]
        return any(matches)


class ServiceTokenGuard:
    """Lets a request pass that carries exactly one known token."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._known = KnownSecrets(secrets)
        if not self._known:
            raise ValueError("at least one service secret is needed")

    async def __call__(self, request: Request) -> None:
        """Raises Unauthorized without or with an unknown token; a doubled header is a 400."""
        sent = [value for name, value in request.scope["headers"] if name == b"x-service-token"]
        if len(sent) > 1:
            raise FlovifyError(f"send exactly one {HEADER} header", code="duplicate_header", http_status=400)
        fits = self._known.fit(sent[0] if sent else b"")
        if not sent or not fits:
            raise Unauthorized(f"a valid {HEADER} header is needed")


def _digest(value: bytes) -> bytes:
    return hashlib.sha256(value).digest()
