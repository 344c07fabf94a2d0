"""Mailboxes that cannot be served: which count as blocked, and the words by reason, for auth, api and worker.

A reason is the worker's word for what it met (`Trouble.reason`). Most have their words in the table of Microsoft's
errors.
"""

from __future__ import annotations

from typing import Any

from flovify.common.microsoft_error_rows import RECONNECT
from flovify.common.microsoft_errors import Words, words

# Only people can end these, so one answer is enough to say so.
PEOPLE_MUST_ACT = ("unauthorized", "claims_challenge", "reconnect_required", "forbidden", "mailbox_unsupported")
# Whatever else it is passes by itself as a rule; after so many waits in a row without any success it is shown too.
FAILURES_BEFORE_BLOCKED = 3

_SAME = {
    "unauthorized": "graph_token_refused",
    "claims_challenge": "interaction_required",
    "reconnect_required": "sign_in_ended",
    "forbidden": "mailbox_access_denied",
    "mailbox_unsupported": "mailbox_unsupported",
    "app_credential_invalid": "app_credential_invalid",
    "vault_locked": "vault_locked",
    "throttled": "graph_throttled",
    "unavailable": "graph_unavailable",
    "token_endpoint_unavailable": "microsoft_unavailable",
}
_OWN = {
    word.code: word
    for word in (
        Words(
            "not_found",
            "mailbox_refused",
            "Microsoft says that there is no such mailbox or folder.",
            "administrator",
            "Look whether the mailbox still exists; if it does, connect it again, and if not, disconnect it here.",
            RECONNECT,
        ),
        Words(
            "tenant_not_found",
            "not_connected",
            "Mail of an account waits that is not connected here any more.",
            "user",
            "Connect the account again; a restored backup may lack it.",
            RECONNECT,
        ),
        Words(
            "auth_unavailable",
            "waiting",
            "Our auth service does not answer, so there is no token for Microsoft.",
            "operator",
            "Look whether auth runs, and at its log; mail waits and is fetched afterwards.",
            "",
        ),
        Words(
            "vault_key_missing",
            "waiting",
            "A process of our auth service lacks the encryption key that others use already.",
            "operator",
            "Give every auth process the same keys and restart it; mail waits and is fetched afterwards.",
            "",
        ),
        Words(
            "database_unavailable",
            "waiting",
            "Our database does not answer.",
            "operator",
            "Look whether PostgreSQL runs; mail waits and is fetched afterwards.",
            "",
        ),
    )
}


def counts_as_blocked(reason: str | None, failures: int) -> bool:
    """Whether a mailbox with this reason, after so many waits in a row, is shown as blocked."""
    return reason is not None and (reason in PEOPLE_MUST_ACT or failures >= FAILURES_BEFORE_BLOCKED)


def blocked_words(reason: str) -> Words:
    """The words for a reason of the worker's; one that nobody knows is shown as it is."""
    found = _OWN.get(reason) or words(_SAME.get(reason, ""))
    if found is not None:
        return found
    return Words(reason, "waiting", f"Nothing can be fetched: {reason}.", "operator", "Look at the worker's log.", "")


def blocked_as_dict(reason: str) -> dict[str, Any]:
    """`who_must_act`, `cause`, `action` and `link`."""
    found = blocked_words(reason).as_dict()
    return {name: found[name] for name in ("who_must_act", "cause", "action", "link")}
