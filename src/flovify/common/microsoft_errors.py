"""Microsoft's errors: one table from Entra's `error` and Graph's `code` to cause, who must act, how, and what follows.

The row found for an answer of Entra gives both the words for it and what it does to an account, so the two never
disagree. Entra's documentation wants decisions by `error` ("should never be used by the client",
reference-error-codes): a number decides only where the table knows it together with its `error`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from flovify.common.microsoft_error_rows import ROWS, Row, Standing, Who

# What a refusal means for a stored connection: ask for a sign-in; leave the account alone, the registration or the way
# we ask is at fault; or ask again later.
Kind = Literal["dead_grant", "app_credential", "our_request", "transient"]

_ABOUT_CREDENTIAL = ("invalid_client", "unauthorized_client", "no_credential")
# How a flow or an account stands whose grant is dead; what is not here stands as its row says.
_ENTRA_STANDING: dict[str, Standing] = {
    **dict.fromkeys(("invalid_grant", "interaction_required", "login_required"), "reconnect_required"),
    **dict.fromkeys(("access_denied", "permission_denied"), "not_connected"),
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


def entra_words(error: str, number: int | None = None, status: int = 400) -> Words:
    """The words for Entra's `error`, its AADSTS number and the HTTP status it came with."""
    row = _entra_row(error, number, status)
    standing: dict[Kind, Standing] = {
        "transient": "waiting",
        "app_credential": "app_refused",
        "our_request": "app_refused",
        "dead_grant": _ENTRA_STANDING.get(error, row.status),
    }
    return _words(row, standing[_kind(row, error)])


def entra_kind(error: str, number: int | None = None, status: int = 400) -> Kind:
    """What Entra's answer means for a stored connection, by the row that also has its words.

    Where nobody must act, or the call never came as far as Microsoft, it is asked again by itself. What the operator
    must mend, or is about the app registration in an organisation, is no account's fault. Only what the account's user
    or its organisation's administrator must mend ends the connection.
    """
    return _kind(_entra_row(error, number, status), error)


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
    number, status = reason.get("aadsts"), reason.get("status")
    # What is no answer of Entra is known by our own code for it, or by its kind: registration_removed.
    found = words(str(reason.get("code", ""))) or words(str(reason.get("kind", "")))
    found = found or entra_words(
        str(reason.get("error", "")),
        number if isinstance(number, int) else None,
        status if isinstance(status, int) else 400,
    )
    return {**reason, "words": found.as_dict()}


def _entra_row(error: str, number: int | None, status: int) -> Row:
    """By number where the table knows it with this `error`, else by `error` alone.

    HTTP 5xx and 429 pass by themselves whatever the body says (v2-oauth2-auth-code-flow).
    """
    row = _BY_NUMBER.get((error, number)) or _BY_ERROR.get(error)
    away = status >= 500 or status == 429
    if row is None or (away and row.who_must_act != "nobody"):
        return _BY_CODE["microsoft_unavailable"]
    return row


def _kind(row: Row, error: str) -> Kind:
    if row.who_must_act == "nobody" or row.status == "waiting":
        return "transient"
    if row.who_must_act == "operator" or row.status == "app_refused":
        return "app_credential" if error in _ABOUT_CREDENTIAL else "our_request"
    return "dead_grant"


def _words(row: Row, standing: Standing | None = None) -> Words:
    return Words(row.code, standing or row.status, row.cause, row.who_must_act, row.action, row.link)


_BY_CODE: dict[str, Row] = {row.code: row for row in ROWS}
_BY_NUMBER: dict[tuple[str, int | None], Row] = {
    (error, number): row for row in ROWS for error in row.errors for number in row.numbers
}
_BY_ERROR: dict[str, Row] = {error: row for row in ROWS for error in row.alone}
_BY_GRAPH: dict[str, Row] = {code: row for row in ROWS for code in row.graph}
