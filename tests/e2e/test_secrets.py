"""No secret in clear where it must not be: not in a dump of the database, not in any log, not in the metrics."""

from __future__ import annotations

import asyncpg
import pytest

from tests.e2e.canaries import found, known, places
from tests.e2e.conftest import House
from tests.support.mail import simple_mail
from tests.support.postgres import Cluster
from tests.support.wait import until

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]


async def test_a_dump_the_logs_and_the_metrics_hold_no_secret_in_clear(house: House, cluster: Cluster) -> None:
    stack = house.stack
    mailbox = await house.connected()
    await stack.send_mail(mailbox.address, raw=simple_mail(1, mailbox.address))
    await stack.wait_stored(mailbox.tenant_id, 1)
    item = await until(lambda: house.relay.item_for(mailbox.subscription_id))
    secrets = known(stack) | {
        "access token": await _token(house, mailbox.tenant_id),
        "administrator's token": await stack.admin_token(),
        "clientState of the subscription": item["clientState"].split(".")[2],
    }
    assert found(await places(stack, cluster), secrets) == []


async def test_each_class_of_secret_would_be_found() -> None:
    shown = {
        "access token, id_token or assertion": "eyJhbGciOiJFZERTQSJ9aaaaaaaa.eyJzdWIiOiIxMjM0NTY3ODkwIn0a.c2lnbmF0dXJl",
        "refresh token or authorization code": "1.A" + "x_-Y" * 40,
        "clientState": f"1.{'a' * 22}.{'b' * 43}",
        "API key": "flv_" + "a1B2" * 10,
        "private key": "-----BEGIN EC PRIVATE KEY-----",
        "password's hash": "$argon2id$v=19$",
        "random token": "a-_B" * 10 + "a1c",
    }
    for name, value in shown.items():
        assert any(one.startswith(f"{name} in logs") for one in found({"logs": f'{{"url": "/x?y={value}&z"}}'}, {})), (
            name
        )


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
