"""Graph's answers that are no success, as the errors every provider speaks in.

Codes are compared without case and may be empty; the keys' case varies too (concepts/errors.md). Texts are looked at
only where Graph hides the reason in them: in `ExtensionError` and in the old `InvalidRequest` of a failed handshake.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from flovify.api.providers.errors import (
    ItemNotFound,
    MailboxUnsupported,
    ProviderBadRequest,
    ProviderConflict,
    ProviderError,
    ProviderExpirationTooFar,
    ProviderForbidden,
    ProviderGone,
    ProviderNotFound,
    ProviderThrottled,
    ProviderUnauthorized,
    ProviderUnavailable,
    ProviderValidationFailed,
)

_INNER_STATUS = re.compile(r"\[Status Code: (\w+); Reason: ([^\]]*)", re.IGNORECASE)
_INNER = {"forbidden": 403, "notfound": 404, "conflict": 409, "internalservererror": 500, "serviceunavailable": 503}
_EXISTING = re.compile(r"Subscription Id ([0-9a-fA-F-]{36}) already exists", re.IGNORECASE)
_MINUTES = re.compile(r"only be (\d{1,6}) minutes in the future", re.IGNORECASE)
_UNSUPPORTED = ("mailboxnotenabledforrestapi", "mailboxnotsupportedforrestapi", "mailboxnothostedinexchangeonline")
_MAX_WAIT_SECONDS = 24 * 3600.0
_ITEM_CODE = "erroritemnotfound"
# What a request or one item can be blamed for. Any other status that is not named here proves nothing: a proxy's 302 or
# 407, a locked mailbox's 423, a failed dependency's 424 pass by themselves.
_OURS = frozenset((400, 405, 413, 414, 415, 422))
_BY_STATUS: dict[int, type[ProviderError]] = {
    401: ProviderUnauthorized,
    403: ProviderForbidden,
    409: ProviderConflict,
    410: ProviderGone,
    412: ProviderConflict,
}


def from_response(status: int, headers: Mapping[str, str], body: object, now: datetime | None = None) -> ProviderError:
    """The error for an answer that is no success.

    `headers` is read without regard to case; `body` is the decoded JSON, or anything else when there was none.
    """
    lowered = {name.lower(): value for name, value in headers.items()}
    error = _lookup(body, "error")
    code, message = _text(_lookup(error, "code")), _text(_lookup(error, "message"))
    inner = _lookup(error, "innererror")
    request_id = _text(_lookup(inner, "request-id") or _lookup(inner, "requestid")) or lowered.get("request-id", "")
    status, message = _inner_status(status, code, message)
    wait = parse_retry_after(lowered.get("retry-after"), now)
    existing = _EXISTING.search(message)
    minutes = _MINUTES.search(message)
    if status == 404 and not isinstance(error, Mapping):
        # A proxy's or a gateway's: Graph says in its own JSON what is not there (concepts/errors.md).
        sort: type[ProviderError] = ProviderUnavailable
    else:
        sort = _class(status, code.lower(), message.lower(), has_wait=wait is not None)
    return sort(
        message or f"Graph answered {status}",
        status=status,
        code=code,
        request_id=request_id,
        retry_after=wait,
        claims=_claims(lowered.get("www-authenticate", "")),
        existing_id=existing[1] if existing else None,
        max_minutes=int(minutes[1]) if minutes else None,
    )


def parse_retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Seconds to wait: whole or fractional seconds (seen: 2.128) or an HTTP date; None when absent or senseless."""
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            moment = parsedate_to_datetime(value)
        except (TypeError, ValueError, IndexError, OverflowError):
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        seconds = (moment - (now or datetime.now(UTC))).total_seconds()
    # NaN compares false with everything, so it falls out here together with negative numbers.
    return min(seconds, _MAX_WAIT_SECONDS) if seconds >= 0 else (0.0 if seconds < 0 else None)


def _class(status: int, code: str, message: str, *, has_wait: bool) -> type[ProviderError]:
    if code in _UNSUPPORTED or "rest api is not yet supported for this mailbox" in message:
        return MailboxUnsupported
    if status == 429 or (status in (503, 504) and has_wait):
        return ProviderThrottled
    if status >= 500:
        return ProviderUnavailable
    if status == 400:
        return _bad_request(code, message)
    if code in ("syncstatenotfound", "resyncrequired"):
        return ProviderGone
    if status == 404:
        return ItemNotFound if code == _ITEM_CODE else ProviderNotFound
    return _BY_STATUS.get(status, ProviderBadRequest if status in _OURS else ProviderUnavailable)


def _bad_request(code: str, message: str) -> type[ProviderError]:
    if code in ("syncstatenotfound", "resyncrequired"):
        return ProviderGone
    if code == "validationerror" or "subscription validation request" in message:
        return ProviderValidationFailed
    if _MINUTES.search(message) or (code == "errorinvalidparameter" and "expir" in message):
        return ProviderExpirationTooFar
    return ProviderBadRequest


def _inner_status(status: int, code: str, message: str) -> tuple[int, str]:
    """`ExtensionError` carries the workload's own status in its text: "[Status Code: Forbidden; Reason: …]"."""
    match = _INNER_STATUS.search(message) if code.lower() == "extensionerror" else None
    if match is None:
        return status, message
    return _INNER.get(match[1].lower(), status), match[2].strip() or message


def _lookup(value: object, key: str) -> Any:
    if not isinstance(value, Mapping):
        return None
    return next((item for name, item in value.items() if isinstance(name, str) and name.lower() == key), None)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _claims(challenge: str) -> str | None:
    match = re.search(r'claims="([^"]+)"', challenge)
    return match[1] if match else None
