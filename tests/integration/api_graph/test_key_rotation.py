"""What no notification has changed over to the first key is made anew by the renewal, once and under the same id."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flovify.api.subscriptions import client_state
from flovify.api.subscriptions.keys.models import Keyring
from flovify.api.subscriptions.keys.store import KeyStore
from flovify.api.subscriptions.renewal import renew_due, renewal_task
from flovify.common.clock import SystemClock
from tests.integration.api_graph.running import Api
from tests.support.wait import until

pytestmark = pytest.mark.asyncio(loop_scope="module")
PATH = "/api/ms365/subscriptions"
NEW = "the-new-key-of-the-rotation-0123"
IN_AN_HOUR = SystemClock(3600)


def replace_key(api: Api, monkeypatch: pytest.MonkeyPatch, *, keep_old: bool = True) -> Keyring:
    """The service as after a restart with a new first key."""
    old = api.deps.settings.client_state_keys if keep_old else ()
    monkeypatch.setattr(api.deps.subscriptions, "keyring", Keyring([NEW, *old]))
    return api.deps.subscriptions.keyring


async def row_of(api: Api, made: dict[str, Any]) -> Any:
    found = await api.deps.pool.fetchrow("SELECT * FROM api.webhook_subscriptions WHERE id = $1", uuid.UUID(made["id"]))
    assert found is not None
    return found


async def test_what_is_made_knows_its_key(api: Api) -> None:
    tenant, _ = await api.connect()
    made = await api.subscribe(tenant)
    first = client_state.key_id(api.deps.settings.client_state_keys[0])
    assert (await row_of(api, made))["client_state_key_id"] == first
    await api.call("POST", f"{PATH}/{made['id']}/renew")
    renewed = await row_of(api, made)
    assert (renewed["subscription_id"], renewed["client_state_key_id"]) == (made["subscription_id"], first)


async def test_a_quiet_subscription_is_made_anew_within_the_hour(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    tenant, mailbox = await api.connect()
    made = await api.subscribe(tenant)
    before = await row_of(api, made)
    keyring = replace_key(api, monkeypatch)
    service = api.deps.subscriptions
    task = renewal_task(api.deps.pool, service, api.deps.clock)
    await task.run_if_due()  # makes its row
    await api.deps.pool.execute("UPDATE api.periodic_tasks SET due_at = clock_timestamp()")
    await task.run_if_due()
    looked_at = await row_of(api, made)
    assert (
        looked_at["next_renewal_at"] - datetime.now(UTC)
        <= timedelta(hours=1)
        < before["next_renewal_at"] - datetime.now(UTC)
    )
    assert await renew_due(service, IN_AN_HOUR) == 1
    after = await row_of(api, made)
    assert (after["id"], after["status"], after["client_state_key_id"]) == (before["id"], "active", keyring.first_id)
    assert after["previous_client_state_hash"] == before["client_state_hash"]
    assert after["previous_client_state_key_id"] == before["client_state_key_id"]
    [left] = (await api.sandbox.graph(mailbox, "GET", "/subscriptions")).body["value"]
    assert left["id"] == after["subscription_id"] != made["subscription_id"]
    assert await KeyStore(api.deps.pool).counts(datetime.now(UTC)) == {keyring.first_id: 1}
    assert await renew_due(service, IN_AN_HOUR) == 0


async def test_a_row_from_before_is_made_anew_at_its_usual_time(api: Api) -> None:
    tenant, _ = await api.connect()
    made = await api.subscribe(tenant)
    await api.deps.pool.execute("UPDATE api.webhook_subscriptions SET client_state_key_id = NULL")
    assert await KeyStore(api.deps.pool).bring_forward(api.deps.subscriptions.keyring, datetime.now(UTC)) == 0
    await api.deps.pool.execute("UPDATE api.webhook_subscriptions SET next_renewal_at = now()")
    assert await renew_due(api.deps.subscriptions, api.deps.clock) == 1
    after = await row_of(api, made)
    assert after["subscription_id"] != made["subscription_id"]
    assert after["client_state_key_id"] == api.deps.subscriptions.keyring.first_id


async def test_a_process_that_is_behind_leaves_newer_rows_alone(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    tenant, _ = await api.connect()
    made = await api.subscribe(tenant)
    keyring = replace_key(api, monkeypatch, keep_old=False)
    assert await KeyStore(api.deps.pool).bring_forward(keyring, datetime.now(UTC)) == 0
    await api.call("POST", f"{PATH}/{made['id']}/renew")
    assert (await row_of(api, made))["subscription_id"] == made["subscription_id"]


async def test_an_abandoned_key_has_its_rows_made_anew_and_the_old_removed(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant, mailbox = await api.connect()
    made = await api.subscribe(tenant)
    lost = str((await row_of(api, made))["client_state_key_id"])
    keyring = replace_key(api, monkeypatch, keep_old=False)
    assert await KeyStore(api.deps.pool).abandon(lost, datetime.now(UTC)) == 1
    assert (await row_of(api, made))["last_error"].startswith("client_state_key_abandoned: ")
    assert await renew_due(api.deps.subscriptions, api.deps.clock) == 1
    after = await row_of(api, made)
    assert (after["status"], after["last_error"], after["client_state_key_id"]) == ("active", None, keyring.first_id)
    [left] = (await api.sandbox.graph(mailbox, "GET", "/subscriptions")).body["value"]
    assert left["id"] == after["subscription_id"]


async def test_mail_that_comes_before_the_hour_is_over_spares_the_new_one(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole way: the sandbox's own notification shows the secret."""
    tenant, mailbox = await api.connect()
    made = await api.subscribe(tenant)
    await api.deps.pool.execute("UPDATE api.webhook_subscriptions SET client_state_key_id = NULL")
    await api.sandbox.deliver(mailbox, b"Subject: x\r\n\r\nx\r\n")
    first = api.deps.subscriptions.keyring.first_id

    async def changed_over() -> bool:
        return bool((await row_of(api, made))["client_state_key_id"] == first)

    await until(changed_over, 20, "the row under the first key")
    assert await renew_due(api.deps.subscriptions, IN_AN_HOUR) == 0
