"""What we believe of subscriptions is asked for; what is not announced is polled; what is too quiet is looked at."""

from __future__ import annotations

from typing import Any

import pytest
import pytest_asyncio

from flovify.api.subscriptions.proof import Prover
from flovify.api.subscriptions.renewal import renew_due
from flovify.common.db import Pool
from tests.integration.api_graph.running import Api
from tests.integration.api_graph.watched import Watched, quiet_inbox

pytestmark = pytest.mark.asyncio(loop_scope="module")
PATH = "/api/ms365/subscriptions"
GRAPH = "/v1.0/subscriptions"


@pytest_asyncio.fixture(loop_scope="module")
async def watched(api: Api) -> Watched:
    return await quiet_inbox(api)


async def shown(watched: Watched) -> dict[str, Any]:
    body: dict[str, Any] = (await watched.api.call("GET", f"{PATH}/{watched.row_id}")).body
    return body


async def prove(watched: Watched) -> int:
    deps = watched.api.deps
    await deps.pool.execute("UPDATE api.webhook_subscriptions SET next_proof_at = clock_timestamp()")
    return await Prover(deps.subscriptions, deps.auth, deps.providers).prove_due()


async def remove_at_microsoft(watched: Watched) -> None:
    """Without a word: as a disconnection that failed half way leaves it."""
    row = await watched.api.deps.subscriptions.get(watched.row_id)
    answer = await watched.api.sandbox.graph(watched.mailbox, "DELETE", f"/subscriptions/{row.subscription_id}")
    if answer.status != 204:  # made by another application than the mailbox's token
        url = f"{watched.api.sandbox.url}/_sandbox/subscriptions/{row.subscription_id}/expire"
        async with watched.api.http.post(url) as done:
            assert done.status == 200, await done.text()


async def test_each_is_asked_for_and_shows_when_it_was_proven_and_how(watched: Watched, pool: Pool) -> None:
    assert (await shown(watched))["proven_by"] == "created"
    await pool.execute("UPDATE api.webhook_subscriptions SET proven_at = now() - interval '1 day'")
    assert await prove(watched) == 1
    found = await shown(watched)
    assert (found["proven_by"], found["mode"]) == ("asked", "push")
    deps = watched.api.deps
    assert await Prover(deps.subscriptions, deps.auth, deps.providers).prove_due() == 0, "hours go by until the next"


async def test_what_is_gone_without_a_word_is_made_anew_and_leaves_no_hole(watched: Watched) -> None:
    before = await shown(watched)
    await remove_at_microsoft(watched)
    sent = await watched.deliver(1, 2)
    await prove(watched)
    after = await shown(watched)
    assert (after["status"], after["subscription_id"] != before["subscription_id"]) == ("active", True)
    [gap] = await watched.gaps(open="true")
    assert gap["reasons"] == ["removed", "recreated"]
    await watched.rest()
    await watched.catch_up()
    await watched.work()
    assert sorted(await watched.stored()) == sorted(sent)


async def test_an_answer_that_proves_nothing_changes_nothing(watched: Watched) -> None:
    before = await shown(watched)
    for status in (503, 404, 401):
        await watched.api.sandbox.fault("GET", f"{GRAPH}/*", status=status, times=2, body="<html>")
        await prove(watched)
        await watched.api.sandbox.clear_faults()
    after = await shown(watched)
    assert (after["subscription_id"], after["status"]) == (before["subscription_id"], "active")


async def test_a_reconnected_account_has_its_subscriptions_asked_for_at_once(watched: Watched, pool: Pool) -> None:
    await remove_at_microsoft(watched)
    await watched.api.call_internal("POST", f"/api/internal/tenants/{watched.tenant}/connected", {})
    deps = watched.api.deps
    assert await Prover(deps.subscriptions, deps.auth, deps.providers).prove_due() == 1
    assert (await shown(watched))["status"] == "active"


