"""clientState: the secret Graph puts into each notification of a subscription.

`1.<row id, 16 bytes base64url>.<32 random bytes, base64url>`, 68 of the 128 characters that Graph allows
(graph/api/resources/subscription). The row id makes a notification known that arrives before the create call has
returned. The secret itself is never stored: only its HMAC-SHA256 keyed with MS365_CLIENT_STATE.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import uuid
from collections.abc import Sequence

KEY_ID_LABEL = "flovify: id of a client state key"
_FORM = re.compile(r"1\.([A-Za-z0-9_-]{22})\.[A-Za-z0-9_-]{43}")


def make(row_id: uuid.UUID) -> str:
    """A new secret for the subscription in row `row_id`: 68 ASCII characters."""
    return f"1.{_encode(row_id.bytes)}.{_encode(secrets.token_bytes(32))}"


def parse(value: str) -> uuid.UUID | None:
    """The row id inside, or None when `value` has not our form. Takes any text and does not check the secret."""
    match = _FORM.fullmatch(value)
    if match is None:
        return None
    return uuid.UUID(bytes=base64.urlsafe_b64decode(match[1] + "=="))


def digest(value: str, key: str) -> bytes:
    """What is stored: HMAC-SHA256, 32 bytes. Lone surrogates, which UTF-8 lacks, are kept apart, not refused."""
    return hmac.digest(key.encode(), value.encode("utf-8", "surrogatepass"), hashlib.sha256)


def key_id(key: str) -> str:
    """The name by which rows and the command line tell keys apart: 8 hex digits, no secret.

    A part of the HMAC of a fixed label. It says as little about the key as the hashes beside it do: the way back is to
    guess the whole key. The label has not a secret's form, so it is no part of any hash that is stored either.
    """
    return digest(KEY_ID_LABEL, key)[:4].hex()


def validate_client_state(value: str, hashes: Sequence[bytes | None], keys: Sequence[str]) -> bool:
    """Is `value` one of the secrets behind `hashes`, under any of the accepted keys?

    Every combination is compared, in constant time each, so that time tells nothing about which one matched.
    """
    known = [item for item in hashes if item]
    matches = [hmac.compare_digest(digest(value, key), item) for key in keys for item in known]
    return any(matches)


def _encode(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode("ascii")
