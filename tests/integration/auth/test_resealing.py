"""Every secret under a new data key, while auth serves: nothing fails by it, nothing is lost, nothing is forgotten."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from flovify.auth.apps.certificates import certificate_credential
from flovify.auth.errors import VaultTampered
from flovify.auth.resealing.tables import TABLES
from flovify.auth.vault.cipher import DataKey, Place, decrypt_token
from flovify.auth.vault.keyring import Keyring
from flovify.auth.vault.service import TAMPERED, Vault
from flovify.auth.vault.store import VaultStore
from flovify.common.clock import SystemClock
from flovify.common.db import Pool
from tests.integration.auth.fake_entra import Person
from tests.integration.auth.house import EMAIL, House, outcome
from tests.support.certificates import make_certificate
from tests.support.command import Ran, flovify
from tests.support.processes import start
from tests.support.wait import until

pytestmark = pytest.mark.asyncio(loop_scope="module")
KNOWN = {(table.name, column) for table in TABLES for column in table.places}
EXPIRE = "UPDATE auth.tenant_tokens SET expires_at = now() - interval '1 hour', refresh_blocked_until = NULL"
# What may hold a secret by its name, and is no sealed value: hashes, wrapped keys and what is public.
OTHERS = {("data_keys", "wrapped_key"), ("signing_keys", "public_key")}


@pytest_asyncio.fixture(loop_scope="module")
async def pool(house: House) -> Pool:
    assert house.deps is not None
    return house.deps.pool


@pytest.fixture
def vault(house: House, pool: Pool) -> Vault:
    return Vault(Keyring([base64.b64decode(house.encryption_key)]), VaultStore(pool))


async def test_every_sealed_column_is_resealed(house: House, pool: Pool, vault: Vault, tmp_path: Path) -> None:
    named = await pool.fetch(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'auth'"
        " AND data_type IN ('text', 'bytea')"
        " AND column_name ~ '^(sealed|encrypted|secret|private)|(_token|secret|private|_key|verifier)$'"
    )
    assert {tuple(row) for row in named} - OTHERS == KNOWN, "a new sealed column belongs into resealing/tables.py"
    tenant = UUID(await _one_of_each(house))
    dumped = await house.row(str(tenant))
    old = await _data_keys(pool, vault)
    before = await _sealed(pool, old)
    assert {place for place, _ in before} == KNOWN, "whatever is sealed in the whole schema is in the list"
    assert (await _reseal(house, tmp_path)).status == 0
    new = await _data_keys(pool, vault)
    assert set(old) == set(new)
    assert not _values(old) & _values(new), "the old keys are gone"
    assert {place for place, _ in await _sealed(pool, new)} == KNOWN
    assert await _sealed(pool, old) == []
    for kind, column in (("access", "encrypted_access_token"), ("refresh", "encrypted_refresh_token")):
        place = Place(tenant, kind, dumped["generation"])
        assert "canary" in decrypt_token(dumped[column], old[tenant], place).reveal()
        with pytest.raises(VaultTampered):
            decrypt_token(dumped[column], new[tenant], place)


async def test_nothing_fails_while_all_is_resealed_again_and_again(house: House, pool: Pool, tmp_path: Path) -> None:
    tenants = [await _connect(house, number) for number in range(4)]
    tampered = TAMPERED._value.get()
    session = (await house.login()).body["refresh_token"]

    async def refreshed(number: int) -> None:
        await pool.execute(f"{EXPIRE} WHERE tenant_id = $1", tenants[number])
        answer = await house.token(tenants[number])
        assert answer.status == 200, answer.text

    async def handed_out() -> None:
        # Not of the two that end again and again: whoever comes between two endings there waits by chance.
        assert house.deps is not None
        await asyncio.gather(*(house.deps.tokens.get_tenant_token(UUID(tenants[2])) for _ in range(8)))
        answer = await house.token(tenants[3])
        assert answer.status == 200, answer.text

    async def signed_in() -> None:
        answer = await house.call("POST", f"{house.public}/auth/refresh", json={"refresh_token": session})
        assert answer.status == 200, answer.text

    async def connected() -> None:
        await _connect(house, 3)
        url = f"{house.public}/auth/tenants/{await _connect(house, 4)}"
        answer = await house.call("DELETE", url, headers=await house.admin())
        assert answer.status == 200, answer.text

    async with _steadily(lambda: refreshed(0), lambda: refreshed(1), handed_out, signed_in, connected) as rounds:
        for _ in range(5):
            seen = dict(rounds)
            done = await _reseal(house, tmp_path)
            assert (done.status, done.errors) == (0, ""), done.errors
            await until(lambda: all(rounds[which] > seen[which] for which in rounds), what="rounds of all")  # noqa: B023
    assert TAMPERED._value.get() == tampered
    for number, tenant in enumerate(tenants):
        await house.expire(tenant)
        assert (await house.token(tenant)).status == 200, number
        assert (await house.row(tenant))["status"] == "active"


async def test_an_answer_of_microsoft_that_comes_after_it_is_sealed_with_the_new_key(
    house: House, tmp_path: Path
) -> None:
    tenant = await house.connect()
    await house.expire(tenant)
    house.entra.gate.clear()
    asked = asyncio.create_task(house.token(tenant))
    await until(lambda: house.entra.refreshes, what="the call")
    assert (await _reseal(house, tmp_path)).status == 0, "nobody holds a key while Microsoft is asked"
    house.entra.gate.set()
    assert (await asked).status == 200
    await house.expire(tenant)
    assert (await house.token(tenant)).status == 200


async def test_what_is_being_written_is_waited_for_and_resealed(
    house: House, pool: Pool, vault: Vault, tmp_path: Path
) -> None:
    tenant = UUID(await house.connect())
    generation = (await house.row(str(tenant)))["generation"]
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        sealed = await vault.seal("written late", Place(tenant, "access", generation), connection)
        running = asyncio.create_task(_reseal(house, tmp_path))
        await until(lambda: _waits(house), what="the wait for the writer")
        await connection.execute(
            "UPDATE auth.tenant_tokens SET encrypted_access_token = $2 WHERE tenant_id = $1", tenant, sealed
        )
        await transaction.commit()
    assert (await running).status == 0
    assert (await house.token(str(tenant))).body["access_token"] == "written late"


async def test_a_flow_that_comes_back_meanwhile_is_taken_up(house: House, tmp_path: Path) -> None:
    url, cookie = await house.begin()
    async with house.owner.transaction():
        await house.owner.execute("SELECT FROM auth.oauth_states FOR UPDATE")
        back = asyncio.create_task(house.come_back(house.entra.sign_in(url), cookie))
        await until(lambda: _waits(house), what="the callback that is about to use the state up")
        running = asyncio.create_task(_reseal(house, tmp_path))
        await until(lambda: _waits(house, 2), what="the wait for the callback")
    assert "connected" in outcome(await back)
    assert (await running).status == 0


async def _disconnect(house: House, tenant: str) -> bool:
    url = f"{house.public}/auth/tenants/{tenant}"
    return (await house.call("DELETE", url, headers=await house.admin())).status == 200


async def _connect_again(house: House, tenant: str) -> bool:
    return await house.connect() == tenant


async def _refresh(house: House, tenant: str) -> bool:
    return (await house.token(tenant, force_refresh=True)).status == 200


@pytest.mark.parametrize("deed", [_disconnect, _connect_again, _refresh], ids=lambda deed: deed.__name__)
async def test_whoever_waits_for_a_key_holds_no_row_that_is_resealed(
    house: House, deed: Callable[[House, str], Coroutine[Any, Any, bool]]
) -> None:
    tenant = await house.connect()
    await house.admin()
    async with house.owner.transaction():
        await house.owner.execute("SELECT FROM auth.data_keys WHERE owner_id = $1 FOR UPDATE", tenant)
        doing = asyncio.create_task(deed(house, tenant))
        await until(lambda: _waits(house), what="the wait for the key")
        # Otherwise the two would wait for each other, and PostgreSQL would end one of them.
        found = await house.owner.fetch("SELECT FROM auth.tenant_tokens WHERE tenant_id = $1 FOR UPDATE NOWAIT", tenant)
        assert len(found) == 1
    assert await doing


async def test_a_run_that_is_killed_goes_on_where_it_was(
    house: House, pool: Pool, vault: Vault, tmp_path: Path
) -> None:
    tenants = [await _connect(house, number) for number in range(3)]
    async with pool.acquire() as connection, connection.transaction():
        for _ in range(40):
            await vault.hold(uuid4(), connection)
    old = await _data_keys(pool, vault)
    held = sorted(old)[len(old) // 2]
    orders = await pool.fetchval("SELECT count(*) FROM auth.reseal_orders")
    async with house.owner.transaction():
        await house.owner.execute("SELECT FROM auth.data_keys WHERE owner_id = $1 FOR UPDATE", held)
        process = start(["admin", "reseal-secrets"], _environment(house))
        try:
            await until(lambda: _waits(house), 60, "the wait for the key in the middle")
        finally:
            process.kill9()
    now = await _data_keys(pool, vault)
    assert [owner for owner in sorted(old) if now[owner] == old[owner]] == sorted(old)[len(old) // 2 :]
    for tenant in tenants:
        assert (await house.token(tenant)).status == 200
    done = await _reseal(house, tmp_path, "--resume")
    assert done.output.splitlines()[0] == f"{len(old) // 2} of {len(old)} owners", done
    assert done.output.splitlines()[-2] == f"{len(old)} of {len(old)} owners"
    last = await _data_keys(pool, vault)
    assert all(last[owner] == now[owner] for owner in sorted(old)[: len(old) // 2]), "what was done is not done again"
    assert not _values(old) & _values(last)
    assert await pool.fetchval("SELECT count(*) FROM auth.reseal_orders") == orders + 1
    logged = await pool.fetch("SELECT actor_kind, details FROM auth.audit_log WHERE action = 'keys.resealed'")
    assert [(row["actor_kind"], row["details"]["owners"]) for row in logged] == [("command line", len(old))]
    again = await _reseal(house, tmp_path, "--resume")
    assert (again.status, len(again.errors.splitlines())) == (1, 1)
    for tenant in tenants:
        await house.expire(tenant)
        assert (await house.token(tenant)).status == 200


async def test_one_secret_that_cannot_be_opened_keeps_nobody_elses_key(
    house: House, pool: Pool, vault: Vault, tmp_path: Path
) -> None:
    first, second = UUID(await _connect(house, 0)), UUID(await _connect(house, 1))
    await pool.execute(
        "UPDATE auth.tenant_tokens SET encrypted_access_token = (SELECT encrypted_access_token FROM auth.tenant_tokens"
        " WHERE tenant_id = $1) WHERE tenant_id = $2",
        first,
        second,
    )
    old = await _data_keys(pool, vault)
    done = await _reseal(house, tmp_path)
    assert done.status == 1
    assert str(second) in done.errors
    new = await _data_keys(pool, vault)
    assert [owner for owner in old if old[owner] == new[owner]] == [second]
    await _connect(house, 1)
    assert (await _reseal(house, tmp_path, "--resume")).status == 0
    assert (await _data_keys(pool, vault))[second] != old[second]
    assert (await house.token(str(second))).status == 200


def _environment(house: House) -> dict[str, str]:
    return {"DATABASE_URL": house.database.auth_dsn, "OAUTH_ENCRYPTION_KEY": house.encryption_key}


async def _reseal(house: House, cwd: Path, *words: str) -> Ran:
    return await flovify("admin", "reseal-secrets", *words, env=_environment(house), cwd=cwd)


async def _connect(house: House, number: int) -> str:
    house.entra.person = Person(object_id=f"a1b2c3d4-0000-4000-8000-00000000010{number}")
    return await house.connect()


async def _one_of_each(house: House) -> str:
    """An account with a refresh token before the present one, a certificate, and a flow that is open."""
    assert house.deps is not None
    tenant = await house.connect()
    await house.expire(tenant)
    assert (await house.token(tenant)).status == 200
    made = make_certificate()
    registration = await house.deps.apps.resolve(None)
    credential = certificate_credential(made.certificate_pem, made.key_pem, SystemClock().now())
    rotated = await house.deps.apps.rotate(registration.id, credential, EMAIL)
    assert len(rotated.credentials) == 2
    await house.begin()
    return tenant


async def _data_keys(pool: Pool, vault: Vault) -> dict[UUID, DataKey]:
    """The key of each owner."""
    async with pool.acquire() as connection, connection.transaction():
        owners = [row["owner_id"] for row in await connection.fetch("SELECT owner_id FROM auth.data_keys")]
        return {owner: await vault.hold(owner, connection) for owner in owners}


def _values(keys: dict[UUID, DataKey]) -> set[bytes]:
    return {key.value for key in keys.values()}


async def _sealed(pool: Pool, keys: dict[UUID, DataKey]) -> list[tuple[tuple[str, str], str]]:
    """Whatever stands in a text of the schema and is sealed with one of these keys: (table, column) and value."""
    ids = {key.id for key in keys.values()}
    texts = await pool.fetch(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'auth' AND data_type = 'text'"
    )
    found = []
    for table, column in texts:
        rows = await pool.fetch(f"SELECT {column} AS value FROM auth.{table} WHERE {column} IS NOT NULL")
        found += [((table, column), row["value"]) for row in rows if _key_id(row["value"]) in ids]
    return found


def _key_id(value: str) -> bytes:
    """The data key's id in a sealed value; empty for what is none."""
    try:
        blob = base64.b64decode(value, altchars=b"-_", validate=True)
    except ValueError:
        return b""
    return blob[1:5] if blob[:1] == b"\x01" and len(blob) > 33 else b""


async def _waits(house: House, count: int = 1) -> bool:
    """Whether so many wait for the end of another's transaction."""
    waiting = await house.owner.fetchval(
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype IN ('transactionid', 'tuple')"
    )
    return bool(waiting >= count)


@asynccontextmanager
async def _steadily(*works: Callable[[], Awaitable[None]]) -> AsyncIterator[dict[int, int]]:
    """Each work without pause, in a task of its own; how often each was done. A failure ends the block with it."""
    rounds = dict.fromkeys(range(len(works)), 0)
    ending = asyncio.Event()

    async def repeat(which: int, work: Callable[[], Awaitable[None]]) -> None:
        while not ending.is_set():
            await work()
            rounds[which] += 1

    async with asyncio.TaskGroup() as group:
        for which, work in enumerate(works):
            group.create_task(repeat(which, work))
        try:
            yield rounds
        finally:
            ending.set()
