"""Identifiers that look like Outlook's, so that clients meet their length, alphabet and padding.

Regular ids begin with AAMk, immutable ones with AAkA; both are base64url with padding, case sensitive and opaque.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from functools import lru_cache

_REGULAR = b"\x00\x03\x24\x00"
_IMMUTABLE = b"\x00\x09\x00\x2e\x00\x00\x00\x00\x00\x1d\x84\x03\x11\xaa\x66\x11\xcd\x9b\xc8\x00\xaa\x00\x2f\xc4\x5a\x0d"
_STORE_TAG = b"\x00\x46\x00\x00\x00\x00\x00"
_CHANGE_TAG = b"\x09\x00\x00\x00\x16\x00\x00\x00"
_ATTACHMENT_TAG = b"\x01\x12\x00\x10\x00"


@lru_cache(maxsize=1024)
def digest(*values: str | bytes, size: int = 16) -> bytes:
    """A stable short hash of the values in order."""
    state = hashlib.blake2b(digest_size=size)
    for value in values:
        data = value.encode() if isinstance(value, str) else value
        state.update(len(data).to_bytes(8, "big") + data)
    return state.digest()


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode()


def new_regular_id(user_id: str, folder_id: str) -> str:
    """The id of a message as long as it stays in its folder (about 150 characters)."""
    return _text(
        _REGULAR + user_id.encode() + _STORE_TAG + digest(user_id) + b"\x07\x00" + digest(folder_id)
        + secrets.token_bytes(16) + b"\x00\x00\x00"
    )  # fmt: skip


def new_immutable_id(user_id: str) -> str:
    """The id of a message as long as it stays in its mailbox."""
    return _text(_IMMUTABLE + digest(user_id, size=8) + secrets.token_bytes(16) + b"\x00\x00")


def folder_id(user_id: str, name: str) -> str:
    """The stable id of a folder; folders have no immutable form (graph/outlook-immutable-id)."""
    return _text(_REGULAR + user_id.encode() + b"\x00\x2e" + digest(user_id, name) + b"\x01\x00" + b"\x00" * 8)


def attachment_id(message_key: str, number: int) -> str:
    """The id of the n-th attachment of a message."""
    return _text(_REGULAR + message_key.encode() + _ATTACHMENT_TAG + digest(message_key, str(number)) + b"\x00")


def change_key(user_id: str, version: int) -> str:
    """The changeKey of a message at a version; its etag is W/"…" around it."""
    return base64.b64encode(_CHANGE_TAG + digest(user_id) + version.to_bytes(6, "big")).decode()


def conversation_id(user_id: str, thread: str) -> str:
    return _text(b"\x00\x04\x24\x00" + user_id.encode() + b"\x00\x10\x00" + digest(user_id, thread) + b"\x00")
