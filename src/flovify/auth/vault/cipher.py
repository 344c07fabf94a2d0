"""AES-256-GCM with row-bound additional data.

A sealed value is text: base64url of `0x01 | key id (4) | nonce (12) | ciphertext and tag`. The additional data is
`lp("flovify/vault/1") lp(key id) lp(owner) lp(purpose) lp(generation)`, `lp` being a four-byte length prefix: plain
concatenation would let "tenant1"+"1x" stand for "tenant11"+"x".
"""

from __future__ import annotations

import base64
import binascii
import secrets
import struct
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from flovify.auth.errors import VaultTampered

VERSION = b"\x01"
KEY_BYTES = 32
ID_BYTES = 4
NONCE_BYTES = 12


class SecretText:
    """A secret in memory: shown as ***, and neither a string nor picklable, so that it reaches no log by accident."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The plaintext; call it where it is used and nowhere else."""
        return self._value

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __reduce__(self) -> str:
        raise TypeError("a secret is not pickled")


@dataclass(frozen=True)
class Place:
    """Where a sealed value belongs: whose it is, what it is, and of which generation."""

    owner: UUID
    purpose: str
    generation: int = 0


@dataclass(frozen=True)
class DataKey:
    """32 bytes and their public id."""

    value: bytes
    id: bytes

    def __repr__(self) -> str:
        return f"DataKey({self.id.hex()})"


def data_key(value: bytes) -> DataKey:
    """Raises ValueError for a key of another length."""
    if len(value) != KEY_BYTES:
        raise ValueError("a data key has 32 bytes")
    return DataKey(value, derive(value, "flovify/dek-id/1", ID_BYTES))


def encrypt_token(plaintext: str, key: DataKey, place: Place) -> str:
    """Seal a secret for one place."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = AESGCM(key.value).encrypt(nonce, plaintext.encode(), _additional_data(key.id, place))
    return base64.urlsafe_b64encode(VERSION + key.id + nonce + sealed).decode()


def decrypt_token(sealed: str, key: DataKey, place: Place) -> SecretText:
    """Open a secret that was sealed for this very place. Raises VaultTampered otherwise."""
    try:
        blob = base64.b64decode(sealed, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise VaultTampered from None
    head = VERSION + key.id
    if blob[: len(head)] != head or base64.urlsafe_b64encode(blob).decode() != sealed:
        raise VaultTampered
    nonce, body = blob[len(head) : len(head) + NONCE_BYTES], blob[len(head) + NONCE_BYTES :]
    try:
        return SecretText(AESGCM(key.value).decrypt(nonce, body, _additional_data(key.id, place)).decode())
    except (InvalidTag, ValueError):
        raise VaultTampered from None


def wrap(plain: bytes, key: bytes, *context: str) -> str:
    """Seal bytes under a key of the environment, bound to the given words."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return base64.urlsafe_b64encode(nonce + AESGCM(key).encrypt(nonce, plain, prefixed(*context))).decode()


def unwrap(sealed: str, key: bytes, *context: str) -> bytes:
    """The reverse of `wrap`. Raises VaultTampered with another key or other words."""
    try:
        blob = base64.b64decode(sealed, altchars=b"-_", validate=True)
        return AESGCM(key).decrypt(blob[:NONCE_BYTES], blob[NONCE_BYTES:], prefixed(*context))
    except (binascii.Error, InvalidTag, ValueError):
        raise VaultTampered from None


def derive(key: bytes, purpose: str, length: int = KEY_BYTES) -> bytes:
    """HKDF-SHA256 without salt; the key is already uniformly random."""
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=purpose.encode()).derive(key)


def prefixed(*words: str) -> bytes:
    """Words with a four-byte length before each."""
    return b"".join(struct.pack(">I", len(word.encode())) + word.encode() for word in words)


def _additional_data(key_id: bytes, place: Place) -> bytes:
    return prefixed("flovify/vault/1", key_id.hex(), str(place.owner), place.purpose, str(place.generation))
