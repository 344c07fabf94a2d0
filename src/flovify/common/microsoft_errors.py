"""Microsoft's errors in words: one table from Entra's `error` and Graph's `code` to cause, who must act, and how.

How a connection stands rests on Entra's `error` and on Graph's status and code alone; an AADSTS number or a text only
chooses between words ("should never be used by the client", reference-error-codes).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from flovify.common.microsoft_error_rows import ROWS, Row, Standing, Who

_ENTRA_STANDING: dict[str, Standing] = {
    **dict.fromkeys(("invalid_grant", "interaction_required", "login_required"), "reconnect_required"),
    **dict.fromkeys(("access_denied", "permission_denied"), "not_connected"),
    **dict.fromkeys(("invalid_client", "unauthorized_client"), "app_refused"),
    **dict.fromkeys(("invalid_request", "invalid_scope", "invalid_resource"), "app_refused"),
    **dict.fromkeys(("unsupported_grant_type", "unsupported_response_type"), "app_refused"),
    "consent_required": "reconnect_required",
}
_GRAPH_BY_STATUS = {
    401: "graph_token_refused",
    403: "mailbox_access_denied",
    404: "item_gone",
    409: "subscription_exists",
    410: "sync_state_lost",
    429: "graph_throttled",
    507: "mailbox_full",
    509: "mailbox_full",
}
# Told only by their text: the code is ErrorAccessDenied (auth-limit-mailbox-access), or hidden in an ExtensionError.
_GRAPH_TEXTS = (
    ("access to odata is disabled", "mailbox_policy_refuses"),
    ("rest api is not yet supported for this mailbox", "mailbox_unsupported"),
    ("subscription validation request", "webhook_unreachable"),
)


@dataclass(frozen=True)
class Words:
    """What a failure means. `link` is a path of this installation, or a page of Microsoft's; it may be empty.

    `status` says how the connection stands: reconnect_required, not_connected (a flow ended without a connection),
    app_refused (the registration is at fault, no mailbox), mailbox_refused, waiting (passes by itself) or settled.
    """

    code: str
    status: Standing
    cause: str
    who_must_act: Who
    action: str
    link: str

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


def words(code: str) -> Words | None:
    """The words for one of our stable codes; None for a code that is not in the table."""
    row = _BY_CODE.get(code)
    return _words(row) if row else None


def all_words() -> list[Words]:
    """The whole table, for help pages."""
    return [_words(row) for row in ROWS]


def entra_words(error: str, number: int | None = None) -> Words:
    """The words for Entra's `error`; the AADSTS number only chooses between rows that go with it."""
    standing = _ENTRA_STANDING.get(error, "waiting")
    row = _BY_NUMBER.get((error, number)) if number is not None else None
    row = row or _BY_ERROR.get(error) or _BY_CODE["microsoft_unavailable"]
    return _words(row, standing)


def graph_words(status: int, code: str = "", message: str = "") -> Words:
    """The words for an answer of Graph, by its status, code (any case, may be empty) and, where it must be, text."""
    lowered, text = code.lower(), message.lower()
    found = next((row for part, row in _GRAPH_TEXTS if part in text), None)
    if found is None and lowered in _BY_GRAPH:
        found = _BY_GRAPH[lowered].code
    if found is None:
        found = "graph_unavailable" if status >= 500 or not status else "graph_request_refused"
        found = _GRAPH_BY_STATUS.get(status, found)
    return _words(_BY_CODE[found])


def reason_in_words(reason: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A stored failure (see auth's EntraFailure.as_reason) with its words added under `words`; None stays None."""
    if reason is None:
        return None
    number = reason.get("aadsts")
    known = words(str(reason.get("code", "")))
    found = known or entra_words(str(reason.get("error", "")), number if isinstance(number, int) else None)
    return {**reason, "words": found.as_dict()}


def _words(row: Row, standing: Standing | None = None) -> Words:
    return Words(row.code, standing or row.status, row.cause, row.who_must_act, row.action, row.link)


_BY_CODE: dict[str, Row] = {row.code: row for row in ROWS}
_BY_NUMBER: dict[tuple[str, int | None], Row] = {
    (error, number): row for row in ROWS for error in row.errors for number in row.numbers
}
_BY_ERROR: dict[str, Row] = {error: row for row in ROWS for error in row.alone}
_BY_GRAPH: dict[str, Row] = {code: row for row in ROWS for code in row.graph}
