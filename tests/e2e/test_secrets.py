"""No secret in clear where it must not be: not in a dump of the database, not in any log, not in the metrics."""

from __future__ import annotations

import asyncio
import re
import subprocess

import asyncpg
import pytest

from tests.e2e.conftest import House
from tests.support.mail import simple_mail
from tests.support.postgres import Cluster
from tests.support.processes import base_environment
from tests.support.stack import ADMIN_PASSWORD
from tests.support.wait import until

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

# A JSON Web Token: three dotted base64url parts, the first of which begins a JSON object.
TOKEN_SHAPE = re.compile(r"eyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{10,}")


async def test_a_dump_and_the_logs_hold_no_secret_in_clear(house: House, cluster: Cluster) -> None:
    stack = house.stack
    mailbox = await house.connected()
    await stack.send_mail(mailbox.address, raw=simple_mail(1, mailbox.address))
    await stack.wait_stored(mailbox.tenant_id, 1)
    token = await _token(house, mailbox.tenant_id)
    admin = await stack.admin_token()
    item = await until(lambda: house.relay.item_for(mailbox.subscription_id))
    secrets = {
        "access token": token,
        "administrator's token": admin,
        "password": ADMIN_PASSWORD,
        "encryption key": stack.secrets.encryption_key,
        "service secret": stack.secrets.service_secret,
        "client state key": stack.secrets.client_state,
        "client secret": stack.secrets.client_secret,
        "clientState of the subscription": item["clientState"].split(".")[2],
    }
    dump = await asyncio.to_thread(_dump, cluster, stack.database.owner_dsn)
    logs = stack.logs()
    metrics = "".join([await _text(house, f"{url}/metrics") for url in (stack.auth_internal, stack.api_internal)])
    for name, secret in secrets.items():
        places = {"dump": dump, "logs": logs, "metrics": metrics}
        found = [place for place, text in places.items() if secret in text]
        # The clientState comes back in each notification; the item is kept without it.
        assert found == [], f"{name} stands in clear in {found}"
    assert TOKEN_SHAPE.findall(dump + logs) == []


async def test_the_api_s_role_cannot_read_any_table_of_auth(house: House) -> None:
    connection = await asyncpg.connect(house.stack.database.api_dsn)
    owner = await asyncpg.connect(house.stack.database.owner_dsn)
    tables = await owner.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'auth'")
    assert len(tables) >= 5
    for row in tables:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetch(f"SELECT * FROM auth.{row['tablename']}")
    for statement in ("COPY (SELECT 1) TO PROGRAM 'true'", "SET ROLE flovify_auth", "SET ROLE flovify_owner"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    await connection.close()
    await owner.close()


async def _token(house: House, tenant_id: str) -> str:
    headers = {"X-Service-Token": house.stack.secrets.service_secret}
    url = f"{house.stack.auth_internal}/auth/internal/tenant-token"
    answer = await house.stack.call("POST", url, json={"tenant_id": tenant_id}, headers=headers, token=None)
    return str(answer["access_token"])


async def _text(house: House, url: str) -> str:
    async with house.stack.http.get(url) as answer:
        assert answer.status == 200
        return await answer.text()


def _dump(cluster: Cluster, dsn: str) -> str:
    command = [str(cluster.postgres.bin("pg_dump")), "--inserts", dsn]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=base_environment(), errors="replace")
    return done.stdout
