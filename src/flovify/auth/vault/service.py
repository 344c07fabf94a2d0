"""The vault: seals secrets with a data key per owner, and refuses to work with a wrong key."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from prometheus_client import Counter

from flovify.auth.errors import VaultKeyMissing, VaultTampered
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
from flovify.auth.vault.models import WrappedKey
from flovify.auth.vault.store import VaultStore
from flovify.common.db import Connection
from flovify.common.logs import get_logger
from flovify.common.settings import SettingError

TAMPERED = Counter("flovify_auth_vault_tampered_total", "Sealed values that could not be opened where they stood")
MISSING = Counter(
    "flovify_auth_vault_key_missing_total", "Calls for a data key whose encryption key this process was not given"
)
INSTALLATION = UUID(int=0)  # owns what belongs to no tenant
CANARY = b"flovify canary"


@dataclass(frozen=True)
class KeyChange:
    """An owner's data key that goes, and the one that comes."""

    old: DataKey
    new: DataKey

    def reseal(self, sealed: str, place: Place) -> str:
        """The same secret for the same place under the new key. Raises VaultTampered."""
        return encrypt_token(decrypt_token(sealed, self.old, place).reveal(), self.new, place)


@dataclass(frozen=True)
class KeysInUse:
    """Ids only: of the key that writes, of all that some data key is wrapped with, and of all ever registered."""

    current_id: str
    in_use: frozenset[str]
    known: frozenset[str]


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
            await self.hold(INSTALLATION, connection)

    async def keys_in_use(self) -> KeysInUse:
        """Judge the keys as `check_keys` does, but write nothing and keep nobody waiting. Raises SettingError."""
        async with self._store.transaction() as connection:
            known = await self._store.canaries(connection)
            in_use = await self._store.key_ids_in_use(connection)
        self._check_in_use(known, in_use)
        return KeysInUse(self._keyring.current_id, frozenset(in_use), frozenset(known))

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

    async def hold(self, owner: UUID, connection: Connection) -> DataKey:
        """An owner's data key, made on first use, which nobody replaces before the caller's transaction ends.

        To be called before a row of the owner is locked: `replace_key` takes the key first too, and then the rows.
        Raises VaultTampered and VaultKeyMissing.
        """
        while (held := await self._store.hold_data_key(owner, connection)) is None:
            # Made by us or, at the same moment, by another process.
            await self._store.add_data_key(owner, self._wrap(owner, secrets.token_bytes(KEY_BYTES)), connection)
        with _alarm(owner, "data_key"):
            return self._unwrap(owner, held)

    async def seal(self, plaintext: str, place: Place, connection: Connection) -> str:
        """Seal for one place; to be written in the same transaction, so that no change of keys comes between.

        Raises as `hold`.
        """
        return encrypt_token(plaintext, await self.hold(place.owner, connection), place)

    def open(self, sealed: str, place: Place, key: WrappedKey | DataKey | None) -> SecretText:
        """Open what was sealed for this place, with the key that was read in the same statement or is held.

        Raises VaultTampered, and sounds the alarm; VaultKeyMissing where only this process cannot open it.
        """
        with _alarm(place.owner, place.purpose.partition("/")[0]):
            if key is None:
                raise VaultTampered
            opener = key if isinstance(key, DataKey) else self._unwrap(place.owner, key)
            return decrypt_token(sealed, opener, place)

    async def rewrap(self) -> int:
        """Wrap every data key with the current key and say how many were not; old keys can then be dropped.

        Sealed values stay as they are: a data key does not change. To be called when every process has the current
        key, at first or among the old ones: one that lacks it cannot open what is rewrapped. Safe to repeat and to
        break off. Raises VaultTampered or VaultKeyMissing at the first data key that cannot be opened.
        """
        done = 0
        after: UUID | None = None
        while found := await self._store.foreign_data_keys(self._keyring.current_id, after):
            for owner, key_id, wrapped in found:
                with _alarm(owner, "data_key"):
                    anew = self._wrap(owner, self._unwrap(owner, WrappedKey(key_id, wrapped)).value)
                done += await self._store.replace_wrapping(owner, wrapped, anew.key_id, anew.wrapped)
            after = found[-1][0]
        return done

    async def count_stale(self, since: datetime) -> tuple[int, int]:
        """How many owners there are; of how many the data key is older than `since`, or not under the current key."""
        return await self._store.count_data_keys(since, self._keyring.current_id)

    async def stale_owners(self, since: datetime, after: UUID | None, limit: int) -> list[UUID]:
        """Owners of such keys, in order."""
        return await self._store.stale_owners(since, self._keyring.current_id, after, limit)

    async def replace_key(self, owner: UUID, since: datetime, connection: Connection) -> KeyChange | None:
        """Give an owner a new data key, unless it has a fresh one; nobody else gets at it until the transaction ends.

        Whoever was sealing has committed then, so the caller finds all that was sealed, and must reseal it in the same
        transaction: the old key is gone with it. Raises as `hold`.
        """
        stale = await self._store.lock_stale_data_key(owner, since, self._keyring.current_id, connection)
        if stale is None:
            return None
        with _alarm(owner, "data_key"):
            old = self._unwrap(owner, stale)
        new = data_key(secrets.token_bytes(KEY_BYTES))
        await self._store.replace_data_key(owner, self._wrap(owner, new.value), connection)
        return KeyChange(old, new)

    async def shred(self, owner: UUID, connection: Connection) -> None:
        """Delete an owner's data key: what it sealed cannot be opened any more, by anybody.

        To be called before the owner's rows are deleted, for the reason of `hold`.
        """
        await self._store.delete_data_key(owner, connection)

    def _wrap(self, owner: UUID, plain: bytes) -> WrappedKey:
        key_id = self._keyring.current_id
        key = self._keyring.get(key_id)
        assert key is not None  # noqa: S101 - it is the current one
        return WrappedKey(key_id, wrap(plain, key, "flovify/dek/1", key_id, str(owner)))

    def _unwrap(self, owner: UUID, kept: WrappedKey) -> DataKey:
        key = self._keyring.get(kept.key_id)
        if key is None:
            raise VaultKeyMissing(kept.key_id)
        return data_key(unwrap(kept.wrapped, key, "flovify/dek/1", kept.key_id, str(owner)))


@contextmanager
def _alarm(owner: UUID, purpose: str) -> Iterator[None]:
    """Count and log what cannot be opened: with a key we have it was tampered with, a key we lack is another matter."""
    try:
        yield
    except VaultTampered:
        TAMPERED.inc()
        get_logger().error("vault_tampered", owner=str(owner), purpose=purpose)
        raise
    except VaultKeyMissing as error:
        MISSING.inc()
        get_logger().error("vault_key_missing", key_id=error.key_id)
        raise
