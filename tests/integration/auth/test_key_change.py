"""A change of OAUTH_ENCRYPTION_KEY over two auth processes that go on serving: no errors, and no false alarm."""

from __future__ import annotations

import asyncio
import base64
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from flovify.auth.apps.credentials import secret_credential
from flovify.auth.apps.models import NewRegistration
from flovify.auth.vault.service import MISSING, TAMPERED
from flovify.common.clock import SystemClock
from tests.integration.auth.fake_entra import CLIENT_SECRET, Person
from tests.integration.auth.house import EMAIL, House
from tests.support.command import flovify
from tests.support.net import free_ports
from tests.support.wait import until

pytestmark = pytest.mark.timeout(300)


class Pair:
    """Two auth processes on one database, each with keys of its own, the one that writes first."""

    def __init__(self, first: House) -> None:
        self.first = first
        self.second = replace(first, ports=free_ports(2), stack=AsyncExitStack(), deps=None)
        self.session = ""
        self._numbers = iter(range(1000, 9999))

    async def keys(self, which: House, *keys: str) -> None:
        """Start it, or start it anew, with these keys."""
        which.encryption_key, which.bearer = keys[0], ""
        await which.restart(OAUTH_ENCRYPTION_OLD_KEYS=",".join(keys[1:]))

    async def connect(self, which: House) -> str:
        """A new account, and so a new data key."""
        which.entra.person = Person(object_id=f"a1b2c3d4-0000-4000-8000-00000000{next(self._numbers)}")
        return await which.connect()

    async def rewrap(self, cwd: Path, *keys: str) -> None:
        environment = {
            "DATABASE_URL": self.first.database.auth_dsn,
            "OAUTH_ENCRYPTION_KEY": keys[0],
            "OAUTH_ENCRYPTION_OLD_KEYS": ",".join(keys[1:]),
        }
        done = await flovify("admin", "rewrap-keys", env=environment, cwd=cwd)
        assert done.status == 0, done.errors


@pytest.fixture
async def pair(plot: House) -> AsyncIterator[Pair]:
    both = Pair(plot)
    yield both
    await both.second.stack.aclose()


async def test_in_the_right_order_no_call_fails(pair: Pair, tmp_path: Path) -> None:
    old, new = _key(), _key()
    alarms = _alarms()
    for which in (pair.first, pair.second):
        await pair.keys(which, old)
    tenants = [await pair.connect(pair.first) for _ in range(2)]
    pair.session = (await pair.first.login()).body["refresh_token"]
    steps = [(old, new), (new, old)]
    for step in steps:
        for which, other in ((pair.first, pair.second), (pair.second, pair.first)):
            async with _serving(pair, other, tenants):
                await pair.keys(which, *step)
            tenants.append(await pair.connect(which))
            assert (await other.token(tenants[-1])).status == 200, "the other one opens what this one wraps"
    async with _serving(pair, pair.first, tenants), _serving(pair, pair.second, tenants):
        await pair.rewrap(tmp_path, new, old)
    for which, other in ((pair.first, pair.second), (pair.second, pair.first)):
        async with _serving(pair, other, tenants):
            await pair.keys(which, new)
    for tenant in tenants:
        assert (await pair.second.token(tenant, force_refresh=True)).status == 200
    assert _alarms() == alarms


async def test_in_the_wrong_order_only_the_one_that_lags_says_that_it_lacks_a_key(pair: Pair, tmp_path: Path) -> None:
    old, new = _key(), _key()
    for which in (pair.first, pair.second):
        await pair.keys(which, old)
    early = await pair.connect(pair.first)
    tampered, missing = _alarms()
    await pair.keys(pair.first, new, old)
    late = await pair.connect(pair.first)
    answer = await pair.second.token(late)
    assert (answer.status, answer.code, answer.headers["Retry-After"]) == (503, "vault_key_missing", "5")
    assert (await pair.first.token(late)).status == 200
    assert (await pair.second.token(early)).status == 200

    # A registration whose secret it cannot open: it has the lease when it finds that out.
    assert pair.first.deps is not None
    added = await pair.first.deps.apps.add(
        NewRegistration("6b1f0c9e-3d1a-4e0b-9a57-0c6a3d7e2f12", "global", "common", "another"),
        secret_credential(CLIENT_SECRET, None, SystemClock().now()),
        EMAIL,
    )
    await pair.first.owner.execute(
        "UPDATE auth.tenants SET registration_id = $2 WHERE id = $1", early, added.registration.id
    )
    await pair.first.expire(early)
    assert (await pair.second.token(early)).code == "vault_key_missing"
    row = await pair.first.row(early)
    assert (row["status"], row["lease_owner"], row["last_error"], row["refresh_blocked_until"]) == (
        "active", None, None, None,
    )  # fmt: skip
    assert (await pair.first.token(early)).status == 200, "the other one refreshes at once"

    await pair.rewrap(tmp_path, new, old)
    for tenant in (early, late):
        assert (await pair.second.token(tenant)).code == "vault_key_missing"
        assert (await pair.first.token(tenant)).status == 200
    assert (await pair.second.login()).status == 200, "it has opened the key that signs before"
    assert _alarms()[0] == tampered
    assert _alarms()[1] > missing
    await pair.keys(pair.second, new, old)
    for tenant in (early, late):
        await pair.second.expire(tenant)
        assert (await pair.second.token(tenant)).status == 200
        assert (await pair.second.row(tenant))["status"] == "active"


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _alarms() -> tuple[float, float]:
    return TAMPERED._value.get(), MISSING._value.get()


@asynccontextmanager
async def _serving(pair: Pair, which: House, tenants: list[str]) -> AsyncIterator[None]:
    """Reads, refreshes and new accounts without pause at one of the two; the first failure ends the test."""
    ending, rounds = asyncio.Event(), 0

    async def ask() -> None:
        nonlocal rounds
        while not ending.is_set():
            for tenant in tenants[:2]:
                answer = await which.token(tenant, force_refresh=True)
                assert answer.status == 200, answer.text
            answer = await which.call("POST", f"{which.public}/auth/refresh", json={"refresh_token": pair.session})
            assert answer.status == 200, answer.text
            assert (await which.token(tenants[-1])).status == 200
            rounds += 1

    async with asyncio.TaskGroup() as group:
        group.create_task(ask())
        yield
        seen = rounds
        await until(lambda: rounds > seen + 1, what="rounds")
        ending.set()
