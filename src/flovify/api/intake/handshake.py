"""Endpoint validation (graph/change-notifications-delivery-webhooks, 2026-04-22).

Graph POSTs `?validationToken=…` while the create call still waits, and wants the decoded token back as text/plain
within ten seconds. Its form is `Validation: Testing client application …`, so a plus sign is a space.
"""

from __future__ import annotations

from urllib.parse import parse_qsl

MAX_TOKEN_LENGTH = 2048
_NAME = b"validationToken"
# Printable ASCII without the two characters that markup needs; Graph never sends HTML.
_ALLOWED = frozenset(range(0x20, 0x7F)) - frozenset(b"<>")


def has_token(query_string: bytes) -> bool:
    """Is this a validation request? Cheap: it is asked for every notification."""
    return _NAME in query_string


def read_token(query_string: bytes) -> bytes | None:
    """The token to echo, decoded once as a form query; None when there is not exactly one good one."""
    try:
        fields = parse_qsl(query_string, keep_blank_values=True, max_num_fields=20)
    except ValueError:
        return None
    tokens = [value for name, value in fields if name == _NAME]
    if len(tokens) != 1 or not 0 < len(tokens[0]) <= MAX_TOKEN_LENGTH:
        return None
    return tokens[0] if _ALLOWED.issuperset(tokens[0]) else None
