"""A client secret that expires while it is in use, and registrations across restarts: real processes, the command."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from tests.integration.auth.house import House
from tests.support.certificates import make_certificate
from tests.support.command import flovify
from tests.support.postgres import Database
from tests.support.processes import base_environment, flovify_command
from tests.support.stack import SALES, SUPPORT, running_stack
from tests.support.wait import until

pytestmark = pytest.mark.timeout(400)
FIRST, SECOND = "0f0e0d0c-0b0a-4908-8706-050403020100", "5b1f0c9e-3d1a-4e0b-9a57-0c6a3d7e2f11"


async def _process(environment: dict[str, str], cwd: Path, *args: str, stdin: str = "") -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        *flovify_command(*args),
        cwd=cwd,
        env={**base_environment(), **environment},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate(stdin.encode())
    return process.returncode or 0, output.decode(), errors.decode()


async def test_an_expired_secret_is_one_error_and_a_rotation_mends_it_without_restart_or_loss(
    database: Database, tmp_path: Path
) -> None:
    async with running_stack(database, tmp_path / "data") as stack:
        owner = await asyncpg.connect(database.owner_dsn)
        tenants = {address: await stack.connect(address) for address in (SALES, SUPPORT)}
        for tenant_id in tenants.values():
            await stack.subscribe(tenant_id)
        await stack.send_mail(SALES, raw=_mail("before"))
        await stack.wait_stored(tenants[SALES], 1)
        control = f"{stack.sandbox}/_sandbox/apps/{stack.secrets.client_id}/secrets"
        await stack.call("POST", f"{control}/expire", token=None)
        await owner.execute("UPDATE auth.tenant_tokens SET expires_at = now() - interval '1 hour'")
        for service in ("worker", "api"):
            stack.restart(service)  # so that none holds a token of its own
        await stack.send_mail(SALES, SUPPORT, raw=_mail("while refused"))
        await until(lambda: "app_registration_refused" in stack.logs(), 60, "the operator's error")
        made = await stack.call("POST", control, token=None, json={})
        environment = {"DATABASE_URL": database.auth_dsn, "OAUTH_ENCRYPTION_KEY": stack.secrets.encryption_key}
        listed = await _process(environment, tmp_path, "apps", "list", "--json")
        [registration] = json.loads(listed[1])["items"]
        assert registration["last_error"]["error"] == "invalid_client"
        assert registration["last_error"]["aadsts"] == 7000222
        rotated = await _process(
            environment, tmp_path, "apps", "rotate", "default", "--secret-stdin", "--expires", "2099-12-31",
            stdin=made["client_secret"] + "\n",
        )  # fmt: skip
        assert rotated[0] == 0, rotated
        assert made["client_secret"] not in "".join(rotated[1:])
        # The worker was told to wait a minute; an hour's patience proves no more than a minute's.
        await owner.execute("UPDATE api.mailbox_leases SET blocked_until = NULL")
        await stack.wait_stored(tenants[SALES], 2, 180)
        await stack.wait_stored(tenants[SUPPORT], 1, 180)
        flagged = await owner.fetchval("SELECT count(*) FROM auth.tenants WHERE status <> 'active'")
        assert flagged == 0
        errors = [
            line for line in stack.processes["auth"].output().splitlines() if '"error"' in line and _is_error(line)
        ]
        assert [json.loads(line)["event"] for line in errors] == ["app_registration_refused"]
        assert made["client_secret"] not in stack.logs()
        after = json.loads((await flovify("apps", "list", "--json", env=environment, cwd=tmp_path)).output)["items"][0]
        assert (after["last_error"], after["warning"]) == (None, "ok")
        await owner.close()


async def test_the_environment_may_change_its_secret_or_its_application(plot: House, tmp_path: Path) -> None:
    await plot.start()
    tenant_id = await plot.connect()
    [undated] = (await _apps(plot))[0]["credentials"]
    soon = datetime.now(UTC) + timedelta(days=10, hours=12)
    await plot.restart(MICROSOFT_CLIENT_SECRET_EXPIRES=f"{soon:%Y-%m-%d}")
    [dated] = (await _apps(plot))[0]["credentials"]
    assert (undated["expires_at"], undated["warning"]) == (None, "ok")
    assert (dated["id"], dated["warning"]) == (undated["id"], "expiring")
    assert 9 <= dated["expires_in_days"] <= 10
    made = make_certificate()
    file = tmp_path / "app.pem"
    file.write_text(made.key_pem + made.certificate_pem)
    plot.entra.secrets, plot.entra.certificates = set(), [made.certificate]
    changes = {"MICROSOFT_CLIENT_SECRET": "", "MICROSOFT_CLIENT_CERTIFICATE": str(file)}
    await plot.restart(**changes)
    await plot.expire(tenant_id)
    assert (await plot.token(tenant_id)).status == 200
    await plot.restart(**changes, MICROSOFT_CLIENT_ID=SECOND)
    found = {one["client_id"]: one for one in await _apps(plot)}
    assert {one: found[one]["is_default"] for one in found} == {FIRST: False, SECOND: True}
    assert (found[FIRST]["source"], found[FIRST]["tenants"]) == ("stored", 1)
    await plot.expire(tenant_id)
    token = await plot.token(tenant_id)
    assert (token.status, token.body["registration_id"]) == (200, found[FIRST]["id"])
    await plot.restart(**changes)
    again = {one["client_id"]: one for one in await _apps(plot)}
    assert {one: again[one]["source"] for one in again} == {FIRST: "environment", SECOND: "stored"}
    assert len(again[FIRST]["credentials"]) <= 2


async def test_the_command_adds_lists_and_removes_beside_the_running_service(plot: House, tmp_path: Path) -> None:
    await plot.start()
    environment = {"DATABASE_URL": plot.database.auth_dsn, "OAUTH_ENCRYPTION_KEY": plot.encryption_key}
    made = make_certificate(days=30)
    certificate, key = tmp_path / "app.crt", tmp_path / "app.key"
    certificate.write_text(made.certificate_pem)
    key.write_text(made.key_pem)
    arguments = ["apps", "add", SECOND, "--cloud", "usgov", "--name", "Agency", "--certificate", str(certificate)]
    without = await flovify(*arguments, env=environment, cwd=tmp_path)
    assert (without.status, len(without.errors.splitlines())) == (1, 1)
    assert "private key" in without.errors
    added = await _process(environment, tmp_path, *arguments, "--key", str(key))
    assert added[0] == 0, added
    assert "http://localhost:8000/auth/oauth/ms365/callback/usgov" in added[1]
    assert "expires in 29 days" in added[1]
    assert {one["client_id"] for one in await _apps(plot)} == {FIRST, SECOND}
    twice = await flovify(*arguments, "--key", str(key), env=environment, cwd=tmp_path)
    assert (twice.status, "already registered" in twice.errors) == (1, True)
    wrong = {**environment, "OAUTH_ENCRYPTION_KEY": "A" * 43 + "="}
    assert (await flovify("apps", "list", env=wrong, cwd=tmp_path)).status == 78
    assert (await flovify("apps", "list", env={}, cwd=tmp_path)).status == 78
    removed = await _process(environment, tmp_path, "apps", "remove", SECOND, "--json")
    assert json.loads(removed[1])["removed"] is True
    refused = await flovify("apps", "remove", "default", env=environment, cwd=tmp_path)
    assert "MICROSOFT_CLIENT_ID" in refused.errors
    assert [one["client_id"] for one in await _apps(plot)] == [FIRST]


async def _apps(house: House) -> list[dict[str, Any]]:
    house.bearer = ""
    answer = await house.call("GET", f"{house.public}/auth/apps", headers=await house.admin())
    assert answer.status == 200, answer.text
    found: list[dict[str, Any]] = answer.body["items"]
    return found


def _is_error(line: str) -> bool:
    return bool(json.loads(line).get("level") == "error")


def _mail(subject: str) -> bytes:
    return f"From: a@example.org\r\nTo: {SALES}\r\nSubject: {subject}\r\n\r\nhello\r\n".encode()
