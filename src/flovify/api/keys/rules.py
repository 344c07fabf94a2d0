"""What a program's key may call: these routes and no others, each by one scope.

`limit` says how a key of some accounts only is held to them: by the `tenant_id` that it has to ask for (`query`), by
the account in the path (`path`) or in the body (`body`), or by whose the thing in the path is (message, event,
subscription). None: such a key cannot call it at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeGuard, get_args

from flovify.common.api_keys import Scope

Owned = Literal["message", "event", "subscription"]
Limit = Literal["query", "path", "body", "anybody"] | Owned


@dataclass(frozen=True)
class Rule:
    scope: Scope
    limit: Limit | None


def is_owned(limit: Limit) -> TypeGuard[Owned]:
    """Whether a key is held to its accounts by whose a thing is."""
    return limit in get_args(Owned)


_S = "/api/ms365/subscriptions"
RULES: dict[tuple[str, str], Rule] = {
    ("GET", "/api/messages"): Rule("messages:read", "query"),
    ("GET", "/api/message-summaries"): Rule("messages:read", "query"),
    ("GET", "/api/messages/{message_id}"): Rule("messages:read", "message"),
    ("GET", "/api/messages/{message_id}/raw"): Rule("messages:read", "message"),
    ("GET", "/api/messages/{message_id}/body"): Rule("messages:read", "message"),
    ("GET", "/api/messages/{message_id}/trace"): Rule("messages:read", "message"),
    ("GET", "/api/messages/{message_id}/attachments/{attachment_id}"): Rule("messages:read", "message"),
    ("GET", "/api/events"): Rule("events:read", "query"),
    ("GET", "/api/events/{event_id}"): Rule("events:read", "event"),
    ("GET", "/api/events/{event_id}/trace"): Rule("events:read", "event"),
    ("GET", "/api/dead-letters"): Rule("events:read", "query"),
    ("GET", "/api/dead-letters/{dead_letter_id}"): Rule("events:read", "event"),
    ("GET", "/api/dead-letter-groups"): Rule("events:read", None),
    ("POST", "/api/dead-letters/{dead_letter_id}/replay"): Rule("events:write", "event"),
    ("GET", _S): Rule("subscriptions:read", "query"),
    ("GET", f"{_S}/{{subscription_id}}"): Rule("subscriptions:read", "subscription"),
    ("GET", f"{_S}/{{subscription_id}}/timeline"): Rule("subscriptions:read", "subscription"),
    ("GET", "/api/coverage/gaps"): Rule("subscriptions:read", "query"),
    ("POST", _S): Rule("subscriptions:write", "body"),
    ("DELETE", f"{_S}/{{subscription_id}}"): Rule("subscriptions:write", "subscription"),
    ("POST", f"{_S}/{{subscription_id}}/renew"): Rule("subscriptions:write", "subscription"),
    ("POST", f"{_S}/{{subscription_id}}/recreate"): Rule("subscriptions:write", "subscription"),
    ("GET", "/api/accounts"): Rule("accounts:read", None),
    ("GET", "/api/accounts/{account_id}"): Rule("accounts:read", "path"),
    ("GET", "/api/account-statuses"): Rule("accounts:read", "anybody"),
    ("POST", "/api/tenants/{tenant_id}/sync"): Rule("accounts:sync", "path"),
}
