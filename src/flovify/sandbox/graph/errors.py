"""Refusals in Graph's shape (GC: concepts/errors.md): a status, a code that programs compare, a message for people.

GraphError
  the functions below make the ones that occur in more than one place
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class GraphError(Exception):
    """An answer other than success. `headers` go into the response, `plain` leaves out innerError."""

    def __init__(
        self, status: int, code: str, message: str, *, headers: Mapping[str, str] | None = None, plain: bool = False
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})
        self.plain = plain

    def body(self, inner: Mapping[str, str]) -> dict[str, Any]:
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if not self.plain:
            error["innerError"] = dict(inner)
        return {"error": error}


_AUTHENTICATE = (
    'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", '
    'client_id="00000003-0000-0000-c000-000000000000"'
)


def bad_request(message: str, code: str = "BadRequest") -> GraphError:
    return GraphError(400, code, message)


def unauthorized(message: str) -> GraphError:
    return GraphError(401, "InvalidAuthenticationToken", message, headers={"WWW-Authenticate": _AUTHENTICATE})


def access_denied() -> GraphError:
    return GraphError(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")


def insufficient_privileges() -> GraphError:
    return GraphError(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")


def unknown_segment(segment: str) -> GraphError:
    return bad_request(f"Resource not found for the segment '{segment}'.")


def method_not_allowed() -> GraphError:
    return GraphError(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")


def item_not_found() -> GraphError:
    return GraphError(404, "ErrorItemNotFound", "The specified object was not found in the store.")


def invalid_user(name: str) -> GraphError:
    return GraphError(404, "ErrorInvalidUser", f"The requested user '{name}' is invalid.")


def no_mailbox() -> GraphError:
    return GraphError(
        404,
        "MailboxNotEnabledForRESTAPI",
        "The mailbox is either inactive, soft-deleted, or is hosted on-premise.",
    )


def unreadable_body() -> GraphError:
    return bad_request("Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.")  # fmt: skip # noqa: E501


def mailbox_concurrency(retry_after: int) -> GraphError:
    return GraphError(
        429,
        "ApplicationThrottled",
        "Application is over its MailboxConcurrency limit.",
        headers={"Retry-After": str(retry_after)},
        plain=True,
    )


def too_many_requests(retry_after: int) -> GraphError:
    return GraphError(
        429, "TooManyRequests", "Please retry again later.", headers={"Retry-After": str(max(1, retry_after))}
    )
