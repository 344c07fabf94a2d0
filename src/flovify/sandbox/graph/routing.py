"""Which handler a path under /v1.0 belongs to; segments are matched without regard to case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from flovify.sandbox.graph import attachment_calls as attachments
from flovify.sandbox.graph import delta_calls as delta
from flovify.sandbox.graph import directory_calls as directory
from flovify.sandbox.graph import draft_calls as drafts
from flovify.sandbox.graph import message_calls as messages
from flovify.sandbox.graph import subscription_calls as subscriptions
from flovify.sandbox.graph import users
from flovify.sandbox.graph.context import Handler, MailboxHandler
from flovify.sandbox.graph.errors import method_not_allowed, unknown_segment

H = TypeVar("H")
# Paths, each with its handlers by method; the first that matches counts.
Table = list[tuple[str, dict[str, H]]]
_MESSAGE: Table[MailboxHandler] = [
    ("messages", {"GET": messages.list_messages, "POST": drafts.create_draft}),
    ("messages/$count", {"GET": messages.count_messages}),
    (
        "messages/{message}",
        {"GET": messages.get_message, "PATCH": messages.update_message, "DELETE": messages.delete_message},
    ),
    ("messages/{message}/$value", {"GET": messages.get_source}),
    ("messages/{message}/move", {"POST": messages.move_message}),
    ("messages/{message}/microsoft.graph.move", {"POST": messages.move_message}),
    ("messages/{message}/attachments", {"GET": attachments.list_attachments}),
    ("messages/{message}/attachments/{attachment}", {"GET": attachments.get_attachment}),
    ("messages/{message}/attachments/{attachment}/$value", {"GET": attachments.get_attachment_bytes}),
]
_DELTA_NAMES = ("delta", "delta()", "microsoft.graph.delta", "microsoft.graph.delta()")
_DELTA: Table[MailboxHandler] = [
    (f"mailFolders/{{folder}}/messages/{name}", {"GET": delta.list_changes}) for name in _DELTA_NAMES
]
_MAILBOX: Table[MailboxHandler] = [
    ("mailFolders", {"GET": attachments.list_folders}),
    ("mailFolders/{folder}", {"GET": attachments.get_folder}),
    *_DELTA,
    *_MESSAGE,
    *((f"mailFolders/{{folder}}/{path}", methods) for path, methods in _MESSAGE),
]
_SUBSCRIPTIONS: Table[Handler] = [
    ("subscriptions", {"GET": subscriptions.list_subscriptions, "POST": subscriptions.create_subscription}),
    (
        "subscriptions/{subscription}",
        {
            "GET": subscriptions.get_subscription,
            "PATCH": subscriptions.update_subscription,
            "DELETE": subscriptions.delete_subscription,
        },
    ),
    ("subscriptions/{subscription}/reauthorize", {"POST": subscriptions.reauthorize_subscription}),
]
# By the first segment: what is in no mailbox.
_ELSEWHERE: dict[str, Table[Handler]] = {
    "subscriptions": _SUBSCRIPTIONS,
    "organization": [("organization", {"GET": directory.get_organization})],
    "users": [("users", {"GET": directory.list_users})],
}
# A function's name where a message's id could stand: it is one, or nothing, as on all messages of a mailbox.
_NO_IDS = frozenset(_DELTA_NAMES)


@dataclass(frozen=True)
class Target:
    """A handler outside mailboxes, and what the path names."""

    handler: Handler
    ids: dict[str, str]


@dataclass(frozen=True)
class MailboxTarget:
    """A handler on a mailbox, and what the path names; `user` None is /me."""

    handler: MailboxHandler
    user: str | None
    ids: dict[str, str]


def route(method: str, segments: list[str]) -> Target | MailboxTarget:
    """Raises GraphError 400 for an unknown path, 405 for a method it does not have."""
    if not segments:
        raise unknown_segment("")
    first = segments[0].lower()
    if first == "me":
        return _of_user(method, segments[1:], None)
    if first == "users" and len(segments) > 1:
        return _of_user(method, segments[2:], segments[1])
    if first not in _ELSEWHERE:
        raise unknown_segment(segments[0])
    return Target(*_in_table(method, segments, _ELSEWHERE[first]))


def _of_user(method: str, rest: list[str], user: str | None) -> Target | MailboxTarget:
    if rest:
        handler, ids = _in_table(method, rest, _MAILBOX)
        return MailboxTarget(handler, user, ids)
    if method != "GET":
        raise method_not_allowed()
    return Target(users.get_user, {} if user is None else {"user": user})


def _in_table(method: str, segments: list[str], table: Table[H]) -> tuple[H, dict[str, str]]:
    for pattern, methods in table:
        ids = _match(pattern.split("/"), segments)
        if ids is not None:
            if method not in methods:
                raise method_not_allowed()
            return methods[method], ids
    raise unknown_segment(segments[-1])


def _match(pattern: list[str], segments: list[str]) -> dict[str, str] | None:
    if len(pattern) != len(segments):
        return None
    ids: dict[str, str] = {}
    for expected, given in zip(pattern, segments, strict=True):
        if expected.startswith("{"):
            if given.startswith("$") or given.lower() in _NO_IDS:
                return None
            ids[expected[1:-1]] = given
        elif expected.lower() != given.lower():
            return None
    return ids
