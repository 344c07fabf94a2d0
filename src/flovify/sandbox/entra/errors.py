"""Entra's errors: body and wording of the token endpoint, and what may be said on the redirect.

EntraError
  the functions below make those that occur in more than one place

Source: learn.microsoft.com/entra/identity-platform/reference-error-codes and v2-oauth2-auth-code-flow.
"""

from __future__ import annotations

import uuid
from datetime import datetime


class EntraError(Exception):
    """An OAuth error with Entra's number. `status` is the HTTP status at the token endpoint.

    `claims` is the challenge (a JSON string) that the next authorization request must carry, empty for none.
    """

    def __init__(
        self, error: str, number: int, text: str, *, status: int = 400, suberror: str = "", claims: str = ""
    ) -> None:
        super().__init__(text)
        self.error = error
        self.number = number
        self.text = text
        self.status = status
        self.suberror = suberror
        self.claims = claims

    @property
    def description(self) -> str:
        """What stands in `error_description` on a redirect."""
        return f"AADSTS{self.number}: {self.text}"

    def body(self, now: datetime, correlation_id: str = "") -> dict[str, object]:
        """The JSON body of the token endpoint. `correlation_id` is the caller's own, from `client-request-id`."""
        trace, correlation = str(uuid.uuid4()), correlation_id or str(uuid.uuid4())
        timestamp = now.strftime("%Y-%m-%d %H:%M:%SZ")
        description = (
            f"AADSTS{self.number}: {self.text} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {timestamp}"
        )
        body: dict[str, object] = {
            "error": self.error,
            "error_description": description,
            "error_codes": [self.number],
            "timestamp": timestamp,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"https://login.microsoftonline.com/error?code={self.number}",
        }
        more = {"suberror": self.suberror, "claims": self.claims}
        return {**body, **{name: value for name, value in more.items() if value}}


def invalid_request(number: int, text: str) -> EntraError:
    return EntraError("invalid_request", number, text)


def invalid_grant(number: int, text: str) -> EntraError:
    return EntraError("invalid_grant", number, text)


def invalid_client(number: int, text: str) -> EntraError:
    return EntraError("invalid_client", number, text, status=401)


def missing_parameter(name: str) -> EntraError:
    return invalid_request(900144, f"The request body must contain the following parameter: '{name}'.")


def unknown_application(client_id: str, directory: str = "") -> EntraError:
    where = f"the directory '{directory}'" if directory else "the directory"
    return EntraError(
        "unauthorized_client",
        700016,
        f"Application with identifier '{client_id}' was not found in {where}. This can happen if the application has "
        "not been installed by the administrator of the tenant or consented to by any user in the tenant.",
    )


def needs_approval() -> EntraError:
    """The organisation's policy keeps its people from consenting to this (Entra: manage-app-consent-policies)."""
    return EntraError("access_denied", 90094, "The grant requires admin permission.")


def declined() -> EntraError:
    return EntraError("access_denied", 65004, "User declined to consent to access the app.")


def no_consent() -> EntraError:
    return EntraError(
        "invalid_grant",
        65001,
        "The user or administrator has not consented to use the application.",
        suberror="consent_required",
    )