async def test_what_ended_without_a_renewal_is_not_active_and_is_made_anew(watched: Watched, pool: Pool) -> None:
    """Its renewals kept failing past its end."""
    deps = watched.api.deps
    await pool.execute(
        "UPDATE api.webhook_subscriptions SET expires_at = now() - interval '1 minute', renewal_failures = 5, "
        "next_renewal_at = now() + interval '1 hour'"
    )
    sent = await watched.deliver(1)
    assert await deps.subscriptions.end_overdue() == 1
    found = await shown(watched)
    assert (found["status"], found["state_word"], found["mode"]) == ("failed", "expired", "poll")
    await watched.catch_up()
    await watched.work()
    assert await watched.stored() == sent, "polled, before there is a subscription again"
    assert await renew_due(deps.subscriptions, deps.clock) == 1
    assert (await shown(watched))["status"] == "active"


async def test_a_webhook_that_nobody_reaches_is_made_up_for_by_polling_until_it_is_reached(
    api: Api, monkeypatch: pytest.MonkeyPatch, pool: Pool
) -> None:
    tenant, mailbox = await api.connect()
    monkeypatch.setattr(api.deps.subscriptions, "_notification_url", "http://localhost:9/nobody")
    made = await api.call("POST", PATH, {"tenant_id": str(tenant)})
    assert (made.status, made.body["status"], made.body["mode"]) == (201, "failed", "poll")
    assert "http://localhost:9/nobody" in made.body["last_error"]
    assert "curl -i -X POST" in made.body["last_error"]
    found = Watched(api, tenant, mailbox, made.body["id"])
    for number in range(3):
        sent = await found.deliver(number)
        await pool.execute("UPDATE api.coverage_gaps SET next_try_at = clock_timestamp()")
        await found.catch_up()
        await found.work()
        assert sent[0] in await found.stored()
    [gap] = await found.gaps()
    assert (gap["closed_at"], "not_subscribed" in gap["reasons"], gap["recovered"]) == (None, True, 3)
    monkeypatch.undo()
    await pool.execute("UPDATE api.webhook_subscriptions SET next_renewal_at = now()")
    await renew_due(api.deps.subscriptions, api.deps.clock)
    assert (await shown(found))["mode"] == "push"
    await found.rest()
    await found.catch_up()
    assert await found.gaps(open="true") == []


async def test_a_folder_quieter_than_its_rhythm_is_looked_at(watched: Watched, pool: Pool) -> None:
    """Twenty notifications, one a minute, then nothing for an hour: somebody may have stopped announcing."""
    coverage = watched.api.deps.coverage
    assert await coverage.open_silent() == 0
    sent = await watched.deliver(1)
    await pool.execute(
        "INSERT INTO api.webhook_events (tenant_id, provider, event_key, correlation_id, subscription_row_id, kind, "
        "received_at) SELECT $1, 'ms365', 'key-' || n, gen_random_uuid(), $2, 'change', "
        "now() - make_interval(mins => 60 + n) FROM generate_series(1, 20) n",
        watched.tenant,
        watched.row_id,
    )
    long_ago = "now() - interval '55 minutes'"
    await pool.execute(f"UPDATE api.folder_cursors SET covered_until = {long_ago}")
    await pool.execute("UPDATE api.webhook_subscriptions SET created_at = now() - interval '1 day'")
    assert await coverage.open_silent() == 1
    assert await coverage.open_silent() == 0, "it is being looked at"
    [gap] = await watched.gaps(open="true")
    assert gap["reasons"] == ["silence"]
    await watched.rest()
    await watched.catch_up()
    await watched.work()
    assert await watched.stored() == sent
    await pool.execute("UPDATE api.folder_cursors SET covered_until = now() - interval '20 minutes'")
    assert await coverage.open_silent() == 0, "not yet quiet for long"


async def test_a_folder_of_unknown_rhythm_is_looked_at_every_six_hours(watched: Watched, pool: Pool) -> None:
    await pool.execute("UPDATE api.webhook_subscriptions SET created_at = now() - interval '1 day'")
    await pool.execute("UPDATE api.folder_cursors SET covered_until = now() - interval '5 hours'")
    assert await watched.api.deps.coverage.open_silent() == 0
    await pool.execute("UPDATE api.folder_cursors SET covered_until = now() - interval '7 hours'")
    assert await watched.api.deps.coverage.open_silent() == 1
