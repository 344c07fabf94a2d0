"""What no notification announced is found by following the folder's changes, once each, whatever happens on the way."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from flovify.api.coverage.breath import Breath
from flovify.api.coverage.catch_up import CatchUp
from flovify.api.coverage.models import Risk
from flovify.api.coverage.store import CoverageStore, GapLost, open_gaps
from flovify.api.providers.models import Changes
from flovify.api.queue.models import NewEvent
from flovify.common.db import Pool, transact
from tests.integration.api_graph.running import Api
from tests.integration.api_graph.watched import Watched, quiet_inbox
from tests.support.mail import simple_mail
from tests.support.wait import until

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def watched(api: Api) -> Watched:
    return await quiet_inbox(api)


async def test_a_new_subscription_begins_with_a_look_that_brings_nothing_of_before(api: Api) -> None:
    tenant, mailbox = await api.connect()
    await api.sandbox.deliver(mailbox, simple_mail(1, mailbox.address))
    made = await api.subscribe(tenant)
    found = Watched(api, tenant, mailbox, uuid.UUID(made["id"]))
    assert await found.catch_up() == 0, "what is announced meanwhile needs no look"
    [gap] = await found.gaps(open="true")
    assert gap["reasons"] == ["first_sync"]
    await found.rest()
    later = "created_at = created_at + interval '1 minute'"  # the message came a minute before
    await api.deps.pool.execute(f"UPDATE api.webhook_subscriptions SET {later}")
    await found.catch_up()
    await found.work()
    assert await found.gaps(open="true") == []
    assert await found.stored() == []
    timeline = (await api.call("GET", f"/api/ms365/subscriptions/{made['id']}/timeline")).body["items"]
    assert "caught_up" not in [entry["kind"] for entry in timeline], "a quiet beginning is nothing to tell"


async def test_missed_mail_is_recovered_once_and_the_gap_says_so(watched: Watched) -> None:
    sent = await watched.deliver(1, 2, 3)
    await watched.risk()
    assert await watched.catch_up() == 1
    await watched.work()
    assert sorted(await watched.stored()) == sorted(sent)
    [gap] = await watched.gaps(open="false", limit="1")
    assert (gap["reasons"], gap["recovered"], gap["looked_at"]) == (["missed"], 3, 3)
    assert "3 recovered of 3" in gap["summary"]
    await watched.risk()
    await watched.catch_up()
    await watched.work()
    assert len(await watched.stored()) == 3
    [again] = await watched.gaps(open="false", limit="1")
    assert (again["id"] > gap["id"], again["recovered"]) == (True, 0)
    event = await watched.api.deps.pool.fetchval("SELECT id FROM api.webhook_events LIMIT 1")
    trace = (await watched.api.call("GET", f"/api/events/{event}/trace", role="viewer")).body
    assert "Found by catching up" in trace["steps"][1]["detail"]
    assert "3 recovered" in trace["steps"][1]["detail"]


async def test_more_pages_than_one_and_a_forgotten_cursor_in_between(watched: Watched) -> None:
    """A whole round after 410 brings what is missing and nothing twice."""
    first = await watched.deliver(*range(5))
    await watched.risk()
    await watched.catch_up()
    await watched.control("delta/expire", {}, "POST")
    second = await watched.deliver(*range(5, 9))
    await watched.risk()
    assert await watched.catch_up() == 2
    await watched.work()
    assert sorted(await watched.stored()) == sorted(first + second)
    [gap] = await watched.gaps(open="false", limit="1")
    assert gap["reasons"] == ["missed", "cursor_lost"]
    assert gap["recovered"] == 4
    await watched.control("delta/expire", {"status": 400}, "POST")
    third = await watched.deliver(10)
    await watched.risk()
    await watched.catch_up()
    await watched.work()
    assert sorted(await watched.stored()) == sorted(first + second + third)


async def test_a_death_between_two_pages_repeats_nothing_and_skips_nothing(watched: Watched) -> None:
    class Dying(CoverageStore):
        pages = 0

        async def save_page(self, gap: Any, events: Sequence[NewEvent], **more: Any) -> None:
            await super().save_page(gap, events, **more)
            self.pages += 1
            raise GapLost

    class Small:
        """The same provider with a page for each message."""

        def __init__(self, inner: Any) -> None:
            self.inner = inner

        def __getattr__(self, name: str) -> Any:
            return getattr(self.inner, name)

        def of(self, token: Any) -> Any:
            return Small(self.inner.of(token))

        async def changes(self, token: Any, resource: str, cursor: str | None, since: datetime) -> Changes:
            client = self.inner.client(token.cloud)
            target = cursor or f"{client.base_url}/{resource}/delta?$select=id,receivedDateTime,changeKey&$top=1"
            page: Changes = await client.list_changes(
                token.access_token, token.external_account_id, resource, target, since
            )
            return page

    deps = watched.api.deps
    await deps.pool.execute("DELETE FROM api.folder_cursors")
    sent = await watched.deliver(1, 2, 3)
    await watched.risk()
    dying = Dying(deps.pool)
    small = Small(deps.providers)
    for pages in range(1, 5):
        gap = await dying.take("worker")
        if gap is None:
            break
        await CatchUp(dying, deps.subscriptions.timeline, deps.auth, small, first_sync_days=0).work(gap)
        assert dying.pages == pages
        await deps.pool.execute("UPDATE api.coverage_gaps SET lease_until = clock_timestamp() WHERE closed_at IS NULL")
    await watched.catch_up()
    await watched.work()
    assert sorted(await watched.stored()) == sorted(sent)
    assert await deps.pool.fetchval("SELECT count(*) FROM api.webhook_events") == 3


async def test_what_left_the_folder_is_told_apart_into_moved_and_deleted(watched: Watched) -> None:
    stay, moved, deleted = await watched.deliver(1, 2, 3)
    await watched.risk()
    await watched.catch_up()
    await watched.work()
    sandbox, user = watched.api.sandbox, watched.mailbox.object_id
    headers = {"Authorization": f"Bearer {watched.mailbox.token}", "Prefer": 'IdType="ImmutableId"'}
    url = f"{sandbox.url}/v1.0/users/{user}/messages"
    async with watched.api.http.post(f"{url}/{moved}/move", json={"destinationId": "archive"}, headers=headers) as done:
        assert done.status == 201, await done.text()
    async with watched.api.http.delete(f"{url}/{deleted}", headers=headers) as done:
        assert done.status == 204
    await watched.risk()
    await watched.catch_up()
    await watched.work()
    rows = await watched.api.deps.pool.fetch("SELECT provider_message_id, folder_id, deleted_at FROM api.messages")
    found = {row["provider_message_id"]: row for row in rows}
    assert found[stay]["deleted_at"] is None
    assert found[moved]["deleted_at"] is None
    assert found[moved]["folder_id"] != found[stay]["folder_id"]
    assert found[deleted]["deleted_at"] is not None


async def test_a_risk_while_the_folder_is_looked_through_keeps_the_gap_open(watched: Watched, pool: Pool) -> None:
    await watched.risk()
    store = watched.api.deps.coverage
    gap = await store.take("worker")
    assert gap is not None
    await transact(pool, lambda connection: open_gaps(connection, Risk.REMOVED, rows=[watched.row_id]))
    assert await store.close(gap, datetime.now(UTC) + timedelta(hours=1)) is None
    [open_one] = await watched.gaps(open="true")
    assert open_one["reasons"] == ["missed", "removed"]


async def test_a_look_too_soon_after_the_risk_finds_what_is_there_and_looks_again(watched: Watched, pool: Pool) -> None:
    sent = await watched.deliver(1)
    await transact(pool, lambda connection: open_gaps(connection, Risk.MISSED, rows=[watched.row_id]))
    await watched.catch_up()
    [gap] = await watched.gaps(open="true")
    assert gap["recovered"] == 1
    assert gap["next_try_at"] > gap["until"]
    await watched.work()
    assert await watched.stored() == sent
    await watched.rest()
    await watched.catch_up()
    assert await watched.gaps(open="true") == []


async def test_while_microsoft_refuses_the_gap_stays_and_says_why(watched: Watched) -> None:
    sent = await watched.deliver(1)
    await watched.api.sandbox.fault("GET", "*/delta", status=503)
    await watched.risk()
    assert await watched.catch_up() == 1
    [gap] = await watched.gaps(open="true")
    assert (gap["failures"], gap["last_error"][:3]) == (1, "503")
    assert gap["next_try_at"] > gap["last_error_at"]
    await watched.api.sandbox.clear_faults()
    await watched.rest()
    await watched.catch_up()
    await watched.work()
    assert await watched.stored() == sent
    assert await watched.gaps(open="true") == []


async def test_a_whole_mailbox_is_caught_up_by_time_where_there_are_no_changes_to_follow(api: Api) -> None:
    tenant, mailbox = await api.connect()
    made = await api.subscribe(tenant, resource="me/messages")
    found = Watched(api, tenant, mailbox, uuid.UUID(made["id"]))
    await found.control("notifications", {"dropped": True})
    sent = await found.deliver(1, 2)
    await found.risk()
    await found.catch_up()
    await found.work()
    assert sorted(await found.stored()) == sorted(sent)


async def test_a_subscription_that_microsoft_removed_leaves_no_hole(watched: Watched) -> None:
    """Removed there, mail sent, found gone at the renewal: made anew, and the mail is fetched."""
    api = watched.api
    row = await api.deps.subscriptions.get(watched.row_id)
    async with api.http.delete(
        f"{api.sandbox.url}/v1.0/subscriptions/{row.subscription_id}",
        headers={"Authorization": f"Bearer {watched.mailbox.token}"},
    ) as done:
        assert done.status in (204, 404)
    sent = await watched.deliver(1, 2)
    await api.deps.subscriptions.recreate_subscription(watched.row_id)
    [gap] = await watched.gaps(open="true")
    assert "recreated" in gap["reasons"]
    await watched.rest()
    await watched.catch_up()
    await watched.work()
    assert sorted(await watched.stored()) == sorted(sent)
    assert await watched.gaps(open="true") == []


async def test_a_reconnected_account_is_caught_up(watched: Watched) -> None:
    sent = await watched.deliver(1)
    answer = await watched.api.call_internal("POST", f"/api/internal/tenants/{watched.tenant}/connected", {})
    assert answer.status < 300, answer.body
    [gap] = await watched.gaps(open="true")
    assert gap["reasons"] == ["reconnected"]
    await watched.rest()
    await watched.catch_up()
    await watched.work()
    assert await watched.stored() == sent


async def test_after_a_silence_of_the_intake_every_folder_is_caught_up(watched: Watched, pool: Pool) -> None:
    """Four hours in which nobody took notifications, and Microsoft gave up."""
    breath = Breath(pool)
    await breath.breathe()
    assert await breath.breathe() == 0
    await pool.execute("UPDATE api.signs_of_life SET at = at - interval '4 hours'")
    sent = await watched.deliver(*range(6))
    assert await breath.breathe() == 1
    assert await breath.breathe() == 0
    [gap] = await watched.gaps(open="true")
    assert gap["reasons"] == ["process_down"]
    assert datetime.fromisoformat(gap["until"]) - datetime.fromisoformat(gap["since"]) > timedelta(hours=3, minutes=59)
    await watched.rest()
    await watched.catch_up()
    await watched.work()
    assert sorted(await watched.stored()) == sorted(sent)


async def test_a_missed_notice_goes_all_the_way_by_itself(watched: Watched) -> None:
    sent = await watched.deliver(1, 2)
    row = await watched.api.deps.subscriptions.get(watched.row_id)
    async with watched.api.http.post(
        f"{watched.api.sandbox.url}/_sandbox/subscriptions/{row.subscription_id}/missed"
    ) as answer:
        assert answer.status == 202

    async def noticed() -> bool:
        await watched.work()
        return bool(await watched.gaps(open="true"))

    await until(noticed, what="the gap")
    await watched.rest()
    await watched.catch_up()
    await watched.work()
    assert sorted(await watched.stored()) == sorted(sent)


async def test_nobody_watches_the_folder_any_more(watched: Watched, pool: Pool) -> None:
    await watched.risk()
    await watched.api.deps.subscriptions.delete_subscription(watched.row_id)
    assert await watched.catch_up() == 0
    await watched.api.deps.coverage.tidy()
    assert await watched.gaps(open="true") == []
    assert await pool.fetchval("SELECT count(*) FROM api.folder_cursors") == 0


async def test_a_dead_letter_and_one_that_was_given_up_are_not_found_again(watched: Watched, pool: Pool) -> None:
    dead, given_up = await watched.deliver(1, 2)
    await watched.risk()
    await watched.catch_up()
    await pool.execute(
        "UPDATE api.inbox SET state = 'dead', died_at = now(), reason = 'bad_request' WHERE message_id = $1", dead
    )
    await pool.execute(
        "WITH gone AS (DELETE FROM api.inbox WHERE message_id = $1 RETURNING *) "
        "INSERT INTO api.webhook_events (tenant_id, provider, event_key, message_id, correlation_id, outcome) "
        "SELECT tenant_id, provider, event_key, message_id, correlation_id, 'discarded' FROM gone",
        given_up,
    )
    await pool.execute("DELETE FROM api.folder_cursors")
    await watched.risk()
    await watched.catch_up()
    rows = await pool.fetch("SELECT message_id, state FROM api.inbox")
    assert [tuple(row) for row in rows] == [(dead, "dead")]


async def test_a_whole_round_that_is_refused_as_forgotten_is_not_begun_again_at_once(watched: Watched) -> None:
    sent = await watched.deliver(1)
    gone = {"error": {"code": "SyncStateNotFound", "message": "The sync state is not found."}}
    await watched.api.sandbox.fault("GET", "*/delta", status=410, body=gone)
    await watched.risk()
    assert await watched.catch_up() == 2, "the forgotten cursor, and one whole round"
    [gap] = await watched.gaps(open="true")
    assert gap["next_try_at"] > gap["last_error_at"]
    await watched.api.sandbox.clear_faults()
    await watched.rest()
    await watched.catch_up()
    await watched.work()
    assert await watched.stored() == sent


async def test_what_a_look_found_is_no_notification(watched: Watched) -> None:
    await watched.deliver(1)
    await watched.risk()
    await watched.catch_up()
    await watched.work()
    account = await watched.api.call("GET", f"/api/accounts/{watched.tenant}", role="viewer")
    assert (account.status, account.body["last_notification_at"]) == (200, None)
