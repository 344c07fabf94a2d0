"""What happens at the start of auth: keys, migrations, settings. What ends the start needs a process of its own."""

from __future__ import annotations

import asyncio
import base64
import json

import pytest

from flovify.auth.users.setup import create_setup_token
from flovify.common.db import create_pool
from tests.integration.auth.house import House
from tests.support.processes import start, stop
from tests.support.wait import until

pytestmark = pytest.mark.timeout(300)


async def _me(house: House, token: str) -> int:
    answer = await house.call("GET", f"{house.public}/auth/me", headers={"Authorization": f"Bearer {token}"})
    return answer.status


async def test_a_second_start_keeps_users_and_keys(plot: House) -> None:
    await plot.spawn()
    before = (await plot.login()).body
    assert plot.process is not None
    plot.process.kill9()
    await plot.spawn(FLOVIFY_ADMIN_PASSWORD="another password entirely")
    assert await _me(plot, before["access_token"]) == 200
    assert (await plot.login()).status == 200
    hostile = "a\r\nb\x1b[31m\u202e{nul}@example.com"
    assert (await plot.login(hostile)).status in {401, 422}
    await until(lambda: _all_sealed(plot), what="the seals of what was logged, the killed process's too")
    for line in plot.process.output().splitlines():
        assert isinstance(json.loads(line), dict), line


async def _all_sealed(plot: House) -> bool:
    counts = await plot.owner.fetchrow(
        "SELECT (SELECT count(*) FROM auth.audit_log), (SELECT count(*) FROM auth.audit_seals)"
    )
    assert counts is not None
    return bool(0 < counts[0] == counts[1])


async def test_with_a_wrong_encryption_key_auth_refuses_to_start_and_changes_nothing(plot: House) -> None:
    await plot.start()
    tenant_id = await plot.connect()
    await plot.stack.aclose()
    before = await _everything(plot)
    wrong = base64.b64encode(bytes(range(100, 132))).decode()
    process = start(["serve", "auth"], plot.environment(OAUTH_ENCRYPTION_KEY=wrong))
    status = await asyncio.to_thread(process.popen.wait, 100)
    output = process.output()
    assert status == 78
    assert "OAUTH_ENCRYPTION_KEY" in output.splitlines()[-1]
    assert wrong not in output
    assert await _everything(plot) == before
    right, plot.encryption_key = plot.encryption_key, wrong
    await plot.start(OAUTH_ENCRYPTION_OLD_KEYS=right)  # a rotation: the new key writes, the old one still reads
    plot.bearer = ""
    assert (await plot.token(tenant_id)).status == 200
    await plot.stack.aclose()
    plot.encryption_key = base64.b64encode(bytes(range(50, 82))).decode()
    process = start(["serve", "auth"], plot.environment(OAUTH_ENCRYPTION_OLD_KEYS=wrong))
    # The old key's data is still there: leaving it out would lose tokens, so that is refused, too.
    assert await asyncio.to_thread(process.popen.wait, 100) == 78
    await asyncio.to_thread(stop, process)


async def test_the_set_up_link_makes_one_administrator_once(plot: House) -> None:
    await plot.start(FLOVIFY_ADMIN_EMAIL="", FLOVIFY_ADMIN_PASSWORD="")
    pool = await create_pool(plot.database.auth_dsn, application_name="test", max_size=2)
    first, token = await create_setup_token(pool), await create_setup_token(pool)
    assert token is not None
    url = f"{plot.public}/auth/setup"
    body = {"token": token, "email": "first@example.com", "password": "correct horse battery staple"}
    assert (await plot.call("POST", url, json={**body, "token": first})).status == 401  # a newer link replaced it
    assert (await plot.call("POST", url, json={**body, "token": "guess"})).status == 401
    assert (await plot.call("POST", url, json={**body, "password": "short"})).status == 422
    answers = await asyncio.gather(
        *(plot.call("POST", url, json={**body, "email": f"admin{number}@example.com"}) for number in range(8))
    )
    assert sorted(answer.status for answer in answers) == [201] + [409] * 7
    assert await plot.owner.fetchval("SELECT count(*) FROM auth.users") == 1
    assert await create_setup_token(pool) is None
    await pool.close()


async def test_an_expired_set_up_link_makes_nobody(plot: House) -> None:
    await plot.start(FLOVIFY_ADMIN_EMAIL="", FLOVIFY_ADMIN_PASSWORD="")
    pool = await create_pool(plot.database.auth_dsn, application_name="test", max_size=1)
    token = await create_setup_token(pool)
    await pool.close()
    await plot.owner.execute("UPDATE auth.setup_tokens SET expires_at = now() - interval '1 second'")
    body = {"token": token, "email": "first@example.com", "password": "correct horse battery staple"}
    assert (await plot.call("POST", f"{plot.public}/auth/setup", json=body)).status == 401
    assert await plot.owner.fetchval("SELECT count(*) FROM auth.users") == 0


async def test_with_https_the_cookie_is_secure(plot: House) -> None:
    await plot.start(PUBLIC_URL="https://console.example.com")
    answer = await plot.call("GET", f"{plot.public}/auth/oauth/ms365/authorize", headers=await plot.admin())
    assert answer.headers["Set-Cookie"].startswith("__Secure-flovify_oauth_tx=")
    assert "Secure" in answer.headers["Set-Cookie"]


async def _everything(plot: House) -> list[str]:
    tables = await plot.owner.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'auth' ORDER BY 1")
    found = []
    for table in tables:
        if table["tablename"] == "periodic_tasks":
            continue
        rows = await plot.owner.fetch(f"SELECT row_to_json(t)::text AS row FROM auth.{table['tablename']} AS t")
        found.append(f"{table['tablename']} {sorted(row['row'] for row in rows)}")
    return found


async def test_a_pending_migration_stops_the_start(plot: House) -> None:
    await plot.owner.execute("DELETE FROM auth.migration_history WHERE file_seq = 6")
    process = start(["serve", "auth"], plot.environment())
    assert await asyncio.to_thread(process.popen.wait, 100) == 78
    assert "flovify migrate apply" in process.output()
    await asyncio.to_thread(stop, process)
