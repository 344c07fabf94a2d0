"""The arithmetic of the seals by which an audit log shows that it was changed.

Each seal holds the SHA-256 of one entry and an HMAC over that, its place, its moment and the seal before it. So nobody
without the key can change, add, remove or reorder what is sealed without breaking the chain from there on.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

BEFORE_THE_FIRST = bytes(32)
HEAD_DIGITS = 16
_ENTRY_FORM = b"flovify/audit-entry/1"
_SEAL_FORM = b"flovify/audit-seal/1"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ABSENT, _PRESENT = b"\x00", b"\x01"


@dataclass(frozen=True)
class LoggedEntry:
    """One row of a log with all its columns.

    `details` is the text that PostgreSQL makes of the jsonb: a canonical form with sorted keys and its own numbers.
    """

    id: int
    at: datetime
    actor: str
    actor_kind: str
    action: str
    subject: str
    subject_kind: str
    outcome: str
    address: str | None
    details: str
    correlation_id: str | None


@dataclass(frozen=True)
class Seal:
    """One link. Positions begin at 1 and have no gaps; ids of entries may come in another order."""

    position: int
    entry_id: int
    digest: bytes
    key_id: str
    mac: bytes
    sealed_at: datetime


@dataclass(frozen=True)
class Link:
    """What the next seal is tied to."""

    position: int
    mac: bytes


START = Link(0, BEFORE_THE_FIRST)


class LogKey:
    """The key of one log. Its id is no secret and says nothing of it."""

    __slots__ = ("_value", "id")

    def __init__(self, secret: str, log: str) -> None:
        self._value = _derived(secret, f"flovify/audit-key/1/{log}", 32)
        self.id = _derived(secret, f"flovify/audit-key-id/1/{log}", 4).hex()

    def mac(self, before: bytes, seal: Seal) -> bytes:
        """HMAC-SHA256 over the seal's own columns and the mac before it; every part has a fixed length or a prefix."""
        place = struct.pack(">qqq", seal.position, seal.entry_id, _microseconds(seal.sealed_at))
        return hmac.digest(self._value, _joined((_SEAL_FORM, before, place, seal.digest)), hashlib.sha256)


class LogKeys:
    """The keys of AUDIT_KEY for one log: the first seals, all verify."""

    def __init__(self, secrets: Sequence[str], log: str) -> None:
        keys = [LogKey(secret, log) for secret in secrets]
        self.first = keys[0]
        self._by_id = {key.id: key for key in keys}

    def find(self, key_id: str) -> LogKey | None:
        """None for a key that is not among those given."""
        return self._by_id.get(key_id)


def entry_digest(entry: LoggedEntry) -> bytes:
    """SHA-256 over every column with its name, each with its length before it; NULL is not the empty text."""
    parts = [_ENTRY_FORM]
    for field in fields(LoggedEntry):
        parts += [field.name.encode(), _encoded(getattr(entry, field.name))]
    return hashlib.sha256(_joined(parts)).digest()


def sealed(entries: Iterable[LoggedEntry], after: Link, key: LogKey, now: datetime) -> list[Seal]:
    """The seals of these entries, in their order."""
    made: list[Seal] = []
    for entry in entries:
        bare = Seal(after.position + 1, entry.id, entry_digest(entry), key.id, b"", now)
        seal = Seal(bare.position, bare.entry_id, bare.digest, bare.key_id, key.mac(after.mac, bare), now)
        made.append(seal)
        after = Link(seal.position, seal.mac)
    return made


def head_digits(mac: bytes) -> str:
    """How a head is written down: enough of it that no other chain has the same."""
    return mac.hex()[:HEAD_DIGITS]


def _encoded(value: int | str | datetime | None) -> bytes:
    if value is None:
        return _ABSENT
    if isinstance(value, datetime):
        return _PRESENT + struct.pack(">q", _microseconds(value))
    return _PRESENT + (struct.pack(">q", value) if isinstance(value, int) else value.encode())


def _microseconds(moment: datetime) -> int:
    """What PostgreSQL keeps of a time, as a whole number. The driver gives its `infinity` without a zone."""
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH) // timedelta(microseconds=1)


def _joined(parts: Iterable[bytes]) -> bytes:
    return b"".join(struct.pack(">q", len(part)) + part for part in parts)


def _derived(secret: str, purpose: str, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=purpose.encode()).derive(secret.encode())
