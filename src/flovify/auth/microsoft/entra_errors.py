"""What Entra ID's error answers mean for a stored connection.

What one means, and its words, stand in one table: `common.microsoft_errors`. Numbers and ids are kept for the operator
to quote to Microsoft's support.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from typing import Any

from flovify.common.microsoft_errors import Kind, Words, entra_kind, entra_words
from flovify.common.outbound import outbound_failure

_NUMBER = re.compile(r"AADSTS(\d{4,8})")
_CONSENT_NUMBERS = {65001, 90094, 90095, 90008}
_ID = re.compile(r"[0-9a-fA-F-]{1,40}")
_GUID = r"([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})"
_IN_TEXT = {
    "trace_id": re.compile(rf"Trace ID: {_GUID}", re.IGNORECASE),
    "correlation_id": re.compile(rf"Correlation ID: {_GUID}", re.IGNORECASE),
    "timestamp": re.compile(r"Timestamp: (\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ)", re.IGNORECASE),
}


@dataclass(frozen=True)
class EntraFailure:
    """One failed answer, without anything secret."""

    kind: Kind
    error: str
    status: int
    aadsts: int | None = None
    trace_id: str | None = None
    correlation_id: str | None = None
    timestamp: str | None = None
    retry_after: float | None = None

    def as_reason(self) -> dict[str, Any]:
        """For the tenant's row and the log."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    def words(self) -> Words:
        """For the people concerned; they agree with `kind`."""
        return entra_words(self.error, self.aadsts, self.status)


class EntraError(Exception):
    """A call to Entra ID failed; `failure` says how."""

    def __init__(self, failure: EntraFailure) -> None:
        super().__init__(failure.error)
        self.failure = failure


def read_failure(status: int, body: bytes, retry_after: float | None) -> EntraFailure:
    """Sort an error answer of the token endpoint. What is no JSON object, or says nothing known, is transient."""
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        parsed = None
    fields: dict[str, Any] = parsed if isinstance(parsed, dict) else {}
    error = fields.get("error")
    name = error if isinstance(error, str) and len(error) <= 64 else "unreadable_answer"
    number = _number(fields)
    return EntraFailure(
        kind=entra_kind(name, number, status),
        error=name,
        status=status,
        aadsts=number,
        trace_id=_identifier(fields.get("trace_id")),
        correlation_id=_identifier(fields.get("correlation_id")),
        timestamp=_short(fields.get("timestamp")),
        retry_after=retry_after,
    )


def network_failure(error: BaseException) -> EntraFailure:
    """No answer at all."""
    return EntraFailure(kind="transient", error=outbound_failure(error), status=0)


def redirect_failure(error: str, description: str) -> EntraFailure:
    """An error on the redirect; of its text only number, ids and time are kept (v2-oauth2-auth-code-flow)."""
    text = description[:2000]
    number = _NUMBER.search(text)
    found = {name: match[1] for name, pattern in _IN_TEXT.items() if (match := pattern.search(text))}
    name = error if len(error) <= 64 and error.isascii() and error.isprintable() else "unreadable_answer"
    aadsts = int(number[1]) if number else None
    return EntraFailure(
        entra_kind(name, aadsts),
        name,
        0,
        aadsts,
        found.get("trace_id"),
        found.get("correlation_id"),
        found.get("timestamp"),
    )


def authorize_error_code(error: str, description: str) -> str:
    """Our stable code for an error on the redirect; the number only chooses between words."""
    match = _NUMBER.search(description)
    number = int(match[1]) if match else None
    if number in _CONSENT_NUMBERS or error == "consent_required":
        return "admin_consent_required"
    known = {"access_denied", "login_required", "interaction_required", "temporarily_unavailable", "server_error"}
    return error if error in known else "authorization_failed"


def _number(fields: dict[str, Any]) -> int | None:
    codes = fields.get("error_codes")
    if isinstance(codes, list) and codes and isinstance(codes[0], int):
        return codes[0]
    match = _NUMBER.search(str(fields.get("error_description", ""))[:200])
    return int(match[1]) if match else None


def _identifier(value: object) -> str | None:
    return value if isinstance(value, str) and _ID.fullmatch(value) else None


def _short(value: object) -> str | None:
    return value[:40] if isinstance(value, str) and value.isprintable() else None
