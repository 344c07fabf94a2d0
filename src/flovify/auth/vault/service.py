"""The vault: seals secrets with a data key per owner, and refuses to work with a wrong key."""

from __future__ import annotations

import secrets
from uuid import UUID

from prometheus_client import Counter

from flovify.auth.errors import VaultTampered
from flovify.auth.vault.cipher import (
    KEY_BYTES,
    DataKey,
    Place,
    SecretText,
    data_key,
    decrypt_token,
    encrypt_token,
    unwrap,
    wrap,
)
from flovify.auth.vault.keyring import Keyring
from flovify.auth.vault.store import VaultStore
from flovify.common.db import Connection
from flovify.common.logs import get_logger
from flovify.common.settings import SettingError

TAMPERED = Counter("flovify_auth_vault_tampered_total", "Sealed values that could not be opened where they stood")
INSTALLATION = UUID(int=0)  # owns what belongs to no tenant
CANARY = b"flovify canary"


class Vault:
    """Seals and opens. Plaintext lives in this process only, and never in a statement's parameters."""

    def __init__(self, keyring: Keyring, store: VaultStore) -> None:
        self._keyring = keyring
        self._store = store

    async def check_keys(self) -> None:
        """Let the service start only with the keys this database was written with.

        On an empty database the key is registered, and so is a new one beside the old ones still in use. Raises
        SettingError, before anything is written, when a key in use is missing.
        """
        async with self._store.transaction() as connection:
            # One at a time: of two processes with different keys on an empty database the second is refused.
            await self._store.lock_keys(connection)
            known = await self._store.canaries(connection)
            in_use = await self._store.key_ids_in_use(connection)
            self._check_in_use(known, in_use)
            if self._keyring.current_id not in known:
                await self._store.add_canary(
                    self._keyring.current_id, self._canary(self._keyring.current_id), connection
                )
            await self._key(INSTALLATION, connection, make=True)

    def _check_in_use(self, known: dict[str, str], in_use: set[str]) -> None:
        opened = {key_id for key_id, canary in known.items() if self._opens(key_id, canary)}
        if in_use <= opened:
            return
        if not opened:
            raise SettingError(
                "OAUTH_ENCRYPTION_KEY is not the key this database was written with; give the right one (a lost key "
                "cannot be replaced: restore it from your backup of the secrets), nothing was changed"
            )
        missing = ", ".join(sorted(in_use - opened))
        raise SettingError(
            f"OAUTH_ENCRYPTION_OLD_KEYS lacks a key that this database still needs (key id {missing}); add it, nothing "
            "was changed"
        )

    def _opens(self, key_id: str, canary: str) -> bool:
        key = self._keyring.get(key_id)
        try:
            return key is not None and unwrap(canary, key, "flovify/canary/1", key_id) == CANARY
        except VaultTampered:
            return False

    def _canary(self, key_id: str) -> str:
        key = self._keyring.get(key_id)
        assert key is not None  # noqa: S101 - it is the current one
        return wrap(CANARY, key, "flovify/canary/1", key_id)

    async def seal(self, plaintext: str, place: Place, connection: Connection | None = None) -> str:
        """Seal for one place; the owner's data key is made on first use."""
        return encrypt_token(plaintext, await self._key(place.owner, connection, make=True), place)

    async def open(self, sealed: str, place: Place, connection: Connection | None = None) -> SecretText:
        """Open what was sealed for this place. Raises VaultTampered, and sounds the alarm."""
        try:
            return decrypt_token(sealed, await self._key(place.owner, connection, make=False), place)
        except VaultTampered:
            TAMPERED.inc()
            get_logger().error("vault_tampered", owner=str(place.owner), purpose=place.purpose.partition("/")[0])
            raise

    async def rewrap(self) -> int:
        """Wrap every data key with the current key and say how many were not; old keys can then be dropped.

        Sealed values stay as they are: a data key does not change. To be called when every process has the current
        key, at first or among the old ones: one that lacks it cannot open what is rewrapped. Safe to repeat and to
        break off. Raises VaultTampered at the first data key that cannot be opened.
        """
        done = 0
        after: UUID | None = None
        while found := await self._store.foreign_data_keys(self._keyring.current_id, after):
            for owner, key_id, wrapped in found:
                anew = self._wrap(owner, self._unwrap(owner, key_id, wrapped))
                done += await self._store.replace_wrapping(owner, wrapped, self._keyring.current_id, anew)
            after = found[-1][0]
        return done

    async def shred(self, owner: UUID, connection: Connection) -> None:
        """Delete an owner's data key: what it sealed cannot be opened any more, by anybody."""
        await self._store.delete_data_key(owner, connection)

    async def _key(self, owner: UUID, connection: Connection | None, *, make: bool) -> DataKey:
        row = await self._store.data_key(owner, connection)
        if row is None:
            if not make:
                raise VaultTampered
            await self._make_key(owner, connection)
            row = await self._store.data_key(owner, connection)
            assert row is not None  # noqa: S101 - just made, by us or by another process
        return data_key(self._unwrap(owner, *row))

    async def _make_key(self, owner: UUID, connection: Connection | None) -> None:
        wrapped = self._wrap(owner, secrets.token_bytes(KEY_BYTES))
        await self._store.add_data_key(owner, self._keyring.current_id, wrapped, connection)

    def _wrap(self, owner: UUID, plain: bytes) -> str:
        key_id = self._keyring.current_id
        key = self._keyring.get(key_id)
        assert key is not None  # noqa: S101 - it is the current one
        return wrap(plain, key, "flovify/dek/1", key_id, str(owner))

    def _unwrap(self, owner: UUID, key_id: str, wrapped: str) -> bytes:
        key = self._keyring.get(key_id)
        if key is None:
            raise VaultTampered
        return unwrap(wrapped, key, "flovify/dek/1", key_id, str(owner))
