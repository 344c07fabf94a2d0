"""API keys of programs: how they look, and what they may be allowed.

`flv_`, 40 random characters, six of a checksum over them: a scanner recognises one that leaked, and one that was typed
wrongly or cut off is refused without a look-up.
"""

from __future__ import annotations

import hashlib
import secrets
import string
import zlib
from typing import Literal, get_args

PREFIX = "flv_"
_LETTERS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_RANDOM, _CHECK = 40, 6
_LENGTH = len(PREFIX) + _RANDOM + _CHECK
# Enough to tell keys apart in a list, and far too little to guess the rest.
SHOWN = len(PREFIX) + 8

Scope = Literal[
    "messages:read",
    "events:read",
    "events:write",
    "subscriptions:read",
    "subscriptions:write",
    "accounts:read",
    "accounts:sync",
]
SCOPES: tuple[str, ...] = get_args(Scope)


def make() -> str:
    """A new key: 238 bits."""
    body = "".join(secrets.choice(_LETTERS) for _ in range(_RANDOM))
    return f"{PREFIX}{body}{_checksum(body)}"


def is_key(token: str) -> bool:
    """Whether it calls itself one; an access token never does."""
    return token.startswith(PREFIX)


def is_well_formed(token: str) -> bool:
    """Whether it can be one at all."""
    body, check = token[len(PREFIX) : -_CHECK], token[-_CHECK:]
    return len(token) == _LENGTH and is_key(token) and token.isascii() and _checksum(body) == check


def digest(key: str) -> bytes:
    """What is kept of a key. It is random, so that a slow hash would add nothing."""
    return hashlib.sha256(key.encode()).digest()


def _checksum(body: str) -> str:
    number, letters = zlib.crc32(body.encode()), ""
    for _ in range(_CHECK):
        number, rest = divmod(number, len(_LETTERS))
        letters = _LETTERS[rest] + letters
    return letters
