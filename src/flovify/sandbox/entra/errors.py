"""Entra's errors: body and wording of the token endpoint, and what may be said on the redirect.

Source: learn.microsoft.com/entra/identity-platform/reference-error-codes and v2-oauth2-auth-code-flow.
"""

from __future__ import annotations

import uuid
from datetime import datetime


class EntraError(Exception):
    """An OAuth error with Entra's number. `status` is the HTTP status at the token endpoint."""

    def __init__(self, error: str, number: int, text: str, *, status: int = 400) -> None:
        super().__init__(text)
        self.error = error
        self.number = number
        self.text = text
        self.status = status

    def body(self, now: datetime) -> dict[str, object]:
        """The JSON body of the token endpoint."""
        trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
        timestamp = now.strftime("%Y-%m-%d %H:%M:%SZ")
        description = (
            f"AADSTS{self.number}: {self.text} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {timestamp}"
        )
        return {
            "error": self.error,
            "error_description": description,
            "error_codes": [self.number],
            "timestamp": timestamp,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"https://login.microsoftonline.com/error?code={self.number}",
        }


def invalid_request(number: int, text: str) -> EntraError:
    return EntraError("invalid_request", number, text)


def invalid_grant(number: int, text: str) -> EntraError:
    return EntraError("invalid_grant", number, text)


def invalid_client(number: int, text: str) -> EntraError:
    return EntraError("invalid_client", number, text, status=401)
