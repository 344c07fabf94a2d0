"""Errors a caller can act on; `problems.py` renders them.

FlovifyError            500 internal_error
 ├─ InvalidRequest      422 invalid_request
 ├─ Unauthorized        401 unauthorized
 ├─ Forbidden           403 forbidden
 ├─ NotFound            404 not_found
 ├─ Conflict            409 conflict
 └─ Unavailable         503 unavailable (+ Retry-After)

A refusal is never a 500; 422 is kept for malformed input.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar


class FlovifyError(Exception):
    """Root of all expected failures. `detail` is a sentence a user can act on and holds no secret."""

    code: ClassVar[str] = "internal_error"
    http_status: ClassVar[int] = 500

    def __init__(
        self,
        detail: str,
        *,
        code: str | None = None,
        http_status: int | None = None,
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.problem_code = code or self.code
        self.status = http_status or self.http_status
        self.headers = dict(headers or {})
        self.extra = dict(extra or {})


class InvalidRequest(FlovifyError):
    code = "invalid_request"
    http_status = 422


class Unauthorized(FlovifyError):
    code = "unauthorized"
    http_status = 401


class Forbidden(FlovifyError):
    code = "forbidden"
    http_status = 403


class NotFound(FlovifyError):
    code = "not_found"
    http_status = 404


class Conflict(FlovifyError):
    code = "conflict"
    http_status = 409


class Unavailable(FlovifyError):
    """Something we need is away. `retry_after` is in seconds and becomes the Retry-After header."""

    code = "unavailable"
    http_status = 503

    def __init__(
        self,
        detail: str,
        *,
        retry_after: float = 5,
        code: str | None = None,
        http_status: int | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        seconds = max(1, round(retry_after))
        super().__init__(detail, code=code, http_status=http_status, headers={"Retry-After": str(seconds)}, extra=extra)
        self.retry_after = retry_after
