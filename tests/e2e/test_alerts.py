"""Every alert fires when its thing is broken, and clears when it is mended: real Prometheus, Alertmanager and services.

Only what would take hours by itself is moved in the database: silence, ages, expiries, and what an intruder would do.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import pytest
import yaml

from tests.e2e.conftest import House, Mailbox
from tests.e2e.ground import fault, hurry, mend, rows, send, user_of
from tests.support.alerting import PROGRAMS, ROOT, Receiver, running_alerting
from tests.support.net import free_port
from tests.support.postgres import Cluster
from tests.support.relay import Relay
from tests.support.stack import running_stack
from tests.support.wait import until

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(1800)]
SOON = 90
SERVICES = ("auth", "api", "worker", "bff")


def test_the_rules_own_tests_pass() -> None:
    files = sorted((ROOT / "deploy/prometheus/tests").glob("*.yml"))
    ran = subprocess.run([f"{PROGRAMS}/promtool", "test", "rules", *files], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_alertmanagers_file_is_one_when_it_is_filled_in(tmp_path: Path) -> None:
    folder = ROOT / "deploy/alertmanager"
    given = yaml.safe_load((ROOT / "deploy/docker-compose.monitoring.yml").read_text())["services"]["alertmanager"]
    names = dict.fromkeys(given["environment"], "http://example.com/?a&b=$1|2") | {"ALERT_RECEIVER": "both"}
    names |= {"ALERT_SMTP_HOST": "smtp.example.com:587", "ALERT_SMTP_USER": "", "PATH": "/usr/bin:/bin"}
    target = str(tmp_path / "filled.yml")
    command = ["sh", f"{folder}/start.sh", f"{folder}/alertmanager.yml", target, f"{PROGRAMS}/amtool"]
    ran = subprocess.run([*command, "check-config", target], env=names, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    filled = yaml.safe_load(Path(target).read_text())
    assert filled["receivers"][1]["webhook_configs"][0]["url"] == "http://example.com/?a&b=$1|2"
    ran = subprocess.run(command, env={**names, "ALERT_TO": ""}, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (78, "deploy/.env: ALERT_TO is empty\n")


@dataclass
class Ground:
    house: House
    receiver: Receiver

    async def sql(self, statement: str, *values: object) -> list[Any]:
        return await rows(self.house, statement, *values)

    async def ask(self, method: str, path: str, **options: Any) -> Any:
        return await self.house.stack.call(method, f"{self.house.stack.auth}{path}", **options)

    async def sandbox(self, method: str, path: str, **options: Any) -> Any:
        return await self.house.stack.call(method, f"{self.house.stack.sandbox}/_sandbox{path}", token=None, **options)

    async def fires(self, *names: str, timeout: float = SOON) -> None:
        await self.receiver.wait_firing(set(names), timeout)

    async def clears(self, *names: str, timeout: float = SOON) -> None:
        await self.receiver.wait_clear(set(names), timeout)

    async def refresh(self, mailbox: Mailbox) -> None:
        """Have auth ask Microsoft for a fresh token now; whether it gets one is what is tried."""
        await self.sql(
            "UPDATE auth.tenant_tokens SET refresh_blocked_until = NULL WHERE tenant_id = $1", mailbox.tenant_id
        )
        with contextlib.suppress(AssertionError):
            await self.ask("POST", f"/auth/tenants/{mailbox.tenant_id}/refresh")

    async def hand_out(self, mailbox: Mailbox) -> None:
        """As a service asks for a token; refused or not."""
        stack = self.house.stack
        headers = {"X-Service-Token": stack.secrets.service_secret}
        body = {"tenant_id": mailbox.tenant_id}
        async with stack.http.post(
            f"{stack.auth_internal}/auth/internal/tenant-token", json=body, headers=headers
        ) as answer:
            await answer.read()


@pytest.fixture
async def ground(cluster: Cluster, tmp_path: Path) -> AsyncIterator[Ground]:
    async with cluster.fresh(migrated=True) as database, running_stack(database, tmp_path / "data") as stack:
        (tmp_path / "data").mkdir(exist_ok=True)
        async with running_alerting(stack, tmp_path) as receiver:
            # The relay stands between Microsoft and us in other tests; here nothing passes it.
            yield Ground(House(stack, Relay(free_port())), receiver)


@asynccontextmanager
async def posting(house: House) -> AsyncIterator[None]:
    """Five callers of the webhook who do not stop: what is slow or refused becomes a share of something."""

    async def post() -> None:
        while True:
            with contextlib.suppress(aiohttp.ClientError):
                async with house.stack.http.post(f"{house.stack.bff}/api/ms365/webhook", json={"value": []}) as answer:
                    await answer.read()
            await asyncio.sleep(0.5)

    tasks = [asyncio.create_task(post()) for _ in range(5)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_every_alert_fires_and_clears(ground: Ground, capsys: pytest.CaptureFixture[str]) -> None:
    steps = (silence, queue, expiries, mailboxes, intruder, figures, refused_intake, slow_answers, dead_processes)
    house, receiver = ground.house, ground.receiver
    boxes = [await house.connected() for _ in range(6)]
    async with posting(house):
        for step in steps:
            await step(ground, boxes)
            with capsys.disabled():
                print(f"\n-- {step.__name__}\n" + "\n".join(receiver.seen))  # noqa: T201 - the run's protocol
            receiver.seen.clear()
        await until(lambda: not receiver.firing, SOON, "silence of the alerts", poll=0.5)


async def silence(ground: Ground, boxes: list[Mailbox]) -> None:
    await ground.sql("UPDATE api.webhook_subscriptions SET created_at = now() - interval '2 days'")
    await ground.fires("FlovifySilence")
    await send(ground.house, boxes[0], range(1))
    await ground.clears("FlovifySilence")


async def queue(ground: Ground, boxes: list[Mailbox]) -> None:
    """A flood that is not due, and one event whose mailbox a worker holds for ever."""
    held = uuid.uuid4()
    insert = (
        "INSERT INTO api.inbox (id, tenant_id, provider, event_key, subscription_row_id, kind, correlation_id, due_at) "
        "SELECT gen_random_uuid(), $1, 'ms365', gen_random_uuid()::text, $1, 'unknown', $1, now() + $2::interval "
        "FROM generate_series(1, $3)"
    )
    await ground.sql(
        "INSERT INTO api.mailbox_leases (tenant_id, lease_until) VALUES ($1, now() + interval '1 day')", held
    )
    await ground.sql(insert, held, timedelta(minutes=-10), 1)
    await ground.sql(insert, held, timedelta(days=1), 10_001)
    await ground.fires("FlovifyQueueDeep", "FlovifyQueueOld")
    await ground.sql("DELETE FROM api.inbox WHERE tenant_id = $1", held)
    await ground.clears("FlovifyQueueDeep", "FlovifyQueueOld")


async def expiries(ground: Ground, boxes: list[Mailbox]) -> None:
    """Credentials that end, as an administrator told us; a refresh token that nobody used."""

    def credential(days: int) -> dict[str, str]:
        ends = datetime.now(UTC) + timedelta(days=days)
        return {"kind": "secret", "secret": "canary-of-a-client-secret", "expires_at": ends.isoformat()}

    made = [
        await ground.ask("POST", "/auth/apps", json={"client_id": str(uuid.uuid4()), "credential": credential(days)})
        for days in (20, 3)
    ]
    await ground.sql(
        "UPDATE auth.tenant_tokens SET last_refreshed_at = now() - interval '70 days' WHERE tenant_id = $1",
        boxes[0].tenant_id,
    )
    names = ("FlovifyCredentialEnds", "FlovifyCredentialEndsSoon", "FlovifyRefreshTokenLapses")
    await ground.fires(*names)
    for one in made:
        await ground.ask("POST", f"/auth/apps/{one['id']}/credentials", json=credential(300))
    await ground.refresh(boxes[0])
    await ground.clears(*names)


async def mailboxes(ground: Ground, boxes: list[Mailbox]) -> None:
    """One mailbox for each trouble, all at once."""
    house, (failing, gone, blocked, dead, unrenewed) = ground.house, boxes[1:6]
    await ground.sandbox("POST", "/token-errors", json={"address": failing.address, "aadsts": 90033})
    await ground.sandbox("POST", f"/grants/{gone.address}/revoke")
    for one in (failing, gone):
        await ground.refresh(one)
    refused = await fault(house, f"/v1.0/users/{await user_of(house, blocked)}/*", status=403)
    await send(house, blocked, range(1))
    await ground.sandbox("POST", f"/subscriptions/{blocked.subscription_id}/missed")
    body = {"error": {"code": "ErrorInvalidAttachmentId", "message": "The attachment id is invalid."}}
    broken = await fault(house, f"/v1.0/users/{await user_of(house, dead)}/messages/*", status=400, body=body)
    await send(house, dead, range(1))
    kept = await fault(house, f"/v1.0/subscriptions/{unrenewed.subscription_id}", method="PATCH", status=403)
    await ground.sql(
        "UPDATE api.webhook_subscriptions SET next_renewal_at = now(), expires_at = now() + interval '2 hours' "
        "WHERE tenant_id = $1", unrenewed.tenant_id
    )  # fmt: skip
    names = (
        "FlovifyTokenRefreshFailing", "FlovifyReconnectRequired", "FlovifyAccountsBlocked", "FlovifyGapsOpen",
        "FlovifyDeadLetters", "FlovifyRenewalFailing", "FlovifySubscriptionEnds",
    )  # fmt: skip
    hurrying = asyncio.create_task(_hurry(house, dead))
    try:
        await ground.fires(*names, timeout=150)
    finally:
        hurrying.cancel()
    await ground.sandbox("DELETE", "/token-errors")
    for made in (refused, broken, kept):
        await mend(house, made)
    await ground.refresh(failing)
    await house.stack.connect(gone.address)
    await hurry(house, blocked)
    await ground.sql("UPDATE api.coverage_gaps SET next_try_at = now()")
    letters = [str(row["id"]) for row in await ground.sql("SELECT id FROM api.inbox WHERE state = 'dead'")]
    discard = {"ids": letters, "reason": "made by a test"}
    await house.stack.call("POST", f"{house.stack.api}/api/dead-letters/discard", json=discard)
    await ground.sql(
        "UPDATE api.webhook_subscriptions SET next_renewal_at = now() WHERE tenant_id = $1", unrenewed.tenant_id
    )
    await ground.clears(*names, timeout=150)


async def _hurry(house: House, mailbox: Mailbox) -> None:
    while True:
        await hurry(house, mailbox)
        await asyncio.sleep(1)


async def intruder(ground: Ground, boxes: list[Mailbox]) -> None:
    """What somebody with the database owner's password might do, and a log that nobody can seal meanwhile."""
    one, other = boxes[0], boxes[1]
    owner = await asyncpg.connect(ground.house.stack.database.owner_dsn)
    lock = "hashtextextended('flovify auth.audit_seals', 0)"
    await owner.execute(f"SELECT pg_advisory_lock({lock})")
    await ground.ask("POST", "/auth/login", json={"email": "nobody@example.com", "password": "wrong"}, expect=401)
    await ground.hand_out(one)
    kept = await ground.sql(
        "SELECT encrypted_access_token AS token FROM auth.tenant_tokens WHERE tenant_id = $1", one.tenant_id
    )
    await ground.sql(
        "UPDATE auth.tenant_tokens SET encrypted_access_token = (SELECT encrypted_access_token FROM auth.tenant_tokens "
        "WHERE tenant_id = $2) WHERE tenant_id = $1", one.tenant_id, other.tenant_id
    )  # fmt: skip
    await ground.sql("INSERT INTO auth.vault_keys (key_id, canary) VALUES ('of-others', '')")
    (key,) = await ground.sql("SELECT key_id FROM auth.data_keys WHERE owner_id = $1", other.tenant_id)
    await ground.sql("UPDATE auth.data_keys SET key_id = 'of-others' WHERE owner_id = $1", other.tenant_id)
    await ground.sql(
        "INSERT INTO auth.token_handouts SELECT $1, date_trunc('minute', now()) - make_interval(mins => n), "
        "CASE WHEN n <= 1 THEN 900 ELSE 1 END FROM generate_series(-1, 60) n "
        "ON CONFLICT (tenant_id, minute) DO UPDATE SET count = excluded.count", boxes[2].tenant_id
    )  # fmt: skip
    await ground.hand_out(one)
    await ground.hand_out(other)
    names = ("FlovifyAuditUnsealed", "FlovifyVaultTampered", "FlovifyVaultKeyMissing", "FlovifyUnusualHandouts")
    await ground.fires(*names, timeout=150)
    await owner.execute(f"SELECT pg_advisory_unlock({lock})")
    await owner.close()
    await ground.sql("UPDATE auth.data_keys SET key_id = $2 WHERE owner_id = $1", other.tenant_id, key["key_id"])
    await ground.sql("DELETE FROM auth.vault_keys WHERE key_id = 'of-others'")
    await ground.sql(
        "UPDATE auth.tenant_tokens SET encrypted_access_token = $2 WHERE tenant_id = $1",
        one.tenant_id,
        kept[0]["token"],
    )
    await ground.clears(*names)
    await ground.sql("DELETE FROM api.audit_seals")
    await ground.fires("FlovifyAuditSealsLost")
    await ground.clears("FlovifyAuditSealsLost")


