"""One call to Microsoft for one expired token, whatever the processes that ask do or suffer."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from tests.integration.auth.house import COOKIE, House
from tests.integration.auth.tcp_relay import running_tcp_relay
from tests.support.postgres import Database
from tests.support.processes import base_environment
from tests.support.stack import SALES, Stack, running_stack
from tests.support.wait import until

pytestmark = pytest.mark.timeout(400)
ROOT = Path(__file__).parents[3]


@asynccontextmanager
async def _asking(count: int, tenant_id: str, environment: dict[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """Processes that ask, in a process group of their own, which is ended with the block."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.integration.auth.asker",
        str(count),
        tenant_id,
        cwd=ROOT,
        env={**base_environment(), **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def _results(process: asyncio.subprocess.Process) -> list[str]:
    output, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()[-4000:]
    found: list[str] = json.loads(output.decode().splitlines()[-1])
    return found


async def test_forty_processes_ask_for_one_expired_token_and_the_sandbox_sees_one_call(
    database: Database, tmp_path: Path
) -> None:
    async with running_stack(database, tmp_path, services=("sandbox", "auth")) as stack:
        tenant_id = await _connect(stack)
        owner = await asyncpg.connect(database.owner_dsn)
        await owner.execute("UPDATE auth.tenant_tokens SET expires_at = now() - interval '1 hour'")
        await owner.close()
        before = await _token_calls(stack)
        async with _asking(40, tenant_id, stack.environment("auth")) as asking:
            found = await _results(asking)
        assert len(found) == 40
        assert len(set(found)) == 1, found
        assert len(found[0]) == 64
        assert await _token_calls(stack) - before == 1


async def test_a_killed_holder_is_replaced_when_its_lease_ends(plot: House) -> None:
    await plot.start()
    tenant_id = await plot.connect()
    await plot.expire(tenant_id)
    plot.entra.gate.clear()
    async with _asking(1, tenant_id, plot.environment()) as asking:
        await until(lambda: plot.entra.refreshes, 120, "the call of the holder")
        os.killpg(asking.pid, signal.SIGKILL)
        plot.entra.gate.set()
    await _end_lease(plot)
    answer = await plot.token(tenant_id)
    assert answer.status == 200, answer.text
    assert len(plot.entra.refreshes) == 2
    assert (await plot.row(tenant_id))["status"] == "active"


async def test_a_holder_stopped_past_its_lease_changes_nothing_when_it_wakes(plot: House) -> None:
    await plot.start()
    tenant_id = await plot.connect()
    await plot.expire(tenant_id)
    before = (await plot.row(tenant_id))["generation"]
    plot.entra.gate.clear()
    async with _asking(1, tenant_id, plot.environment()) as asking:
        await until(lambda: plot.entra.refreshes, 120, "the call of the holder")
        os.killpg(asking.pid, signal.SIGSTOP)
        plot.entra.gate.set()  # the answer arrives at a process that sleeps
        await _end_lease(plot)
        fresh = (await plot.token(tenant_id)).body["access_token"]
        after = await plot.row(tenant_id)
        assert after["generation"] == before + 1
        os.killpg(asking.pid, signal.SIGCONT)
        found = await _results(asking)
    assert len(found[0]) == 64
    last = await plot.row(tenant_id)
    assert (last["generation"], last["status"]) == (before + 1, "active")
    assert last["encrypted_refresh_token"] == after["encrypted_refresh_token"]
    assert (await plot.token(tenant_id)).body["access_token"] == fresh


async def test_an_answer_of_microsoft_survives_a_database_that_is_away(plot: House) -> None:
    async with running_tcp_relay(plot.database.auth_dsn) as relay:
        await plot.start(DATABASE_URL=relay.dsn)
        tenant_id = await plot.connect()
        await plot.expire(tenant_id)
        before = (await plot.row(tenant_id))["generation"]
        plot.entra.gate.clear()
        asked = asyncio.create_task(plot.token(tenant_id))
        await until(lambda: plot.entra.refreshes, what="the call")
        await relay.down()
        ready = await plot.call("GET", f"{plot.public}/auth/ready")
        assert ready.status == 503
        login = await plot.login()
        assert (login.status, login.code) == (503, "database_unavailable")
        plot.entra.gate.set()
        await until(lambda: not asked.done(), what="a caller that still waits")
        await relay.up()
        answer = await asked
        # Counting the hand-out may still meet a cut connection; the token itself must be safe by then.
        assert answer.status in {200, 503}
        row = await plot.row(tenant_id)
        assert (row["generation"], row["status"]) == (before + 1, "active")
        assert (await plot.token(tenant_id)).status == 200
        assert len(plot.entra.refreshes) == 1


async def _connect(stack: Stack) -> str:
    """A flow through auth itself; the front door is not running here."""
    headers = {"Authorization": f"Bearer {await stack.admin_token()}"}
    url = f"{stack.auth}/auth/oauth/ms365/authorize"
    async with stack.http.get(url, params={"sandbox_auto": SALES}, headers=headers, allow_redirects=False) as begun:
        assert begun.status == 302, await begun.text()
        location, cookie = begun.headers["Location"], begun.cookies[COOKIE].value
    async with stack.http.get(location, allow_redirects=False) as consented:
        back = urlsplit(consented.headers["Location"])
    url = f"{stack.auth}{back.path}?{back.query}"
    async with stack.http.get(url, headers={"Cookie": f"{COOKIE}={cookie}"}, allow_redirects=False) as finished:
        assert finished.status == 303, await finished.text()
        assert "connected=" in finished.headers["Location"], finished.headers["Location"]
        return finished.headers["Location"].partition("connected=")[2]


async def _token_calls(stack: Stack) -> int:
    found = await stack.call(
        "GET",
        f"{stack.sandbox}/_sandbox/requests",
        params={"method": "POST", "path": "*/oauth2/v2.0/token"},
        token=None,
    )
    return len(found["items"])


async def _end_lease(plot: House) -> None:
    """As if its twenty seconds were over."""
    await plot.owner.execute("UPDATE auth.tenant_tokens SET lease_until = now() - interval '1 second'")
