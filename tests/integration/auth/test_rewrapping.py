"""A change of OAUTH_ENCRYPTION_KEY to its end: afterwards the old key opens nothing and is needed by nothing."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest

from flovify.auth.errors import VaultKeyMissing, VaultTampered
from flovify.auth.vault.cipher import Place
from flovify.auth.vault.keyring import Keyring
from flovify.auth.vault.models import wrapped_key
from flovify.auth.vault.service import INSTALLATION, Vault
from flovify.auth.vault.store import VaultStore
from flovify.common.db import Pool, create_pool
from flovify.common.settings import SettingError
from tests.support.postgres import Database

OLD, NEW = secrets.token_bytes(32), secrets.token_bytes(32)


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Pool]:
    opened = await create_pool(database.auth_dsn, application_name="test", max_size=2)
    yield opened
    await opened.close()


async def test_after_rewrapping_the_old_key_can_be_dropped(pool: Pool) -> None:
    before = await _vault(pool, OLD)
    owners = [INSTALLATION, *(uuid4() for _ in range(250))]
    sealed = {owner: await _seal(pool, before, f"secret of {owner}", owner) for owner in owners}
    with pytest.raises(SettingError):
        await _vault(pool, NEW)
    both = await _vault(pool, NEW, OLD)
    assert await both.rewrap() == len(owners)
    assert await both.rewrap() == 0
    after = await _vault(pool, NEW)
    for owner in owners:
        assert await _open(pool, after, sealed[owner], owner) == f"secret of {owner}"
    # That it lacks the new key is no proof of anything worse.
    with pytest.raises(VaultKeyMissing, match=Keyring([NEW]).current_id):
        await _open(pool, before, sealed[owners[1]], owners[1])


async def test_a_damaged_data_key_stops_the_run_and_is_left_as_it_is(pool: Pool) -> None:
    before = await _vault(pool, OLD)
    owner = UUID(int=5)
    await _seal(pool, before, "x", owner)
    await pool.execute("UPDATE auth.data_keys SET wrapped_key = 'AAAA' WHERE owner_id = $1", owner)
    both = await _vault(pool, NEW, OLD)
    with pytest.raises(VaultTampered):
        await both.rewrap()
    assert await pool.fetchval("SELECT wrapped_key FROM auth.data_keys WHERE owner_id = $1", owner) == "AAAA"


async def _vault(pool: Pool, *keys: bytes) -> Vault:
    vault = Vault(Keyring(keys), VaultStore(pool))
    await vault.check_keys()
    return vault


async def _seal(pool: Pool, vault: Vault, plaintext: str, owner: UUID) -> str:
    async with pool.acquire() as connection, connection.transaction():
        return await vault.seal(plaintext, _place(owner), connection)


async def _open(pool: Pool, vault: Vault, sealed: str, owner: UUID) -> str:
    row = await pool.fetchrow(
        "SELECT key_id AS wrapping_id, wrapped_key FROM auth.data_keys WHERE owner_id = $1", owner
    )
    assert row is not None
    return vault.open(sealed, _place(owner), wrapped_key(row)).reveal()


def _place(owner: UUID) -> Place:
    return Place(owner, "test")