async def figures(ground: Ground, boxes: list[Mailbox]) -> None:
    stop = "UPDATE {}.periodic_tasks SET due_at = now() + interval '1 day' WHERE name = 'take_readings'"
    for schema in ("api", "auth"):
        await ground.sql(stop.format(schema))
        await ground.sql(f"UPDATE {schema}.readings SET at = now() - interval '1 hour'")
    await ground.fires("FlovifyFiguresOld")
    for schema in ("api", "auth"):
        await ground.sql(f"UPDATE {schema}.periodic_tasks SET due_at = now()")
    await ground.clears("FlovifyFiguresOld")


async def refused_intake(ground: Ground, boxes: list[Mailbox]) -> None:
    """The disk is full, as far as the api can tell."""
    stack = ground.house.stack
    stack.processes["api"].kill9()
    stack.start("api", env={"FLOVIFY_MIN_FREE_MB": "1000000000"})
    stack.wait_ready("api")
    names = ("FlovifyIntakeClosed", "FlovifyDiskLow", "FlovifyWebhookErrors")
    await ground.fires(*names)
    stack.restart("api")
    await ground.clears(*names)


async def slow_answers(ground: Ground, boxes: list[Mailbox]) -> None:
    """An api that stands still; then a front door too, with requests in its hands that wait for the api."""
    api, bff = (ground.house.stack.processes[name] for name in ("api", "bff"))
    slow = ("FlovifyWebhookSlow", "FlovifyWebhookTooSlow")
    down = ("FlovifyServiceDown flovify-api", "FlovifyServiceDown flovify-bff")
    api.signal(signal.SIGSTOP)
    try:
        await ground.fires(*slow, down[0])
        bff.signal(signal.SIGSTOP)
        try:
            await ground.fires(down[1])
            await asyncio.sleep(11)  # longer than Microsoft's second limit
        finally:
            bff.signal(signal.SIGCONT)
        await ground.fires("FlovifyWebhookDropping")
    finally:
        api.signal(signal.SIGCONT)
    await ground.clears(*slow, *down, "FlovifyWebhookDropping")


async def dead_processes(ground: Ground, boxes: list[Mailbox]) -> None:
    stack = ground.house.stack
    names = [f"FlovifyServiceDown flovify-{name}" for name in SERVICES]
    for name in SERVICES:
        stack.processes[name].kill9()
    await ground.fires(*names)
    for name in SERVICES:
        stack.start(name)
    for name in SERVICES:
        await asyncio.to_thread(stack.wait_ready, name)
    await ground.clears(*names)
