"""A backup restored elsewhere decrypts, and catches up by itself with what came since it was made."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import flovify
from tests.support.mail import simple_mail
from tests.support.postgres import Cluster
from tests.support.processes import stop
from tests.support.stack import SALES, SERVICES, Stack, running_stack

pytestmark = pytest.mark.timeout(300)


async def test_a_backup_restored_elsewhere_goes_on_and_catches_up(cluster: Cluster, tmp_path: Path) -> None:
    async with (
        cluster.fresh(migrated=True) as database,
        cluster.fresh(migrated=False) as elsewhere,
        running_stack(database, tmp_path / "data") as stack,
    ):
        tenant_id = await stack.connect(SALES)
        await stack.subscribe(tenant_id)
        await _mail(stack, tenant_id, 1)
        made = json.loads(await _command(tmp_path, database.owner_dsn, "backup", "backups", "--json"))
        await _mail(stack, tenant_id, 2)
        cursor = (await _page(stack, tenant_id))["next"]
        for name in reversed(SERVICES[1:]):
            stop(stack.processes[name])

        await _command(tmp_path, elsewhere.owner_dsn, "restore", made["dump"])
        stack.database = elsewhere
        for name in SERVICES[1:]:
            stack.start(name)
        for name in SERVICES[1:]:
            await asyncio.to_thread(stack.wait_ready, name)

        # What came since the backup is fetched, and lies behind every cursor that a program got before the loss.
        assert len(await stack.wait_stored(tenant_id, 2)) == 2
        assert [one["subject"] for one in (await _page(stack, tenant_id, cursor))["items"]] == ["message 2"]
        await _mail(stack, tenant_id, 3)
        entries = await stack.call("GET", f"{stack.api}/api/audit?action=backup.restored")
        assert len(entries["items"]) == 1


async def _mail(stack: Stack, tenant_id: str, number: int) -> None:
    await stack.send_mail(SALES, raw=simple_mail(number, SALES))
    await stack.wait_stored(tenant_id, number)


async def _page(stack: Stack, tenant_id: str, after: str | None = None) -> Any:
    params = {"tenant_id": tenant_id, **({"after": after} if after else {})}
    return await stack.call("GET", f"{stack.api}/api/messages", params=params)


async def _command(folder: Path, dsn: str, *words: str) -> str:
    ran = await flovify(*words, env={"DATABASE_URL": dsn}, cwd=folder)
    assert ran.status == 0, ran.errors
    return ran.output
