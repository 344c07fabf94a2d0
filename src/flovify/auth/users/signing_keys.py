"""The keys that sign access tokens: the first one, and those that follow it by command."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from flovify.auth.audit.store import COMMAND_LINE, AuditLog
from flovify.auth.users.store import UserStore
from flovify.auth.vault.cipher import Place
from flovify.auth.vault.service import INSTALLATION, Vault
from flovify.common.db import Connection
from flovify.common.jwt import ACCESS_SECONDS, LEEWAY_SECONDS, REFETCH_SECONDS

# Verifiers fetch the keys again when they meet an unknown one, once a minute at most (common/jwt.py). A list without
# the new key can reach them until half a minute after it was made (a slow answer); so from then on they may ask again.
AHEAD_SECONDS = REFETCH_SECONDS + 60.0
# As long as a token lives and is believed, and a minute for clocks that differ.
AFTER_SECONDS = ACCESS_SECONDS + LEEWAY_SECONDS + 60.0


@dataclass(frozen=True)
class Rotation:
    """The key that signs `in_seconds` from now, and those that end."""

    key_id: str
    in_seconds: float
    ended: list[str]


class SigningKeys:
    """Makes and ends keys; every process sees it at its next look at the database."""

    def __init__(self, store: UserStore, vault: Vault) -> None:
        self._store = store
        self._vault = vault

    async def ensure_first(self) -> None:
        """Of several processes that start on an empty database the first one's key is kept."""
        if await self._store.signing_keys():
            return
        async with self._store.transaction() as connection:
            await self._lock(connection)
            if not await self._store.signing_keys(connection):
                await self._add(0.0, connection)

    async def rotate(self, audit: AuditLog, *, now: bool = False) -> Rotation:
        """Let a new key sign, once every verifier can know it; the others end when no token of theirs is left.

        With `now` it signs at once and the others are deleted, the access tokens that they signed end with them, and
        sessions go on with a fresh one.
        """
        ahead = 0.0 if now else AHEAD_SECONDS
        async with self._store.transaction() as connection:
            await self._lock(connection)
            key_id = await self._add(ahead, connection)
            if now:
                ended = await self._store.drop_signing_keys(key_id, connection)
            else:
                ended = await self._store.retire_signing_keys(key_id, AFTER_SECONDS, connection)
            details = {"kind": "signing key", "now": now, "ended": ended}
            await audit.record(COMMAND_LINE, "keys.rotated", key_id, details, connection)
        return Rotation(key_id, ahead, ended)

    async def _lock(self, connection: Connection) -> None:
        await self._vault.hold(INSTALLATION, connection)
        await self._store.lock_signing_keys(connection)

    async def _add(self, in_seconds: float, connection: Connection) -> str:
        private = Ed25519PrivateKey.generate()
        key_id = secrets.token_hex(8)
        raw = private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        sealed = await self._vault.seal(base64.b64encode(raw).decode(), signing_key_place(key_id), connection)
        published = base64.urlsafe_b64encode(public).rstrip(b"=").decode()
        await self._store.add_signing_key(key_id, published, sealed, in_seconds, connection)
        return key_id


def signing_key_place(key_id: str) -> Place:
    """Where a private key belongs."""
    return Place(INSTALLATION, f"signing_key/{key_id}")
